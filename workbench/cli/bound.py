"""A child that ends with its parent, however that one ended: ``kill -9`` leaves nobody who could stop the children.

Linux tells the child, which has asked for it: prctl(2), PR_SET_PDEATHSIG. This file, run as a script with the parent's
id and a command, asks and then becomes the command. Elsewhere children are not bound.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1


def bound(command: Sequence[str]) -> list[str]:
    """The command of a child that ends (SIGTERM) when the thread that starts it is gone."""
    if not sys.platform.startswith("linux"):
        return [*command]
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _become(parent: int, command: list[str]) -> None:
    """Raises:
    OSError: there is no such command, or the kernel refuses.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() == parent:  # else it ended before it was asked for
        os.execv(command[0], command)  # noqa: S606 - the command is ours


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2:])
