"""Saving many sources, grouped by image, restartable, on any executor."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from cutout_widgets._public import chosen_options, with_fields
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption, CutoutWarning, NotWritable
from cutout_widgets.outputs.blind_key import blind_key_of, key_path
from cutout_widgets.outputs.layout import STAMP_FORMATS
from cutout_widgets.outputs.options import SaveKeywords, SaveOptions
from cutout_widgets.outputs.report import Report
from cutout_widgets.outputs.run import Run
from cutout_widgets.outputs.saving import Recipe
from cutout_widgets.outputs.stamps.run import StampRun
from cutout_widgets.paths import path_to
from cutout_widgets.stores.registry import open_images

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Report", "save_cutouts"]


def save_cutouts(
    sources: Any,
    images: ImageStore | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    options: SaveOptions | None = None,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], object] = True,
    **keywords: Unpack[SaveKeywords],
) -> Report:
    """Save the cutouts of sources: as annotated figures, with a manifest, or as stamp files.

    Existing files are kept, so an interrupted run is completed by running it again. If a source
    fails, the failure is reported and the run continues.

    Parameters
    ----------
    sources
        Rows: anything that `SourceTable.read` accepts, or a page of a table.
    images
        Their images: a store, or anything that `open_images` accepts.
    out
        Folder to save to; it is created if it does not exist.
    options
        All options in one object; keywords take precedence over its fields.
    sizes
        Widths of the cutouts in pixels, one row of panels for each; or anything that `Region.of` accepts.
    add_metadata
        Whether to write rows of metadata above the panels.
    url_root
        URL, http or https, at which `out` will be served; if given, a manifest is written, whose URLs
        are this root and the files' own paths. None = no manifest, unless `dialect` needs no URL.
    chunk_size
        Maximum files per folder, a power of ten; None = one folder.
    save_as_numpy
        Whether to write the pixels too: ``numpy/<chunk>/<id>_{sci,temp,diff}_<size>.npy``, shape
        (1, size, size), with tables of all rows and of those saved.
    use_footprint
        Cut each source to the size of its footprint, drawn as a square of its larger side: True (the
        column ``bboxSize``, else the detected pixels of the mask), ``"bboxSize"``, ``"mask"``, a
        mapping of ids to `Footprint`, or a segmentation image. `sizes` is then used only for sources
        without a footprint.
    look
        Stretches and colormaps: a name in `LOOKS`, or a `Look`.
    executor
        Where tasks run: None = here; any ``concurrent.futures.Executor``; dask's
        ``Client.get_executor()``. The files are the same, byte for byte.
    progress
        Whether to show a progress bar; or a function called with the number of sources done and the total
        number. An exception that it raises ends the run: files already written stay, with their manifest.
    outline
        Whether to draw the outline of each source's footprint.
    fits
        Whether to write a FITS file per source: image, mask, variance of the three panels with their
        WCS, ``fits/<chunk>/<id>.fits``; of several sizes the largest.
    blind
        Use opaque file names, no header and no id anywhere in `out`; write a private key next to it,
        ``<out>.key.csv``.
    format
        ``"png"``, or drawn by matplotlib: ``"png-matplotlib"``, ``"pdf"``, ``"svg"``. ``"parquet"`` and
        ``"zarr"`` write stamp files instead of figures, which `StampImages` reads: each with rows, pixels,
        masks, variances, PSFs and WCS of many sources.
    dialect
        Program that reads the manifest: ``"panoptes"`` (URLs), ``"lab"`` or ``"cli"`` (file names).
    instrument
        Instrument name in the header; None = the rows' own column ``instrument``.
    missing
        Whether a source that lacks some of its three images is drawn with that panel hatched, or fails.
    repair
        Whether to read existing files, and write those again that are damaged or foreign.
    style
        Header and canvas: ``"documented"``, or ``"analysis_ap"`` as its newest code draws it, with
        ``sci (nJy)`` and 655 x 349 px; its stretches are ``look="analysis_ap"``.
    manifest_rows
        Maximum rows per manifest; further rows go to ``manifest-2.csv`` and so on.
        None = all in one. panoptes imports 10 000 rows from one.
    rows_a_file
        Maximum rows per stamp file.

    Returns
    -------
    Report
        Written, present and failed ids, and the manifest's path.

    Raises
    ------
    UnknownOption
        If there is no such keyword; the error names the closest one.
    BadOption
        If an option is invalid, or files would go to other places than existing ones.
    NotWritable
        If the directory cannot be created or written to.

    Warns
    -----
    CutoutWarning
        If new figures would look different from existing ones, if figures of earlier runs are missing, if a
        manifest has more rows than panoptes imports, or if a blind run has no manifest.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 30, 30)))
    >>> rows = cw.SourceTable.read({"id": [7], "ra": [53.0], "dec": [-28.0]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_cutouts(rows, images, folder, progress=False).written
    (7,)
    """
    chosen = chosen_options(save_cutouts, SaveOptions, options, keywords)
    if executor is not None:
        _check_executor(executor)
    blind, layout = chosen.blind, chosen.layout
    if blind and not layout.has_manifest:
        warnings.warn(
            "blind=True without url_root writes no manifest of the opaque names: give the URL at which the "
            'directory will be served, or dialect="lab" for a manifest of file names',
            CutoutWarning,
            stacklevel=2,
        )
    store = open_images(images)
    table = SourceTable.read(sources)
    root = path_to(out, "out, the folder to save to,")
    blind_key = _prepare(root, blind)
    recipe = Recipe(
        root,
        replace(layout, blind_key=blind_key),
        chosen.region,
        Look.of(chosen.look),
        add_metadata=chosen.add_metadata and not blind,
        instrument=chosen.instrument,
        footprints=chosen.footprint_rule,
        outline=chosen.outline,
        arrays=chosen.save_as_numpy,
        fits=chosen.fits,
        missing=chosen.missing,
        style=chosen.style,
        rows_a_file=chosen.rows_a_file,
    )
    run = (StampRun if chosen.format in STAMP_FORMATS else Run)(
        table,
        store,
        recipe,
        executor,
        progress=progress,
        repair=chosen.repair,
        manifest_rows=chosen.manifest_rows,
    )
    run.go()
    return Report(
        tuple(run.ids.tolist()),
        run.ids_in("written"),
        run.ids_in("present"),
        run.failed,
        run.manifests[0] if run.manifests else None,
        run.incomplete,
        key_path(root) if blind else None,
        tuple(run.manifests),
    )


save_cutouts.__signature__ = with_fields(save_cutouts, SaveOptions)  # type: ignore[attr-defined]  # for help()


def _check_executor(executor: Any) -> None:
    """Raise if an executor is invalid or closed."""
    if callable(getattr(executor, "get_executor", None)):
        raise BadOption(
            "executor is a concurrent.futures.Executor, or None (this process); got a client of dask: "
            "pass client.get_executor()"
        )
    if isinstance(executor, type) or not callable(getattr(executor, "submit", None)):
        raise BadOption(
            f"executor is a concurrent.futures.Executor, or None (this process); got {executor!r:.60}"
        )
    if _is_closed(executor):
        raise BadOption(
            "executor is one that takes tasks, or None (this process); "
            f"got a {type(executor).__name__} that is shut down, or whose client is closed: make a new one"
        )


def _is_closed(executor: Executor) -> bool:
    """Return whether an executor is known to be closed: threads, processes, dask's."""
    if getattr(executor, "_shutdown", False) is True or getattr(executor, "_shutdown_thread", False) is True:
        return True
    return getattr(getattr(executor, "_client", None), "status", None) in ("closing", "closed")


def _prepare(root: Path, blind: bool) -> str | None:
    """Create the folder; return the key of a blind run."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        return blind_key_of(root) if blind else None
    except OSError as err:
        raise NotWritable(
            f"cannot save to {root}: {err.strerror or err}; choose a directory that you may write to"
        ) from err
