"""Labels from and to Caesar, Zooniverse's service that extracts and aggregates classifications."""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption, BadTable, CutoutWarning
from cutout_widgets.labels.entries import label_word
from cutout_widgets.labels.ids import identifier
from cutout_widgets.labels.tables import iso_time, parsed, table_of, written

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CaesarExchange", "id_in_metadata"]

_KEYS = ("extractor_key", "reducer_key", "extractor", "reducer")
"""Columns that show the kind of export: Caesar's own, and those of ``panoptes_aggregation``."""

_NO_ANSWERS = ("aggregation_version", "most_likely", "num_votes", "agreement")
"""Keys of ``data`` that are not answers."""


class CaesarExchange:
    """Methods of a journal that read Caesar's exports and write files for its import."""

    to_pandas: Callable[[], pd.DataFrame]
    _take_in: Callable[[list[tuple[int, str, str, str, str]], bool], int]

    def import_caesar(
        self,
        table: Any,
        *,
        subjects: Any,
        key: str = "diaSourceId",
        which: str | None = None,
        answers: Mapping[Any, str] | None = None,
        replace: bool = False,
    ) -> int:
        """Import extracts or reductions exported by Caesar or written by ``panoptes_aggregation``.

        Each extract becomes a label by its volunteer; each reduction becomes a label by the reducer, with the
        votes as its note.

        Parameters
        ----------
        table
            The export: a path of a CSV file, or a DataFrame, with the columns ``subject_id``, one of
            ``extractor_key``, ``reducer_key``, ``extractor`` and ``reducer``, and ``data.ANSWER`` with
            counts or ``data.most_likely``.
        subjects
            Which source each subject shows: Zooniverse's export of subjects or of classifications (a path
            or a DataFrame), a table with ``subject_id`` and `key`, or a mapping from subject to source.
        key
            Key of the source's id in the manifest; hidden keys (``#``, ``//``, ``!``) are found too.
        which
            The extractor or reducer, or the task, if the export has several.
        answers
            Answer -> label, such as ``{"0": "real", "1": "bogus"}``: Caesar numbers the answers of a
            question. Other answers are skipped. None: the answers themselves are the labels.
        replace
            As for `import_`.

        Returns
        -------
        int
            Number of imported labels; rows without a single most frequent answer, or without a source, are
            skipped.

        Raises
        ------
        BadTable
            If the table is not such an export, or none of its subjects is known.
        BadOption
            If the export has several extractors or reducers and `which` names none of them.
        """
        frame = table_of(table, text=None)
        column = next((name for name in _KEYS if name in frame), None)
        data = [name for name in map(str, frame) if name.startswith("data.")]
        if column is None or "subject_id" not in frame or not data:
            raise BadTable(
                "an export of Caesar has columns subject_id, extractor_key or reducer_key, and data.ANSWER; "
                f"this table has {', '.join(map(str, frame))}"
            )
        frame = _chosen(frame, column, which)
        words = None if answers is None else {str(one): label_word(word) for one, word in answers.items()}
        sources = _sources(subjects, key)
        rows, n_known = [], 0
        for one in _records(frame):
            id = sources.get(_number(one["subject_id"]))
            n_known += id is not None
            found = _answer({name[5:]: one[name] for name in data}, words, column.startswith("reduc"))
            if id is not None and found is not None:
                rows.append((id, found[0], _who(one, column), _when(one), found[1]))
        if len(frame) and not n_known:
            raise BadTable(
                f"not one of the {len(frame)} rows is of a subject with {key}: "
                "are `subjects` those of this project?"
            )
        return self._take_in(rows, replace)

    def to_caesar(
        self,
        path: str | os.PathLike[str],
        *,
        subjects: Any,
        key: str = "diaSourceId",
        extractor: str = "expert",
        answers: Mapping[Any, str] | None = None,
    ) -> Path:
        """Write the current labels as extracts for Caesar's import (CSV), like those of another volunteer.

        The columns ``extractor_key``, ``subject_id`` and ``data`` are those of ``import_data_extracts`` in
        ``panoptes_client.caesar``. Sources that are not a subject are left out, with a warning.

        Parameters
        ----------
        path
            The file; it is replaced as a whole.
        subjects, key
            As for `import_caesar`.
        extractor
            Key of an extractor of the workflow.
        answers
            As for `import_caesar`; sources with other labels are left out. None: the labels themselves are
            the answers.

        Raises
        ------
        NotWritable
            If the file cannot be written; an existing file is kept.
        BadTable
            If `subjects` is not such a table.
        """
        import pandas as pd

        shown: dict[int, list[str]] = {}
        for subject, id in _sources(subjects, key).items():
            shown.setdefault(id, []).append(subject)
        named = None if answers is None else {word: str(one) for one, word in answers.items()}
        rows, n_left = [], 0
        for id, word in self.to_pandas()[["id", "label"]].itertuples(index=False):
            answer = word if named is None else named.get(word)
            if answer is None or id not in shown:
                n_left += 1
            else:
                rows += [(extractor, one, json.dumps({answer: 1})) for one in shown[id]]
        if n_left:
            warnings.warn(
                f"{n_left} labels are of no subject, or no answer, and are left out",
                CutoutWarning,
                stacklevel=2,
            )
        frame = pd.DataFrame(rows, columns=["extractor_key", "subject_id", "data"])
        return written(path, lambda to: frame.to_csv(to, index=False))


