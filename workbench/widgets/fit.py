"""Keeps the figure beside it as wide as its place (``static/fit.js``)."""

from pathlib import Path

import anywidget


class Fit(anywidget.AnyWidget):
    """Put it into the box that holds a plotly figure, before the figure. It is not seen."""

    _esm = Path(__file__).parent / "static" / "fit.js"
