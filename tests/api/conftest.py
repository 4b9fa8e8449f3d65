"""One server for the tests that need nothing special of it."""

from collections.abc import Iterator

import pytest

from tests.serving import Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """No feed, one worker, a rate limit that no test reaches."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
