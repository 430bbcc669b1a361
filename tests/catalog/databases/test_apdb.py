"""Alert production databases: the same four rows in every kind of database."""

from __future__ import annotations

import math
import pickle
import sqlite3
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from cutout_widgets import BadTable, CutoutWarning, SourceTable, UnknownOption, read_apdb
from cutout_widgets.catalog.databases.apdb import DEFAULT_EXCLUDED, Apdb, Selection
from cutout_widgets.catalog.databases.database import reason as reason_of

from .conftest import IDS, OBJECT, driven, fill_by_hand, fill_by_the_stack

pytest.importorskip("sqlalchemy", reason="reading an APDB needs SQLAlchemy")


@pytest.fixture(
    scope="module", params=["1.0.0", "10.0.0", "lsst-dax-apdb", "postgresql 1.0.0", "postgresql 10.0.0"]
)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    kind = request.param
    folder = tmp_path_factory.mktemp("apdb")
    if kind == "lsst-dax-apdb":
        return fill_by_the_stack(folder)
    version = kind.rpartition(" ")[2]
    if kind.startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        schema = "apdb_" + version.replace(".", "_")
        fill_by_hand(driven(server), version=version, schema=schema)
        return f"{server}#{schema}"
    address = f"sqlite:///{folder / 'apdb.db'}"
    fill_by_hand(address, version=version)
    return address


def test_ids_are_exact_and_in_ascending_order_with_nulls_present(url: str):
    table = SourceTable.read(url)
    assert table.ids.tolist() == IDS
    assert [row.row["diaObjectId"] for row in table] == [OBJECT, OBJECT + 1, OBJECT, None]


def test_rows_are_typed_and_null_flags_are_not_false(url: str):
    row = SourceTable.read(url).row(506428274000265570)
    assert (row.ra, row.dec, row.visit, row.detector, row.band) == (10.5, -45.25, 943296, 168, "r")
    assert row.row["psfFlux"] == 100.5
    assert row.flags["pixelFlags_bad"] is False
    assert row.flags["isDipole"] is None
    assert row.flags["pixelFlags_edge"] is None


def test_the_instrument_comes_from_the_database_unless_given(url: str):
    assert SourceTable.read(url).page(0, 1)[0].row["instrument"] == "LSSTCam"
    assert read_apdb(url, instrument="HSC").page(0, 1)[0].row["instrument"] == "HSC"


@pytest.mark.parametrize(
    "selection, expected",
    [
        ({"reliability": (0.5, None)}, [-5, 9007199254740993]),
        ({"reliability": (0.125, 0.5)}, [9007199254740993, 506428274000265570]),
        ({"exclude_flags": ["pixelFlags_bad"]}, IDS[:3]),
        ({"exclude_flags": ["pixelFlags_bad", "pixelFlags_edge"]}, [-5, 506428274000265570]),
        ({"visit": 943296}, IDS[2:]),
        ({"visit": [943296, 1]}, IDS[2:]),
        ({"visit": np.int64(943296)}, IDS[2:]),
        ({"visit": 982985, "detector": 164}, [-5]),
        ({"band": ["g", "i"]}, IDS[:2]),
        ({"band": "g"}, [9007199254740993]),
        ({"time": (60001.0, 60002.0)}, [-5, 506428274000265571]),
        ({"object": OBJECT}, [-5, 506428274000265570]),
        ({"limit": 3}, IDS[:3]),
        ({"limit": 0}, []),
        ({"visit": 5}, []),
    ],
)
def test_rows_are_selected_by_the_database(url: str, selection: dict[str, Any], expected: list[int]):
    assert read_apdb(url, **selection).ids.tolist() == expected
    if "limit" not in selection:
        assert Apdb(url).count(Selection(**selection)) == len(expected)


