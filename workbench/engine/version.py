"""The version of the rules and formulas: it changes whenever any of them changes a result, and only then."""

import functools
from importlib import metadata

from workbench.model.errors import InputError

ENGINE_VERSION = "1"


@functools.cache
def package_version() -> str:
    """The installed package's version; read once, since it costs a millisecond.

    Raises:
        InputError: the package runs from a checkout without being installed.
    """
    try:
        return metadata.version("research-workbench")
    except metadata.PackageNotFoundError:
        raise InputError("package", "research-workbench installed (pip install -e .)", "no installation") from None
