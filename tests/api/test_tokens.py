"""Tokens: made once, for their owner's eyes only, compared by digest."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from workbench.api.settings import Settings
from workbench.api.tokens import open_tokens
from workbench.model.errors import DamagedFileError
from workbench.token_file import read_tokens, token_path


def test_they_are_made_at_the_first_start_and_kept(tmp_path: Path) -> None:
    """Mode 0600, long, different, the same at the second start."""
    book, made = open_tokens(Settings(), tmp_path)
    texts = read_tokens(tmp_path)
    assert made
    assert stat.S_IMODE(token_path(tmp_path).stat().st_mode) == 0o600
    assert len(set(texts.values())) == 2
    assert all(len(text) >= 40 for text in texts.values())
    assert not open_tokens(Settings(), tmp_path)[1]
    assert all(book.is_token(role, text) for role, text in texts.items())
    assert not book.is_token("admin", texts["researcher"])


def test_given_ones_come_first(tmp_path: Path) -> None:
    """And need no file."""
    settings = Settings(admin_token=SecretStr("test-secret-123"), researcher_token=SecretStr("another-secret"))
    book, made = open_tokens(settings, tmp_path)
    assert not made
    assert not token_path(tmp_path).exists()
    assert book.is_token("admin", "test-secret-123")
    assert not book.is_token("admin", "test-secret-124")


@pytest.mark.parametrize("content", ["", "{}", "[1]", "no json"])
def test_a_file_of_another_kind_is_refused_without_its_content(tmp_path: Path, content: str) -> None:
    """It might hold a secret."""
    token_path(tmp_path).write_text(content)
    token_path(tmp_path).chmod(0o600)
    with pytest.raises(DamagedFileError, match="not a file of tokens"):
        open_tokens(Settings(), tmp_path)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """With what to do about it."""
    open_tokens(Settings(), tmp_path)
    token_path(tmp_path).chmod(0o644)
    with pytest.raises(DamagedFileError, match="chmod 600"):
        open_tokens(Settings(), tmp_path)


def test_a_short_token_is_refused_without_being_shown() -> None:
    """Secrets never reach an error message."""
    with pytest.raises(ValidationError) as caught:
        Settings(admin_token=SecretStr("short"))
    assert "12 characters" in str(caught.value)
    assert "short" not in str(caught.value)
