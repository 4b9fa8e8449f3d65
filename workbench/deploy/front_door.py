"""How the front door is set up; everything that ends up in nginx's configuration is looked at here.

nginx reads ``$`` as a variable and ``;`` as an end, also in places where one would not expect it, so each text has an
alphabet of its own and nothing else passes.
"""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path

from workbench.model.errors import InputError

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
PATH = re.compile(r"[A-Za-z0-9_./+@ -]{1,400}")
RATE = re.compile(r"[1-9][0-9]{0,5}r/[sm]")
ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
CERTIFICATE = Path("/etc/ssl/workbench/fullchain.pem")
KEY = Path("/etc/ssl/workbench/privkey.pem")


@dataclass(frozen=True)
class FrontDoor:
    """Settings of nginx.

    Attributes:
        server_name: the one public name (or IPv4 address); requests for other names are refused.
        port: where plain HTTP is answered, with nothing but a redirect.
        addresses: where to listen, as nginx spells them: IPv6 in brackets.
        account: of the worker processes; None where nginx is not started by root, which could not change it.
        api, dashboards: host and port of the two servers behind.
        page_rate, api_rate: requests per address; a page is many files.
        login_rate: per address, for browsers that have not been in yet: passwords are guessed no faster.
        kernel_rate: opened dashboards per address, each of which starts a kernel.
        connections: of one address, requests under way included.
        body_kibibytes: the largest request.
        websocket_seconds: how long a websocket or an event stream may be silent.
        reload_seconds: how long what was open before a reload may go on.
    """

    server_name: str = "localhost"
    tls_certificate: Path = CERTIFICATE
    tls_key: Path = KEY
    port: int = 80
    tls_port: int = 443
    addresses: tuple[str, ...] = ("0.0.0.0", "[::]")  # noqa: S104 - a front door is open to the street
    account: str | None = None
    api: str = "127.0.0.1:4010"
    dashboards: str = "127.0.0.1:3003"
    page_rate: str = "50r/s"
    page_burst: int = 300
    api_rate: str = "20r/s"
    api_burst: int = 60
    login_rate: str = "30r/m"
    login_burst: int = 20
    kernel_rate: str = "30r/m"
    kernel_burst: int = 10
    connections: int = 100
    body_kibibytes: int = 64
    websocket_seconds: int = 3600
    reload_seconds: int = 10

    def __post_init__(self) -> None:
        """Raises:
        InputError: names the field.
        """
        _match("server_name", HOST, self.server_name, "a host name in small letters, or an IPv4 address")
        for name, path in (("tls_certificate", self.tls_certificate), ("tls_key", self.tls_key)):
            _match(name, PATH, str(path), "an absolute path of letters, digits and _ . / + @ -")
            if not path.is_absolute():
                raise InputError(name, "an absolute path", str(path))
        for address in self.addresses:
            _check_address(address)
        for name, upstream in (("api", self.api), ("dashboards", self.dashboards)):
            _check_upstream(name, upstream)
        if self.account is not None:
            _match("account", ACCOUNT, self.account, "the name of an account")
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("page_rate", "api_rate", "login_rate", "kernel_rate"):
            _match(name, RATE, getattr(self, name), "a rate such as 20r/s or 30r/m")
        for name in ("port", "tls_port"):
            _check_port(name, getattr(self, name))
        if self.port == self.tls_port:
            raise InputError("tls_port", "another port than that of plain HTTP", self.tls_port)
        counts = ("page_burst", "api_burst", "login_burst", "kernel_burst")
        for name in (*counts, "connections", "body_kibibytes", "websocket_seconds", "reload_seconds"):
            if not 1 <= getattr(self, name) <= 1_000_000:
                raise InputError(name, "a number from 1 to 1,000,000", getattr(self, name))

    @property
    def origin(self) -> str:
        """The public address, as browsers write it."""
        port = "" if self.tls_port == 443 else f":{self.tls_port}"
        return f"https://{self.server_name}{port}"


def _match(field: str, pattern: re.Pattern[str], text: str, expected: str) -> None:
    if not pattern.fullmatch(text):
        raise InputError(field, expected, text)


def _check_port(field: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise InputError(field, "a port from 1 to 65535", port)


def _check_address(address: str) -> None:
    """IPv4 plain, IPv6 in brackets."""
    is_bracketed = address.startswith("[") and address.endswith("]")
    try:
        number = ipaddress.ip_address(address[1:-1] if is_bracketed else address)
    except ValueError:
        raise InputError("listen", "an address such as 0.0.0.0 or [::]", address) from None
    if "%" in address or (number.version == 6) is not is_bracketed:
        raise InputError("listen", "an IPv4 address, or an IPv6 address in brackets", address)


def _check_upstream(field: str, upstream: str) -> None:
    host, _, port = upstream.rpartition(":")
    if not HOST.fullmatch(host) or not port.isascii() or not port.isdigit():
        raise InputError(field, "host:port such as 127.0.0.1:4010", upstream)
    _check_port(field, int(port))