@pytest.mark.parametrize(
    "wrong, reason",
    [
        ({"visit": 1.5}, r"visit takes whole numbers of 64 bits; got 1\.5"),
        ({"visit": math.nan}, "visit takes whole numbers .* got nan"),
        ({"visit": 2**70}, f"visit takes whole numbers of 64 bits; got {2**70}"),
        ({"visit": "x"}, "visit takes whole numbers .* got 'x'"),
        ({"visit": b"12"}, "visit takes whole numbers .* got b'12'"),
        ({"detector": True}, "detector takes whole numbers .* got True"),
        ({"object": [None]}, "object takes whole numbers .* got None"),
        ({"object": float(OBJECT)}, "object came as the float 5[0-9]*, .*rounded"),
        ({"limit": "three"}, "limit takes whole numbers .* got 'three'"),
        ({"limit": 2.5}, r"limit takes whole numbers .* got 2\.5"),
        ({"limit": [3]}, r"limit takes whole numbers .* got \[3\]"),
        ({"limit": -1}, "a limit is not negative; got -1"),
        ({"reliability": 0.5}, r"reliability takes the lowest and the highest .* got 0\.5"),
        ({"reliability": ("a", "b")}, r"reliability takes the lowest .* got \('a', 'b'\)"),
        ({"reliability": "12"}, "reliability takes the lowest .* got '12'"),
        ({"reliability": (0.9, 0.1)}, r"reliability takes the lower number first; got \(0\.9, 0\.1\)"),
        ({"reliability": (math.nan, None)}, "reliability takes the lowest .* got .nan, None"),
        ({"time": (1, 2, 3)}, "time takes the lowest .* got .1, 2, 3"),
        ({"band": 3}, "band takes a name or several; got 3"),
        ({"exclude_flags": [None]}, "exclude_flags takes a name or several; got None"),
        ({"exclude_flags": ["ra"]}, "has no flag 'ra'; it has pixelFlags_bad, pixelFlags_edge, isDipole"),
        ({"columns": [3]}, "columns takes a name or several; got 3"),
    ],
)
def test_an_argument_of_the_wrong_type_is_refused(tmp_path: Path, wrong: dict[str, Any], reason: str):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with pytest.raises(BadTable, match=reason) as caught:
        read_apdb(str(tmp_path / "a.db"), **wrong)
    assert "\n" not in str(caught.value)


def test_a_single_name_is_accepted_in_place_of_a_list(url: str):
    assert read_apdb(url, exclude_flags="pixelFlags_bad").ids.tolist() == IDS[:3]
    assert "snr" in read_apdb(url, columns="snr").columns


def test_numbers_of_any_numeric_type_are_accepted(url: str):
    for visit in ("943296", 943296.0, np.array([943296]), (one for one in [943296])):
        assert read_apdb(url, visit=visit).ids.tolist() == IDS[2:]
    assert read_apdb(url, visit=None, exclude_flags=None).ids.tolist() == IDS
    assert read_apdb(url, limit="3").ids.tolist() == IDS[:3]


def test_hundreds_of_thousands_of_objects_fit_in_one_request(url: str):
    assert read_apdb(url, object=range(OBJECT - 200_000, OBJECT + 1)).ids.tolist() == [IDS[0], IDS[2]]


def test_flags_missing_from_a_schema_exclude_nothing_and_are_named(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="1.0.0")
    with pytest.warns(CutoutWarning, match="does not have pixelFlags_suspect, pixelFlags_saturatedCenter"):
        table = read_apdb(f"sqlite:///{tmp_path / 'a.db'}", exclude_flags=DEFAULT_EXCLUDED)
    assert table.ids.tolist() == [-5, 506428274000265570]


def test_a_flag_that_no_schema_has_is_refused(url: str):
    with pytest.raises(BadTable, match=r"no flag 'isDipol'; did you mean 'isDipole'"):
        read_apdb(url, exclude_flags=["isDipol"])


def test_an_unknown_selection_is_refused_by_name(url: str):
    with pytest.raises(UnknownOption, match="does not know 'visits'; did you mean 'visit'"):
        read_apdb(url, visits=3)


def test_only_requested_and_required_columns_are_read(url: str):
    table = read_apdb(url, columns=["snr"])
    assert set(table.columns) == {"diaSourceId", "ra", "dec", "snr", "instrument"}
    with pytest.raises(BadTable, match="no column 'snrr'; did you mean 'snr'"):
        read_apdb(url, columns=["snrr"])


