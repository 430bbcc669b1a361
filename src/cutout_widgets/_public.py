"""What is imported when it is first used: public names (PEP 562), and what draws for a notebook."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

from cutout_widgets.errors import MissingDependency

__all__ = ["public_names", "shown_by"]


def public_names(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the functions ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        Its ``__name__``.
    modules
        Public name -> the module that has it, relative to the package. A name that is its own
        module is that module.

    Returns
    -------
    tuple of callable
        To be called ``__getattr__`` and ``__dir__`` in the package.
    """

    def look_up(name: str) -> Any:
        where = modules.get(name)
        if where is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            module = importlib.import_module(f"{package}.{where}")
        except ModuleNotFoundError as err:
            lacking = (err.name or package).partition(".")[0]
            if lacking == package.partition(".")[0]:
                raise
            raise MissingDependency(lacking, "", f"{package}.{name}") from err
        value = module if where == name else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        found = vars(sys.modules[package]).get("__all__", modules)
        return sorted(found)

    return look_up, names


def shown_by(function: str) -> Callable[[Any], str]:
    """Return a method ``_repr_html_`` whose work is done by a module that is imported when it is asked.

    Parameters
    ----------
    function
        Where it is, relative to this package: ``"outputs.preview:image_html"``. Images do not
        know how they are drawn; the notebook asks what does.
    """

    def show(self: Any) -> str:
        module, _, name = function.partition(":")
        html: str = getattr(importlib.import_module(f"cutout_widgets.{module}"), name)(self)
        return html

    return show
