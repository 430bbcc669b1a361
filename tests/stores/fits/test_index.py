"""Which files belong to which rows."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy.table import Table

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption, BadTable, ImageNotFound
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.stores.fits.index import FitsPart, part_of, read_index
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.stores.footprints import FootprintImages
from cutout_widgets.testing import make_sources

BIG = 2**53 + 1
COLUMNS = {
    "visit": [1, 1, 2025010100002],
    "detector": [0, 5, 0],
    "science": ["a.fits", "sub/b.fits", "/data/c.fits"],
    "template": ["t.fits", None, "t.fits"],
}


def source(**columns):
    """A row with no columns but these."""
    known = {name: columns.pop(name) for name in ("id", "visit", "detector", "band") if name in columns}
    row = make_sources(1, visit=None, detector=None)[0]
    return replace(row, **{"band": None, "row": columns, **known})


def write_parquet(path):
    pd.DataFrame(COLUMNS).to_parquet(path)


def write_csv(path):
    pd.DataFrame(COLUMNS).to_csv(path, index=False)


def write_ecsv(path):
    Table({**COLUMNS, "template": ["t.fits", "", "t.fits"]}).write(path)


@pytest.mark.parametrize(
    "name, write",
    [
        ("i.parquet", write_parquet),
        ("i.csv", write_csv),
        ("i.csv.gz", write_csv),
        ("i.ecsv", write_ecsv),
        ("i.fits", write_ecsv),
        ("i.vot", write_ecsv),
    ],
)
def test_paths_in_an_index_are_relative_to_it(tmp_path, name, write):
    path = tmp_path / name
    if name.endswith(".vot"):
        Table({**COLUMNS, "template": ["t.fits", "", "t.fits"]}).write(path, format="votable")
    else:
        write(path)
    index = read_index(path)
    assert index.files_of(source(visit=1, detector=5)) == {
        "template": None,
        "science": FitsPart(str(tmp_path / "sub" / "b.fits")),
    }
    assert index.files_of(source(visit=2025010100002, detector=0))["science"].path == "/data/c.fits"


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pa.table], ids=["dict", "pandas", "arrow"])
def test_an_index_in_memory_requires_its_folder(tmp_path, make):
    index = read_index(make(COLUMNS), folder=tmp_path)
    assert index.files_of(source(visit=1, detector=0))["template"].path == str(tmp_path / "t.fits")


def test_files_are_found_by_ids_above_2_53():
    index = read_index({"diaSourceId": [BIG, BIG + 1, -BIG], "science": ["/a", "/b", "/c"]})
    assert [index.files_of(source(id=one))["science"].path for one in (BIG, BIG + 1, -BIG)] == [
        "/a",
        "/b",
        "/c",
    ]
    with pytest.raises(ImageNotFound, match=f"no row for diaSourceId {BIG - 1}"):
        index.files_of(source(id=BIG - 1))


def test_null_ids_in_pandas_do_not_round_the_others():
    frame = pd.DataFrame({"diaSourceId": pd.array([BIG, None], dtype="Int64"), "science": ["/a", "/b"]})
    assert read_index(frame).files_of(source(id=BIG))["science"].path == "/a"


def test_any_common_column_can_be_the_key():
    index = read_index({"tile": ["N6", "S3"], "seeing": [0.7, 0.8], "difference": ["/a", "/b"]})
    assert index.columns == ("tile",)
    assert index.files_of(source(tile="S3", seeing=0.1))["difference"].path == "/b"
    assert index.group(source(tile="S3")) != index.group(source(tile="N6"))


def test_an_explicit_key_is_the_only_one_used():
    index = read_index({"visit": [1, 1], "band": ["g", "r"], "science": ["/a", "/b"]}, key="band")
    assert index.files_of(source(visit=9, band="r"))["science"].path == "/b"


def test_rows_without_instrument_match_an_index_with_one_if_unambiguous():
    one = {"instrument": ["LSSTCam"], "visit": [1], "detector": [0], "science": ["/a"]}
    assert read_index(one).files_of(source(visit=1, detector=0))["science"].path == "/a"
    two = {name: values * 2 for name, values in one.items()}
    two |= {"instrument": ["LSSTCam", "LATISS"], "science": ["/a", "/b"]}
    with pytest.raises(ImageNotFound, match="2 different rows"):
        read_index(two).files_of(source(visit=1, detector=0))
    assert read_index(two).files_of(source(instrument="LATISS", visit=1, detector=0))["science"].path == "/b"


def test_a_row_without_key_columns_gets_no_image():
    index = read_index({"visit": [1], "detector": [0], "science": ["/a"]})
    with pytest.raises(ImageNotFound, match="no row for visit None, detector None"):
        index.files_of(source())
    with pytest.raises(ImageNotFound, match="no row for tile None"):
        read_index({"tile": ["N6"], "science": ["/a"]}).files_of(source())


@pytest.mark.parametrize(
    "table, says",
    [
        ({"visit": [1], "image": ["a"]}, "at least one of the columns template, science and difference"),
        ({"science": ["a"]}, "does not say which sources"),
        ({"visit": [1, 1], "science": ["a", "b"]}, "two different rows for visit 1"),
        ({"visit": [1], "science": [3]}, "paths as text; got 3"),
        ({"visit": [1, 2], "science": ["a"]}, "one length"),
        (np.zeros(3), "got ndarray"),
        ("no/such/index.parquet", "no such table: no/such/index.parquet"),
    ],
)
def test_a_table_that_is_not_an_index_is_refused(table, says):
    with pytest.raises(BadTable, match=says):
        read_index(table)


class Lent:
    """A table of another library, of which only the Arrow interface is known."""

    def __arrow_c_stream__(self, requested_schema=None):
        return as_views().__arrow_c_stream__(requested_schema)


def as_views():
    paths = {name: pa.array(COLUMNS[name], pa.string_view()) for name in ("science", "template")}
    return pa.table({**COLUMNS, **paths})


def as_sources():
    return SourceTable.read({"diaSourceId": [1, 2, 3], "ra": [0.0] * 3, "dec": [0.0] * 3, **COLUMNS})


def as_rows():
    return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]


@pytest.mark.parametrize("made", [Lent, as_views, as_sources, as_rows])
def test_an_index_can_be_any_supported_table(made):
    key = ("visit", "detector")
    assert read_index(made(), key=key).files == read_index(COLUMNS, key=key).files


def test_an_unknown_key_is_refused_with_the_available_columns():
    with pytest.raises(BadTable, match="lacks the key column ccd; it has visit, science"):
        read_index({"visit": [1], "science": ["a"]}, key=("visit", "ccd"))


def test_a_file_that_is_not_a_table_is_refused(tmp_path):
    (tmp_path / "i.parquet").write_text("hello")
    with pytest.raises(BadTable, match=r"i\.parquet could not be read as .parquet"):
        read_index(tmp_path / "i.parquet")


def test_an_index_can_be_pickled():
    index = read_index(COLUMNS)
    again = pickle.loads(pickle.dumps(index))
    row = source(visit=1, detector=0)
    assert again.files_of(row) == index.files_of(row)


@pytest.mark.parametrize(("name", "at_once"), [("a.fits.gz", 1), ("a.fits", 64)])
def test_gzip_files_are_read_one_group_at_a_time(name, at_once):
    images = FitsImages.from_index({"visit": [1], "detector": [1], "science": [name]})
    assert images.side_by_side == at_once
    assert FootprintImages(images, {}).side_by_side == at_once


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("/d/a.fits", FitsPart("/d/a.fits")),
        ("/d/a.fits[SCIENCE]", FitsPart("/d/a.fits", "SCIENCE")),
        ("/d/a.fits[2]", FitsPart("/d/a.fits", 2)),
        ("/d/a.fits[SCI, 2]", FitsPart("/d/a.fits", ("SCI", 2))),
        ("/d/a[1].fits", FitsPart("/d/a[1].fits")),
    ],
)
def test_a_file_can_be_given_with_its_hdu(given, part):
    assert part_of(given) == part
    assert part_of(str(part)) == part


@pytest.mark.parametrize("given", ["/d/a.fits[]", "/d/a.fits[1:5,2:9]", "/d/a.fits[SCI,x]"])
def test_an_invalid_hdu_is_refused(given):
    with pytest.raises(BadOption, match="give its number, its EXTNAME or EXTNAME,EXTVER"):
        part_of(given)


def test_a_file_name_ending_in_brackets_is_taken_literally_if_it_exists(tmp_path):
    (tmp_path / "a.fits[2]").touch()
    assert part_of(tmp_path / "a.fits[2]") == FitsPart(str(tmp_path / "a.fits[2]"))


def test_hdus_are_given_in_columns_or_paths():
    index = read_index({"visit": [1, 2], "science": ["/a[SCI]", "/b"], "science_hdu": [None, 3]})
    assert index.files_of(source(visit=1))["science"] == FitsPart("/a", "SCI")
    assert index.files_of(source(visit=2))["science"] == FitsPart("/b", 3)
    one = read_index({"diaSourceId": [5], "file": ["/all.fits"]})
    assert one.files_of(source(id=5)) == dict.fromkeys(PANELS, FitsPart("/all.fits"))


def test_an_index_restricted_to_some_rows_finds_the_same_files():
    n = 50
    table = {"visit": [*range(n)], "detector": [5] * n, "science": [f"{k}.fits" for k in range(n)]}
    index = read_index(table, key=["visit", "detector"])
    rows = [DiaSource(k, 1.0, 2.0, visit=k, detector=5) for k in (3, 17, 99)]
    small = index.narrowed(rows)
    assert list(small.files) == [(3, 5), (17, 5)]
    assert len(index.files) == n
    for row in rows[:2]:
        assert small.files_of(row) == index.files_of(row)
    with pytest.raises(ImageNotFound, match="has no row for visit 99"):
        small.files_of(rows[2])
    assert small.rows("science")["visit"] == [3, 17]


def test_an_index_restricted_to_rows_without_a_key_keeps_all_candidates():
    table = {"night": [1, 1, 2], "field": [5, 6, 7], "science": ["a.fits", "b.fits", "c.fits"]}
    index = read_index(table)
    row, other = (DiaSource(night, 1.0, 2.0, row={"night": night}) for night in (1, 2))
    small = index.narrowed([row, other])
    assert len(index.narrowed([other]).files) == 1
    for one in (row, other):
        assert _said(small, one) == _said(index, one)


def _said(index, row):
    try:
        return index.files_of(row)
    except ImageNotFound as err:
        return str(err)
