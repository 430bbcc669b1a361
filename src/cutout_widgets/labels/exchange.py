"""Labels to tables and back: CSV, Parquet, any table, and the classifications of a Zooniverse project."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadTable, NotWritable, sentence
from cutout_widgets.labels.entries import label_word, now, one_line, writable
from cutout_widgets.labels.ids import identifiers
from cutout_widgets.labels.opinions import conflicts_of, opinions_of
from cutout_widgets.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["Exchange"]

_CLASSIFICATION = (
    "classification_id", "user_name", "user_id", "user_ip", "workflow_id", "workflow_name",
    "workflow_version", "created_at", "gold_standard", "expert", "metadata", "annotations", "subject_data",
    "subject_ids",
)  # fmt: skip
"""Columns of Panoptes' export of classifications, which its tools and caesar's extractors read."""

_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
"""A picture in the text of an answer."""


class Exchange:
    """The part of a journal that other tools read and write."""

    who: str
    path: Path
    _append: Callable[..., None]
    read: Callable[..., Any]
    to_pandas: Callable[[], pd.DataFrame]
    _repeated: Callable[[], Any]

    def opinions(self) -> pd.DataFrame:
        """Return the last label of each person for each source: ``id``, ``who``, ``label``, ``when``."""
        found: pd.DataFrame = self.read(opinions_of)
        return found

    def conflicts(self) -> pd.DataFrame:
        """Return the sources that people label differently: ``id``, then a column for each person."""
        return conflicts_of(self.opinions())

    def repeats(self) -> pd.DataFrame:
        """Return the labels that people gave to sources shown to them again unseen, as `opinions`.

        They are no labels of the journal: nothing else here counts them.
        """
        found: pd.DataFrame = self._repeated().read(opinions_of)
        return found

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the current labels as CSV: ``id``, ``label``, ``who``, ``when``, ``note``.

        Raises
        ------
        NotWritable
            If the file cannot be written; one that was there stays as it was.
        """
        return _written(path, lambda to: self.to_pandas().to_csv(to, index=False))

    def to_parquet(self, path: str | os.PathLike[str]) -> Path:
        """Write the current labels as Parquet, the ids as int64; otherwise as `to_csv`."""
        return _written(path, lambda to: self.to_pandas().to_parquet(to, index=False))

    def import_(
        self,
        table: Any,
        *,
        id: str = "id",
        label: str = "label",
        who: str | None = None,
        replace: bool = False,
    ) -> int:
        """Take labels in that were given elsewhere.

        Parameters
        ----------
        table
            A DataFrame, anything with ``to_pandas`` or that a DataFrame is made of, or the path of a CSV
            or Parquet file.
        id, label
            The columns of the source and its label; rows without a label are skipped. Columns ``who``,
            ``when`` and ``note``, as `to_csv` writes them, are taken over too.
        who
            Who labelled, for all rows; None: the column ``who``, else this journal's author.
        replace
            Whether sources that are labelled in this journal get the label of the table.

        Returns
        -------
        int
            How many labels were taken in.

        Raises
        ------
        BadTable
            If the table cannot be read or lacks a column.
        BadOption
            If an id is no integer, or a label no text.
        """
        frame = _frame(table, id)
        for column in (id, label):
            if column not in frame:
                raise BadTable(
                    f"the table of labels has no column {column!r}; it has {', '.join(map(str, frame))}"
                )
        frame = frame[frame[label].notna() & (frame[label].astype(str).str.strip() != "")]
        ids = identifiers(frame[id].tolist())
        words = [label_word(one) for one in frame[label].tolist()]
        texts = {
            name: frame[name].fillna("").astype(str).tolist() if name in frame else [""] * len(frame)
            for name in ("who", "when", "note")
        }
        rows = zip(ids, words, texts["who"], texts["when"], texts["note"], strict=True)
        return self._take_in(
            [(one, word, who or by or self.who, at, note) for one, word, by, at, note in rows], replace
        )

    def to_zooniverse(
        self, path: str | os.PathLike[str], *, key: str = "diaSourceId", task: str = "T0", workflow: int = 1
    ) -> Path:
        """Write each person's labels as a Zooniverse project exports classifications (CSV).

        Zooniverse's own tools read it (``panoptes_aggregation extract``); the form is that of
        https://help.zooniverse.org/next-steps/data-exports.

        Parameters
        ----------
        path
            The file; it is replaced as a whole.
        key
            Key of the subject's metadata that holds the id, as in the manifest.
        task
            Name of the task that is answered.
        workflow
            Number of the workflow, by which those tools pick classifications; its version is 1.1.
        """
        import pandas as pd

        rows = []
        for number, one in enumerate(self.opinions().itertuples(index=False), start=1):
            answer = [{"task": task, "task_label": "", "value": one.label}]
            subject = {str(one.id): {"retired": None, key: str(one.id)}}
            at = _panoptes_time(str(one.when))
            rows.append([number, one.who, "", "", workflow, self.path.stem, "1.1", at, "", "", "{}",
                         json.dumps(answer), json.dumps(subject), str(one.id)])  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(_CLASSIFICATION))
        return _written(path, lambda to: frame.to_csv(to, index=False))

    def import_zooniverse(
        self, table: Any, *, key: str = "diaSourceId", task: str | None = None, replace: bool = False
    ) -> int:
        """Take in the classifications that a Zooniverse project exports, each as a label of its volunteer.

        Parameters
        ----------
        table
            The export: a path of CSV, or a DataFrame.
        key
            Key of the subject's metadata that holds the id; hidden ones (``#``, ``//``, ``!``) are found too.
        task
            The task whose answers are labels; None: the first of each classification. Pictures in an
            answer (``![](...)``) are left out.
        replace
            As for `import_`.

        Returns
        -------
        int
            How many labels were taken in; classifications without such an answer or id are skipped.

        Raises
        ------
        BadTable
            If it is no export of classifications.
        """
        frame = _frame(table, None)
        lacking = [name for name in ("annotations", "subject_data", "user_name") if name not in frame]
        if lacking:
            raise BadTable(
                "an export of classifications has columns annotations, subject_data and user_name; "
                f"{lacking[0]} is lacking"
            )
        rows = []
        for one in frame.to_dict("records"):
            id, word = _subject_id(one["subject_data"], key), _answer(one["annotations"], task)
            if id is not None and word:
                who = one["user_name"] if isinstance(one["user_name"], str) else "not-logged-in"
                when = _iso_time(one.get("created_at"))
                rows.append((identifiers(id)[0], label_word(word), who, when, ""))
        return self._take_in(rows, replace)

    def _take_in(self, rows: list[tuple[int, str, str, str, str]], replace: bool) -> int:
        """Append labels of several people, an act for each person, time and note."""
        labelled = set() if replace else set(self.to_pandas()["id"])
        groups: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        for id, word, who, when, note in rows:
            if id not in labelled:
                groups.setdefault((who, when, note), []).append((id, word))
        entries = [
            {"ids": [str(id) for id, _ in group], "labels": [word for _, word in group],
             "who": one_line(who, "a name"), "when": one_line(when, "a time") or now(),
             "note": writable(note, "a note"), "act": uuid.uuid4().hex}
            for (who, when, note), group in groups.items()
        ]  # fmt: skip
        if entries:
            self._append(*entries)
        return sum(map(len, groups.values()))


