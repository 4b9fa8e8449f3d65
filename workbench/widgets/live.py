"""The page of the live feed: prices, lag, reconnects, gaps and the clock, for each pair, updating by themselves."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from workbench.client import ApiError
from workbench.widgets.first_paint import FirstPaint
from workbench.widgets.fit import Fit
from workbench.widgets.live_chart import KEPT_MINUTES, LiveChart, Track
from workbench.widgets.live_table import feed_state, pair_card
from workbench.widgets.markup import card, empty, page
from workbench.widgets.page_head import Connection, page_head
from workbench.widgets.plotly_light import figure_widget
from workbench.widgets.poll import ask_first, poll, spawn
from workbench.widgets.style import STYLE
from workbench.wire import CandleColumns, FeedView

if TYPE_CHECKING:
    from workbench.widgets.session import Session

EVERY_SECONDS = 1.0
NO_PAIRS = empty("No pair yet.", "The server was told to follow none, or has not begun.")


class LivePage(FirstPaint, widgets.VBox):
    """Everybody may see all of it."""

    def __init__(self, session: "Session") -> None:
        self._client, self._head = session.client, page_head(session, "Live")
        self.connection = Connection("feed")
        self.state = widgets.HTML()
        self.cards: dict[str, widgets.HTML] = {}
        self.tracks: dict[str, Track] = {}
        self.grid = widgets.VBox().add_class("wb-grid")
        self.choice = widgets.Dropdown(options=[], description="Pair").add_class("wb-choice")
        self.choice.observe(lambda _: self._draw(), names="value")
        self.chart: LiveChart | None = None
        self._figure_widget: Any = None
        self._fit = Fit()
        self._may_draw = False
        self.drawn = widgets.VBox([widgets.HTML(empty("The chart is being made\u2026"))])
        self.body = widgets.VBox(
            [widgets.VBox([self.state]).add_class("wb-card"), self.grid, self._chart_card()]
        ).add_class("wb-stack")
        self.body.layout.display = "none"
        super().__init__([widgets.HTML(STYLE), widgets.HTML(self._head), self.connection, self.body])
        self.add_class("wb-page")
        ask_first(self.ask, self.connection.fail)

    def _chart_card(self) -> widgets.VBox:
        text = f'<p class="wb-note">Up to {KEPT_MINUTES} minutes, UTC; lag since this page was opened.</p>'
        parts = [widgets.HTML("<h2>Price and lag</h2>"), self.choice, self.drawn, widgets.HTML(text)]
        self.chart_card = widgets.VBox(parts).add_class("wb-card")
        return self.chart_card

    def start(self) -> "LivePage":
        """Begin to watch the server, in a task of the running loop."""
        self._may_draw = True
        spawn(poll(self.ask, self.connection.fail, EVERY_SECONDS), self.connection.ended)
        return self

    def first_paint(self) -> str:
        """The feed and its pairs."""
        cards = "".join(f'<section class="wb-card">{each.value}</section>' for each in self.cards.values())
        parts = (card("Feed", self.state.value), f'<div class="wb-grid">{cards}</div>') if self.state.value else ()
        return page(STYLE, self._head, self.connection.line.value, *parts)

    def ask(self) -> Callable[[], None]:
        """One round of questions; what it gives back shows the answers. No widget is touched before."""
        feed = self._client.feed_health()
        new = [each.pair for each in feed.pairs if each.pair not in self.tracks]
        earlier = {pair: self._earlier(pair) for pair in new}
        if self._may_draw and feed.pairs and self._figure_widget is None:
            self._figure_widget = figure_widget()  # slow: here in the thread, once the numbers are on the page
        return lambda: self._show(feed, earlier)

    def _earlier(self, pair: str) -> CandleColumns | None:
        """None where the server has no candles of the pair to give: the chart then begins with this page."""
        try:
            return self._client.candles(pair, "1m", limit=KEPT_MINUTES)
        except ApiError:
            return None

    def _show(self, feed: FeedView, earlier: dict[str, CandleColumns | None]) -> None:
        self.state.value = feed_state(feed) + ("" if feed.pairs else NO_PAIRS)
        self._arrange(tuple(each.pair for each in feed.pairs))
        now_ns = time.time_ns()
        for pair in feed.pairs:
            self.cards[pair.pair].value = pair_card(pair)
            if self._track(pair.pair, earlier.get(pair.pair)).add(pair, now_ns) and pair.pair == self.choice.value:
                self._draw()
        if self._figure_widget is not None and not self.chart and feed.pairs:
            self._make_chart()
        self.connection.answered(now_ns)
        self.body.layout.display = None

    def _arrange(self, names: tuple[str, ...]) -> None:
        """A card for each pair; the chosen pair stays chosen."""
        if names != tuple(self.cards):
            self.cards = {name: self.cards.get(name, widgets.HTML()) for name in names}
            self.grid.children = tuple(widgets.VBox([each]).add_class("wb-card") for each in self.cards.values())
            chosen = self.choice.value
            self.choice.options = names
            self.choice.value = chosen if chosen in names else next(iter(names), None)
        self.choice.layout.display = None if len(names) > 1 else "none"
        self.chart_card.layout.display = None if names else "none"

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
        """Later than the numbers: a chart takes longer than all the rest."""
        track = self.tracks.get(self.choice.value or "")
        if track:
            self.chart = LiveChart(self._figure_widget, track.points)
            self.drawn.children = (self._fit, self.chart.widget)
