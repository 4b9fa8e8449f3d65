"""What happens around a page: its first painting, and its end."""

from playwright.sync_api import expect

from tests.browser.stack import People
from tests.browser.test_forgery import forgive, kernel_of
from tests.monitoring.serving import wait_for
from tests.processes import children

STATUS = "(id) => fetch(`/api/kernels/${id}`).then((answer) => answer.status)"


def test_going_to_another_page_ends_the_kernel_of_the_one_before(people: People) -> None:
    """At once: a minute later it would end anyway."""
    vera = people.come("vera")
    tab = vera.open("live.ipynb")
    kernel_id = kernel_of(tab)
    assert tab.evaluate(STATUS, kernel_id) == 200
    tab.get_by_role("link", name="Guardrails", exact=True).click()
    tab.wait_for_url("**/guardrails.ipynb")
    tab.wait_for_selector("html.page-shown")
    wait_for("the kernel is gone", lambda: tab.evaluate(STATUS, kernel_id) == 404, 20)
    forgive(vera, "404")


def test_widgets_are_not_seen_half_drawn(people: People) -> None:
    """Until they are there, the first painting is."""
    tab = people.come("vera").open("guardrails.ipynb")
    looks = "getComputedStyle(document.querySelector('.page-live')).visibility"
    assert tab.evaluate(looks) == "visible"
    tab.evaluate("document.documentElement.classList.remove('page-shown')")
    assert tab.evaluate(looks) == "hidden"


def test_a_page_whose_kernel_died_says_so(people: People) -> None:
    """Nobody takes what it shows for live; a click opens it anew."""
    vera = people.come("vera")
    tab = vera.open("live.ipynb")
    kernel_id = kernel_of(tab)
    (process,) = children(people.stack.pages_pid, kernel_id)
    process.kill()
    expect(tab.get_by_text("no longer live")).to_be_visible()
    tab.get_by_role("button", name="Reload").click()
    expect(tab.get_by_text("Live, ").first).to_be_visible()
    assert kernel_of(tab) != kernel_id
    forgive(vera, "404", "WebSocket")
