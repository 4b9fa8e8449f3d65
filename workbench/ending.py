"""What ends a command that runs on: Ctrl-C, a supervisor's request, or its terminal being closed."""

import asyncio
import contextlib
import signal
from collections.abc import Callable


def on_end(act: Callable[[signal.Signals], object]) -> None:
    """``act`` is called in the running loop for each such signal, instead of what Python would do."""
    loop = asyncio.get_running_loop()
    for number in _end_signals():
        with contextlib.suppress(NotImplementedError):  # Windows: KeyboardInterrupt ends it there
            loop.add_signal_handler(number, act, number)


def _end_signals() -> list[signal.Signals]:
    """Closing the terminal is no reason to end where somebody said so with ``nohup``; Windows does not know it."""
    hangup: signal.Signals | None = getattr(signal, "SIGHUP", None)
    heard = hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([hangup] if hangup and heard else [])]
