"""World coordinates of a cutout in subpixal's form: cutout pixels, raw degrees, either origin."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.projection import pixels_at, world_at

__all__ = ["SkyOfCutout"]


class SkyOfCutout(ABC):
    """Sky methods of a cutout, based on its corner, its displacement and its image's WCS."""

    blc: tuple[int, int]
    """Bottom left corner (x, y) in the image."""
    dx: float
    """Offset in pixels of the true sky position to the right, relative to the WCS."""
    dy: float
    """Offset in pixels of the true sky position upwards."""

    @property
    @abstractmethod
    def wcs(self) -> Any:
        """The WCS of the image the cutout was taken from."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Number of columns."""

    @property
    @abstractmethod
    def height(self) -> int:
        """Number of rows."""

    @property
    def pscale(self) -> float:
        """Side of a pixel in degrees at the reference point, ignoring distortion."""
        from astropy.wcs.utils import proj_plane_pixel_area

        return float(np.sqrt(proj_plane_pixel_area(self._known_wcs())))

    def get_bbox(self, wrt: str = "orig") -> NDArray[np.float64]:
        """Return the outer pixel corners, bottom left, top left, top right, bottom right.

        Parameters
        ----------
        wrt
            ``"orig"``: in pixels of the image (ignoring `dx`, `dy`); ``"blc"``: of the cutout;
            ``"world"``: on the sky, degrees.

        Returns
        -------
        ndarray
            Shape (4, 2).
        """
        if wrt not in ("orig", "blc", "world"):
            raise BadOption(f"wrt is 'orig', 'blc' or 'world'; got {wrt!r}")
        x0, y0 = self.blc if wrt == "orig" else (0, 0)
        left, right = x0 - 0.5, x0 + self.width - 0.5
        low, high = y0 - 0.5, y0 + self.height - 0.5
        corners = np.array([[left, low], [left, high], [right, high], [right, low]])
        return np.asarray(self.pix2world(corners)) if wrt == "world" else corners

    def pix2world(self, *args: ArrayLike, origin: int = 0) -> Any:
        """Return world coordinates (degrees) of cutout pixels.

        Parameters
        ----------
        *args
            x and y, or one array of shape (n, 2).
        origin
            Number of the first pixel: 0 or 1.

        Returns
        -------
        list of two arrays, or array of shape (n, 2)
            In the same form as the positions.

        Raises
        ------
        BadOption
            If the cutout has no WCS.
        """
        x, y, together = _columns(args)
        x0, y0 = self.blc[0] - self.dx - origin, self.blc[1] - self.dy - origin
        return _answer(world_at(self._known_wcs(), x + x0, y + y0), together)

    def world2pix(self, *args: ArrayLike, origin: int = 0) -> Any:
        """Return cutout pixels of world coordinates; the inverse of `pix2world`.

        Parameters
        ----------
        *args
            Longitude and latitude in degrees, or one array of shape (n, 2).
        origin
            Number of the first pixel: 0 or 1.

        Returns
        -------
        list of two arrays, or array of shape (n, 2)
            NaN if undefined.

        Raises
        ------
        BadOption
            If the cutout has no WCS.
        """
        lon, lat, together = _columns(args)
        x0, y0 = self.blc[0] - self.dx - origin, self.blc[1] - self.dy - origin
        x, y = pixels_at(self._known_wcs(), lon, lat)
        return _answer((x - x0, y - y0), together)

    def _known_wcs(self) -> Any:
        """Return the WCS, or raise if there is none."""
        if self.wcs is None:
            raise BadOption(
                "this cutout has no WCS, so it has no world coordinates; make it with wcs=, such as "
                "astropy.wcs.WCS(header)"
            )
        return self.wcs


def _columns(args: tuple[ArrayLike, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Return two columns, and whether they were given as one array."""
    if len(args) == 2:
        return np.array(args[0], dtype=float), np.array(args[1], dtype=float), False
    if len(args) == 1:
        pairs = np.array(args[0], dtype=float)
        if pairs.ndim == 2 and pairs.shape[1] == 2:
            return pairs[:, 0], pairs[:, 1], True
    raise TypeError("positions are two vectors, or one array of shape (n, 2)")


def _answer(columns: tuple[NDArray[np.float64], NDArray[np.float64]], together: bool) -> Any:
    """Return two columns in the form in which positions were given."""
    return np.column_stack(columns) if together else list(columns)
