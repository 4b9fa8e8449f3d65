"""The audit trail and whether its chain holds, for admins; others are told that it is for admins."""

import time
from collections.abc import Sequence
from html import escape

import ipywidgets as widgets

from workbench.client import ApiError, Client
from workbench.widgets.markup import empty, row, say, table
from workbench.widgets.words import when
from workbench.wire import AuditEntryView, AuditTail, AuditVerdict

SHOWN = 50
EVERY_SECONDS = 2.0
VERIFY_SECONDS = 10.0
"""The whole chain is walked: not at every new entry."""
FOR_ADMINS = empty(
    "The audit trail is for admins.",
    "It names who did what from where. What is in force and every decision with its reason is in the history above.",
)


class AuditPanel(widgets.VBox):
    """Chain state and entries. ``ask`` runs in a thread, ``show`` in the loop."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.chain, self.entries = widgets.HTML(), widgets.HTML(empty("Loading\u2026"))
        self._tail: AuditTail | None = None
        self._verdict: AuditVerdict | None = None
        self._asked = self._verified = float("-inf")
        self._forbidden = False
        super().__init__([self.chain, self.entries])

    def ask(self, *, now: bool) -> None:
        """Raises what the client raises, but a 403: that is an answer. ``now``: something has just changed."""
        clock = time.monotonic()
        if self._forbidden or (not now and clock - self._asked < EVERY_SECONDS):
            return
        try:
            tail = self._client.audit(limit=SHOWN)
            if self._verdict is None or (clock - self._verified > VERIFY_SECONDS and self._is_new(tail)):
                self._verdict, self._verified = self._client.audit_verify(), clock
            self._tail, self._asked = tail, clock
        except ApiError as error:
            if error.status != 403:
                raise
            self._forbidden = True

    def _is_new(self, tail: AuditTail) -> bool:
        head = tail.entries[0].seq if tail.entries else 0
        return self._verdict is None or self._verdict.head_seq != head

    def show(self) -> None:
        if self._forbidden:
            self.chain.value, self.entries.value = "", FOR_ADMINS
        elif self._tail and self._verdict:
            self.chain.value, self.entries.value = chain_state(self._verdict), entry_table(self._tail.entries)


def chain_state(verdict: AuditVerdict) -> str:
    if verdict.intact:
        head = f", head <code>{escape(verdict.head_hash[:12])}\u2026</code>" if verdict.entries else ""
        return say("good", "Chain intact:", f"{verdict.entries} entries checked{head}.")
    where = f" at entry {verdict.bad_seq}" if verdict.bad_seq is not None else ""
    text = f"{escape(verdict.problem)}. The log was altered outside the workbench: halt trading and look into it."
    return say("bad", f"Chain broken{where}:", text)


def entry_table(entries: Sequence[AuditEntryView]) -> str:
    if not entries:
        return empty("Nothing was done yet.")
    names = ("Entry", "When", "Who", "Did", "To", "Outcome")
    return table(f"The last {len(entries)} entries", names, "".join(_entry(each) for each in entries))


def _entry(each: AuditEntryView) -> str:
    why = each.details.get("reason") or each.details.get("note") or ""
    against = each.details.get("reasons") or []
    said = "".join(f'<div class="wb-muted">{escape(str(text))}</div>' for text in [why, *against] if text)
    who = f'{escape(each.who)} <span class="wb-muted" title="{escape(each.address)}">{escape(each.role)}</span>'
    outcome = escape(each.outcome)
    mark = outcome if each.outcome == "done" else f'<span class="wb-worse">\u2715 {outcome}</span>'
    return row(str(each.seq), when(each.at_ns), who, escape(each.action) + said, escape(each.subject), mark)
