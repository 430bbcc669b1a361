"""Every reader keeps ids, gaps, flags, units: the same five rows through all of them."""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import astropy.units as u
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.io.votable.exceptions import W31
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

from cutout_widgets import BadTable, CutoutWarning, DiaSource, SourceTable

IDS = [2**53 + 1, -(2**53) - 1, 506428274000265570, -(2**63), 2**63 - 1]
OBJECTS = [2**53 + 1, None, -(2**53 + 1), None, 7]
FLAGS = [True, False, None, True, None]
BANDS = ["r", None, "i", "g", "y"]


def as_arrow() -> pa.Table:
    fields = pa.schema(
        [pa.field("diaSourceId", pa.int64()), pa.field("ra", pa.float64()), pa.field("dec", pa.float64()),
         pa.field("diaObjectId", pa.int64()), pa.field("isDipole", pa.bool_()), pa.field("band", pa.string()),
         pa.field("height", pa.float32(), metadata={"unit": "mJy", "description": "how high"})]
    )  # fmt: skip
    rows = [IDS, [1.5, 2, 3, 4, 5], [0.5, 1, 2, 3, 4], OBJECTS, FLAGS, BANDS, [1.5, 2, 3, 4, 5]]
    return pa.table(
        [pa.array(row, field.type) for row, field in zip(rows, fields, strict=True)], schema=fields
    )


def as_pandas() -> pd.DataFrame:
    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return as_arrow().to_pandas(types_mapper=nullable.get)


def as_astropy() -> Table:
    def masked(values: list, fill: object) -> MaskedColumn:
        return MaskedColumn(
            [fill if one is None else one for one in values], mask=[one is None for one in values]
        )

    table = Table(
        {"diaSourceId": IDS, "ra": [1.5, 2, 3, 4, 5], "dec": [0.5, 1, 2, 3, 4],
         "diaObjectId": masked(OBJECTS, 0), "isDipole": masked(FLAGS, False),
         "band": masked(BANDS, ""), "height": np.array([1.5, 2, 3, 4, 5], "f4")}
    )  # fmt: skip
    table["height"].unit = "mJy"
    table["height"].description = "how high"
    return table


def written(name: str, folder: Path) -> Path:
    """Write the five rows in a format."""
    path = folder / name
    arrow = as_arrow()
    if name.endswith(".parquet"):
        pa.parquet.write_table(arrow, path, row_group_size=2)
    elif name.endswith(".feather"):
        pa.feather.write_feather(arrow, path)
    elif name == "pandas.csv":
        as_pandas().to_csv(path, index=False)
    elif name == "indexed.csv":
        as_pandas().set_index("diaSourceId").to_csv(path)
    elif ".csv" in name:
        pa.csv.write_csv(arrow, path.with_suffix("") if name.endswith(".gz") else path)
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(path.with_suffix("").read_bytes()))
    elif name.endswith(".ecsv"):
        as_astropy().write(path)
    elif name == "binary2.vot":
        try:
            as_astropy().write(path, format="votable", tabledata_format="binary2")
        except W31:
            pytest.skip("astropy before 7 cannot write gaps among integers as BINARY2")
    elif name.endswith(".xml"):
        as_astropy().write(path, format="votable")
    return path


FORMATS = [
    "a.parquet",
    "a.feather",
    "a.csv",
    "a.csv.gz",
    "pandas.csv",
    "indexed.csv",
    "a.ecsv",
    "binary2.vot",
    "a.xml",
]
IN_MEMORY: dict[str, Callable[[], object]] = {
    "arrow": as_arrow,
    "chunked arrow": lambda: pa.concat_tables([as_arrow().slice(0, 2), as_arrow().slice(2)]),
    "record batch": lambda: as_arrow().to_batches()[0],
    "pandas nullable": as_pandas,
    "pandas indexed": lambda: as_pandas().set_index("diaSourceId"),
    "pandas arrow": lambda: as_arrow().to_pandas(types_mapper=pd.ArrowDtype),
    "pandas objects": lambda: as_pandas().astype(object),
    "astropy": as_astropy,
    "rows": lambda: as_arrow().to_pylist(),
    "lists": lambda: as_arrow().to_pydict(),
    "arrow arrays": lambda: dict(zip(as_arrow().column_names, as_arrow().columns, strict=True)),
    "masked arrays": lambda: {
        name: np.ma.MaskedArray(column) for name, column in as_astropy().columns.items()
    },
}


