"""A million and ten million rows in a table: a page, a new filter and a new order, and its memory.

The usual way is ``query``, ``sort_values`` and ``iloc`` of pandas; a second comparison is with the fastest
way in pandas to get only the first page, a mask and ``nlargest``. Also: reading all columns of an APDB in
SQLite.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import compare, report, scratch_folder

ROWS = 10_000_000
APDB_ROWS = 50_000
QUERY = "snr > 5 and reliability > 0.5 and not isDipole"


def columns(n: int) -> dict[str, Any]:
    """The columns that a grid filters and sorts by: 36 bytes per row."""
    rng = np.random.default_rng(7)
    return {
        "diaSourceId": rng.permutation(n).astype(np.int64) + 2**58,
        "ra": rng.random(n, dtype=np.float32) * 360,
        "dec": rng.random(n, dtype=np.float32) * 180 - 90,
        "visit": rng.integers(2025010100000, 2025010109999, n),
        "detector": rng.integers(0, 189, n).astype(np.int16),
        "snr": rng.standard_normal(n, dtype=np.float32) * 10,
        "reliability": rng.random(n, dtype=np.float32),
        "isDipole": rng.random(n, dtype=np.float32) < 0.1,
    }


def main() -> None:
    for rows in (1_000_000, ROWS):
        print(f"  {rows:,} rows")
        compare_with_pandas(rows)
    alone = [sys.executable, "-c", "import benchmarks.bench_table as bench; bench.memory()"]
    subprocess.run(alone, check=True, cwd=Path(__file__).parents[1])
    with scratch_folder() as folder:
        read_database(folder / "apdb.db")


def compare_with_pandas(rows: int) -> None:
    """Print how long a page, a filter and an order take."""
    import pandas as pd

    from cutout_widgets import SourceTable

    frame = pd.DataFrame(columns(rows))
    table = SourceTable.read(frame)

    def pandas_page(query: str | None, by: str, k: int) -> list[dict[Any, Any]]:
        chosen = frame if query is None else frame.query(query)
        ordered = chosen.sort_values(by, ascending=False, kind="stable")
        return ordered.iloc[24 * k : 24 * (k + 1)].to_dict("records")

    def pandas_first_page() -> list[dict[Any, Any]]:
        mask = (frame.snr > 5) & (frame.reliability > 0.5) & ~frame.isDipole
        return frame[mask].nlargest(24, "snr").to_dict("records")

    def page(view: SourceTable, k: int) -> list[dict[str, Any]]:
        return [dict(row.row) for row in view.page(k, 24)]

    ordered = table.sort("-snr")
    assert page(ordered, 1234) == pandas_page(None, "snr", 1234)
    found = compare(lambda: pandas_page(None, "snr", 1234), lambda: page(ordered, 1234), rounds=3)
    report("a page of the sorted table", found, floor=500)
    assert page(table.where(QUERY).sort("-snr"), 0) == pandas_page(QUERY, "snr", 0)
    found = compare(
        lambda: pandas_page(QUERY, "snr", 0), lambda: page(table.where(QUERY).sort("-snr"), 0), rounds=5
    )
    report("new filter, new order, first page", found, floor=5)
    found = compare(pandas_first_page, lambda: page(table.where(QUERY).sort("-snr"), 0), rounds=5)
    report("the same, against a mask and nlargest", found)
    found = compare(
        lambda: pandas_page(QUERY, "snr", 1000),
        lambda: page(table.where(QUERY).sort("-snr"), 1000),
        rounds=5,
    )
    report("new filter, new order, page 1000", found)
    found = compare(
        lambda: pandas_page(None, "reliability", 0), lambda: page(table.sort("-reliability"), 0), rounds=3
    )
    report("new order of all rows, first page", found, floor=5)


def read_database(path: Path) -> None:
    """Read all columns of an APDB, against ``pandas.read_sql``."""
    import pandas as pd
    import sqlalchemy

    from cutout_widgets import read_apdb

    make_apdb(path, APDB_ROWS)
    url = f"sqlite:///{path}"
    engine = sqlalchemy.create_engine(url)
    query = 'SELECT * FROM "DiaSource" ORDER BY "diaSourceId"'
    found = compare(lambda: pd.read_sql(query, engine), lambda: read_apdb(url), rounds=5)
    report(f"{APDB_ROWS:,} rows of an APDB", found)


def make_apdb(path: Path, n: int) -> None:
    """Write random DiaSources with the columns of APDB 10.0.0; a tenth of what may be NULL is."""
    from cutout_widgets.demo.schema import DIA_SOURCE

    rng = np.random.default_rng(8)
    kinds = {"long": "BIGINT", "int": "INTEGER", "short": "SMALLINT", "float": "REAL", "double": "DOUBLE",
             "boolean": "BOOLEAN", "char": "CHAR(1)", "string": "VARCHAR(7)"}  # fmt: skip
    values = []
    for column in DIA_SOURCE:
        if column.name == "diaSourceId":
            made = np.arange(n) + 2**58
        elif column.type in ("float", "double"):
            made = (rng.standard_normal(n, dtype=np.float32) * 100).astype(float)
        elif column.type in ("char", "string"):
            made = rng.choice(list("ugrizy"), n)
        else:
            made = rng.integers(0, 2 if column.type == "boolean" else 200, n)
        objects = made.astype(object)
        if not column.required:
            objects[rng.random(n) < 0.1] = None
        values.append(objects)
    with closing(sqlite3.connect(path)) as database, database:
        declared = ", ".join(f'"{column.name}" {kinds[column.type]}' for column in DIA_SOURCE)
        database.execute(f'CREATE TABLE "DiaSource" ({declared}, PRIMARY KEY ("diaSourceId"))')
        marks = ", ".join("?" * len(DIA_SOURCE))
        database.executemany(f'INSERT INTO "DiaSource" VALUES ({marks})', zip(*values, strict=True))


def memory() -> None:
    """Use a table as a grid does, in a separate process, and print its peak memory."""
    from cutout_widgets import SourceTable

    table = SourceTable.read(columns(ROWS))
    made = _peak_gb()
    table.where(QUERY).sort("-snr").page(0, 24)
    table.sort("-reliability").page(0, 24)
    table.row(int(table.ids[5]))
    print(
        f"  peak memory, {ROWS:,} rows: {_peak_gb():.2f} GB (asked: 0.6), {made:.2f} GB to make the columns"
    )


def _peak_gb() -> float:
    """Return the peak of this process; getrusage would count the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e6


if __name__ == "__main__":
    main()
