"""Everything that is answered by HTTP: the exchange's REST, its faults, and the simulator's own paths."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from websockets.http11 import Request, Response

from workbench.model.errors import InputError
from workbench.simulator.answer import error_response, half, html_response, json_response, too_many
from workbench.simulator.exchange import PairExchange
from workbench.simulator.faults import KINDS, Fault, fault_from
from workbench.simulator.rest import Query, Rest
from workbench.simulator.rest_limit import RestLimit

REST_FAULTS = ("http429", "http500", "html", "half", "slow")
PAGE, LARGEST_PAGE = 1000, 10_000


class Web:
    """One GET at a time; the simulator's own paths never fail on purpose.

    Args:
        status: what ``/simulator/status`` says. command: takes a fault sent by HTTP. limit: None: not enforced.
    """

    def __init__(
        self,
        rest: Rest,
        pairs: Mapping[str, PairExchange],
        *,
        limit: RestLimit | None,
        status: Callable[[], dict[str, object]],
        command: Callable[[Fault], None],
    ) -> None:
        self._rest, self._pairs, self._limit = rest, pairs, limit
        self._status, self._command = status, command
        self._left: dict[str, int] = dict.fromkeys(REST_FAULTS, 0)
        self._slow_seconds = 0.0
        self._hurry = asyncio.Event()

    def add(self, fault: Fault) -> None:
        self._left[fault.kind] += fault.count
        if fault.kind == "slow":
            self._slow_seconds = fault.seconds

    def hurry(self) -> None:
        """Let answers that are being slow end now; their connections are gone."""
        self._hurry.set()
        self._hurry = asyncio.Event()

    async def answer(self, request: Request) -> Response:
        url = urlsplit(request.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        if request.method != "GET":
            return error_response(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not allowed", Allow="GET")
        if url.path.startswith("/simulator/"):
            return self._own(url.path, query)
        if self._limit and not self._limit.allows(url.path, asyncio.get_running_loop().time()):
            return too_many()
        return await self._exchange(url.path, query)

    async def _exchange(self, path: str, query: Query) -> Response:
        if self._take("slow"):
            await self._dawdle(self._slow_seconds)
        if self._take("http429"):
            return too_many()
        if self._take("http500"):
            return error_response(HTTPStatus.INTERNAL_SERVER_ERROR, "Internal server error")
        if self._take("html"):
            return html_response()
        response = self._rest.answer(path, query)
        return half(response) if self._take("half") else response

    async def _dawdle(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return

    def _take(self, kind: str) -> bool:
        if not self._left[kind]:
            return False
        self._left[kind] -= 1
        return True

    def _own(self, path: str, query: Query) -> Response:
        try:
            if path == "/simulator/status":
                return json_response(self._status())
            if path == "/simulator/trades":
                return self._all_trades(query)
            if path == "/simulator/fault":
                return self._fault(query)
        except InputError as error:
            return error_response(HTTPStatus.BAD_REQUEST, str(error))
        return error_response(HTTPStatus.NOT_FOUND, f"no such path: {path}")

    def _all_trades(self, query: Query) -> Response:
        """A page of everything that ever happened: trades with a number above ``after``."""
        name = query.get("pair", "")
        if name not in self._pairs:
            raise InputError("pair", f"one of {', '.join(self._pairs)}", name)
        after, limit = query.get("after", "0"), query.get("limit", str(PAGE))
        for field, text in (("after", after), ("limit", limit)):
            if not (text.isascii() and text.isdigit()):
                raise InputError(field, "a whole number", text)
        page = self._pairs[name].history.after(int(after), min(int(limit), LARGEST_PAGE))
        fields = ("trade_id", "time_ms", "side", "price", "amount")
        rows = [{**dict(zip(fields, one, strict=True)), "trade_id": str(one.trade_id)} for one in page]
        return json_response({"simulated": True, "pair": name, "trades": rows})

    def _fault(self, query: Query) -> Response:
        if "kind" not in query:
            return json_response({"simulated": True, "faults": {name: kind.does for name, kind in KINDS.items()}})
        fault = fault_from(query["kind"], {name: value for name, value in query.items() if name != "kind"})
        self._command(fault)
        return json_response({"simulated": True, "fault": str(fault)})