def id_in_metadata(about: Any, key: str) -> str | None:
    """Return the id that a subject's metadata holds; a key may be hidden from volunteers."""
    for name, value in about.items() if isinstance(about, Mapping) else ():
        if str(name).lstrip("#/!") == key and value not in (None, ""):
            return str(value)
    return None


def _chosen(frame: pd.DataFrame, column: str, which: str | None) -> pd.DataFrame:
    """Return the rows of one extractor, reducer or task."""
    present = [name for name in (column, "task") if name in frame and frame[name].notna().any()]
    several = [name for name in present if frame[name].nunique() > 1]
    if which is None:
        if not several:
            return frame
        names = sorted(map(str, frame[several[0]].dropna().unique()))
        raise BadOption(
            f"the export has several of {several[0]}: choose one with which=, of {', '.join(names)}"
        )
    for name in present:
        if (frame[name].astype(str) == which).any():
            return frame[frame[name].astype(str) == which]
    names = sorted({str(one) for name in present for one in frame[name].dropna().unique()})
    raise BadOption(f"the export has no {which!r}; it has {', '.join(names)}")


def _records(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows."""
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(map(str, frame.columns), values, strict=True))


def _sources(subjects: Any, key: str) -> dict[str, int]:
    """Return subject -> source."""
    is_mapping = isinstance(subjects, Mapping)
    pairs = subjects.items() if is_mapping else _pairs(table_of(subjects, text=None), key)
    return {_number(one): identifier(id) for one, id in pairs if id not in (None, "") and id == id}


def _pairs(frame: pd.DataFrame, key: str) -> Iterator[tuple[Any, Any]]:
    """Yield each subject of a table with its source."""
    if "subject_data" in frame:  # classifications
        for text in frame["subject_data"].dropna().unique():
            about = parsed(text)
            for subject, metadata in about.items() if isinstance(about, Mapping) else ():
                yield subject, id_in_metadata(metadata, key)
    elif "subject_id" in frame and "metadata" in frame:
        for subject, text in zip(frame["subject_id"], frame["metadata"], strict=True):
            yield subject, id_in_metadata(parsed(text), key)
    elif "subject_id" in frame and key in frame:
        yield from zip(frame["subject_id"], frame[key], strict=True)
    else:
        raise BadTable(
            f"a table of subjects has columns subject_id and metadata, or subject_id and {key}; "
            f"this one has {', '.join(map(str, frame))}"
        )


def _number(value: Any) -> str:
    """Return a number of Zooniverse's as text; in a column with gaps it is a float."""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) else ""
    return str(value).strip().removesuffix(".0")


def _answer(
    data: Mapping[str, Any], words: Mapping[str, str] | None, is_reduction: bool
) -> tuple[str, str] | None:
    """Return the label that an extract or a reduction gives, and a note; None if there is no single one."""

    def word_of(answer: str) -> str | None:
        return label_word(answer) if words is None else words.get(answer)

    likely = _number(data.get("most_likely", ""))  # an answer's number, in a column with gaps
    if is_reduction and likely not in ("", "nan", "None"):
        notes = [f"{_count(data.get('num_votes')):g} votes", f"agreement {_count(data.get('agreement')):.2f}"]
        word = word_of(likely)
        return None if word is None else (word, ", ".join(notes))
    votes = {
        name: _count(value) for name, value in data.items() if name not in _NO_ANSWERS and "." not in name
    }
    votes = {name: n for name, n in votes.items() if n > 0}
    most = [name for name, n in votes.items() if n == max(votes.values())]
    if len(most) != 1 or (len(votes) > 1 and not is_reduction):
        return None
    word = word_of(most[0])
    note = f"{votes[most[0]]:g} of {sum(votes.values()):g} votes" if is_reduction else ""
    return None if word is None else (word, note)


def _count(value: Any) -> float:
    """Return a count of the export; 0 for anything else."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def _who(row: Mapping[str, Any], column: str) -> str:
    """Return who answered: a volunteer or the reducer; anonymous volunteers count as different people."""
    if column.startswith("reduc"):
        group = row.get("subgroup")
        return (
            str(row[column])
            if group in (None, "", "_default") or group != group
            else f"{row[column]} {group}"
        )
    name, number = row.get("user_name"), row.get("user_id")
    if isinstance(name, str) and name.strip():
        return name
    if _number(number) not in ("", "nan", "None"):
        return f"user-{_number(number)}"
    return f"not-logged-in-{_number(row.get('classification_id', ''))}"


def _when(row: Mapping[str, Any]) -> str:
    return next((iso_time(row[one]) for one in ("classification_at", "updated_at", "created_at")
                 if isinstance(row.get(one), str)), "")  # fmt: skip
