"""Files that are there whole or not at all.

The bytes go into a temporary file in the same folder, which is flushed to the disk and then renamed; the folder is
flushed too. Whatever stops this in between (Ctrl-C, a full disk, a power cut) leaves the old file as it was.
Temporary files are named ``.<name>.<random>.tmp``; one that a power cut left behind may be deleted.
"""

import contextlib
import os
import secrets
from pathlib import Path


def write_atomically(path: Path, data: bytes | memoryview, mode: int = 0o666) -> None:
    """Create or replace a file; its folder is made where it is missing.

    Args:
        mode: from the first moment on; the process's mask is taken off, as everywhere.

    Raises:
        OSError: as the system says, such as no space left, with the file's name; nothing half-written stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # the system does not say which file found no space
        with contextlib.suppress(OSError):  # the first error is the one to tell
            temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no such call; its rename is durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
