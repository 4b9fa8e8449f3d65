"""The folder that nginx is started with: what is written into it, and who may read it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.atomic import write_atomically
from workbench.deploy.front_door import FrontDoor
from workbench.deploy.people import (
    check_name,
    check_role,
    hash_password,
    read_hashes,
    read_roles,
    write_hashes,
    write_roles,
)
from workbench.deploy.render import render, render_environment, render_secrets
from workbench.deploy.secret_values import PROXY, Secrets, kept, make_secret
from workbench.model.errors import InputError, NotFoundError

NGINX = "nginx.conf"
SECRETS = "secrets.conf"
ENVIRONMENT = "workbench.env"
PASSWORDS = "htpasswd"
ROLES = "roles.map"
SUBFOLDERS = ("run", "logs", "tmp", "acme")
SECRET, OPEN = 0o600, 0o644


@dataclass(frozen=True)
class Folder:
    """Rendering again keeps people, roles and the proxy's secret."""

    root: Path

    def write(self, door: FrontDoor, tokens: Mapping[str, str]) -> None:
        """All of nginx's files.

        Args:
            tokens: role -> token of the API.

        Raises:
            InputError: a token that nginx would misread; nothing was written.
        """
        proxy = kept(self.root / ENVIRONMENT).get(PROXY) or make_secret()
        values = Secrets(tokens["admin"], tokens["researcher"], proxy)
        texts = render(door)
        for name in SUBFOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        self._put(ENVIRONMENT, render_environment(values), SECRET)
        self._put(SECRETS, render_secrets(values), SECRET)
        for name, text in texts.items():
            self._put(name, text, OPEN)
        self._put(ROLES, write_roles(self.roles()), OPEN)
        self._put_passwords(write_hashes(self.hashes()), door.account)

    def hashes(self) -> dict[str, str]:
        return read_hashes(self._text(PASSWORDS))

    def roles(self) -> dict[str, str]:
        """Raises:
        DamagedFileError: the file holds something else.
        """
        return read_roles(self._text(ROLES))

    def put_user(self, name: str, role: str, password: str) -> bool:
        """Let somebody in, or give a new role and password; whether the name was there before.

        Raises:
            NotFoundError: there is no front door yet. InputError: a name, role or password that does not fit.
        """
        self._must_exist()
        hashes, roles = self.hashes(), self.roles()
        check_name(name, {**hashes, **roles})
        check_role(role)
        hashed, was_there = hash_password(password), name in hashes
        # The role first: whoever is let in between the two has no more than is meant.
        self._put(ROLES, write_roles({**roles, name: role}), OPEN)
        self._put_passwords(write_hashes({**hashes, name: hashed}), self._group())
        return was_there

    def remove_user(self, name: str) -> None:
        """Raises:
        NotFoundError: nobody has that name, or there is no front door yet.
        """
        self._must_exist()
        hashes, roles = self.hashes(), self.roles()
        if name not in hashes and name not in roles:
            raise NotFoundError(f"{name}: nobody has that name; there are {', '.join(hashes) or 'none'}")
        hashes.pop(name, None)
        roles.pop(name, None)
        self._put_passwords(write_hashes(hashes), self._group())
        self._put(ROLES, write_roles(roles), OPEN)

    def _must_exist(self) -> None:
        if not (self.root / NGINX).is_file():
            raise NotFoundError(f"{self.root}: no {NGINX} here; run `workbench deploy nginx --out {self.root}` first")

    def _text(self, name: str) -> str:
        path = self.root / name
        return path.read_text("utf-8") if path.exists() else ""

    def _put(self, name: str, text: str, mode: int) -> None:
        path = self.root / name
        write_atomically(path, text.encode(), SECRET)
        if mode != SECRET:
            path.chmod(mode)

    def _put_passwords(self, text: str, group: str | int | None) -> None:
        """Unlike the rest, nginx's workers read this file, not its master: it is their group's."""
        self._put(PASSWORDS, text, SECRET)
        if group is not None:
            path = self.root / PASSWORDS
            try:
                shutil.chown(path, group=group)
            except LookupError:
                raise InputError("account", "an account with a group of the same name on this machine", group) from None
            path.chmod(0o640)

    def _group(self) -> int | None:
        """Of the file as it is."""
        status = (self.root / PASSWORDS).stat()
        return status.st_gid if status.st_gid != os.getegid() else None
