"""A simulator leaves nothing behind: no task, no socket, whatever its clients are doing."""

import asyncio
import contextlib

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect

from tests.simulator.client import get, joined, run
from workbench.simulator.faults import Fault
from workbench.simulator.server import Simulator, SimulatorSettings


def sockets() -> set[tuple[int, str]]:
    """Ports of this process, of listeners and open connections."""
    return {(one.laddr.port, one.status) for one in psutil.Process().net_connections("tcp")}


def test_nothing_is_left_after_the_end() -> None:
    """A WebSocket, an idle connection, a slow answer and a restart under way: all end, at once, with the simulator."""

    async def main() -> None:
        tasks, before = asyncio.all_tasks(), sockets()
        async with Simulator(SimulatorSettings(trades_per_second=100.0)) as simulator:
            idle = await asyncio.open_connection("127.0.0.1", simulator.port)
            await simulator.inject(Fault("slow", seconds=50.0))
            slow = asyncio.create_task(get(simulator, "/api/v2/ticker"))
            async with joined(simulator) as client:
                await client.next(422)
                while (await get(simulator, "/simulator/status")).json()["connections"] != 1:
                    await asyncio.sleep(0)
                await simulator.inject(Fault("restart", seconds=50.0))
        with pytest.raises(httpx.HTTPError):
            await slow
        idle[1].close()
        with contextlib.suppress(ConnectionError):
            await idle[1].wait_closed()
        assert asyncio.all_tasks() == tasks
        assert sockets() <= before

    asyncio.run(asyncio.wait_for(main(), 10))


def test_clients_are_told_of_the_end() -> None:
    """Leaving the block closes WebSockets with 1001, and the port answers no more."""

    async def main() -> None:
        async with Simulator() as simulator:
            socket = await connect(simulator.url.replace("http", "ws"))
        await socket.wait_closed()
        assert socket.close_code == 1001
        with pytest.raises(httpx.ConnectError):
            await get(simulator, "/simulator/status")

    asyncio.run(asyncio.wait_for(main(), 10))


def test_events_are_told_in_lines() -> None:
    """Connections, joins and faults, one line each."""
    lines: list[str] = []

    async def main() -> None:
        async with Simulator(SimulatorSettings(), lines.append) as simulator, joined(simulator):
            await simulator.inject(Fault("clock", seconds=1.0))

    asyncio.run(asyncio.wait_for(main(), 10))
    assert lines[:3] == ["client 1 connected", "client 1: join|trade:ETHUSDT", "fault: clock seconds=1.0"]
    assert lines[3] == "client 1 is gone"


def test_a_taken_port_is_an_error() -> None:
    """The second simulator on a port does not start."""

    async def use(simulator: Simulator) -> None:
        with pytest.raises(OSError, match="address already in use"):
            async with Simulator(SimulatorSettings(port=simulator.port)):
                pytest.fail("it started")

    run(SimulatorSettings(), use)


def test_a_client_that_does_not_read_is_dropped() -> None:
    """Its buffer does not grow without end, and others are served."""

    async def use(simulator: Simulator) -> None:
        async with joined(simulator) as lazy:
            lazy.socket.transport.pause_reading()
            while (await get(simulator, "/simulator/status")).json()["connections"]:
                await simulator.inject(Fault("corrupt", count=20, how="huge"))
                await simulator.inject(Fault("burst", count=20))
            lazy.socket.transport.abort()

    run(SimulatorSettings(pairs=("ETHUSDT",)), use)
