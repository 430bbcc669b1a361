"""The record of what was written: every file of a directory with its length and checksum.

``files.csv`` holds all of it. A run notes what it writes in a part of its own, among the partial files;
when it ends, the parts are put into the record and the manifest is made from that, by one run at a time.
A run that was killed leaves its part, and the next run puts it in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cutout_widgets.errors import BadTable, sentence
from cutout_widgets.outputs.files import PARTIAL, RUNS, Partial, is_live, make_folder, process, read_plain

__all__ = ["GONE", "RECORD", "FoundPart", "Part", "joined", "parts_of", "read_record", "write_record"]

RECORD = "files.csv"
"""The file's name."""

GONE = "gone"
"""Instead of length and checksum, in a part: the file was removed by somebody, forget it."""

_HEADER = "name,bytes,crc32"
_LINE = re.compile(r"([^,\r\n]+),(\d+,[0-9a-f]{8}|gone)")
_ROWS_AT_ONCE = 4096


def read_record(root: Path) -> dict[str, str] | None:
    """Return the record of a directory: names below it -> `files.facts_of`; None if there is none.

    Raises
    ------
    BadTable
        If it is damaged, or cannot be read.
    """
    try:
        text = read_plain(root / RECORD).decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else None
        raise BadTable(f"{root / RECORD} cannot be read: {why or sentence(err)}") from err
    header, _, lines = text.partition("\n")
    found = _entries(lines)
    if header != _HEADER or not text.endswith("\n") or len(found) != lines.count("\n"):
        raise BadTable(f"{root / RECORD} is not a record of files, or is damaged: remove it and save again")
    return dict(found)


def _entries(text: str) -> list[tuple[str, str]]:
    """Return name and facts of each whole line that has them.

    Line by line: a search of all the text begins anew at each character of a long line that has none.
    """
    matches = (_LINE.fullmatch(line) for line in text.split("\n")[:-1])
    return [(one[1], one[2]) for one in matches if one is not None]


def write_record(partial: Partial, entries: Mapping[str, str]) -> None:
    """Write the record of a directory, whole or not at all."""
    with partial.open(partial.root / RECORD) as stream:
        stream.write(f"{_HEADER}\n".encode())
        for lines in _lines(in_order(entries)):
            stream.write(lines)


def joined(entries: Mapping[str, str], part: Mapping[str, str]) -> dict[str, str]:
    """Return a record with a part added.

    Its figures stand last, in its order, unless the record has them all in that order already. What it
    says is gone is not there.
    """
    known = [name for name in entries if name in part]
    if list(part) == known and all(part[name] == entries[name] for name in known):
        return dict(entries)
    both = {name: facts for name, facts in entries.items() if name not in part}
    both.update((name, facts) for name, facts in part.items() if facts != GONE)
    return in_order(both)


def in_order(entries: Mapping[str, str]) -> dict[str, str]:
    """Return a record with figures first, in their order, which is the manifest's, and the rest by name."""
    rest = sorted(name for name in entries if not name.startswith("images/"))
    figures = {name: facts for name, facts in entries.items() if name.startswith("images/")}
    return {**figures, **{name: entries[name] for name in rest}}


class Part:
    """What one run writes: appended to as files land, and made whole when the run has ended.

    Parameters
    ----------
    partial
        Where the run writes.
    purpose
        What manifest it makes: runs that make the same one put in each other's parts.
    """

    _numbers = itertools.count()

    def __init__(self, partial: Partial, purpose: str) -> None:
        self._partial = partial
        self._first = f"# {purpose}\n"
        name = f"{process()}-{next(self._numbers)}"
        self._folder = partial.root / PARTIAL / RUNS
        self.growing, self.path = self._folder / f"{name}.growing", self._folder / f"{name}.csv"

    def add(self, entries: Mapping[str, str]) -> None:
        """Append files that have landed; a full disk must not end the run for the sake of this."""
        if not entries:
            return
        with suppress(OSError):
            self._make_folder()
            new = not self.growing.exists()
            with self.growing.open("ab") as stream:
                stream.write(b"".join([self._first.encode() if new else b"", *_lines(entries)]))

    def end(self, entries: Mapping[str, str]) -> None:
        """Write it whole: others may put it into the record from now on."""
        self._make_folder()
        with self._partial.open(self.path) as stream:
            stream.write(self._first.encode())
            for lines in _lines(entries):
                stream.write(lines)
        self.growing.unlink(missing_ok=True)

    def is_in_the_record(self) -> bool:
        """Return whether another run has put it in."""
        return not self.path.exists()

    def is_like(self, other: FoundPart) -> bool:
        """Return whether its run makes the same manifest."""
        return self._first == other.first

    def forget(self) -> None:
        """Remove it."""
        for path in (self.growing, self.path):
            with suppress(OSError):
                path.unlink()

    def _make_folder(self) -> None:
        """Make the folder of parts, not through a link."""
        self._partial.refuse_links(self._folder)
        make_folder(self._folder)


class FoundPart:
    """A part that was found: whose it is and what it holds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = read_plain(path).decode("utf-8", "replace")
        self.first, _, rest = text.partition("\n")
        self.first += "\n"
        self.entries: dict[str, str] = dict(_entries(rest))  # a line cut short does not count
        self.ended = path.suffix == ".csv"
        self.live = is_live(path.stem.rpartition("-")[0], path)


def parts_of(root: Path) -> list[FoundPart]:
    """Return the parts that can be put into the record, of runs that ended or were killed, oldest first."""
    found = []
    with suppress(OSError):
        for path in (root / PARTIAL / RUNS).iterdir():
            if path.suffix in (".csv", ".growing"):
                with suppress(OSError):
                    found.append((path.stat().st_mtime_ns, path.name, FoundPart(path)))
    return [part for *_, part in sorted(found, key=lambda one: one[:2]) if part.ended or not part.live]


def _lines(entries: Mapping[str, str]) -> Iterable[bytes]:
    """Yield the lines of a record in pieces."""
    for some in itertools.batched(entries.items(), _ROWS_AT_ONCE):
        yield "".join(f"{name},{facts}\n" for name, facts in some).encode()
