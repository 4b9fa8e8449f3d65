"""Who asks: a name, a role, and where from."""

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """A higher role may do all that a lower one may."""

    VIEWER = 0
    RESEARCHER = 1
    ADMIN = 2

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Principal:
    """One person, or the server itself."""

    name: str
    role: Role
    address: str = ""


SERVER = Principal("server", Role.ADMIN)
