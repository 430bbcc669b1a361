"""The demo's survey: every exposure in order of time, taken, searched and associated."""

from __future__ import annotations

from collections.abc import Iterator

from cutout_widgets.demo.association import Associator
from cutout_widgets.demo.catalogue import Detected, detect
from cutout_widgets.demo.exposure import expose
from cutout_widgets.demo.instrument import DETECTORS
from cutout_widgets.demo.sky import Sky

__all__ = ["observe"]


def observe(sky: Sky, associator: Associator) -> Iterator[Detected]:
    """Yield every exposure with its DiaSources; one is in memory at a time.

    Parameters
    ----------
    sky
        What there is to see.
    associator
        Gathers the sources into objects as they come; it is complete when the last was yielded.
    """
    for visit in sky.visits:
        for detector in DETECTORS:
            detected = detect(expose(sky, visit, detector))
            associator.take(list(detected.rows))
            associator.force(detected.exposure)
            yield detected
