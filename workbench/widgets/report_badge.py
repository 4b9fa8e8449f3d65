"""Whether a report comes out again when its inputs are run anew."""

from html import escape

from workbench.client import ApiError
from workbench.model.errors import WorkbenchError
from workbench.wire import Verification

WAITING = (
    '<p class="wb-badge" role="status"><span class="wb-pill wb-pill-wait">\u2026 being verified</span> '
    "its inputs are run again</p>"
)


def verdict(told: Verification) -> str:
    """The verdict; where it does not come out again, with the first difference."""
    if told.verified:
        return _badge("good", "\u2713 digest verified", "its inputs were run again and the same came out")
    return _badge("bad", "\u2715 not verified", f"<b>first difference:</b> {escape(told.problem)}")


def unknown(error: WorkbenchError) -> str:
    why = error.detail if isinstance(error, ApiError) else "the server does not answer"
    return _badge("wait", "? not verified yet", escape(why))


def _badge(kind: str, pill: str, text: str) -> str:
    return f'<p class="wb-badge" role="status"><span class="wb-pill wb-pill-{kind}">{pill}</span> {text}</p>'
