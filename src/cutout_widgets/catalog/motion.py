"""The direction of an object's motion from epoch to epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["motion_angles"]


def motion_angles(ra_deg: NDArray[np.float64], dec_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the position angle of an object's motion at each epoch, degrees from north through east.

    Parameters
    ----------
    ra_deg, dec_deg
        Positions, ICRS degrees, shape (n,), in time order.

    Returns
    -------
    ndarray
        Shape (n,), from -180 to 180: the direction from the previous to the next position, or at
        the ends to or from the only neighbour; NaN if the object did not move, was
        seen once, or a position is unknown.

    Examples
    --------
    >>> motion_angles(np.array([10.0, 10.1]), np.array([0.0, 0.0])).round()
    array([90., 90.])
    """
    n = len(ra_deg)
    before, after = np.maximum(np.arange(n) - 1, 0), np.minimum(np.arange(n) + 1, n - 1)
    ra, dec = np.radians(ra_deg), np.radians(dec_deg)
    step = ra[after] - ra[before]
    east = np.sin(step) * np.cos(dec[after])
    north = np.sin(dec[after]) * np.cos(dec[before]) - np.cos(dec[after]) * np.sin(dec[before]) * np.cos(step)
    # Positions closer than a tenth of a milliarcsecond count as equal.
    stands = np.hypot(east, north) < 5e-10
    return np.where(stands, np.nan, np.degrees(np.arctan2(east, north)))
