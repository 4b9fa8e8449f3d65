"""Random small markets, costs, sizings, target exposures and order schedules, for property tests of the engine.

Grids are coarse on purpose: ties, exact touches, gaps and empty bars should be frequent, not rare.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.naive_values import AccountView, Market, Request
from workbench.engine.costs import Costs
from workbench.engine.sizing import Sizing, fixed_quantity, fixed_quote, fraction_of_equity, volatility_target
from workbench.model.order import OrderType, Side, TimeInForce

FRACTIONS = [10_000, 30_000, 50_000, 100_000, 200_000, 333_333, 1_000_000]
"""Protective fractions in millionths: a tick or two, up to all of the price."""
EXPOSURES = [1.0, -1.0, 0.5, -0.5, 0.0, 2.0]
STEPS = [-3, -2, -1, 0, 1, 2, 3]

side = st.sampled_from(list(Side))


@st.composite
def bars(draw: st.DrawFn, count: int) -> list[tuple[int, int, int, int]]:
    """Open, high, low, close: a walk of a few ticks with occasional gaps, never below one tick."""
    close, rows = draw(st.sampled_from([5, 20, 50])), []
    for _ in range(count):
        gap = draw(st.sampled_from([0, 0, 0, *STEPS, -15, 15, 70]))
        first = max(1, close + gap)
        close = max(1, first + draw(st.sampled_from(STEPS)))
        high = max(first, close) + draw(st.sampled_from([0, 0, 1, 2, 8]))
        low = max(1, min(first, close) - draw(st.sampled_from([0, 0, 1, 2, 8])))
        rows.append((first, high, low, close))
    return rows


@st.composite
def markets(draw: st.DrawFn, min_bars: int = 2, max_bars: int = 60) -> Market:
    rows = draw(bars(draw(st.integers(min_bars, max_bars))))
    volume = draw(
        st.lists(st.sampled_from([20.0, 1000.0, 7.5, 3.0, 1000.0, 0.0]), min_size=len(rows), max_size=len(rows))
    )
    first, high, low, close = (list(column) for column in zip(*rows, strict=True))
    return Market(
        first,
        high,
        low,
        close,
        volume,
        tick=draw(st.sampled_from([(1, 1), (1, 2), (1, 100), (5, 1)])),
        lot=draw(st.sampled_from([(1, 1), (1, 10), (1, 1000), (2, 1)])),
        minimum_notional=draw(st.sampled_from([0.0, 0.0, 10.0, 100.0])),
        bars_per_year=draw(st.sampled_from([365.0, 8760.0])),
    )


def costs() -> st.SearchStrategy[Costs]:
    return st.builds(
        Costs,
        taker_fee_rate=st.sampled_from([0.0, 0.001, 0.02]),
        maker_fee_rate=st.sampled_from([0.0, 0.0005, 0.01]),
        slippage_bps=st.sampled_from([0.0, 2.0, 150.0, 1000.0]),
        half_spread_bps=st.sampled_from([0.0, 0.0, 50.0]),
        max_volume_share=st.sampled_from([None, None, 1.0, 0.5, 0.1]),
        latency_bars=st.sampled_from([0, 0, 0, 1, 3]),
        limit_fills_on_touch=st.booleans(),
    )


def sizings() -> st.SearchStrategy[Sizing]:
    return st.one_of(
        st.sampled_from([0.3, 1.0]).map(fraction_of_equity),
        st.sampled_from([50.0, 1234.5]).map(fixed_quote),
        st.sampled_from([0.5, 4.0, 30.0]).map(fixed_quantity),
        st.builds(volatility_target, st.sampled_from([0.5, 5.0]), st.sampled_from([2, 5])),
    )


initial_cash = st.sampled_from([1000.0, 500.0, 40.0, 25_000.0])


@st.composite
def exposures(draw: st.DrawFn, count: int) -> list[float]:
    """Target exposures that stay for a while: ``count`` of them."""
    targets: list[float] = []
    while len(targets) < count:
        targets += [draw(st.sampled_from(EXPOSURES))] * draw(st.integers(1, 6))
    return targets[:count]


def fraction() -> st.SearchStrategy[int]:
    return st.one_of(st.just(-1), st.sampled_from(FRACTIONS))


@dataclass(frozen=True)
class Ask:
    """A request before the market is known: prices are offsets from the close, expiries bars from now."""

    request: Request
    limit_offset: int
    stop_offset: int
    lifetime: int
    pick: int

    def at(self, bar: int, close_ticks: int, view: AccountView) -> list[Request]:
        """The request at this close; none where there is no open order to cancel or replace."""
        request = self.request
        limit_ticks = max(1, close_ticks + self.limit_offset) if request.limit_ticks != -1 else -1
        stop_ticks = max(1, close_ticks + self.stop_offset) if request.stop_ticks != -1 else -1
        expire_bar = bar + self.lifetime if request.expire_bar != -1 else -1
        order_id = -1
        if request.kind != "place":
            if not view.open_orders:
                return []
            order_id = view.open_orders[self.pick % len(view.open_orders)]
        changes = {"limit_ticks": limit_ticks, "stop_ticks": stop_ticks, "expire_bar": expire_bar}
        return [replace(request, order_id=order_id, **changes)]


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    kind = draw(st.sampled_from(["place", "place", "place", "place", "cancel", "replace"]))
    order_type = draw(st.sampled_from(list(OrderType)))
    waits = order_type in (OrderType.STOP, OrderType.STOP_LIMIT)
    sensible = draw(st.integers(0, 19)) > 0  # now and then an order that makes no sense
    durations = [TimeInForce.GTC, TimeInForce.GTC, TimeInForce.GTT]
    time_in_force = draw(st.sampled_from(durations if waits and sensible else [TimeInForce.GTC, *TimeInForce]))
    by_exposure = kind == "place" and order_type is OrderType.MARKET and draw(st.booleans())
    needs_limit = kind == "replace" or order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    needs_stop = kind == "replace" or waits
    request = Request(
        kind,
        side=draw(side),
        order_type=order_type,
        time_in_force=time_in_force,
        lots=-1 if by_exposure else draw(st.sampled_from([5, 1, 2, 5, 10, 10, 40, 5000, 5, 2, 10, 0])),
        exposure=draw(st.sampled_from(EXPOSURES)) if by_exposure else None,
        limit_ticks=1 if needs_limit and sensible else -1,
        stop_ticks=1 if needs_stop and sensible else -1,
        expire_bar=1 if time_in_force is TimeInForce.GTT and sensible else -1,
        reduce_only=draw(st.integers(0, 4)) == 0,
        stop_loss=draw(fraction()),
        take_profit=draw(fraction()),
        trailing_stop=draw(fraction()),
    )
    offset = st.integers(-6, 6)
    return Ask(request, draw(offset), draw(offset), draw(st.integers(0, 6)), draw(st.integers(0, 5)))


@st.composite
def schedules(draw: st.DrawFn, count: int) -> dict[int, list[Ask]]:
    """For at most ten of ``count`` bars, up to three requests at its close."""
    busy = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=min(count, 10)))
    return {bar: draw(st.lists(asks(), min_size=1, max_size=3)) for bar in sorted(busy)}


def decider(market: Market, schedule: dict[int, Sequence[Ask]]) -> Callable[[int, AccountView], list[Request]]:
    """The schedule as a strategy: cancels and replacements choose among the strategy's own open orders."""

    def decide(bar: int, view: AccountView) -> list[Request]:
        return [request for ask in schedule.get(bar, ()) for request in ask.at(bar, market.close[bar], view)]

    return decide
