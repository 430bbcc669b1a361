"""Helpers of the public interface: lazy names (PEP 562), notebook previews, option objects."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption, MissingDependency, refuse_unknown

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["chosen_options", "public_names", "shown_by", "with_fields"]


def public_names(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the functions ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        Its ``__name__``.
    modules
        Public name -> its module, relative to the package. A name equal to its module is
        the module itself.

    Returns
    -------
    tuple of callable
        The package's ``__getattr__`` and ``__dir__``.
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
    """Return a ``_repr_html_`` method whose implementation is imported only when called.

    Parameters
    ----------
    function
        Where it is, relative to this package: ``"outputs.preview:image_html"``. Thus images do not
        depend on the code that draws them.
    """

    def show(self: Any) -> str:
        module, _, name = function.partition(":")
        html: str = getattr(importlib.import_module(f"cutout_widgets.{module}"), name)(self)
        return html

    return show


def with_fields(function: Callable[..., Any], kind: type[DataclassInstance]) -> Signature:
    """Return the signature of a function whose ``**keywords`` are the fields of a dataclass.

    Parameters
    ----------
    function
        Its last parameter accepts any keyword.
    kind
        A dataclass whose fields all have defaults.

    Returns
    -------
    inspect.Signature
        With a keyword-only parameter for each field, for `help`.
    """
    given = signature(function)
    own = [one for one in given.parameters.values() if one.kind is not one.VAR_KEYWORD]
    named = [
        Parameter(one.name, Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type)
        for one in fields(kind)
    ]
    return given.replace(parameters=[*own, *named])


def chosen_options[T: DataclassInstance](
    function: Callable[..., Any], kind: type[T], options: T | None, keywords: Mapping[str, Any]
) -> T:
    """Return the options of a call: those of an object, overridden by keywords.

    Parameters
    ----------
    function
        The called function, for error messages.
    kind
        The dataclass of its options.
    options
        The object given by the user; None = the defaults.
    keywords
        The keywords given by the user.

    Returns
    -------
    instance of `kind`
        A new one.

    Raises
    ------
    UnknownOption
        If a keyword is not a field; the error names the closest one.
    BadOption
        If `options` is not of this kind, or an option is invalid.
    """
    name = function.__name__
    known = [one.name for one in signature(function).parameters.values() if one.kind is one.KEYWORD_ONLY]
    refuse_unknown(name, keywords, known)
    if options is not None and not isinstance(options, kind):
        raise BadOption(f"options= of {name} is a {kind.__name__}; got {options!r:.60}")
    return replace(kind() if options is None else options, **keywords)
