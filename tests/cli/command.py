"""Runs the real command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def workbench(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """``workbench ARGUMENTS`` with its home in ``home``; stdout and stderr apart."""
    environment = {**os.environ, "WORKBENCH_HOME": str(home), "COLUMNS": "120", "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "workbench.cli", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def files_of(folder: Path) -> dict[str, bytes]:
    """Everything in a folder, to see that nothing was written."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
