"""What several pages' tests share."""

from collections.abc import Iterator

import pytest

from tests.serving import serving
from tests.widgets.reports import Seeded, seed


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A server with three runs; tests add runs, none takes one away."""
    with serving(tmp_path_factory.mktemp("reports")) as running:
        yield seed(running)