def assert_the_five_rows(table: SourceTable) -> None:
    rows = list(table)
    assert [row.id for row in rows] == IDS
    assert table.ids.tolist() == IDS
    assert table.ids.dtype == np.int64
    assert [row.row["diaObjectId"] for row in rows] == OBJECTS
    assert [row.flags["isDipole"] for row in rows] == FLAGS
    assert [row.band for row in rows] == BANDS
    assert [row.ra for row in rows] == [1.5, 2, 3, 4, 5]
    assert table.row(2**53 + 1).dec == 0.5


@pytest.mark.parametrize("name", FORMATS)
def test_files_keep_ids_gaps_and_flags(name: str, tmp_path: Path):
    path = written(name, tmp_path)
    assert_the_five_rows(SourceTable.read(path))
    assert_the_five_rows(SourceTable.read(str(path)))


@pytest.mark.parametrize("kind", IN_MEMORY)
def test_tables_in_memory_keep_ids_gaps_and_flags(kind: str):
    assert_the_five_rows(SourceTable.read(IN_MEMORY[kind]()))


@pytest.mark.parametrize("name", ["a.parquet", "a.ecsv", "binary2.vot", "a.xml"])
def test_files_keep_units_and_descriptions(name: str, tmp_path: Path):
    table = SourceTable.read(written(name, tmp_path))
    assert table.units["height"] == "mJy"
    assert table.descriptions["height"] == "how high"
    assert table.units["ra"] == "deg"  # from what we know of the name


def test_fits_keeps_ids_nulls_units_and_undefined_logicals(tmp_path: Path):
    columns = [
        fits.Column("diaSourceId", "K", array=np.array(IDS)),
        fits.Column("ra", "D", array=np.array([1.5, 2, 3, 4, 5]), unit="deg"),
        fits.Column("dec", "D", array=np.array([0.5, 1, 2, 3, 4])),
        fits.Column(
            "diaObjectId", "K", array=np.array([-99 if one is None else one for one in OBJECTS]), null=-99
        ),
        fits.Column("isDipole", "L", array=np.array([bool(one) for one in FLAGS])),
        fits.Column("band", "2A", array=np.array(["r", "", "i", "g", "y"])),
        fits.Column("height", "E", array=np.ones(5), unit="mJy"),
        fits.Column("moments", "3D", array=np.ones((5, 3))),
    ]
    path = tmp_path / "a.fits"
    fits.BinTableHDU.from_columns(columns).writeto(path)
    with fits.open(path) as hdus:
        start, width = hdus.fileinfo(1)["datLoc"], hdus[1].header["NAXIS1"]
    written_bytes = bytearray(path.read_bytes())
    for row in (2, 4):  # the byte that FITS reads as undefined, after four columns of 8 bytes
        written_bytes[start + row * width + 32] = 0
    path.write_bytes(written_bytes)
    table = SourceTable.read(path)
    assert_the_five_rows(table)
    assert table.units["height"] == "mJy"
    assert table.page(0, 1)[0].row["moments"] == [1.0, 1.0, 1.0]


def test_unsigned_ids_in_fits_are_exact(tmp_path: Path):
    ids = np.array([2**53 + 1, 2**62 + 1], np.uint64)
    columns = [fits.Column("id", "K", bzero=2**63, array=ids)]
    columns += [fits.Column(name, "D", array=np.ones(2)) for name in ("ra", "dec")]
    fits.BinTableHDU.from_columns(columns).writeto(tmp_path / "a.fits.gz")
    assert SourceTable.read(tmp_path / "a.fits.gz").ids.tolist() == ids.tolist()


def test_a_fits_file_of_images_is_refused_with_its_name(tmp_path: Path):
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "a.fits")
    with pytest.raises(BadTable, match=r"a.fits has no table"):
        SourceTable.read(tmp_path / "a.fits")


def test_masks_survive_in_parquet_written_by_astropy(tmp_path: Path):
    as_astropy().write(tmp_path / "a.parquet")
    table = SourceTable.read(tmp_path / "a.parquet")
    assert_the_five_rows(table)
    assert table.units["height"] == "mJy"
    assert "band.mask" not in table.columns


