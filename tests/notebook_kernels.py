"""A pytest plugin for ``--nbval``: a kernel that dies at its start is started once more.

Port numbers are drawn by one process and bound by another, so of two kernels that start at the same time one may find
its port taken and die ("Kernel died before replying to kernel_info"). No cell has run by then.
"""

import logging
from typing import Any

import nbval.kernel

_start_once = nbval.kernel.start_new_kernel


def _start(*arguments: Any, **named: Any) -> Any:
    try:
        return _start_once(*arguments, **named)
    except RuntimeError as error:
        logging.getLogger(__name__).warning("a kernel is started again: %s", error)
        return _start_once(*arguments, **named)


def pytest_configure() -> None:
    nbval.kernel.start_new_kernel = _start
