"""The systemd unit: what systemd itself says of it."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.monitoring.serving import ROOT

UNIT = ROOT / "deploy" / "systemd" / "workbench-api.service"
WORST_EXPOSURE = 2.0
"""Of 10; systemd calls anything below 2.5 well protected."""


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


def test_it_is_valid_and_well_protected(tmp_path: Path) -> None:
    """With a program that is here in place of the installed one, which is all that is changed."""
    unit = tmp_path / UNIT.name
    text = UNIT.read_text()
    assert "/opt/workbench/bin/workbench serve" in text
    unit.write_text(text.replace("/opt/workbench/bin/workbench", sys.executable))
    analyze("verify", str(unit))
    said = analyze("security", "--offline=true", str(unit))
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert exposure is not None
    assert float(exposure[1]) <= WORST_EXPOSURE