@pytest.mark.parametrize(
    "ids",
    [
        [str(one) for one in IDS],
        [f" {one} " for one in IDS],
        [Decimal(one) for one in IDS],
        pd.Categorical([str(one) for one in IDS]),
    ],
)
def test_ids_as_text_or_decimals_are_exact(ids: object):
    frame = pd.DataFrame({"diaSourceId": ids, "ra": np.ones(5), "dec": np.ones(5)})
    assert SourceTable.read(frame).ids.tolist() == IDS


@pytest.mark.parametrize(
    "ids, reason",
    [
        (["12", "12a"], "'12a' is not a whole number"),
        (["1.5"], "'1.5' is not a whole number"),
        (["9223372036854775808"], "not a signed 64-bit integer"),
        (np.array([2**63], np.uint64), "not a signed 64-bit integer"),
        ([2**70], "not a signed 64-bit integer"),
        ([1.5], "1.5 is not a whole number"),
        ([True], "of type bool"),
        (np.array([2.0**25], np.float32), "came as float"),
        ([float("inf")], "came as double"),
        ([Decimal("1.5")], "not a signed 64-bit integer"),
    ],
)
def test_impossible_ids_are_refused(ids: object, reason: str):
    with pytest.raises(BadTable, match=reason):
        SourceTable.read({"diaSourceId": ids, "ra": [1.0] * len(ids), "dec": [1.0] * len(ids)})


@pytest.mark.parametrize("column", ["diaSourceId", "id"])
def test_text_ids_are_kept_and_rows_are_numbered(column: str):
    rows = pd.DataFrame({column: ["cand0", "cand1", None], "ra": [1.0, 2.0, 3.0], "dec": [0.0] * 3})
    with pytest.warns(CutoutWarning, match="'cand0', for instance.* names are in column 'name'"):
        table = SourceTable.read(rows)
    assert table.values("name").tolist() == ["cand0", "cand1"]  # the third has no id, as ever
    assert all(type(one.id) is int and one.id > 0 for one in table)
    with pytest.warns(CutoutWarning):
        again = SourceTable.read(rows.iloc[::-1])
    assert again.where("name == 'cand1'").ids.tolist() == table.where("name == 'cand1'").ids.tolist()


@pytest.mark.parametrize("made", [QTable, dict])
def test_a_skycoord_column_gives_the_position(made):
    place = SkyCoord([10.0, 20.0], [-5.0, 5.0], unit="deg").galactic
    table = SourceTable.read(made({"id": [1, 2], "coord": place}))
    assert table.values("ra") == pytest.approx([10.0, 20.0])
    assert table.values("dec") == pytest.approx([-5.0, 5.0])


def test_a_word_among_numbers_is_reported_and_the_others_stay_numbers(tmp_path: Path):
    (tmp_path / "a.csv").write_text(
        "diaSourceId,ra,dec,snr,psfFlux\n1,0,0,5.5,1\n2,0,0,--,2\n3,0,0,9.5,bad\n"
    )
    with pytest.warns(CutoutWarning) as told:
        table = SourceTable.read(tmp_path / "a.csv")
    assert sorted(str(one.message).split("; ")[0] for one in told) == [
        "column 'psfFlux' holds numbers, but 'bad' is not a number",
        "column 'snr' holds numbers, but '--' is not a number",
    ]
    assert table.sort("-snr").ids.tolist() == [3, 1, 2]
    assert table.where("snr > 6").ids.tolist() == [3]
    assert [one.row["psfFlux"] for one in table] == [1.0, 2.0, None]


