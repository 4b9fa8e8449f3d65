"""Run the server: uvicorn on a socket of ours, so that its address is known before the first request."""

import json
import signal
import socket
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import structlog
import uvicorn
from prometheus_client import disable_created_metrics
from pydantic import ValidationError

from workbench.api.app import create_app
from workbench.api.logs import configure
from workbench.api.server_lock import only_server
from workbench.api.settings import Settings
from workbench.ending import on_end
from workbench.home import Home
from workbench.model.errors import InputError
from workbench.token_file import token_path

log = structlog.get_logger("workbench.server")


def run(home: Home, given: Mapping[str, Any], *, as_json: bool) -> None:
    """Serve until a signal ends it; its address goes to stdout, the log to stderr.

    Args:
        given: settings that come before the environment's.

    Raises:
        InputError: a setting does not fit, the port is taken, or another server runs in this home.
    """
    settings = read_settings(given)
    configure(settings.log_level)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series of every counter that nobody asks for
    with only_server(home.root), _listening(settings) as listener:
        if not settings.is_loopback:
            log.warning("listening beyond this machine: put a proxy with TLS and a login in front", host=settings.host)
        is_new = not token_path(home.root).exists()
        app = create_app(settings, home)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        _Server(config, _address(settings.host, listener), home, is_new=is_new, as_json=as_json).run([listener])


def read_settings(given: Mapping[str, Any]) -> Settings:
    """Raises:
    InputError: names the setting, never its value where it is secret.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        expected = first["msg"].removeprefix("Value error, ").removeprefix("expected ")
        raise InputError(f"WORKBENCH_{name.upper()}", expected, "something else") from None


class _Server(uvicorn.Server):
    """Tells its address when it is ready."""

    def __init__(self, config: uvicorn.Config, address: str, home: Home, *, is_new: bool, as_json: bool) -> None:
        super().__init__(config)
        self.address, self.home, self.is_new, self.as_json = address, home, is_new, as_json

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.should_exit:
            return
        on_end(lambda number: self.handle_exit(number, None))
        path = token_path(self.home.root)
        tokens = str(path) if path.exists() else None
        if self.as_json:
            sys.stdout.write(json.dumps({"url": self.address, "home": str(self.home.root), "tokens": tokens}) + "\n")
        else:
            sys.stdout.write(_welcome(self.address, tokens, is_new=self.is_new and tokens is not None))
        sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal is the usual end, with status 0: uvicorn would raise it again. A second Ctrl-C waits for nobody."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _welcome(address: str, tokens: str | None, *, is_new: bool) -> str:
    lines = [f"workbench serves {address}", f"  API to look at: {address}/docs", f"  metrics:        {address}/metrics"]
    if tokens:
        lines.append(f"  tokens:         {tokens}{' (made just now, for your eyes only)' if is_new else ''}")
    return "\n".join([*lines, "  Ctrl-C ends it", ""])


def _listening(settings: Settings) -> socket.socket:
    """Raises:
    InputError: the address is taken or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        text = f"{settings.host}:{settings.port} ({error.strerror})"
        raise InputError("--port", "a free port of this machine", text) from None
    return listener


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}"
