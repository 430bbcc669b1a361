"""The form of a table in a text file: its encoding, comments, separator and column names."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from cutout_widgets.errors import BadTable

__all__ = ["TextForm", "encoding_of", "form_of", "lines_of", "text_stream"]

_STEP = 1 << 20

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is its beginning
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark -> encoding."""

_NOT_TEXT = {
    b"PAR1": "a Parquet file; give it a name that ends in .parquet",
    b"ARROW1": "an Arrow file; give it a name that ends in .arrow",
    b"SIMPLE  =": "a FITS file; give it a name that ends in .fits",
    b"Obj\x01": "a file of alert packets; give it to open_images",
    b"SQLite format 3": "a database; give it a name that ends in .db",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet; save the table as CSV",
    b"\x89PNG": "a picture",
    b"<": "a web page or XML (a VOTable's name ends in .vot); was an error of a server saved?",
    b"{": "JSON; read it with pandas.read_json and give the DataFrame",
}
"""First bytes -> what the file is, and what to do."""

_SEPARATORS = ",\t;|"
_SEP_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
"""The first line of spreadsheets' CSV files."""

_COMMENT = re.compile(rb"[\r\n]#")


@dataclass(frozen=True)
class TextForm:
    """How the text of a table is to be read."""

    names: list[str]
    """Columns, without surrounding spaces; empty names are possible."""
    separator: str
    """Between two values; a space for any number of spaces and tabs."""
    skip: int
    """Lines before the first row: comments, empty lines, the names."""
    encoding: str
    """Name of Python's codec; ``utf-8`` or ``utf-8-sig`` need no conversion."""
    padded: bool
    """Whether values are surrounded by spaces."""
    has_quotes: bool
    """Whether there is a quotation mark."""
    has_comments: bool
    """Whether lines that begin with ``#`` are between the rows, or may be."""
    decimal: str
    """Decimal point or comma."""


def text_stream(path: Path) -> IO[bytes]:
    """Open a text file; a compressed one is decompressed."""
    import pyarrow as pa

    stream: IO[bytes] = pa.input_stream(str(path), compression="detect")
    return stream


def form_of(path: Path) -> TextForm:
    """Recognise the form of a text file, which is read once.

    Raises
    ------
    BadTable
        If it is not text, has no line with names, or ends inside quotation marks.
    """
    with text_stream(path) as stream:
        head = stream.read(1 << 16)
    bare = head.removeprefix(codecs.BOM_UTF8).lstrip()
    for start, what in _NOT_TEXT.items():
        if bare.startswith(start):
            raise BadTable(f"{path.name} is {what}")
    encoding, quotes, comments = _survey(path, encoding_of(head))
    names, separator, skip, leading = _header(path, encoding)
    if any(ord(letter) < ord(" ") and not letter.isspace() for name in names for letter in name):
        raise BadTable(f"{path.name} is not text: its first line contains control characters")
    if quotes % 2 and (line := _unclosed(path, encoding, separator)):
        raise BadTable(
            f"{path.name}, line {line}: a quotation mark is opened and not closed; all that follows would be "
            "one value"
        )
    padded = any(name != name.strip() for name in names)
    return TextForm(
        names=[name.strip() for name in names],
        separator=separator,
        skip=skip,
        encoding=encoding,
        padded=padded and separator != " ",
        has_quotes=quotes > 0,
        has_comments=comments > leading,
        decimal=_decimal(path, encoding, separator, skip),
    )


def lines_of(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file, with their ends."""
    with text_stream(path) as stream:
        yield from io.TextIOWrapper(stream, encoding, newline="")


def encoding_of(head: bytes) -> str:
    """Return the encoding that the first bytes tell; ``utf-8`` if they tell none."""
    for mark, encoding in _BOMS.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[::2], head[1::2]
    for encoding, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high and high.count(0) > 0.9 * len(high) and not low.count(0):  # letters of ASCII
            return encoding
    return "utf-8"


def _survey(path: Path, encoding: str) -> tuple[str, int, int]:
    """Return the encoding, the number of quotation marks, and of lines that begin with ``#``."""
    decoder = codecs.getincrementaldecoder(encoding)()
    quotes, comments, last = 0, 0, b"\n"
    with text_stream(path) as stream:
        while chunk := stream.read(_STEP):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as err:
                if encoding != "utf-8":
                    raise BadTable(f"{path.name} is not the {encoding.upper()} text it begins as") from err
                return _survey(path, "latin-1")
            plain = chunk if encoding.startswith("utf-8") else text.encode()
            quotes += plain.count(b'"')
            comments += len(_COMMENT.findall(last + plain))
            last = plain[-1:]
    return encoding, quotes, comments


def _header(path: Path, encoding: str) -> tuple[list[str], str, int, int]:
    """Return the names, the separator, the lines before the first row, and the comments among them."""
    lines = lines_of(path, encoding)
    number, leading, comment, separator = 0, 0, "", ""
    for line in lines:
        number += 1
        if line.startswith("#"):
            leading, comment = leading + 1, line
        elif number == 1 and (declared := _SEP_LINE.match(line)):
            separator = declared[1]
        elif line.strip():
            break
    else:
        if not comment:
            raise BadTable(f"{path.name} is empty: a table has a first line with the names of its columns")
        line = ""
    separator = separator or _separator_of(line or comment.lstrip("# "))
    reader = csv.reader(chain([line], lines), delimiter=separator, skipinitialspace=separator == " ")
    try:
        first = next(reader, [])
    except csv.Error as err:
        raise BadTable(f"{path.name}, line {number}: no names of columns can be read there") from err
    named = next(csv.reader([comment.lstrip("#").strip()], delimiter=separator, skipinitialspace=True), [])
    if separator == " ":
        first, named = [one for one in first if one], [one for one in named if one]
    if named and (not line or (len(named) == len(first) and any(map(_is_number, first)))):
        return named, separator, number - bool(line), leading
    return first, separator, number + max(reader.line_num, 1) - 1, leading


def _separator_of(line: str) -> str:
    """Return the most frequent separator in a line; a space if there is none."""
    bare = re.sub(r'"[^"]*"', "", line)
    most = max(_SEPARATORS, key=bare.count)
    return most if bare.count(most) else (" " if len(bare.split()) > 1 else ",")


def _is_number(text: str) -> bool:
    """Return whether a value is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _decimal(path: Path, encoding: str, separator: str, skip: int) -> str:
    """Return a comma if the first row has numbers with a decimal comma."""
    if separator == ",":
        return "."
    lines = lines_of(path, encoding)
    row = next((line for number, line in enumerate(lines) if number >= skip and line.strip()), "")
    values = [one.strip().strip('"') for one in row.split(None if separator == " " else separator)]
    comma = any(re.fullmatch(r"[-+]?\d+,\d+([eE][-+]?\d+)?", one) for one in values)
    return "," if comma and not any(re.fullmatch(r"[-+]?\d+\.\d+", one) for one in values) else "."


def _unclosed(path: Path, encoding: str, separator: str) -> int:
    """Return the line in which a quotation mark is opened that is never closed; 0 if there is none."""
    reader = csv.reader(lines_of(path, encoding), delimiter=separator, strict=True)
    before = 0
    try:
        for _ in reader:
            before = reader.line_num
    except csv.Error as err:
        if "unexpected end" in str(err) or "field larger" in str(err):
            return before + 1
    return 0
