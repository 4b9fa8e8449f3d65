"""The runs to choose from: searched by words, chosen by a click, another one compared with by a second one.

The list is a small widget of its own (``static/run_list.js``). It gets texts, never markup.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from workbench.widgets.report_words import count, moment, number, percent
from workbench.widgets.words import MINUS
from workbench.wire import EvidenceList, EvidenceSummary

PAGE = 50
MOST = 500
LONGEST_QUERY = 200


class RunList(anywidget.AnyWidget):
    """``chosen`` and ``against`` are evidence ids; ``query`` and ``limit`` say what to ask the server for."""

    _esm = Path(__file__).parent / "static" / "run_list.js"
    rows = traitlets.List(traitlets.Dict()).tag(sync=True)
    told = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    against = traitlets.Unicode().tag(sync=True)
    query = traitlets.Unicode().tag(sync=True)
    limit = traitlets.Int(PAGE).tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("limit")
    def _no_more(self, proposal: Any) -> int:
        return max(1, min(MOST, int(proposal["value"])))

    @traitlets.validate("query")
    def _no_longer(self, proposal: Any) -> str:
        return str(proposal["value"])[:LONGEST_QUERY]

    def show(self, found: EvidenceList) -> None:
        """The same list again is not sent again."""
        self.told = summary(found, bool(self.query.strip()))
        self.total = found.total
        rows = [run_row(each) for each in found.reports]
        if rows != self.rows:
            self.rows = rows


def run_row(run: EvidenceSummary) -> dict[str, Any]:
    """One run as texts."""
    params = ", ".join(f"{name} {value}" for name, value in run.params.items())
    return {
        "id": run.id,
        "name": run.strategy,
        "market": f"{run.pair} {run.timeframe}",
        "params": params.replace("-", MINUS) if params else "no parameters",
        "gain": percent(run.total_return, 1, signed=True),
        "is_loss": run.total_return < 0,
        "sharpe": f"Sharpe {number(run.sharpe)}",
        "when": moment(run.finished_at),
        "simulated": run.simulated,
    }


def summary(found: EvidenceList, searched: bool) -> str:
    """How many there are, and which files cannot be trusted."""
    which = ("matches" if found.total == 1 else "match") if searched else "in all"
    told = f"{count(found.total, 'run')} {which}"
    if len(found.reports) < found.total:
        told = f"the latest {len(found.reports)} of {told}"
    if found.damaged:
        told += f"; damaged and left out: {', '.join(found.damaged[:5])}{_more(found.damaged)}"
    return told


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 5} more" if len(names) > 5 else ""


def static_list(found: EvidenceList, chosen: str) -> str:
    """The same as plain HTML, with links, for the first look."""
    rows = "".join(_static_row(run_row(each), chosen) for each in found.reports)
    return (
        '<div class="wb-runs"><input class="wb-runs-search" type="search" disabled placeholder="Search runs" '
        f'aria-label="Search runs"><p class="wb-note">{escape(summary(found, searched=False))}</p>'
        f'<ul class="wb-runs-list">{rows}</ul></div>'
    )


def _static_row(told: dict[str, Any], chosen: str) -> str:
    text = {name: escape(str(value)) for name, value in told.items()}
    current = ' aria-current="true"' if told["id"] == chosen else ""
    look = "wb-worse" if told["is_loss"] else "wb-better"
    label = '<span class="wb-simulated">SIMULATED</span>' if told["simulated"] else ""
    return (
        f'<li class="wb-run"{current}><a class="wb-run-pick" href="?id={text["id"]}">'
        f'<span class="wb-run-line"><b>{text["name"]}</b> <span>{text["market"]}</span>'
        f'<span class="{look}">{text["gain"]}</span></span><span class="wb-run-line wb-muted">'
        f"<span>{text['params']}</span><span>{text['sharpe']}</span></span>"
        f'<span class="wb-run-line wb-run-when wb-muted"><span>{text["when"]}</span>{label}</span></a></li>'
    )
