"""What nginx itself says of a configuration."""

import shutil
import subprocess
from pathlib import Path

from workbench.model.errors import WorkbenchError

SECONDS = 30.0


class RefusedConfigurationError(WorkbenchError):
    """nginx does not take it; the text is nginx's."""

    exit_status = 1


def find_nginx() -> str | None:
    """Debian keeps it where only root's PATH leads."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")


def check(nginx: str, folder: Path) -> None:
    """``nginx -t``.

    Raises:
        RefusedConfigurationError: in nginx's words.
    """
    command = [nginx, "-t", "-q", "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    if done.returncode:
        raise RefusedConfigurationError(f"nginx -t: {done.stderr.strip()[-600:]}")
