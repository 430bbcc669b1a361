"""Looks: a stretch for each panel and a colormap, under a familiar name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cutout_widgets._public import shown_by
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS, Extra, Panel

__all__ = ["LOOKS", "Look"]


@dataclass(frozen=True)
class Look:
    """How to display the three panels of a triplet.

    `Look.of` returns a preset by name; create your own like any dataclass, or from a preset with
    ``dataclasses.replace(Look.of("rubin"), colormap="bone")``.

    Examples
    --------
    >>> import cutout_widgets as cw
    >>> cw.Look.of("sigma").colormap_of("difference")
    'RdBu_r'
    """

    name: str
    """The name in menus."""
    template: Stretch
    """Stretch of the template."""
    science: Stretch
    """Stretch of the science image."""
    difference: Stretch
    """Stretch of the difference image."""
    colormap: str = "bone"
    """A matplotlib colormap; unknown names are refused by `palette.colormap_table`."""
    difference_colormap: str | None = None
    """The difference image's colormap; None = the same."""

    def __post_init__(self) -> None:
        for panel in PANELS:
            if not isinstance(getattr(self, panel), Stretch):
                raise BadOption(f"a look needs a Stretch for its {panel}; got {getattr(self, panel)!r}")

    @classmethod
    def of(cls, look: Look | str) -> Look:
        """Return a preset by its name, or a `Look` unchanged.

        Raises
        ------
        BadOption
            If no preset has that name.
        """
        if isinstance(look, Look):
            return look
        if isinstance(look, str) and look in _PRESETS:
            return _PRESETS[look]
        close = difflib.get_close_matches(str(look), LOOKS, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise BadOption(f"a look is one of {', '.join(LOOKS)}, or a Look; got {look!r}{hint}")

    _repr_html_ = shown_by("outputs.preview:look_html")

    def stretch(self, panel: Panel) -> Stretch:
        """Return the stretch of a panel."""
        if panel not in PANELS:
            raise BadOption(f"a panel is one of {', '.join(PANELS)}; got {panel!r}")
        one: Stretch = getattr(self, panel)
        return one

    @property
    def extras(self) -> frozenset[Extra]:
        """Extras that it needs besides pixels: the variance, if limits are in standard deviations."""
        return frozenset(["variance"] if any(self.stretch(one).limits == "sigma" for one in PANELS) else [])

    def colormap_of(self, panel: Panel) -> str:
        """Return the colormap of a panel."""
        if panel == "difference" and self.difference_colormap is not None:
            return self.difference_colormap
        return self.colormap

    def to_dict(self) -> dict[str, Any]:
        """Return the look as plain values, ready for JSON."""
        return {
            "name": self.name,
            **{panel: self.stretch(panel).to_dict() for panel in PANELS},
            "colormap": self.colormap,
            "difference_colormap": self.difference_colormap,
        }

    @classmethod
    def from_dict(cls, options: Mapping[str, Any]) -> Self:
        """Create a look from the result of `to_dict`.

        Raises
        ------
        BadOption
            If something is missing, unknown or invalid.
        """
        given: dict[str, Any] = {
            key: Stretch.from_dict(one) if key in PANELS else one for key, one in options.items()
        }
        try:
            return cls(**given)
        except TypeError as err:
            raise BadOption(
                f"a look has a name, three stretches and up to two colormaps; got {', '.join(given)}"
            ) from err


def _presets() -> tuple[Look, ...]:
    """Return the presets in the order of menus."""
    bright = Stretch("minmax", "asinh")
    central = Stretch("minmax", "asinh", central_px=15)
    steady = Stretch("zscale", "asinh")
    fink = Stretch("percentile", "asinh", lower=0.5, upper=99.95)
    ztf = Stretch("percentile", "log", lower=1, upper=100)
    noise = Stretch("sigma", "linear", k=5)
    return (
        # As documented by analysis_ap, and as its newer code draws it: central 15 pixels.
        Look("documented", bright, bright, Stretch("zscale", "linear"), "bone"),
        Look("analysis_ap", bright, bright, central, "bone"),
        Look("rubin", steady, steady, steady, "gray"),
        Look("ztf", ztf, ztf, Stretch("percentile", "linear", lower=1, upper=100), "bone"),
        Look("fink", fink, fink, fink, "Blues_r"),
        Look("sigma", steady, steady, noise, "gray", "RdBu_r"),
    )


_PRESETS: dict[str, Look] = {look.name: look for look in _presets()}

LOOKS: tuple[str, ...] = tuple(_PRESETS)
"""Names of the presets, in the order of menus."""
