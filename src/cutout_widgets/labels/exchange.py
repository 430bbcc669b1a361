"""Labels to and from tables: CSV, Parquet, any table, and the classifications of a Zooniverse project."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadTable
from cutout_widgets.labels.by_person import conflicts_of, opinions_of
from cutout_widgets.labels.caesar import CaesarExchange, id_in_metadata
from cutout_widgets.labels.entries import label_word, now, one_line, writable
from cutout_widgets.labels.ids import identifiers
from cutout_widgets.labels.tables import iso_time, panoptes_time, parsed, table_of, written

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["Exchange"]

_CLASSIFICATION = (
    "classification_id", "user_name", "user_id", "user_ip", "workflow_id", "workflow_name",
    "workflow_version", "created_at", "gold_standard", "expert", "metadata", "annotations", "subject_data",
    "subject_ids",
)  # fmt: skip
"""Columns of Panoptes' export of classifications, as its tools and caesar's extractors expect them."""

_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
"""An image in the text of an answer."""


class Exchange(CaesarExchange):
    """Methods of a journal that import and export labels."""

    who: str
    path: Path
    _append: Callable[..., None]
    read: Callable[..., Any]
    to_pandas: Callable[[], pd.DataFrame]
    _repeated: Callable[[], Any]

    def opinions(self) -> pd.DataFrame:
        """Return each person's last label of each source: ``id``, ``who``, ``label``, ``when``."""
        found: pd.DataFrame = self.read(opinions_of)
        return found

    def conflicts(self) -> pd.DataFrame:
        """Return the sources that people label differently: ``id``, then a column for each person."""
        return conflicts_of(self.opinions())

    def repeats(self) -> pd.DataFrame:
        """Return the labels of repeated sources in a blind grid, in the form of `opinions`.

        Nothing else counts them as labels.
        """
        found: pd.DataFrame = self._repeated().read(opinions_of)
        return found

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the current labels as CSV: ``id``, ``label``, ``who``, ``when``, ``note``.

        Raises
        ------
        NotWritable
            If the file cannot be written; an existing file is then unchanged.
        """
        return written(path, lambda to: self.to_pandas().to_csv(to, index=False))

    def to_parquet(self, path: str | os.PathLike[str]) -> Path:
        """Write the current labels as Parquet, with ids as int64; otherwise as `to_csv`."""
        return written(path, lambda to: self.to_pandas().to_parquet(to, index=False))

    def import_(
        self,
        table: Any,
        *,
        id: str = "id",
        label: str = "label",
        who: str | None = None,
        replace: bool = False,
    ) -> int:
        """Import labels from a table.

        Parameters
        ----------
        table
            A DataFrame, anything with ``to_pandas`` or that DataFrame accepts, or the path of a CSV
            or Parquet file.
        id, label
            The columns of the source and its label; rows without a label are skipped. Columns ``who``,
            ``when`` and ``note``, as written by `to_csv`, are imported too.
        who
            Who labelled, for all rows; None: from the column ``who``, else this journal's author.
        replace
            Whether the table's labels replace those in this journal.

        Returns
        -------
        int
            Number of imported labels.

        Raises
        ------
        BadTable
            If the table cannot be read or lacks a column.
        BadOption
            If an id is not an integer, or a label is not text.
        """
        frame = table_of(table, text=[id])
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
            The file; an existing one is replaced.
        key
            Key of the subject metadata with the id, as in the manifest.
        task
            Name of the task.
        workflow
            Id of the workflow, by which those tools select classifications; its version is 1.1.
        """
        import pandas as pd

        rows = []
        for number, one in enumerate(self.opinions().itertuples(index=False), start=1):
            answer = [{"task": task, "task_label": "", "value": one.label}]
            subject = {str(one.id): {"retired": None, key: str(one.id)}}
            at = panoptes_time(str(one.when))
            rows.append([number, one.who, "", "", workflow, self.path.stem, "1.1", at, "", "", "{}",
                         json.dumps(answer), json.dumps(subject), str(one.id)])  # fmt: skip
        frame = pd.DataFrame(rows, columns=list(_CLASSIFICATION))
        return written(path, lambda to: frame.to_csv(to, index=False))

    def import_zooniverse(
        self, table: Any, *, key: str = "diaSourceId", task: str | None = None, replace: bool = False
    ) -> int:
        """Import the exported classifications of a Zooniverse project, each as a label by its volunteer.

        Parameters
        ----------
        table
            The export: the path of a CSV file, or a DataFrame.
        key
            Key of the subject metadata with the id, with or without a hiding prefix (``#``, ``//``, ``!``).
        task
            The task whose answers are labels; None: the first one of each classification. Images in
            answers (``![](...)``) are dropped.
        replace
            As for `import_`.

        Returns
        -------
        int
            Number of imported labels; classifications without such an answer or id are skipped.

        Raises
        ------
        BadTable
            If it is not an export of classifications.
        """
        frame = table_of(table, text=["subject_ids", "user_name"])
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
                when = iso_time(one.get("created_at"))
                rows.append((identifiers(id)[0], label_word(word), who, when, ""))
        return self._take_in(rows, replace)

    def _take_in(self, rows: list[tuple[int, str, str, str, str]], replace: bool) -> int:
        """Append labels of several people, as one action for each person, time and note."""
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


def _subject_id(data: Any, key: str) -> str | None:
    """Return the id in a subject's metadata, or None."""
    found = parsed(data)
    subjects = found.values() if isinstance(found, Mapping) else ()
    return next(filter(None, (id_in_metadata(about, key) for about in subjects)), None)


def _answer(annotations: Any, task: str | None) -> str:
    """Return the answer to a task; empty if it is not a single text."""
    found = parsed(annotations)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping) and task in (None, one.get("task")):
            value = one.get("value")
            return " ".join(_PICTURE.sub(" ", value).split()) if isinstance(value, str) else ""
    return ""
