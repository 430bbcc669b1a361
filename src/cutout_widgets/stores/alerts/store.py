"""Alert packets as an image store with rows and light curves."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from cutout_widgets._public import shown_by
from cutout_widgets.catalog.lightcurve import history_of_packet
from cutout_widgets.errors import CutoutError, CutoutWarning, ImageNotFound
from cutout_widgets.paths import is_url, path_to, shown_place
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.position import locate
from cutout_widgets.stores.alerts.epochs import rows_of_packet
from cutout_widgets.stores.alerts.files import expand, here
from cutout_widgets.stores.alerts.packets import PacketFile, open_packets
from cutout_widgets.stores.alerts.scan import FILE_COLUMN, NUMBER_COLUMN, Places, Scan, scan_packets
from cutout_widgets.stores.alerts.schemas import SchemaBook
from cutout_widgets.stores.alerts.stamps import read_stamp
from cutout_widgets.stores.alerts.surveys import named_id, packet_id, place_in_stamp, stamps_of, survey_of
from cutout_widgets.stores.base import cut_group
from cutout_widgets.stores.group_cutting import opened_triplet
from cutout_widgets.stores.handles import Handles

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.pixels.region import Region

__all__ = ["AlertImages"]

Paths = str | Path | bytes | Iterable[str | Path | bytes]


class AlertImages:
    """Stamps and rows of alert packets: LSST v7 to v11, ZTF, WINTER, PGIR, DECam, ATLAS, TURBO, VAST.

    Parameters
    ----------
    paths
        A file or its URL, a folder (its packets, or those in subfolders if it has none), a pattern
        (``"alerts/**/*.avro"``), the bytes of a file, or a list of these. A file is an Avro
        container, a Kafka message (zero byte, schema number, body) or Parquet with one packet per
        row, each possibly gzipped; the format is recognised by its first bytes.
    schemas
        Avro schemas for Kafka messages, which do not contain one: dicts, JSON text or paths of ``.avsc``
        files. The schemas of containers in `paths` are tried too.

    Raises
    ------
    ImageNotFound
        If there is no such file.

    Notes
    -----
    A store is a description: nothing is read until needed. `table` reads every packet
    once and keeps rows and positions; stamps are decoded when they are shown. A row from
    `table` identifies its packet by its columns ``packetFile`` and ``packetNumber``, any other row by
    its id.

    Parent pixels of an LSST stamp are those of the detector. For surveys without a WCS the stamp is
    the parent, with the source at its centre; ZTF's mirrored stamps are flipped so that north is up
    and east is left.
    """

    def __init__(self, paths: Paths, *, schemas: Iterable[Mapping[str, Any] | str | Path] = ()) -> None:
        several = isinstance(paths, Iterable) and not isinstance(paths, (str, Path, bytes))
        given = list(cast("Iterable[Any]", paths)) if several and not hasattr(paths, "read") else [paths]
        self._paths = tuple(
            one
            if isinstance(one, bytes) or is_url(one)
            else str(path_to(one, "a file or folder of alert packets").absolute())
            for one in given
        )
        self._schemas = tuple(schemas)
        self._files = expand(self._paths)
        self._names = [
            f"<bytes {number}>" if isinstance(one, bytes) else shown_place(one)
            for number, one in enumerate(self._files)
        ]
        self._file_of = {name: number for number, name in enumerate(self._names)}
        # Schemas and pool must not refer to the store: open handles would keep it alive.
        book = SchemaBook(self._schemas, more=partial(_read_headers, self._files))
        self._handles: Handles[int, PacketFile] = Handles(
            partial(_open_file, self._files, self._names, book), idle=4
        )
        self._lock = threading.RLock()
        self._scan: Scan | None = None
        self._places: Places | None = None
        self._table: SourceTable | None = None
        self._warned_of_sky = False

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._paths, self._schemas, self._places)

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {"packets": f"{len(self._names)} files", "first": str(self._names[0])}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        return f"<AlertImages: {len(self._names)} files, first {self._names[0]}>"

    def _scanned(self) -> Scan:
        """Return the rows and positions of all packets, scanned once."""
        with self._lock:
            if self._scan is None:
                self._scan = scan_packets(self._names, self._handles.borrow)
                if not self._scan.rows.num_rows:
                    first = self._scan.problems[0] if self._scan.problems else "the files are empty"
                    raise ImageNotFound(f"no alert packet can be read in {len(self._names)} files: {first}")
                self._places = self._scan.places
            return self._scan

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each unreadable file or packet, and for repeated ids."""
        return self._scanned().problems

    def table(self) -> SourceTable:
        """Return one row for each packet.

        The source's own columns, then the packet's plain values, then ``packetFile`` and
        ``packetNumber``. ``diaSourceId`` (for ZTF and similar surveys a copy of ``candid``) and ``band``
        exist for every survey. If packets of different sources (by name, position or time) share a
        number, their ids are made from these three instead.

        Raises
        ------
        ImageNotFound
            If no packet can be read.

        Warns
        -----
        CutoutWarning
            Once, if some packets cannot be read; `problems` has a sentence for each. Once, if packets
            of different sources share a number.
        """
        from cutout_widgets.catalog.table import SourceTable

        with self._lock:
            scan = self._scanned()
            if self._table is None:
                if scan.problems:
                    warnings.warn(
                        f"{len(scan.problems)} alert packets or files were skipped: {scan.problems[0]}"
                        + (" (and others: see .problems)" if len(scan.problems) > 1 else ""),
                        CutoutWarning,
                        stacklevel=2,
                    )
                if scan.shared:
                    warnings.warn(scan.shared, CutoutWarning, stacklevel=2)
                self._table = SourceTable.read(scan.rows)
            return self._table

    def group(self, source: DiaSource) -> Hashable:
        """Return the file of a source's packet, or the source's id if the file is not known yet."""
        place = self._known_place(source)
        return source.id if place is None else self._names[place[0]]

    def _known_place(self, source: DiaSource) -> tuple[int, int] | None:
        """Return file and packet number if known without reading."""
        file, number = source.row.get(FILE_COLUMN), source.row.get(NUMBER_COLUMN)
        if file in self._file_of and isinstance(number, (int, np.integer)):
            return self._file_of[file], int(number)
        place = None if self._places is None else self._places.find(source.id)
        return place if place is not None and place[0] < len(self._files) else None

    def packet(self, source: DiaSource) -> dict[str, Any]:
        """Return a source's packet: a dict of Python values, including stamps.

        Raises
        ------
        ImageNotFound
            If there is none.
        UnreadableImage
            If it is damaged.
        """
        return self._located(source)[0]

    def _located(self, source: DiaSource) -> tuple[dict[str, Any], str]:
        """Return a source's packet and a description of its origin."""
        place = self._known_place(source)
        if place is not None:
            packet = self._packet_at(*place)
            if source.id in (packet_id(packet), named_id(packet)):
                return packet, f"{self._names[place[0]]} packet {place[1]}"
        if place is not None or self._places is None:  # a row of another table, or the files have changed
            place = self._scanned().places.find(source.id)
        if place is None:
            raise ImageNotFound(f"no alert packet about source {source.id} in {len(self._names)} files")
        return self._packet_at(*place), f"{self._names[place[0]]} packet {place[1]}"

    def _packet_at(self, file: int, number: int) -> dict[str, Any]:
        """Return one packet of one file."""
        with self._handles.borrow(file) as packets:
            return packets.packet(number)

    def history(self, source: DiaSource) -> pd.DataFrame:
        """Return the light curve in a source's packet; see `HasHistory`.

        Raises
        ------
        ImageNotFound
            If there is no such packet.
        UnreadableImage
            If it is damaged.
        """
        return history_of_packet(self.packet(source))

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return the detections in a source's packet, in time order; see `HasEpochs`.

        Raises as `history`, and `BadTable` if the packet has no detection with a position.
        """
        from cutout_widgets.catalog.table import SourceTable

        rows = SourceTable.read(rows_of_packet(self.packet(source)))
        return rows.sort("time") if "time" in rows.names else rows

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield a triplet for each source, decoding packets one at a time."""
        for source in sources:
            yield from cut_group(self._openers(source), [source], region)

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet]:
        """Yield the whole stamps of each source, decoding packets one at a time; see `HoldsStamps`."""
        return (opened_triplet(self._openers(source)) for source in sources)

    def _openers(self, source: DiaSource) -> dict[Panel, Callable[[], Image]]:
        """Return for each panel a function that reads the stamp of a source, or raises."""
        try:
            packet, origin = self._located(source)
        except (CutoutError, OSError) as err:
            return dict.fromkeys(PANELS, partial(_refuse, err))
        return {panel: partial(self._stamp, packet, panel, source, origin) for panel in PANELS}

    def _stamp(self, packet: Mapping[str, Any], panel: Panel, source: DiaSource, origin: str) -> Image:
        """Read one panel of a packet, and check that its source is on it."""
        image = _open_stamp(packet, panel, origin)
        if image.projection is not None and image.anchor is None:
            image = _placed(image, source)
        if image.sky_problem and not self._warned_of_sky:
            self._warned_of_sky = True
            warnings.warn(
                f"the WCS of the {panel} stamp in {origin} cannot be used: {image.sky_problem}; it is shown "
                "without a WCS, its source at the packet's position or at the centre (also for similar ones)",
                CutoutWarning,
                stacklevel=2,
            )
        return image


