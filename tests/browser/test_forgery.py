"""What a visitor with a console could try over his own browser, at the real front door."""

import json

from playwright.sync_api import Page, expect

from tests.browser.stack import People, Person

FORGE = """
async ([kernel, messages]) => {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/api/kernels/${kernel}/channels`);
  const heard = [];
  const opened = await new Promise((tell) => {
    socket.onopen = () => tell(true);
    socket.onerror = () => tell(false);
  });
  if (!opened) return null;
  let answered;
  const done = new Promise((tell) => { answered = tell; });
  socket.onmessage = (event) => {
    const message = typeof event.data === "string" ? JSON.parse(event.data) : {};
    heard.push(message);
    if (message.msg_type === "comm_info_reply") answered();
  };
  const send = (msg_type, content, channel) => socket.send(JSON.stringify({
    header: {msg_id: crypto.randomUUID(), msg_type, username: "", session: "forged", version: "5.3", date: ""},
    parent_header: {}, metadata: {}, content, buffers: [], channel,
  }));
  for (const [kind, content] of messages) send(kind, content, "shell");
  send("comm_info_request", {}, "shell");
  await Promise.race([done, new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), 20000))]);
  socket.close();
  return heard;
}
"""


def kernel_of(tab: Page) -> str:
    """The id of a page's kernel, as the page itself knows it."""
    return str(json.loads(tab.locator("#jupyter-config-data").text_content() or "{}")["kernelId"])


def forge(tab: Page, kernel_id: str, *messages: tuple[str, dict[str, object]]) -> list[dict[str, object]] | None:
    """What a script in the visitor's own page hears; None where the websocket does not open."""
    heard: list[dict[str, object]] | None = tab.evaluate(FORGE, [kernel_id, [*messages]])
    return heard


def click_everything(tab: Page) -> None:
    """A forged click on each widget of the visitor's own kernel."""
    heard = forge(tab, kernel_of(tab)) or []
    comms = next(message["content"] for message in heard if message.get("msg_type") == "comm_info_reply")
    clicks = [
        ("comm_msg", {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}})
        for comm in comms["comms"]  # type: ignore[index, call-overload]
    ]
    assert len(clicks) > 10
    forge(tab, kernel_of(tab), *clicks)


def test_a_viewer_s_forged_clicks_change_nothing(people: People) -> None:
    """Every button of the guardrails page is pressed behind its back; the API refuses each, and the page says so."""
    vera = people.come("vera")
    tab = vera.open("guardrails.ipynb")
    expect(tab.get_by_role("button", name="Halt")).to_be_disabled()
    before = people.stack.api.client().get("/api/guardrails/status").json()
    click_everything(tab)
    expect(tab.get_by_text("this needs the role admin").first).to_be_visible()
    after = people.stack.api.client().get("/api/guardrails/status").json()
    for part in ("active", "pending", "limits_version"):
        assert after[part] == before[part]
    assert after["gate"]["state"] == before["gate"]["state"] == "active"
    refused = people.stack.api.client("admin").get("/api/audit", params={"limit": 50}).json()["entries"]
    assert [each for each in refused if each["who"] in ("vera", "anonymous", "viewer") and each["outcome"] == "refused"]


def test_nobody_attaches_to_another_s_kernel(people: People) -> None:
    """Not a viewer to an admin's, not one admin to another's: its id opens neither REST nor websocket."""
    theirs = people.come("ada").open("guardrails.ipynb")
    kernel_id = kernel_of(theirs)
    for stranger in ("vera", "ben.k"):
        person = people.come(stranger)
        tab = person.open("live.ipynb")
        assert forge(tab, kernel_id) is None
        asked = "(id) => fetch(`/api/kernels/${id}`).then((answer) => answer.status)"
        assert tab.evaluate(asked, kernel_id) == 404
        end = "(id) => fetch(`/voila/api/shutdown/${id}`, {method: 'POST'}).then((answer) => answer.status)"
        assert tab.evaluate(end, kernel_id) == 404
        forgive(person, "404", "WebSocket connection")
    expect(theirs.get_by_text("Live, ").first).to_be_visible()


def test_a_browser_runs_no_code(people: People) -> None:
    """execute_request over one's own kernel's websocket is never answered, and nothing ran."""
    ada = people.come("ada")
    tab = ada.open("live.ipynb")
    mark = people.stack.api.home / "ran"
    code = f"open({str(mark)!r}, 'w').close()"
    heard = forge(tab, kernel_of(tab), ("execute_request", {"code": code, "silent": False})) or []
    assert not mark.exists()  # what was sent after it has been answered
    assert not {message.get("msg_type") for message in heard} & {"execute_reply", "execute_input", "execute_result"}


def forgive(person: Person, *words: str) -> None:
    """Take back the errors that this test caused on purpose."""
    person.heard.errors[:] = [each for each in person.heard.errors if not any(word in each for word in words)]
