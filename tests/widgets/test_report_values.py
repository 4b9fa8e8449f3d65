"""What the report page says of plain values: numbers, months, costs, differences, lines of a chart."""

import re
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from tests.evidence.runs import dearer, few_trades, report_of
from tests.widgets.acting import Page, read
from workbench.widgets.report_compare import comparison
from workbench.widgets.report_costs import cost_table
from workbench.widgets.report_field import typed
from workbench.widgets.report_metrics import tiles
from workbench.widgets.report_months import DEEPEST, month_table
from workbench.widgets.report_run import Run
from workbench.widgets.report_traces import Other, frame, traces
from workbench.widgets.report_words import count, number, percent
from workbench.wire import Breakdown, Chart, CostItem, Curve, MonthReturn, TradeMarks

HOUR_NS = 3_600_000_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (" 9 ", 9),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        ("", None),
        ("nine", "nine"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1,000", "1,000"),
    ],
)
def test_what_is_typed_is_sent_as_a_number_or_as_it_is(text: str, value: Any) -> None:
    """JSON has no nan: the server refuses the word instead."""
    assert typed(text) == value
    assert type(typed(text)) is type(value)


def test_numbers_are_written_for_people() -> None:
    assert number(-1234567.891) == "\u22121\u202f234\u202f567.89"
    assert number(-0.001) == "0.00"
    assert number(0.0, signed=True) == "0.00"
    assert number(2.0, 0, signed=True) == "+2"
    assert number(None) == percent(None) == "\u2013"
    assert percent(-0.1234, 1) == "\u221212.3\u202f%"
    assert (count(1, "trade"), count(2, "trade"), count(0, "match", "matches")) == ("1 trade", "2 trades", "0 matches")


def test_months_are_rows_of_years() -> None:
    """A year is what its months make together; colour grows with the return, up to what text on it allows."""
    months = [(2024, 11, 0.10), (2024, 12, -0.50), (2025, 1, 0.25), (2025, 3, 0.0)]
    markup = month_table([MonthReturn(year=year, month=month, value=value) for year, month, value in months])
    said = read(markup)
    assert "2024 +10.0 \u221250.0 \u221245.0" in said
    assert "2025 +25.0 0.0 +25.0" in said
    shares = {name: int(share) for name, share in re.findall(r"wb-(gain|loss)\" style=\"--share:(\d+)%", markup)[:2]}
    assert shares == {"gain": 9, "loss": DEEPEST}
    assert "No month yet." in read(month_table([]))


def test_costs_lead_from_one_profit_to_the_other() -> None:
    """Each step; bars as long as their share of the longest; a cost of nothing has none."""
    costs = [
        CostItem(name="fees", amount=50.0, meaning="paid"),
        CostItem(name="slippage", amount=0.0, meaning="moved"),
    ]
    told = Breakdown(
        evidence_id="x",
        simulated=True,
        months=[],
        costs=costs,
        turnover=10_000.0,
        profit=150.0,
        profit_before_costs=200.0,
    )
    markup = cost_table(told)
    said = read(markup)
    assert "Profit before costs as if nothing had been taken +200.00" in said
    assert "Fees paid \u221250.00" in said
    assert "Slippage moved 0.00" in said
    assert "Profit +150.00" in said
    assert "Costs in all: 50.00, 0.500 % of a turnover of 10 000.00." in said
    assert re.findall(r"width:([\d.]+)%", markup) == ["100.0", "25.0", "0.0", "75.0"]


def run_of(report: Any) -> Run:
    return Run.of(msgspec.to_builtins(report))


def test_a_comparison_names_what_differs() -> None:
    """A dearer run: one input differs, and what is worse is said in words."""
    cheap, dear = run_of(report_of(few_trades())), run_of(report_of(dearer(few_trades())))
    said = read(comparison(dear, cheap))
    assert "Taker fee rate costs 0.002 0.001" in said
    assert "\u25bc worse" in said
    assert "Given differently" in said
    assert "Fast" not in said.partition("Given differently")[2]
    assert "Both are the same run." in read(comparison(cheap, cheap))


def test_undefined_metrics_are_dashes() -> None:
    """A run without a trade has no win rate."""
    run = run_of(report_of(few_trades()))
    none = {name: None if name in ("win_rate", "sharpe", "cagr", "profit_factor") else 0 for name in run.metrics}
    said = read(tiles(Run(**{**run.__dict__, "metrics": none})))
    assert "Win rate \u2013 no closed trade" in said
    assert "Sharpe ratio \u2013" in said
    assert "Total return 0.00 %" in said


