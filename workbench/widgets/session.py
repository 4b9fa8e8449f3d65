"""Who looks at a page, and the client that acts in that person's name.

The server of the dashboards hands a kernel the visitor's name and token as environment variables. They are read once
and taken out again: nothing that runs later finds a token there, and no widget, text or error ever holds one.
"""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from workbench.client import Client

TOKENS = {"admin": "HTTP_X_ADMIN_TOKEN", "researcher": "HTTP_X_RESEARCHER_TOKEN"}
USER = "HTTP_X_REMOTE_USER"
QUERY = "QUERY_STRING"


@dataclass(frozen=True)
class Session:
    """One visitor's page.

    Attributes:
        role: viewer, researcher or admin; the API decides what it may do, this only words the page.
        query: what stands behind the ``?`` of the page's address, the first value of each name.
    """

    client: Client = field(repr=False)
    role: str = "viewer"
    user: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


def open_session(environment: MutableMapping[str, str] = os.environ) -> Session:
    """The session of this kernel; without a token (such as in JupyterLab) that of a viewer."""
    tokens = {role: token for role, name in TOKENS.items() if (token := environment.pop(name, ""))}
    user = environment.pop(USER, "")
    role = next((role for role in TOKENS if role in tokens), "viewer")
    client = Client(
        admin_token=tokens.get("admin"), researcher_token=tokens.get("researcher"), user=user if tokens else None
    )
    query = dict(reversed(parse_qsl(environment.get(QUERY, ""))))
    return Session(client, role, user, query)
