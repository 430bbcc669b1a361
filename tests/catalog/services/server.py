"""A small TAP service on loopback over the demo's APDB; with faults on request."""

from __future__ import annotations

import io
import math
import re
import sqlite3
from collections import deque
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from astropy.io.votable import from_table
from astropy.io.votable.tree import Info
from astropy.table import MaskedColumn, Table
from tests.loopback import LoopbackServer, QuietHandler

SCHEMA = "demo"
FORCED = (
    "SELECT diaObjectId, visit, detector, band, ra AS coord_ra, dec AS coord_dec, psfFlux AS psfDiffFlux, "
    "psfFluxErr AS psfDiffFluxErr, scienceFlux AS psfFlux, scienceFluxErr AS psfFluxErr FROM DiaForcedSource"
)
TYPES = {"BIGINT": "i8", "INTEGER": "i4", "SMALLINT": "i2", "REAL": "f4", "DOUBLE": "f8", "BOOLEAN": "?"}
UNITS = {"psfFlux": "nJy", "psfDiffFlux": "nJy", "ra": "deg", "dec": "deg", "apFlux": "nJy"}

ERROR = """<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">{}</INFO></RESOURCE></VOTABLE>"""
JOB = """<?xml version="1.0"?><uws:job version="1.1" xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink"><uws:jobId>{id}</uws:jobId><uws:phase>{phase}</uws:phase>
<uws:executionDuration>0</uws:executionDuration>{results}{error}</uws:job>"""
RESULT = '<uws:results><uws:result id="result" xlink:href="{}"/></uws:results>'
FAILED = '<uws:errorSummary type="fatal"><uws:message>{}</uws:message></uws:errorSummary>'


def results_document(table: Table, status: str, form: str = "binary2") -> bytes:
    """Return a VOTable of results, as a service sends it."""
    document = from_table(table)
    document.set_all_tables_format(form)
    document.resources[0].infos.append(Info(name="QUERY_STATUS", value=status))
    document.resources[0].type = "results"
    body = io.BytesIO()
    document.to_xml(body)
    return body.getvalue()


