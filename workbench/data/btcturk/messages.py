"""One WebSocket frame of BTCTurk -> one typed value, or a FrameError that quotes the frame's start. Pure.

A frame is ``[code, body]``. Where public sources contradict each other, both forms are accepted:

- Market trades come as a list (421) or one by one (422); either may come at any time.
- The last price of a ticker is ``LA``; one source spells it ``La``.
- Numbers are texts; JSON numbers are read as well, by their digits, never as floats.
- A list of trades names its pair as ``symbol``, other bodies as ``PS``, candles as ``P``; ``event`` is the fallback.
- Times are milliseconds; a candle's may also be seconds (a number below 10**11 is taken as seconds).
- ``S``: 0 is a seller, 1 a buyer, as was seen live in 2026 by matching ids with REST; older clients say the opposite.
  ``SIDES`` is the one place that decides; the feed counts every disagreement with REST.
- A change of the book is told by its amounts alone (0: the price is gone): the codes in ``CP`` are not documented.

Frames of private channels and unknown codes are values too (Ignored): the protocol may grow.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import msgspec

from workbench.data.btcturk.decimals import OffGridError, whole_units
from workbench.data.btcturk.values import (
    ExchangeCandle,
    Ignored,
    Level,
    MarketTick,
    MarketTradeList,
    OrderBookChange,
    OrderBookSnapshot,
    Result,
    Value,
    Welcome,
)
from workbench.model.instrument import Grid, Instrument
from workbench.model.market_trade import MarketTrade

MAX_FRAME_BYTES = 1 << 20
"""A whole book of 1,000 prices a side is about a tenth of it."""
FUTURE_LIMIT_NS = 300 * 10**9
"""How far ahead of the exchange's time, as far as it is known, a trade's time may lie."""
SIDES = {0: -1, 1: 1, "0": -1, "1": 1}
PRIVATE = frozenset({101, 111, 112, 113, 114, 151, 201, 401, 423, 441, 451, 452, 453})
QUOTED = 80
LATEST_NS = 2**63 - 1
LARGEST_EXPONENT = 30
"""A volume such as 1E+999999999 is small as text and fills the memory as an integer."""

REASONS = (
    "too_large",
    "not_json",
    "not_a_frame",
    "wrong_type",
    "unknown_pair",
    "off_grid",
    "bad_number",
    "zero_price",
    "absurd_price",
    "far_future",
    "unknown_code",
)
"""Every reason for which something received is refused; a bounded set, so that metrics can carry it."""


class FrameError(ValueError):
    """A frame that is none: ``reason`` is one of REASONS, ``quote`` the frame's start, ``pair`` where it is known."""

    def __init__(self, reason: str, frame: bytes, detail: str = "", pair: str | None = None) -> None:
        self.reason = reason
        self.quote = frame[:QUOTED].decode("utf-8", "replace")
        self.pair = pair
        super().__init__(f"{reason}: {detail or 'frame'} in {self.quote!r}")


class _Bad(Exception):  # noqa: N818 - never leaves this file
    """A field that does not fit."""

    def __init__(self, reason: str, detail: str, pair: str | None = None) -> None:
        self.reason, self.detail, self.pair = reason, detail, pair
        super().__init__(detail)


class _Welcome(msgspec.Struct):
    current: str
    min: str = ""


class _Result(msgspec.Struct):
    ok: bool
    message: str = ""


class _Named(msgspec.Struct, kw_only=True):
    event: str = ""
    symbol: str = ""
    PS: str = ""


ABSENT = msgspec.Raw(b"")


class _Ticker(_Named, kw_only=True):
    B: msgspec.Raw = msgspec.Raw(b"0")
    A: msgspec.Raw = msgspec.Raw(b"0")
    BA: msgspec.Raw = msgspec.Raw(b"0")
    AA: msgspec.Raw = msgspec.Raw(b"0")
    V: msgspec.Raw = msgspec.Raw(b"0")
    LA: msgspec.Raw = ABSENT
    La: msgspec.Raw = ABSENT


class _Trade(_Named, kw_only=True):
    D: str | int
    I: str | int  # noqa: E741 - the wire's name
    A: msgspec.Raw
    P: msgspec.Raw
    S: str | int


