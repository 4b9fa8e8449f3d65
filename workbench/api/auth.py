"""Who asks, as far as the server believes it.

A token in ``x-admin-token`` or ``x-researcher-token`` makes a role; no token is a viewer; a wrong one is an error, not
a viewer. ``x-remote-user`` names the person and is believed only beside a valid token.
"""

from collections.abc import Mapping

from workbench.api.problem import Problem
from workbench.api.tokens import HEADERS, TokenBook
from workbench.guardrails.principal import Principal, Role

LONGEST_NAME = 100
USER = "x-remote-user"


def identify(headers: Mapping[str, str], address: str, tokens: TokenBook) -> Principal:
    """The caller.

    Raises:
        Problem: 401, a token is not known; 400, the name is not one.
    """
    offered = {role: headers[name] for role, name in HEADERS.items() if headers.get(name)}
    for role, token in offered.items():
        if not tokens.is_token(role, token):
            raise Problem(401, f"the token in {HEADERS[role]} is not known")
    if not offered:
        return Principal("viewer", Role.VIEWER, address)
    role = "admin" if "admin" in offered else "researcher"
    return Principal(_name(headers) or role, Role[role.upper()], address)


def _name(headers: Mapping[str, str]) -> str:
    problem = Problem(400, f"{USER}: expected at most {LONGEST_NAME} printable characters, as UTF-8")
    try:
        name = headers.get(USER, "").encode("latin-1").decode().strip()  # headers come as if they were Latin-1
    except UnicodeError:
        raise problem from None
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise problem
    return name
