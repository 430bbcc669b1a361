"""Tables of labels as other tools write them: reading, times, JSON, and writing as a whole."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadTable, NotWritable, sentence
from cutout_widgets.paths import path_to
from cutout_widgets.whole_file import whole_file

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["iso_time", "panoptes_time", "parsed", "table_of", "written"]


def table_of(table: Any, *, text: Iterable[str] | None = ()) -> pd.DataFrame:
    """Return any table as a DataFrame.

    Parameters
    ----------
    table
        A DataFrame, anything with ``to_pandas`` or that a DataFrame is made of, or the path of a CSV or
        Parquet file.
    text
        Columns of a CSV file that stay text, so that no digit of an id is lost; None: all of them.

    Raises
    ------
    BadTable
        If it is not a table.
    """
    import pandas as pd

    try:
        if isinstance(table, (str, os.PathLike)):
            if str(table).endswith((".parquet", ".pq")):
                return pd.read_parquet(table)
            if text is None:
                return pd.read_csv(table, dtype=str)
            return pd.read_csv(table, dtype=dict.fromkeys(text, str))
        if hasattr(table, "to_pandas"):
            table = table.to_pandas()
        return table if isinstance(table, pd.DataFrame) else pd.DataFrame(table)
    except (OSError, ValueError, TypeError) as err:
        raise BadTable(f"the table of labels cannot be read: {sentence(err)}") from err


def parsed(text: Any) -> Any:
    """Return the value of a JSON field; anything that is not text is returned unchanged."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError) as err:
        raise BadTable(f"the table contains invalid JSON: {text[:60]!r}") from err


def panoptes_time(text: str) -> str:
    """Return a journal's time in Panoptes' format; other text is unchanged."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    found = found.astimezone(UTC) if found.tzinfo else found
    return found.strftime("%Y-%m-%d %H:%M:%S UTC")


def iso_time(text: Any) -> str:
    """Return a time of Panoptes (2026-11-26 02:18:51 UTC) in the journal's format; other text unchanged."""
    if not isinstance(text, str):
        return ""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def written(path: str | os.PathLike[str], write: Callable[[Path], Any]) -> Path:
    """Write a file under a temporary name and move it into place.

    Raises
    ------
    NotWritable
        If it cannot be written; an existing file is kept.
    """
    target = path_to(path, "the file to write")
    try:
        with whole_file(target) as draft:
            write(draft)
    except (OSError, ValueError) as err:
        raise NotWritable(f"{target} cannot be written: {sentence(err)}") from err
    return target
