"""Where the exchange answers: BTCTurk itself, or anything else that speaks its protocol.

Whatever is not BTCTurk's own address counts as simulated and is labelled so, with a data folder of its own: real and
simulated market data never meet in one store.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from workbench.model.candle import Origin
from workbench.model.errors import InputError

VARIABLE = "WORKBENCH_EXCHANGE"
SIMULATOR = "http://127.0.0.1:4020"
"""Where ``workbench feed simulate`` serves by default."""


@dataclass(frozen=True)
class Addresses:
    """One exchange: WebSocket, the REST base, and the base of the chart service (klines)."""

    websocket: str
    api: str
    graph: str

    @property
    def simulated(self) -> bool:
        return self != BTCTURK

    @property
    def origin(self) -> Origin:
        return (
            Origin(f"exchange at {urlsplit(self.api).netloc}", simulated=True) if self.simulated else Origin("BTCTurk")
        )

    def data_folder(self, data: Path) -> Path:
        """Where data of this exchange lies under the home's data folder."""
        return data / "simulated" if self.simulated else data


BTCTURK = Addresses("wss://ws-feed-pro.btcturk.com/", "https://api.btcturk.com", "https://graph-api.btcturk.com")


def find_addresses(url: str | None = None) -> Addresses:
    """``url``, else the environment's WORKBENCH_EXCHANGE, else BTCTurk.

    Args:
        url: the base of a server that serves everything below it, such as ``http://127.0.0.1:4020``.

    Raises:
        InputError: not an http or https address, or one with a user, password, path or query.
    """
    text = url or os.environ.get(VARIABLE)
    if not text:
        return BTCTURK
    field = "--exchange" if url else VARIABLE
    parts = urlsplit(text)
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.netloc or not plain:
        raise InputError(field, f"an address such as {SIMULATOR}, without user, path or query", parts.netloc or text)
    base = f"{parts.scheme}://{parts.netloc}"
    return Addresses(f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/", base, base)
