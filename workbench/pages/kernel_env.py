"""What a kernel gets to know: enough of the system to run Python, the API's address, who its visitor is. No secrets."""

import os
from collections.abc import Mapping

SYSTEM = (
    "HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "PATH", "PYTHONPATH", "PYTHONWARNINGS", "SSL_CERT_DIR",
    "SSL_CERT_FILE", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USER", "VIRTUAL_ENV", "WINDIR",
)  # fmt: skip
OURS = ("WORKBENCH_URL",)
PAGE = (
    "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SERVER_SOFTWARE",
    "VOILA_APP_PORT", "VOILA_BASE_URL", "VOILA_PREHEAT", "VOILA_REQUEST_URL", "VOILA_SERVER_URL",
)  # fmt: skip
"""What Voila says about the page that was asked for, such as ``?id=`` in QUERY_STRING."""


def bare(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Of a kernel that nobody has yet."""
    return {name: value for name, value in environment.items() if name in (*SYSTEM, *OURS) or name.startswith("LC_")}


def of_page(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: str(environment[name]) for name in PAGE if name in environment}
