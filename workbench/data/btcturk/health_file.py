"""Where a running feed says how it is, for other processes: ``<data>/live/health.json``. *Disk.*"""

import contextlib
import secrets
from pathlib import Path
from typing import Any

import msgspec

from workbench.data.btcturk.health import FeedHealth
from workbench.model.errors import DamagedFileError, NotFoundError


def health_path(folder: Path) -> Path:
    return folder / "live" / "health.json"


def write_health(folder: Path, health: FeedHealth) -> None:
    """Replace the file whole; not flushed to the disk, since it is worth nothing after a crash.

    A disk that refuses is told by the health itself (``storage_problem``), not by an error here.
    """
    path = health_path(folder)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(msgspec.json.encode(health))
        temporary.replace(path)


def as_document(health: FeedHealth) -> dict[str, Any]:
    """As JSON has it."""
    document: dict[str, Any] = msgspec.to_builtins(health)
    return document


def read_health(folder: Path) -> FeedHealth:
    """What the last feed said.

    Raises:
        NotFoundError: no feed ever ran here. DamagedFileError: the file is of another kind.
    """
    path = health_path(folder)
    try:
        return msgspec.json.decode(path.read_bytes(), type=FeedHealth)
    except FileNotFoundError:
        raise NotFoundError(f"no feed has run here ({path} is not there); see workbench feed watch") from None
    except msgspec.DecodeError as error:
        raise DamagedFileError(f"{path}: {error}") from None