def test_pages_follow_each_other_by_key(url: str):
    database = Apdb(url)
    assert [page.ids.tolist() for page in database.pages(size=3)] == [IDS[:3], IDS[3:]]
    assert [page.ids.tolist() for page in database.pages(size=2)] == [IDS[:2], IDS[2:]]
    assert [page.ids.tolist() for page in database.pages(size=9, after=IDS[1])] == [IDS[2:]]
    assert [page.ids.tolist() for page in database.pages(Selection(limit=3), size=2)] == [IDS[:2], IDS[2:3]]


def test_the_history_of_an_object_joins_detections_and_forced_sources(url: str):
    database = Apdb(url)
    history = database.history(OBJECT)
    assert history["time"].tolist() == [59999.5, 60000.0, 60002.0]
    assert history["kind"].tolist() == ["forced", "detection", "detection"]
    assert history["flux"].tolist() == [3.0, 100.5, -30.0]
    assert history["id"].tolist() == [7, 506428274000265570, -5]
    assert history["visit"].tolist() == [1, 943296, 982985]
    assert history["detector"].tolist() == [2, 168, 164]
    assert history.equals(database.history(database.table().row(-5)))


def test_the_history_of_a_source_without_object_is_the_source_itself(url: str):
    database = Apdb(url)
    history = database.history(database.table().row(506428274000265571))
    assert history["id"].tolist() == [506428274000265571]
    assert history["flux"].isna().all()


def test_object_ids_stored_as_floats_give_only_the_history_that_is_certain(url: str):
    database = Apdb(url)
    rows = database.table().to_pandas()
    rows["diaObjectId"] = [math.nan, 7.0, 0.0, float(OBJECT)]  # as pandas reads integers beside NULLs
    with pytest.warns(CutoutWarning, match="came as double"):
        table = SourceTable.read(rows)
    found = [database.history(row)["id"].tolist() for row in table.page(0, 3)]
    assert found == [[IDS[0]], [], [IDS[2]]]  # none is of an object 7
    with pytest.raises(
        BadTable, match=r"diaObjectId came as the float 5\d+, .* rounded.*read the table with"
    ):
        database.history(table.row(IDS[3]))


@pytest.mark.parametrize("wrong", [None, math.nan, 1.5, "one", True, 2**63, float(OBJECT)])
def test_the_history_of_something_that_is_not_an_object_is_refused(tmp_path: Path, wrong: Any):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with pytest.raises(BadTable, match="diaObjectId"):
        Apdb(str(tmp_path / "a.db")).history(wrong)


def test_a_database_object_pickles_and_serves_many_threads(url: str):
    database = pickle.loads(pickle.dumps(Apdb(url)))
    with ThreadPoolExecutor(8) as pool:
        tables = list(pool.map(lambda _: database.table().ids.tolist(), range(16)))
    assert tables == [IDS] * 16


def test_nothing_can_be_written(url: str):
    import sqlalchemy as sa

    database = Apdb(url)
    table = database._tables["DiaSource"]
    with pytest.raises(BadTable, match=r"(?i)read.?only"):
        database._rows(sa.delete(table))
    assert database.count() == 4


def test_a_missing_address_is_reported():
    with pytest.raises(BadTable, match=r"wanted the URL of an APDB, such as sqlite:///apdb\.db; got no text"):
        read_apdb("")


@pytest.mark.parametrize(
    "address, reason",
    [
        ("sqlite:///nowhere.db", "no such APDB: nowhere.db .*four slashes"),
        ("nowhere.sqlite3", "no such APDB: nowhere.sqlite3"),
        ("cassandra://host/keyspace", "Cassandra.*PPDB.*DataFrame"),
        ("mysql://host/db", "no tables from 'mysql:'"),
        ("postgresql://vera:secret@127.0.0.1:1/db", "could not be opened"),
        ("postgresql://127.0.0.1:1/db", "could not be opened"),  # by the name one has on this machine
        ("postgresql+psycopg9://vera:secret@127.0.0.1/db", "no driver 'psycopg9' here; leave it out"),
    ],
)
def test_an_error_on_opening_does_not_show_the_password(address: str, reason: str):
    if address.startswith("postgresql"):
        pytest.importorskip("pg8000", reason="needs a PostgreSQL driver")
    with pytest.raises(BadTable, match=reason) as caught:
        SourceTable.read(address)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_an_apdb_is_refused(tmp_path: Path):
    (tmp_path / "a.db").write_bytes(b"not a database, however long the text may be" * 50)
    with pytest.raises(BadTable, match=r"APDB a\.db could not be opened .*not a database"):
        SourceTable.read(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "b.db")) as connection:
        connection.execute("create table stars (id integer)")
    with pytest.raises(BadTable, match=r"b\.db has no table DiaSource; it has stars"):
        SourceTable.read(tmp_path / "b.db")


