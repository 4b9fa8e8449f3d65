"""deploy/compose.yaml, the Dockerfile and the script of secrets: what can be said of them without a Docker engine."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.deploy.compose import DEPLOY, ROOT, USER_ID, document, services, stages

SERVERS = sorted(set(services()) - {"setup"})
MADE_BY_THE_SCRIPT = ("./front", "./tls")
NOT_FOR_THE_IMAGE = ("deploy", "tests", ".git", ".workbench", ".venv", "evidence", "data", "notebooks")


def compose(folder: Path) -> tuple[int, str]:
    """Exit status and complaints of ``config``: docker's compose plugin where there is one, else Debian's program."""
    plugin = [shutil.which("docker") or "docker", "compose"]
    has_plugin = shutil.which("docker") and subprocess.run([*plugin, "version"], capture_output=True, check=False)
    program = plugin if has_plugin and has_plugin.returncode == 0 else ["docker-compose"]
    if shutil.which(program[0]) is None:
        pytest.skip("neither docker's compose plugin nor docker-compose is installed (Debian package: docker-compose)")
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    words = [*program, "--profile", "setup", "config", "--quiet"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=kept, check=False)
    return done.returncode, done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of deploy/ with its secrets made."""
    made = tmp_path / "deploy"
    shutil.copytree(DEPLOY, made, ignore=shutil.ignore_patterns("secrets", "front", "tls", ".env"))
    subprocess.run([str(made / "secrets.sh")], check=True, capture_output=True)
    return made


def test_compose_takes_the_file(folder: Path) -> None:
    """With every env file in its place, and the service that only sets things up; a mistake in it would be noticed."""
    assert compose(folder) == (0, "")
    path = folder / "compose.yaml"
    path.write_text(path.read_text().replace("read_only: true", "readonly: true"))
    status, complaint = compose(folder)
    assert status != 0
    assert "readonly" in complaint


@pytest.mark.parametrize("name", services())
def test_every_container_is_confined(name: str) -> None:
    """Not root, nothing to write on but what is named, no capability, no way to new ones, bounds on what it takes."""
    service = services()[name]
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 512
    assert not {"privileged", "cap_add", "devices", "pid", "ipc", "userns_mode"} & set(service)
    assert "docker.sock" not in str(service)
    assert all("=" in mount for mount in service.get("tmpfs", []))


