"""One API and one dashboards server behind the proxy's secret, for the tests that need nothing special of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.pages.serving import Pages, paging
from tests.serving import Server, serving


@dataclass
class Both:
    api: Server
    pages: Pages


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    home = tmp_path_factory.mktemp("pages")
    words = ("--per-person", "30", "--in-all", "40", "--lonely-seconds", "15")
    with (
        serving(home / "api") as api,
        paging(home, api.url, *words) as pages,
    ):
        yield Both(api, pages)


@pytest.fixture
def pages(both: Both) -> Pages:
    return both.pages
