"""A strategy's code goes into its evidence, wherever the strategy was written."""

import linecache

import pytest

CELL = """from dataclasses import dataclass
import workbench as wb

@dataclass(frozen=True)
class Above(wb.Strategy):
    level: float = 5.0

    def exposure(self, candles):
        return (candles.close > self.level) * 1.0

made = Above()
"""


@pytest.fixture
def notebook(monkeypatch):
    """What a notebook does with a cell: it has a name in angle brackets, and its lines are kept."""

    def run(text, kept=True):
        name = "<cell 1>"
        if kept:
            monkeypatch.setitem(linecache.cache, name, (len(text), None, text.splitlines(keepends=True), name))
        space = {"__name__": "__main__"}
        exec(compile(text, name, "exec"), space)  # noqa: S102
        return space["made"]

    return run


def test_a_class_made_in_a_notebook_shows_its_code(notebook):
    """From its decorator to its last line, and nothing else of the cell."""
    source = notebook(CELL).source()
    assert source.startswith("@dataclass(frozen=True)\nclass Above(wb.Strategy):\n")
    assert source.endswith("return (candles.close > self.level) * 1.0\n")


def test_code_that_nobody_kept_is_empty(notebook):
    """A class typed into a bare prompt has no source; that is said by an empty text, not by an error."""
    assert notebook(CELL, kept=False).source() == ""
