"""Labels to tables and back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cutout_widgets import BadOption, BadTable, LabelJournal
from cutout_widgets.errors import NotWritable

ID = 506428274000265570


@pytest.fixture
def journal(tmp_path: Path) -> LabelJournal:
    one = LabelJournal(tmp_path / "vera.jsonl", who="vera")
    one.label([ID, ID + 1], "real", note="clean")
    one.label(ID + 2, "bogus")
    return one


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_exported_labels_can_be_imported_again(journal, tmp_path, form):
    path = getattr(journal, f"to_{form}")(tmp_path / f"labels.{form}")
    again = LabelJournal(tmp_path / "again.jsonl", who="maria")
    assert again.import_(path) == 3
    pd.testing.assert_frame_equal(again.to_pandas(), journal.to_pandas())
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []


def test_a_table_that_cannot_be_written_is_reported(journal, tmp_path):
    with pytest.raises(NotWritable, match="cannot be written"):
        journal.to_csv(tmp_path / "no" / "labels.csv")


def test_imported_labels_do_not_replace_existing_ones(journal):
    table = pd.DataFrame({"src": [ID, ID + 5, ID + 6], "truth": ["bogus", "real", None]})
    assert journal.import_(table, id="src", label="truth", who="truth") == 1
    assert (journal.of(ID), journal.of(ID + 5)) == ("real", "real")
    assert journal.current()[ID + 5].who == "truth"
    assert journal.import_(table, id="src", label="truth", replace=True) == 2
    assert journal.of(ID) == "bogus"
    assert [one.id for one in journal.undo()] == [ID, ID + 5]


@pytest.mark.parametrize(
    "table, error",
    [
        (pd.DataFrame({"id": [1.5e17], "label": ["real"]}), BadOption),
        (pd.DataFrame({"id": [1], "label": [3]}), BadOption),
        (pd.DataFrame({"id": [1]}), BadTable),
        ("no such file.csv", BadTable),
        (3, BadTable),
    ],
)
def test_a_table_without_labels_is_refused_and_nothing_imported(journal, table, error):
    with pytest.raises(error):
        journal.import_(table)
    assert len(journal) == 3


def test_disagreements_can_be_exported_as_a_table(journal):
    LabelJournal(journal.path, who="maria").label([ID, ID + 2], "bogus")
    LabelJournal(journal.path, who="maria").label(ID + 3, "real")
    assert journal.conflicts().to_dict("list") == {"id": [ID], "maria": ["bogus"], "vera": ["real"]}
    journal.label(ID, "bogus")
    assert journal.conflicts().empty
    assert len(journal.opinions()) == 6


def test_classifications_are_written_in_the_zooniverse_format(journal, tmp_path):
    frame = pd.read_csv(journal.to_zooniverse(tmp_path / "export.csv"))
    # help.zooniverse.org/next-steps/data-exports, and the header of an export of Galaxy Zoo
    assert ",".join(frame.columns) == (
        "classification_id,user_name,user_id,user_ip,workflow_id,workflow_name,workflow_version,created_at,"
        "gold_standard,expert,metadata,annotations,subject_data,subject_ids"
    )
    first = frame.iloc[0]
    assert first["workflow_id"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", first["created_at"])
    assert json.loads(first["annotations"]) == [{"task": "T0", "task_label": "", "value": "real"}]
    assert json.loads(first["subject_data"]) == {str(ID): {"retired": None, "diaSourceId": str(ID)}}
    again = LabelJournal(tmp_path / "again.jsonl")
    assert again.import_zooniverse(tmp_path / "export.csv") == 3
    assert again.opinions()[["id", "who", "label"]].equals(journal.opinions()[["id", "who", "label"]])


def test_answers_of_volunteers_become_their_labels(tmp_path):
    def row(user: str, answer: object, subject: dict) -> dict:
        notes = [{"task": "T1", "value": ["a", "b"]}, {"task": "T0", "task_label": "?", "value": answer}]
        return {"user_name": user, "created_at": "2026-11-26 02:18:51 UTC", "annotations": json.dumps(notes),
                "subject_data": json.dumps({"812": subject})}  # fmt: skip

    export = pd.DataFrame(
        [
            row("ada", "Real", {"retired": None, "#diaSourceId": str(ID)}),
            row("not-logged-in-1f", "Bogus", {"//diaSourceId": str(ID)}),
            row("ada", None, {"diaSourceId": str(ID + 1)}),
            row("ada", "Real", {"other": "7"}),
            row("ada", "![x.png](https://a.example/x.png) Real\n source", {"diaSourceId": str(ID + 2)}),
        ]
    )
    journal = LabelJournal(tmp_path / "volunteers.jsonl")
    assert journal.import_zooniverse(export, task="T0") == 3
    assert sorted(journal.opinions()[["who", "label"]].to_numpy().tolist()) == [
        ["ada", "Real"],
        ["ada", "Real source"],
        ["not-logged-in-1f", "Bogus"],
    ]
    assert journal.current()[ID].when == "2026-11-26T02:18:51+00:00"
    assert journal.conflicts()["id"].tolist() == [ID]
    with pytest.raises(BadTable, match="subject_data is lacking"):
        journal.import_zooniverse(export.drop(columns="subject_data"))


def test_ids_of_a_table_are_int64(journal):
    assert journal.to_pandas()["id"].dtype == np.int64
