"""All images of some sky positions in ObsTAP and SIA services, as rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cutout_widgets.catalog.services.coverage import covered
from cutout_widgets.catalog.services.image_services import ImageQuery, image_service
from cutout_widgets.catalog.services.session import Token

__all__ = ["records_at", "rows_of_place"]

_PLACES_AT_ONCE = 50
"""Maximum number of positions in one query."""

_BANDS = {
    "u": (300e-9, 400e-9), "g": (400e-9, 550e-9), "r": (550e-9, 690e-9), "i": (690e-9, 820e-9),
    "z": (820e-9, 920e-9), "y": (920e-9, 1100e-9),
}  # fmt: skip
"""Wavelength ranges, metres: an image is in the band that contains the middle of its own range.
Source: Rubin's ObsCore."""

_SCIENCE = ("lsst.visit_image", "lsst.preliminary_visit_image")
"""Preferred types, if one exposure has several science images."""

Record = Mapping[str, Any]


def records_at(
    service: Any, question: ImageQuery, token: Token = None
) -> tuple[str, list[list[dict[str, Any]]]]:
    """Query a service for the images of positions, many at a time.

    Parameters
    ----------
    service
        As in `image_service`.
    question
        Which images are wanted.
    token
        As in `session.token_for`.

    Returns
    -------
    str
        The name of the service, for messages.
    list
        For each position the rows of ObsCore of the images that cover it.

    Raises
    ------
    BadTable
        If the service cannot be reached, refuses, or does not answer with a complete table.

    Warns
    -----
    CutoutWarning
        If the service does not send all images of a position.
    """
    asked = image_service(service, token)
    found: list[list[dict[str, Any]]] = []
    for start in range(0, len(question.places), _PLACES_AT_ONCE):
        some = question.places[start : start + _PLACES_AT_ONCE]
        found += _asked(asked, replace(question, places=some))
    return asked.name, found


def _asked(service: Any, question: ImageQuery) -> list[list[dict[str, Any]]]:
    """Query several positions; fewer at a time if the answer is cut off or lacks outlines."""
    answer = service.ask(question)
    places = question.places
    if len(places) == 1:
        answer.warn()
        return [answer.records]
    ra, dec = np.array(places, dtype=float).T
    where = [covered(record, ra, dec) for record in answer.records]
    known = [inside for inside in where if inside is not None]
    if not answer.is_whole or len(known) < len(where):
        half = len(places) // 2
        parts = (places[:half], places[half:])
        return [one for part in parts for one in _asked(service, replace(question, places=part))]
    found: list[list[dict[str, Any]]] = [[] for _ in places]
    for record, inside in zip(answer.records, known, strict=True):
        for place in np.flatnonzero(inside):
            found[place].append(record)
    return found


def rows_of_place(
    records: Sequence[Record], dataset: str | None, bands: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Return a row for each exposure of one position, in time order.

    Parameters
    ----------
    records
        Rows of ObsCore.
    dataset
        The ``dataproduct_subtype`` of the science images, with or without ``lsst.``; None for all that
        are neither raw nor stacked.
    bands
        Which bands; None for all.

    Returns
    -------
    list of dict
        ``instrument``, ``visit`` and ``detector`` (None where ObsCore does not have them), ``obs_id``,
        ``band``, ``midpointMjdTai``, the URLs of ``template``, ``science`` and ``difference``, and their
        ``access_format``. A template is that of the exposure, or the first of this position and band.
    """
    exposures: dict[Any, dict[str, list[Record]]] = {}
    shared: dict[str | None, Record] = {}
    for record in records:
        panel, band = _panel_of(record, dataset), _band_of(record)
        if panel is None or not record.get("access_url") or (bands is not None and band not in bands):
            continue
        if panel == "template" and not record.get("lsst_visit"):
            shared.setdefault(band, record)
        else:
            panels = exposures.setdefault(_exposure_of(record), {})
            panels.setdefault(panel, []).append(record)
    wanted = {"science", "difference"}
    if dataset is not None:
        wanted = {"difference" if "diff" in dataset.lower() else "science"}
    rows = [
        _row(one, shared) for panels in exposures.values() for one in _triplets(panels) if one.keys() & wanted
    ]
    return sorted(
        rows, key=lambda row: (row["midpointMjdTai"], row["visit"] or 0, row["detector"] or 0, row["obs_id"])
    )


def _panel_of(record: Record, dataset: str | None) -> str | None:
    """Return the panel that an image belongs to; None if it is not wanted."""
    kind = str(record.get("dataproduct_subtype") or "").lower()
    if dataset is not None and kind.removeprefix("lsst.") == dataset.lower().removeprefix("lsst."):
        return "difference" if "diff" in kind else "science"
    if "template" in kind:
        return "template"
    if "diff" in kind:
        return "difference"
    if dataset is not None or "raw" in kind or "coadd" in kind:
        return None
    return "science"


def _exposure_of(record: Record) -> tuple[Any, ...]:
    """Return what identifies the exposure of an image: visit and detector at Rubin, else the ``obs_id``."""
    if record.get("lsst_visit") is not None and record.get("lsst_detector") is not None:
        return record.get("instrument_name"), record["lsst_visit"], record["lsst_detector"]
    return record.get("obs_collection"), record.get("obs_id")


def _triplets(panels: Mapping[str, list[Record]]) -> Iterator[dict[str, Record]]:
    """Yield the images of one exposure by panel; each alone if it is unclear which belong together."""
    if any(one.get("lsst_visit") is not None for several in panels.values() for one in several):
        yield {
            panel: min(several, key=lambda one: _rank(one.get("dataproduct_subtype")))
            for panel, several in panels.items()
        }
    elif all(len(several) == 1 for several in panels.values()):
        yield {panel: several[0] for panel, several in panels.items()}
    else:
        for panel, several in panels.items():
            yield from ({panel: one} for one in several)


def _rank(kind: Any) -> int:
    return _SCIENCE.index(kind) if kind in _SCIENCE else len(_SCIENCE)


def _row(panels: Mapping[str, Record], shared: Mapping[str | None, Record]) -> dict[str, Any]:
    """Return the row of an exposure."""
    main = panels.get("science") or panels["difference"]
    band = _band_of(main)
    template = panels.get("template") or (None if band is None else shared.get(band))
    times = _numbers(main, "t_min", "t_max")
    urls = {**panels, "template": template}
    visit, detector = main.get("lsst_visit"), main.get("lsst_detector")
    return {
        "instrument": main.get("instrument_name"),
        "visit": None if visit is None else int(visit),
        "detector": None if detector is None else int(detector),
        "obs_id": str(main.get("obs_id") or ""),
        "band": band,
        "midpointMjdTai": sum(times) / len(times) if times else math.nan,
        "access_format": str(main.get("access_format") or ""),
        **{
            panel: None if (one := urls.get(panel)) is None else str(one["access_url"])
            for panel in ("template", "science", "difference")
        },
    }


def _band_of(record: Record) -> str | None:
    """Return the band of an image: Rubin's name, else from the middle of its wavelength range."""
    if record.get("lsst_band"):
        return str(record["lsst_band"])
    ends = _numbers(record, "em_min", "em_max")
    if len(ends) < 2:
        return None
    middle = sum(ends) / 2
    return next((band for band, (blue, red) in _BANDS.items() if blue <= middle < red), None)


def _numbers(record: Record, *names: str) -> list[float]:
    """Return the finite numbers in some columns."""
    values = [record.get(name) for name in names]
    return [float(one) for one in values if isinstance(one, (int, float)) and math.isfinite(one)]
