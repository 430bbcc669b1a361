"""Tables that expand far too much (decompression bombs) are refused in one sentence."""

from __future__ import annotations

import base64
import gzip

import numpy as np
import pytest

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable
from cutout_widgets.unpacking import largest_unpacked, set_largest_unpacked

ECSV = (
    b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: diaSourceId, datatype: int64}\n"
    b"# - {name: ra, datatype: float64}\n# - {name: dec, datatype: float64}\ndiaSourceId ra dec\n"
)
VOTABLE = (
    b'<?xml version="1.0"?><VOTABLE version="1.3"><RESOURCE><TABLE>'
    b'<FIELD name="diaSourceId" datatype="long"/><FIELD name="ra" datatype="double"/>'
    b'<FIELD name="dec" datatype="double"/><DATA><TABLEDATA>'
)


@pytest.fixture(autouse=True)
def _a_small_cap():
    before = largest_unpacked()
    set_largest_unpacked(1 << 20)
    yield
    set_largest_unpacked(before)


@pytest.mark.parametrize(
    ("name", "head", "line"),
    [
        ("a.csv.gz", b"diaSourceId,ra,dec\n", b"1,2,3\n"),
        ("a.ecsv.gz", ECSV, b"1 2 3\n"),
        ("a.vot.gz", VOTABLE, b"<TR><TD>1</TD><TD>2</TD><TD>3</TD></TR>"),
    ],
)
def test_a_compressed_text_that_expands_too_much_is_refused(tmp_path, name, head, line):
    (tmp_path / name).write_bytes(gzip.compress(head + line * ((2 << 20) // len(line))))
    with pytest.raises(BadTable, match=rf"{name} unpacks to more than 1 MiB.*set_largest_unpacked"):
        SourceTable.read(tmp_path / name)


def test_a_parquet_file_of_a_few_bytes_a_million_rows_is_refused(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    n = 200_000
    same = pa.array(np.zeros(n))
    pq.write_table(
        pa.table({"diaSourceId": pa.array(np.ones(n, np.int64)), "ra": same, "dec": same}),
        tmp_path / "a.parquet",
    )
    with pytest.raises(BadTable, match=r"a\.parquet unpacks to more than 1 MiB"):
        SourceTable.read(tmp_path / "a.parquet")


def test_a_large_table_with_normal_compression_is_read(tmp_path):
    lines = b"".join(b"%d,%.7f,%.7f\n" % (n, n * 0.001234567, n * 1e-5) for n in range(1, 60_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"diaSourceId,ra,dec\n" + lines))
    assert len(lines) > 1 << 20
    assert len(SourceTable.read(tmp_path / "a.csv.gz")) == 59_999


def parquet(path, **columns):
    import pyarrow as pa
    import pyarrow.parquet as pq

    n = len(next(iter(columns.values()), [0]))
    first = {
        "diaSourceId": pa.array(np.arange(1, n + 1)),
        "ra": pa.array(np.ones(n)),
        "dec": pa.array(np.ones(n)),
    }
    pq.write_table(pa.table({**first, **columns}), path, store_schema=False)
    return path


def refused(path):
    with pytest.raises(BadTable, match=r"unpacks to more than 1 MiB; .*set_largest_unpacked"):
        SourceTable.read(path)


def test_a_dictionary_of_one_long_text_repeated_in_each_row_is_refused(tmp_path):
    import pyarrow as pa

    note = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2000, np.int32)), ["x" * 10_000])  # 20 MB
    path = parquet(tmp_path / "a.parquet", note=note)
    assert path.stat().st_size < 20_000
    refused(path)


def test_dictionary_encoded_texts_are_read_in_each_row(tmp_path):
    import pyarrow as pa

    band = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0], pa.int32()), ["r", "g"])
    table = SourceTable.read(parquet(tmp_path / "a.parquet", band=band))
    assert table["band"].tolist() == ["r", "g", None, "r"]


def test_a_list_of_a_million_values_in_one_row_is_refused(tmp_path):
    import pyarrow as pa

    refused(
        parquet(tmp_path / "a.parquet", l=pa.ListArray.from_arrays([0, 400_000], pa.array(np.zeros(400_000))))
    )


def test_the_files_of_a_folder_are_counted_together(tmp_path):
    import pyarrow as pa

    for name in "abcdefgh":  # of 0.3 MB each, in 4 kB
        parquet(tmp_path / f"{name}.parquet", z=pa.array(np.zeros(10_000)))
        path = tmp_path / f"{name}.parquet"
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        pq.write_table(table.set_column(0, "diaSourceId", pa.array(np.ones(10_000, np.int64))), path)
    assert len(SourceTable.read(tmp_path / "a.parquet")) == 10_000
    refused(tmp_path)


