"""The configuration of ``PlotImageSubtractionCutoutsTask``, by its documented fields."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from cutout_widgets.catalog.columns import close_names
from cutout_widgets.compat.config_file import read_assignments
from cutout_widgets.errors import BadOption, sentence
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.pixels.region import Region

__all__ = ["PlotImageSubtractionCutoutsConfig"]


class PlotImageSubtractionCutoutsConfig:
    """Which cutouts to make and how; fields, defaults and meanings as documented by analysis_ap.

    Parameters
    ----------
    **fields
        Values over the defaults.

    Raises
    ------
    BadOption
        If a field is unknown (the nearest are named) or a value has no meaning. Setting an attribute
        raises the same.
    """

    sizes: list[int]
    """Widths of the cutouts in pixels, one row of panels each; default [30]."""
    use_footprint: bool
    """Cut each source's footprint, drawn as a square, instead of `sizes`; default False."""
    url_root: str | None
    """URL that the images will be served from; default None = no manifest."""
    science_image_type: str
    """Dataset type of the science image; older processings have ``initial_pvi`` or ``calexp``."""
    diff_image_type: str | None
    """Prefix of ``_templateExp`` and ``_differenceExp``; default None = the dataset types
    ``template_detector`` and ``difference_image``."""
    add_metadata: bool
    """Whether the header rows stand above the panels; default True."""
    chunk_size: int | None
    """At most this many files a folder, a power of ten; default 10000, None = one folder."""
    save_as_numpy: bool
    """Whether the pixels are saved as ``.npy``, too; default False."""

    _defaults: ClassVar[dict[str, Any]] = {
        "sizes": [30],
        "use_footprint": False,
        "url_root": None,
        "science_image_type": "preliminary_visit_image",
        "diff_image_type": None,
        "add_metadata": True,
        "chunk_size": 10_000,
        "save_as_numpy": False,
    }
    _frozen = False

    def __init__(self, **fields: Any) -> None:
        self.update(**{**self._defaults, **fields})

    def __setattr__(self, name: str, value: Any) -> None:
        check = _CHECKS.get(name)
        if check is None:
            raise BadOption(f"the configuration has no field {name!r}{close_names(name, tuple(_CHECKS))}")
        if self._frozen:
            raise BadOption(f"the configuration is frozen: {name} cannot be set; make another one")
        object.__setattr__(self, name, check(name, value))

    def __delattr__(self, name: str) -> None:
        raise BadOption(f"a field of the configuration cannot be deleted; set {name} to another value")

    def update(self, **fields: Any) -> None:
        """Set several fields.

        Raises
        ------
        BadOption
            If one is unknown or its value has no meaning; those before it are set.
        """
        for name, value in fields.items():
            setattr(self, name, value)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Set the fields that a configuration file assigns; nothing in it is run.

        Parameters
        ----------
        path
            A file of lines such as ``config.url_root = "https://example.org"``.

        Raises
        ------
        BadOption
            If it holds anything else, or a value has no meaning; then no field is set.
        """
        trial = type(self)(**self.toDict())
        for one in read_assignments(path):
            try:
                setattr(trial, one.field, one.value)
            except BadOption as err:
                raise BadOption(f"{os.fspath(path)}, line {one.line}: {sentence(err)}") from err
        self.update(**trial.toDict())

    def validate(self) -> None:
        """Check all fields again: a list may have been changed in place.

        Raises
        ------
        BadOption
            If a value has no meaning.
        """
        for name, value in self.toDict().items():
            _CHECKS[name](name, value)

    def freeze(self) -> None:
        """Refuse changes from now on."""
        object.__setattr__(self, "_frozen", True)

    def toDict(self) -> dict[str, Any]:
        """Return the fields and their values."""
        return {
            name: list(value) if isinstance(value := getattr(self, name), list) else value for name in _CHECKS
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PlotImageSubtractionCutoutsConfig):
            return NotImplemented
        return self.toDict() == other.toDict()

    __hash__ = None  # type: ignore[assignment]  # it can be changed, like a list

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def __repr__(self) -> str:
        changed = {name: value for name, value in self.toDict().items() if value != self._defaults[name]}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


def _sizes(name: str, value: Any) -> list[int]:
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
        raise BadOption(f"{name} holds each width once; got {found}")
    Region.of(found)  # refuses what is absurdly large
    return found


def _yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise BadOption(f"{name} is True or False; got {value!r}")
    return bool(value)


def _dataset_type(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadOption(f"{name} is the name of a dataset type, as text; got {value!r}")
    return value


def _prefix(name: str, value: Any) -> str | None:
    return None if value is None else _dataset_type(name, value)


def _url_root(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadOption(f"{name} is a URL as text, or None for no manifest; got {value!r}")
    return Layout(url_root=value).url_root


def _chunk_size(_: str, value: Any) -> int | None:
    return Layout(chunk_size=value if value is None else _whole(value)).chunk_size


def _whole(value: Any) -> Any:
    """Return a whole number of any integer type as int; anything else as it is."""
    return int(value) if isinstance(value, np.integer) else value


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "sizes": _sizes,
    "use_footprint": _yes_or_no,
    "url_root": _url_root,
    "science_image_type": _dataset_type,
    "diff_image_type": _prefix,
    "add_metadata": _yes_or_no,
    "chunk_size": _chunk_size,
    "save_as_numpy": _yes_or_no,
}
"""Field -> function that returns a value as it is kept, or says why it has no meaning."""
