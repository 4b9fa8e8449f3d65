"""How figures look: one style that reads well on white and on black.

A notebook, a dashboard and a file may each be light or dark, and a figure is not told. So the background is
see-through, text is a grey with the same contrast to both (above 4:1), and lines are colours of middle brightness.
Titles are short lines one above the other, and names of panels stand inside them, so that 390 pixels of width are
enough.
"""

from typing import Any

SLATE, GREY, BLUE, GREEN, RED = "#64748b", "#9ca3af", "#3b82f6", "#16a34a", "#ef4444"
TEXT, GRID, CLEAR = "#777c86", "rgba(128, 136, 150, 0.22)", "rgba(0, 0, 0, 0)"
FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
_UNUSED = ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"]
LINE_LENGTH = 50
"""Characters that fit beside each other on a phone."""
LINE_HEIGHT = 17
"""Pixels of one line of the subtitle."""


def layout(title: str, lines: list[str], *, height: int) -> dict[str, Any]:
    """Title, subtitle lines and everything that all figures share; texts are escaped here."""
    text = "<br>".join(escaped(line) for line in lines)
    return {
        "template": {},  # everything the default one sets is set here; it would weigh 7 kB a figure
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 58 + LINE_HEIGHT * len(lines), "b": 8},
        "font": {"family": FONT, "size": 12, "color": TEXT},
        "title": {
            "text": f"<b>{escaped(title)}</b>",
            "font": {"size": 15},
            "subtitle": {"text": text, "font": {"size": 12.5}},
            "x": 0.0,
            "xref": "container",
            "pad": {"l": 12, "t": 16},
            "y": 1.0,
            "yref": "container",
            "yanchor": "top",
        },
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hoverlabel": {"bgcolor": "#1f2937", "bordercolor": "#1f2937", "font": {"color": "#f9fafb"}},
        "modebar": {"bgcolor": CLEAR, "color": GREY, "activecolor": BLUE, "remove": _UNUSED},
    }


def axis(**special: Any) -> dict[str, Any]:
    """An axis with a quiet grid; its margin grows with its labels."""
    return {"gridcolor": GRID, "zeroline": False, "automargin": True, "linecolor": GRID, "ticks": "", **special}


def panel_name(text: str, top: float) -> dict[str, Any]:
    """A panel's name at its upper left corner; ``top`` is the corner's height as a share of the figure's."""
    return {
        "text": f"<b>{escaped(text)}</b>",
        "showarrow": False,
        "x": 0.0,
        "xref": "paper",
        "xanchor": "left",
        "y": top,
        "yref": "paper",
        "yanchor": "bottom",
        "font": {"size": 12},
    }


def escaped(text: str) -> str:
    """Names that come from elsewhere are shown, never read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
