"""Who may come in: ``htpasswd`` (name and hash) and ``roles.map`` (name and role), read and written as text.

A name is case-sensitive in both. Two names that differ in nothing but case are refused all the same: people would not
tell them apart in the audit log.
"""

import re
from collections.abc import Mapping

from workbench.model.errors import DamagedFileError, InputError

ROLES = ("viewer", "researcher", "admin")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
PASSWORD_BYTES = (12, 72)
"""bcrypt looks at 72 bytes and no more."""
BCRYPT_COST = 6
"""nginx hashes the password anew for every request of a page, so this is 5 ms, not 100; hence the 12 characters."""
HEAD = (
    "# Name (a pattern, case counts) and role. Kept by `workbench deploy user`; nginx reads it when it is reloaded.\n"
)
ROLE_LINE = re.compile(r'"~\^(?P<pattern>[A-Za-z0-9._@\\-]+)\$" (?P<role>viewer|researcher|admin);')


def hash_password(password: str) -> str:
    """bcrypt, as the C library of Debian's nginx understands it.

    Raises:
        InputError: too short or too long; never shows it.
    """
    import bcrypt

    shortest, longest = PASSWORD_BYTES
    if len(password) < shortest or len(password.encode()) > longest:
        expected = f"at least {shortest} characters and at most {longest} bytes"
        raise InputError("password", expected, f"{len(password)} characters")
    if not password.isprintable():
        raise InputError("password", "characters that can be typed", "others")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode("ascii")


def check_name(name: str, others: Mapping[str, object]) -> None:
    """Raises:
    InputError: not a name, or too much like one of the others.
    """
    if not NAME.fullmatch(name):
        raise InputError("name", "1 to 64 letters, digits and . _ @ -, the first a letter or digit", name)
    alike = [each for each in others if each != name and each.lower() == name.lower()]
    if alike:
        raise InputError("name", f"one that differs from {alike[0]} by more than case", name)


def check_role(role: str) -> None:
    """Raises:
    InputError: not a role.
    """
    if role not in ROLES:
        raise InputError("--role", "viewer, researcher or admin", role)


def read_hashes(text: str) -> dict[str, str]:
    """Name -> hash of an htpasswd file; lines from other tools are kept as they are."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {name: rest for name, _, rest in (line.partition(":") for line in lines)}


def write_hashes(hashes: Mapping[str, str]) -> str:
    return "".join(f"{name}:{rest}\n" for name, rest in hashes.items())


def read_roles(text: str) -> dict[str, str]:
    """Name -> role.

    Raises:
        DamagedFileError: a line that this program would not have written; nginx might read it as more than one name.
    """
    roles: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = ROLE_LINE.fullmatch(line.strip())
        name = found["pattern"].replace("\\", "") if found else ""
        if found is None or found["pattern"] != _pattern(name):
            raise DamagedFileError(f'roles.map, line {number}: expected "~^NAME$" ROLE; with dots as \\. and a role')
        roles[name] = found["role"]
    return roles


def write_roles(roles: Mapping[str, str]) -> str:
    return HEAD + "".join(f'"~^{_pattern(name)}$" {role};\n' for name, role in roles.items())


def _pattern(name: str) -> str:
    """Of all that a name may hold only the dot means something in a pattern."""
    return name.replace(".", "\\.")
