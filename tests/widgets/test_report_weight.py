"""What the report page weighs: modules that it loads, bytes that it sends."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import plotly
import pytest
from ipywidgets.widgets.widget import _remove_buffers

from tests.candles import walk
from tests.evidence.runs import report_of
from tests.widgets.test_live_imports import NEVER, loaded_by
from workbench.engine.backtest import backtest
from workbench.evidence.chart import build_chart
from workbench.strategy.sma_cross import SmaCross
from workbench.widgets.plotly_light import SCRIPT, figure_widget
from workbench.widgets.report_chart import POINTS
from workbench.widgets.report_traces import Other, frame, traces
from workbench.wire import Chart

LARGEST_BYTES = 1_000_000
PLOTLY = "_esm"
"""Plotly itself, once a page; not part of a chart."""


@pytest.fixture(scope="module")
def chart() -> Chart:
    """Of a run over 100,000 candles with thousands of trades, as the server answers it."""
    result = backtest(walk(5, 100_000), SmaCross(5, 20, "both"))
    built = build_chart(report_of(result), result, points=POINTS)
    return Chart.model_validate_json(msgspec.json.encode(built))


def test_the_page_loads_no_engine_no_table_and_no_chart() -> None:
    """Made and painted; plotly comes later."""
    code = "from workbench.widgets.report import ReportPage\nReportPage(open_session()).first_paint()"
    assert not loaded_by(code) & {*NEVER, "plotly"}


def test_its_chart_loads_no_engine_and_no_table() -> None:
    """Nor what plotly would load besides: less memory for each open page."""
    code = "from workbench.widgets.plotly_light import figure_widget\nfigure_widget()(data=[{'type': 'scatter'}])"
    loaded = loaded_by("import workbench.widgets.report\n" + code)
    assert "plotly" in loaded
    assert not loaded & {*NEVER, "nbformat", "jsonschema"}


def test_a_chart_of_many_candles_is_small(chart: Chart) -> None:
    """All that goes to the browser for it, a second run's curves included."""
    drawn = traces(chart, Other("another", tuple(chart.curves)))
    widget = figure_widget()(data=drawn, layout=frame(chart))
    state = {name: value for name, value in widget.get_state().items() if name != PLOTLY}
    rest, _, buffers = _remove_buffers(state)
    size = len(json.dumps(rest, default=str)) + sum(memoryview(each).nbytes for each in buffers)
    assert chart.bars == 100_000
    assert chart.trades.total > len(chart.trades.side) > 1_000
    assert 100_000 < size < LARGEST_BYTES


def test_the_lighter_plotly_draws_the_same(chart: Chart) -> None:
    """As one that was loaded in the usual way."""
    figure_widget()(data=traces(chart), layout=frame(chart))
    small = {
        "data": [{"type": "scatter", "y": [1, 3, 2], "line": {"dash": "dot"}}],
        "layout": {"xaxis": {"type": "log"}},
    }
    told: dict[str, Any] = json.loads(
        loaded_text(
            "import json, sys, pathlib, plotly, plotly.graph_objects as go\n"
            f"figure = go.Figure(**json.loads({json.dumps(json.dumps(small))}))\n"
            "json.dump(json.loads(figure.to_json()), sys.stdout)"
        )
    )
    ours = figure_widget()(**small)
    assert json.loads(ours.to_json()) == told
    with pytest.raises(ValueError, match="Invalid value"):
        ours.data[0].line.dash = 3


def test_our_server_has_the_script_so_the_figure_does_not_bring_it() -> None:
    """Five million bytes less for each figure; elsewhere, such as in JupyterLab, it brings its own."""
    code = "from workbench.widgets.plotly_light import figure_widget\nprint(len(figure_widget()().get_state()['_esm']))"
    served = loaded_text(f"import os\nos.environ['WORKBENCH_STATIC'] = '/voila/static/'\n{code}")
    assert int(served) < 300
    assert int(loaded_text(code)) > 1_000_000
    assert (Path(plotly.__file__).parent / "package_data" / SCRIPT).is_file()


def loaded_text(code: str) -> str:
    """What a fresh interpreter writes."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
