"""An alert production database in one SQLite file, with the tables and columns of schema 10.0.0."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from cutout_widgets.demo.htm import LEVEL, htm_index
from cutout_widgets.demo.models import Row
from cutout_widgets.demo.schema import DIA_FORCED_SOURCE, DIA_OBJECT, DIA_SOURCE, VERSION, Column

__all__ = ["write_apdb"]

_SQL_TYPES = {
    "long": "BIGINT",
    "int": "INTEGER",
    "short": "SMALLINT",
    "float": "REAL",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "char": "CHAR(1)",
    "string": "VARCHAR(7)",
}

_PIXEL = Column("pixelId", "long", True, None)
"""Column with the HTM index of a row, which APDBs add to the data model to search regions."""


def write_apdb(
    path: Path, *, instrument: str, sources: Sequence[Row], objects: Sequence[Row], forced: Sequence[Row]
) -> None:
    """Write a database.

    Parameters
    ----------
    path
        The file; it must not exist.
    instrument
        Stored in the table ``metadata``, because rows do not have it.
    sources, objects, forced
        Rows of the three tables, with all columns of `schema`.
    """
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE metadata (name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name))"
        )
        config = {
            "enable_replica": False,
            "dia_object_index": "baseline",
            "htm_level": LEVEL,
            "htm_index_column": _PIXEL.name,
            "ra_dec_columns": ["ra", "dec"],
        }
        database.executemany(
            "INSERT INTO metadata VALUES (?, ?)",
            [
                ("version:schema", VERSION),
                ("version:ApdbSql", "1.2.1"),
                ("config:apdb-sql.json", json.dumps(config)),
                ("instrument", instrument),
            ],
        )
        _write_table(
            database,
            "DiaObject",
            (*DIA_OBJECT, _PIXEL),
            _placed(objects),
            key=("diaObjectId", "validityStartMjdTai"),
            indexes={"validityStart": ("validityStartMjdTai",), "pixelId": ("pixelId",)},
        )
        _write_table(
            database,
            "DiaSource",
            (*DIA_SOURCE, _PIXEL),
            _placed(sources),
            key=("diaSourceId",),
            indexes={
                "visitDetector": ("visit", "detector"),
                "diaObjectId": ("diaObjectId",),
                "ssObjectId": ("ssObjectId",),
                "pixelId": ("pixelId",),
            },
        )
        _write_table(
            database,
            "DiaForcedSource",
            DIA_FORCED_SOURCE,
            forced,
            key=("diaObjectId", "visit", "detector"),
            indexes={"visitDetector": ("visit", "detector")},
        )


def _placed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their HTM index."""
    pixels = htm_index([row["ra"] for row in rows], [row["dec"] for row in rows])
    return [{**row, _PIXEL.name: int(pixel)} for row, pixel in zip(rows, pixels, strict=True)]


def _write_table(
    database: sqlite3.Connection,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    key: tuple[str, ...],
    indexes: dict[str, tuple[str, ...]],
) -> None:
    """Create one table with its rows and indexes."""
    # Names are constants of this package; values are passed as parameters.
    described = [
        f'"{column.name}" {_SQL_TYPES[column.type]}{" NOT NULL" if column.required else ""}'
        for column in columns
    ]
    described.append(f"PRIMARY KEY ({_quoted(key)})")
    database.execute(f'CREATE TABLE "{name}" ({", ".join(described)})')
    places = ", ".join("?" for _ in columns)
    database.executemany(
        f'INSERT INTO "{name}" VALUES ({places})',
        ([_stored(row[column.name], column) for column in columns] for row in rows),
    )
    for index, over in indexes.items():
        database.execute(f'CREATE INDEX "IDX_{name}_{index}" ON "{name}" ({_quoted(over)})')


def _stored(value: Any, column: Column) -> Any:
    """Return a value in the precision of its column, which SQLite does not enforce."""
    return float(np.float32(value)) if column.type == "float" and value is not None else value


def _quoted(names: Sequence[str]) -> str:
    """Return column names as SQL."""
    return ", ".join(f'"{name}"' for name in names)
