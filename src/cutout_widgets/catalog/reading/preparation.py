"""Prepare columns for a table: exact identifiers, positions in degrees, numeric types."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from cutout_widgets.catalog.columns import ID_COLUMNS, NEEDED, NUMBERS, close_names, names_of, resolve
from cutout_widgets.catalog.identifiers.identifiers import exact_identifiers, is_words, rounded_before
from cutout_widgets.catalog.reading.arrays import as_numbers
from cutout_widgets.catalog.reading.conversion import Intake
from cutout_widgets.catalog.values import number_of
from cutout_widgets.errors import OWN_FILES, BadTable, CutoutWarning

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["prepared"]


def prepared(
    intake: Intake, *, chosen: Mapping[str, str | None], instrument: str | None = None, origin: str = ""
) -> dict[str, str]:
    """Convert the columns with a meaning to the form that rows need, in place.

    Parameters
    ----------
    intake
        The columns.
    chosen
        Meaning -> column name, as chosen by the user.
    instrument
        The instrument of all rows, if the user gave it.
    origin
        Name of the table for messages.

    Returns
    -------
    dict
        Meaning -> column name.

    Raises
    ------
    BadTable
        If a required column is missing, or the identifiers are not exact.

    Warns
    -----
    CutoutWarning
        If identifiers are names, or there is text among numbers.
    """
    if not intake.columns:
        raise BadTable(f"{origin or 'the table'} has no columns; it needs {', '.join(NEEDED)}")
    names = resolve(intake.columns, chosen)
    _require(names, intake.columns, origin)
    _make_identifiers(intake, names["id"])
    for meaning in ("ra", "dec"):
        _make_degrees(intake, names[meaning])
    _make_numbers(intake)
    if instrument is not None:
        intake.columns["instrument"] = _constant(instrument, len(intake.columns[names["id"]]))
    return names


def _make_identifiers(intake: Intake, name: str) -> None:
    """Make the rows' identifiers exact; if they are names, keep these and make numbers from them."""
    import pyarrow as pa

    column = intake.columns[name]
    words = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    known = [one for one in words.unique().to_pylist() if one] if is_words(words.type) else []
    if known and all(number_of(one) is None for one in known):
        kept = next(one for one in ("name", f"{name}_name", f"{name}_as_given") if one not in intake.columns)
        intake.columns[kept] = words
        numbers = {one: _number_of_name(one) for one in known}
        intake.columns[name] = pa.array([numbers.get(one) for one in words.to_pylist()], pa.int64())
        warnings.warn(
            f"column {name!r} holds names ({known[0]!r}, for instance) and identifiers are 64-bit integers: "
            f"the names are in column {kept!r}, and {name!r} holds numbers made of them",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
        return
    intake.columns[name] = exact_identifiers(column, name)
    if name not in ID_COLUMNS and (reason := rounded_before(intake.columns[name], name)):
        intake.rounded[name] = reason


def _number_of_name(name: str) -> int:
    """Return a 63-bit hash, so that a row and its labels keep it in any order and selection."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 1


def _require(names: Mapping[str, str], present: Iterable[str], origin: str) -> None:
    """Raise if a column that every row needs is missing."""
    have = tuple(present)
    lacking = [meaning for meaning in NEEDED if meaning not in names]
    if lacking:
        wanted = "; ".join(f"{one} (named {', '.join(names_of(one))})" for one in lacking)
        keyword = f"; if a column has another name, give it: {lacking[0]}='its name'"
        raise BadTable(
            f"{origin or 'the table'} lacks {wanted}{close_names(names_of(lacking[0])[0], have)}{keyword}"
        )


def _make_degrees(intake: Intake, name: str) -> None:
    """Convert positions in another angular unit to degrees; warn about text that is not a number."""
    import pyarrow as pa

    column, unit = intake.columns[name], intake.units.get(name, "deg")
    if is_words(column.type):
        words = column.unique().to_pylist()
        wrong = [one for one in words if one and number_of(one) is None and one != "nan"]
        if wrong:
            warnings.warn(
                f"column {name!r} holds positions in degrees, but {wrong[0]!r} is not a number; "
                "such rows have no position",
                CutoutWarning,
                skip_file_prefixes=OWN_FILES,
            )
    elif unit.lower() not in ("deg", "degree", "degrees") and pa.types.is_floating(column.type):
        import astropy.units as u

        known = u.Unit(unit, parse_strict="silent")
        if isinstance(known, u.UnrecognizedUnit):
            return  # "degrees (ICRS)" and other free text
        if not known.is_equivalent(u.deg):
            raise BadTable(f"column {name!r} is a position, which is an angle; its unit is {unit!r}")
        angles = column.to_numpy(zero_copy_only=False).astype(float)
        intake.columns[name], intake.units[name] = pa.array(angles * known.to(u.deg)), "deg"


def _make_numbers(intake: Intake) -> None:
    """Convert text in columns of fluxes, scores and the like to numbers; warn about anything else."""
    for name in dict.fromkeys(name for meaning in NUMBERS for name in names_of(meaning)):
        if name in intake.columns:
            intake.columns[name], wrong = as_numbers(intake.columns[name])
            if wrong is not None:
                warnings.warn(
                    f"column {name!r} holds numbers, but {wrong!r} is not a number; such rows get no value",
                    CutoutWarning,
                    skip_file_prefixes=OWN_FILES,
                )


def _constant(text: str, n: int) -> pa.Array:
    """Return a constant column, which takes one byte per row."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, dtype=np.int8)), pa.array([text]))
