"""Read tables from text: CSV, TSV, columns aligned by spaces; in any usual encoding, with comments."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.columns import ID_COLUMNS
from cutout_widgets.catalog.reading.text_form import TextForm, form_of, lines_of, text_stream
from cutout_widgets.errors import OWN_FILES, BadTable, CutoutWarning, counted

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_text"]

_LARGEST_BLOCK = 1 << 30
"""Length of a row that is still read, bytes."""


def read_text(path: Path) -> pa.Table:
    """Read a text file whose first line names the columns.

    Parameters
    ----------
    path
        The file. Values are separated by commas, tabs, semicolons, bars or spaces; lines that begin with
        ``#`` are comments; the encoding is UTF-8, UTF-16 or, with a warning, Latin-1.

    Returns
    -------
    pyarrow.Table
        Identifiers as text, so that no digit is lost.

    Raises
    ------
    BadTable
        If the file is not such a table, or a row has not as many values as there are names.
    """
    form = form_of(path)
    if form.encoding == "latin-1":
        warnings.warn(
            f"{path.name} is not UTF-8; it is read as Latin-1, which may be wrong for letters with accents",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    if form.has_comments and (number := _commented_rows(path, form)):
        warnings.warn(
            f"{path.name}: {counted(number, 'line')} with as many values as there are names, but # in front, "
            "skipped as comments; put the first value in quotation marks if it is data",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    found = None
    if not (form.padded and form.has_quotes):
        found = _parsed(_plain(path, form), form, form.names, form.skip)
    if found is None:
        names, rows = _repaired(path, form)
        found = _parsed(io.BytesIO(rows), form, names, 0)
    if found is None:
        raise BadTable(f"{path.name} cannot be read as values separated by {form.separator!r}")
    return _named(found, trimmed=form.padded)


def _commented_rows(path: Path, form: TextForm) -> int:
    """Return how many comments between the rows have as many values as there are names."""
    separator = None if form.separator == " " else form.separator
    return sum(
        line.startswith("#") and len(line.split(separator)) == len(form.names)
        for number, line in enumerate(lines_of(path, form.encoding))
        if number >= form.skip
    )


def _plain(path: Path, form: TextForm) -> Any:
    """Return what Arrow can read: the file, or its text without comments, in UTF-8, between tabs."""
    if form.separator != " " and not form.has_comments and form.encoding.startswith("utf-8"):
        return path
    return io.BytesIO("".join(_plain_lines(path, form)).encode())


def _plain_lines(path: Path, form: TextForm) -> Iterator[str]:
    """Yield the lines of a file; comments are empty lines, so that each has its number."""
    inside = False
    for number, line in enumerate(lines_of(path, form.encoding)):
        if number < form.skip or (line.startswith("#") and not inside):
            yield "\n"
            continue
        if line.count('"') % 2:
            inside = not inside
        if form.separator != " ":
            yield line
        elif '"' not in line:
            yield "\t".join(line.split()) + "\n"
        else:
            yield _row_of(next(csv.reader([line.strip()], delimiter=" ", skipinitialspace=True)), "\t")


def _row_of(values: list[str], separator: str) -> str:
    """Return a line with some values."""
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="\n").writerow(values)
    return line.getvalue()


def _parsed(source: Any, form: TextForm, names: list[str], skip: int) -> pa.Table | None:
    """Parse the rows with Arrow; None if they do not have as many values as there are names."""
    import pyarrow as pa
    import pyarrow.csv

    keys = [f"{number}" for number in range(len(names))]  # a name may occur twice, which is told later
    text = {key: pa.string() for key, name in zip(keys, names, strict=True) if name in ID_COLUMNS}
    separator = "\t" if form.separator == " " else form.separator
    parse = pyarrow.csv.ParseOptions(delimiter=separator, newlines_in_values=True)
    convert = pyarrow.csv.ConvertOptions(
        column_types=text, strings_can_be_null=True, decimal_point=form.decimal
    )
    for block in (1 << 20, _LARGEST_BLOCK):
        read = pyarrow.csv.ReadOptions(column_names=keys, skip_rows=skip, block_size=block)
        try:
            with text_stream(source) if isinstance(source, Path) else io.BytesIO(source.getvalue()) as rows:
                table = pyarrow.csv.read_csv(rows, read, parse, convert)
        except pa.ArrowInvalid as err:
            if "Empty CSV" in str(err):
                return pa.table({key: pa.nulls(0) for key in keys}).rename_columns(names)
            if "straddl" in str(err):
                continue
            return None
        return table.rename_columns(names)
    return None


def _repaired(path: Path, form: TextForm) -> tuple[list[str], bytes]:
    """Return the names and rows of a file whose rows end in separators, or have quoted values after spaces.

    Raises
    ------
    BadTable
        If a row has not as many values as there are names.
    """
    separator = "\t" if form.separator == " " else form.separator
    named = len(form.names)
    while named and not form.names[named - 1]:
        named -= 1
    names, text = form.names[:named], io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    reader = csv.reader(_plain_lines(path, form), delimiter=separator, skipinitialspace=form.padded)
    try:
        for row in reader:
            if len(row) > named and not any(one.strip() for one in row[named:]):
                del row[named:]
            if row and len(row) != named:
                raise BadTable(
                    f"{path.name}, line {reader.line_num}: {counted(len(row), 'value')}, but the first line "
                    f"names {counted(named, 'column')}"
                )
            writer.writerow([one.strip() for one in row] if form.padded else row)
    except csv.Error as err:
        raise BadTable(
            f"{path.name}, line {reader.line_num}: it cannot be read as values separated by "
            f"{form.separator!r}"
        ) from err
    return names, text.getvalue().encode()


def _named(table: pa.Table, *, trimmed: bool) -> pa.Table:
    """Return a table without unnamed empty columns, which are the ends of rows that end in a separator."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names, columns = [], []
    for number, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True), start=1):
        if not name and column.null_count == len(column):
            continue
        if trimmed and pa.types.is_string(column.type):
            bare = pc.utf8_trim_whitespace(column)
            column = pc.if_else(pc.equal(bare, ""), None, bare)
        names.append(name or f"unnamed_{number}")
        columns.append(column)
    return pa.Table.from_arrays(columns, names=names)
