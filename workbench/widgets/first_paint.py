"""A page's first look as plain HTML beside the widget: a server shows it while the browser still loads the scripts."""

from typing import Any


class FirstPaint:
    """Mixed into a page, before its widget class. It is asked for once, when the cell shows the page."""

    def first_paint(self) -> str:
        """What the page says at this moment, styles included; needs no script."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any] | None:
        bundle: dict[str, Any] | None = super()._repr_mimebundle_(**options)  # type: ignore[misc]  # the widget's
        return bundle and {**bundle, "text/html": self.first_paint()}
