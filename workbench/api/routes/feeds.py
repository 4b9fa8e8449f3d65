"""The live feed, the exchange's pairs, stored candles."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from workbench.api.arrow_answer import ARROW, wants_arrow
from workbench.api.candle_answer import candles
from workbench.api.deps import Anybody, PartsOf
from workbench.api.documented import ANSWERS, ARROW_ANSWER
from workbench.api.stored_answer import stored
from workbench.api.views import feed_view
from workbench.wire import PAIR, WHEN, CandleColumns, FeedView, StoredList, SymbolList, SymbolView

router = APIRouter(prefix="/api/feeds", tags=["feeds"], responses=ANSWERS)


@router.get("/health")
async def feed_health(parts: PartsOf, _who: Anybody) -> FeedView:
    """Per pair: up, last tick, lag, gaps found and filled; and the connection."""
    feed = parts.feed
    health = feed.health()
    if health is not None:
        return feed_view(health, feed.problem, feed.reconnects)
    return FeedView(
        running=False,
        status="down",
        problem=feed.problem or "the feed has not begun",
        exchange=feed.addresses.api,
        simulated=feed.addresses.simulated,
        reconnects=feed.reconnects,
        clock_offset_ms=None,
        updated_ns=time.time_ns(),
        pairs=[],
    )


@router.get("/symbols")
async def symbols(parts: PartsOf, _who: Anybody) -> SymbolList:
    """The exchange's pairs with their grids; 503 while it does not answer."""
    known = await parts.feed.symbols()
    return SymbolList(
        exchange=parts.feed.addresses.api,
        simulated=parts.feed.addresses.simulated,
        symbols=[
            SymbolView(
                pair=each.pair,
                trading=each.trading,
                tick_size=f"{each.instrument.tick_size:f}",
                lot_size=f"{each.instrument.lot_size:f}",
                minimum_notional=f"{each.instrument.minimum_notional:f}",
            )
            for each in known.by_pair.values()
        ],
    )


@router.get("/stored")
async def stored_candles(parts: PartsOf, _who: Anybody) -> StoredList:
    """Candles that can be backtested on; the bundled sample is one of them."""
    return await parts.threads.read(stored, parts.home)


@router.get("/candles", response_model=CandleColumns, responses=ARROW_ANSWER)
async def feed_candles(
    parts: PartsOf,
    _who: Anybody,
    request: Request,
    pair: Annotated[str, Query(pattern=PAIR, examples=["ETHUSDT"])],
    timeframe: Annotated[str, Query(pattern=r"^[1-9][0-9]{0,5}[smhdw]$", examples=["1h"])],
    start: Annotated[str | None, Query(pattern=WHEN)] = None,
    end: Annotated[str | None, Query(pattern=WHEN)] = None,
    limit: Annotated[int, Query(ge=1, le=1_000_000, description="The newest so many.")] = 500,
) -> Response:
    """Candles as columns: the feed's own where it has some, else the store's, else the bundled sample."""
    is_arrow = wants_arrow(request)
    body = await parts.threads.read(candles, parts, pair.upper(), timeframe, start, end, limit, is_arrow)
    return Response(body, media_type=ARROW if is_arrow else "application/json")
