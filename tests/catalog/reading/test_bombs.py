"""Tables that unpack to far more than they should are refused in a sentence."""

from __future__ import annotations

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
def test_a_compressed_text_that_does_not_end_in_time_is_refused(tmp_path, name, head, line):
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


def test_a_large_table_that_is_packed_as_tables_are_is_read(tmp_path):
    lines = b"".join(b"%d,%.7f,%.7f\n" % (n, n * 0.001234567, n * 1e-5) for n in range(1, 60_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"diaSourceId,ra,dec\n" + lines))
    assert len(lines) > 1 << 20
    assert len(SourceTable.read(tmp_path / "a.csv.gz")) == 59_999
