"""Who a page's visitor is: read once, and no token is found anywhere afterwards."""

import json
import os
from pathlib import Path

import pytest

from tests.serving import ADMIN, RESEARCHER
from workbench.widgets.session import open_session

HEADERS = {"HTTP_X_ADMIN_TOKEN": ADMIN, "HTTP_X_RESEARCHER_TOKEN": RESEARCHER, "HTTP_X_REMOTE_USER": "bob"}


@pytest.mark.parametrize(
    ("told", "role"),
    [
        ({}, "viewer"),
        ({"HTTP_X_RESEARCHER_TOKEN": RESEARCHER}, "researcher"),
        ({"HTTP_X_ADMIN_TOKEN": ADMIN}, "admin"),
        ({"HTTP_X_ADMIN_TOKEN": ADMIN, "HTTP_X_RESEARCHER_TOKEN": RESEARCHER}, "admin"),
        ({"HTTP_X_ADMIN_TOKEN": "", "HTTP_X_RESEARCHER_TOKEN": RESEARCHER}, "researcher"),
        ({"HTTP_X_ADMIN_TOKEN": ""}, "viewer"),
    ],
)
def test_the_role_is_that_of_the_token(told: dict[str, str], role: str) -> None:
    """Without one, a viewer's; the API decides what it may do."""
    session = open_session({**told, "HTTP_X_REMOTE_USER": "bob"})
    assert (session.role, session.user) == (role, "bob")


def test_a_kernel_of_its_own_has_no_visitor() -> None:
    """As in JupyterLab."""
    session = open_session({})
    assert (session.role, session.user, session.query) == ("viewer", "", {})


def test_no_token_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the environment, not in what the session says of itself."""
    for name, value in HEADERS.items():
        monkeypatch.setenv(name, value)
    session = open_session()
    assert not set(HEADERS) & set(os.environ)
    for token in (ADMIN, RESEARCHER):
        assert token not in str(dict(os.environ))
        assert token not in repr(session) + str(session) + repr(session.client)
    assert open_session().role == "viewer"


def test_a_visit_by_file(tmp_path: Path) -> None:
    """As the dashboards' server hands it over: read once, then gone."""
    path = tmp_path / "visit.json"
    path.write_text(json.dumps({**HEADERS, "QUERY_STRING": "id=one"}))
    environment = {"WORKBENCH_VISIT": str(path)}
    session = open_session(environment)
    assert (session.role, session.user, session.query) == ("admin", "bob", {"id": "one"})
    assert not path.exists()
    assert environment == {}


@pytest.mark.parametrize(
    ("asked", "query"),
    [
        ("", {}),
        ("id=smaCross-ETHUSDT-1h-0123456789ab&compare=x", {"id": "smaCross-ETHUSDT-1h-0123456789ab", "compare": "x"}),
        ("id=first&id=second", {"id": "first"}),
        ("a=%3Cb%3E+c", {"a": "<b> c"}),
        ("nonsense", {}),
        ("=&&==", {"": "="}),
    ],
)
def test_the_query(asked: str, query: dict[str, str]) -> None:
    """The first value of each name; nothing is refused here."""
    assert open_session({"QUERY_STRING": asked}).query == query


def test_where_the_server_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """WORKBENCH_URL, else this machine's."""
    monkeypatch.setenv("WORKBENCH_URL", "http://127.0.0.1:4999/")
    assert open_session({}).client.url == "http://127.0.0.1:4999"
    monkeypatch.delenv("WORKBENCH_URL")
    assert open_session({}).client.url == "http://127.0.0.1:4010"
