"""Where state lives: candles in ``data``, reports in ``evidence``, and beside them the ledger, tokens and logs."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

PROJECT = "research-workbench"
STATE = ".workbench"


@dataclass(frozen=True)
class Home:
    """The folders of one installation; they are made when something is first written."""

    root: Path
    data: Path
    evidence: Path

    @classmethod
    def at(cls, root: Path) -> "Home":
        return cls(root, root / "data", root / "evidence")

    @classmethod
    def find(cls) -> "Home":
        """``WORKBENCH_HOME`` where it is set; else ``./.workbench``.

        Inside a checkout of this project candles and evidence lie in its own ``data`` and ``evidence``; whatever is
        secret stays in its ``.workbench``, which is never committed.
        """
        named = os.environ.get("WORKBENCH_HOME")
        if named:
            return cls.at(Path(named).expanduser())
        here = Path.cwd()
        for folder in (here, *here.parents):
            if _is_checkout(folder):
                return cls(folder / STATE, folder / "data", folder / "evidence")
        return cls.at(here / STATE)


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return bool(project.get("project", {}).get("name") == PROJECT)
