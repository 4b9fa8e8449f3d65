"""Two runs side by side: what they were given where it differs, and every metric."""

from html import escape

from workbench.widgets.markup import SIMULATED, note, row, table
from workbench.widgets.report_run import Run, flat
from workbench.widgets.words import judge, label, metric, plain

MARKS = {"better": "\u25b2 better", "worse": "\u25bc worse", "same": "= same"}
NONE = '<span class="wb-muted">none</span>'


def comparison(run: Run, other: Run) -> str:
    """``run`` is the one that is looked at: changes are from the other to it."""
    if run.digest == other.digest:
        return note("Both are the same run.")
    names = f"{note(_name('This', run))}{note(_name('Other', other))}"
    return f'{names}<div class="wb-pair-of-tables">{_metrics(run, other)}{_inputs(run, other)}</div>'


def _name(which: str, run: Run) -> str:
    data = SIMULATED if run.simulated else ""
    return f"<b>{which}:</b> {escape(run.title)}{data} <code>{escape(run.id)}</code>"


def _metrics(run: Run, other: Run) -> str:
    rows = "".join(_metric(name, run.metrics[name], other.metrics.get(name)) for name in run.metrics)
    return table("Metrics", ("Metric", "This", "Other", "Difference"), rows, "wb-numbers")


def _metric(name: str, own: float | None, others: float | None) -> str:
    change = None if own is None or others is None else own - others
    verdict = judge(name, change)
    mark = f' <span class="wb-verdict wb-{verdict}">{MARKS[verdict]}</span>' if verdict else ""
    return row(label(name), metric(name, own), metric(name, others), metric(name, change, signed=True) + mark)


def _inputs(run: Run, other: Run) -> str:
    """Only what differs; the fingerprint of the candles stands for every candle."""
    own, others = _given(run), _given(other)
    names = [*own, *(name for name in others if name not in own)]
    differ = [name for name in names if own.get(name) != others.get(name)]
    if not differ:
        return note("Both were given the same.")
    rows = "".join(row(_path(name), _value(own, name), _value(others, name)) for name in differ)
    same = note(f"{len(names) - len(differ)} other inputs are the same in both.")
    return f"<div>{table('Given differently', ('Input', 'This', 'Other'), rows)}{same}</div>"


def _given(run: Run) -> dict[str, object]:
    return dict(flat({**run.inputs, "versions": run.versions}))


def _path(name: str) -> str:
    if name == "strategy.name":
        return "Strategy"
    room, _, last = name.rpartition(".")
    said = room.removeprefix("strategy.").replace(".", ", ")
    return label(last) + (f' <span class="wb-muted">{escape(said)}</span>' if said else "")


def _value(given: dict[str, object], name: str) -> str:
    value = given.get(name)
    if value is None:
        return NONE
    text = str(value)
    return f"<code>{escape(text[:19])}\u2026</code>" if text.startswith("sha256:") else plain(value)
