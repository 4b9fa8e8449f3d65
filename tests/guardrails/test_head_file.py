"""The audit log's head, told outside the ledger: with it a log cut off cleanly is found."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.guardrails.people import ADA
from workbench.guardrails.audit import GENESIS, Head
from workbench.guardrails.head_file import FILE, read_head, write_head
from workbench.guardrails.ledger import Ledger
from workbench.guardrails.service import Guardrails
from workbench.model.errors import DamagedFileError

HEAD = Head(2**62, GENESIS)


def test_there_and_back(tmp_path: Path) -> None:
    """The newest one replaces the one before; nothing else is left in the folder."""
    assert read_head(tmp_path) is None
    write_head(tmp_path, Head(1, "sha256:1"))
    write_head(tmp_path, HEAD)
    assert read_head(tmp_path) == HEAD
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "content", ["", "7", "null", "[]", "{}", '{"seq": "x", "hash": ""}', '{"seq": null, "hash": 1}']
)
def test_something_else(tmp_path: Path, content: str) -> None:
    """It is told, never taken for no file at all: that would look as if nothing had ever been written."""
    (tmp_path / FILE).write_text(content)
    with pytest.raises(DamagedFileError, match=FILE):
        read_head(tmp_path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b'{"seq": 1e999, "hash": ""}', b"[" * 100_000], ids=["bytes", "large", "deep"]
)
def test_bytes_of_something_else(tmp_path: Path, content: bytes) -> None:
    """No text, no number, or brackets without end."""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DamagedFileError, match=FILE):
        read_head(tmp_path)


def test_a_tail_cut_off(tmp_path: Path, ledger_url: str | None) -> None:
    """The ledger alone looks whole; the file remembers what is gone."""
    ledger = Ledger.open(tmp_path, ledger_url, on_head=lambda head: write_head(tmp_path, head))
    guardrails = Guardrails(ledger, require_second_person=False)
    for number in range(3):
        guardrails.record(ADA, "login", "", "done", number)
    assert read_head(tmp_path) == ledger.head()
    with ledger.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq > 1"))
        connection.execute(text("UPDATE audit_head SET seq = 1, hash = (SELECT hash FROM audit WHERE seq = 1)"))
    assert guardrails.audit_verify().intact
    verdict = guardrails.audit_verify(read_head(tmp_path))
    assert (verdict.intact, verdict.bad_seq) == (False, 2)
    ledger.close()


def test_a_file_some_entries_behind(tmp_path: Path, ledger: Ledger) -> None:
    """As after a power cut: no reason for alarm."""
    guardrails = Guardrails(ledger, require_second_person=False)
    for number in range(3):
        guardrails.record(ADA, "login", "", "done", number)
        if number == 0:
            write_head(tmp_path, ledger.head())
    assert guardrails.audit_verify(read_head(tmp_path)).intact
