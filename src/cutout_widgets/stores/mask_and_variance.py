"""Read mask and variance of an open file so that damage there does not affect the pixels."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable

from cutout_widgets.errors import CutoutWarning
from cutout_widgets.pixels.image import Extra

__all__ = ["ExtraReader"]

_log = logging.getLogger(__name__)


class ExtraReader:
    """Reads mask and variance of one open file; damaged ones become None.

    Parameters
    ----------
    origin
        The file, for warnings.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._reported: set[Extra] = set()

    def read[T](self, name: Extra, how: Callable[[], T]) -> T | None:
        """Return the result of `how`, or None if it fails.

        Warns
        -----
        CutoutWarning
            Once each for mask and variance.
        """
        try:
            return how()
        except Exception:  # noqa: BLE001  damaged tiles make decompressors raise various errors
            _log.info("the %s of %s cannot be read", name, self._origin, exc_info=True)
        if name not in self._reported:
            self._reported.add(name)
            warnings.warn(
                f"the {name} of {self._origin} cannot be read in some places; "
                "cutouts there have none; fetch the file again",
                CutoutWarning,
                stacklevel=3,
            )
        return None