class _TradeList(_Named, kw_only=True):
    items: list[_Trade]


class _Level(msgspec.Struct):
    A: msgspec.Raw
    P: msgspec.Raw


class _Book(_Named, kw_only=True):
    CS: str | int
    channel: str = ""
    AO: list[_Level] = []
    BO: list[_Level] = []


class _Candle(_Named, kw_only=True):
    D: str | int
    R: str | int
    O: msgspec.Raw  # noqa: E741 - the wire's name
    H: msgspec.Raw
    L: msgspec.Raw
    C: msgspec.Raw
    V: msgspec.Raw
    P: str = ""


_frame = msgspec.json.Decoder(tuple[int, msgspec.Raw]).decode
S = TypeVar("S")


class Parser:
    """Reads frames of the pairs it knows; keeps nothing else."""

    def __init__(self, instruments: Mapping[str, Instrument]) -> None:
        self.instruments = instruments
        self._readers: dict[int, Callable[[msgspec.Raw, int], Value]] = {
            991: _reader(_Welcome, lambda body, _: Welcome(body.current, body.min)),
            100: _reader(_Result, lambda body, _: Result(body.ok, body.message)),
            402: _reader(_Ticker, self._tick),
            421: _reader(_TradeList, self._trades),
            422: _reader(_Trade, self._one_trade),
            428: _reader(_Candle, self._candle),
            431: _reader(_Book, self._snapshot),
            432: _reader(_Book, self._change),
        }

    def parse(self, frame: bytes, exchange_now_ns: int) -> Value:
        """The value of one frame.

        Args:
            frame: UTF-8 text.
            exchange_now_ns: the exchange's time as far as it is known, nanoseconds UTC; trades from far ahead of it
                are refused.

        Raises:
            FrameError: and nothing else, whatever the bytes are.
        """
        if len(frame) > MAX_FRAME_BYTES:
            raise FrameError("too_large", frame, f"{len(frame):,} bytes of at most {MAX_FRAME_BYTES:,}")
        try:
            code, body = _frame(frame)
            reader = self._readers.get(code)
            return Ignored(code, code in PRIVATE) if reader is None else reader(body, exchange_now_ns)
        except _Bad as bad:
            raise FrameError(bad.reason, frame, bad.detail, bad.pair) from None
        except msgspec.ValidationError as error:
            raise FrameError("wrong_type", frame, str(error)) from None
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise FrameError("not_json", frame, str(error)) from None

    def _instrument(self, body: _Named, name: str = "") -> Instrument:
        pair = body.PS or body.symbol or name or body.event
        instrument = self.instruments.get(pair)
        if instrument is None:
            raise _Bad("unknown_pair", f"pair {pair[:20]!r}")
        return instrument

    def _tick(self, body: _Ticker, _now: int) -> MarketTick:
        instrument = self._instrument(body)
        prices, lots, pair = instrument.price_grid, instrument.quantity_grid, instrument.pair
        last = body.La if body.LA is ABSENT else body.LA
        if last is ABSENT:
            raise _Bad("wrong_type", "LA is missing", pair)
        return MarketTick(
            pair,
            _units("B", body.B, prices, pair) or None,
            _units("A", body.A, prices, pair) or None,
            _units("BA", body.BA, lots, pair),
            _units("AA", body.AA, lots, pair),
            _price("LA", last, prices, pair),
            _decimal("V", body.V, pair),
        )

    def _trades(self, body: _TradeList, now: int) -> MarketTradeList:
        instrument = self._instrument(body)
        trades = [_trade(instrument, item, now) for item in body.items]
        trades.sort(key=_by_time)  # which end comes first is not documented
        return MarketTradeList(instrument.pair, tuple(trades), True)

    def _one_trade(self, body: _Trade, now: int) -> MarketTradeList:
        instrument = self._instrument(body)
        return MarketTradeList(instrument.pair, (_trade(instrument, body, now),), False)

    def _snapshot(self, body: _Book, _now: int) -> OrderBookSnapshot:
        instrument = self._instrument(body)
        number = _whole("CS", body.CS, instrument.pair)
        bids, asks = (_levels(rows, instrument) for rows in (body.BO, body.AO))
        return OrderBookSnapshot(instrument.pair, number, bids, asks, body.channel == "obdiff")

    def _change(self, body: _Book, _now: int) -> OrderBookChange:
        instrument = self._instrument(body)
        number = _whole("CS", body.CS, instrument.pair)
        bids, asks = (_levels(rows, instrument) for rows in (body.BO, body.AO))
        return OrderBookChange(instrument.pair, number, bids, asks)

    def _candle(self, body: _Candle, _now: int) -> ExchangeCandle:
        instrument = self._instrument(body, body.P)
        pair, grid = instrument.pair, instrument.price_grid
        moment = _whole("D", body.D, pair)
        open_ns = moment * (10**9 if moment < 10**11 else 10**6)
        if open_ns > LATEST_NS:
            raise _Bad("far_future", f"D {moment}", pair)
        first, high, low, last = (_price(name, getattr(body, name), grid, pair) for name in "OHLC")
        if not low <= min(first, last) <= max(first, last) <= high:
            raise _Bad("absurd_price", "a high or low inside the candle's body", pair)
        minutes, volume = _whole("R", body.R, pair), _decimal("V", body.V, pair)
        return ExchangeCandle(pair, minutes, open_ns, first, high, low, last, volume)


