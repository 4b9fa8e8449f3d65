"""The audit log's newest head, told outside the ledger: ``<home>/audit-head.json``.

Whoever cuts off the end of the log must find this file too, and the server's log, and whatever copied either elsewhere.
It is written after the commit and not flushed: after a power cut it may be some entries behind, never ahead.
"""

import json
import os
from pathlib import Path

from workbench.guardrails.audit import Head
from workbench.model.errors import DamagedFileError

FILE = "audit-head.json"


def write_head(root: Path, head: Head) -> None:
    """Replace the file, whole."""
    temporary = root / f".{FILE}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps({"seq": head.seq, "hash": head.hash}) + "\n", encoding="utf-8")
    temporary.replace(root / FILE)


def read_head(root: Path) -> Head | None:
    """None where there is no such file.

    Raises:
        DamagedFileError: it holds something else.
    """
    path = root / FILE
    try:
        told = json.loads(path.read_text("utf-8"))
        return Head(int(told["seq"]), str(told["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise DamagedFileError(f"{path}: not the head of an audit log") from None