def _restore(paths: Paths, schemas: Any, places: Places | None) -> AlertImages:
    """Build a store with known packet positions, for pickle."""
    store = AlertImages(paths, schemas=schemas)
    store._places = places
    return store


def _open_file(
    files: Sequence[Path | bytes | str], names: Sequence[str], book: SchemaBook, file: int
) -> PacketFile:
    """Open one of a store's files."""
    return open_packets(here(files[file]), names[file], book)


def _read_headers(files: Sequence[Path | bytes | str], book: SchemaBook) -> None:
    """Read the schemas of all containers."""
    for file in files:
        try:
            open_packets(here(file), "", book).close()
        except (CutoutError, OSError):
            continue  # the scan reports what is wrong with it


def _open_stamp(packet: Mapping[str, Any], panel: Panel, origin: str) -> Image:
    """Read one panel of a packet."""
    survey = survey_of(packet)
    stamp = stamps_of(packet)[panel]
    if stamp is None:
        raise ImageNotFound(f"the alert packet has no {panel} stamp")
    inner = packet.get(survey.record) or {}
    x, y = inner.get("x"), inner.get("y")
    position = XY(float(x), float(y)) if isinstance(x, (int, float)) and isinstance(y, (int, float)) else None
    return read_stamp(
        stamp,
        position=position,
        within=partial(place_in_stamp, packet),
        upside_down=survey.upside_down,
        origin=origin,
    )


def _refuse(error: Exception) -> Image:
    """Raise, as the opener of a stamp without a packet."""
    raise error


def _placed(image: Image, source: DiaSource) -> Image:
    """Return a stamp without its WCS if that puts the source outside, because it must be wrong."""
    ((x, y),) = locate(image, [source])
    if image.box.holds(XY(x, y)):
        return image
    middle = replace(image, anchor=image.box.centre)
    if not (np.isfinite(source.ra) and np.isfinite(source.dec)):
        return middle
    return replace(middle, wcs=None, sky_problem="it puts the source outside the stamp")
