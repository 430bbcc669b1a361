"""Positional arguments in the order of subpixal's code or of its older documentation.

The code has parameters that are not in the documentation (`src_pos`, `src_weight`, `dqbitmask`), in the
middle of the list. The two orders can be distinguished by the types of arguments: arrays, names of
units and numbers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from numbers import Real
from typing import Any

__all__ = ["in_either_order"]


def in_either_order[**Parameters, Returned](
    *undocumented: str,
) -> Callable[[Callable[Parameters, Returned]], Callable[Parameters, Returned]]:
    """Return a decorator for functions that accept both orders.

    Parameters
    ----------
    undocumented
        Parameters missing in the documented order.

    Returns
    -------
    callable
        A decorator. Arguments that fit the function's own order are passed unchanged;
        those that fit only the documented order are reordered.
    """

    def decorate(function: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
        own = tuple(inspect.signature(function).parameters)
        documented = tuple(name for name in own if name not in undocumented)

        @wraps(function)
        def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
            ours = len(args) <= len(own) and _fit(own, args)
            if ours or len(args) > len(documented) or not _fit(documented, args):
                return function(*args, **kwargs)
            named: dict[str, Any] = dict(zip(documented, args, strict=False))
            for name in named:
                if name in kwargs:
                    raise TypeError(f"{function.__qualname__} got two values for {name!r}")
            return function(**named, **kwargs)  # type: ignore[call-arg]  # the same arguments, by name

        return call

    return decorate


def _fit(names: tuple[str, ...], args: tuple[Any, ...]) -> bool:
    """Return whether each argument has the type of its parameter."""
    return all(_fits(name, value) for name, value in zip(names, args, strict=False))


def _fits(name: str, value: Any) -> bool:
    """Return whether a value has the type of a parameter; parameters without a rule accept anything."""
    kind = name.rpartition("_")[2]
    is_image = getattr(value, "ndim", 0) == 2
    if kind in ("dq", "weight", "imdq", "imweight") and name != "src_weight":
        return value is None or is_image
    if kind == "dqbitmask":
        return not is_image
    if name == "src_pos":
        return value is None or (not is_image and not isinstance(value, (str, Real)))
    if name == "src_weight":
        return value is None or (not is_image and not isinstance(value, str))
    if kind == "units":
        return isinstance(value, str)
    if kind in ("exptime", "pad"):
        return isinstance(value, Real)
    return True
