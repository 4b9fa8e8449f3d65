"""Who looks at a page, and what that person's kernels may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TOKEN_HEADERS = {"admin": "X-Admin-Token", "researcher": "X-Researcher-Token"}


@dataclass(frozen=True)
class Visitor:
    """One person.

    Attributes:
        tokens: header's name -> token; for this person's kernels alone. Never part of a text.
    """

    name: str
    role: str = "viewer"
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def owner(self) -> str:
        """Whose a kernel is. The role is part of it: who lost a role does not get back to the kernels that have it."""
        return f"{self.role}:{self.name}"

    def environment(self) -> dict[str, str]:
        """As Voila hands headers to a kernel: X-Admin-Token becomes HTTP_X_ADMIN_TOKEN."""
        headers = {"X-Remote-User": self.name, **self.tokens}
        return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
