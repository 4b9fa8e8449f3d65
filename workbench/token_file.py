"""``<home>/tokens.json``: the tokens that the server made at its first start, for its owner alone (mode 0600)."""

import json
import os
import stat
from pathlib import Path

from workbench.model.errors import DamagedFileError

ROLES = ("admin", "researcher")


def token_path(root: Path) -> Path:
    return root / "tokens.json"


def read_tokens(root: Path) -> dict[str, str]:
    """Role -> token, for a client of the same user on the same machine.

    Raises:
        DamagedFileError: others can read the file, or it holds something else. FileNotFoundError: there is none.
    """
    path = token_path(root)
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise DamagedFileError(f"{path}: others can read it; chmod 600 it, or delete it to have new tokens made")
    try:
        texts = json.loads(path.read_text("utf-8"))
        return {role: str(texts[role]) for role in ROLES}
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(f"{path}: not a file of tokens ({type(error).__name__})") from None
