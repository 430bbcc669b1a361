"""Labels that people give to sources, one line a decision, never lost and never overwritten."""

from __future__ import annotations

import getpass
import json
import os
import re
import threading
import uuid
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import BadOption, CutoutWarning

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Label", "LabelJournal", "identifiers"]

_VERSION = 1
"""Version of the lines we write; a reader of a newer version's file still knows these fields."""


@dataclass(frozen=True)
class Label:
    """What somebody said about a source."""

    id: int
    """The source."""
    label: str | None
    """The word; None takes an earlier label away."""
    who: str
    """Who said it."""
    when: str
    """UTC, ISO 8601."""
    note: str = ""
    """Anything else."""
    act: str = ""
    """What was said in one go shares this, and is undone in one go."""


class LabelJournal:
    """An append-only file of labels: JSON lines, on disk before `label` returns.

    Parameters
    ----------
    path
        The file; it and its folder are made with the first label.
    who
        Who labels; the login name by default.

    Notes
    -----
    The last label of an id wins. Undoing adds a line too, so the file tells the whole story. Several
    journals, also of several machines, may append to one file: no locks are taken, each act is one
    write. A line that a crash tore is ignored, kept in the file, and copied to ``<path>.torn``.
    All methods may be called from any thread.
    """

    def __init__(self, path: str | os.PathLike[str], *, who: str | None = None) -> None:
        self.path = Path(path)
        self.who = _login() if who is None else who
        self._lock = threading.RLock()
        self._read_to = 0
        self._tail = b""
        self._acts: dict[str, list[Label]] = {}
        self._undone: set[str] = set()
        self._unreadable: list[str] = []
        self._ready: dict[int, Label] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), str(self.path), self.who)

    def __repr__(self) -> str:
        return f"<LabelJournal {self.path}: {len(self)} labels>"

    def __len__(self) -> int:
        return len(self.current())

    def label(
        self, ids: int | str | Iterable[int | str], label: str | None, *, note: str = ""
    ) -> list[Label]:
        """Label sources, in one act; it is on disk when this returns.

        Parameters
        ----------
        ids
            One id or several: integers, or text of their digits.
        label
            The word, or None to take the label away.
        note
            Anything worth keeping beside it.

        Raises
        ------
        BadOption
            If an id is no 64-bit integer, or the label is no text or empty.
        OSError
            If the file cannot be written; nothing is labelled then.
        """
        if label is not None and (not isinstance(label, str) or not label.strip()):
            raise BadOption(f"a label is a word, or None to take one away; got {label!r}")
        numbers = identifiers(ids)
        act, when = uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="milliseconds")
        labels = [Label(number, label, self.who, when, note, act) for number in numbers]
        if labels:
            self._append([{**asdict(one), "id": str(one.id), "version": _VERSION} for one in labels])
        return labels

    def undo(self) -> list[int]:
        """Undo the last act of this journal's author that is not undone yet.

        Returns
        -------
        list of int
            The ids whose labels changed; empty if there is nothing to undo.
        """
        with self._lock:
            self._refresh()
            mine = [act for act, labels in self._acts.items()
                    if act not in self._undone and labels[0].who == self.who]  # fmt: skip
            if not mine:
                return []
            when = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._append([{"undo": mine[-1], "who": self.who, "when": when, "version": _VERSION}])
            return [one.id for one in self._acts[mine[-1]]]

    def current(self) -> dict[int, Label]:
        """Return the label of each source that has one, in the order of the last decisions."""
        with self._lock:
            return dict(self._latest())

    def of(self, id: int) -> str | None:
        """Return the label of one source, or None."""
        with self._lock:
            found = self._latest().get(_identifier(id))
        return None if found is None else found.label

    def history(self) -> list[Label]:
        """Return every label ever given and not undone, in order."""
        with self._lock:
            self._refresh()
            return [one for act, labels in self._acts.items() if act not in self._undone for one in labels]

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Lines of the file that are no labels: torn by a crash, or somebody else's."""
        with self._lock:
            self._refresh()
            torn = self._tail.decode("utf-8", "replace")
            return (*self._unreadable, torn) if torn else tuple(self._unreadable)

    def to_pandas(self) -> pd.DataFrame:
        """Return the current labels: columns ``id`` (int64), ``label``, ``who``, ``when``, ``note``."""
        import pandas as pd

        rows = list(self.current().values())
        frame = pd.DataFrame(
            [(one.id, one.label, one.who, one.when, one.note) for one in rows],
            columns=["id", "label", "who", "when", "note"],
        )
        return frame.astype({"id": "int64"})

    def _latest(self) -> dict[int, Label]:
        """Return the label of each source that has one, made anew only after the file grew."""
        self._refresh()
        if self._ready is None:
            latest: dict[int, Label] = {}
            for act, labels in self._acts.items():
                if act not in self._undone:
                    for one in labels:
                        latest.pop(one.id, None)  # the order is that of the last decision
                        latest[one.id] = one
            self._ready = {id: one for id, one in latest.items() if one.label is not None}
        return self._ready

    # --- the file ---------------------------------------------------------------------------------

    def _append(self, lines: list[dict[str, Any]]) -> None:
        """Write lines in one go and wait until they are on disk."""
        payload = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        with self._lock:
            self._refresh()
            if self._tail:
                _write_through(self.path.with_name(self.path.name + ".torn"), self._tail + b"\n")
                payload = b"\n" + payload  # what was torn becomes a line of its own, which readers skip
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(self.path, payload)
            self._refresh()

    def _refresh(self) -> None:
        """Read what was appended since, by anybody."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            size = 0
        if size == self._read_to:
            return
        self._ready = None
        if size < self._read_to:  # somebody replaced the file: begin anew
            self._read_to, self._tail = 0, b""
            self._acts, self._undone, self._unreadable = {}, set(), []
        if size == 0:
            return
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            fresh = file.read()
        self._read_to += len(fresh)
        *whole, self._tail = (self._tail + fresh).split(b"\n")
        broken = sum(not self._understood(line) for line in whole if line.strip())
        if self._tail and self._understood(self._tail):
            self._tail = b""  # complete but for its newline
            _write_through(self.path, b"\n")
            self._read_to += 1
        if broken:
            warnings.warn(
                f"{broken} lines of {self.path.name} are no labels and are ignored",
                CutoutWarning,
                stacklevel=4,
            )

    def _understood(self, line: bytes) -> bool:
        """Take one line into the state; False if it is no label."""
        try:
            entry = json.loads(line)
            if "undo" in entry:
                self._undone.add(str(entry["undo"]))
                return True
            word = entry["label"]
            if word is not None and not isinstance(word, str):
                raise ValueError("a label is text")
            act = str(entry.get("act") or uuid.uuid4().hex)
            one = Label(_identifier(entry["id"]), word, str(entry.get("who", "")), str(entry.get("when", "")),
                        str(entry.get("note", "")), act)  # fmt: skip
        except (ValueError, KeyError, TypeError, AttributeError):
            if line is not self._tail:
                self._unreadable.append(line.decode("utf-8", "replace"))
            return False
        self._acts.setdefault(act, []).append(one)
        return True


def _write_through(path: Path, payload: bytes) -> None:
    """Append bytes by one write and wait until they, and a new file's name, are on disk."""
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        written = os.write(handle, payload)
        if written != len(payload):
            raise OSError(
                f"only {written} of {len(payload)} bytes of {path} could be written; is the disk full?"
            )
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new and os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def identifiers(ids: int | str | Iterable[int | str]) -> list[int]:
    """Return one id or several as a list of Python ints; text is one id, not its letters.

    Raises
    ------
    BadOption
        If one is no 64-bit integer; floats never are, for they may have been rounded.
    """
    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        return [_identifier(ids)]
    return [_identifier(one) for one in ids]


def _identifier(value: Any) -> int:
    """Return an id as int: an integer or text of digits, never a float."""
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+\s*", value):
        value = int(value)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise BadOption(f"an id is a 64-bit integer, or text of its digits; got {value!r}")
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise BadOption(f"an id has 64 bits; got {number}")
    return number


def _login() -> str:
    """Return the login name, or an empty text where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _restore(kind: type[LabelJournal], path: str, who: str) -> LabelJournal:
    return kind(path, who=who)
