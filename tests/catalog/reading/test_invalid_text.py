"""Text that is not UTF-8 in Arrow and Parquet: a replacement character, never an error of Python."""

from __future__ import annotations

import warnings

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cutout_widgets as cw
from cutout_widgets.catalog.reading.invalid_text import readable_text, rows_of
from cutout_widgets.errors import CutoutWarning

BAD = pa.array([b"caf\xe9", None, b"\xed\xa0\x80", b"g"]).view(pa.string())
"""Latin-1, NULL, half a character, ASCII."""
GOOD = ["caf\ufffd", None, "\ufffd\ufffd\ufffd", "g"]
ROWS = pa.table({"diaSourceId": [1, 2, 3, 4], "ra": [10.0] * 4, "dec": [5.0] * 4, "band": BAD})


def as_hats(folder):
    part = folder / "dataset" / "Norder=0" / "Dir=0"
    part.mkdir(parents=True)
    pq.write_table(ROWS.append_column("_healpix_29", pa.array([0, 1, 2, 3])), part / "Npix=0.parquet")
    (folder / "partition_info.csv").write_text("Norder,Npix\n0,0\n")
    (folder / "hats.properties").write_text(
        "obs_collection=a\ndataproduct_type=object\nhats_nrows=4\nhats_col_ra=ra\nhats_col_dec=dec\nhats_order=0\n"
    )
    return folder


def as_parquet(folder):
    pq.write_table(ROWS, folder / "a.parquet")
    return folder / "a.parquet"


SOURCES = {
    "arrow": lambda folder: ROWS,
    "dictionary": lambda folder: ROWS.set_column(3, "band", BAD.dictionary_encode()),
    "parquet": as_parquet,
    "hats": as_hats,
}


@pytest.mark.parametrize("made", SOURCES.values(), ids=SOURCES)
def test_rows_with_invalid_text_are_shown_filtered_and_sorted(made, tmp_path):
    with pytest.warns(CutoutWarning, match="'band' has text that is not UTF-8"):
        table = cw.SourceTable.read(made(tmp_path))
    assert [row.band for row in table.page(0, 4)] == GOOD
    assert table.where("band == 'g'").ids.tolist() == [4]
    assert table.sort("band").ids.tolist()[:2] == [1, 4]


def test_valid_text_is_not_copied():
    column = pa.array(["é", None, "<script>"])
    assert readable_text(column) is column


def test_rows_of_nested_columns_keep_their_other_values():
    struct = pa.StructArray.from_arrays([BAD, pa.array([1, 2, 3, 4])], ["band", "n"])
    batch = pa.record_batch({"one": struct, "many": pa.ListArray.from_arrays([0, 2, 2, 4, 4], struct)})
    rows = rows_of(batch)
    assert rows[0] == {"one": {"band": "caf\ufffd", "n": 1}, "many": [*(row["one"] for row in rows[:2])]}
    assert rows[3] == {"one": {"band": "g", "n": 4}, "many": []}


def test_packets_with_invalid_text_are_read(tmp_path):
    source = pa.StructArray.from_arrays(
        [pa.array([7, 8, 9, 10]), pa.array([10.0] * 4), pa.array([5.0] * 4), BAD],
        ["diaSourceId", "ra", "dec", "band"],
    )
    packets = pa.table({"diaSourceId": [7, 8, 9, 10], "observation_reason": BAD, "diaSource": source})
    pq.write_table(packets, tmp_path / "a.parquet")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CutoutWarning)
        table = cw.AlertImages(tmp_path / "a.parquet").table()
    assert [row.band for row in table] == GOOD
