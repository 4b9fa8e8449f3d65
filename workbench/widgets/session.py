"""Who looks at a page, and the client that acts in that person's name.

The dashboards' server tells a kernel who its visitor is by a file that is read once and deleted; a Voila of one's own
does it by environment variables, which are taken out again. Nothing that runs later finds a token, and no widget, text
or error ever holds one.
"""

import json
import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

from workbench.client import Client

TOKENS = {"admin": "HTTP_X_ADMIN_TOKEN", "researcher": "HTTP_X_RESEARCHER_TOKEN"}
USER = "HTTP_X_REMOTE_USER"
QUERY = "QUERY_STRING"
VISIT = "WORKBENCH_VISIT"
"""Names the file; the variables above are the names in it."""


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
    told = {name: environment.pop(name, "") for name in (*TOKENS.values(), USER)}
    told = {**told, QUERY: environment.get(QUERY, ""), **_visit(environment.pop(VISIT, ""))}
    tokens = {role: told[name] for role, name in TOKENS.items() if told[name]}
    role, user = next(iter(tokens), "viewer"), told[USER]
    client = Client(
        admin_token=tokens.get("admin"), researcher_token=tokens.get("researcher"), user=user if tokens else None
    )
    return Session(client, role, user, dict(reversed(parse_qsl(told[QUERY]))))


def _visit(path: str) -> dict[str, str]:
    if not path:
        return {}
    text = Path(path).read_text("utf-8")
    Path(path).unlink()
    return {str(name): str(value) for name, value in json.loads(text).items()}
