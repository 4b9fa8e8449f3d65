"""A field of a form, with what the server says against its value below it."""

from html import escape
from typing import Any

import ipywidgets as widgets

from workbench.wire import ParamField


class Field(widgets.VBox):
    """``value`` is what is sent: a number where the text is one, else the text as it was typed, for the server to
    refuse; None where nothing was typed.
    """

    def __init__(self, box: widgets.Widget, meaning: str = "") -> None:
        self.box, self.problem = box, widgets.HTML()
        self.problem.layout.display = "none"
        if meaning:
            box.tooltip = meaning
        super().__init__([box, self.problem])
        self.add_class("wb-field")

    @property
    def value(self) -> Any:
        return typed(self.box.value) if isinstance(self.box, widgets.Text) else self.box.value

    def tell(self, text: str) -> None:
        """Empty: nothing is wrong."""
        self.problem.value = f'<p class="wb-field-problem" role="alert">\u2715 {escape(text)}</p>' if text else ""
        self.problem.layout.display = None if text else "none"
        if text:
            self.box.add_class("wb-wrong")
        else:
            self.box.remove_class("wb-wrong")


def text_field(name: str, *, value: str = "", hint: str = "", meaning: str = "", off: bool = False) -> Field:
    return Field(widgets.Text(value, description=name, placeholder=hint, disabled=off), meaning)


def param_field(param: ParamField, *, off: bool) -> Field:
    """The box that fits a parameter's kind, with its default in it."""
    name = param.name.replace("_", " ")
    name = name[:1].upper() + name[1:]
    if param.kind == "bool":
        box = widgets.Checkbox(bool(param.default), description=name, indent=False, disabled=off)
        return Field(box, param.meaning)
    if param.choices:
        return Field(widgets.Dropdown(options=param.choices, value=param.default, description=name, disabled=off))
    return text_field(name, value=str(param.default), meaning=param.meaning, off=off)


def typed(text: str) -> Any:
    """``"9"`` -> 9, ``"0.5"`` -> 0.5, ``""`` -> None, anything else as it is."""
    text = text.strip()
    if not text:
        return None
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        return number if abs(number) < float("inf") else text  # nan too: JSON has neither
    return text


def filled(field: Field, value: Any) -> Any:
    """What a box holds for a value: every digit of a number; nothing where there is no value."""
    if not isinstance(field.box, widgets.Text):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
