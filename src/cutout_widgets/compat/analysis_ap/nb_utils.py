"""``lsst.analysis.ap.nb_utils``: comparison of two processings of the same images, with cutouts."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.matching import compare_sources as compare
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.compat.analysis_ap.apdb import DbQuery
from cutout_widgets.compat.analysis_ap.config import PlotImageSubtractionCutoutsConfig
from cutout_widgets.compat.analysis_ap.errors import BadTaskOption
from cutout_widgets.compat.analysis_ap.task import PlotImageSubtractionCutoutsTask

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare_sources"]

_log = logging.getLogger(__name__)

_SUFFIX = "_of_2"


def compare_sources(
    butler1: Any,
    butler2: Any,
    query1: DbQuery,
    query2: DbQuery,
    bad_flag_list: Sequence[str] | None = None,
    match_radius: float = 0.5,
    make_cutouts: bool = False,
    display_cutouts: bool = False,
    cutout_path1: str | os.PathLike[str] | None = None,
    cutout_path2: str | os.PathLike[str] | None = None,
    cutout_config1: Mapping[str, Any] | None = None,
    cutout_config2: Mapping[str, Any] | None = None,
    njobs: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Compare the DiaSources in two APDBs, and save cutouts of those that only one has.

    Parameters
    ----------
    butler1, butler2
        Images of the two; see `PlotImageSubtractionCutoutsTask.run`. Needed only for cutouts.
    query1, query2
        The two databases.
    bad_flag_list
        Exclude sources with one of these flags; None = those of each query.
    match_radius
        Maximum separation of a pair, arcsec.
    make_cutouts
        Whether to save figures of unmatched sources.
    display_cutouts
        Whether to display them in the notebook, too.
    cutout_path1, cutout_path2
        Folders to save to.
    cutout_config1, cutout_config2
        Configuration fields of each task; by default all files are in one folder.
    njobs
        Number of processes for cutouts.

    Returns
    -------
    unique1, unique2, matched : DataFrame
        Sources only in the first, only in the second, and those of the first with a match, with the
        columns ``src2_diaSourceId`` and ``xmatch_dist_arcsec``.

    Raises
    ------
    BadTaskOption
        If cutouts are requested without a folder, or a flag is unknown.
    """
    paths = cutout_path1, cutout_path2
    if make_cutouts and None in paths:
        raise BadTaskOption(
            "to make cutouts, give the folders to save them in: cutout_path1= and cutout_path2="
        )
    first, second = (_good(query, bad_flag_list) for query in (query1, query2))
    found = compare(first, second, match_radius, suffix=_SUFFIX)
    pairs = found.matched.to_pandas()
    matched = pairs[[name for name in pairs.columns if not name.endswith(_SUFFIX)]].assign(
        xmatch_dist_arcsec=pairs[f"separation_arcsec{_SUFFIX}"],
        src2_diaSourceId=pairs[f"{second.names['id']}{_SUFFIX}"],
    )
    unique = found.only_first, found.only_second
    _log.info(
        "%d matched sources; %d only in the first, %d only in the second", len(pairs), *map(len, unique)
    )
    if make_cutouts:
        configs, butlers = (cutout_config1, cutout_config2), (butler1, butler2)
        for rows, butler, path, fields in zip(unique, butlers, paths, configs, strict=True):
            _save(rows, butler, path or "", fields or {}, njobs, display_cutouts)
    return unique[0].to_pandas(), unique[1].to_pandas(), matched


def _good(query: DbQuery, flags: Sequence[str] | None) -> SourceTable:
    """Return the sources of a database without flagged ones; the query is not changed."""
    before = query.diaSource_flags_exclude
    try:
        if flags is not None:
            query.set_excluded_diaSource_flags(flags)
        return SourceTable.read(query.load_sources(exclude_flagged=True))
    finally:
        query.diaSource_flags_exclude = before


def _save(
    rows: SourceTable,
    butler: Any,
    path: str | os.PathLike[str],
    fields: Mapping[str, Any],
    njobs: int,
    show: bool,
) -> None:
    """Save the figures of some sources, and display them if requested."""
    config = PlotImageSubtractionCutoutsConfig(chunk_size=None)
    config.update(**fields)
    task = PlotImageSubtractionCutoutsTask(output_path=path, config=config)
    ids = task.write_images(rows, butler, njobs)
    if show:
        from IPython.display import Image, display

        for id_ in ids:
            display(Image(filename=task.cutout_path(id_)))  # type: ignore[no-untyped-call]
