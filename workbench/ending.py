"""What ends a command that runs on: Ctrl-C, a supervisor's request, or its terminal being closed."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable

LOOK_SECONDS = 1.0


def on_end(act: Callable[[signal.Signals], object]) -> None:
    """``act`` is called in the running loop for each such signal, instead of what Python would do.

    A closed terminal is no reason to end for a command that was started with ``nohup``.
    """
    loop = asyncio.get_running_loop()
    ends = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ends.append(signal.SIGHUP)
        if os.isatty(0):
            _watch_terminal(loop, lambda: act(signal.SIGHUP))
    for number in ends:
        with contextlib.suppress(NotImplementedError):  # Windows: KeyboardInterrupt ends it there
            loop.add_signal_handler(number, act, number)


def _watch_terminal(loop: asyncio.AbstractEventLoop, closed: Callable[[], object]) -> None:
    """GNU make, where it leads the terminal's session (``ssh -t host make run``), keeps the signal to itself."""
    if os.isatty(0):
        loop.call_later(LOOK_SECONDS, _watch_terminal, loop, closed)
    else:
        closed()