def test_a_csv_with_byte_order_mark_semicolons_and_crlf_is_read(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes("\ufeffdiaSourceId;ra;dec\r\n9007199254740993;2.5;3\r\n".encode())
    row = SourceTable.read(tmp_path / "a.csv").page(0, 1)[0]
    assert (row.id, row.ra, row.dec) == (9007199254740993, 2.5, 3.0)


def test_zeros_and_ones_in_csv_flag_columns_become_flags(tmp_path: Path):
    (tmp_path / "a.csv").write_text(
        "id,ra,dec,pixelFlags_edge,isDipole,shape_flag\n1,1,1,1,0.0,\n2,1,1,,1.0,t\n"
    )
    rows = list(SourceTable.read(tmp_path / "a.csv"))
    assert [dict(row.flags) for row in rows] == [
        {"pixelFlags_edge": True, "isDipole": False, "shape_flag": None},
        {"pixelFlags_edge": None, "isDipole": True, "shape_flag": True},
    ]


def test_a_flag_column_with_other_numbers_stays_numeric():
    table = SourceTable.read({"id": [1, 2], "ra": [1.0, 2], "dec": [1.0, 2], "shape_flag": [3, 4]})
    assert table.flag_columns == ()
    assert table.page(0, 1)[0].row["shape_flag"] == 3


@pytest.mark.parametrize(
    "name, content, reason",
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.parquet", b"PAR1 nonsense", "a.parquet could not be read"),
        ("a.fits", b"nonsense", "a.fits could not be read"),
        ("a.vot", b"<nonsense", "a.vot could not be read"),
        ("a.ecsv", b"nonsense", "a.ecsv could not be read|lacks id"),
        ("a.docx", b"", "a table file ends in"),
        ("a.csv.gz", b"not gzip", "a.csv.gz could not be read"),
        ("a.csv", b"id,ra,dec\n1,2\n", "a.csv, line 2"),
    ],
)
def test_a_broken_file_is_refused_with_its_name(name: str, content: bytes, reason: str, tmp_path: Path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadTable, match=reason) as caught:
        SourceTable.read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_reported():
    with pytest.raises(BadTable, match=r"no such table: nowhere.parquet"):
        SourceTable.read("nowhere.parquet")


def test_quantities_positions_and_times_become_plain_columns():
    table = QTable({"id": [1, 2], "ra": [1, 2] * u.deg, "dec": [3, 4] * u.deg, "size": [5, 6] * u.arcsec})
    table["start"] = Time([60000.0, 60001.0], format="mjd", scale="tai")
    table["place"] = SkyCoord([7, 8], [9, 10], unit="deg")
    read = SourceTable.read(table)
    row = read.page(1, 1)[0].row
    assert (row["ra"], row["size"], row["start"], row["place.ra"]) == (2.0, 6.0, 60001.0, 8.0)
    assert read.units["size"] == "arcsec"


def test_mixed_columns_are_kept_as_text_with_a_warning():
    with pytest.warns(CutoutWarning, match="'note' mixes types"):
        table = SourceTable.read({"id": [1, 2], "ra": [1.0, 2], "dec": [1.0, 2], "note": [1, "a"]})
    assert [row.row["note"] for row in table] == ["1", "a"]


def test_big_endian_and_half_precision_arrays_are_made_native():
    table = SourceTable.read(
        {"id": np.array([2**53 + 1], ">i8"), "ra": np.array([1.5], ">f8"), "dec": np.array([2.5], "f2")}
    )
    assert table.ids.tolist() == [2**53 + 1]
    assert table.where("dec > 2").page(0, 1)[0].ra == 1.5


def test_structured_arrays_are_tables():
    rows = np.array([(2**53 + 1, 1.0, 2.0)], dtype=[("id", "i8"), ("ra", "f8"), ("dec", "f8")])
    assert SourceTable.read(rows).ids.tolist() == [2**53 + 1]


def test_nan_stays_nan_and_null_becomes_none():
    table = SourceTable.read(
        {"id": [1, 2], "ra": [1.0, 2], "dec": [1.0, 2], "flux": pa.array([float("nan"), None], pa.float64())}
    )
    first, second = table
    assert np.isnan(first.row["flux"])
    assert second.row["flux"] is None


def test_real_alert_rows_keep_exact_values(shared: Path):
    fastavro = pytest.importorskip("fastavro", reason="reading alert packets needs fastavro")
    paths = sorted((shared / "data/lsstcam_real").glob("*.avro"))
    rows = []
    for path in paths:
        with path.open("rb") as file:
            rows += [packet["diaSource"] for packet in fastavro.reader(file)]
    table = SourceTable.read(rows)
    assert [str(id) for id in table.ids] == [path.stem.split("_")[0] for path in paths]
    assert len(table.flag_columns) == 38  # v9 packets; APDB 10 has 39
    assert all(isinstance(row.row["diaObjectId"], int) for row in table)


@pytest.mark.parametrize("unit", [u.rad, u.hourangle, u.arcmin])
def test_positions_in_another_unit_become_degrees(unit: u.Unit):
    angles = ([10.0, 350.0] * u.deg).to(unit)
    source = Table({"diaSourceId": [1, 2], "coord_ra": angles, "coord_dec": [-1.0, 2.0] * u.deg})
    table = SourceTable.read(source)
    assert [row.ra for row in table] == pytest.approx([10.0, 350.0])
    assert table.values("ra") == pytest.approx([10.0, 350.0])
    assert table.units["coord_ra"] == "deg"


