"""Saving rows to stamp files: each task makes one file, or one for each shape of its cutouts."""

from __future__ import annotations

import itertools
import logging
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.errors import sentence
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.saving import Outcome, Recipe, read_found
from cutout_widgets.pixels.image import EXTRAS, Triplet
from cutout_widgets.stores.stamps.building import StampBuilder
from cutout_widgets.stores.stamps.contents import Contents
from cutout_widgets.stores.stamps.files import FOLDER
from cutout_widgets.stores.stamps.parquet import parquet_bytes
from cutout_widgets.stores.stamps.sky import SkyWriter
from cutout_widgets.stores.stamps.zarr import zarr_bytes
from cutout_widgets.stores.waiting import waiting_for_service

if TYPE_CHECKING:
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.stores.base import ImageStore

__all__ = ["LARGEST_FILE_BYTES", "save_stamps"]

LARGEST_FILE_BYTES = 1 << 28
"""Maximum pixels per file, so that a worker's memory does not grow with the size of the cutouts."""

_log = logging.getLogger(__name__)


def save_stamps(rows: SourceTable, images: ImageStore, recipe: Recipe) -> list[Outcome]:
    """Save rows to stamp files.

    Parameters
    ----------
    rows
        The rows of one task; those of one image are adjacent.
    images
        Their image store.
    recipe
        How to save them.

    Returns
    -------
    list of Outcome
        One for each row, in order. An error of one source does not affect the others.
    """
    with waiting_for_service():
        return _saved(rows, images, recipe)


def _saved(rows: SourceTable, images: ImageStore, recipe: Recipe) -> list[Outcome]:
    """Save rows, as `save_stamps`, which handles general errors."""
    partial = Partial(recipe.root)
    outcomes: dict[int, Outcome] = {}
    sky = SkyWriter()
    open_files: list[StampBuilder] = []
    try:
        for place, triplet in _triplets(rows, images, recipe):
            problems = "; ".join(triplet.problems)
            if not _is_enough(triplet, recipe):
                outcomes[place] = Outcome("failed", problems or "there are no images of this source")
                continue
            outcomes[place] = Outcome("written", problems)
            try:
                builder = _builder_for(triplet, open_files, len(rows), sky)
                builder.add(place, triplet)
            except Exception as err:  # noqa: BLE001  one source's bad data must not affect the others
                _log.warning("row %d cannot be kept", place, exc_info=True)
                outcomes[place] = Outcome("failed", sentence(err))
                continue
            if builder.is_full:
                open_files.remove(builder)
                outcomes.update(_written(builder, rows, recipe, partial, outcomes))
        for builder in open_files:
            outcomes.update(_written(builder, rows, recipe, partial, outcomes))
    finally:
        partial.close()
    return [outcomes[place] for place in range(len(rows))]


def _triplets(rows: SourceTable, images: ImageStore, recipe: Recipe) -> Iterator[tuple[int, Triplet]]:
    """Yield the row number and the cutouts of each row, image by image."""
    wanted = replace(recipe, region=replace(recipe.region, extras=EXTRAS), fits=True)
    places = itertools.count()
    for _, group in itertools.groupby(rows, key=images.group):
        for _, found in read_found(list(group), images, wanted):
            yield next(places), found.triplet


def _is_enough(triplet: Triplet, recipe: Recipe) -> bool:
    """Return whether there are enough images."""
    there = [image is not None for image in triplet]
    return all(there) if recipe.missing == "fail" else any(there)


def _builder_for(triplet: Triplet, open_files: list[StampBuilder], n: int, sky: SkyWriter) -> StampBuilder:
    """Return the file for a triplet: an open one with the same shapes, else a new one."""
    for builder in open_files:
        if builder.takes(triplet):
            return builder
    bytes_each = sum(3 * 4 * image.pixels.size for image in triplet if image is not None)
    builder = StampBuilder(max(1, min(n, LARGEST_FILE_BYTES // max(1, bytes_each))), sky)
    open_files.append(builder)
    return builder


def _written(
    builder: StampBuilder,
    rows: SourceTable,
    recipe: Recipe,
    partial: Partial,
    outcomes: dict[int, Outcome],
) -> dict[int, Outcome]:
    """Write one file, and return the outcomes of its rows."""
    try:
        contents = builder.contents(rows)
        name = f"{FOLDER}/{_name_of(contents)}{recipe.layout.suffix}"
        data = zarr_bytes(contents) if recipe.layout.format == "zarr" else parquet_bytes(contents)
        facts = partial.write(recipe.root / name, data)
    except OSError as err:
        why = f"cannot write to {recipe.root / FOLDER}: {err.strerror or sentence(err)}"
    except Exception as err:  # noqa: BLE001  as above
        _log.warning("a stamp file cannot be made", exc_info=True)
        why = sentence(err)
    else:
        return {place: outcomes[place]._replace(files=((name, facts),)) for place in builder.places}
    return {place: Outcome("failed", why) for place in builder.places}


def _name_of(contents: Contents) -> str:
    """Return the name of a file: its first id, the number of ids, and a checksum of all of them."""
    ids = np.asarray(contents.rows.column(contents.header.id_column).to_numpy(), dtype="<i8")
    return f"stamps_{int(ids.min()):d}_{len(ids):d}_{zlib.crc32(ids.tobytes()):08x}"
