"""The two tokens: from the settings, or made at the first start into a file that only its owner reads.

Only digests are kept in memory. ``<home>/tokens.json`` has mode 0600; a file that others can read is refused.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.api.settings import Settings
from workbench.token_file import ROLES, read_tokens, token_path

HEADERS = {"admin": "x-admin-token", "researcher": "x-researcher-token"}


@dataclass(frozen=True)
class TokenBook:
    """Role -> digest of its token."""

    digests: Mapping[str, bytes]

    def is_token(self, role: str, offered: str) -> bool:
        """Compares in constant time."""
        return hmac.compare_digest(self.digests[role], _digest(offered))


def open_tokens(settings: Settings, root: Path) -> tuple[TokenBook, bool]:
    """The tokens, and whether a file of them was made just now.

    Raises:
        DamagedFileError: the file is readable by others, or is none of ours.
    """
    given = {"admin": settings.admin_token, "researcher": settings.researcher_token}
    texts = {role: secret.get_secret_value() for role, secret in given.items() if secret is not None}
    made = False
    if len(texts) < len(ROLES):
        path = token_path(root)
        made = not path.exists()
        if made:
            _make(path)
        texts = {**read_tokens(root), **texts}
    return TokenBook({role: _digest(texts[role]) for role in ROLES}), made


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({role: secrets.token_urlsafe(32) for role in ROLES}, indent=2) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
