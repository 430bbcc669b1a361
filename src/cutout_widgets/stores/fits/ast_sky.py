"""Sky coordinates that FITS cannot represent: an AST mapping as a picklable WCS."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from astropy.coordinates import ICRS, SkyCoord
from astropy.wcs import WCS
from astropy.wcs.wcsapi import BaseLowLevelWCS, HighLevelWCSMixin
from numpy.typing import NDArray

from cutout_widgets.errors import MissingDependency, UnreadableImage
from cutout_widgets.pixels.geometry import Box

__all__ = ["AstSky", "agrees", "alone_with_ast", "ast_dump_of", "grid_on"]

TOLERANCE_ARCSEC = 1e-5
"""A FITS WCS within this distance of the exact one replaces it: it is smaller, and all tools support it."""

MAPPINGS_KEPT = 256
"""Cached mappings: enough for pages with many exposures."""

Mapping = Callable[[NDArray[Any], bool], NDArray[Any]]

_ast_lock = threading.RLock()
_mappings: OrderedDict[str, Mapping] = OrderedDict()
"""Text of a mapping -> the mapping. They are created and freed under the lock, which is not possible
for attributes of an `AstSky`, because Python may free them at any time."""


def alone_with_ast() -> threading.RLock:
    """Return the lock required for reading, using, writing or freeing AST objects, by any library.

    AST has global state, and calls Python for each line it reads: another
    thread can then run, and if it uses AST too, the process crashes.
    """
    return _ast_lock


def _renew_lock() -> None:
    """Give a forked child an unlocked lock: its parent's may have been locked."""
    global _ast_lock
    _ast_lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class AstSky(BaseLowLevelWCS, HighLevelWCSMixin):  # type: ignore[misc]  # astropy is not typed
    """World coordinates from an AST mapping of 0-based parent pixels to ICRS radians.

    It stores the mapping's text, so it is picklable; the mapping is created when needed, by
    ``starlink.Ast`` (installed with lsst-images) or ``astshim`` (part of the LSST stack).

    Parameters
    ----------
    dump
        The mapping in AST's text format (``Begin FrameSet ... End FrameSet``).
    """

    def __init__(self, dump: str) -> None:
        self.dump = dump

    def _apply(self, first: Any, second: Any, *, forward: bool) -> tuple[Any, Any]:
        """Transform two coordinates of any shape."""
        one, two = np.broadcast_arrays(np.asarray(first, dtype=float), np.asarray(second, dtype=float))
        flat = np.array([one.ravel(), two.ravel()])
        with alone_with_ast():
            found = _mapping_of(self.dump)(flat, forward)
        found = np.where(np.abs(found) < 1e300, found, np.nan)  # AST__BAD is a large negative number
        return found[0].reshape(one.shape)[()], found[1].reshape(one.shape)[()]

    def pixel_to_world_values(self, *pixel_arrays: Any) -> tuple[Any, Any]:
        """Return right ascension in [0, 360) and declination, degrees."""
        x, y = pixel_arrays
        ra, dec = self._apply(x, y, forward=True)
        return np.mod(np.degrees(ra), 360.0), np.degrees(dec)

    def world_to_pixel_values(self, *world_arrays: Any) -> tuple[Any, Any]:
        """Return x and y of right ascension and declination in degrees."""
        ra, dec = world_arrays
        return self._apply(np.radians(ra), np.radians(dec), forward=False)

    @property
    def pixel_n_dim(self) -> int:
        """Two."""
        return 2

    @property
    def world_n_dim(self) -> int:
        """Two."""
        return 2

    @property
    def world_axis_physical_types(self) -> list[str]:
        """Equatorial."""
        return ["pos.eq.ra", "pos.eq.dec"]

    @property
    def world_axis_units(self) -> list[str]:
        """Degrees."""
        return ["deg", "deg"]

    @property
    def world_axis_object_components(self) -> list[tuple[str, int, str]]:
        """Conversion of a SkyCoord to two numbers."""
        return [("celestial", 0, "spherical.lon.degree"), ("celestial", 1, "spherical.lat.degree")]

    @property
    def world_axis_object_classes(self) -> dict[str, Any]:
        """Conversion of two numbers to a SkyCoord."""
        return {"celestial": (SkyCoord, (), {"frame": ICRS, "unit": ("deg", "deg")})}

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return type(self), (self.dump,)

    def __repr__(self) -> str:
        return f"<AstSky of {len(self.dump)} characters>"


def _mapping_of(dump: str) -> Mapping:
    """Return the mapping in a text, from a cache."""
    mapping = _mappings.pop(dump, None) or _build(dump)
    _mappings[dump] = mapping
    while len(_mappings) > MAPPINGS_KEPT:
        _mappings.popitem(last=False)
    return mapping


def _build(dump: str) -> Mapping:
    """Create a mapping from its text and return it as a function."""
    try:
        from starlink import Ast
    except ImportError:
        return _build_with_astshim(dump)
    # AST cannot read the tab before comments that it writes itself.
    mapping = Ast.Channel([line.partition("\t#")[0] for line in dump.splitlines()]).read()
    if mapping is None:
        raise ValueError("the text of an AST mapping holds no object")
    return lambda points, forward: np.asarray(mapping.tran(points, forward))


def _build_with_astshim(dump: str) -> Mapping:
    """Create a mapping with the LSST stack's own binding."""
    try:
        import astshim
    except ImportError as err:
        raise MissingDependency("starlink.Ast", "rubin", "the exact WCS of an LSST image") from err
    mapping = astshim.Object.fromString(dump)
    return lambda points, forward: np.asarray(
        mapping.applyForward(points) if forward else mapping.applyInverse(points)
    )


def grid_on(box: Box) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of 49 points distributed over a box, including its corners."""
    y, x = np.meshgrid(np.linspace(box.y0, box.y1 - 1, 7), np.linspace(box.x0, box.x1 - 1, 7))
    return x.ravel(), y.ravel()


def agrees(wcs: WCS, exact: SkyCoord, box: Box) -> bool:
    """Return whether a WCS reproduces the positions `exact` at the points of `grid_on`."""
    apart = wcs.pixel_to_world(*grid_on(box)).separation(exact).arcsec
    return bool(np.nanmax(apart, initial=0.0) < TOLERANCE_ARCSEC and np.isfinite(apart).all())


def ast_dump_of(text: str) -> str:
    """Return the AST mapping in the output of ``SkyWcs.writeString``: ``1 SkyWcs 0 <dump>``.

    Raises
    ------
    UnreadableImage
        If it has another format.
    """
    start = text.find("Begin ")
    if "SkyWcs" not in text[:20] or start < 0:
        raise UnreadableImage(f"a WCS that afw wrote as {text[:40]!r} is not understood")
    return text[start:]
