"""Those who ask a server while it is being killed: a seeded mix of everything that is acknowledged."""

import contextlib
from random import Random

import httpx

from tests.api.acknowledged import Answer, Book

ADMIN, RESEARCHER = "a" * 20, "r" * 20
ACTS = {"start": 6, "look": 6, "propose": 4, "approve": 4, "reject": 1, "rollback": 2, "limits": 1}
"""How often each is drawn."""


class Client:
    """One of those who ask at the same time. Only whole answers get into the book."""

    def __init__(self, http: httpx.AsyncClient, book: Book, chance: Random) -> None:
        self.http, self.book, self.chance = http, book, chance

    async def run(self) -> None:
        """Ask until the server is gone."""
        with contextlib.suppress(httpx.TransportError):
            while True:
                act = self.chance.choices(list(ACTS), list(ACTS.values()))[0]
                await getattr(self, act)()

    async def start(self) -> None:
        if self.chance.random() < 0.7:
            params = {"fast": self.chance.randint(2, 12), "slow": self.chance.randint(13, 40)}
            strategy = "smaCross"
        else:
            params, strategy = {"period": self.chance.randint(2, 20)}, "rsi"
        pair = self.chance.choice(["ETHUSDT", "BTCUSDT"])
        asked = {"pair": pair, "timeframe": "1h", "strategy": strategy, "params": params}
        told = await self._write("start", "/api/backtest/start", asked)
        if told:
            self.book.jobs[told["id"]] = asked

    async def look(self) -> None:
        waiting = [each for each in self.book.jobs if each not in self.book.done]
        if waiting:
            answer = await self.http.get(f"/api/backtest/{self.chance.choice(waiting[-20:])}")
            told = answer.json()
            if answer.status_code == 200 and told["status"] == "done":
                self.book.done[told["id"]] = told

    async def propose(self) -> None:
        if not self.book.done:
            return
        found = self.chance.choice(list(self.book.done.values()))
        asked = {name: found["request"][name] for name in ("pair", "timeframe", "strategy", "params")}
        note = str(self.chance.random())
        await self._propose("propose", {**asked, "evidence_id": found["evidence_id"], "note": note})

    async def limits(self) -> None:
        value = str(self.chance.randint(1_000, 90_000))
        await self._propose("limits", {"kind": "limits", "values": {"max_order_notional": value}})

    async def _propose(self, act: str, asked: Answer) -> None:
        told = await self._write(act, "/api/guardrails/params/propose", asked)
        if told:
            self.book.proposals[told["id"]] = told

    async def approve(self) -> None:
        await self._decide("approve")

    async def reject(self) -> None:
        await self._decide("reject")

    async def _decide(self, act: str) -> None:
        waiting = self.book.open_proposals()
        if not waiting:
            return
        held = self.chance.choice(waiting)
        asked = {"proposal_id": held["id"], "digest": held["digest"]}
        told = await self._write(act, f"/api/guardrails/params/{act}", asked)
        if not told:
            self.book.decisions.setdefault(held["id"], "refused")
            return
        self.book.decisions[held["id"]] = act
        if act == "approve":
            self.book.versions[told["scope"], told["version"]] = told

    async def rollback(self) -> None:
        if self.book.versions:
            scope, version = self.chance.choice(list(self.book.versions))
            told = await self._write("rollback", "/api/guardrails/rollback", {"scope": scope, "to_version": version})
            if told:
                self.book.versions[told["scope"], told["version"]] = told

    async def _write(self, act: str, path: str, asked: Answer) -> Answer | None:
        """The answer; None where it was refused.

        Raises:
            httpx.TransportError: the server is gone; whether it did it is not known.
        """
        here = act, asked
        self.book.in_flight.append(here)
        answer = await self.http.post(path, json=asked)
        told = answer.json()
        self.book.in_flight.remove(here)
        if answer.is_success:
            self.book.writes += 1
            self.book.acts[act] += 1
            return dict(told)
        if answer.status_code not in (409, 503):
            raise AssertionError(f"{act} {asked}: {answer.status_code} {answer.text}")
        self.book.acts[f"{act}, refused"] += 1
        return None


def client_for(url: str) -> httpx.AsyncClient:
    headers = {"x-admin-token": ADMIN, "x-remote-user": "campaign"}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=30.0, trust_env=False)
