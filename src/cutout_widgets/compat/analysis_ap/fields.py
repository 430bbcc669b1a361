"""Validation of configuration fields when they are set."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from cutout_widgets.compat.analysis_ap.errors import BadTaskOption
from cutout_widgets.errors import BadOption, sentence
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.pixels.region import Region

__all__ = [
    "checked_chunk_size",
    "dataset_type",
    "n_processes",
    "prefix",
    "size",
    "sizes",
    "url_root",
    "yes_or_no",
]


def sizes(name: str, value: Any) -> list[int]:
    """Return widths, px: whole, positive, unique."""
    if not isinstance(value, (list, tuple, np.ndarray)) or not len(value):
        raise BadOption(f"{name} is a list of widths in pixels, such as [30] or [30, 60]; got {value!r}")
    found = []
    for one in value:
        try:
            size = operator.index(one)
        except TypeError:
            size = 0
        if isinstance(one, (bool, np.bool_)) or size < 1:
            raise BadOption(f"{name} are whole numbers of pixels, 1 or more; got {one!r}")
        found.append(size)
    if len(set(found)) < len(found):
        raise BadOption(f"{name} lists each width once; got {found}")
    Region.of(found)  # raises for unreasonably large widths
    return found


def yes_or_no(name: str, value: Any) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise BadOption(f"{name} is True or False; got {value!r}")
    return bool(value)


def dataset_type(name: str, value: Any) -> str:
    """Return the name of a dataset type."""
    if not isinstance(value, str) or not value:
        raise BadOption(f"{name} is the name of a dataset type, as text; got {value!r}")
    return value


def prefix(name: str, value: Any) -> str | None:
    """Return the prefix of dataset types, or None."""
    return None if value is None else dataset_type(name, value)


def url_root(name: str, value: Any) -> str | None:
    """Return a plain URL, or None."""
    if value is not None and not isinstance(value, str):
        raise BadOption(f"{name} is a URL as text, or None for no manifest; got {value!r}")
    return Layout(url_root=value).url_root


def size(name: str, value: Any) -> int:
    """Return one width, px."""
    return sizes(name, [value])[0]


def n_processes(name: str, value: Any) -> int:
    """Return a number of processes; 0 = only this one."""
    number = _whole(value)
    if type(number) is not int or number < 0:
        raise BadOption(f"{name} is a number of processes, or 0 for only this one; got {value!r}")
    return number


def checked_chunk_size(_: str, value: Any) -> int | None:
    """Return a power of ten, or None.

    Raises
    ------
    BadTaskOption
        If it is neither; also a ``RuntimeError``, as in analysis_ap.
    """
    try:
        return Layout(chunk_size=value if value is None else _whole(value)).chunk_size
    except BadOption as err:
        raise BadTaskOption(f"chunk_size must be a power of 10: {sentence(err)}") from err


def _whole(value: Any) -> Any:
    """Return an integer of any type as int; anything else unchanged."""
    return int(value) if isinstance(value, np.integer) else value
