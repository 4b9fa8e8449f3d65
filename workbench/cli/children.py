"""Processes that belong together: started in order, watched, started again when they end, stopped together."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.cli.bound import bound
from workbench.model.errors import WorkbenchError

START_SECONDS = 240.0
"""The first start on a machine compiles the engine."""
STOP_SECONDS = 10.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0


class ChildError(WorkbenchError):
    """A process does not start; the text has its last words."""

    exit_status = 1


@dataclass
class Child:
    """One process: ``workbench <arguments>``, or ``module`` of Python where one is named.

    Attributes:
        arguments: made anew for every start, since an address may only be known by then.
        telling: whether it prints a JSON document with its ``url`` when it is ready.
    """

    name: str
    arguments: Callable[[], Sequence[str]]
    environment: Mapping[str, str]
    log: Path
    module: str = "workbench.cli"
    telling: bool = True
    told: dict[str, Any] = field(default_factory=dict)
    starts: int = 0
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return str(self.told.get("url", ""))

    async def start(self) -> None:
        """Start it, and wait until it is ready.

        Raises:
            ChildError: it ended before, or took too long.
        """
        self.starts += 1
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *bound([sys.executable, "-m", self.module, *self.arguments()]),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if self.telling else log,
                stderr=log,
                env=dict(self.environment),
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
        if self.telling:
            try:
                async with asyncio.timeout(START_SECONDS):
                    self.told = await self._listen()
            except TimeoutError:
                await self.stop()
                raise ChildError(
                    f"{self.name} was not ready after {START_SECONDS:.0f} s; its log is {self.log}"
                ) from None

    async def wait(self) -> int:
        """Until it has ended; its exit status."""
        if self.process is None:
            return 0
        if self.process.stdout is not None:
            while await self.process.stdout.read(65_536):
                pass
        return await self.process.wait()

    async def stop(self) -> None:
        """End it and everything that it started."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await self.wait()
        self._signal(signal.SIGKILL)
        await self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    async def _listen(self) -> dict[str, Any]:
        """What it says of itself: the first JSON document on its stdout."""
        said = b""
        stdout = self.process.stdout if self.process else None
        while stdout is not None and (line := await stdout.readline()):
            said += line
            with contextlib.suppress(ValueError):
                told = json.loads(said)
                return told if isinstance(told, dict) else {}
        status = await self.wait()
        raise ChildError(f"{self.name} ended with status {status}: {_last_words(self.log)}")


class Family:
    """Children in the order of their starts."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self._tell = tell
        self._watchers: list[asyncio.Task[None]] = []

    async def add(self, child: Child) -> Child:
        """Start one more; from now on it is started again whenever it ends.

        Raises:
            ChildError: see :meth:`Child.start`.
        """
        self.children.append(child)
        await child.start()
        self._watchers.append(asyncio.create_task(self._watch(child)))
        return child

    async def stop(self) -> None:
        """The last one first."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        for child in reversed(self.children):
            await child.stop()

    async def _watch(self, child: Child) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            began = loop.time()
            status = await child.wait()
            if loop.time() - began > 2 * LONGEST_PAUSE_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._tell(f"{child.name} ended with status {status}; starting it again in {pause:.0f} s ({child.log})")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            await child.stop()  # what it left behind
            try:
                await child.start()
            except ChildError as error:
                self._tell(str(error))


def _last_words(log: Path) -> str:
    """The last line of a log that a person can read."""
    lines = [line for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else f"it said nothing ({log})"
