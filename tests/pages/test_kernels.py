"""A kernel answers only the person it was started for, and does only what widgets do."""

import pytest
from websockets.exceptions import InvalidStatus

from tests.monitoring.serving import wait_for
from tests.pages.conftest import Both
from tests.pages.serving import Pages, Visitor
from tests.serving import TOKENS

STRANGERS = [("vera", "viewer"), ("rana", "researcher"), ("ben.k", "admin"), ("ada", "viewer"), ("ada", "researcher")]
"""Also another admin, or four eyes were worth nothing; also the same name without the role."""
UNKNOWN = "01234567-89ab-cdef-0123-456789abcdef"


def refused(visitor: Visitor, kernel_id: str, **options: str) -> int:
    """The status that the websocket's opening is refused with."""
    with pytest.raises(InvalidStatus) as caught, visitor.channels(kernel_id, **options):
        pass
    return caught.value.response.status_code


@pytest.mark.parametrize(("who", "role"), STRANGERS)
def test_a_kernel_s_id_opens_nothing_for_anybody_else(pages: Pages, who: str, role: str) -> None:
    """REST, websocket and the end of it: 404, as for a kernel that never was."""
    ada, stranger = pages.visitor("ada", "admin"), pages.visitor(who, role)
    kernel_id, _ = ada.open()
    for each in (kernel_id, UNKNOWN):
        answer = stranger.http.get(f"/api/kernels/{each}")
        assert answer.status_code == 404
        assert each not in answer.text
        assert refused(stranger, each) == 404
        ended = stranger.http.post(f"/voila/api/shutdown/{each}", headers={"Origin": pages.url})
        assert ended.status_code == 404
    with ada.channels(kernel_id) as channels:
        assert len(channels.comms()) >= 2  # the kernel lives: nobody ended it


def test_the_owner_s_click_acts_and_a_viewer_s_forged_one_does_not(both: Both) -> None:
    """The handler runs in the kernel either way; what the API thinks of the token decides."""
    ada, vera = both.pages.visitor("ada", "admin"), both.pages.visitor("vera")
    ours, _ = ada.open()
    theirs, told = vera.open()
    assert (told["user"], told["role"]) == ("vera", "viewer")
    with vera.channels(theirs) as channels:
        channels.press_everything()
    refusal = (both.pages.marks / "vera").read_text()
    assert "this needs the role admin; the caller's is viewer" in refusal
    assert both.api.client().get("/api/guardrails/status").json()["gate"]["state"] == "active"
    with ada.channels(ours) as channels:
        channels.press_everything()
    assert (both.pages.marks / "ada").read_text() == "\n"
    status = both.api.client().get("/api/guardrails/status").json()
    assert (status["gate"]["state"], status["gate"]["who"]) == ("halted", "ada")


@pytest.mark.parametrize("kind", ["execute_request", "complete_request", "inspect_request", "history_request"])
def test_a_browser_runs_no_code(pages: Pages, kind: str) -> None:
    """Such a message never reaches the kernel: what was sent after it is answered, it is not."""
    vera = pages.visitor("vera")
    kernel_id, _ = vera.open()
    code = f"open({str(pages.marks / 'ran')!r}, 'w')"
    with vera.channels(kernel_id) as channels:
        for channel in ("shell", "control"):
            channels.send(kind, {"code": code, "silent": False, "cursor_pos": 3, "hist_access_type": "tail"}, channel)
        channels.comms()
        kinds = {message["msg_type"] for message in channels.heard}
    assert kind.replace("request", "reply") not in kinds
    assert not (pages.marks / "ran").exists()


def test_warm_kernels_keep_their_visitors_apart(pages: Pages) -> None:
    """Each one is told who has come after it was made; nobody's token is in any environment or page."""
    people = [("ada", "admin"), ("vera", "viewer"), ("rana", "researcher"), ("vera", "viewer")]
    for who, role in people:
        visitor = pages.visitor(who, role)
        wait_for("a kernel is warm", lambda: pages.kernels("is warm") - pages.kernels("has a visitor"))
        kernel_id, told = visitor.open(f"live.ipynb?who={who}")
        assert kernel_id in pages.kernels("is warm")
        assert (told["user"], told["role"], told["query"]) == (who, role, {"who": who})
        assert not [name for name in told["environment"] if "TOKEN" in name or "SECRET" in name or "HTTP_" in name]
        with visitor.channels(kernel_id) as channels:
            channels.comms()
            said = str(channels.heard)
        assert not any(token in said for token in TOKENS.values())
    folder = pages.marks.parent / "tmp"
    assert list(folder.glob("*/kernel-*.json"))  # this is where they would lie
    assert not list(folder.glob("**/visit-*"))


def test_a_page_that_is_closed_ends_its_kernel(pages: Pages) -> None:
    """At once, when its owner's browser says so from a page of ours."""
    zoe = pages.visitor("zoe")
    kernel_id, _ = zoe.open()
    assert zoe.http.get(f"/api/kernels/{kernel_id}").status_code == 200
    assert zoe.http.post(f"/voila/api/shutdown/{kernel_id}").status_code == 403  # from nowhere
    ended = zoe.http.post(f"/voila/api/shutdown/{kernel_id}", headers={"Origin": pages.url})
    assert ended.status_code == 204
    assert zoe.http.get(f"/api/kernels/{kernel_id}").status_code == 404


def test_a_websocket_from_another_site_is_not_opened(pages: Pages) -> None:
    """The owner's browser may be made to ask by somebody else's page."""
    zoe = pages.visitor("zoe")
    kernel_id, _ = zoe.open()
    for origin in ("https://elsewhere.example", "http://127.0.0.1:1", "null", ""):
        assert refused(zoe, kernel_id, origin=origin) == 403
