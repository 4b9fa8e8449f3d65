"""Settings, secrets and people: what nginx would misread never gets into its files."""

import re
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from tests.cli.command import refuses, succeeds
from tests.deploy.running import PASSWORD, TOKENS
from workbench.deploy.folder import Folder
from workbench.deploy.front_door import FrontDoor
from workbench.deploy.people import PASSWORD_BYTES, ROLES, hash_password, read_roles, write_roles
from workbench.deploy.render import render
from workbench.deploy.secret_values import Secrets
from workbench.model.errors import DamagedFileError, InputError, NotFoundError

ROOT = Path(__file__).parents[2]
NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,20}", fullmatch=True)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("server_name", "a b"),
        ("server_name", "Desk.example.org"),
        ("server_name", "x;return 200"),
        ("server_name", "*.example.org"),
        ("server_name", "a\n"),
        ("server_name", ""),
        ("tls_certificate", Path("/etc/$host.pem")),
        ("tls_key", Path('/etc/a";b')),
        ("tls_key", Path("relative.pem")),
        ("port", 0),
        ("tls_port", 65536),
        ("tls_port", 80),
        ("addresses", ("::",)),
        ("addresses", ("[127.0.0.1]",)),
        ("addresses", ("0.0.0.0; include /etc/passwd",)),
        ("account", "www-data; daemon on"),
        ("account", ""),
        ("api", "127.0.0.1"),
        ("api", "127.0.0.1:x"),
        ("dashboards", "unix:/x:1"),
        ("dashboards", "127.0.0.1:70000"),
        ("api_rate", "20"),
        ("login_rate", "0r/s"),
        ("kernel_burst", 0),
        ("body_kibibytes", -1),
        ("reload_seconds", 0),
    ],
)
def test_a_setting_that_does_not_fit(field, value):
    """The field is named, what was expected and what came."""
    with pytest.raises(InputError, match="expected"):
        FrontDoor(**{field: value})


@pytest.mark.parametrize(
    "token", ["short", "with space in it", "dollar$sign$here", 'quote"quote"quote', "line\nline-line", "ü" * 20]
)
def test_a_secret_that_nginx_would_misread(token):
    """Refused, and not shown."""
    with pytest.raises(InputError) as refused:
        Secrets(token, "r" * 40, "p" * 40)
    assert token not in str(refused.value)


def test_secrets_are_not_shown_and_differ():
    values = Secrets("a" * 40, "r" * 40, "p" * 40)
    assert not re.search("a{9}|r{9}|p{9}", repr(values))
    with pytest.raises(InputError, match="different"):
        Secrets("a" * 40, "a" * 40, "p" * 40)


def test_the_example_is_current():
    """`deploy/nginx/example` is what the settings render today; nothing secret is among the files."""
    rendered = render(FrontDoor(server_name="workbench.example.org", account="www-data"))
    folder = ROOT / "deploy" / "nginx" / "example"
    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == rendered


def test_who_may_read_what(tmp_path):
    """Secrets are their owner's alone; rendering again keeps people, roles and the proxy's secret."""
    folder = Folder(tmp_path / "nginx")
    folder.write(FrontDoor(), TOKENS)
    folder.put_user("ada", "admin", PASSWORD)
    secret = (folder.root / "workbench.env").read_text()
    hashes = folder.hashes()
    assert all(mode(folder.root / name) == 0o600 for name in ("secrets.conf", "workbench.env", "htpasswd"))
    folder.write(FrontDoor(server_name="desk.example.org"), {**TOKENS, "admin": "another-admin-token"})
    assert (folder.root / "workbench.env").read_text() == secret
    assert (folder.hashes(), folder.roles()) == (hashes, {"ada": "admin"})
    assert "another-admin-token" in (folder.root / "secrets.conf").read_text()
    for name in ("nginx.conf", "forward.conf", "forward_nobody.conf", "roles.map"):
        assert mode(folder.root / name) == 0o644
        text = (folder.root / name).read_text()
        assert not [value for value in (*TOKENS.values(), "another-admin-token", secret.split()[-2]) if value in text]


