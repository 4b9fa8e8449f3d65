"""What a kernel gets to know: enough of the system to run Python, and the API's address. No secrets.

Who its visitor is, with that person's token, comes in a file of its own (mode 0600) once the kernel is handed over;
the page's session reads it once and deletes it. So a token stands in no environment, and a kernel that nobody has yet
knows nothing worth having.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from workbench.pages.visitor import Visitor

SYSTEM = (
    "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH", "PYTHONWARNINGS", "SSL_CERT_DIR",
    "SSL_CERT_FILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "WINDIR",
)  # fmt: skip
OURS = ("WORKBENCH_URL",)
VISIT = "WORKBENCH_VISIT"
"""Names the file in which the visitor comes."""
STATIC = {"WORKBENCH_STATIC": "/voila/static/"}
"""Where widgets find scripts that browsers may keep."""
PAGE = ("QUERY_STRING",)
"""What stands behind the ``?`` of the page's address."""


def bare(environment: Mapping[str, str], visit: Path) -> dict[str, str]:
    """Of a kernel that nobody has yet."""
    kept = {name: value for name, value in environment.items() if name in (*SYSTEM, *OURS) or name.startswith("LC_")}
    return {**kept, **STATIC, VISIT: str(visit)}


def hand_over(visit: Path, visitor: Visitor, request: Mapping[str, str]) -> None:
    """Tell a kernel who has come; ``request`` is Voila's environment for this page."""
    told = {**{name: str(request[name]) for name in PAGE if name in request}, **visitor.environment()}
    new = visit.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file)
    new.replace(visit)
