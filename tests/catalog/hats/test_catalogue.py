"""HATS catalogues written by lsdb, objects with nested sources, and damaged catalogues."""

from __future__ import annotations

import shutil
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable

N, EACH = 200, 3
OBJECT, SOURCE = 506428274000265217, 169298432598474793


def objects() -> pd.DataFrame:
    random = np.random.default_rng(1)
    ids = np.arange(N, dtype=np.int64) + OBJECT
    return pd.DataFrame(
        {"diaObjectId": ids, "ra": random.uniform(0, 90, N), "dec": random.uniform(-30, 30, N)}
    )


def sources() -> pd.DataFrame:
    first = objects()
    rows = np.repeat(np.arange(N), EACH)
    ids = np.arange(N * EACH, dtype=np.int64) + SOURCE
    return pd.DataFrame(
        {
            "diaObjectId": first["diaObjectId"].to_numpy()[rows],
            "diaSourceId": ids,
            "ra": first["ra"].to_numpy()[rows],
            "dec": first["dec"].to_numpy()[rows],
            "visit": 2025090500225,
            "detector": np.arange(N * EACH) % 189,
            "band": np.where(np.arange(N * EACH) % 2, "r", "g"),
            "psfFlux": np.arange(N * EACH, dtype=float),
            "ssObjectId": pd.array([None, 2**62 + 1, None] * N, dtype="Int64"),
        }
    )


def nested_frame():
    npd = pytest.importorskip("nested_pandas", reason="needs nested-pandas")
    frame = npd.NestedFrame(objects().set_index("diaObjectId"))
    return frame.join_nested(sources().set_index("diaObjectId"), "diaSource")


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    """A collection of a catalogue of objects and its margin, by lsdb."""
    lsdb = pytest.importorskip("lsdb", reason="needs lsdb")
    folder = tmp_path_factory.mktemp("hats") / "dia collection"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = lsdb.from_dataframe(
            nested_frame().reset_index(), ra_column="ra", dec_column="dec", catalog_name="dia",
            lowest_order=1, highest_order=3, partition_rows=80,
        )  # fmt: skip
        made.write_catalog(folder, catalog_name="dia")
    pq.write_table(pa.table({"thumb": [1]}), folder / "dia" / "data_thumbnail.parquet")
    return folder


@pytest.mark.parametrize("place", ["", "dia", "dia/dataset"])
def test_nested_sources_become_rows_from_any_of_the_folders(collection, place):
    table = cw.SourceTable.read(collection / place)
    own = sources().set_index("diaSourceId")
    assert sorted(table.ids.tolist()) == own.index.tolist()
    row = table[7]
    assert (row.ra, row.band) == (own.at[row.id, "ra"], own.at[row.id, "band"])
    assert row.row["diaObjectId"] == own.at[row.id, "diaObjectId"]
    gaps = [one is None for one in table.to_arrow()["ssObjectId"].to_pylist()]
    assert sum(gaps) == 2 * N
    assert set(table.where("ssObjectId > 0").to_arrow()["ssObjectId"].to_pylist()) == {2**62 + 1}


def test_a_catalogue_describes_its_contents(collection):
    hats = cw.Hats(collection)
    assert repr(hats).startswith("<Hats dia: 200 rows in ")
    assert hats.nested == "diaSource"
    assert hats.properties["hats_col_ra"] == "ra"
    assert hats.columns[:2] == ("diaSourceId", "ra")
    assert "diaObjectId" in hats.columns


def test_objects_become_rows_on_request(collection):
    table = cw.SourceTable.read(collection, nested="")
    assert sorted(table.ids.tolist()) == objects()["diaObjectId"].tolist()
    assert "diaSource" not in table.columns


def test_a_limit_reads_no_more_partitions_than_needed(collection, tmp_path):
    copy = tmp_path / "dia"
    shutil.copytree(collection / "dia", copy)
    hats = cw.Hats(copy)
    for partition in hats.partitions[1:]:
        partition.path.write_bytes(b"damaged")
    assert len(hats.table(limit=5)) == 5
    with pytest.raises(BadTable, match=r"the partition Norder=\d, Npix=\d+ cannot be read"):
        hats.table()


def test_pages_are_partitions_in_healpix_order(collection):
    hats = cw.Hats(collection)
    pages = list(hats.pages())
    assert len(pages) == len(hats.partitions) > 3
    assert [id for page in pages for id in page.ids] == hats.table().ids.tolist()


def test_a_cone_search_reads_only_its_partitions_and_keeps_only_its_rows(collection, tmp_path):
    own = sources()
    ra, dec = own["ra"][0], own["dec"][0]
    table = cw.SourceTable.read(collection, position=(ra, dec), radius=3600 * 5)
    apart = np.hypot((own["ra"] - ra) * np.cos(np.radians(dec)), own["dec"] - dec)
    inner = set(own["diaSourceId"][apart < 4.8])
    assert inner <= set(table.ids.tolist()) <= set(own["diaSourceId"][apart < 5.2])
    copy = tmp_path / "dia"
    shutil.copytree(collection / "dia", copy)
    hats = cw.Hats(copy)
    for partition in hats.partitions:
        table = pq.read_table(partition.path)
        if np.hypot(table["ra"].to_numpy() - ra, table["dec"].to_numpy() - dec).min() > 70:
            partition.path.unlink()  # far from the circle: not to be missed
    assert len(hats.table(position=(ra, dec), radius=1.0)) == EACH