def test_a_namespace_is_refused_for_sqlite(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with pytest.raises(BadTable, match="SQLite database has no schemas"):
        read_apdb(f"sqlite:///{tmp_path / 'a.db'}", namespace="pub")


ODD_NAMES = [
    "a#b.db",
    "a?b.db",
    "a?mode=rwc.db",
    "a b.db",
    "a%20b.db",
    "100%.db",
    "é中.db",
    "a'b\"c.db",
    "#.db",
    "a:b.db",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_special_characters_in_a_path_are_taken_literally(tmp_path: Path, name: str):
    fill_by_hand(f"sqlite:///{tmp_path / 'plain.db'}", version="10.0.0")
    path = tmp_path / name
    (tmp_path / "plain.db").rename(path)
    assert SourceTable.read(path).ids.tolist() == IDS
    assert SourceTable.read(f"sqlite:///{path}").ids.tolist() == IDS
    assert repr(Apdb(str(path))).startswith(f"<Apdb APDB {name} of LSSTCam")
    assert [one.name for one in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "name", [*ODD_NAMES, "plain.db?mode=rwc", "file:a.db?mode=rwc", "n" * 300 + ".db", "~nobody here/a.db"]
)
def test_a_missing_file_is_reported_and_not_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadTable, match="no such APDB") as caught:
        read_apdb(f"sqlite:///{name}")
    assert name in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    for address in ("~/a.db", "sqlite:///~/a.db", "sqlite:///~/a.db?timeout=5", Path("~/a.db")):
        assert SourceTable.read(address).ids.tolist() == IDS
        assert read_apdb(str(address)).ids.tolist() == IDS


def test_a_url_without_slashes_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    monkeypatch.chdir(tmp_path)
    assert SourceTable.read("sqlite:a.db").ids.tolist() == read_apdb("sqlite:a.db").ids.tolist() == IDS


def test_an_empty_path_is_refused():
    with pytest.raises(BadTable, match="path of the table is empty; name a file"):
        SourceTable.read("")


def test_a_url_that_the_driver_rejects_is_reported():
    pytest.importorskip("pg8000", reason="needs a PostgreSQL driver")
    with pytest.raises(BadTable, match=r"its driver does not accept the URL \(.*sslmod"):
        read_apdb("postgresql+pg8000://vera:secret@127.0.0.1:1/db?sslmod=require")
    with pytest.raises(BadTable, match="is not the address of a server, such as postgresql://user@host:port"):
        read_apdb("postgresql://vera:secret@127.0.0.1:port/db")


@pytest.mark.parametrize("error", [OSError, KeyError])
def test_a_url_without_a_user_name_is_refused_if_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
):
    pytest.importorskip("pg8000", reason="needs a PostgreSQL driver")

    def nameless() -> str:
        raise error("no name")

    monkeypatch.delenv("PGUSER", raising=False)
    monkeypatch.setattr("getpass.getuser", nameless)
    with pytest.raises(BadTable, match=r"no user name for you; write postgresql://user@"):
        read_apdb("postgresql+pg8000://127.0.0.1:1/db")


