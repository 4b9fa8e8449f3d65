"""One running workbench and one browser for all tests of this folder; each test's people come and go."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.stack import People, Stack, launched, stacked


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        expect.set_options(timeout=20_000)  # two cores, and other tests on them
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stacked(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def people(browser: Browser, stack: Stack) -> Iterator[People]:
    """Afterwards everybody's browser is looked through: see :meth:`Person.check`."""
    people = People(browser, stack)
    yield people
    try:
        for person in people.here:
            person.check()
    finally:
        people.leave()
