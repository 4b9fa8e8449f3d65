"""Processes that a process started; one that ends while they are looked at is not among them."""

import psutil


def children(pid: int, *words: str) -> set[psutil.Process]:
    """Those with each of ``words`` in their command line."""
    return {child for child in psutil.Process(pid).children() if all(word in _command(child) for word in words)}


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # it ended meanwhile, or has ended and was not yet waited for
        return ""
