"""The tapes: the same seed gives the same market, on the grid; recorded trades come out as they went in."""

import asyncio
import csv
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import shared_data
from tests.simulator.client import run
from workbench.model.errors import InputError, NotFoundError
from workbench.simulator.market import MARKETS, find_market
from workbench.simulator.recorded import read_tape
from workbench.simulator.server import Simulator, SimulatorSettings
from workbench.simulator.tape import synthetic_tape
from workbench.simulator.text_frames import text_frames


@given(st.sampled_from(sorted(MARKETS)), st.integers(0, 10**6), st.floats(0.01, 1e5), st.integers(0, 5))
@settings(max_examples=25)
def test_a_tape_is_its_seed_and_lies_on_the_grid(pair: str, seed: int, rate: float, burst: int) -> None:
    """The same twice; prices whole ticks, amounts whole lots and worth trading, times never back."""
    market = MARKETS[pair]
    tape, again = (synthetic_tape(market, seed=seed, trades_per_second=rate, burst=burst) for _ in range(2))
    trades = list(islice(tape, 400))
    assert trades == list(islice(again, 400))
    assert [one.elapsed_ms for one in trades] == sorted(one.elapsed_ms for one in trades)
    for one in trades:
        assert Decimal(one.price) % market.tick_size == 0
        assert Decimal(one.amount).as_tuple().exponent >= -market.amount_decimals
        assert Decimal(one.price) * Decimal(one.amount) >= market.minimum_value
        assert one.side in ("buy", "sell")


def test_seeds_and_pairs_differ() -> None:
    """Another seed, or another pair, is another market."""
    tapes = [(MARKETS["ETHUSDT"], 1), (MARKETS["ETHUSDT"], 2), (MARKETS["BTCUSDT"], 1)]
    sides = {
        tuple(one.side for one in islice(synthetic_tape(market, seed=seed, trades_per_second=1.0), 200))
        for market, seed in tapes
    }
    assert len(sides) == 3


@pytest.mark.parametrize("burst", [0, 1, 6])
def test_the_rate_is_kept_whatever_the_bursts(burst: int) -> None:
    """20,000 trades at 50 a second take about 400 seconds."""
    *_, last = islice(synthetic_tape(MARKETS["BTCTRY"], seed=3, trades_per_second=50.0, burst=burst), 20_000)
    assert last.elapsed_ms / 1000 == pytest.approx(400, rel=0.05)


def test_two_simulators_of_a_seed_agree_to_the_trade() -> None:
    """With the same first date, every number, time, price and amount is the same."""
    runs = []

    async def use(simulator: Simulator) -> None:
        runs.append(simulator.trades("BTCTRY")[:300])

    for _ in range(2):
        run(SimulatorSettings(seed=5, start_ms=1_790_000_000_000, history_seconds=600), use)
    assert len(runs[0]) == 300
    assert runs[0] == runs[1]
    assert runs[0][0].time_ms >= 1_790_000_000_000 - 600_000


def test_time_runs_faster_when_asked() -> None:
    """At 10,000 times the speed, a moment is hours of trades."""

    async def use(simulator: Simulator) -> None:
        while len(simulator.trades("ETHUSDT")) < 1000:
            await asyncio.sleep(0)
        trades = simulator.trades("ETHUSDT")
        assert trades[-1].time_ms - trades[0].time_ms > 3_600_000
        assert simulator.now_ms() >= trades[-1].time_ms

    run(SimulatorSettings(speed=10_000.0, trades_per_second=0.1, clock_offset_seconds=-5.0), use)


def test_a_recorded_tape_is_replayed_in_order() -> None:
    """Real trades of XRPETH: sides, prices, amounts and distances in time are the file's."""
    path = shared_data("XRPETH-trades.csv")
    market, tape = read_tape(path, pair=None, tick_size=None, seed=1)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    trades = list(tape)
    assert (market.pair, market.base, market.quote, str(market.tick_size)) == ("XRPETH", "XRP", "ETH", "1E-8")
    assert [one.side for one in trades] == [row["side"] for row in rows]
    assert [Decimal(one.price) for one in trades] == [Decimal(row["price"]) for row in rows]
    assert [Decimal(one.amount) for one in trades] == [Decimal(row["quantity"]) for row in rows]
    start = int(rows[0]["time_ms"])
    assert [one.elapsed_ms for one in trades] == [int(row["time_ms"]) - start for row in rows]


def test_a_recorded_tape_starts_with_the_simulator_and_ends(tmp_path: Path) -> None:
    """Its times are shifted to now; after its last trade nothing more happens."""
    path = tmp_path / "ABCTRY-trades.csv"
    path.write_text("time_ms,trade_id,side,price,quantity\n5000,7,buy,1.25,3\n5400,8,sell,1.5,0.5\n")

    async def use(simulator: Simulator) -> None:
        assert simulator.pairs == ("ABCTRY",)
        (first, second) = simulator.trades("ABCTRY")
        assert (first.time_ms, second.time_ms) == (1_790_000_000_000 - 1000, 1_790_000_000_000 - 600)
        assert (first.side, first.price, first.amount) == ("buy", "1.25", "3.0")
        assert (second.side, second.price, second.amount) == ("sell", "1.50", "0.5")

    run(SimulatorSettings(trades_file=path, start_ms=1_790_000_000_000, history_seconds=1), use)


def test_what_cannot_be_simulated_is_refused(tmp_path: Path) -> None:
    """Unknown pairs, files that are not there, numbers out of range: each names its field."""
    with pytest.raises(InputError, match="pair: expected one of"):
        find_market("DOGEUSDT")
    with pytest.raises(NotFoundError, match="no such file"):
        Simulator(SimulatorSettings(trades_file=tmp_path / "none.csv"))
    for wrong in ({"speed": 0.0}, {"port": 70_000}, {"trades_per_second": float("nan")}, {"trade_frames": "both"}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            SimulatorSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("length", "header"),
    [(5, "8105"), (125, "817d"), (126, "817e007e"), (65_535, "817effff"), (65_536, "817f0000000000010000")],
)
def test_text_frames_have_the_headers_of_rfc_6455(length: int, header: str) -> None:
    """Lengths in 7, 16 and 64 bits."""
    frame = text_frames([b"x" * length])
    assert frame[: -length or None].hex() == header


def test_a_tape_plays_faster_while_the_clock_keeps_time() -> None:
    """Ten times as many trades in the same time, dated by a clock that nobody hurries."""

    async def use(simulator: Simulator) -> None:
        trades = simulator.trades("ETHUSDT")
        assert 100 < len(trades) < 400  # 20 a second, ten seconds
        assert trades[-1].time_ms <= simulator.now_ms() <= 1_790_000_000_000 + 5_000

    run(SimulatorSettings(start_ms=1_790_000_000_000, history_seconds=10, tape_speed=10.0), use)
