"""What would the gate say to an order? A dry run: nothing is sent anywhere and nothing is counted."""

import ipywidgets as widgets

from workbench.client import Client
from workbench.widgets.act import Act, ActForm
from workbench.widgets.guardrails_gate import rule_table
from workbench.wire import GateDecision


class OrderQuestion(widgets.VBox):
    """One order against every rule of the gate."""

    def __init__(self, client: Client, why_not: str) -> None:
        self._client = client
        off = bool(why_not)
        self.pair = widgets.Text("ETHUSDT", description="Pair", disabled=off)
        self.side = widgets.Dropdown(options=[("Buy", "buy"), ("Sell", "sell")], description="Side", disabled=off)
        self.quantity = widgets.Text("0.25", description="Quantity", disabled=off)
        self.price = widgets.Text("", description="Price", placeholder="market", disabled=off)
        self.equity = widgets.Text("10000", description="Equity", disabled=off)
        self.position = widgets.Text("0", description="Position", disabled=off)
        fields = (self.pair, self.side, self.quantity, self.price, self.equity, self.position)
        self.form = ActForm([Act("Ask the gate", self._ask)], label="Reason", why_not=why_not)
        self.form.reason.layout.display = "none"
        self.rules = widgets.HTML()
        self._decision: GateDecision | None = None
        self.form.done = self._show
        super().__init__([widgets.VBox(fields).add_class("wb-fields"), self.form, self.rules])

    def _ask(self, _: str) -> str:
        equity = self.equity.value.strip()
        account = {"position": self.position.value.strip(), "equity": equity}
        self._decision = None
        self._decision = self._client.check(
            pair=self.pair.value.strip(),
            side=self.side.value,
            quantity=self.quantity.value.strip(),
            price=self.price.value.strip() or None,
            account={**account, "day_start_equity": equity, "peak_equity": equity},
            dry_run=True,
        )
        return "This order would pass. It was only a question: nothing was sent."

    def _show(self) -> None:
        self.rules.value = rule_table(self._decision.rules) if self._decision else ""
        if self._decision and not self._decision.accepted:
            self.form.tell("This order would be refused. It was only a question: nothing was sent.", "warn")
