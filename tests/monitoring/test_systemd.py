"""The systemd units: what systemd itself says of them, and that they start commands that are there."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.monitoring.serving import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
WORST_EXPOSURE = 1.6
"""Of 10; systemd calls anything below 2.5 well protected."""
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "UMask": "0077",
}
PROGRAM = "/opt/workbench/bin/workbench"


def settings(unit: Path) -> dict[str, list[str]]:
    """Of [Service]: name -> its values, in order."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in unit.read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def analyze(*words: str) -> str:
    """What systemd-analyze prints.

    Raises:
        AssertionError: it complains.
    """
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not installed (Debian package: systemd)")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr.strip(), done.stderr
    return done.stdout


def test_each_of_our_processes_has_a_unit() -> None:
    """What others start: the API, the dashboards, nginx before them. JupyterLab is a person's own."""
    assert [unit.stem for unit in UNITS] == ["workbench-api", "workbench-dashboards", "workbench-nginx"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_valid_and_well_protected(unit: Path, tmp_path: Path) -> None:
    """With programs that are here in place of the installed ones, which is all that is changed."""
    here = tmp_path / unit.name
    text = unit.read_text().replace(PROGRAM, sys.executable)
    here.write_text(re.sub(r"/usr/sbin/nginx\b", sys.executable, text))
    analyze("verify", str(here))
    said = analyze("security", "--offline=true", str(here))
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= WORST_EXPOSURE


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_is_hardened_and_nobody_else(unit: Path) -> None:
    """A user of its own, no new privileges, everything read-only but its own state, restarted when it fails."""
    said = settings(unit)
    assert {name: said[name][0] for name in HARDENED} == HARDENED
    users = {settings(each)["User"][0] for each in UNITS}
    assert len(users) == len(UNITS)
    assert "root" not in users
    assert said["Restart"] == ["on-failure"]
    assert not {"ReadWritePaths", "PermissionsStartOnly"} & set(said)
    allowed = ["CAP_NET_BIND_SERVICE"] if unit.stem == "workbench-nginx" else [""]
    assert said["CapabilityBoundingSet"] == said["AmbientCapabilities"] == allowed


@pytest.mark.parametrize("name", ["workbench-api", "workbench-dashboards"])
def test_a_killed_child_does_not_end_the_unit(name: str) -> None:
    """systemd itself would stop a unit as soon as memory runs out for one of its processes: a worker, a kernel."""
    assert settings(ROOT / "deploy" / "systemd" / f"{name}.service")["OOMPolicy"] == ["continue"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_secrets_are_in_files_and_not_in_the_unit(unit: Path) -> None:
    """`systemctl show` tells anybody what a unit says."""
    assert not re.search(r"^Environment=.*(TOKEN|SECRET|PASSWORD|DATABASE_URL)", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("unit", [each for each in UNITS if PROGRAM in each.read_text()], ids=lambda unit: unit.stem)
def test_what_it_starts_is_a_command_of_ours(unit: Path) -> None:
    """With options that there are."""
    program, *words = shlex.split(settings(unit)["ExecStart"][0])
    assert program == PROGRAM
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *words, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_nginx_is_started_with_the_folder_that_the_servers_read_their_secret_from() -> None:
    """And with the certificate where the readme has it rendered for."""
    nginx = settings(ROOT / "deploy" / "systemd" / "workbench-nginx.service")
    folder = "/var/lib/workbench-nginx"
    assert nginx["StateDirectory"] == [Path(folder).name]
    assert all(f"-p {folder} -c nginx.conf" in nginx[name][0] for name in ("ExecStartPre", "ExecStart", "ExecReload"))
    for name in ("api", "dashboards"):
        files = settings(ROOT / "deploy" / "systemd" / f"workbench-{name}.service")["EnvironmentFile"]
        assert f"{folder}/workbench.env" in {file.removeprefix("-") for file in files}
    readme = (ROOT / "deploy" / "README.md").read_text()
    for credential in nginx["LoadCredential"]:
        assert f"/run/credentials/workbench-nginx.service/{credential.partition(':')[0]}" in readme