def test_a_position_in_a_unit_that_is_not_an_angle_is_refused():
    with pytest.raises(BadTable, match=r"'ra' is a position.*'mJy'"):
        SourceTable.read({"diaSourceId": [1], "ra": [1.0] * u.mJy, "dec": [1.0]})


def test_positions_that_are_not_numbers_are_reported():
    with pytest.warns(CutoutWarning, match="'10:30:00' is not a number"):
        table = SourceTable.read(
            {"diaSourceId": [1, 2, 3], "ra": ["10:30:00", "5.5", ""], "dec": [0.0, 0.0, 0.0]}
        )
    assert [row.ra for row in table] == pytest.approx([np.nan, 5.5, np.nan], nan_ok=True)


def test_columns_that_arrow_has_no_type_for_are_kept_as_text_or_plain_numbers():
    frame = pd.DataFrame(
        {"diaSourceId": [1, 2], "ra": 1.0, "dec": 2.0, "gaps": pd.arrays.SparseArray([0, 1])}
    )
    frame["wave"] = [1j, 2.0]
    with pytest.warns(CutoutWarning, match="'wave'"):
        rows = list(SourceTable.read(frame))
    assert [row.row["gaps"] for row in rows] == [0, 1]
    assert rows[0].row["wave"] == "1j"


@pytest.mark.parametrize(
    "values", [pd.Categorical(["True", "False", None]), ["yes", "NO", None], ["Y", "n", ""]]
)
def test_true_and_false_as_words_become_flags(values: object):
    frame = pd.DataFrame({"diaSourceId": [1, 2, 3], "ra": 1.0, "dec": 2.0, "isDipole": values})
    assert [row.flags["isDipole"] for row in SourceTable.read(frame)] == [True, False, None]


def test_a_page_of_rows_makes_a_table_of_the_same_values():
    whole = SourceTable.read(as_arrow())
    page = SourceTable.read(whole.page(0, 3))
    assert page.columns == whole.columns
    assert page.ids.tolist() == IDS[:3]
    assert [(one.row, one.flags, one.band) for one in page] == [
        (one.row, one.flags, one.band) for one in whole.take([0, 1, 2])
    ]


def test_a_list_of_diasources_makes_a_table():
    made = [
        DiaSource(IDS[0], 1.5, 0.5, visit=7, detector=3, band="r", flags={"isDipole": True}),
        DiaSource(IDS[1], 2.5, -0.5, row={"snr": 4.0}),
    ]
    one, other = SourceTable.read(made)
    assert (one.id, one.ra, one.dec, one.visit, one.detector, one.band) == (IDS[0], 1.5, 0.5, 7, 3, "r")
    assert one.flags == {"isDipole": True}
    assert (other.id, other.dec, other.visit, other.flags) == (IDS[1], -0.5, None, {"isDipole": None})
    assert other.row["snr"] == 4.0


def test_a_page_of_another_survey_keeps_its_own_names():
    whole = SourceTable.read(
        {"candid": np.array(IDS), "ra": np.ones(5), "dec": np.ones(5), "fid": [1, 2, 1, 2, 1]}
    )
    page = SourceTable.read(whole.page(0, 2))
    assert "diaSourceId" not in page.columns
    assert [(one.id, one.band) for one in page] == [(one.id, one.band) for one in whole.take([0, 1])]


def test_short_byte_strings_become_text():
    import pyarrow as pa

    names = [b"LSSTCam", None, "ComCam é".encode()]
    expected = ["LSSTCam", None, "ComCam é"]
    base = {"diaSourceId": [1, 2, 3], "ra": [1.0] * 3, "dec": [2.0] * 3}
    for table in (
        pd.DataFrame(base | {"instrument": names}),
        pd.DataFrame(base | {"instrument": pd.Categorical(names)}),
        pa.table(base | {"instrument": pa.array(names)}),
        pa.table(base | {"instrument": pa.array(names, pa.large_binary())}),
    ):
        rows = SourceTable.read(table)
        assert [row.row["instrument"] for row in rows] == expected
        assert len(rows.where("instrument == 'LSSTCam'")) == 1
    fixed = pa.table(base | {"band": pa.array([b"g", b"r", b"r"], pa.binary(1))})
    assert len(SourceTable.read(fixed).where("band == 'r'")) == 2