class _Handler(QuietHandler):
    service: TapServer

    def do_GET(self) -> None:
        self._serve({})

    def do_DELETE(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._serve({key: values[0] for key, values in parse_qs(body).items()})

    def _serve(self, said: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        secret = self.headers.get("Authorization")
        self.service.asked.append((f"{self.command} {path}", said.get("QUERY", ""), secret))
        if self._is_refused(self.service, said):
            return
        if path.endswith("/sync"):
            self._answer(said)
        else:
            self._job(path, said)

    def _job(self, path: str, said: dict[str, str]) -> None:
        parts = path.partition("/async")[2].strip("/").split("/")
        if not self.service.has_jobs:
            self._send(404, b"there are no jobs here")
        elif self.command == "POST" and parts == [""]:
            number = str(len(self.service.jobs) + 1)
            self.service.jobs[number] = {**said, "phase": "PENDING"}
            self._send(303, b"", Location=f"{self.service.url}/async/{number}")
        elif self.command == "POST":
            self.service.jobs[parts[0]]["phase"] = "COMPLETED"
            self._send(303, b"", Location=f"{self.service.url}/async/{parts[0]}")
        elif self.command == "DELETE":
            self.service.jobs[parts[0]]["phase"] = "DELETED"
            self._send(200, b"")
        elif parts[1:]:
            self._answer(self.service.jobs[parts[0]])
        else:
            job = self.service.jobs[parts[0]]
            home = self.service.results_elsewhere or self.service.origin
            result = RESULT.format(f"{home}/api/tap/async/{parts[0]}/results/result")
            failed = FAILED.format("no such column: nonsense") if "nonsense" in job["QUERY"] else ""
            phase = "ERROR" if failed else job["phase"]
            text = JOB.format(id=parts[0], phase=phase, results="" if failed else result, error=failed)
            self._send(200, text.encode(), kind="text/xml")

    def _answer(self, said: dict[str, str]) -> None:
        most = int(said["MAXREC"]) if "MAXREC" in said else None
        try:
            body = self.service.answer(said["QUERY"], most)
        except sqlite3.Error as err:
            self._send(400, ERROR.format(err).encode(), kind="application/x-votable+xml")
        else:
            self._send(200, body, kind="application/x-votable+xml")

    def _query(self, said: dict[str, str]) -> str:
        return said.get("QUERY") or list(self.service.jobs.values())[-1]["QUERY"]

    # The faults.

    def _half(self, said: dict[str, str]) -> None:
        """A truncated answer with the full length in its header."""
        body = self.service.answer(self._query(said), None)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-votable+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def _cut(self, said: dict[str, str]) -> None:
        """A truncated answer with the truncated length in its header."""
        body = self.service.answer(self._query(said), None)
        self._send(200, body[: len(body) // 2], kind="application/x-votable+xml")

    def _page(self, said: dict[str, str]) -> None:
        """A page to log in, in place of a table; it repeats the token."""
        self._send(200, f"<p>log in {self.headers.get('Authorization')}".encode(), kind="text/html")

    def _busy(self, said: dict[str, str]) -> None:
        self._send(503, b"too many queries", Retry_After="60")


class TapServer(LoopbackServer):
    """Serve the tables of an APDB, and a table of visits, until the ``with`` block ends.

    `faults` is a queue: each request takes one and applies it; None is no fault.
    """

    handler = _Handler

    def __init__(self, apdb: Path, *, token: str | None = None) -> None:
        self.apdb, self.token = apdb, token
        self.faults: deque[str | None] = deque()
        self.form = "binary2"
        self.most_rows: int | None = None
        """The service's own limit."""
        self.has_jobs = True
        self.elsewhere = ""
        """Origin to redirect to."""
        self.results_elsewhere = ""
        """Origin that the results of jobs are fetched from."""
        self.asked: list[tuple[str, str, str | None]] = []
        """Method and path, query, and the Authorization header of each request."""
        self.jobs: dict[str, dict[str, str]] = {}

    @property
    def url(self) -> str:
        return f"{self.origin}/api/tap"

    def queries(self) -> list[str]:
        """The queries of the tables themselves."""
        return [query for _, query, _ in self.asked if query and "TAP_SCHEMA" not in query]

    def answer(self, query: str, most: int | None) -> bytes:
        """Run a query; ADQL of a small dialect becomes SQL of SQLite."""
        with closing(sqlite3.connect(f"file:{self.apdb}?mode=ro", uri=True)) as database:
            types = self._prepare(database)
            database.create_function("in_circle", 5, _in_circle, deterministic=True)
            sql = _sql(query)
            cursor = database.execute(sql)
            names = [one[0] for one in cursor.description]
            rows = cursor.fetchall()
        limits = [one for one in (most, self.most_rows) if one is not None]
        limit = min(limits, default=len(rows))
        table = Table()
        columns = zip(*rows[:limit], strict=True) if rows else [()] * len(names)
        for name, values in zip(names, columns, strict=True):
            kind = TYPES.get(types.get(name, "TEXT"), "O")
            masked = [one is None for one in values]
            plain = ["" if kind == "O" else 0] * len(values)
            filled = [blank if gone else one for one, blank, gone in zip(values, plain, masked, strict=True)]
            column = MaskedColumn(np.array(filled, dtype="U40" if kind == "O" else kind), mask=masked)
            column.unit = UNITS.get(name)
            table[name] = column
        return results_document(table, "OVERFLOW" if len(rows) > limit else "OK", self.form)

    def _prepare(self, database: sqlite3.Connection) -> dict[str, str]:
        """Make the views there are beside the tables, and return the declared types by column."""
        database.execute(f"CREATE TEMP VIEW ForcedSourceOnDiaObject AS {FORCED}")
        database.execute(
            "CREATE TEMP VIEW Visit AS SELECT visit, max(midpointMjdTai) AS expMidptMJD FROM DiaForcedSource "
            "GROUP BY visit"
        )
        database.execute("CREATE TEMP TABLE tap_tables (table_name TEXT)")
        database.execute("CREATE TEMP TABLE tap_columns (table_name TEXT, column_name TEXT, unit TEXT)")
        types = {"expMidptMJD": "DOUBLE", "coord_ra": "DOUBLE", "coord_dec": "DOUBLE"}
        types |= {"psfDiffFlux": "REAL", "psfDiffFluxErr": "REAL"}
        for table in ("DiaSource", "DiaObject", "ForcedSourceOnDiaObject", "Visit"):
            database.execute("INSERT INTO tap_tables VALUES (?)", (f"{SCHEMA}.{table}",))
            for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                types.setdefault(name, kind)
                row = (f"{SCHEMA}.{table}", name, UNITS.get(name))
                database.execute("INSERT INTO tap_columns VALUES (?, ?, ?)", row)
        return types


def _sql(query: str) -> str:
    sql = re.sub(rf"(?<!')\b{SCHEMA}\.", "", query)
    sql = sql.replace("TAP_SCHEMA.tables", "tap_tables").replace("TAP_SCHEMA.columns", "tap_columns")
    sql = re.sub(
        r"CONTAINS\(POINT\('ICRS', (\w+), (\w+)\), CIRCLE\('ICRS', ([^,]+), ([^,]+), ([^)]+)\)\)",
        r"in_circle(\1, \2, \3, \4, \5)",
        sql,
    )
    top = re.match(r"SELECT TOP (\d+) ", sql)
    if top:
        sql = f"SELECT {sql[top.end() :]} LIMIT {top[1]}"
    return sql


def _in_circle(ra: float, dec: float, x: float, y: float, radius: float) -> int:
    a, b, c, d = map(math.radians, (ra, dec, x, y))
    cosine = math.sin(b) * math.sin(d) + math.cos(b) * math.cos(d) * math.cos(a - c)
    return int(math.degrees(math.acos(min(1.0, cosine))) <= radius)
