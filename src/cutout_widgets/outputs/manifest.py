"""The manifest: a table of the files, for uploading or serving them."""

from __future__ import annotations

import csv
import io
import itertools
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cutout_widgets.errors import BadTable, CutoutWarning
from cutout_widgets.outputs.files import read_plain

if TYPE_CHECKING:
    from cutout_widgets.outputs.layout import Layout

__all__ = [
    "ID_COLUMNS",
    "MANIFEST",
    "PANOPTES_ROWS",
    "figure_in",
    "manifests",
    "manifests_in",
    "read_manifest",
    "warn_if_too_long",
]

MANIFEST = "manifest.csv"
"""The file name, the only one that rubin.citsci accepts."""

ID_COLUMNS = ("metadata:diaSourceId", "!diaSourceId")
"""Column of a source's id; Zooniverse hides columns that start with ``!`` from classifiers."""

PANOPTES_ROWS = 10_000
"""Maximum rows that panoptes imports from a manifest."""

_NAME = re.compile(r"manifest(-[2-9]|-[1-9]\d+)?\.csv")
_ROWS_AT_ONCE = 4096


def manifests(
    layout: Layout, figures: Sequence[str], rows: int | None
) -> dict[str, Callable[[], Iterator[bytes]]]:
    """Return the manifests of some figures: names -> iterators of their content in pieces.

    Parameters
    ----------
    layout
        Makes the rows.
    figures
        Paths of the figures, in row order.
    rows
        Maximum rows per manifest: the first is ``manifest.csv``, the next ``manifest-2.csv``; None = one.
    """
    step = rows or max(1, len(figures))
    starts = range(0, max(1, len(figures)), step)

    def part(start: int) -> Callable[[], Iterator[bytes]]:
        return lambda: _pieces(layout, figures[start : start + step])

    return {
        MANIFEST if number == 1 else f"manifest-{number}.csv": part(start)
        for number, start in enumerate(starts, start=1)
    }


def warn_if_too_long(layout: Layout, n: int, rows: int | None) -> None:
    """Warn if a manifest of `n` figures, split after `rows`, has more rows than its reader accepts."""
    most = n if rows is None else min(n, rows)
    if layout.has_manifest and layout.dialect == "panoptes" and most > PANOPTES_ROWS:
        warnings.warn(
            f"{MANIFEST} has {most} rows, but panoptes imports at most {PANOPTES_ROWS}: "
            f"split it with manifest_rows={PANOPTES_ROWS}",
            CutoutWarning,
            stacklevel=6,
        )


def manifests_in(root: Path) -> list[str]:
    """Return the names of the manifests in a folder, the first part first."""
    found = [path.name for path in root.glob("manifest*.csv") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda name: (len(name), name))


def _pieces(layout: Layout, figures: Sequence[str]) -> Iterator[bytes]:
    """Yield the content of one manifest."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(layout.columns)
    for some in itertools.batched(figures, _ROWS_AT_ONCE):
        writer.writerows(map(layout.row_of, some))
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def figure_in(row: dict[str, str]) -> str | None:
    """Return the relative path at the end of a row's URL or file name, or None."""
    target = row.get("location:1", row.get("image"))
    if target is None:
        return None
    return target[(f"/{target}".rfind("/images/")) :] if "/images/" in f"/{target}" else ""


def read_manifest(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a manifest.

    Raises
    ------
    BadTable
        If it is not a table.
    """
    try:
        text = read_plain(path).decode()
        for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
            if None in row or None in row.values():
                raise BadTable(f"{path} is not a manifest: a row has more or fewer fields than the header")
            yield row
    except (csv.Error, UnicodeDecodeError) as err:
        raise BadTable(f"{path} is not a manifest: {err}") from err
    except OSError as err:
        raise BadTable(f"{path} is not a manifest: {err.strerror}") from err
