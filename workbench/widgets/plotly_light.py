"""Plotly's figure widget in less memory and time: each open page has a kernel of its own, and each kernel a plotly.

Plotly asks for nbformat only to read its version where a plain figure is shown by mime type: a stand-in has the
version. It decodes a table of every property of every kind of trace, of which a page uses a few: here each entry is
decoded when it is asked for. And its script, 5 MB, goes to the browser with every figure: our server has it as a file
that browsers keep. None of it changes what is drawn (a test compares), and where plotly is loaded already, or has
another shape, all stays.
"""

import json
import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

STATIC = "WORKBENCH_STATIC"
"""Where the dashboards' server has scripts; it says so in each kernel's environment."""
SCRIPT = "widgetbundle.js"


def figure_widget() -> Any:
    """The class ``FigureWidget``. The first call takes seconds: make it in a thread."""
    _without_nbformat()
    _with_lazy_table()
    made = import_module("plotly.graph_objects").FigureWidget
    _with_served_script(made)
    return made


class LazyTable:
    """JSON objects by name, each decoded anew when it is asked for."""

    def __init__(self, data: bytes) -> None:
        self._entries = msgspec.json.decode(data, type=dict[str, msgspec.Raw])

    def get(self, name: str) -> Any:
        entry = self._entries.get(name)
        return None if entry is None else msgspec.json.decode(entry)


def _without_nbformat() -> None:
    absent = getattr(import_module("_plotly_utils.optional_imports"), "_not_importable", None)
    if "plotly.io._renderers" in sys.modules or not isinstance(absent, set) or "nbformat" in absent:
        return
    absent.add("nbformat")
    try:
        renderers = import_module("plotly.io._renderers")
    finally:
        absent.discard("nbformat")
    renderers.nbformat = SimpleNamespace(__version__=version("nbformat"))  # type: ignore[attr-defined]


def _with_lazy_table() -> None:
    cache = import_module("plotly.validator_cache").ValidatorCache
    path = Path(str(import_module("plotly").__file__)).parent / "validators" / "_validators.json"
    if getattr(cache, "_json_cache", "unknown") is None and path.is_file():
        cache._json_cache = LazyTable(path.read_bytes())


def _with_served_script(widget: Any) -> None:
    """Where our server has the script, the browser keeps it, and the widget only says where it is."""
    folder = os.environ.get(STATIC)
    if folder:
        address = f"{folder}{SCRIPT}?v={version('plotly')}"
        widget._esm = (
            f"const loaded = await import(new URL({json.dumps(address)}, location.origin).href);\n"
            "export default loaded.default;\n"
        )
