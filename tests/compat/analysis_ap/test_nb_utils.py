"""Two processings compared, with the argument order of `nb_utils`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.catalog.databases.conftest import IDS, SOURCES, fill_by_hand
from tests.compat.analysis_ap import fake_butler as fake

from cutout_widgets.compat.analysis_ap.apdb import ApdbSqliteQuery
from cutout_widgets.compat.analysis_ap.nb_utils import compare_sources
from cutout_widgets.stores.butler.afw import afw_is_here

pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")
pytestmark = pytest.mark.skipif(
    afw_is_here(), reason="with lsst.afw exposures are read by it, not by the fake"
)


def query_of(folder: Path, name: str, sources: list) -> ApdbSqliteQuery:
    fill_by_hand(f"sqlite:///{folder / name}", version="10.0.0", sources=sources)
    return ApdbSqliteQuery(folder / name)


def test_unmatched_rows_come_first_and_matched_rows_name_their_partner(tmp_path: Path):
    first = query_of(tmp_path, "1.db", SOURCES)
    other = [
        {**SOURCES[0], "diaSourceId": 1, "ra": 10.5 + 1e-5},
        {**SOURCES[2], "diaSourceId": 2, "dec": 0.0},
    ]
    second = query_of(tmp_path, "2.db", other)
    unique1, unique2, matched = compare_sources(None, None, first, second)
    assert unique1["diaSourceId"].tolist() == [IDS[0]]
    assert unique2["diaSourceId"].tolist() == [2]
    assert matched["diaSourceId"].tolist() == [IDS[2]]
    assert matched["src2_diaSourceId"].tolist() == [1]
    assert matched["xmatch_dist_arcsec"][0] == pytest.approx(0.0253, abs=1e-4)
    assert not [name for name in matched.columns if name.endswith("_of_2")]


def test_a_list_of_bad_flags_applies_to_one_call_only(tmp_path: Path):
    first, second = (query_of(tmp_path, name, SOURCES) for name in ("1.db", "2.db"))
    _, _, matched = compare_sources(None, None, first, second, bad_flag_list=["isDipole"])
    assert matched["diaSourceId"].tolist() == [IDS[2], IDS[0], IDS[1]]
    assert first.diaSource_flags_exclude == ["pixelFlags_bad", "pixelFlags_edge"]


def test_cutouts_of_unmatched_sources_go_to_one_folder(tmp_path: Path):
    butler = fake.build(tmp_path)
    rows = [
        {**SOURCES[0], **{name: value for name, value in row.items() if name != "instrument"}}
        for row in fake.rows().to_dict("records")
    ]
    first, second = query_of(tmp_path, "1.db", rows[:2]), query_of(tmp_path, "2.db", rows[1:])
    for query in (first, second):
        query.apdb.instrument = fake.INSTRUMENT
    unique1, unique2, _ = compare_sources(
        butler, butler, first, second, make_cutouts=True,
        cutout_path1=tmp_path / "one", cutout_path2=tmp_path / "two", cutout_config2={"sizes": [15]},
    )  # fmt: skip
    assert unique1["diaSourceId"].tolist() == [fake.IDS[0]]
    assert unique2["diaSourceId"].tolist() == list(fake.IDS[2:])
    assert [path.name for path in (tmp_path / "one/images").iterdir()] == [f"{fake.IDS[0]}.png"]
    assert len(list((tmp_path / "two/images").iterdir())) == 2


def test_cutouts_require_an_output_directory(tmp_path: Path):
    query = query_of(tmp_path, "1.db", SOURCES)
    with pytest.raises(ValueError, match="cutout_path1= and cutout_path2="):
        compare_sources(None, None, query, query, make_cutouts=True)
