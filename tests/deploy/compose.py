"""deploy/compose.yaml and its Dockerfile as values; and processes that are confined as their containers would be."""

import contextlib
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
import yaml

from tests.monitoring.serving import end

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
USER_ID = 10001
STATE = Path("/mnt")
"""Where a confined process finds the one folder that it may write to, beside /tmp."""
CONFINE = """
mount --make-rprivate /
mount --bind "$1" /mnt
mount --bind "$2" /media
mount --bind "$3" /srv
mount -t tmpfs -o mode=1777,size=512m tmpfs /tmp
case "$2:$3" in /root/*|*:/root/*) mount -t tmpfs -o mode=755,size=1m tmpfs /root;; esac
again() {  # what lay in a folder that was covered
    case "$1" in /root/*|/tmp/*)
        mkdir -p "$1"
        mount --bind "$2" "$1"
        mount -o remount,bind,ro "$1"
    esac
}
again "$2" /media
again "$3" /srv
mount -o remount,bind,ro /
cd /mnt
shift 3
exec setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


def document() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def services() -> dict[str, dict[str, Any]]:
    return dict(document()["services"])


@dataclass(frozen=True)
class Stage:
    """One FROM of a Dockerfile and what follows: (instruction, the rest of its line)."""

    base: str
    steps: tuple[tuple[str, str], ...]

    def last(self, instruction: str) -> str:
        return [rest for name, rest in self.steps if name == instruction][-1]


def stages() -> list[Stage]:
    """Of deploy/Dockerfile, its continued lines joined.

    Raises:
        AssertionError: a line that is no instruction.
    """
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: list[Stage] = []
    for line in lines:
        name, _, rest = line.partition(" ")
        assert name in {"FROM", "RUN", "COPY", "ENV", "USER", "WORKDIR", "EXPOSE", "ENTRYPOINT", "CMD"}, line
        if name == "FROM":
            found.append(Stage(rest, ()))
        else:
            found[-1] = Stage(found[-1].base, (*found[-1].steps, (name, rest)))
    return found


def must_be_confinable() -> None:
    """Skips the test where this machine does not let root make a mount namespace."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None or shutil.which("unshare") is None:
        pytest.skip("only root, with Debian's util-linux, can confine processes")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not allow mount namespaces")


def confined(state: Path, command: Sequence[str]) -> list[str]:
    """The command as a container would run it: everything read-only but ``state`` (at /mnt) and a new /tmp; another
    user than root, no capability, none to be had."""
    return ["unshare", "--mount", "sh", "-ec", CONFINE, "confine", str(state), sys.base_prefix, str(ROOT), *command]


@contextlib.contextmanager
def running(state: Path, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run it until the block ends; the address that it prints when it is ready.

    Raises:
        AssertionError: it prints none; with its log.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with log.open("ab") as errors:
        process = subprocess.Popen(
            confined(state, command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**kept, **environment},
        )
    assert process.stdout is not None
    try:
        yield _address(process.stdout, log)
    finally:
        end(process)


def _address(output: IO[bytes], log: Path) -> str:
    ready, _, _ = select.select([output], [], [], 120)
    while ready and (line := output.readline()):
        if found := re.search(rb'http://[^"/]+', line):
            return found[0].decode()
    raise AssertionError(log.read_text())