def test_a_feather_file_that_expands_too_much_is_refused(tmp_path):
    import pyarrow as pa
    import pyarrow.feather as feather

    zeros = pa.array(np.zeros(200_000))
    table = pa.table({"diaSourceId": pa.array(np.ones(200_000, np.int64)), "ra": zeros, "dec": zeros})
    feather.write_feather(table, tmp_path / "a.feather", compression="zstd", chunksize=200_000)
    refused(tmp_path / "a.feather")


@pytest.mark.parametrize(
    ("name", "head", "line"),
    [("a.ecsv", ECSV, b"1 2 3\n"), ("a.vot", VOTABLE, b"<TR><TD>1</TD><TD>2</TD><TD>3</TD></TR>")],
)
def test_a_compressed_file_is_recognised_by_its_content(tmp_path, name, head, line):
    (tmp_path / name).write_bytes(gzip.compress(head + line * ((2 << 20) // len(line))))
    refused(tmp_path / name)


def test_a_gzipped_fits_table_that_expands_too_much_is_refused(tmp_path):
    from astropy.table import Table

    zeros = np.zeros(100_000)
    Table({"diaSourceId": zeros.astype(int), "ra": zeros, "dec": zeros}).write(
        tmp_path / "a.fits.gz", format="fits"
    )
    refused(tmp_path / "a.fits.gz")


CLOSED = b"<TR><TD>1</TD><TD>2</TD><TD>3</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"


def test_a_votable_that_declares_too_many_rows_is_refused(tmp_path):
    path = tmp_path / "a.vot"
    path.write_bytes(VOTABLE.replace(b"<TABLE>", b'<TABLE nrows="400000000">') + CLOSED)
    with pytest.raises(
        BadTable, match=r"a\.vot, which says that it has 400,000,000 rows, unpacks to more than"
    ):
        SourceTable.read(path)
    path.write_bytes(VOTABLE.replace(b"<TABLE>", b'<TABLE nrows="1">') + CLOSED)
    assert len(SourceTable.read(path)) == 1


def test_a_votable_cannot_include_another_file(tmp_path):
    (tmp_path / "secret").write_bytes(bytes(24))
    stream = f'<BINARY><STREAM href="file://{tmp_path}/secret"/></BINARY>'.encode()
    path = tmp_path / "a.vot"
    path.write_bytes(VOTABLE.replace(b"<TABLEDATA>", stream) + b"</DATA></TABLE></RESOURCE></VOTABLE>")
    with pytest.raises(
        BadTable, match=r"has its rows in another file \(STREAM href\); read that file instead"
    ):
        SourceTable.read(path)


def test_compressed_votable_rows_are_refused(tmp_path):
    """astropy reads the compressed bytes as if they were rows."""
    rows = base64.b64encode(gzip.compress(np.arange(24, dtype=">i8").tobytes()))
    stream = b'<BINARY><STREAM encoding="gzip">' + rows + b"</STREAM></BINARY>"
    path = tmp_path / "a.vot"
    path.write_bytes(VOTABLE.replace(b"<TABLEDATA>", stream) + b"</DATA></TABLE></RESOURCE></VOTABLE>")
    with pytest.raises(BadTable, match="compressed rows"):
        SourceTable.read(path)


@pytest.mark.parametrize("format", ["parquet", "zarr"])
def test_a_stamp_file_that_expands_too_much_is_refused(tmp_path, format):
    import cutout_widgets as cw

    pytest.importorskip("zarr" if format == "zarr" else "pyarrow")
    table = SourceTable.read({"diaSourceId": [1, 2], "ra": [1.0, 2.0], "dec": [0.0, 0.0]})
    images = cw.ArrayImages.from_stamps([1, 2], None, np.zeros((2, 300, 300)), None)
    cw.save_cutouts(table, images, tmp_path, sizes=(300,), format=format, progress=False)
    [path] = (tmp_path / "stamps").iterdir()
    assert len(cw.open_images(f"stamps:{path}").table()) == 2  # as large as its file
    _repacked(path)
    with pytest.raises(cw.UnreadableImage, match=r"unpacks to more than 1 MiB; .*set_largest_unpacked"):
        cw.open_images(f"stamps:{path}").table()


def _repacked(path):
    """Rewrite a stamp file with 20 times as many pixels in far fewer bytes."""
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        pq.write_table(pa.concat_tables([table] * 20), path, compression="zstd")
        return
    import zarr

    with zarr.storage.ZipStore(path, mode="r") as store:
        old = zarr.open_group(store, mode="r")
        attributes = dict(old.attrs)
        kept = {name: np.asarray(array[...]) for name, array in old.arrays()}
    path.unlink()
    with zarr.storage.ZipStore(path, mode="w") as store:
        new = zarr.create_group(store, attributes=attributes)
        for name, array in kept.items():
            many = np.repeat(array, 20, axis=0) if array.ndim == 3 or name == "id" else array
            new.create_array(name, data=many)
