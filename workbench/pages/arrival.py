"""Somebody on the way to a page: who it is, the kernel that was made, whether the browser has gone away meanwhile."""

from contextvars import ContextVar
from dataclasses import dataclass

from workbench.pages.visitor import Visitor


@dataclass
class Arrival:
    """``kernel_id`` is None until there is one."""

    visitor: Visitor
    kernel_id: str | None = None
    is_gone: bool = False


arriving: ContextVar[Arrival] = ContextVar("arriving")
"""Of the request under way: whoever starts a kernel asks here for whom."""