def chart(*curves: tuple[str, str, list[float | None]], profits: tuple[float, ...] = (1.0, -1.0)) -> Chart:
    times = [number * HOUR_NS for number in range(4)]
    rows = len(profits)
    marks = TradeMarks(
        total=rows,
        side=[1, -1][:rows],
        entry_time_ns=times[:rows],
        entry_price=[1.0] * rows,
        exit_time_ns=times[1 : rows + 1],
        exit_price=[2.0] * rows,
        profit=list(profits),
        is_open=[False] * rows,
    )
    told = [Curve(name=name, panel=panel, time_ns=times, value=value) for name, panel, value in curves]  # type: ignore[arg-type]
    return Chart(
        evidence_id="x",
        simulated=True,
        pair="ETHUSDT",
        timeframe="1h",
        bars=4,
        start_ns=0,
        end_ns=4 * HOUR_NS,
        curves=told,
        trades=marks,
    )


CROSS = chart(
    ("Close", "price", [1.0, 2.0, 3.0, 4.0]),
    ("SMA 2", "price", [None, 1.5, 2.5, 3.5]),
    ("Equity", "equity", [10.0, 11.0, 12.0, 13.0]),
    ("Drawdown", "drawdown", [0.0, 0.0, -0.1, 0.0]),
)
RSI = chart(
    ("Close", "price", [1.0, 2.0, 3.0, 4.0]),
    ("RSI 2", "oscillator", [None, 20.0, 80.0, 50.0]),
    ("Lower 30", "oscillator", [30.0] * 4),
    ("Equity", "equity", [10.0, 11.0, 12.0, 13.0]),
    ("Drawdown", "drawdown", [0.0] * 4),
)


def test_lines_and_marks_of_a_chart() -> None:
    """A warm-up is a gap; each kind of mark has its own sign; times are texts, in UTC."""
    drawn = {each["name"]: each for each in traces(CROSS)}
    assert list(drawn["Close"]["x"]) == ["1970-01-01T00:00", "1970-01-01T01:00", "1970-01-01T02:00", "1970-01-01T03:00"]
    assert str(drawn["SMA 2"]["y"][0]) == "nan"
    marks = [drawn[name] for name in ("Enter long", "Enter short", "Exit with profit", "Exit with loss")]
    assert [list(each["y"]) for each in marks] == [[1.0], [1.0], [2.0], [2.0]]
    assert len({each["marker"]["symbol"] for each in marks}) == 4
    assert len({frozenset(each) for each in traces(CROSS)}) == 1, "each can take another's place"


def test_a_second_run_is_scaled_and_kept_within_the_chart() -> None:
    """Its equity in another run's cash; nothing of it beyond the chart's time."""
    late = Curve(name="Equity", panel="equity", time_ns=[-HOUR_NS, HOUR_NS, 9 * HOUR_NS], value=[1.0, 2.0, 3.0])
    drawn = traces(CROSS, Other("other", (late, *CROSS.curves[:1]), scale=10.0))[-1]
    assert drawn["name"] == "Equity, compared"
    assert (list(drawn["x"]), list(drawn["y"])) == (["1970-01-01T01:00"], [20.0])


def test_panels_stand_above_each_other() -> None:
    """None covers another; the oscillator's is there for runs that have one, under its own name."""
    for told, has in ((CROSS, False), (RSI, True)):
        look = frame(told)
        axes = [look[name] for name in ("yaxis4", "yaxis3", "yaxis2", "yaxis") if look[name]["visible"]]
        assert all(below["domain"][1] < above["domain"][0] for below, above in pairwise(axes))
        assert look["yaxis2"]["visible"] is has
        texts = [each["text"] for each in look["annotations"] if each["visible"]]
        assert texts == [
            "<b>ETHUSDT price \u00b7 SIMULATED</b>",
            *(["<b>RSI 2</b>"] if has else []),
            *("<b>Equity</b>", "<b>Drawdown</b>"),
        ]
    level = next(each for each in traces(RSI) if each["name"] == "Lower 30")
    assert level["line"]["dash"] == "dash"
    assert not level["showlegend"]


def test_a_run_of_nothing_can_be_drawn() -> None:
    """No trade at all."""
    drawn = traces(chart(("Close", "price", [1.0] * 4), profits=()))
    assert [each["name"] for each in drawn if each["showlegend"]] == ["Close"]
    assert Page(month_table([])).tags