def _frame(table: Any, id: str | None) -> pd.DataFrame:
    """Return any table as a DataFrame; ids of a CSV file stay text, so that no digit is lost."""
    import pandas as pd

    try:
        if isinstance(table, (str, os.PathLike)):
            if str(table).endswith((".parquet", ".pq")):
                return pd.read_parquet(table)
            exact = {"subject_ids": str, "user_name": str} if id is None else {id: str}
            return pd.read_csv(table, dtype=exact)
        if hasattr(table, "to_pandas"):
            table = table.to_pandas()
        return table if isinstance(table, pd.DataFrame) else pd.DataFrame(table)
    except (OSError, ValueError, TypeError) as err:
        raise BadTable(f"the table of labels cannot be read: {sentence(err)}") from err


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError) as err:
        raise BadTable(f"a classification contains invalid JSON: {str(text)[:60]!r}") from err


def _subject_id(data: Any, key: str) -> str | None:
    """Return the id in a subject's metadata."""
    found = _parsed(data)
    for about in found.values() if isinstance(found, Mapping) else ():
        for name, value in about.items() if isinstance(about, Mapping) else ():
            if str(name).lstrip("#/!") == key and value not in (None, ""):
                return str(value)
    return None


def _answer(annotations: Any, task: str | None) -> str:
    """Return what a task was answered with; empty if it is no single text."""
    found = _parsed(annotations)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping) and task in (None, one.get("task")):
            value = one.get("value")
            return " ".join(_PICTURE.sub(" ", value).split()) if isinstance(value, str) else ""
    return ""


def _panoptes_time(text: str) -> str:
    """Return a time of ours as Panoptes writes it; what is no time stays."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    found = found.astimezone(UTC) if found.tzinfo else found
    return found.strftime("%Y-%m-%d %H:%M:%S UTC")


def _iso_time(text: Any) -> str:
    """Return a time of Panoptes (2026-11-26 02:18:51 UTC) in our form; what is no time stays."""
    if not isinstance(text, str):
        return ""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _written(path: str | os.PathLike[str], write: Callable[[Path], Any]) -> Path:
    """Write a file beside its place and put it there as a whole."""
    target = Path(path)
    try:
        with whole_file(target) as draft:
            write(draft)
    except (OSError, ValueError) as err:
        raise NotWritable(f"{target} cannot be written: {sentence(err)}") from err
    return target
