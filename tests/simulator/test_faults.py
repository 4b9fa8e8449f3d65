"""Each fault does what it says, seen by a client over a real socket."""

import asyncio
import json
import time
from collections import Counter

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.simulator.client import Client, connected, get, ids_of, joined, run, truth
from workbench.model.errors import InputError
from workbench.simulator.faults import ALL, CORRUPTIONS, KINDS, Fault, fault_from, parse_fault
from workbench.simulator.server import Simulator, SimulatorSettings

FAST = SimulatorSettings(trades_per_second=200.0, heartbeat_seconds=0.05, trade_frames="single", pairs=("ETHUSDT",))


async def everything(simulator: Simulator, client: Client) -> list[str]:
    """Stop the market, and read to the end."""
    await simulator.stop_trading()
    return await client.rest()


async def until_happened(simulator: Simulator, client: Client, count: int) -> list[str]:
    """Frames read while so many more trades happen."""
    target, texts = len(simulator.trades("ETHUSDT")) + count, []
    while len(simulator.trades("ETHUSDT")) < target:
        texts.append(await client.text())
    return texts


def numbers(texts: list[str]) -> list[int]:
    return [one for text in texts for one in ids_of(text)]


async def end_of(client: Client) -> ConnectionClosed:
    while True:
        try:
            await client.text()
        except ConnectionClosed as error:
            return error


def test_drop_breaks_the_connection_without_a_close_frame() -> None:
    """The client gets no close frame."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await simulator.inject(Fault("drop"))
            assert (await end_of(client)).rcvd is None

    run(FAST, use)


def test_close_is_clean() -> None:
    """The client gets a close frame with 1001, going away."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await simulator.inject(Fault("close"))
            received = (await end_of(client)).rcvd
        assert received is not None
        assert received.code == 1001

    run(FAST, use)


def test_silence_loses_what_happens_meanwhile_and_then_goes_on() -> None:
    """A hole in the trades as long as the silence, and the same connection afterwards."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            texts = await until_happened(simulator, client, 20)
            before = simulator.now_ms()
            await simulator.inject(Fault("silent", seconds=0.4))
            texts += await until_happened(simulator, client, 150)
            texts += await everything(simulator, client)
        seen = set(numbers(texts))
        lost = [trade for trade in simulator.trades("ETHUSDT") if trade.trade_id not in seen and trade.time_ms > before]
        assert 200 < lost[-1].time_ms - lost[0].time_ms < 800
        assert min(seen) < lost[0].trade_id < lost[-1].trade_id < max(seen)

    run(FAST, use)


@pytest.mark.parametrize("by_fault", [True, False])
def test_delay_makes_every_frame_late(by_fault: bool) -> None:
    """No trade arrives less than 300 ms after its own time, and all arrive in order."""

    async def use(simulator: Simulator) -> None:
        if by_fault:
            await simulator.inject(Fault("delay", seconds=0.3, lasting=60.0))
        late, texts = [], []
        async with joined(simulator) as client:
            await client.next(421)
            for _ in range(30):
                texts.append(await client.text())
                late += [simulator.now_ms() - int(one["D"]) for one in _trades(texts[-1])]
            texts += await everything(simulator, client)
        assert min(late) >= 300
        seen = numbers(texts)
        assert seen == [trade.trade_id for trade in simulator.trades("ETHUSDT")][-len(seen) :]

    settings = {"trades_per_second": 200.0, "trade_frames": "single", "heartbeat_seconds": 0.05}
    run(SimulatorSettings(**settings, delay_seconds=0.0 if by_fault else 0.3), use)  # type: ignore[arg-type]


def _trades(text: str) -> list[dict[str, str]]:
    code, body = json.loads(text)
    return [body] if code == 422 else []


def test_duplicates_are_sent_twice_and_only_so_many() -> None:
    """Seven trades come twice, all others once."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(422)
            await simulator.inject(Fault("duplicate", count=7))
            texts = await until_happened(simulator, client, 30) + await everything(simulator, client)
        assert Counter(Counter(numbers(texts)).values())[2] == 7

    run(FAST, use)