@pytest.mark.parametrize("value", [b"\xff\xfe", b"SIMPLE" * 100], ids=["no UTF-8", "a file"])
def test_binary_columns_stay_binary(value):
    rows = SourceTable.read(pd.DataFrame({"diaSourceId": [1], "ra": [1.0], "dec": [2.0], "stamp": [value]}))
    assert rows.page(0, 1)[0].row["stamp"] == value


def two_tables(path, first, second):
    """A FITS file of two tables, the column values of the first all 1, of the second all 2."""
    hdus = [fits.PrimaryHDU()]
    for level, (name, columns) in enumerate((first, second), start=1):
        made = [fits.Column(one, "K" if one.endswith("Id") else "D", array=[level]) for one in columns]
        hdus.append(fits.BinTableHDU.from_columns(made, name=name))
    fits.HDUList(hdus).writeto(path)
    return path


PLACED = ("diaSourceId", "ra", "dec")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("INDEX", ("visit", "n")), ("ROWS", PLACED), False),
        (("OBJECTS", ("diaObjectId", "ra", "dec")), ("ROWS", PLACED), False),
        (("ALERT", PLACED), ("ROWS", (*PLACED, "psfFlux")), True),
        (("ALERT", PLACED), ("DIASOURCE", PLACED), True),
    ],
)
def test_of_several_fits_tables_the_one_with_the_sources_is_read(tmp_path, first, second, told):
    path = two_tables(tmp_path / "a.fits", first, second)
    with pytest.warns(CutoutWarning, match=f"{second[0]} is read") if told else nullcontext():
        assert SourceTable.read(path).page(0, 1)[0].ra == 2.0


def test_several_equally_good_fits_tables_are_refused(tmp_path):
    path = two_tables(tmp_path / "a.fits", ("CCD1", PLACED), ("CCD2", PLACED))
    with pytest.raises(BadTable, match=r"choose one: 'a.fits\[NAME\]' .* 1 CCD1, 2 CCD2"):
        SourceTable.read(path)
    for chosen, ra in (("CCD1", 1.0), ("2", 2.0)):
        assert SourceTable.read(f"{path}[{chosen}]").page(0, 1)[0].ra == ra
    with pytest.raises(BadTable, match="CCD3"):
        SourceTable.read(f"{path}[CCD3]")


