"""A home with one report in it, made once."""

import shutil
from pathlib import Path

import pytest

from tests.cli.command import succeeds


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home; nothing has made its folder yet."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def first_report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home that holds the report of the bundled sample, and the report's id."""
    folder = tmp_path_factory.mktemp("kept") / "home"
    done = succeeds(folder, "backtest", "--strategy", "smaCross", "-p", "fast=9", "-p", "slow=21", "--json")
    return folder, done.json["id"]


@pytest.fixture
def kept(first_report: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    """A copy of that home which a test may spoil."""
    folder, report_id = first_report
    return Path(shutil.copytree(folder, tmp_path / "kept")), report_id