def test_options_of_other_readers_do_not_hide_a_file(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a#b.db'}", version="10.0.0")
    for address in (
        f"sqlite:///{tmp_path / 'a#b.db'}?timeout=5",
        f"sqlite:///file:{tmp_path / 'a#b.db'}?mode=rw",
    ):
        assert read_apdb(address).ids.tolist() == IDS


def test_a_schema_of_a_sqlite_file_is_refused_by_name(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with pytest.raises(BadTable, match=r"a\.db#pub; a SQLite database has no schemas, leave out '#pub'"):
        read_apdb(f"sqlite:///{tmp_path / 'a.db'}#pub")


def test_a_number_in_a_text_column_is_reported_with_the_column(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("update DiaSource set visit = 'none' where diaSourceId = -5")
    with pytest.raises(BadTable, match=r"'visit' of APDB a\.db"):
        SourceTable.read(tmp_path / "a.db")


def fill_many(file: Path, n: int) -> None:
    """Put n rows into a database of the shape of today, S/N 0, 1, 2, ..."""
    fill_by_hand(f"sqlite:///{file}", version="10.0.0")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("delete from DiaSource")
        connection.execute("begin")
        connection.executemany(
            "insert into DiaSource (diaSourceId, ra, dec, snr) values (?, 1.0, 2.0, ?)",
            ((2**53 + 1 + i, float(i)) for i in range(n)),
        )
        connection.execute("commit")


def test_more_flags_than_fit_an_integer_keep_their_three_values(tmp_path: Path):
    names = [f"flag_{place}" for place in range(70)]
    rng = np.random.default_rng(2)
    held = [[(False, True, None)[one] for one in rng.integers(0, 3, 70)] for _ in range(50)]
    held += [[value] * 70 for value in (False, True, None)]
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        declared = ", ".join(f"{name} BOOLEAN" for name in names)
        connection.execute(f"create table DiaSource (ra DOUBLE, {declared}, diaSourceId BIGINT, dec DOUBLE)")
        marks = ", ".join("?" * 73)
        connection.executemany(
            f"insert into DiaSource values ({marks})", ([1.5, *row, i, 2.5] for i, row in enumerate(held))
        )
    table = SourceTable.read(tmp_path / "a.db")
    assert table.columns == ("ra", *names, "diaSourceId", "dec")
    assert table.flag_columns == tuple(names)
    assert [[row.row[name] for name in names] for row in table] == held


@pytest.mark.parametrize("value", ["yes", 2, -1, 0.5, b"\x01"])
def test_a_flag_that_is_neither_true_nor_false_is_reported_with_its_column(tmp_path: Path, value: Any):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("update DiaSource set isDipole = ? where diaSourceId = -5", (value,))
    with pytest.raises(BadTable, match=r"'isDipole' of APDB a\.db .*neither true nor false"):
        SourceTable.read(tmp_path / "a.db")


def test_reading_by_pages_needs_the_memory_of_one_page(tmp_path: Path):
    n, size = 60_000, 2000
    fill_many(tmp_path / "a.db", n)
    database = Apdb(str(tmp_path / "a.db"))
    before = pa.total_allocated_bytes()
    one_page = rows = 0
    for page in database.pages(size=size):
        rows += len(page)
        one_page = one_page or pa.total_allocated_bytes() - before
        assert pa.total_allocated_bytes() - before < 3 * one_page  # this one, and the one before it
    assert rows == n


def test_a_large_page_is_never_held_as_python_objects_at_once(tmp_path: Path):
    n = 60_000
    fill_many(tmp_path / "a.db", n)
    database = Apdb(str(tmp_path / "a.db"))
    database.count()
    tracemalloc.start()
    (page,) = database.pages(size=n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(page.values("snr"), np.arange(n))
    assert peak < 20 * n  # a row of 18 values as a tuple takes 300 bytes and more


def test_a_file_damaged_in_the_middle_is_reported(tmp_path: Path):
    fill_many(tmp_path / "a.db", 60_000)
    with (tmp_path / "a.db").open("r+b") as file:
        file.seek((tmp_path / "a.db").stat().st_size // 2)
        file.write(b"\xff" * 400_000)
    with pytest.raises(BadTable, match=r"APDB a\.db could not be read \(.*malformed"):
        read_apdb(f"sqlite:///{tmp_path / 'a.db'}")


# --- precision -------------------------------------------------------------------------------------


def test_single_precision_stays_single_but_positions_and_times_are_double(url: str):
    # The FLOAT of 2024 is double in PostgreSQL.
    kind = np.dtype("float64" if url.endswith("#apdb_1_0_0") else "float32")
    table = SourceTable.read(url)
    assert {table.values(name).dtype for name in ("psfFlux", "psfFluxErr", "snr", "reliability", "x")} == {
        kind
    }
    assert {table.values(name).dtype for name in ("ra", "dec", "midpointMjdTai")} == {np.dtype("float64")}
    assert table.row(506428274000265571).row["psfFlux"] is None
    empty = read_apdb(url, visit=5)
    assert (empty.values("psfFlux").dtype, empty.values("ra").dtype) == (kind, np.float64)


def test_positions_and_times_are_double_whatever_the_database_declares(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute(
            "create table DiaSource (diaSourceId BIGINT, ra FLOAT, dec REAL, midpointMjdTai FLOAT, "
            "snr FLOAT(24), apFlux FLOAT(53), psfFlux DOUBLE PRECISION)"
        )
        connection.execute("insert into DiaSource values (1, 10.5, 2.5, 60000.5, 5.5, 1.5, 2.5)")
    table = SourceTable.read(tmp_path / "a.db")
    found = {name: table.values(name).dtype.name for name in table.columns[1:]}
    assert found == {
        "ra": "float64",
        "dec": "float64",
        "midpointMjdTai": "float64",
        "snr": "float32",
        "apFlux": "float64",
        "psfFlux": "float32",  # SQLAlchemy takes this spelling for REAL, and 2.5 is the same in both
    }


def test_no_digit_that_sqlite_holds_is_lost(tmp_path: Path):
    fill_many(tmp_path / "a.db", 5000)
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        connection.execute("update DiaSource set psfFlux = snr, psfFluxErr = snr")
        connection.execute("update DiaSource set psfFlux = 16777217.0 where snr = 2500")  # 2**24 + 1
    database = Apdb(str(tmp_path / "a.db"))
    table = database.table()
    assert (table.values("psfFlux").dtype, table.values("psfFluxErr").dtype) == (np.float64, np.float32)
    assert table.values("psfFlux")[2500] == 16777217.0
    pages = list(database.pages(size=1000))
    kinds = [page.values("psfFlux").dtype.name for page in pages]
    assert kinds == ["float32", "float32", "float64", "float64", "float64"]
    np.testing.assert_array_equal(
        np.concatenate([page.values("psfFlux") for page in pages]), table.values("psfFlux")
    )


def test_a_range_in_sql_selects_the_same_rows_as_a_filter(tmp_path: Path):
    # As float32, 0.9 is a little less than 0.9 and 0.1 a little more.
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    ends = {IDS[0]: float(np.float32(0.9)), IDS[1]: float(np.float32(0.1))}
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        for id, value in ends.items():
            connection.execute("update DiaSource set reliability = ? where diaSourceId = ?", (value, id))
    table = SourceTable.read(tmp_path / "a.db")
    high = read_apdb(str(tmp_path / "a.db"), reliability=(0.9, None))
    low = read_apdb(str(tmp_path / "a.db"), reliability=(None, 0.1))
    assert high.ids.tolist() == table.where("reliability >= 0.9").ids.tolist() == [IDS[0]]
    assert low.ids.tolist() == table.where("reliability <= 0.1").ids.tolist() == [IDS[1]]


def test_a_figure_shows_the_values_in_the_file(tmp_path: Path):
    fill_by_hand(f"sqlite:///{tmp_path / 'a.db'}", version="10.0.0")
    held = {-5: 1234567.875, 9007199254740993: 0.10000000149011612, IDS[2]: 16777216.25}
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as connection:
        for id, value in held.items():
            connection.execute("update DiaSource set psfFlux = ? where diaSourceId = ?", (value, id))
    table = SourceTable.read(tmp_path / "a.db")
    assert {id: table.row(id).row["psfFlux"] for id in held} == held


def test_a_driver_error_given_as_fields_is_reported_as_a_sentence():
    failed = RuntimeError("could not execute")
    failed.orig = RuntimeError({"S": "FATAL", "C": "28P01", "M": "password authentication failed"})
    assert reason_of(failed) == "password authentication failed"