def test_chosen_columns_and_filters(collection):
    table = cw.SourceTable.read(f"hats:{collection}?columns=psfFlux,band&limit=400", where="band == 'r'")
    assert set(table.columns) == {"diaSourceId", "ra", "dec", "psfFlux", "band"}
    assert set(table["band"]) == {"r"}
    with pytest.raises(BadTable, match="has no column 'psfFlx'; did you mean 'psfFlux'"):
        cw.Hats(collection).table(columns="psfFlx")


def test_an_empty_cone_gives_an_empty_table(collection):
    assert len(cw.Hats(collection).table(position=(200.0, 80.0), radius=1)) == 0


def test_computed_frames_of_lsdb_and_nested_pandas_are_accepted(collection):
    lsdb = pytest.importorskip("lsdb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        catalogue = lsdb.open_catalog(collection)
        first = catalogue.partitions[0]
        assert len(cw.SourceTable(catalogue)) == N * EACH
        assert len(cw.SourceTable(first.compute())) == EACH * len(first.compute())
    table = cw.SourceTable(nested_frame())
    assert sorted(table.ids.tolist()) == sources()["diaSourceId"].tolist()
    assert table[0].row["diaObjectId"] is not None


def test_a_dataset_folder_without_metadata_is_read_from_its_files(collection, tmp_path):
    shutil.copytree(collection / "dia" / "dataset", tmp_path / "rows # 100%?")
    assert len(cw.SourceTable.read(tmp_path / "rows # 100%?")) == N * EACH


def test_lists_of_structs_are_unnested_too(tmp_path):
    rows = [
        {"diaSourceId": SOURCE, "ra": 1.0, "dec": 2.0},
        {"diaSourceId": SOURCE + 1, "ra": 1.0, "dec": 2.0},
    ]
    table = pa.table({"diaObjectId": [5, 6, 7], "diaSource": pa.array([rows, [], None])})
    pq.write_table(table, tmp_path / "objects.parquet")
    read = cw.SourceTable.read(tmp_path / "objects.parquet")
    assert read.ids.tolist() == [SOURCE, SOURCE + 1]
    assert read["diaObjectId"].tolist() == [5, 5]


def test_sources_without_a_position_take_that_of_their_object(tmp_path):
    inner = pa.StructArray.from_arrays(
        [pa.array([[1, 2], [3]]), pa.array([[5.0, 6.0], [7.0]])], ["id", "psfFlux"]
    )
    table = pa.table(
        {"objectId": [8, 9], "coord_ra": [10.0, 20.0], "coord_dec": [1.0, 2.0], "diaSource": inner}
    )
    assert cw.SourceTable(table)["ra"].tolist() == [10.0, 10.0, 20.0]


def test_an_object_with_null_sources_has_no_rows():
    inner = pa.StructArray.from_arrays(
        [
            pa.array([[1, 2], [3], [4]]),
            pa.array([[0.1, 0.2], [0.3], [0.4]]),
            pa.array([[0.0, 0.0], [0.0], [0.0]]),
        ],
        names=["diaSourceId", "ra", "dec"],
        mask=pa.array([False, True, False]),
    )
    table = cw.SourceTable(pa.table({"diaObjectId": [7, 8, 9], "diaSource": inner}))
    assert table.ids.tolist() == [1, 2, 4]
    assert table["diaObjectId"].tolist() == [7, 7, 9]


def test_lists_of_different_lengths_are_refused():
    inner = pa.StructArray.from_arrays([pa.array([[1, 2]]), pa.array([[5.0]])], ["id", "psfFlux"])
    with pytest.raises(BadTable, match="the lists of the nested column 'diaSource' differ in length"):
        cw.SourceTable(pa.table({"ra": [1.0], "dec": [1.0], "diaSource": inner}))


def test_a_hats_folder_without_rows_is_refused(collection, tmp_path):
    with pytest.raises(BadTable, match="is not a HATS catalogue"):
        cw.Hats(tmp_path)
    copy = tmp_path / "dia"
    shutil.copytree(collection / "dia", copy)
    (copy / "hats.properties").write_text("dataproduct_type=association\n")
    with pytest.raises(BadTable, match="is a HATS table of kind 'association'"):
        cw.SourceTable.read(copy)
    with pytest.raises(BadTable, match="has no nested table 'diaSorce'; did you mean 'diaSource'"):
        cw.Hats(collection, nested="diaSorce")
    with pytest.raises(BadOption, match="give both or neither"):
        cw.Hats(collection).table(radius=3)
    with pytest.raises(cw.UnknownOption, match="'limt'"):
        cw.SourceTable.read(collection, limt=3)


def test_a_missing_partition_is_named(collection, tmp_path):
    copy = tmp_path / "dia"
    shutil.copytree(collection / "dia", copy)
    last = cw.Hats(copy).partitions[-1]
    last.path.unlink()
    with pytest.raises(BadTable, match=f"Norder={last.order}, Npix={last.pixel} cannot be read"):
        cw.Hats(copy).table()


def test_partitions_may_be_folders(collection, tmp_path):
    copy = tmp_path / "dia"
    shutil.copytree(collection / "dia", copy)
    for partition in cw.Hats(copy).partitions:
        table = pq.read_table(partition.path)
        partition.path.unlink()
        folder = partition.path.with_suffix("")
        folder.mkdir()
        half = len(table) // 2
        pq.write_table(table[:half], folder / "a.parquet")
        pq.write_table(table[half:], folder / "b.parquet")
    said = (copy / "hats.properties").read_text().replace("hats_npix_suffix=.parquet", "hats_npix_suffix=/")
    (copy / "hats.properties").write_text(said)
    assert len(cw.Hats(copy).table()) == N * EACH
