"""The few pieces of HTML that the guardrails and live pages are made of. What goes in is HTML already: escape texts."""

from collections.abc import Mapping, Sequence

SIMULATED = ' <span class="wb-simulated">SIMULATED</span>'
MARKS = {"good": "\u2713", "bad": "\u2715", "warn": "!", "wait": "\u2026"}


def table(caption: str, names: Sequence[str], rows: str, look: str = "") -> str:
    """``look``: further classes of the table; it scrolls sideways by itself where it is wider than the page.

    A place that scrolls can be reached by keyboard, so it has a name: the caption, which holds no HTML.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    title = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="wb-scroll" tabindex="0" role="group" aria-label="{caption or names[0]}">'
        f'<table class="wb-table {look}">{title}'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def row(first: str, *cells: str, names: Sequence[str] = ()) -> str:
    """The first cell names the row.

    Args:
        names: of all columns, for a table that is ``wb-wide``: on a phone each value stands behind its name.
    """
    if names:
        tags = (f'<td data-name="{name}">{cell}</td>' for name, cell in zip(names[1:], cells, strict=True))
    else:
        tags = (f"<td>{cell}</td>" for cell in cells)
    return f'<tr><th scope="row">{first}</th>{"".join(tags)}</tr>'


def facts(named: Mapping[str, str]) -> str:
    """Names with values, as tiles."""
    tiles = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in named.items())
    return f'<dl class="wb-pairs">{tiles}</dl>'


def say(kind: str, title: str, text: str = "", *, aloud: bool = False) -> str:
    """A box with a sign, a colour and words; ``kind`` is good, bad, warn or wait.

    What is bad is read out at once by a screen reader, as is whatever is to be said ``aloud``.
    """
    role = "alert" if aloud or kind == "bad" else "status"
    return f'<div class="wb-say wb-say-{kind}" role="{role}"><b>{MARKS[kind]} {title}</b> {text}</div>'


def empty(title: str, text: str = "") -> str:
    """Where there is nothing to show, and what then helps."""
    return f'<div class="wb-empty"><b>{title}</b><br>{text}</div>'


def heading(title: str, pill: str, kind: str) -> str:
    """A line with a coloured word at its end."""
    return f'<div class="wb-head"><h3>{title}</h3><span class="wb-pill wb-pill-{kind}">{pill}</span></div>'


def note(text: str) -> str:
    return f'<p class="wb-note">{text}</p>'


def card(title: str, content: str) -> str:
    """A part of a page."""
    return f'<section class="wb-card"><h2>{title}</h2>{content}</section>'


def page(style: str, *parts: str) -> str:
    """A whole page without a widget, for the moment until its widgets are drawn."""
    return f'{style}<div class="wb-page wb-still">{"".join(parts)}</div>'
