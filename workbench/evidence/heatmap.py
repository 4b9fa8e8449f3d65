"""A sweep as a heatmap: one metric over two parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.metric_table import LABELS, PERCENT
from workbench.evidence.figure_style import BLUE, RED, axis, layout
from workbench.model.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

SIGNED = ((0.0, RED), (0.5, "rgba(148, 156, 170, 0.14)"), (1.0, BLUE))
"""Loss, nothing, gain; nothing is see-through, so that it is quiet on white and on black."""
CLIP = 98.0
"""The colours end at this percentile of the absolute values: one wild cell must not bleach all others."""


def heatmap(
    frame: "pd.DataFrame",
    metric: str = "sharpe",
    x: str | None = None,
    y: str | None = None,
    *,
    subject: str = "",
) -> "go.Figure":
    """A metric over two parameters of a sweep; the highest cell is marked.

    Args:
        frame: one row a combination: parameters, then metrics, as ``Sweep.frame`` gives it.
        metric: the column that colours a cell; an undefined value leaves it empty.
        x: the parameter along the horizontal axis; by default the first one that varies.
        y: the parameter along the vertical axis; by default the next one that varies.
        subject: what was swept on which candles, for the line below the title.

    Raises:
        InputError: no such column, fewer than two parameters vary, or two rows belong to one cell.
    """
    import plotly.graph_objects as go

    across, up = _axes(frame, x, y)
    for column in (metric, across, up):
        if column not in frame.columns:
            raise InputError("heatmap", f"one of the columns {', '.join(frame.columns)}", column)
    if frame.duplicated([across, up]).any():
        raise InputError("heatmap", f"one row for each {across} and {up}; fix the other parameters", "several")
    cells = frame.pivot(index=up, columns=across, values=metric).astype("float64")
    top = _highest(cells)
    found = f"highest {_written(metric, top[2])} at {across} {top[0]}, {up} {top[1]}" if top else "undefined everywhere"
    look = {
        **layout(
            f"{LABELS.get(metric, metric)} by {across} and {up}", [*([subject] if subject else []), found], height=520
        ),
        "xaxis": axis(title={"text": across}, showgrid=False, **_span(cells.columns.to_numpy())),
        "yaxis": axis(title={"text": up}, showgrid=False, **_span(cells.index.to_numpy())),
    }
    return go.Figure(data=[_cells(cells, metric, across, up), *([_dot(top)] if top else [])], layout=look)


def _cells(cells: "pd.DataFrame", metric: str, across: str, up: str) -> dict[str, Any]:
    values = cells.to_numpy()
    form = ".1%" if metric in PERCENT else ".4~g"
    return {
        "type": "heatmap",
        "x": cells.columns.to_numpy(),
        "y": cells.index.to_numpy(),
        "z": values,
        **_colours(values),
        "colorbar": {
            "tickformat": ".0%" if metric in PERCENT else "~g",
            "thickness": 12,
            "outlinewidth": 0,
            "len": 0.9,
        },
        "hovertemplate": f"{across} %{{x}}<br>{up} %{{y}}<br>{metric} %{{z:{form}}}<extra></extra>",
    }


def _colours(values: NDArray[np.float64]) -> dict[str, Any]:
    """Two colours around zero where both signs occur, one scale else."""
    defined = values[np.isfinite(values)]
    if not ((defined < 0).any() and (defined > 0).any()):
        return {"colorscale": "Viridis"}
    end = float(np.percentile(np.abs(defined), CLIP))
    return {"colorscale": SIGNED, "zmin": -end, "zmid": 0.0, "zmax": end}


Cell = tuple[Any, Any, float]


def _highest(cells: "pd.DataFrame") -> Cell | None:
    """Column, row and value of the highest cell; the first of equals."""
    values = cells.to_numpy()
    if not np.isfinite(values).any():
        return None
    row, column = np.unravel_index(int(np.nanargmax(values)), values.shape)
    return cells.columns[int(column)], cells.index[int(row)], float(values[row, column])


def _dot(top: Cell) -> dict[str, Any]:
    marker = {"symbol": "circle", "size": 9, "color": "#ffffff", "line": {"width": 2, "color": "#111827"}}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "highest",
        "x": [top[0]],
        "y": [top[1]],
        "marker": marker,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _span(values: NDArray[Any]) -> dict[str, Any]:
    """The range from the first cell's outer edge to the last one's; words set their own."""
    if values.size < 2 or not np.issubdtype(values.dtype, np.number):
        return {}
    return {"range": [1.5 * values[0] - 0.5 * values[1], 1.5 * values[-1] - 0.5 * values[-2]]}


def _written(metric: str, value: float) -> str:
    return f"{value:.2%}" if metric in PERCENT else f"{value:,.4g}"


def _axes(frame: "pd.DataFrame", x: str | None, y: str | None) -> tuple[str, str]:
    from workbench.engine.metrics import Metrics

    given = {name for name in (x, y) if name is not None}
    free = [name for name in _varying(frame, Metrics.__dataclass_fields__) if name not in given]
    needed = (x is None) + (y is None)
    if len(free) < needed:
        raise InputError("heatmap", "two parameters that vary", f"{', '.join([*given, *free]) or 'none'}")
    across = x if x is not None else free.pop(0)
    return across, y if y is not None else free.pop(0)


def _varying(frame: "pd.DataFrame", metrics: Any) -> Sequence[str]:
    return [name for name in frame.columns if name not in metrics and frame[name].nunique() > 1]
