"""The real pages where the API does not answer, or has nothing yet: each is made, and says what is the matter."""

from pathlib import Path

import pytest

from tests.pages.serving import NOBODY, SECRET, Pages, serving_pages
from tests.serving import environment, serving

ROOT = Path(__file__).parents[2]
SEEN = {
    "report": "No runs yet.",
    "guardrails": "Nothing waits for a decision.",
    "live": "The server runs no feed",
}
"""What a page says on a server that has just been started without a feed."""


def texts(home: Path, api: str) -> dict[str, str]:
    """Each page as its visitor's browser gets it."""
    given = environment(home, url=api, proxy_secret=SECRET, admin_token=None, researcher_token=None)
    with serving_pages(home, given, "--folder", str(ROOT / "dashboards")) as (process, told, log_path):
        pages = Pages(told["url"], told["query"], process, home, log_path)
        vera = pages.visitor("vera")
        found = {page: vera.http.get(f"/voila/render/{page}.ipynb").text for page in SEEN}
        pages.close()
    return found


def test_a_page_says_that_the_api_does_not_answer(tmp_path: Path) -> None:
    """And that it goes on by itself; nothing of the error's inside."""
    for page, text in texts(tmp_path, NOBODY).items():
        assert "does not answer" in text, page
        assert "Traceback" not in text
        assert "vera" in text


@pytest.mark.parametrize("page", SEEN)
def test_a_page_with_nothing_to_show_says_what_to_do(nothing: dict[str, str], page: str) -> None:
    """No empty tables: words."""
    assert SEEN[page] in nothing[page]


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("nothing")
    with serving(home / "api") as api:
        return texts(home, api.url)
