"""The costs of a new backtest: two are seen at once, the others unfold."""

from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets as widgets

from workbench.widgets.report_field import Field, filled, text_field

COSTS = (
    ("taker_fee_rate", "Taker fee", "0.001", "A fraction of the value: 0.001 is 0.1 %"),
    ("slippage_bps", "Slippage", "2", "Basis points that a taker's price is worse"),
    ("maker_fee_rate", "Maker fee", "0.001", "A fraction of the value: 0.001 is 0.1 %"),
    ("half_spread_bps", "Half spread", "0", "Basis points, added to the slippage"),
    ("max_volume_share", "Volume share", "no limit", "At most this fraction of a bar's volume is filled"),
    ("latency_bars", "Latency", "0", "Bars between a decision and the first bar its order can act on"),
)
"""Name on the wire, name here, what stands for an empty field, meaning."""
TOUCH = "limit_fills_on_touch"
SEEN = 2


class CostFields(widgets.VBox):
    """``fields`` by their names on the wire."""

    def __init__(self, *, off: bool) -> None:
        self.fields = {
            name: text_field(said, hint=default, meaning=meaning, off=off) for name, said, default, meaning in COSTS
        }
        touch = widgets.Checkbox(description="Limit orders fill when touched", indent=False, disabled=off)
        self.fields[TOUCH] = Field(touch)
        shown = list(self.fields.values())
        self.rare = widgets.VBox(shown[SEEN:]).add_class("wb-fields")
        self.rare.layout.display = "none"
        self.more = widgets.ToggleButton(description="More costs").add_class("wb-plain")
        self.more.observe(lambda change: self._unfold(on=change["new"]), names="value")
        super().__init__([*shown[:SEEN], self.more, self.rare])
        self.add_class("wb-fields")

    def values(self) -> dict[str, Any] | None:
        """What is empty or off is left out: the server has its default."""
        told = {name: field.value for name, field in self.fields.items()}
        return {name: value for name, value in told.items() if value is not None and value is not False} or None

    def like(self, costs: Mapping[str, Any]) -> None:
        for name, field in self.fields.items():
            field.box.value = filled(field, costs[name])

    def show(self, names: Iterable[str]) -> None:
        """Unfold where one of these is among the others."""
        if set(names) & {f"costs.{name}" for name in list(self.fields)[SEEN:]}:
            self.more.value = True

    def _unfold(self, *, on: bool) -> None:
        self.rare.layout.display = None if on else "none"
