"""Settings -> the texts of nginx's files."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from workbench.deploy.front_door import FrontDoor
from workbench.deploy.secret_values import PROXY, Secrets

OPEN_FILES = ("nginx.conf", "forward.conf", "forward_nobody.conf")
"""Nothing secret is in them."""


def render(door: FrontDoor) -> dict[str, str]:
    """File name -> text of the files that everybody may read."""
    templates = _templates()
    return {name: templates.get_template(f"{name}.j2").render(door=door) for name in OPEN_FILES}


def render_secrets(values: Secrets) -> str:
    """``secrets.conf``, for nginx's eyes only."""
    return _templates().get_template("secrets.conf.j2").render(secrets=values)


def render_environment(values: Secrets) -> str:
    """What the servers behind have to know, as systemd's EnvironmentFile or a shell reads it."""
    lines = [
        "# For the API and the dashboards behind nginx. Secret; kept when the configuration is rendered again.",
        f"{PROXY}={values.proxy}",
        "WORKBENCH_REQUIRE_SECOND_PERSON=true",
    ]
    return "\n".join([*lines, ""])


def _templates() -> Environment:
    """Without escaping for HTML; :class:`FrontDoor` and :class:`Secrets` let nothing pass that nginx would misread."""
    return Environment(
        loader=PackageLoader("workbench.deploy"),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
