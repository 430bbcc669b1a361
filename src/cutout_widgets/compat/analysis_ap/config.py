"""The configurations of the tasks, by their documented fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from cutout_widgets.compat.analysis_ap import fields
from cutout_widgets.compat.analysis_ap.config_base import Config

__all__ = ["PlotImageSubtractionCutoutsConfig", "ZooniverseCutoutsConfig"]

_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "sizes": fields.sizes,
    "use_footprint": fields.yes_or_no,
    "url_root": fields.url_root,
    "science_image_type": fields.dataset_type,
    "diff_image_type": fields.prefix,
    "add_metadata": fields.yes_or_no,
    "chunk_size": fields.checked_chunk_size,
    "save_as_numpy": fields.yes_or_no,
}
"""Field -> function that returns a valid value, or raises."""


class PlotImageSubtractionCutoutsConfig(Config):
    """Which cutouts to make and how; fields, defaults and meanings as documented by analysis_ap.

    Parameters
    ----------
    **fields
        Values that replace defaults.

    Raises
    ------
    BadOption
        If a field is unknown (with suggestions) or a value is invalid. Setting an attribute
        raises the same errors.

    Examples
    --------
    >>> from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsConfig
    >>> config = PlotImageSubtractionCutoutsConfig(sizes=[30, 60])
    >>> config.sizes, config.chunk_size
    ([30, 60], 10000)
    """

    sizes: list[int]
    """Widths of the cutouts in pixels, one row of panels for each; default [30]."""
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
    """Whether to draw the header rows above the panels; default True."""
    chunk_size: int | None
    """Maximum files per folder, a power of ten; default 10000, None = one folder."""
    save_as_numpy: bool
    """Whether to save the pixels as ``.npy`` too; default False."""

    _checks: ClassVar[dict[str, Callable[[str, Any], Any]]] = _CHECKS
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
    _ancestor = "lsst.analysis.ap.plotImageSubtractionCutouts"


class ZooniverseCutoutsConfig(PlotImageSubtractionCutoutsConfig):
    """The configuration of ``zooniverseCutouts``, before the task was renamed.

    Its fields are `size`, `url_root`, `diff_image_type`, `add_metadata`, `chunk_size` and `n_processes`.
    The names of 2021, ``urlRoot``, ``diffImageType`` and ``addMetadata``, are also accepted, as
    are the fields that `PlotImageSubtractionCutoutsConfig` added.

    Parameters
    ----------
    **fields
        Values that replace defaults.

    Examples
    --------
    >>> from cutout_widgets.compat.analysis_ap import ZooniverseCutoutsConfig
    >>> ZooniverseCutoutsConfig(size=50).sizes
    [50]
    """

    size: int
    """Width of the cutouts in pixels; the first of `sizes`. Default 30."""
    n_processes: int
    """Number of processes, unless given to `run`; 0 (default) = only this one."""

    _checks: ClassVar[dict[str, Callable[[str, Any], Any]]] = {
        **_CHECKS,
        "n_processes": fields.n_processes,
    }
    _defaults: ClassVar[dict[str, Any]] = {
        **PlotImageSubtractionCutoutsConfig._defaults,
        "science_image_type": "calexp",
        "diff_image_type": "deepDiff",
        "add_metadata": False,
        "n_processes": 0,
    }
    _aliases: ClassVar[dict[str, str]] = {
        "urlRoot": "url_root",
        "diffImageType": "diff_image_type",
        "addMetadata": "add_metadata",
    }
    _ancestor = "lsst.analysis.ap.zooniverseCutouts"

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "size":
            name, value = "sizes", [fields.size("size", value)]
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name == "size":
            return self.sizes[0]
        return super().__getattr__(name)

    def _saved(self) -> dict[str, Any]:
        """Return the original fields, and those that differ from their defaults."""
        every = self.toDict()
        own = ("url_root", "diff_image_type", "add_metadata", "chunk_size", "n_processes")
        width = {"size": self.sizes[0]} if len(self.sizes) == 1 else {"sizes": every["sizes"]}
        more = {
            name: value
            for name, value in every.items()
            if name not in (*own, "sizes") and value != self._defaults[name]
        }
        return {**width, **{name: every[name] for name in own}, **more}