def test_reordered_frames_come_in_reverse() -> None:
    """Six trades in reverse, nothing lost."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            first = await client.next(422)
            await simulator.inject(Fault("reorder", count=6))
            texts = await until_happened(simulator, client, 30) + await everything(simulator, client)
        seen = [int(first["I"]), *numbers(texts)]
        right = sorted(seen)
        moved = [place for place, (one, other) in enumerate(zip(seen, right, strict=True)) if one != other]
        assert seen[moved[0] : moved[-1] + 1] == right[moved[0] : moved[-1] + 1][::-1]
        assert moved[-1] - moved[0] == 5
        assert right == [trade.trade_id for trade in simulator.trades("ETHUSDT")][-len(right) :]

    run(FAST, use)


def test_frames_held_for_reordering_come_though_the_market_has_stopped() -> None:
    """Too few frames for the window: they still arrive."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(422)
            await simulator.inject(Fault("reorder", count=100_000))
            await simulator.inject(Fault("burst", count=5))
            texts = await everything(simulator, client)
        seen = numbers(texts)
        assert sorted(seen) == [trade.trade_id for trade in simulator.trades("ETHUSDT")][-len(seen) :]
        assert seen != sorted(seen)

    run(FAST, use)


def test_lost_frames_are_never_sent() -> None:
    """Exactly eight trades are missing, and the connection holds."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            first = await client.next(422)
            await simulator.inject(Fault("lose", count=8))
            texts = await until_happened(simulator, client, 40) + await everything(simulator, client)
        after = {trade.trade_id for trade in simulator.trades("ETHUSDT") if trade.trade_id > int(first["I"])}
        assert len(after - set(numbers(texts))) == 8

    run(FAST, use)


@pytest.mark.parametrize("how", [*CORRUPTIONS, ALL])
def test_corrupt_frames_are_nothing_that_the_protocol_knows(how: str) -> None:
    """Five frames that are no such frame; the connection holds."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(422)
            await simulator.inject(Fault("corrupt", count=5, how=how))
            texts = await until_happened(simulator, client, 20) + await everything(simulator, client)
        assert sum(not _is_trade(text) for text in texts) == 5

    run(FAST, use)


def _is_trade(text: str) -> bool:
    try:
        code, body = json.loads(text)
    except ValueError:
        return False
    return code == 422 and all(isinstance(body[name], str) for name in "DIAP") and len(text) < 1_000_000


def test_after_a_restart_the_port_is_the_same_and_the_market_went_on() -> None:
    """Connections break, nothing answers meanwhile, trades of the time are there afterwards."""

    async def use(simulator: Simulator) -> None:
        port, happened = simulator.port, len(simulator.trades("ETHUSDT"))
        async with joined(simulator) as client:
            await simulator.inject(Fault("restart", seconds=0.3))
            assert (await end_of(client)).rcvd is None
        with pytest.raises(httpx.ConnectError):
            await get(simulator, "/api/v2/server/time")
        answer = await _when_back(simulator)
        assert answer.json()["serverTime"] > 0
        assert simulator.port == port
        assert len(simulator.trades("ETHUSDT")) > happened + 20
        async with joined(simulator) as client:
            await client.next(422)

    run(FAST, use)


async def _when_back(simulator: Simulator) -> httpx.Response:
    while True:
        try:
            return await get(simulator, "/api/v2/server/time")
        except httpx.ConnectError:
            continue


def test_the_clock_jumps_and_the_trades_with_it() -> None:
    """Server time and trade times are 100 seconds ahead."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await simulator.inject(Fault("clock", seconds=100.0))
            now = (await get(simulator, "/api/v2/server/time")).json()["serverTime"]
            assert abs(now - time.time() * 1000 - 100_000) < 3_000
            await client.rest()
            trade = await client.next(422)
        assert abs(int(trade["D"]) - time.time() * 1000 - 100_000) < 3_000

    run(FAST, use)


def test_numbers_rise_even_when_the_clock_jumps_back() -> None:
    """Times fall, numbers do not."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await until_happened(simulator, client, 5)
            await simulator.inject(Fault("clock", seconds=-100.0))
            await until_happened(simulator, client, 5)
        trades = simulator.trades("ETHUSDT")
        assert trades[-1].time_ms < trades[0].time_ms
        assert [trade.trade_id for trade in trades] == sorted({trade.trade_id for trade in trades})

    run(FAST, use)


