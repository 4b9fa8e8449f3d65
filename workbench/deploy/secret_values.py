"""What nginx alone may know: the tokens it hands on by role, and how the servers behind know that it is nginx."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from workbench.model.errors import DamagedFileError, InputError

SAFE = re.compile(r"[A-Za-z0-9._~+/=-]{12,200}")
"""As header values, and as nginx reads them: a dollar sign would be a variable."""
PROXY = "WORKBENCH_PROXY_SECRET"


@dataclass(frozen=True)
class Secrets:
    """Values for ``secrets.conf``.

    Attributes:
        proxy: goes with every request to the servers behind; they believe nobody without it.
    """

    admin: str = field(repr=False)
    researcher: str = field(repr=False)
    proxy: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raises:
        InputError: a text that nginx would read as something else; never shows it.
        """
        for name in ("admin", "researcher", "proxy"):
            if not SAFE.fullmatch(getattr(self, name)):
                raise InputError(name, "a secret of 12 to 200 letters, digits and . _ ~ + / = -", "something else")
        if len({self.admin, self.researcher, self.proxy}) < 3:
            raise InputError("secrets", "three different values", "one of them twice")

    @property
    def seen(self) -> str:
        """The mark of browsers that were let in before: opens nothing, but is spared the slow rate of logins."""
        return hmac.new(self.proxy.encode(), b"seen", hashlib.sha256).hexdigest()


def make_secret() -> str:
    """256 bits."""
    return secrets.token_urlsafe(32)


def kept(path: Path) -> Mapping[str, str]:
    """Names and values of the environment file of an earlier rendering; nothing where there is none.

    Raises:
        DamagedFileError: a line that is no setting.
    """
    if not path.exists():
        return {}
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    if not all("=" in line for line in lines):
        raise DamagedFileError(f"{path}: expected lines of NAME=value; delete it to have new secrets made")
    return {name: value for name, _, value in (line.partition("=") for line in lines)}
