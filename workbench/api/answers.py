"""The last few answers that took long to make."""

from collections import OrderedDict
from collections.abc import Hashable

KEPT = 16
"""The largest are charts, of some 0.7 MB."""


class Answers:
    """Bodies by what was asked; of more than ``most``, those that were asked for last. Belongs to the event loop."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, bytes] = OrderedDict()

    def get(self, asked: Hashable) -> bytes | None:
        if asked not in self._held:
            return None
        self._held.move_to_end(asked)
        return self._held[asked]

    def put(self, asked: Hashable, body: bytes) -> None:
        self._held[asked] = body
        self._held.move_to_end(asked)
        while len(self._held) > self._most:
            self._held.popitem(last=False)
