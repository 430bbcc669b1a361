"""Match two catalogues of the same sky: sources in both, and in only one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.arguments import names_in
from cutout_widgets.catalog.columns import close_names, is_flag_name
from cutout_widgets.catalog.nearest import Nearest, directions, pairs_by_tree, separations
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning

__all__ = ["Comparison", "compare_sources", "match_positions", "pairs_by_sweep"]

_PAIRS_AT_ONCE = 4_000_000
"""Candidate pairs evaluated at once: about 300 MB."""

_GROUP_STEP_DEG = 200.0
"""Distance between groups on the declination axis: more than 180 degrees and two radii."""

_MARGIN_DEG = 1e-6
"""Margin of the search in declination for rounding errors; separations decide."""

_LARGEST_RADIUS_DEG = 1.0
"""A larger radius is probably a mistake in the unit."""


class Comparison(NamedTuple):
    """Rows that are in both tables, and in only one; each is a table that a grid can show.

    Examples
    --------
    >>> rows = cw.SourceTable.read({"id": [1], "ra": [53.0], "dec": [-28.0]})
    >>> len(cw.compare_sources(rows, rows, 0.5).matched)
    1
    """

    matched: SourceTable
    """A row for each pair, in the order of the first table: its columns under their own names, those
    of the second table with the suffix, and ``separation_arcsec`` with the suffix."""
    only_first: SourceTable
    """Rows of the first table without a match, in its order."""
    only_second: SourceTable
    """Rows of the second table without a match, in its order."""


def compare_sources(
    table1: Any,
    table2: Any,
    radius: Any = 0.5,
    *,
    suffix: str = "_2",
    exclude_flags: str | Sequence[str] | None = None,
) -> Comparison:
    """Compare two tables of the same sky: two processings, two thresholds, two nights.

    Parameters
    ----------
    table1, table2
        Rows: anything that `SourceTable.read` accepts.
    radius
        Largest separation of a pair: arcsec, or an astropy Quantity.
    suffix
        Appended to the names of the second table's columns in `Comparison.matched`.
    exclude_flags
        Exclude rows of both tables with one of these flags set; a missing value counts as
        unset.

    Returns
    -------
    Comparison
        Three tables: matched, only in the first, only in the second. Each row that was not excluded
        is in exactly one of them.

    Raises
    ------
    BadOption
        If the radius is not an angle between 0 and 1 degree, or the suffix is not text.
    BadTable
        If a table cannot be read, a suffixed name already exists, visits are not whole numbers, or
        neither table has one of the flags.

    Warns
    -----
    CutoutWarning
        If one of the tables lacks such a flag.

    Notes
    -----
    A match is a pair of rows that are each other's nearest neighbour (the first of equally near ones). If
    both tables have visits, only rows of the same visit are compared; a row without visit or position
    has no match. To view a matched row as in the second table::

        SourceTable.read(matched, id="diaSourceId_2", ra="ra_2", dec="dec_2")

    Examples
    --------
    >>> first = cw.SourceTable.read({"id": [1, 2], "ra": [53.0, 54.0], "dec": [-28.0, -28.0]})
    >>> second = cw.SourceTable.read({"id": [8], "ra": [53.0], "dec": [-28.00001]})
    >>> found = compare_sources(first, second, 0.5)
    >>> len(found.matched), found.only_first.ids.tolist(), len(found.only_second)
    (1, [2], 0)
    """
    if not isinstance(suffix, str) or not suffix:
        raise BadOption(f"suffix is appended to column names, such as '_2'; got {suffix!r}")
    first, second = SourceTable.read(table1), SourceTable.read(table2)
    if exclude_flags is not None:
        first, second = _unflagged(first, second, names_in(exclude_flags, "exclude_flags"))
    radius_deg = _degrees(radius)
    rows1, rows2, separations = match_positions(
        _positions(first), _positions(second), radius_deg, groups=_visits(first, second)
    )
    return Comparison(
        _joined(first.take(rows1), second.take(rows2), separations * 3600, suffix),
        first.take(_rest(len(first), rows1)),
        second.take(_rest(len(second), rows2)),
    )


def _unflagged(
    first: SourceTable, second: SourceTable, flags: Sequence[str]
) -> tuple[SourceTable, SourceTable]:
    """Return the rows of two tables without any of some flags."""
    kept = []
    for table in (first, second):
        bad = np.zeros(len(table), dtype=bool)
        for flag in flags:
            if flag not in {*first.columns, *second.columns}:
                known = [one for one in first.columns if is_flag_name(one)]
                raise BadTable(f"neither table has a flag {flag!r}{close_names(flag, known)}")
            if flag not in table.columns:
                which = "first" if table is first else "second"
                warnings.warn(
                    f"the {which} table does not have {flag}, so it excludes none of its rows",
                    CutoutWarning,
                    stacklevel=4,
                )
                continue
            bad |= np.array([one is not None and one == 1 for one in table.values(flag).tolist()], dtype=bool)
        kept.append(table.take(np.flatnonzero(~bad)))
    return kept[0], kept[1]


def match_positions(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    radius_deg: float,
    *,
    groups: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find pairs of positions that are each other's nearest neighbours.

    Parameters
    ----------
    first, second
        ``ra``, ``dec`` in degrees, shapes (n, 2) and (m, 2); values that are not finite or beyond a
        pole match nothing. ``ra`` may be any multiple of a turn away.
    radius_deg
        Largest separation, degrees.
    groups
        A number for each position: only equal numbers are compared, and negative ones with
        nothing. None = compare all.

    Returns
    -------
    rows of the first, rows of the second, separations
        Shape (k,) each, the first ascending; separations in degrees.

    Notes
    -----
    With scipy (installed by the extra ``detect``) it uses a tree of unit vectors, else a sweep along
    declination with numpy, which is slow for many rows at the same declination.
    """
    numbers1, numbers2 = groups or (np.zeros(len(first), np.intp), np.zeros(len(second), np.intp))
    rows1, rows2 = _usable(first, numbers1), _usable(second, numbers2)
    towards1, towards2 = directions(first[rows1]), directions(second[rows2])
    group1, group2, reach = numbers1[rows1], numbers2[rows2], radius_deg + _MARGIN_DEG
    if find_spec("scipy") is not None:
        one, two, angles = pairs_by_tree(towards1, towards2, group1, group2, radius_deg, reach)
        return rows1[one], rows2[two], angles
    places1, places2 = _places(first[rows1], group1), _places(second[rows2], group2)
    one, two, angles = pairs_by_sweep(towards1, towards2, places1, places2, radius_deg, reach)
    return rows1[one], rows2[two], angles


