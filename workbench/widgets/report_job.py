"""A backtest on its way: a bar, what it does, a button that stops it."""

import asyncio
from collections.abc import Callable
from html import escape

import ipywidgets as widgets

from workbench.client import ENDED, Client, UnreachableError
from workbench.model.errors import WorkbenchError
from workbench.widgets.act import refusal
from workbench.widgets.markup import say
from workbench.widgets.poll import spawn
from workbench.wire import BacktestStatus

AGAIN_SECONDS = 1.0
"""Between two questions while the server is away."""


class JobProgress(widgets.VBox):
    """Follows one job at a time. ``done`` takes the evidence id of one that came to its end."""

    def __init__(self, client: Client, done: Callable[[str], None]) -> None:
        self._client, self._done = client, done
        self._job_id = ""
        self.line = widgets.HTML()
        self.stop = widgets.Button(description="Cancel").add_class("wb-danger")
        self.stop.on_click(lambda _: self.cancel())
        super().__init__([self.line, self.stop])
        self.add_class("wb-job")
        self._working(on=False)

    async def follow(self, job_id: str) -> BacktestStatus:
        """To its end; where the server is away meanwhile, until it is back."""
        self._job_id = job_id
        self._working(on=True)
        try:
            told = await self._followed(job_id)
        finally:
            self._working(on=False)
        self.line.value = ended(told)
        if told.evidence_id:
            self._done(told.evidence_id)
        return told

    async def _followed(self, job_id: str) -> BacktestStatus:
        loop = asyncio.get_running_loop()

        def read() -> BacktestStatus:
            for told in self._client.events(job_id):
                if told.status in ENDED:
                    return told
                loop.call_soon_threadsafe(self._tell, told)
            raise UnreachableError(self._client.url, "the server ended")

        while True:
            try:
                return await asyncio.to_thread(read)
            except UnreachableError:
                self.line.value = say("bad", "The server does not answer.", "The job is looked for when it is back.")
                await asyncio.sleep(AGAIN_SECONDS)

    def cancel(self) -> None:
        """As a click does; also a forged one."""
        if self._job_id:
            spawn(self._cancel(self._job_id), self._failed)

    async def _cancel(self, job_id: str) -> None:
        try:
            await asyncio.to_thread(self._client.cancel, job_id)
        except WorkbenchError as error:
            self.line.value = refusal(error)

    def _tell(self, told: BacktestStatus) -> None:
        self.line.value = progress(told)

    def _failed(self, error: Exception) -> None:
        self.line.value = say("bad", "It went wrong here.", type(error).__name__)

    def _working(self, *, on: bool) -> None:
        self.stop.layout.display = None if on else "none"


def progress(told: BacktestStatus) -> str:
    """A bar that a screen reader reads, too."""
    percent = round(told.progress * 100)
    what = f"{told.position} before it" if told.status == "queued" and told.position else escape(told.step)
    text = f"{told.status.capitalize()}{f': {what}' if what else ''}"
    return (
        f'<div class="wb-progress"><progress value="{percent}" max="100" aria-label="Backtest">{percent} %</progress>'
        f'<p class="wb-note"><b>{percent}\u202f%</b> {text}</p></div>'
    )


def ended(told: BacktestStatus) -> str:
    """What became of it, and what helps."""
    if told.status == "done":
        return say("good", "Done.", "It is the run that is shown now.", aloud=True)
    if told.status == "cancelled":
        return say("warn", "Cancelled.", "Nothing was kept.", aloud=True)
    if told.status == "interrupted":
        return say("bad", "Interrupted.", "The server ended while it ran. Run it again.")
    why = escape(told.error.text) if told.error else "It said no reason."
    return say("bad", "It failed.", why)
