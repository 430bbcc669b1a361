"""All images of some sky positions, as rows: from a Butler, or a service of the Virtual Observatory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cutout_widgets.catalog.arguments import names_in
from cutout_widgets.catalog.reading.conversion import from_arrays
from cutout_widgets.catalog.services.image_services import ImageQuery, is_image_service
from cutout_widgets.catalog.services.obscore import records_at, rows_of_place
from cutout_widgets.catalog.services.session import Token
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, NotInTable
from cutout_widgets.quantities import days_tai

__all__ = ["images_at"]


def images_at(
    positions: Any,
    service: Any,
    *,
    time: tuple[Any, Any] | None = None,
    band: str | Sequence[str] | None = None,
    instrument: str | None = None,
    dataset: str | None = None,
    collections: str | Sequence[str] | None = None,
    token: Token = None,
) -> SourceTable:
    """Return a row for each image of each position: all its template, science and difference cutouts.

    Parameters
    ----------
    positions
        A `SkyCoord` of one position or many, a sequence of them or of (ra, dec) in ICRS degrees, or rows:
        anything `SourceTable` accepts.
    service
        A Butler, its repository, or a `ButlerImages`; or a service of the Virtual Observatory (extra
        ``vo``): ``"sia:URL"`` for Simple Image Access version 2, ``"tap:URL"`` with a table
        ``ivoa.ObsCore``, a `Tap`, or a service of pyvo.
    time
        Earliest and latest time of the exposures: MJD TAI or astropy's Time, None for no limit.
    band
        One band, or several.
    instrument
        Name of the instrument; by default all.
    dataset
        The dataset type to look for. By default a Butler's difference images, else its science images;
        in a service (``dataproduct_subtype``) all images that are neither raw nor stacked.
    collections
        Collections of a Butler to search; by default its own.
    token
        For a service, as in `Tap`.

    Returns
    -------
    SourceTable
        Columns ``id`` (1, 2, ...), ``position`` (the identifier of the position, by which rows can be
        grouped), ``ra``, ``dec``, ``instrument``, ``visit``, ``detector``, ``band`` and
        ``midpointMjdTai``, in the order of the positions and then of time. From a service also
        ``obs_id``, ``access_format``, and the URLs in ``template``, ``science`` and ``difference``, from
        which ``open_images(rows)`` reads the pixels. Only Rubin's services have visits and detectors.

    Raises
    ------
    BadOption
        If there is no such repository, or the times are invalid.
    BadTable
        If the positions are invalid, or a service does not answer with a table of images.
    NotInTable
        If there is no image of any of the positions.

    Warns
    -----
    CutoutWarning
        If a service does not send all images of a position.

    Notes
    -----
    Butlers and services store the outlines of images: a position on an edge may be just outside the
    pixels. Its panels then say so. Many positions are sent to a service in one query. ObsCore does not
    state the scale of its times; they are taken as TAI, as Rubin's are.
    """
    places = SourceTable.read(_columns(positions))
    good = np.isfinite(places["ra"]) & (np.abs(places["dec"]) <= 90)
    where = [
        (int(id), float(ra) % 360.0, float(dec))
        for id, ra, dec in zip(places.ids[good], places["ra"][good], places["dec"][good], strict=True)
    ]
    if len(places) and not where:
        raise BadTable(f"none of these {len(places)} positions is on the sky: ra and dec in degrees")
    span, bands = _span(time), None if band is None else names_in(band, "band")
    for name, value in (("instrument", instrument), ("dataset", dataset)):
        if value is not None and not isinstance(value, str):
            raise BadOption(f"{name}= is a name; got {value!r:.60}")
    if is_image_service(service):
        if collections is not None:
            raise BadOption("collections= is for a Butler; for a service give dataset= or instrument=")
        name, rows = _of_service(where, service, span, bands, instrument, dataset, token)
    elif service is None or isinstance(service, (int, float)):
        raise BadOption(
            "images are looked for in a Butler or its repository, or in a service: 'sia:URL', 'tap:URL'; "
            f"got {service!r}"
        )
    else:
        from cutout_widgets.stores.butler.positions import rows_in_butler

        name, rows = rows_in_butler(
            where, service, span, bands, collections=collections, instrument=instrument, dataset=dataset
        )
    if not rows:
        here = "this position" if len(places) == 1 else f"these {len(places)} positions"
        raise NotInTable(f"{name} at {here}" + (" at these times" if time else ""))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return SourceTable(from_arrays({"id": np.arange(1, len(rows) + 1), **columns}))


def _of_service(
    places: Sequence[tuple[int, float, float]],
    service: Any,
    span: tuple[float | None, float | None],
    bands: Sequence[str] | None,
    instrument: str | None,
    dataset: str | None,
    token: Token,
) -> tuple[str, list[dict[str, Any]]]:
    """Return the start of a message for no images, and the rows of a service."""
    wanted = ImageQuery([(ra, dec) for _, ra, dec in places], span, instrument, calibrated=dataset is None)
    name, found = records_at(service, wanted, token)
    rows = [
        {"position": id, "ra": ra, "dec": dec, **row}
        for (id, ra, dec), records in zip(places, found, strict=True)
        for row in rows_of_place(records, dataset, bands)
    ]
    empty = [one for one in ("template", "science", "difference") if all(row[one] is None for row in rows)]
    if any(row["visit"] is None or row["detector"] is None for row in rows):
        empty += ["visit", "detector"]
    return f"{name} has no {dataset or 'images'}", [
        {name: value for name, value in row.items() if name not in empty} for row in rows
    ]


def _columns(positions: Any) -> Any:
    """Return pairs of numbers as columns, and anything else as it is."""
    if not isinstance(positions, (tuple, list)) or not positions:
        return positions
    pairs = [positions] if all(isinstance(one, (int, float, np.number)) for one in positions) else positions
    if not all(isinstance(one, (tuple, list)) and len(one) == 2 for one in pairs):
        return positions
    ra, dec = zip(*pairs, strict=True)
    return {"id": list(range(1, len(pairs) + 1)), "ra": list(map(float, ra)), "dec": list(map(float, dec))}


def _span(time: Any) -> tuple[float | None, float | None]:
    """Return the earliest and the latest time, MJD TAI."""
    if time is None:
        return None, None
    try:
        begin, end = (None if one is None else float(days_tai(one, "time")) for one in time)
    except (TypeError, ValueError) as err:
        raise BadOption(
            "time is the first and the last moment, MJD TAI or astropy's Time, None for no end; "
            f"got {time!r:.80}"
        ) from err
    if begin is not None and end is not None and not begin <= end:
        raise BadOption(f"time is the first moment and then the last; got {begin} and {end}")
    return begin, end
