"""One nginx before two echoing servers, for the tests that need nothing special of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.deploy.echo import Echo, echoing
from tests.deploy.running import Running, fronting

FAST = {
    "page_rate": "10000r/s",
    "api_rate": "10000r/s",
    "login_rate": "10000r/s",
    "kernel_rate": "10000r/s",
    "login_burst": 1000,
    "kernel_burst": 1000,
}
"""Rates that no test reaches by chance."""


@dataclass
class Front:
    """nginx, and what is behind it."""

    nginx: Running
    api: Echo
    dashboards: Echo


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with echoing("api") as api, echoing("dashboards") as dashboards:
        behind = {"api": f"127.0.0.1:{api.port}", "dashboards": f"127.0.0.1:{dashboards.port}"}
        with fronting(tmp_path_factory.mktemp("front"), **behind, **FAST) as nginx:
            yield Front(nginx, api, dashboards)
