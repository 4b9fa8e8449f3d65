"""``workbench dashboards``: what cannot be served is one line."""

import socket
from pathlib import Path

from tests.cli.command import refuses


def test_a_taken_port_is_named(home: Path) -> None:
    """With the option and the number."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refuses(home, "dashboards", "--port", str(port), "--role", "viewer")
    assert f"--port: expected a free port of this machine, received {port}" in line


def test_a_folder_without_pages_is_named(home: Path, tmp_path: Path) -> None:
    """With what is missing in it."""
    assert f"{tmp_path}: no report.ipynb in it" in refuses(home, "dashboards", "--folder", str(tmp_path))


def test_an_unknown_role_is_named(home: Path) -> None:
    """With those there are."""
    line = refuses(home, "dashboards", "--role", "owner")
    assert "--role: expected admin, researcher or viewer, received 'owner'" in line