def pairs_by_sweep(
    towards1: NDArray[np.float64],
    towards2: NDArray[np.float64],
    places1: NDArray[np.float64],
    places2: NDArray[np.float64],
    radius_deg: float,
    reach_deg: float,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Find the same pairs as `pairs_by_tree` with numpy alone, by sweeps along declination.

    Parameters
    ----------
    towards1, towards2
        Unit vectors.
    places1, places2
        Declinations in degrees, with the groups far apart.
    radius_deg, reach_deg
        Maximum separation of a pair, and how far to search in declination.
    """
    rows2 = np.argsort(places2, kind="stable")
    places2 = places2[rows2]
    low = np.searchsorted(places2, places1 - reach_deg)
    counts = np.searchsorted(places2, places1 + reach_deg, side="right") - low
    of_first, of_second = Nearest(len(places1)), Nearest(len(places2))
    for part in _parts(counts):
        one = np.repeat(np.arange(part.start, part.stop), counts[part])
        ends = np.cumsum(counts[part])
        other = rows2[np.arange(len(one)) - np.repeat(ends - counts[part] - low[part], counts[part])]
        separation = separations(towards1[one], towards2[other])
        near = separation <= radius_deg
        of_first.offer(one[near], other[near], separation[near])
        of_second.offer(other[near], one[near], separation[near])
    matched = np.flatnonzero(of_first.partners >= 0)
    matched = matched[of_second.partners[of_first.partners[matched]] == matched]
    return matched, of_first.partners[matched], of_first.separations[matched]


def _parts(counts: NDArray[np.intp]) -> list[slice]:
    """Split rows into ranges with a limited number of candidate pairs, at least one row each."""
    ends = np.cumsum(counts)
    parts, start = [], 0
    while start < len(counts):
        done = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + _PAIRS_AT_ONCE, side="right")))
        parts.append(slice(start, stop))
        start = stop
    return parts or [slice(0, 0)]


def _usable(positions: NDArray[np.float64], numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows with a position on the sky and a group."""
    on_sky = np.isfinite(positions).all(axis=1) & (np.abs(positions[:, 1]) <= 90 + _MARGIN_DEG)
    return np.flatnonzero(on_sky & (numbers >= 0))


def _places(positions: NDArray[np.float64], numbers: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return declinations on one axis, shifted so that groups are separate."""
    return numbers * _GROUP_STEP_DEG + positions[:, 1]


def _positions(table: SourceTable) -> NDArray[np.float64]:
    """Return ra and dec, degrees, shape (n, 2); NaN if missing."""
    import pandas as pd

    numbers = [pd.to_numeric(pd.Series(table.values(name)), errors="coerce") for name in ("ra", "dec")]
    return np.stack([one.to_numpy(dtype=np.float64) for one in numbers], axis=1)


def _degrees(radius: Any) -> float:
    """Return a radius in degrees."""
    from astropy import units as u

    try:
        if isinstance(radius, bool) or np.iscomplexobj(radius):
            raise TypeError
        degrees = float(u.Quantity(radius, u.arcsec if not hasattr(radius, "unit") else None).to_value(u.deg))
    except (TypeError, ValueError, u.UnitConversionError):
        degrees = np.nan
    if not 0 < degrees <= _LARGEST_RADIUS_DEG:
        raise BadOption(f"radius is an angle in arcsec above 0 and up to 1 degree; got {radius!r}")
    return degrees


def _visits(first: SourceTable, second: SourceTable) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Return a small number for each row's visit, -1 without one; None unless both tables have visits."""
    numbers, present = [], []
    for table in (first, second):
        if "visit" not in table.names and "exposure" not in table.names:
            return None
        values, there = _whole_numbers(table, table.names.get("visit") or table.names["exposure"])
        numbers.append(values if "visit" in table.names else values // 1000)
        present.append(there)
    small = np.unique(np.concatenate(numbers), return_inverse=True)[1]
    small[~np.concatenate(present)] = -1
    return small[: len(first)], small[len(first) :]


def _whole_numbers(table: SourceTable, name: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return an integer column, with 0 for missing values, and where they are missing."""
    values = table.values(name)
    if values.dtype.kind in "iu":
        return values.astype(np.int64), np.ones(len(values), dtype=bool)
    present = np.array([one is not None and one == one for one in values.tolist()], dtype=bool)
    given = np.where(present, values, 0)
    try:
        if given.dtype.kind == "f" and not (np.isfinite(given) & (given == np.floor(given))).all():
            raise ValueError
        return given.astype(np.int64), present
    except (TypeError, ValueError, OverflowError) as err:
        raise BadTable(f"visits are compared as whole numbers; column {name!r} holds others") from err


def _rest(n: int, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which of n rows are not in a list."""
    left = np.ones(n, dtype=bool)
    left[rows] = False
    return left


def _joined(
    first: SourceTable, second: SourceTable, separations: NDArray[np.float64], suffix: str
) -> SourceTable:
    """Return two tables of equal length side by side.

    Raises
    ------
    BadTable
        If a column name would appear twice.
    """
    import pyarrow as pa

    left, right = first.to_arrow(), second.to_arrow()
    added = [entry.with_name(f"{entry.name}{suffix}") for entry in right.schema]
    added.append(
        pa.field(
            f"separation_arcsec{suffix}",
            pa.float64(),
            metadata={"unit": "arcsec", "description": "Distance on the sky to the row of the second table"},
        )
    )
    names = [entry.name for entry in added]
    for name in names:
        if name in left.column_names:
            raise BadTable(f"the first table has a column {name!r} already; give another suffix=")
    if names.count(names[-1]) > 1:
        raise BadTable(
            "the second table has a column 'separation_arcsec', a name that the match needs; rename it"
        )
    both = pa.Table.from_arrays(
        [*left.columns, *right.columns, pa.array(separations)], schema=pa.schema([*left.schema, *added])
    )
    known = first.names
    return SourceTable.read(both, id=known["id"], ra=known["ra"], dec=known["dec"])