def _reader(form: type[S], make: Callable[[S, int], Value]) -> Callable[[msgspec.Raw, int], Value]:
    decode = msgspec.json.Decoder(form).decode
    return lambda body, now: make(decode(body), now)


def _by_time(trade: MarketTrade) -> tuple[int, int]:
    return trade.time_ns, trade.trade_id


def _trade(instrument: Instrument, item: _Trade, now: int) -> MarketTrade:
    pair = instrument.pair
    side = SIDES.get(item.S)
    if side is None:
        raise _Bad("wrong_type", f"S {item.S!r}"[:40], pair)
    time_ns = _whole("D", item.D, pair) * 10**6
    if time_ns > now + FUTURE_LIMIT_NS:
        raise _Bad("far_future", f"D {item.D}", pair)
    lots = _units("A", item.A, instrument.quantity_grid, pair)
    if not lots:
        raise _Bad("bad_number", "A is 0", pair)
    return MarketTrade(
        pair, _whole("I", item.I, pair), time_ns, side, _price("P", item.P, instrument.price_grid, pair), lots
    )


def _levels(rows: list[_Level], instrument: Instrument) -> tuple[Level, ...]:
    prices, lots, pair = instrument.price_grid, instrument.quantity_grid, instrument.pair
    return tuple((_price("P", row.P, prices, pair), _units("A", row.A, lots, pair)) for row in rows)


def _whole(name: str, value: str | int, pair: str) -> int:
    """A whole number from 0, below 2**63."""
    number = value if isinstance(value, int) else int(value) if _is_digits(value) else -1
    if not 0 <= number < 2**63:
        raise _Bad("bad_number", f"{name} {value!r}"[:60], pair)
    return number


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19


def _text(raw: msgspec.Raw) -> str:
    return str(raw, "ascii", "replace").strip('"')


def _units(name: str, raw: msgspec.Raw, grid: Grid, pair: str) -> int:
    text = _text(raw)
    try:
        return whole_units(text, grid)
    except OffGridError:
        raise _Bad("off_grid", f"{name} {text[:40]!r}", pair) from None
    except ValueError:
        raise _Bad("bad_number", f"{name} {text[:40]!r}", pair) from None


def _price(name: str, raw: msgspec.Raw, grid: Grid, pair: str) -> int:
    ticks = _units(name, raw, grid, pair)
    if not ticks:
        raise _Bad("zero_price", f"{name} is 0", pair)
    return ticks


def _decimal(name: str, raw: msgspec.Raw, pair: str) -> Decimal:
    text = _text(raw)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0 or abs(number.adjusted()) > LARGEST_EXPONENT:
        raise _Bad("bad_number", f"{name} {text[:40]!r}", pair)
    return number


def subscription(channel: str, event: str, *, join: bool) -> str:
    """The frame that joins or leaves a channel."""
    body: dict[str, Any] = {"type": 151, "channel": channel, "event": event, "join": join}
    return msgspec.json.encode([151, body]).decode()