@pytest.mark.parametrize("name", SERVERS)
def test_every_server_has_a_health_check_a_bound_and_comes_back(name: str) -> None:
    """So that what waits for it waits, and what fails starts again."""
    service = services()[name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"
    assert service["mem_limit"]


def test_only_nginx_is_published_and_networks_are_closed() -> None:
    """Its network is held by `front`; the ledger is reached by the API alone; out of the house go two."""
    found, networks = services(), document()["networks"]
    assert [name for name, service in found.items() if "ports" in service] == ["front"]
    sharing = {name for name, service in found.items() if service.get("network_mode") == "service:front"}
    assert sharing == {"nginx", "dashboards"}
    closed = {name for name, network in networks.items() if network.get("internal")}
    assert closed == {"inside", "ledger"}
    joined = {network: {name for name in found if network in found[name].get("networks", [])} for network in networks}
    assert joined["ledger"] == {"api", "postgres"}
    assert joined["street"] == {"front"}
    assert joined["exchange"] == {"api"}
    assert all(set(found[name].get("networks", [])) <= closed for name in ("postgres", "prometheus", "grafana"))


def test_images_have_fixed_versions_and_plain_names() -> None:
    """No `latest`, and no host of a registry."""
    images = {service["image"] for service in services().values()} | {stage.base.split(" ")[0] for stage in stages()}
    for image in images:
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:v?[0-9][0-9a-z.-]*", image), image


def test_what_is_mounted_is_there() -> None:
    """Files of this folder, or folders that the script makes; everything of ours read-only."""
    for name, service in services().items():
        for mount in service.get("volumes", []):
            source, _, target = mount.partition(":")
            if source.startswith("./") and source not in MADE_BY_THE_SCRIPT:
                assert (DEPLOY / source).exists(), mount
                assert target.endswith(":ro"), (name, mount)
            elif not source.startswith("./"):
                assert source in document()["volumes"]


def test_secrets_are_in_env_files_that_git_and_the_builder_do_not_see() -> None:
    """None in compose.yaml or the Dockerfile."""
    files = {file for service in services().values() for file in service.get("env_file", [])}
    assert {file.split("/")[0] for file in files} == {"secrets", "front"}
    ignored = (DEPLOY / ".gitignore").read_text().split()
    assert {"/secrets/", "/front/", "/tls/"} <= set(ignored)
    secret = re.compile(r"(TOKEN|PASSWORD|SECRET|DATABASE_URL)\s*[:=]", re.IGNORECASE)
    for file in ("compose.yaml", "Dockerfile"):
        assert not secret.search((DEPLOY / file).read_text()), file


def test_the_script_makes_secrets_once_and_tells_none(tmp_path: Path) -> None:
    """Mode 0600, all different, the ledger's password the same in two files; a second run changes nothing."""
    script = [str(DEPLOY / "secrets.sh"), str(tmp_path)]
    done = subprocess.run(script, check=True, capture_output=True, text=True)
    files = [*(tmp_path / "secrets").iterdir(), tmp_path / "front" / "workbench.env"]
    assert {path.name for path in files} == {"api.env", "postgres.env", "grafana.env", "workbench.env"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    before = {path: path.read_text() for path in files}
    values = [value for text in before.values() for value in re.findall(r"\b[0-9a-f]{64}\b", text)]
    assert len(values) == 6
    assert len(set(values)) == 5
    assert not [value for value in values if value in done.stdout + done.stderr]
    again = subprocess.run(script, check=False, capture_output=True, text=True)
    assert again.returncode == 1
    assert "nothing was changed" in again.stderr
    assert {path: path.read_text() for path in files} == before
    if os.geteuid() == 0:
        assert (tmp_path / "front").stat().st_uid == USER_ID


def test_the_image_runs_as_nobody_in_particular_and_installs_only_what_is_pinned() -> None:
    """The last user is the number that compose.yaml names; packages come with their digests."""
    build, final = stages()
    assert final.last("USER") == f"{USER_ID}:{USER_ID}"
    assert services()["api"]["user"] == f"{USER_ID}:{USER_ID}"
    assert final.last("ENTRYPOINT") == '["workbench"]'
    installs = [rest for name, rest in build.steps if name == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-deps" in installs[1]
    assert "--no-build-isolation" in installs[1]
    assert [rest for name, rest in final.steps if name == "COPY"] == ["--from=build /opt/workbench /opt/workbench"]


def let_through() -> set[str]:
    """What .dockerignore leaves of the repository's top."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    return {rule[1:] for rule in rules if rule.startswith("!")}


def test_the_builder_sees_what_it_copies_and_nothing_else() -> None:
    """No secret, no evidence, no candles, no history."""
    copied = {word for name, rest in stages()[0].steps if name == "COPY" for word in rest.split()[:-1]}
    assert let_through() == copied
    assert not let_through() & set(NOT_FOR_THE_IMAGE)
    assert all((ROOT / name).exists() for name in copied)


def test_what_the_builder_sees_makes_a_whole_package(tmp_path: Path) -> None:
    """The Dockerfile's last step, on a copy of what is sent: pages, templates and migrations are in the wheel."""
    for name in let_through():
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    words = ["wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, "-m", "pip", *words, "-w", "out", "."], cwd=tmp_path, check=True, timeout=120)
    (wheel,) = (tmp_path / "out").iterdir()
    inside = set(zipfile.ZipFile(wheel).namelist())
    pages = {f"workbench/pages/notebooks/{page}.ipynb" for page in ("report", "guardrails", "live")}
    templates = {f"workbench/deploy/templates/{each.name}" for each in (ROOT / "workbench/deploy/templates").iterdir()}
    versions = ROOT / "workbench/guardrails/migrations/versions"
    migrations = {f"workbench/guardrails/migrations/versions/{each.name}" for each in versions.glob("*.py")}
    assert pages | templates | migrations <= inside
    assert not [name for name in inside if name.startswith(("tests", "deploy", "evidence"))]
