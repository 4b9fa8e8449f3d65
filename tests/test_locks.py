"""The lock files: every package pinned with hashes, no word of where it is fetched from."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([a-z0-9._-]+)(\[[a-z0-9,._-]+\])?==\S+( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def requirements(name: str) -> list[list[str]]:
    """The lock file's lines, comments left out, grouped by package."""
    groups: list[list[str]] = []
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith(" "):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """Each entry is an exact version followed by at least one SHA-256, and nothing else."""
    groups = requirements(name)
    assert len(groups) > 50
    for first, *rest in groups:
        assert PINNED.match(first), first
        assert rest, f"{first} has no hash"
        assert all(HASH.match(line) for line in rest), (first, rest)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_no_index_is_named(name: str) -> None:
    """No index, link list, address or local path stands in a lock file, comments included."""
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"--(extra-)?index|--find-links|^\s*-[fi]\b|://|file:|@ ", text, re.MULTILINE)


def test_what_runs_is_what_is_tested() -> None:
    """A package that both lock files name has the same version in both."""
    run, test = (
        {first.split(" ")[0] for first, *_ in requirements(name)}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert run <= test
