"""Whether a report comes out again when its inputs are run anew."""

from html import escape

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


def unknown(why: str, *, follows: bool) -> str:
    """There is no verdict; ``follows``: it is asked for again."""
    return _badge("wait", "? not verified yet" if follows else "? cannot be verified here", escape(why))


def _badge(kind: str, pill: str, text: str) -> str:
    return f'<p class="wb-badge" role="status"><span class="wb-pill wb-pill-{kind}">{pill}</span> {text}</p>'
