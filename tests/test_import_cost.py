"""What gets imported, and when. Modules are counted, not seconds: a slow machine must not fail a test."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "fastapi", "msgspec", "numba", "numpy", "pandas", "plotly", "pyarrow", "rich", "scipy", "tsdownsample", "typer",
    "vectorbt",
}  # fmt: skip


def loaded_by(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after running ``code``."""
    program = f"import sys, json\n{code}\njson.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return HEAVY & set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import workbench` costs next to nothing: not even numpy."""
    assert loaded_by("import workbench") == set()


def test_listing_the_names_loads_nothing_heavy() -> None:
    """Completion in a notebook (`wb.<tab>`) does not load what it lists."""
    assert loaded_by("import workbench as wb\nassert 'load_candles' in dir(wb)") == set()


@pytest.mark.parametrize("name", ["Candles", "Costs", "Instrument", "Interval", "WorkbenchError", "fraction_of_equity"])
def test_values_need_no_compiler(name: str) -> None:
    """Nouns and costs are there without numba."""
    assert loaded_by(f"import workbench as wb\nwb.{name}") <= {"numpy"}


def test_loading_candles_loads_no_table_and_no_chart() -> None:
    """Candles from the store need numpy and pyarrow, neither pandas nor plotly nor the compiler."""
    assert loaded_by("import workbench as wb\nwb.load_candles('ETHUSDT', '1h')") <= {"numpy", "pyarrow"}


def test_a_backtest_loads_no_table_and_no_chart() -> None:
    """Running and measuring a backtest does not load vectorbt, plotly, pandas or rich."""
    code = "import workbench as wb\nstr(wb.backtest(wb.load_candles('ETHUSDT', '1h'), wb.SmaCross(9, 21)).metrics)"
    assert loaded_by(code).isdisjoint({"vectorbt", "plotly", "pandas", "rich", "tsdownsample", "typer"})


def test_help_does_not_wait_for_the_engine() -> None:
    """The command line knows its options without numba, pyarrow and pandas."""
    code = "from workbench.cli import app, backtest, data, evidence, sweep"
    assert loaded_by(code).isdisjoint({"numba", "pandas", "pyarrow", "msgspec", "plotly", "vectorbt"})
