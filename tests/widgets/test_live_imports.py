"""What opening the guardrails or live page loads: people wait for it. Modules are counted, not seconds."""

import json
import subprocess
import sys

import pytest

NEVER = {"workbench.engine", "workbench.research", "pandas", "numba", "pyarrow", "vectorbt", "fastapi", "sqlalchemy"}
NOWHERE = "http://127.0.0.1:9"
OPEN = """
import os
os.environ["WORKBENCH_URL"] = "http://127.0.0.1:9"
from workbench.widgets.session import open_session
"""


def loaded_by(code: str) -> set[str]:
    """Modules of a fresh interpreter after running ``code``."""
    program = f"{OPEN}\n{code}\nimport sys, json\njson.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("page", ["guardrails.GuardrailsPage", "live.LivePage"])
def test_a_page_loads_no_engine_no_table_and_no_chart(page: str) -> None:
    """Made and painted; plotly comes later, and for the live page only."""
    module, name = page.split(".")
    code = f"from workbench.widgets.{module} import {name}\n{name}(open_session()).first_paint()"
    assert not loaded_by(code) & {*NEVER, "plotly"}


def test_the_live_chart_loads_no_engine_and_no_table() -> None:
    """Only plotly and numpy."""
    code = """
from workbench.widgets.live_chart import LiveChart, Point
from workbench.widgets.plotly_light import figure_widget
LiveChart(figure_widget(), [Point(1, 2.0)])
"""
    loaded = loaded_by(code)
    assert "plotly" in loaded
    assert not loaded & NEVER
