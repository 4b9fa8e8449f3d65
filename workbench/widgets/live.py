"""The page of the live feed: prices, lag, reconnects, gaps and the clock, for each pair, updating by themselves."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from workbench.client import ApiError
from workbench.widgets.guardrails_html import empty
from workbench.widgets.guardrails_style import STYLE
from workbench.widgets.live_chart import KEPT_MINUTES, LiveChart, Track
from workbench.widgets.live_poll import poll, spawn
from workbench.widgets.live_state import Connection, page_head
from workbench.widgets.live_table import feed_state, pair_card
from workbench.wire import CandleColumns, FeedView

if TYPE_CHECKING:
    from workbench.widgets.session import Session

NO_PAIRS = empty("No pair yet.", "The server was told to follow none, or has not begun.")


class LivePage(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Everybody may see all of it."""

    def __init__(self, session: "Session") -> None:
        self._client = session.client
        self.connection = Connection("feed")
        self.state = widgets.HTML()
        self.cards: dict[str, widgets.HTML] = {}
        self.tracks: dict[str, Track] = {}
        self.grid = widgets.VBox().add_class("wbg-grid")
        self.choice = widgets.ToggleButtons(options=[]).add_class("wbg-tabs")
        self.choice.observe(lambda _: self._draw(), names="value")
        self.chart = LiveChart()
        note = widgets.HTML(
            f'<p class="wbg-note">The last {KEPT_MINUTES} minutes, UTC; lag since this page was opened.</p>'
        )
        drawn = widgets.VBox([self.choice, self.chart.widget, note]).add_class("wbg-card")
        self.body = widgets.VBox([widgets.VBox([self.state]).add_class("wbg-card"), self.grid, drawn])
        self.body.add_class("wbg-stack").layout.display = "none"
        super().__init__([widgets.HTML(STYLE), widgets.HTML(page_head(session, "Live")), self.connection, self.body])
        self.add_class("wbg-page")

    def start(self) -> "LivePage":
        """Begin to watch the server, in a task of the running loop."""
        spawn(poll(self.ask, self.connection.fail), self.connection.ended)
        return self

    def ask(self) -> Callable[[], None]:
        """One round of questions; what it gives back shows the answers. No widget is touched before."""
        feed = self._client.feed_health()
        new = [each.pair for each in feed.pairs if each.pair not in self.tracks]
        earlier = {pair: self._earlier(pair) for pair in new}
        return lambda: self._show(feed, earlier)

    def _earlier(self, pair: str) -> CandleColumns | None:
        """None where the server keeps no candles of the pair yet: the chart then begins with this page."""
        try:
            return self._client.candles(pair, "1m", limit=KEPT_MINUTES)
        except ApiError as error:
            if error.status != 404:
                raise
        return None

    def _show(self, feed: FeedView, earlier: dict[str, CandleColumns | None]) -> None:
        self.state.value = feed_state(feed) + ("" if feed.pairs else NO_PAIRS)
        names = tuple(each.pair for each in feed.pairs)
        if names != tuple(self.cards):
            self.cards = {name: self.cards.get(name, widgets.HTML()) for name in names}
            self.grid.children = tuple(widgets.VBox([each]).add_class("wbg-card") for each in self.cards.values())
            self.choice.options = names
        now_ns = time.time_ns()
        for pair in feed.pairs:
            self.cards[pair.pair].value = pair_card(pair)
            if self._track(pair.pair, earlier.get(pair.pair)).add(pair, now_ns) and pair.pair == self.choice.value:
                self._draw()
        self.connection.answered(now_ns)
        self.body.layout.display = None

    def _track(self, pair: str, earlier: CandleColumns | None) -> Track:
        track = self.tracks.setdefault(pair, Track())
        if earlier:
            track.begin(earlier)
        return track

    def _draw(self) -> None:
        track = self.tracks.get(self.choice.value or "")
        if track:
            self.chart.draw(track.points)
