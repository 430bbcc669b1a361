"""The command, on a real repository and an APDB in SQLite."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest
from tests.catalog.databases.conftest import driven, postgres  # noqa: F401  the second is a fixture

import cutout_widgets as cw
from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsTask
from cutout_widgets.compat.analysis_ap.command import (
    INTERRUPTED,
    NOT_ALL_SAVED,
    POSTGRES,
    build_argparser,
    main,
)

pytest.importorskip("sqlalchemy", reason="needs the extra 'apdb'")

ELSEWHERE = 506428274000265570


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    pytest.importorskip("lsst.daf.butler", reason="needs the extra 'rubin'")
    pytest.importorskip("lsst.images", reason="needs the extra 'rubin'")
    from tests.stores import rubin_repository

    return rubin_repository.build(tmp_path_factory.mktemp("butler") / "repo")


@pytest.fixture
def sqlitefile(tmp_path) -> str:
    """Twelve sources on two detectors of two visits, reliability 0.0, 0.1, ... in the order of their ids."""
    path = tmp_path / "apdb.db"
    with sqlite3.connect(path) as database:
        database.execute(
            "CREATE TABLE DiaSource (diaSourceId BIGINT PRIMARY KEY, visit BIGINT, detector SMALLINT, "
            "ra DOUBLE, dec DOUBLE, band TEXT, reliability FLOAT)"
        )
        database.executemany(
            "INSERT INTO DiaSource VALUES (?, ?, ?, 53.0, -28.0, 'r', ?)",
            [(ELSEWHERE + n, 2025010100001 + n % 2, 0, n / 10) for n in range(12)],
        )
    return str(path)


@pytest.fixture
def config(tmp_path) -> str:
    path = tmp_path / "config.py"
    path.write_text('config.url_root = "https://example.com/zooniverse"\nconfig.sizes = [15]\n')
    return str(path)


def ids_in(out: Path) -> list[int]:
    with (out / "manifest.csv").open(newline="") as stream:
        return [int(row["metadata:diaSourceId"]) for row in csv.DictReader(stream)]


def test_the_documented_arguments_are_accepted():
    given = build_argparser().parse_args(
        ["--namespace=n", "--postgres_url=u@h/d", "--limit=7", "--all", "-j3", "-C=c.py", "--instrument=I",
         "--reliabilityMin=0.1", "--reliabilityMax=0.9", "REPO", "OUT", "--collections", "a", "b"]
    )  # fmt: skip
    assert vars(given) == {
        "sqlitefile": None, "namespace": "n", "postgres_url": "u@h/d", "limit": 7, "all": True, "jobs": 3,
        "configFile": "c.py",
        "instrument": "I", "reliabilityMin": 0.1, "reliabilityMax": 0.9, "repo": "REPO",
        "outputPath": "OUT", "collections": ["a", "b"], "style": "documented", "page_size": 7,
        "dbName": None, "dbType": None,
    }  # fmt: skip


def test_defaults_are_the_documented_ones():
    given = build_argparser().parse_args(["--sqlitefile=s", "REPO", "OUT"])
    assert (given.limit, given.all, given.jobs, given.collections) == (5, False, 0, None)
    assert given.postgres_url == POSTGRES


@pytest.mark.parametrize("arguments", [["REPO", "OUT"], ["--sqlitefile=s", "--namespace=n", "REPO", "OUT"]])
def test_exactly_one_database_must_be_given(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)
    assert "sqlitefile" in capsys.readouterr().err


def test_the_first_five_sources_are_saved_by_default(repository, sqlitefile, config, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--sqlitefile", sqlitefile, "-C", config, str(repository), str(out)]) == 0
    assert ids_in(out) == [ELSEWHERE + n for n in range(5)]
    assert cw.verify(out) == []
    assert capsys.readouterr().out == f"5 of 5 DiaSource cutouts are in {out}.\n"


def test_all_saves_everything_and_reliability_restricts_it(repository, sqlitefile, config, tmp_path):
    out = tmp_path / "out"
    bounds = ["--reliabilityMin=0.25", "--reliabilityMax=0.85"]
    where = [str(repository), str(out), "--collections", "u/test/run"]
    assert main(["--sqlitefile", sqlitefile, "-C", config, "--all", "--limit=2", *bounds, *where]) == 0
    assert ids_in(out) == [ELSEWHERE + n for n in range(3, 9)]


def test_a_butler_object_and_its_path_give_the_same_files(repository, sqlitefile, tmp_path):
    from lsst.daf.butler import Butler

    rows = cw.read_apdb(f"sqlite:///{sqlitefile}").to_pandas()
    butler = Butler.from_config(str(repository), collections="u/test/run")
    by_butler = PlotImageSubtractionCutoutsTask(output_path=tmp_path / "butler")
    by_path = PlotImageSubtractionCutoutsTask(output_path=tmp_path / "path")
    assert by_butler.run(rows, butler, njobs=2) == by_path.run(rows, repository) == list(rows["diaSourceId"])
    for id_ in rows["diaSourceId"]:
        one, other = Path(by_butler.cutout_path(id_)), Path(by_path.cutout_path(id_))
        assert one.read_bytes() == other.read_bytes()


def test_a_namespace_selects_the_schema_of_the_server(
    repository, sqlitefile, config, tmp_path, request, capsys
):
    import pandas as pd
    import sqlalchemy as sa

    url = request.getfixturevalue("postgres")
    with sqlite3.connect(sqlitefile) as database:
        rows = pd.read_sql("SELECT * FROM DiaSource", database)
    server = sa.create_engine(driven(url), poolclass=sa.pool.NullPool)
    with server.begin() as connection:
        connection.execute(sa.schema.CreateSchema("prompt-1"))
        rows.to_sql("DiaSource", connection, schema="prompt-1", index=False)
    where = ["--postgres_url", url.removeprefix("postgresql://"), "-C", config, str(repository)]
    out = tmp_path / "out"
    assert main(["--namespace=prompt-1", "--reliabilityMin=0.25", "--all", *where, str(out)]) == 0
    assert ids_in(out) == [ELSEWHERE + n for n in range(3, 12)]
    assert main(["--namespace=prompt-2", *where, str(tmp_path / "none")]) == 1
    assert "has no table DiaSource in schema 'prompt-2'" in capsys.readouterr().err


def test_sources_without_images_set_the_exit_status(repository, sqlitefile, config, tmp_path):
    with sqlite3.connect(sqlitefile) as database:
        database.execute("UPDATE DiaSource SET detector = 8 WHERE diaSourceId = ?", (ELSEWHERE + 1,))
    out = tmp_path / "out"
    assert main(["--sqlitefile", sqlitefile, "-C", config, str(repository), str(out)]) == NOT_ALL_SAVED
    assert ids_in(out) == [ELSEWHERE + n for n in (0, 2, 3, 4)]


@pytest.mark.parametrize("fault", ["database", "configuration", "repository"])
def test_missing_files_are_reported_in_one_sentence(fault, repository, sqlitefile, config, tmp_path, capsys):
    absent = str(tmp_path / "absent")
    database = absent if fault == "database" else sqlitefile
    settings = absent if fault == "configuration" else config
    place = absent if fault == "repository" else str(repository)
    assert main(["--sqlitefile", database, "-C", settings, place, str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("plotImageSubtractionCutouts: ")
    assert "absent" in said


@pytest.mark.parametrize(
    "wrong, said",
    [
        (["--limit=-3"], "argument --limit: wanted a whole number, 0 or more; got '-3'"),
        (["--limit=1e3"], "argument --limit: wanted a whole number, 0 or more; got '1e3'"),
        (["-j-2"], "argument -j/--jobs: wanted a whole number, 0 or more; got '-2'"),
        (["--reliabilityMin=nan"], "argument --reliabilityMin: wanted a number; got 'nan'"),
        (["--reliabilityMax=high"], "argument --reliabilityMax: wanted a number; got 'high'"),
        (["--reliabilityMin=0.9", "--reliabilityMax=0.1"], "no source is between them"),
    ],
)
def test_invalid_numbers_are_refused_with_the_option_name(wrong, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--sqlitefile=s", *wrong, "REPO", "OUT"])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_missing_dataset_type_is_reported_in_one_sentence(repository, sqlitefile, tmp_path, capsys):
    (tmp_path / "old.py").write_text("config.science_image_type = 'calexp'")
    given = [
        "--sqlitefile",
        sqlitefile,
        "-C",
        str(tmp_path / "old.py"),
        str(repository),
        str(tmp_path / "out"),
    ]
    assert main(given) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert "no dataset type 'calexp'" in said
    assert "set science_image_type" in said


def test_different_options_for_the_same_directory_are_logged(
    repository, sqlitefile, config, tmp_path, caplog
):
    given = ["--sqlitefile", sqlitefile, str(repository), str(tmp_path / "out")]
    assert main(given) == main(["-C", config, *given]) == 0
    (record,) = [one for one in caplog.records if one.levelname == "WARNING"]
    assert "was saved with sizes=" in record.getMessage()


def test_an_interrupt_says_how_to_resume(repository, sqlitefile, tmp_path, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(PlotImageSubtractionCutoutsTask, "run", interrupted)
    assert main(["--sqlitefile", sqlitefile, str(repository), str(tmp_path / "out")]) == INTERRUPTED
    assert "run it again to finish" in capsys.readouterr().err


@pytest.mark.parametrize("old", ["--dbName", "--dbType"])
def test_an_obsolete_option_names_its_replacement(capsys, old):
    with pytest.raises(SystemExit):
        build_argparser().parse_args([old, "apdb.db", "repo", "out"])
    assert f"{old} is no longer an option: use --sqlitefile FILE" in capsys.readouterr().err
