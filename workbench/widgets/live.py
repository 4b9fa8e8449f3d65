"""The page of the live feed: prices, lag, reconnects, gaps and the clock, for each pair, updating by themselves."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as widgets

from workbench.client import ApiError
from workbench.widgets.live_chart import KEPT_MINUTES, LiveChart, Track
from workbench.widgets.live_table import feed_state, pair_card
from workbench.widgets.markup import empty
from workbench.widgets.page_head import Connection, page_head
from workbench.widgets.poll import poll, spawn
from workbench.widgets.style import STYLE
from workbench.wire import CandleColumns, FeedView

if TYPE_CHECKING:
    from workbench.widgets.session import Session

NO_PAIRS = empty("No pair yet.", "The server was told to follow none, or has not begun.")


class LivePage(widgets.VBox):
    """Everybody may see all of it."""

    def __init__(self, session: "Session") -> None:
        self._client = session.client
        self.connection = Connection("feed")
        self.state = widgets.HTML()
        self.cards: dict[str, widgets.HTML] = {}
        self.tracks: dict[str, Track] = {}
        self._shown = False
        self.grid = widgets.VBox().add_class("wb-grid")
        self.choice = widgets.ToggleButtons(options=[]).add_class("wb-tabs")
        self.choice.observe(lambda _: self._draw(), names="value")
        self.chart: LiveChart | None = None
        note = widgets.HTML(
            f'<p class="wb-note">The last {KEPT_MINUTES} minutes, UTC; lag since this page was opened.</p>'
        )
        self.drawn = widgets.VBox([widgets.HTML(empty("The chart is being made\u2026"))])
        chart = widgets.VBox([self.choice, self.drawn, note]).add_class("wb-card")
        self.body = widgets.VBox([widgets.VBox([self.state]).add_class("wb-card"), self.grid, chart])
        self.body.add_class("wb-stack").layout.display = "none"
        super().__init__([widgets.HTML(STYLE), widgets.HTML(page_head(session, "Live")), self.connection, self.body])
        self.add_class("wb-page")

    def start(self) -> "LivePage":
        """Begin to watch the server, in a task of the running loop."""
        spawn(poll(self.ask, self.connection.fail), self.connection.ended)
        return self

    def ask(self) -> Callable[[], None]:
        """One round of questions; what it gives back shows the answers. No widget is touched before."""
        feed = self._client.feed_health()
        new = [each.pair for each in feed.pairs if each.pair not in self.tracks]
        earlier = {pair: self._earlier(pair) for pair in new}
        if self._shown:
            import plotly.graph_objects  # noqa: F401 - slow: here in the thread, once the numbers are on the page
        return lambda: self._show(feed, earlier)

    def _earlier(self, pair: str) -> CandleColumns | None:
        """None where the server keeps no candles of the pair yet: the chart then begins with this page."""
        try:
            found: CandleColumns = self._client.candles(pair, "1m", limit=KEPT_MINUTES)
        except ApiError as error:
            if error.status != 404:
                raise
            return None
        return found

    def _show(self, feed: FeedView, earlier: dict[str, CandleColumns | None]) -> None:
        self.state.value = feed_state(feed) + ("" if feed.pairs else NO_PAIRS)
        names = tuple(each.pair for each in feed.pairs)
        if names != tuple(self.cards):
            self.cards = {name: self.cards.get(name, widgets.HTML()) for name in names}
            self.grid.children = tuple(widgets.VBox([each]).add_class("wb-card") for each in self.cards.values())
            self.choice.options = names
        now_ns = time.time_ns()
        for pair in feed.pairs:
            self.cards[pair.pair].value = pair_card(pair)
            if self._track(pair.pair, earlier.get(pair.pair)).add(pair, now_ns) and pair.pair == self.choice.value:
                self._draw()
        if self._shown and not self.chart:
            self._make_chart()
        self._shown = True
        self.connection.answered(now_ns)
        self.body.layout.display = None

    def _track(self, pair: str, earlier: CandleColumns | None) -> Track:
        track = self.tracks.setdefault(pair, Track())
        if earlier:
            track.begin(earlier)
        return track

    def _draw(self) -> None:
        track = self.tracks.get(self.choice.value or "")
        if track and self.chart:
            self.chart.draw(track.points)

    def _make_chart(self) -> None:
        """At the second round: a chart takes longer than all the rest, so the numbers are shown before."""
        track = self.tracks.get(self.choice.value or "")
        if track:
            self.chart = LiveChart(track.points)
            self.drawn.children = (self.chart.widget,)
