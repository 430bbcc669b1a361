"""The record of written files: every file of a folder with its length and checksum.

The record is ``files.csv``. A run lists what it writes in a file of its own (a part), among the temporary
files. When it ends, the parts are merged into the record and the manifest is made from it, by one run at a
time. A run that was killed leaves its part behind, and the next run merges it.
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
"""In a part, in place of length and checksum: the file was removed by somebody, so drop it."""

_HEADER = "name,bytes,crc32"
_LINE = re.compile(r"([^,\r\n]+),(\d+,[0-9a-f]{8}|gone)")
_ROWS_AT_ONCE = 4096


def read_record(root: Path) -> dict[str, str] | None:
    """Return the record of a folder: relative names -> `files.facts_of`; None if there is none.

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
    found = dict(_entries(lines))  # a line that is malformed or repeats a name makes it shorter
    if header != _HEADER or not text.endswith("\n") or len(found) != lines.count("\n"):
        raise BadTable(f"{root / RECORD} is not a record of files, or is damaged: remove it and save again")
    return found


def _entries(text: str) -> list[tuple[str, str]]:
    """Return name and facts from each complete line.

    Lines are matched one by one: a search in the whole text would be quadratic for long malformed lines.
    """
    matches = (_LINE.fullmatch(line) for line in text.split("\n")[:-1])
    return [(one[1], one[2]) for one in matches if one is not None]


def write_record(partial: Partial, entries: Mapping[str, str]) -> None:
    """Write the record of a folder, completely or not at all."""
    with partial.open(partial.root / RECORD) as stream:
        stream.write(f"{_HEADER}\n".encode())
        for lines in _lines(in_order(entries)):
            stream.write(lines)


def joined(entries: Mapping[str, str], part: Mapping[str, str]) -> dict[str, str]:
    """Return a record with a part merged into it.

    The part's figures come last, in its order, unless the record already has all of them in that order.
    Files that it lists as removed are dropped.
    """
    known = [name for name in entries if name in part]
    if list(part) == known and all(part[name] == entries[name] for name in known):
        return dict(entries)
    both = {name: facts for name, facts in entries.items() if name not in part}
    both.update((name, facts) for name, facts in part.items() if facts != GONE)
    return in_order(both)


def in_order(entries: Mapping[str, str]) -> dict[str, str]:
    """Return a record with figures first, in manifest order, and the other files by name."""
    rest = sorted(name for name in entries if not name.startswith("images/"))
    figures = {name: facts for name, facts in entries.items() if name.startswith("images/")}
    return {**figures, **{name: entries[name] for name in rest}}


class Part:
    """The list of files that one run writes: appended to during the run, completed at its end.

    Parameters
    ----------
    partial
        Writes the run's files.
    purpose
        Identifies the manifest: runs that make the same one merge each other's parts.
    """

    _numbers = itertools.count()

    def __init__(self, partial: Partial, purpose: str) -> None:
        self._partial = partial
        self._first = f"# {purpose}\n"
        name = f"{process()}-{next(self._numbers)}"
        self._folder = partial.root / PARTIAL / RUNS
        self.growing, self.path = self._folder / f"{name}.growing", self._folder / f"{name}.csv"

    def add(self, entries: Mapping[str, str]) -> None:
        """Append files that were written; errors such as a full disk are ignored here."""
        if not entries:
            return
        with suppress(OSError):
            self._make_folder()
            new = not self.growing.exists()
            with self.growing.open("ab") as stream:
                stream.write(b"".join([self._first.encode() if new else b"", *_lines(entries)]))

    def end(self, entries: Mapping[str, str]) -> None:
        """Write the complete part: from now on other runs may merge it."""
        self._make_folder()
        with self._partial.open(self.path) as stream:
            stream.write(self._first.encode())
            for lines in _lines(entries):
                stream.write(lines)
        self.growing.unlink(missing_ok=True)

    def is_in_the_record(self) -> bool:
        """Return whether another run has merged it."""
        return not self.path.exists()

    def is_like(self, other: FoundPart) -> bool:
        """Return whether its run makes the same manifest."""
        return self._first == other.first

    def forget(self) -> None:
        """Remove the part."""
        for path in (self.growing, self.path):
            with suppress(OSError):
                path.unlink()

    def _make_folder(self) -> None:
        """Create the folder of parts, refusing links."""
        self._partial.refuse_links(self._folder)
        make_folder(self._folder)


class FoundPart:
    """A part on disk, with its owner and content."""

    def __init__(self, path: Path) -> None:
        self.path = path
        text = read_plain(path).decode("utf-8", "replace")
        self.first, _, rest = text.partition("\n")
        self.first += "\n"
        self.entries: dict[str, str] = dict(_entries(rest))  # a truncated line is ignored
        self.ended = path.suffix == ".csv"
        self.live = is_live(path.stem.rpartition("-")[0], path)


def parts_of(root: Path) -> list[FoundPart]:
    """Return the parts of runs that ended or were killed, which can be merged, oldest first."""
    found = []
    with suppress(OSError):
        for path in (root / PARTIAL / RUNS).iterdir():
            if path.suffix in (".csv", ".growing"):
                with suppress(OSError):
                    found.append((path.stat().st_mtime_ns, path.name, FoundPart(path)))
    return [part for *_, part in sorted(found, key=lambda one: one[:2]) if part.ended or not part.live]


def _lines(entries: Mapping[str, str]) -> Iterable[bytes]:
    """Yield the lines of a record in chunks."""
    for some in itertools.batched(entries.items(), _ROWS_AT_ONCE):
        yield "".join(f"{name},{facts}\n" for name, facts in some).encode()
