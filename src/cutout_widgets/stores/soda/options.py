"""The options of `SodaImages` in one object."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TypedDict

from cutout_widgets.disk_cache import DEFAULT_FOLDER
from cutout_widgets.errors import BadOption
from cutout_widgets.paths import path_text
from cutout_widgets.quantities import numbers_in

__all__ = ["SodaKeywords", "SodaOptions"]


@dataclass(frozen=True)
class SodaOptions:
    """How `SodaImages` uses an image cutout service.

    Each field is a keyword of `SodaImages`, where it is described. The token is not included, so the
    object is safe to display and save.

    Raises
    ------
    BadOption
        If a number is invalid.

    Examples
    --------
    >>> slow = SodaOptions(at_once=2, timeout_s=300.0, cache=None)
    >>> slow.at_once, slow.tries
    (2, 4)
    """

    service: str | None = None
    """Name of the service in the DataLink document; None = the best."""
    home: str | None = None
    """URL of a host that may receive the token."""
    scale_arcsec: float = 0.2
    """Pixel scale, arcsec or a Quantity."""
    at_once: int = 6
    """Maximum number of simultaneous requests."""
    tries: int = 4
    """Number of attempts after temporary faults."""
    timeout_s: float = 60.0
    """Maximum time without a response, seconds or a Quantity."""
    pause_s: float = 0.5
    """Wait before the second attempt, seconds or a Quantity."""
    rest_s: float = 30.0
    """How long a service that is down is not requested again, seconds or a Quantity."""
    patience_s: float = 600.0
    """How long a run that saves waits for a service that is down, seconds or a Quantity."""
    cache: str | os.PathLike[str] | None = DEFAULT_FOLDER
    """Cache folder for stamps; None = no cache."""
    cache_bytes: int = 1 << 30
    """Maximum size of that folder."""

    def __post_init__(self) -> None:
        if self.cache is not None:
            path_text(self.cache, "cache= of SodaOptions, a folder,")
        times = ("timeout_s", "pause_s", "rest_s", "patience_s")
        for name, unit in (("scale_arcsec", "arcsec"), *((one, "s") for one in times)):
            object.__setattr__(self, name, numbers_in(getattr(self, name), name, unit))
        if self.at_once < 1 or self.tries < 1 or not self.scale_arcsec > 0:
            raise BadOption(
                f"at_once and tries are at least 1, scale_arcsec is positive; "
                f"got {self.at_once}, {self.tries}, {self.scale_arcsec}"
            )


class SodaKeywords(TypedDict, total=False):
    """The fields of `SodaOptions`, so that type checkers know the keywords of `SodaImages`."""

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
