"""The audit trail and whether its chain holds, for admins; others are told that it is for admins."""

import time
from collections.abc import Callable, Sequence
from html import escape

import ipywidgets as widgets

from workbench.client import ApiError, Client
from workbench.widgets.markup import empty, row, say, table
from workbench.widgets.words import when
from workbench.wire import AuditEntryView, AuditTail, AuditVerdict

SHOWN = 25
EVERY_SECONDS = 2.0
VERIFY_SECONDS, VERIFY_ANYWAY_SECONDS = 10.0, 60.0
"""The whole chain is walked: not at every new entry, and now and then without one."""
NAMES = ("Entry", "When", "Who", "Did", "To", "Outcome")
NEVER = float("-inf")
FORBIDDEN = 403
OF_THE_PAGE = (401, 429)
"""Refusals that concern every question of the page."""
FOR_ADMINS = empty(
    "The audit trail is for admins.",
    "It names who did what from where. What is in force and every decision with its reason is in the history above.",
)


class AuditPanel(widgets.VBox):
    """Chain state and entries, page by page. ``ask`` runs in a thread, ``show`` in the loop.

    Args:
        may_read: whether the visitor's role allows it; else nothing is asked, since each refusal is an entry, too.
    """

    def __init__(self, client: Client, *, may_read: bool) -> None:
        self._client = client
        self.chain, self.entries = widgets.HTML(), widgets.HTML(empty("Loading\u2026"))
        self.check = _button("Check the chain now", self._check)
        self.older, self.newest = _button("Older entries", self._older), _button("Newest entries", self._newest)
        self.row = widgets.HBox([self.check, self.older, self.newest]).add_class("wb-buttons")
        self.row.layout.display = "none"
        self._tail: AuditTail | None = None
        self._verdict: AuditVerdict | None = None
        self._problem = ""
        self._before: int | None = None
        self._asked = self._verified = NEVER
        self._forbidden = not may_read
        super().__init__([self.chain, self.entries, self.row])

    def ask(self, *, now: bool) -> None:
        """Raises what concerns the whole page; what concerns the audit trail alone is told in its place.

        Args:
            now: something has just changed.
        """
        clock = time.monotonic()
        if self._forbidden or (not now and clock - self._asked < EVERY_SECONDS):
            return
        self._asked, self._problem = clock, ""
        try:
            self._verify(clock)
            self._tail = self._client.audit(limit=SHOWN, before=self._before)
        except ApiError as error:
            if error.status in OF_THE_PAGE:
                raise
            self._forbidden = error.status == FORBIDDEN
            self._problem = error.detail

    def _verify(self, clock: float) -> None:
        since = clock - self._verified
        if since > VERIFY_ANYWAY_SECONDS or (since > VERIFY_SECONDS and self._has_grown()):
            self._verdict, self._verified = self._client.audit_verify(), clock

    def _has_grown(self) -> bool:
        newest = self._tail.entries[0].seq if self._tail and self._tail.entries else 0
        return self._verdict is None or newest > self._verdict.head_seq

    def show(self) -> None:
        if self._forbidden:
            self.chain.value, self.entries.value = "", FOR_ADMINS
            return
        if self._verdict:
            self.chain.value = chain_state(self._verdict)
        if self._problem:
            self.entries.value = say("bad", "The entries cannot be shown:", escape(self._problem))
        elif self._tail:
            self.entries.value = entry_table(self._tail.entries, newest=self._before is None)
        self.row.layout.display = None
        self.older.layout.display = None if self._tail and self._tail.next_before else "none"
        self.newest.layout.display = "none" if self._before is None else None

    def _check(self) -> None:
        self._asked = self._verified = NEVER

    def _older(self) -> None:
        self._before, self._asked = self._tail.next_before if self._tail else None, NEVER

    def _newest(self) -> None:
        self._before, self._asked = None, NEVER


def _button(name: str, press: Callable[[], None]) -> widgets.Button:
    made = widgets.Button(description=name)
    made.on_click(lambda _: press())
    return made


def chain_state(verdict: AuditVerdict) -> str:
    if verdict.intact:
        head = f", head <code>{escape(verdict.head_hash[:19])}\u2026</code>" if verdict.entries else ""
        return say("good", "Chain intact:", f"{verdict.entries} entries checked{head}.")
    where = f" at entry {verdict.bad_seq}" if verdict.bad_seq is not None else ""
    text = f"{escape(verdict.problem)}. The log was altered outside the workbench: halt trading and look into it."
    return say("bad", f"Chain broken{where}:", text)


def entry_table(entries: Sequence[AuditEntryView], *, newest: bool = True) -> str:
    if not entries:
        return empty("Nothing was done yet.")
    title = f"The last {len(entries)} entries" if newest else f"Entries {entries[-1].seq} to {entries[0].seq}"
    return table(title, NAMES, "".join(_entry(each) for each in entries), "wb-wide")


def _entry(each: AuditEntryView) -> str:
    why = each.details.get("reason") or each.details.get("note") or ""
    against = each.details.get("reasons") or []
    told = [why, *(against if isinstance(against, list) else [against])]  # an altered entry may say anything
    said = "".join(f'<div class="wb-muted">{escape(str(text))}</div>' for text in told if text)
    who = f'{escape(each.who)} <span class="wb-muted" title="{escape(each.address)}">{escape(each.role)}</span>'
    did = escape(each.action.replace("_", " "))
    outcome = escape(each.outcome)
    mark = outcome if each.outcome == "done" else f'<span class="wb-worse">\u2715 {outcome}</span>'
    return row(str(each.seq), when(each.at_ns), who, did + said, escape(each.subject), mark, names=NAMES)
