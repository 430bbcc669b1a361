"""The WCS of a small stamp: a tangent plane in plain numbers, converted to astropy's WCS when first used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["LazyWcs", "OnSky", "TangentPlane"]


@dataclass(frozen=True, eq=False)
class TangentPlane:
    """A gnomonic projection of ICRS degrees without distortion, as FITS writes it.

    Importing ``astropy.wcs`` takes longer than showing the first page of alerts; this needs only numpy.

    Notes
    -----
    Source: M. Calabretta & E. Greisen, A&A 395, 1077 (2002), section 5.1.3, TAN, with the default
    ``LONPOLE`` of a reference point away from the north pole.
    """

    crpix: tuple[float, float]
    """Reference pixel, x first, counted from 1."""
    crval: tuple[float, float]
    """Right ascension and declination there, degrees; not at a pole."""
    cdelt: tuple[float, float]
    """Degrees for a step of each intermediate axis."""
    pc: tuple[tuple[float, float], tuple[float, float]]
    """Matrix of pixels to these steps."""

    has_distortion = False
    """As in astropy's WCS."""

    def moved(self, dx: float, dy: float) -> Self:
        """Return the plane for a grid on which everything is shifted by `dx`, `dy` pixels."""
        return replace(self, crpix=(self.crpix[0] + dx, self.crpix[1] + dy))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Degrees on the plane for a step in x and in y, shape (2, 2)."""
        found: NDArray[np.float64] = np.array(self.cdelt)[:, np.newaxis] * np.array(self.pc)
        return found

    def world_at(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return right ascension in [0, 360) and declination of 0-based pixel positions, degrees."""
        dx = np.asarray(x, dtype=float) + (1 - self.crpix[0])
        dy = np.asarray(y, dtype=float) + (1 - self.crpix[1])
        (a, b), (c, d) = np.radians(self.matrix)
        east, north = a * dx + b * dy, c * dx + d * dy
        sin, cos = np.sin(np.radians(self.crval[1])), np.cos(np.radians(self.crval[1]))
        outward = cos - north * sin
        ra = (self.crval[0] + np.degrees(np.arctan2(east, outward))) % 360
        dec = np.degrees(np.arctan2(sin + north * cos, np.hypot(east, outward)))
        return np.where(ra == 360, 0.0, ra), dec

    def pixels_at(self, ra: ArrayLike, dec: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the 0-based pixel positions of sky positions in degrees; NaN on the opposite hemisphere."""
        turned = np.radians(np.asarray(ra, dtype=float) - self.crval[0])
        dec0, latitude = np.radians(self.crval[1]), np.radians(np.asarray(dec, dtype=float))
        sin, cos = np.sin(latitude), np.cos(latitude)
        outward = np.sin(dec0) * sin + np.cos(dec0) * cos * np.cos(turned)
        outward = np.where(outward > 0, outward, np.nan)
        plane = np.degrees([cos * np.sin(turned), np.cos(dec0) * sin - np.sin(dec0) * cos * np.cos(turned)])
        (a, b), (c, d) = np.linalg.inv(self.matrix)
        east, north = plane / outward
        return a * east + b * north + (self.crpix[0] - 1), c * east + d * north + (self.crpix[1] - 1)

    @cached_property
    def astropy(self) -> WCS:
        """The same projection as astropy's WCS, created once."""
        from astropy.wcs import WCS

        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
        wcs.wcs.cunit = ["deg", "deg"]
        wcs.wcs.radesys = "ICRS"
        wcs.wcs.crpix, wcs.wcs.crval = self.crpix, self.crval
        wcs.wcs.cdelt, wcs.wcs.pc = self.cdelt, self.pc
        wcs.wcs.set()
        return wcs

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.crpix, self.crval, self.cdelt, self.pc)


class LazyWcs:
    """The field `wcs` of an image: a `TangentPlane` assigned to it is read as astropy's WCS."""

    def __get__(self, image: Any, kind: Any = None) -> BaseHighLevelWCS | None:
        if image is None:
            return None  # the default, as ``inspect`` sees it
        wcs = vars(image).get("wcs")
        return wcs.astropy if isinstance(wcs, TangentPlane) else wcs

    def __set__(self, image: Any, wcs: BaseHighLevelWCS | TangentPlane | None) -> None:
        vars(image)["wcs"] = wcs


class OnSky:
    """Sky positions of an image."""

    @property
    def projection(self) -> BaseHighLevelWCS | TangentPlane | None:
        """`wcs` as assigned: code that can use a `TangentPlane` then does not need astropy."""
        return vars(self).get("wcs")

    def sky_at(self, x: float, y: float) -> SkyCoord | None:
        """Return the sky position of a parent pixel position, or None without a WCS."""
        wcs = LazyWcs().__get__(self)
        return None if wcs is None else wcs.pixel_to_world(x, y)
