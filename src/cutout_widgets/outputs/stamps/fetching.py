"""Fetching the stamps of many sources from a service or a bucket, for work offline."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Literal

from cutout_widgets.errors import BadOption
from cutout_widgets.outputs.batch import Report, save_cutouts
from cutout_widgets.outputs.layout import STAMP_FORMATS

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["fetch_stamps"]

ROWS_A_FILE = 100
"""Rows per file: an interruption loses at most one file, some seconds of a service's work."""


def fetch_stamps(
    sources: Any,
    images: ImageStore | str | os.PathLike[str],
    out: str | os.PathLike[str],
    size: Any = 30,
    *,
    format: Literal["parquet", "zarr"] = "parquet",
    rows_a_file: int = ROWS_A_FILE,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], object] = True,
) -> Report:
    """Fetch the cutouts of sources once, into stamp files for offline use.

    Run it again to fetch what is missing: rows that are already in a file are not requested again. If a
    service is down, it is tried again later; what cannot be fetched is in the report.

    Parameters
    ----------
    sources
        Rows: anything that `SourceTable.read` accepts.
    images
        Their images: a store, or anything that `open_images` accepts.
    out
        Folder of the stamp files; open it with `StampImages` or ``open_images("stamps:OUT")``.
    size
        Width of the cutouts in pixels; or anything that `Region.of` accepts that gives one size.
    format
        ``"parquet"`` or ``"zarr"``.
    rows_a_file
        Maximum rows per file; an interruption loses the file that is being filled.
    executor, progress
        As for `save_cutouts`.

    Returns
    -------
    Report
        Fetched, present and failed ids.

    Raises
    ------
    BadOption
        If an option is invalid.
    NotWritable
        If the folder cannot be created or written to.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7, 8], *np.ones((3, 2, 30, 30)))
    >>> rows = cw.SourceTable({"id": [7, 8], "ra": [53.0, 53.1], "dec": [-28.0, -28.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = fetch_stamps(rows.take([0]), images, folder, progress=False)
    ...     both = fetch_stamps(rows, images, folder, progress=False)
    >>> both.written, both.present
    ((8,), (7,))
    """
    if format not in STAMP_FORMATS:
        raise BadOption(f"format of stamp files is {' or '.join(STAMP_FORMATS)}; got {format!r:.40}")
    return save_cutouts(
        sources,
        images,
        out,
        sizes=size,
        format=format,
        rows_a_file=rows_a_file,
        executor=executor,
        progress=progress,
    )
