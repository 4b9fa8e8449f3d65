"""``workbench lab``: JupyterLab on the notebooks."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.model.errors import NotFoundError


def lab_command(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8888,
    folder: Annotated[Path, typer.Option(help="Folder to open.")] = Path("notebooks"),
) -> None:
    """Open the notebooks in JupyterLab on 127.0.0.1; Ctrl-C stops it."""
    if not folder.is_dir():
        raise NotFoundError(f"{folder}: no such folder; run from the checkout or give --folder")
    command = [sys.executable, "-m", "jupyterlab", *options(port), str(folder)]
    os.execv(sys.executable, command)  # noqa: S606 (no shell is what is wanted)


def options(port: int) -> list[str]:
    """On this machine only; JupyterLab asks root for a confirmation."""
    is_root = os.name == "posix" and os.geteuid() == 0
    return ["--ip=127.0.0.1", f"--port={port}", *(["--allow-root"] if is_root else [])]
