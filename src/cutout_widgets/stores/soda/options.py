"""The options of `SodaImages` in one object."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypedDict

from cutout_widgets.disk_cache import DEFAULT_FOLDER
from cutout_widgets.errors import BadOption
from cutout_widgets.quantities import numbers_in

__all__ = ["SodaKeywords", "SodaOptions"]


@dataclass(frozen=True)
class SodaOptions:
    """How `SodaImages` uses an image cutout service.

    Each field is a keyword of `SodaImages`, which describes it. The token is not part of it, so the
    object is safe to show and to save.

    Raises
    ------
    BadOption
        If a number has no meaning.

    Examples
    --------
    >>> slow = SodaOptions(at_once=2, timeout_s=300.0, cache=None)
    >>> slow.at_once, slow.tries
    (2, 4)
    """

    service: str | None = None
    """Name of the service in the DataLink document; None = the best."""
    home: str | None = None
    """URL of a host that may see the token."""
    scale_arcsec: float = 0.2
    """Side of a pixel, arcsec or a Quantity."""
    at_once: int = 6
    """Largest number of simultaneous requests."""
    tries: int = 4
    """Attempts at a request whose fault may pass."""
    timeout_s: float = 60.0
    """Longest silence of the service, seconds or a Quantity."""
    pause_s: float = 0.5
    """Wait before the second attempt, seconds or a Quantity."""
    rest_s: float = 30.0
    """How long a service that is down is not asked again, seconds or a Quantity."""
    patience_s: float = 600.0
    """How long a run that saves waits for a service that is down, seconds or a Quantity."""
    cache: str | os.PathLike[str] | None = DEFAULT_FOLDER
    """Folder in which stamps are kept; None = they are not."""
    cache_bytes: int = 1 << 30
    """Largest size of that folder."""

    def __post_init__(self) -> None:
        times = ("timeout_s", "pause_s", "rest_s", "patience_s")
        for name, unit in (("scale_arcsec", "arcsec"), *((one, "s") for one in times)):
            object.__setattr__(self, name, numbers_in(getattr(self, name), name, unit))
        if self.at_once < 1 or self.tries < 1 or not self.scale_arcsec > 0:
            raise BadOption(
                f"at_once and tries are at least 1, scale_arcsec is positive; "
                f"got {self.at_once}, {self.tries}, {self.scale_arcsec}"
            )


class SodaKeywords(TypedDict, total=False):
    """The fields of `SodaOptions`, for type checkers to know the keywords of `SodaImages`."""

    service: str | None
    home: str | None
    scale_arcsec: float
    at_once: int
    tries: int
    timeout_s: float
    pause_s: float
    rest_s: float
    patience_s: float
    cache: str | os.PathLike[str] | None
    cache_bytes: int
