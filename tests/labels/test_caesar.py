"""Labels from and for Caesar of Zooniverse."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from cutout_widgets import BadOption, BadTable, LabelJournal
from cutout_widgets.errors import CutoutWarning

ID = 506428274000265570

# Caesar's exports have the attributes of its Extract and SubjectReduction, then columns data.KEY.
EXTRACTS = """\
id,classification_id,classification_at,extractor_key,workflow_id,subject_id,user_id,created_at,updated_at,\
data.0,data.1,data.aggregation_version
1,71,2026-11-26 02:18:51 UTC,question,5,812,42,2026-11-26 02:18:52 UTC,2026-11-26 02:18:52 UTC,1,,4.1.0
2,72,2026-11-26 02:18:53 UTC,question,5,812,,2026-11-26 02:18:54 UTC,2026-11-26 02:18:54 UTC,,1,4.1.0
3,73,2026-11-26 02:18:55 UTC,question,5,812,,2026-11-26 02:18:56 UTC,2026-11-26 02:18:56 UTC,,1,4.1.0
4,74,2026-11-26 02:18:57 UTC,question,5,813,42,2026-11-26 02:18:58 UTC,2026-11-26 02:18:58 UTC,1,1,4.1.0
5,75,2026-11-26 02:18:59 UTC,question,5,999,42,2026-11-26 02:19:00 UTC,2026-11-26 02:19:00 UTC,1,,4.1.0
"""
REDUCTIONS = """\
id,reducible_id,reducible_type,reducer_key,subject_id,subgroup,created_at,updated_at,data.0,data.1
1,5,Workflow,count,812,_default,2026-11-26 02:20:00 UTC,2026-11-26 03:00:00 UTC,1,2
2,5,Workflow,count,813,_default,2026-11-26 02:20:00 UTC,2026-11-26 03:00:00 UTC,3,3
3,5,Workflow,count,814,_default,2026-11-26 02:20:00 UTC,2026-11-26 03:00:00 UTC,4,
"""
CONSENSUS = """\
id,reducer_key,subject_id,subgroup,updated_at,data.most_likely,data.num_votes,data.agreement
1,consensus,812,_default,2026-11-26 03:00:00 UTC,1,2,0.6667
2,consensus,813,_default,2026-11-26 03:00:00 UTC,,0,
"""
SUBJECTS = [
    {"subject_id": 812, "metadata": json.dumps({"!diaSourceId": str(ID)})},
    {"subject_id": 813, "metadata": json.dumps({"diaSourceId": str(ID + 1)})},
    {"subject_id": 814, "metadata": json.dumps({"#diaSourceId": str(ID + 2)})},
    {"subject_id": 815, "metadata": json.dumps({"Filename": "a.png"})},
]
ANSWERS = {0: "real", 1: "bogus"}


@pytest.fixture
def journal(tmp_path: Path) -> LabelJournal:
    return LabelJournal(tmp_path / "volunteers.jsonl", who="me")


@pytest.fixture
def subjects() -> pd.DataFrame:
    return pd.DataFrame(SUBJECTS)


def file(folder: Path, text: str) -> Path:
    path = folder / "export.csv"
    path.write_text(text)
    return path


def test_extracts_become_labels_of_their_volunteers(journal, subjects, tmp_path):
    path = file(tmp_path, EXTRACTS)
    assert journal.import_caesar(path, subjects=subjects, answers=ANSWERS) == 3
    assert journal.opinions().sort_values("who")[["id", "who", "label"]].to_numpy().tolist() == [
        [ID, "not-logged-in-72", "bogus"],
        [ID, "not-logged-in-73", "bogus"],
        [ID, "user-42", "real"],
    ]
    assert journal.current()[ID].when == "2026-11-26T02:18:55+00:00"


def test_the_most_frequent_answer_of_a_reduction_becomes_the_label_and_a_tie_none(
    journal, subjects, tmp_path
):
    path = file(tmp_path, REDUCTIONS)
    assert journal.import_caesar(path, subjects=subjects, answers=ANSWERS) == 2
    found = journal.to_pandas()
    assert found[["id", "label", "who", "note"]].to_numpy().tolist() == [
        [ID, "bogus", "count", "2 of 3 votes"],
        [ID + 2, "real", "count", "4 of 4 votes"],
    ]
    assert found["when"].tolist() == ["2026-11-26T03:00:00+00:00"] * 2


def test_a_consensus_becomes_a_label_with_its_votes(journal, subjects, tmp_path):
    assert journal.import_caesar(file(tmp_path, CONSENSUS), subjects=subjects, answers=ANSWERS) == 1
    found = journal.current()[ID]
    assert (found.label, found.note) == ("bogus", "2 votes, agreement 0.67")


def test_files_of_panoptes_aggregation_are_read(journal, subjects):
    extracts = pd.DataFrame(
        {
            "classification_id": [71, 72],
            "user_name": ["ada", "not-logged-in-1f"],
            "task": ["T0", "T0"],
            "created_at": ["2026-11-26 02:18:51 UTC"] * 2,
            "subject_id": [812, 813],
            "extractor": ["question_extractor"] * 2,
            "data.real": [1, None],
            "data.not-real": [None, 1.0],
        }
    )
    assert journal.import_caesar(extracts, subjects=subjects) == 2
    assert journal.to_pandas()[["id", "label", "who"]].to_numpy().tolist() == [
        [ID, "real", "ada"],
        [ID + 1, "not-real", "not-logged-in-1f"],
    ]


def test_one_of_several_reducers_can_be_chosen(journal, subjects):
    both = pd.concat([pd.read_csv(io.StringIO(text)) for text in (REDUCTIONS, CONSENSUS)])
    with pytest.raises(BadOption, match="which=, of consensus, count"):
        journal.import_caesar(both, subjects=subjects)
    with pytest.raises(BadOption, match="no 'counts'; it has consensus, count"):
        journal.import_caesar(both, subjects=subjects, which="counts")
    assert journal.import_caesar(both, subjects=subjects, which="consensus", answers=ANSWERS) == 1


def test_subjects_are_mapped_to_sources_by_any_table_with_both_ids(journal, tmp_path):
    path = file(tmp_path, CONSENSUS)
    classifications = pd.DataFrame({"subject_data": [json.dumps({"812": {"//diaSourceId": str(ID)}})]})
    columns = pd.DataFrame({"subject_id": [812, 813], "diaSourceId": [str(ID), None]})
    for subjects in (classifications, columns, {812: ID}, {"812": str(ID)}):
        assert journal.import_caesar(path, subjects=subjects, answers=ANSWERS, replace=True) == 1
    assert [one.label for one in journal.history()] == ["bogus"] * 4


def test_files_not_from_caesar_or_with_unknown_subjects_are_refused(journal, subjects, tmp_path):
    path = file(tmp_path, EXTRACTS)
    with pytest.raises(BadTable, match="this table has subject_id, metadata"):
        journal.import_caesar(subjects, subjects=subjects)
    with pytest.raises(BadTable, match="columns subject_id and metadata"):
        journal.import_caesar(path, subjects=pd.DataFrame({"id": [1]}))
    with pytest.raises(BadTable, match="not one of the 5 rows is of a subject with diaSourceId"):
        journal.import_caesar(path, subjects={1: ID})
    with pytest.raises(BadTable, match="invalid JSON"):
        journal.import_caesar(path, subjects=pd.DataFrame({"subject_id": [1], "metadata": ["{"]}))
    assert len(journal) == 0


def test_labels_are_exported_as_extracts_for_caesar(journal, subjects, tmp_path):
    journal.label([ID, ID + 2], "real")
    journal.label([ID + 1, ID + 9], "bogus")
    with pytest.warns(CutoutWarning, match="1 labels are of no subject"):
        path = journal.to_caesar(tmp_path / "extracts.csv", subjects=subjects, answers=ANSWERS)
    assert path.read_text().splitlines() == [
        "extractor_key,subject_id,data",
        'expert,812,"{""0"": 1}"',
        'expert,814,"{""0"": 1}"',
        'expert,813,"{""1"": 1}"',
    ]
    with pytest.warns(CutoutWarning):
        plain = pd.read_csv(journal.to_caesar(path, subjects=subjects))
    assert [json.loads(one) for one in plain["data"]] == [{"real": 1}, {"real": 1}, {"bogus": 1}]