def test_a_burst_happens_at_once() -> None:
    """So many trades of one moment, all delivered."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as client:
            await client.next(421)
            await simulator.inject(Fault("burst", count=500))
            seen = numbers(await everything(simulator, client))
        assert Counter(trade.time_ms for trade in simulator.trades("ETHUSDT")).most_common(1)[0][1] >= 500
        assert len(seen) >= 500

    run(FAST, use)


def test_rest_is_over_the_limit_and_says_when_to_come_back() -> None:
    """429 with Retry-After and the documented envelope, then all is well."""

    async def use(simulator: Simulator) -> None:
        await simulator.inject(Fault("http429", count=1))
        answer = await get(simulator, "/api/v2/ticker")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
        assert answer.json() == {"success": False, "message": "Too many requests", "code": 429}
        assert (await get(simulator, "/api/v2/ticker")).status_code == 200

    run(FAST, use)


def test_rest_fails() -> None:
    """500 with the envelope, for as many calls as were ordered."""

    async def use(simulator: Simulator) -> None:
        await simulator.inject(Fault("http500", count=2))
        codes = [(await get(simulator, "/api/v2/ticker")).status_code for _ in range(3)]
        assert codes == [500, 500, 200]

    run(FAST, use)


def test_rest_answers_html() -> None:
    """Status 200, and a page in place of data."""

    async def use(simulator: Simulator) -> None:
        await simulator.inject(Fault("html", count=1))
        answer = await get(simulator, "/api/v2/ticker")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert answer.text.startswith("<!DOCTYPE html>")

    run(FAST, use)


def test_rest_breaks_off_in_the_middle() -> None:
    """The body is shorter than its announced length."""

    async def use(simulator: Simulator) -> None:
        await simulator.inject(Fault("half", count=1))
        with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
            await get(simulator, "/api/v2/ticker")

    run(FAST, use)


def test_rest_is_slow() -> None:
    """An answer comes no sooner than ordered, while others are served."""

    async def use(simulator: Simulator) -> None:
        await simulator.inject(Fault("slow", count=1, seconds=0.3))
        started = time.monotonic()
        slow = asyncio.create_task(get(simulator, "/api/v2/ticker"))
        await get(simulator, "/simulator/status")
        assert (await slow).status_code == 200
        assert time.monotonic() - started >= 0.3

    run(FAST, use)


def test_faults_are_taken_by_http() -> None:
    """The path commands, the status tells."""

    async def use(simulator: Simulator) -> None:
        async with connected(simulator) as client:
            answer = await get(simulator, "/simulator/fault", kind="drop")
            assert answer.json() == {"simulated": True, "fault": "drop"}
            assert (await end_of(client)).rcvd is None
        status = (await get(simulator, "/simulator/status")).json()
        assert (status["simulated"], status["faults"], status["connections_so_far"]) == (True, ["drop"], 1)
        answer = await get(simulator, "/simulator/fault", kind="silent", seconds="soon")
        assert answer.status_code == 400
        assert "seconds: expected a number, received 'soon'" in answer.json()["message"]
        assert set((await get(simulator, "/simulator/fault")).json()["faults"]) == set(KINDS)

    run(FAST, use)


def test_a_restart_by_http_answers_before_everything_is_down() -> None:
    """The one who orders it learns that it was heard."""

    async def use(simulator: Simulator) -> None:
        answer = await get(simulator, "/simulator/fault", kind="restart", seconds=0.1)
        assert answer.json() == {"simulated": True, "fault": "restart seconds=0.1"}
        assert (await _when_back(simulator)).status_code == 200
        assert await truth(simulator)

    run(FAST, use)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop", Fault("drop")),
        ("silent 5", Fault("silent", seconds=5.0)),
        ("delay 2 10", Fault("delay", seconds=2.0, lasting=10.0)),
        ("delay lasting=3", Fault("delay", seconds=2.0, lasting=3.0)),
        ("corrupt 4 huge", Fault("corrupt", count=4, how="huge")),
        ("clock -7.5", Fault("clock", seconds=-7.5)),
    ],
)
def test_faults_are_read_from_text(text: str, fault: Fault) -> None:
    """By place or by name, and written the same way again."""
    assert parse_fault(text) == fault
    assert parse_fault(str(fault)) == fault


@pytest.mark.parametrize(
    "text", ["", "explode", "drop 3", "silent -1", "silent nan", "lose 0", "lose 1.5", "corrupt 1 badly", "silent 1 2"]
)
def test_what_is_no_fault_is_refused(text: str) -> None:
    """An error that names the field."""
    with pytest.raises(InputError, match="expected"):
        parse_fault(text)


def test_every_kind_has_defaults() -> None:
    """Each can be ordered by its name alone."""
    assert [str(fault_from(kind, {})).split()[0] for kind in KINDS] == list(KINDS)