WAYS = {
    "a float": lambda id: int(float(id)),
    "JavaScript": lambda id: int(Decimal(repr(float(id)))),  # 170239611403501600: shortest digits, zeros
    "printf": lambda id: int(Decimal(f"{float(id):.17g}")),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("column", ["diaSourceId", "diaObjectId", "id"])
def test_ids_that_look_rounded_by_floats_are_reported(column: str, way: str):
    ids = [WAYS[way](170239611403501616 + 12345677 * n) for n in range(20)]
    rows = {"diaSourceId": list(range(1, 21)), "ra": [0.0] * 20, "dec": [0.0] * 20}
    if column == "id":
        del rows["diaSourceId"]
    with pytest.warns(CutoutWarning, match=f"{column}.*were rounded and may be"):
        SourceTable.read({**rows, column: ids})


@pytest.mark.parametrize(
    "ids",
    [
        [170239611403501616 + 12345677 * n for n in range(200)],
        [2**57, 2**57 + 32, 2**57 + 64],  # three may be so by chance
        [*(int(float(170239611403501616 + 12345677 * n)) for n in range(20)), 170239611403501617],
        [64 * n for n in range(200)],  # no float rounds numbers of this size
    ],
)
def test_exact_ids_are_not_reported_as_rounded(ids: list[int]):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SourceTable.read({"diaSourceId": ids, "ra": [0.0] * len(ids), "dec": [0.0] * len(ids)})


class Lent:
    """A table of another library, of which only the Arrow interface is known."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Lazy:
    """A table of another library that is not made yet."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def collect(self) -> Lent:
        return Lent(self._table)


def with_views() -> pa.Table:
    words = pa.array(["r", None, "a name longer than twelve bytes"], pa.string_view())
    return pa.table(
        {
            "diaSourceId": [1, 2, 3],
            "ra": [0.0] * 3,
            "dec": [0.0] * 3,
            "band": words,
            "raw": pa.array([b"ab", None, b"c"], pa.binary_view()),
            "kind": pa.DictionaryArray.from_arrays(
                pa.array([0, 1, 0]), pa.array(["x", "y"], pa.string_view())
            ),
        }
    )


@pytest.mark.parametrize(
    "kind", [lambda one: one, Lent, Lazy, lambda one: dict(zip(one.column_names, one.columns, strict=True))]
)
def test_string_view_columns_of_polars_are_text(kind):
    table = SourceTable.read(kind(with_views()))
    assert [one.band for one in table.page(0, 3)] == ["r", None, "a name longer than twelve bytes"]
    assert table.where("band == 'r' and kind == 'x'").ids.tolist() == [1]
    assert table.sort("-band").ids.tolist() == [1, 3, 2]
    assert [one.row["raw"] for one in table.page(0, 3)] == ["ab", None, "c"]
    assert [one.row["kind"] for one in table.page(0, 3)] == ["x", "y", "x"]


def test_a_pandas_range_index_in_parquet_becomes_a_column(tmp_path: Path):
    frame = pd.DataFrame(
        {"ra": [1.0, 2.0], "dec": [0.0, 0.0]}, index=pd.RangeIndex(5, 9, 2, name="diaSourceId")
    )
    frame.to_parquet(tmp_path / "a.parquet")
    assert pa.parquet.read_schema(tmp_path / "a.parquet").names == ["ra", "dec"]
    assert SourceTable.read(tmp_path / "a.parquet").ids.tolist() == [5, 7]
    assert SourceTable.read(pa.Table.from_pandas(frame)).ids.tolist() == [5, 7]
    with pytest.raises(BadTable, match="lacks id"):  # a row of it: the range says no longer which
        SourceTable.read(pa.Table.from_pandas(frame).slice(1))


def test_a_parquet_folder_has_the_columns_of_all_its_files(tmp_path: Path):
    near = {"ra": [0.0, 1.0], "dec": [0.0, 0.0]}
    folder = tmp_path / "sources"
    folder.mkdir()
    old = pa.table(
        {"diaSourceId": IDS[:2], **near, "diaObjectId": [2**53 + 1, 7], "n": pa.array([1, 2], pa.int8())}
    )
    new = {
        "diaSourceId": IDS[2:4],
        **near,
        "diaObjectId": [np.nan, 9.0],
        "n": [0.5, 1.5],
        "isDipole": [True, False],
    }
    pa.parquet.write_table(old, folder / "a.parquet")
    pd.DataFrame(new).to_parquet(folder / "b.parquet")
    table = SourceTable.read(folder)
    assert table.ids.tolist() == IDS[:4]
    assert [one.row["diaObjectId"] for one in table] == [2**53 + 1, 7, None, 9]
    assert table.values("n").tolist() == [1.0, 2.0, 0.5, 1.5]
    assert [one.flags["isDipole"] for one in table] == [None, None, True, False]


def test_range_index_ids_are_read_from_every_file_of_a_folder(tmp_path: Path):
    for name, start in (("a", 10), ("b", 20)):
        index = pd.RangeIndex(start, start + 2, name="diaSourceId")
        pd.DataFrame({"ra": [0.0, 0.0], "dec": [0.0, 0.0]}, index=index).to_parquet(
            tmp_path / f"{name}.parquet"
        )
    assert SourceTable.read(tmp_path).ids.tolist() == [10, 11, 20, 21]


def test_files_with_different_units_in_a_column_are_refused(tmp_path: Path):
    for name, unit in (("a", "nJy"), ("b", "uJy")):
        columns = {"diaSourceId": [1], "ra": [0.0], "dec": [0.0], "psfFlux": [1.0]}
        plain = pa.table(columns)
        fields = [one.with_metadata({"unit": unit}) if one.name == "psfFlux" else one for one in plain.schema]
        table = pa.table(plain.columns, schema=pa.schema(fields))
        if name == "b":
            table = table.append_column("more", pa.array([1]))
        pa.parquet.write_table(table, tmp_path / f"{name}.parquet")
    with pytest.raises(BadTable, match=r"'nJy' in a\.parquet and in 'uJy' in b\.parquet"):
        SourceTable.read(tmp_path)
