"""What every test may use: hypothesis settings, the shared market data, small candles."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("workbench", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("workbench")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so in a shell's background; commands under test inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """A file of real market data that is not part of the repository; the test is skipped where it is absent."""
    path = SHARED_DATA / name
    if not path.exists():
        pytest.skip(f"real market data {name} is not beside this checkout (../shared/data)")
    return path
