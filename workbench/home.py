"""Where state lives: one folder with ``data`` and ``evidence``."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

PROJECT = "research-workbench"


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
        """``WORKBENCH_HOME`` where it is set; inside a checkout of this project the checkout; else ``./.workbench``."""
        named = os.environ.get("WORKBENCH_HOME")
        if named:
            return cls.at(Path(named).expanduser())
        here = Path.cwd()
        for folder in (here, *here.parents):
            if _is_checkout(folder):
                return cls.at(folder)
        return cls.at(here / ".workbench")


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return bool(project.get("project", {}).get("name") == PROJECT)
