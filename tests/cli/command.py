"""Run the real command in a process of its own."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-c", "from workbench.cli.app import main; main()"]


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """Stdout as one JSON document; anything else on it fails."""
        return json.loads(self.stdout)


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "WORKBENCH_HOME": str(home), "COLUMNS": "120", "NO_COLOR": "1"}


def workbench(home: Path, *arguments: object, cwd: Path | None = None) -> Done:
    """``workbench`` with these arguments, ``home`` as its home."""
    command = [*COMMAND, *(str(argument) for argument in arguments)]
    done = subprocess.run(
        command, env=environment(home), cwd=cwd or home.parent, capture_output=True, text=True, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def succeeds(home: Path, *arguments: object) -> Done:
    """The same, and it must end with status 0 and say nothing on stderr."""
    done = workbench(home, *arguments)
    assert (done.status, done.stderr) == (0, ""), done
    return done


def refuses(home: Path, *arguments: object, status: int = 2) -> str:
    """The same, and it must end with one readable line on stderr and nothing on stdout; gives the line."""
    done = workbench(home, *arguments)
    assert done.status == status, done
    assert done.stdout == ""
    assert done.stderr.startswith("workbench: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def content(folder: Path) -> dict[str, str]:
    """Every file below a folder with the digest of its bytes, hidden files too."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
