"""Colours with a meaning: badges, mask planes, bands, colormaps. One table each, for all interfaces."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from cutout_widgets.errors import BadOption, require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "BADGE_COLOURS",
    "BAND_COLOURS",
    "BAND_SYMBOLS",
    "COLORMAPS",
    "MASK_PLANE_ALIASES",
    "MASK_PLANE_COLOURS",
    "MASK_PLANE_CYCLE",
    "MUTED_TEXT",
    "RELIABILITY_COLOURS",
    "band_colour",
    "colormap_names",
    "colormap_table",
    "mask_plane_colours",
    "reliability_colour",
]

BADGE_COLOURS = MappingProxyType(
    {
        "EDGE": "#daa520",  # goldenrod: analysis_ap's yellow is unreadable on white
        "INTERP": "#008000",
        "SAT": "#008000",
        "CR": "#ff00ff",
        "BAD": "#ff0000",
        "DIPOLE": "#4b0082",
        "SUS": "#daa520",
        "CENTROID": "#ff0000",
        "SHAPE": "#ff0000",
        "PSF": "#ff0000",
        "ap": "#ff0000",
    }
)
"""Badge name -> colour when raised, the named colours of analysis_ap's figure in hex."""

MUTED_TEXT = "#808080"
"""Colour of labels, and of the texts ``PSF`` and ``ap`` without a problem."""

RELIABILITY_COLOURS = ("#e41a1c", "#4daf4a")
"""Colours of a reliability below one half, and of the others (ColorBrewer Set1)."""

MASK_PLANE_COLOURS = MappingProxyType(
    {
        "BAD": "#ff0000",
        "CR": "#ff00ff",
        "EDGE": "#ffff00",
        "INTRP": "#00ff00",
        "SAT": "#00ff00",
        "DETECTED": "#0000ff",
        "DETECTED_NEGATIVE": "#00ffff",
        "SUSPECT": "#ffff00",
        "NO_DATA": "#ffa500",
    }
)
"""Mask plane, by its afw name -> colour in ``afw.display``."""

MASK_PLANE_CYCLE = ("#ff0000", "#00ff00", "#0000ff", "#00ffff", "#ff00ff", "#ffff00", "#ffa500")
"""Colours for all other planes, in turn, as in ``afw.display``."""

MASK_PLANE_ALIASES = MappingProxyType(
    {
        "SATURATED": "SAT",
        "INTERPOLATED": "INTRP",
        "COSMIC_RAY": "CR",
        "DETECTION_EDGE": "EDGE",
        "UNMASKED_NAN": "UNMASKEDNAN",
    }
)
"""Name of a plane in lsst.images -> its name in afw."""

BAND_COLOURS = MappingProxyType(
    {
        "light": MappingProxyType(
            {"u": "#1600EA", "g": "#31DE1F", "r": "#B52626", "i": "#370201", "z": "#BA52FF", "y": "#61A2B3"}
        ),
        "dark": MappingProxyType(
            {"u": "#3eb7ff", "g": "#30c39f", "r": "#ff7e00", "i": "#2af5ff", "z": "#a7f9c1", "y": "#fdc900"}
        ),
    }
)
"""Background -> band -> colour, the palette of Rubin's publications."""

BAND_SYMBOLS = MappingProxyType({"u": "o", "g": "^", "r": "v", "i": "s", "z": "*", "y": "p"})
"""Band -> matplotlib marker, so that bands differ without colour too."""


COLORMAPS = (
    "bone", "gray", "gray_r", "viridis", "magma", "cividis", "Blues_r", "RdBu_r", "coolwarm",
)  # fmt: skip
"""In menus and looks, and known without matplotlib (``colormaps.npy``, by ``tools/make_colormaps.py``)."""


def band_colour(band: str | None, background: Literal["light", "dark"] = "light") -> str:
    """Return the colour of a band's points; grey without a band.

    Parameters
    ----------
    band
        As in a table; ``"ztfg"``, ``"g_01"`` and ``"lsstg"`` are separate names, not g.
    background
        The background of the points.
    """
    return BAND_COLOURS[background].get(band or "", MUTED_TEXT)


def reliability_colour(reliability: float) -> str:
    """Return the colour of a real/bogus score from 0 to 1."""
    return RELIABILITY_COLOURS[reliability >= 0.5]


def mask_plane_colours(planes: Iterable[str]) -> dict[str, str]:
    """Return the colour of each mask plane of an image.

    Parameters
    ----------
    planes
        Names in either vocabulary, afw's or lsst.images', in the order of their bits.

    Returns
    -------
    dict
        Name as given -> ``#rrggbb``. Planes without their own colour take turns through
        `MASK_PLANE_CYCLE`, in the given order.
    """
    turn = 0
    colours: dict[str, str] = {}
    for plane in planes:
        name = MASK_PLANE_ALIASES.get(plane, plane)
        if name in MASK_PLANE_COLOURS:
            colours[plane] = MASK_PLANE_COLOURS[name]
        else:
            colours[plane] = MASK_PLANE_CYCLE[turn % len(MASK_PLANE_CYCLE)]
            turn += 1
    return colours


def colormap_names() -> tuple[str, ...]:
    """Return all names that `colormap_table` accepts, sorted case-insensitively."""
    require("matplotlib", "a colormap")
    from matplotlib import colormaps

    return tuple(sorted(colormaps, key=str.lower))


@lru_cache(maxsize=64)
def colormap_table(name: str, levels: int = 256) -> NDArray[np.uint8]:
    """Return the colours of a colormap, from dark to bright data.

    Parameters
    ----------
    name
        Any name matplotlib knows, ``"_r"`` for reversed.
    levels
        Number of colours, evenly spaced, including both ends.

    Returns
    -------
    ndarray
        Shape (levels, 3), red, green, blue; read-only, because it is shared.

    Raises
    ------
    BadOption
        If there is no such colormap, or `levels` is less than 1.
    """
    import numpy as np

    if levels < 1:
        raise BadOption(f"a colormap has at least one colour; got levels={levels}")
    at = np.linspace(0, 1, levels)
    table = np.ascontiguousarray(_known_colours(name, at) if name in COLORMAPS else _matplotlibs(name, at))
    table.setflags(write=False)
    return table


def _known_colours(name: str, at: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return colours of one of `COLORMAPS` at places from 0 to 1, as matplotlib finds them."""
    import numpy as np

    whole = _all_known()[COLORMAPS.index(name)]
    colours: NDArray[np.uint8] = whole[np.minimum((at * len(whole)).astype(int), len(whole) - 1)]
    return colours


@lru_cache(maxsize=1)
def _all_known() -> NDArray[np.uint8]:
    """Return the 256 colours of each of `COLORMAPS`, shape (n, 256, 3)."""
    import numpy as np

    tables: NDArray[np.uint8] = np.load(Path(__file__).with_name("colormaps.npy"), allow_pickle=False)
    return tables


def _matplotlibs(name: str, at: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return colours of any of matplotlib's colormaps at places from 0 to 1."""
    require("matplotlib", "a colormap")
    from matplotlib import colormaps

    if name not in colormaps:
        close = difflib.get_close_matches(str(name), list(colormaps), n=3)
        hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
        raise BadOption(f"matplotlib knows no colormap {name!r}{hint}")
    colours: NDArray[np.uint8] = colormaps[name](at, bytes=True)[:, :3]
    return colours
