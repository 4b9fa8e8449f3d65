"""Plotly's figure widget in less memory and time: each open page has a kernel of its own, and each kernel a plotly.

Three things are kept small, about 50 MB and a second in all. Plotly asks for nbformat only to read its version where
a plain figure is shown by mime type; a stand-in has the version. And it decodes a table of every property of every kind
of trace, of which a page uses a few; here each entry is decoded when it is asked for. And the 5 MB of its script hold
25 letters that are not ASCII, for which Python keeps two bytes for every letter; written as escapes they need one. None
of it changes what is drawn (a test compares), and where plotly is loaded already, or has another shape, all stays.
"""

import re
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec


def figure_widget() -> Any:
    """The class ``FigureWidget``. The first call takes seconds: make it in a thread."""
    _without_nbformat()
    _with_lazy_table()
    made = import_module("plotly.graph_objects").FigureWidget
    _with_narrow_script(made)
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


def _with_narrow_script(widget: Any) -> None:
    path = Path(str(import_module("plotly").__file__)).parent / "package_data" / "widgetbundle.js"
    if path.is_file() and not isinstance(widget._esm, str):
        widget._esm = re.sub(rb"[\x80-\xff]+", _escaped, path.read_bytes()).decode("ascii")


def _escaped(found: re.Match[bytes]) -> bytes:
    """Letters as JavaScript escapes them in texts and in patterns, where they stand: by their UTF-16."""
    units = found.group().decode("utf-8").encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)).encode("ascii")
