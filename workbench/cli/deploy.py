"""``workbench deploy``: the front door for a server that others reach: nginx with TLS, a login and roles."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.output import say
from workbench.home import Home
from workbench.model.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from workbench.deploy.folder import Folder

deploy_app = typer.Typer(help="The front door: nginx with TLS, a login and roles.", no_args_is_help=True)
Out = Annotated[Path, typer.Option(help="The folder that nginx is started with.")]
DEBIAN_ACCOUNT = "www-data"


@deploy_app.command("nginx")
def nginx_command(
    out: Out,
    server_name: Annotated[str, typer.Option(help="The public name; requests for others are refused.")] = "localhost",
    tls_certificate: Annotated[Path | None, typer.Option(help="The certificate with its chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    port: Annotated[int, typer.Option(help="Plain HTTP, which only redirects.")] = 80,
    tls_port: Annotated[int, typer.Option(help="HTTPS.")] = 443,
    listen: Annotated[
        list[str] | None, typer.Option(help="An address to listen on; may be given several times. Default: all.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(help=f"Of nginx's workers. Default: {DEBIAN_ACCOUNT} where root runs this, else yours."),
    ] = None,
    api: Annotated[str, typer.Option(help="Where `workbench serve` listens.")] = "127.0.0.1:4010",
    dashboards: Annotated[str, typer.Option(help="Where the dashboards listen.")] = "127.0.0.1:3003",
) -> None:
    """Render nginx's configuration into a folder, ask nginx whether it is right, and say what to do next.

    Tokens come from WORKBENCH_ADMIN_TOKEN and WORKBENCH_RESEARCHER_TOKEN, else from the home's tokens.json. Rendering
    again keeps people, roles and the proxy's secret.

    Example: workbench deploy nginx --out /etc/workbench/nginx --server-name desk.example.org
    """
    from workbench.deploy.folder import Folder
    from workbench.deploy.front_door import CERTIFICATE, KEY, FrontDoor

    door = FrontDoor(
        server_name=server_name,
        tls_certificate=(tls_certificate or CERTIFICATE).absolute(),
        tls_key=(tls_key or KEY).absolute(),
        port=port,
        tls_port=tls_port,
        addresses=tuple(listen) if listen else FrontDoor.addresses,
        account=account or (DEBIAN_ACCOUNT if _is_root() else None),
        api=api,
        dashboards=dashboards,
    )
    folder = Folder(out.absolute())
    folder.write(door, _tokens())
    checked = _check_if_possible(folder.root, door.tls_certificate, door.tls_key)
    say(f"{folder.root}: nginx.conf and what belongs to it, for {door.origin}\n{checked}\n{_next(folder)}")


@deploy_app.command("user")
def user_command(
    name: Annotated[str, typer.Argument(help="As it will stand in the audit log.")],
    out: Out,
    role: Annotated[str, typer.Option(help="viewer, researcher or admin.")] = "viewer",
    remove: Annotated[bool, typer.Option("--remove", help="Let this person in no more.")] = False,
) -> None:
    """Let a person in: asks for a password (or reads one line where stdin is no terminal) and keeps its hash.

    Example: workbench deploy user ayse --role admin --out /etc/workbench/nginx
    """
    from workbench.deploy.folder import Folder
    from workbench.deploy.people import check_name, check_role

    folder = Folder(out.absolute())
    if remove:
        folder.remove_user(name)
        told = f"{name} is let in no more"
    else:
        check_role(role)
        check_name(name, {})
        was_there = folder.put_user(name, role, _password())
        told = f"{name} is {role} {'from now on, with the new password' if was_there else 'and may log in'}"
    say(f"{told}; roles hold once nginx is reloaded: {_nginx(folder.root)} -s reload")


def _tokens() -> dict[str, str]:
    """Role -> token, as the API takes them."""
    from workbench.api.server import read_settings
    from workbench.token_file import read_tokens, token_path

    settings = read_settings({})
    given = {"admin": settings.admin_token, "researcher": settings.researcher_token}
    texts = {role: secret.get_secret_value() for role, secret in given.items() if secret is not None}
    if len(texts) == len(given):
        return texts
    root = Home.find().root
    if not token_path(root).exists():
        raise NotFoundError(
            f"{token_path(root)}: no tokens yet; start `workbench serve` once in this home, or set "
            "WORKBENCH_ADMIN_TOKEN and WORKBENCH_RESEARCHER_TOKEN"
        )
    return {**read_tokens(root), **texts}


def _check_if_possible(root: Path, *needed: Path) -> str:
    """What came of it.

    Raises:
        RefusedConfigurationError: nginx does not take it.
    """
    from workbench.deploy.nginx_check import check, find_nginx

    nginx, missing = find_nginx(), [str(path) for path in needed if not path.exists()]
    if nginx is None:
        return "not checked: nginx is not installed (Debian package: nginx)"
    if missing:
        return f"not checked by nginx -t: {' and '.join(missing)} must be there first"
    check(nginx, root)
    return "nginx -t: it is right"


def _next(folder: "Folder") -> str:
    root = folder.root
    people = [] if folder.hashes() else [f"workbench deploy user NAME --role admin --out {root}"]
    steps = [
        *people,
        f"give the API and the dashboards the settings in {root / 'workbench.env'}, and start them again",
        f"{_nginx(root)}            # later, after a change: the same with -s reload",
    ]
    return "next:\n" + "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))


def _nginx(root: Path) -> str:
    return f"nginx -p {root} -c nginx.conf"


def _password() -> str:
    """Asked for twice; from a pipe, its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    import getpass

    first = getpass.getpass("password: ")
    if getpass.getpass("again: ") != first:
        raise InputError("password", "the same twice", "two that differ")
    return first


def _is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0
