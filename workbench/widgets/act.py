"""A reason box and buttons. Who may press them is the API's to decide: a button that is off is only a courtesy, since a
forged click reaches the kernel all the same, so every press asks the API and shows its answer in place.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import ipywidgets as widgets

from workbench.client import ApiError, UnreachableError
from workbench.model.errors import WorkbenchError
from workbench.widgets.markup import say
from workbench.widgets.poll import spawn


@dataclass(frozen=True)
class Act:
    """One button.

    Attributes:
        perform: takes the reason, asks the API (in a thread), gives what to say when it is done.
        look: ``primary``, ``danger`` or empty.
        confirm: what to ask before; empty: nothing.
        needs_reason: whether the API wants one.
    """

    name: str
    perform: Callable[[str], str]
    look: str = ""
    confirm: str = ""
    needs_reason: bool = False


class ActForm(widgets.VBox):
    """One thing is asked at a time: what is pressed meanwhile does nothing. No button is switched off for it, since
    whoever pressed it by keyboard would lose the focus.

    Args:
        label: of the reason box.
        why_not: why this visitor may not act; empty where the role allows it.
        done: called after every answer.
    """

    def __init__(
        self,
        acts: Sequence[Act],
        *,
        label: str,
        hint: str = "",
        why_not: str = "",
        done: Callable[[], None] | None = None,
    ) -> None:
        self.why_not, self.done = why_not, done
        self.reason = widgets.Textarea(description=label, placeholder=hint, rows=2, disabled=bool(why_not))
        self.reason.add_class("wb-reason")
        self.buttons = {each.name: self._button(each) for each in acts}
        self.answer = widgets.HTML()
        self.answer.add_class("wb-answer")
        self.ask = widgets.HTML()
        self.yes = self._plain_button("Yes, do it", "danger", self._confirmed)
        self.no = self._plain_button("No, leave it", "", lambda: self._question(None))
        self.row = widgets.HBox([*self.buttons.values()]).add_class("wb-buttons")
        self.sure = widgets.HBox([self.ask, self.yes, self.no]).add_class("wb-sure")
        note = [widgets.HTML(f'<p class="wb-why">{escape(why_not)}</p>')] if why_not else []
        self._asked: Act | None = None
        self._busy = False
        super().__init__([self.reason, self.row, self.sure, *note, self.answer])
        self.add_class("wb-form")
        self._question(None)

    def _button(self, act: Act) -> widgets.Button:
        return self._plain_button(act.name, act.look, lambda: self.press(act), disabled=bool(self.why_not))

    def _plain_button(
        self, name: str, look: str, press: Callable[[], None], *, disabled: bool = False
    ) -> widgets.Button:
        tip = self.why_not if disabled else ""
        made = widgets.Button(description=name, disabled=disabled, tooltip=tip)
        made.add_class(f"wb-{look or 'plain'}")
        made.on_click(lambda _: press())
        return made

    def press(self, act: Act) -> None:
        """As a click does; also a forged one."""
        if self._busy:
            return
        self._question(None)
        if act.needs_reason and not self.reason.value.strip() and not self.why_not:
            self.tell("Say why first: the reason goes into the audit log.", "warn")
            self.reason.focus()
        elif act.confirm:
            self._question(act)
            self.no.focus()
        else:
            self._go(act)

    def _question(self, act: Act | None) -> None:
        self._asked = act
        self.ask.value = f'<span role="alert">{escape(act.confirm)}</span>' if act else ""
        self.sure.layout.display = None if act else "none"

    def _confirmed(self) -> None:
        act = self._asked
        self._question(None)
        if act:
            self._go(act)

    def _go(self, act: Act) -> None:
        self._busy = True
        self.tell(f"{act.name}: asking the server\u2026", "wait")
        spawn(self._perform(act), self._failed)

    def _failed(self, error: Exception) -> None:
        self.tell(f"It went wrong here ({type(error).__name__}). Whether it was done, the history will tell.", "bad")

    async def _perform(self, act: Act) -> None:
        try:
            said = await asyncio.to_thread(act.perform, self.reason.value.strip())
        except WorkbenchError as error:
            self.answer.value = refusal(error)
        else:
            self.reason.value = ""
            self.tell(said, "good")
        finally:
            self._busy = False
            if act.confirm:
                self.buttons[act.name].focus()
        if self.done:
            self.done()

    def tell(self, text: str, kind: str) -> None:
        self.answer.value = say(kind, "", escape(text), aloud=kind != "wait")


def refusal(error: WorkbenchError) -> str:
    """Why the server said no, with every reason that it gave; or that it gave no answer, so that nobody knows."""
    unknown = "Whether it was done is not known; the history will tell."
    if isinstance(error, UnreachableError):
        return _bad("No answer", unknown, [str(error)])
    if not isinstance(error, ApiError):
        return _bad("Not asked", "Nothing was changed.", [str(error)])
    what = unknown if error.status >= 500 else "Nothing was changed."
    return _bad(escape(error.title), what, error.reasons or [error.detail])


def _bad(title: str, what: str, reasons: Sequence[str]) -> str:
    return say("bad", f"{title}.", f"{what}<ul>{''.join(f'<li>{escape(each)}</li>' for each in reasons)}</ul>")
