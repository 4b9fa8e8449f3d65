"""Where state lies."""

from pathlib import Path

import pytest

from workbench.home import Home

ROOT = Path(__file__).parents[1]


def test_a_named_home_holds_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the current folder is."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.chdir(ROOT)
    assert Home.find() == Home(tmp_path, tmp_path / "data", tmp_path / "evidence")


def test_elsewhere_it_is_a_hidden_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the current folder."""
    monkeypatch.delenv("WORKBENCH_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert Home.find() == Home.at(tmp_path / ".workbench")


def test_in_a_checkout_secrets_lie_where_nothing_is_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Candles and evidence are the checkout's own; the ledger and the tokens lie in a folder that git ignores."""
    monkeypatch.delenv("WORKBENCH_HOME", raising=False)
    monkeypatch.chdir(ROOT / "workbench" / "model")
    home = Home.find()
    assert home == Home(ROOT / ".workbench", ROOT / "data", ROOT / "evidence")
    assert "/.workbench/" in (ROOT / ".gitignore").read_text().splitlines()
