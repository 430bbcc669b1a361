"""The demo's survey: every exposure in time order, simulated, measured and associated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cutout_widgets.demo.association import Associator
from cutout_widgets.demo.catalogue import Detected, detect
from cutout_widgets.demo.exposure import expose
from cutout_widgets.demo.instrument import DETECTORS
from cutout_widgets.demo.sky import Sky

__all__ = ["observe"]


def observe(sky: Sky, associator: Associator) -> Iterator[Detected]:
    """Yield every exposure with its DiaSources and forced sources, one in memory at a time.

    Parameters
    ----------
    sky
        The sky to observe.
    associator
        Associates the sources with objects; it is complete after the last exposure.
    """
    for visit in sky.visits:
        for detector in DETECTORS:
            detected = detect(expose(sky, visit, detector))
            associator.take(list(detected.rows))
            yield replace(detected, forced=tuple(associator.force(detected.exposure)))
