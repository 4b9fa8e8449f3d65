"""What a run is and what it achieved, as HTML: its name, what it was given, the headline metrics, all metrics."""

from html import escape

from workbench.widgets.markup import SIMULATED, note, row, table
from workbench.widgets.report_run import Run
from workbench.widgets.report_words import count, day, moment, number, percent
from workbench.widgets.words import GAP, label, metric, plain

REAL = ' <span class="wb-real">real data</span>'
UP, DOWN = "\u25b2", "\u25bc"


def run_head(run: Run) -> str:
    """Name, whether the data are real, parameters, range, costs."""
    data = SIMULATED if run.simulated else REAL
    params = " ".join(f"<span><i>{label(name)}</i> {plain(value)}</span>" for name, value in run.params.items())
    chips = f'<p class="wb-chips">{params}</p>' if params else ""
    return f'<h2 class="wb-run-title">{escape(run.title)}{data}</h2>{chips}{note(_given(run))}'


def _given(run: Run) -> str:
    span, costs = run.inputs["range"], run.inputs["costs"]
    spread = f" + {number(costs['half_spread_bps'])}" if costs["half_spread_bps"] else ""
    parts = (
        f"{day(span['start'])} to {day(span['end'])}, {count(span['bars'], 'bar')}",
        f"cash {number(run.cash, 0 if run.cash.is_integer() else 2)}",
        f"fee {percent(costs['taker_fee_rate'], 3)}, slippage {number(costs['slippage_bps'])}{spread}{GAP}bps",
        f"source {escape(run.inputs['candles']['source'])}",
        f"run {moment(run.finished_at)} UTC",
    )
    return " \u00b7 ".join(f"<span>{part}</span>" for part in parts)


def tiles(run: Run) -> str:
    """The headline metrics; each with the figure that it is read beside."""
    told = run.metrics
    total, held = told["total_return"] or 0.0, told["benchmark_return"]
    closed = told["win_rate"] is not None
    shown = (
        _tile("Total return", _signed(total), f"buy and hold {percent(held, signed=True)}"),
        _tile("Growth a year", percent(told["cagr"], signed=True), f"volatility {percent(told['volatility'])}"),
        _tile("Sharpe ratio", number(told["sharpe"]), f"Sortino {number(told['sortino'])}"),
        _tile("Deepest drawdown", percent(told["max_drawdown"]), f"longest {_bars(told['max_drawdown_bars'])}"),
        _tile("Trades", number(told["trade_count"], 0), f"exposure {percent(told['exposure'], 1)}"),
        _tile("Win rate", percent(told["win_rate"], 1), "of closed trades" if closed else "no closed trade"),
        _tile("Profit factor", number(told["profit_factor"]), f"expectancy {number(told['expectancy'], signed=True)}"),
        _tile("Final equity", number(told["final_equity"]), f"fees paid {number(told['fees_paid'])}"),
    )
    return f'<dl class="wb-tiles">{"".join(shown)}</dl>'


def _tile(name: str, value: str, beside: str) -> str:
    return f'<div><dt>{name}</dt><dd>{value}</dd><dd class="wb-muted">{beside}</dd></div>'


def _signed(fraction: float) -> str:
    text = percent(fraction, signed=True)
    if not fraction:
        return text
    look, mark = ("better", UP) if fraction > 0 else ("worse", DOWN)
    return f'<span class="wb-{look}">{mark} {text}</span>'


def _bars(value: float | int | None) -> str:
    return count(None if value is None else int(value), "bar")


def all_metrics(run: Run) -> str:
    """Every metric and every input, to unfold."""
    metrics = "".join(row(label(name), metric(name, value)) for name, value in run.metrics.items())
    costs = "".join(row(label(name), plain(value)) for name, value in _inputs(run))
    both = f"{table('Metrics', ('Metric', 'Value'), metrics, 'wb-numbers')}"
    both += f"{table('Given', ('Input', 'Value'), costs, 'wb-numbers')}"
    return f'<details><summary>All metrics and inputs</summary><div class="wb-pair-of-tables">{both}</div></details>'


def _inputs(run: Run) -> list[tuple[str, object]]:
    parts = ("costs", "sizing", "exits", "instrument")
    found = [(name, value) for part in parts for name, value in run.inputs[part].items()]
    return [*found, ("allow_short", run.inputs["allow_short"]), *run.versions.items()]


def downloads(run: Run) -> str:
    """The files as they lie on the server, and the digest that vouches for them."""
    name = escape(run.id)
    return (
        f'<p class="wb-files"><a href="evidence/{name}.json" download>\u2913 Report (JSON)</a> '
        f'<a href="evidence/{name}.trades.arrow" download>\u2913 Trades (Arrow)</a> '
        f'<code title="{escape(run.digest)}">{name}</code></p>'
    )
