"""HATS catalogues at URLs: what is fetched, and server errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cutout_widgets as cw
from cutout_widgets.catalog.hats.healpix import middles
from cutout_widgets.errors import BadTable

pytest.importorskip("obstore", reason="needs the extra 'remote'")

from tests.remote.file_server import FileServer

FIRST = 506428274000265217
PIXELS = (5, 700, 40_001)
"""Of order 6: in the folders Dir=0 and Dir=40000."""
EACH = 300
NO_CACHE = cw.RemoteOptions(cache=None, block_bytes=4096)


def write(root: Path) -> None:
    """Three partitions of 300 rows, in row groups of 100; a column of 2 kB a row is not needed."""
    root.mkdir()
    (root / "hats.properties").write_text(
        "dataproduct_type=source\nhats_npix_suffix=.parquet\nhats_nrows=900\n"
    )
    (root / "partition_info.csv").write_text("Norder,Npix\n" + "".join(f"6,{one}\n" for one in PIXELS))
    lon, lat = middles(6, np.array(PIXELS))
    kept: list = []
    for k, pixel in enumerate(PIXELS):
        ids = np.arange(EACH, dtype=np.int64) + FIRST + k * EACH
        wide = np.random.default_rng(k).bytes(2000 * EACH)
        table = pa.table(
            {
                "diaSourceId": ids,
                "ra": lon[k] + np.linspace(-0.01, 0.01, EACH),
                "dec": np.full(EACH, lat[k]),
                "psfFlux": np.arange(EACH, dtype="float32"),
                "wide": [wide[2000 * n : 2000 * (n + 1)] for n in range(EACH)],
            }
        )
        place = f"Norder=6/Dir={pixel // 10_000 * 10_000}/Npix={pixel}.parquet"
        (root / "dataset" / place).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, root / "dataset" / place, row_group_size=100, metadata_collector=kept)
        kept[-1].set_file_path(place)
    pq.write_metadata(table.schema, root / "dataset" / "_metadata", metadata_collector=kept)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("hats")
    write(folder / "dia 1.0")
    (folder / "collection.properties").write_text("hats_primary_table_url=dia 1.0\n")
    return {
        path.relative_to(folder).as_posix().replace(" ", "%20"): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def server(files, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # the cache is there
    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    with FileServer(files=dict(files)) as one:
        yield one


def partitions_asked(server) -> set[str]:
    return {path.rpartition("=")[2] for path, _, _ in server.asked if "Npix=" in path}


@pytest.mark.parametrize("place", ["", "dia%201.0", "dia%201.0/", "dia%201.0/dataset"])
def test_rows_are_read_from_any_of_the_folders(server, place):
    table = cw.SourceTable.read(server.url(place))
    assert table.ids.tolist() == list(range(FIRST, FIRST + 3 * EACH))
    assert repr(cw.Hats(server.url(place))) == "<Hats dia 1.0: 900 rows in 3 partitions>"


def test_reading_the_first_rows_fetches_part_of_one_partition(server):
    hats = cw.Hats(server.url("dia%201.0"), remote=NO_CACHE)
    server.asked.clear()
    table = hats.table(limit=50, columns="psfFlux")
    assert table.ids.tolist() == list(range(FIRST, FIRST + 50))
    assert partitions_asked(server) == {"5.parquet"}
    assert server.sent_bytes < 100_000  # of a file of 630 kB
    assert len(server.asked) <= 4
    assert len(hats.table(limit=EACH + 1, columns="psfFlux")) == EACH + 1
    assert partitions_asked(server) == {"5.parquet", "700.parquet"}


def test_a_cone_search_fetches_only_its_partitions(server):
    lon, lat = middles(6, np.array(PIXELS))
    hats = cw.Hats(server.url("dia%201.0"), remote=NO_CACHE)
    server.asked.clear()
    table = hats.table(position=(lon[2], lat[2]), radius=10)
    assert 0 < len(table) < EACH
    assert partitions_asked(server) == {"40001.parquet"}


def test_pages_are_read_one_by_one(server):
    hats = cw.Hats(server.url("dia%201.0"))
    server.asked.clear()
    pages = hats.pages(where="psfFlux < 2")
    assert next(pages).ids.tolist() == [FIRST, FIRST + 1]
    assert partitions_asked(server) == {"5.parquet"}
    assert [len(page) for page in pages] == [2, 2]


def test_without_a_partition_list_the_common_metadata_is_used(server):
    del server.files["dia%201.0/partition_info.csv"]
    assert len(cw.Hats(server.url("dia%201.0")).partitions) == 3
    assert len(cw.SourceTable.read(server.url("dia%201.0"))) == 3 * EACH


def test_partitions_that_are_folders_are_found_in_the_common_metadata(server, files, tmp_path):
    root, kept = "dia%201.0", []
    said = files[f"{root}/hats.properties"].replace(b"hats_npix_suffix=.parquet", b"hats_npix_suffix=/")
    server.files[f"{root}/hats.properties"] = said
    for k, name in enumerate("ab"):
        table = pa.table({"diaSourceId": [k + 1], "ra": [1.0], "dec": [2.0]})
        pq.write_table(table, tmp_path / "part", metadata_collector=kept)
        kept[-1].set_file_path(f"Norder=0/Dir=0/Npix=4/{name}.parquet")
        server.files[f"{root}/dataset/Norder=0/Dir=0/Npix=4/{name}.parquet"] = (
            tmp_path / "part"
        ).read_bytes()
    pq.write_metadata(table.schema, tmp_path / "all", metadata_collector=kept)
    server.files[f"{root}/dataset/_metadata"] = (tmp_path / "all").read_bytes()
    hats = cw.Hats(server.url(root))
    assert len(hats.partitions) == 1
    assert hats.table().ids.tolist() == [1, 2]


def test_a_catalogue_without_any_partition_list_is_refused(server):
    del server.files["dia%201.0/partition_info.csv"], server.files["dia%201.0/dataset/_metadata"]
    with pytest.raises(BadTable, match=r"neither partition_info\.csv nor dataset/_metadata"):
        cw.Hats(server.url("dia%201.0"))


def test_a_url_that_is_not_a_catalogue_is_refused(server):
    with pytest.raises(BadTable, match=r"(?m)is not a HATS catalogue: it has no properties$"):
        cw.Hats(server.url("elsewhere"))
    server.files["page/hats.properties"] = b"<html>a=page that answers everything</html>"
    with pytest.raises(BadTable, match="is not a HATS catalogue"):
        cw.Hats(server.url("page"))
    server.files["other/hats.properties"] = b"dataproduct_type=association"
    with pytest.raises(BadTable, match="of kind 'association'"):
        cw.Hats(server.url("other"))


def test_the_url_of_a_file_is_not_probed_as_a_catalogue(server, files):
    name = "dia%201.0/dataset/Norder=6/Dir=0/Npix=5.parquet"
    assert len(cw.SourceTable.read(server.url(name))) == EACH
    assert {path for path, _, _ in server.asked} == {f"/{name}"}


@pytest.mark.parametrize(
    "status, says", [(404, "there is no file"), (403, "may not be read"), (410, "there is no file")]
)
def test_a_partition_that_cannot_be_fetched_is_named(server, status, says):
    hats = cw.Hats(server.url("dia%201.0"))
    server.statuses["dia%201.0/dataset/Norder=6/Dir=40000/Npix=40001.parquet"] = status
    with pytest.raises(BadTable, match=f"Norder=6, Npix=40001 cannot be read .*{says}") as caught:
        hats.table()
    assert "sesame" not in str(caught.value)


def test_a_forbidden_url_is_reported_with_its_signature_hidden(server):
    for name in ("hats.properties", "properties", "collection.properties"):
        server.statuses[f"dia%201.0/{name}"] = 403
    with pytest.raises(BadTable, match=r"it has no properties \(.*may not be read") as caught:
        cw.Hats(server.url("dia%201.0?signature=sesame"))
    assert "sesame" not in str(caught.value)


def test_the_url_signature_is_sent_with_each_file(server):
    cw.Hats(server.url("dia%201.0?signature=sesame")).table(limit=1)
    assert all(path.endswith("?signature=sesame") for path, _, _ in server.asked)


def test_a_damaged_partition_is_named(server):
    name = "dia%201.0/dataset/Norder=6/Dir=0/Npix=700.parquet"
    hats = cw.Hats(server.url("dia%201.0"))
    server.files[name] = server.files[name][:5000]
    with pytest.raises(BadTable, match="Norder=6, Npix=700 cannot be read"):
        hats.table()


def test_the_token_is_sent_only_to_its_own_host(server, monkeypatch):
    monkeypatch.setenv("ACCESS_TOKEN", "sesame-sesame-sesame")
    monkeypatch.delenv("EXTERNAL_INSTANCE_URL", raising=False)
    with FileServer(files=server.files) as other:
        server.moved = {
            f"dia%201.0/dataset/Norder=6/Dir=0/Npix={one}.parquet": other.url(
                f"dia%201.0/dataset/Norder=6/Dir=0/Npix={one}.parquet"
            )
            for one in (5, 700)
        }
        home = cw.RemoteOptions(cache=None, home=server.origin)
        assert len(cw.SourceTable.read(server.url("dia%201.0"), remote=home)) == 3 * EACH
    assert {token for _, _, token in server.asked} == {"Bearer sesame-sesame-sesame"}
    assert {token for _, _, token in other.asked} == {""}


def test_without_range_support_whole_files_are_fetched(server):
    server.ranges = False
    assert len(cw.Hats(server.url("dia%201.0")).table(limit=400)) == 400


def test_options_can_be_part_of_the_address(server):
    table = cw.SourceTable.read(f"hats:{server.url('dia%201.0')}?limit=7&columns=psfFlux")
    assert len(table) == 7
    assert "wide" not in table.columns
    with pytest.raises(cw.UnknownOption, match="'limt'"):
        cw.SourceTable.read(server.url("dia%201.0"), limt=3)