@settings(max_examples=60)
@given(st.dictionaries(NAMES, st.sampled_from(ROLES), max_size=6))
def test_roles_are_read_as_they_were_written(roles):
    """Whatever the names; and a pattern matches its own name alone."""
    text = write_roles(roles)
    assert read_roles(text) == roles
    patterns = re.findall(r'"~(.*)" (.*);', text)
    for name, role in roles.items():
        assert [found for pattern, found in patterns if re.search(pattern, name)] == [role]


@pytest.mark.parametrize(
    "line", ["ada admin;", '"~^.*$" admin;', '"~^ada$" owner;', '"~ada" admin;', "default admin;", '"~^a.b$" admin;']
)
def test_a_role_line_of_somebody_elses_is_refused(line):
    """nginx might let more people match it than its author thought."""
    with pytest.raises(DamagedFileError, match="line 1"):
        read_roles(line)


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 73, "ü" * 37, "with a\ttab in it"])
def test_a_password_that_does_not_fit(password):
    """Named by its length alone."""
    with pytest.raises(InputError, match="password: expected") as refused:
        hash_password(password)
    assert not password or password not in str(refused.value)


def test_each_hash_has_a_salt_of_its_own():
    first, second = (hash_password("x" * PASSWORD_BYTES[1]) for _ in range(2))
    assert first != second
    assert first.startswith("$2b$06$")


@pytest.mark.parametrize(
    ("name", "role"),
    [("a:b", "viewer"), ("", "viewer"), ("-a", "viewer"), ("ADA", "viewer"), ("é", "viewer"), ("bob", "root")],
)
def test_a_person_who_does_not_fit(tmp_path, name, role):
    """A name nginx would misread, one that differs in case alone, a role there is not; nothing is changed."""
    folder = Folder(tmp_path)
    folder.write(FrontDoor(), TOKENS)
    folder.put_user("ada", "viewer", PASSWORD)
    with pytest.raises(InputError):
        folder.put_user(name, role, PASSWORD)
    assert list(folder.hashes()) == list(folder.roles()) == ["ada"]


def test_people_come_and_go(tmp_path):
    """A new role and password; then no more."""
    folder = Folder(tmp_path)
    folder.write(FrontDoor(), TOKENS)
    assert folder.put_user("ada", "viewer", PASSWORD) is False
    before = folder.hashes()
    assert folder.put_user("ada", "admin", PASSWORD) is True
    assert folder.roles() == {"ada": "admin"}
    assert folder.hashes() != before
    folder.remove_user("ada")
    assert folder.hashes() == folder.roles() == {}
    with pytest.raises(NotFoundError, match="nobody has that name"):
        folder.remove_user("ada")


def test_no_person_without_a_front_door(tmp_path):
    with pytest.raises(NotFoundError, match="workbench deploy nginx"):
        Folder(tmp_path).put_user("ada", "viewer", PASSWORD)


def test_the_commands(tmp_path, monkeypatch):
    """Rendered, checked where nginx and the certificate are there, and told what to do next; no secret is printed."""
    for role, token in TOKENS.items():
        monkeypatch.setenv(f"WORKBENCH_{role.upper()}_TOKEN", token)
    out = tmp_path / "nginx"
    done = succeeds(tmp_path, "deploy", "nginx", "--out", out, "--server-name", "desk.example.org", "--account", "root")
    assert "https://desk.example.org" in done.stdout
    assert "workbench deploy user NAME --role admin" in done.stdout
    assert str(out / "workbench.env") in done.stdout
    assert not [token for token in TOKENS.values() if token in done.stdout]
    assert "not checked" in done.stdout
    assert "such" not in refuses(tmp_path, "deploy", "user", "ada", "--role", "owner", "--out", out)
    assert "password: expected" in refuses(tmp_path, "deploy", "user", "ada", "--out", out)  # an empty stdin
    assert "ada: nobody" in refuses(tmp_path, "deploy", "user", "ada", "--remove", "--out", out)
    assert "server_name" in refuses(tmp_path, "deploy", "nginx", "--server-name", "a b", "--out", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_without_tokens_it_says_how_to_get_them(tmp_path, monkeypatch):
    for name in ("WORKBENCH_ADMIN_TOKEN", "ADMIN_TOKEN", "WORKBENCH_RESEARCHER_TOKEN", "RESEARCHER_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert "start `workbench serve` once" in refuses(tmp_path, "deploy", "nginx", "--out", tmp_path / "nginx")
    assert not (tmp_path / "nginx").exists()
