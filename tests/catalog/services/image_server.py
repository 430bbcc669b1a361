"""A service on loopback that lists images, by ObsTAP and by SIA version 2; with faults on request."""

from __future__ import annotations

import re
import sqlite3
from collections import deque
from typing import Any
from urllib.parse import parse_qs, urlsplit

from astropy.table import MaskedColumn, Table
from tests.catalog.services.server import ERROR, results_document
from tests.loopback import LoopbackServer, QuietHandler

KINDS = {
    "calib_level": "i4", "s_ra": "f8", "s_dec": "f8", "s_fov": "f8", "t_min": "f8", "t_max": "f8",
    "em_min": "f8", "em_max": "f8", "lsst_visit": "i8", "lsst_detector": "i4",
}  # fmt: skip
TEXTS = (
    "access_url", "access_format", "dataproduct_type", "dataproduct_subtype", "obs_collection", "obs_id",
    "obs_publisher_did", "instrument_name", "s_region", "lsst_band",
)  # fmt: skip

CAPABILITIES = """<?xml version="1.0"?><vosi:capabilities
 xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"><capability standardID="ivo://ivoa.net/std/SIA#query-2.0">
 <interface xsi:type="vs:ParamHTTP" role="std" version="2.0"><accessURL use="base">{}</accessURL></interface>
</capability></vosi:capabilities>"""


class _Handler(QuietHandler):
    service: ImageServer

    def do_GET(self) -> None:
        self._serve(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._serve(parse_qs(body))

    def _serve(self, said: dict[str, list[str]]) -> None:
        path = urlsplit(self.path).path
        secret = self.headers.get("Authorization")
        self.service.asked.append((path, said, secret))
        if self._is_refused(self.service, said):
            return
        if path.endswith("/capabilities"):
            found = self.service.has_capabilities
            self._send(
                200 if found else 404, CAPABILITIES.format(f"{self.service.sia}/query").encode(), "text/xml"
            )
        elif path.endswith("/query"):
            self._answer(_of_sia(said), self.service.columns)
        else:
            self._tap(said["QUERY"][0])

    def _tap(self, query: str) -> None:
        if "TAP_SCHEMA" in query:
            rows = [("ivoa.ObsCore", one) for one in self.service.columns]
            self._send(200, _votable(("table_name", "column_name"), rows, "OK"), "application/x-votable+xml")
            return
        columns, where = re.fullmatch(r"SELECT (.+) FROM ivoa\.ObsCore WHERE (.+)", query).groups()
        sql = re.sub(
            r"CONTAINS\(POINT\('ICRS', ([^,]+), ([^)]+)\), s_region\) = 1",
            r"in_region(\1, \2, s_region)",
            where,
        )
        self._answer(sql, tuple(columns.split(", ")))

    def _answer(self, where: str, columns: tuple[str, ...]) -> None:
        self._send(200, self.service.answer(where, columns), "application/x-votable+xml")

    # The faults.

    def _half(self, said: dict[str, list[str]]) -> None:
        body = self.service.answer("1", self.service.columns)
        self._send(200, body[: len(body) // 2], "application/x-votable+xml")

    def _page(self, said: dict[str, list[str]]) -> None:
        """A page to log in, which repeats the token."""
        self._send(200, f"<p>log in {self.headers.get('Authorization')}".encode(), "text/html")

    def _refused(self, said: dict[str, list[str]]) -> None:
        self._send(400, ERROR.format("UsageFault: no such POS").encode(), "application/x-votable+xml")


class ImageServer(LoopbackServer):
    """List images until the ``with`` block ends.

    `faults` is a queue: each request takes one and applies it; None is no fault.
    """

    handler = _Handler

    def __init__(self, images: list[dict[str, Any]], *, token: str | None = None) -> None:
        self.images, self.token = images, token
        self.faults: deque[str | None] = deque()
        self.columns = (*TEXTS, *KINDS)
        self.most_rows: int | None = None
        self.elsewhere = ""
        """Origin to redirect to."""
        self.has_capabilities = True
        self.asked: list[tuple[str, dict[str, list[str]], str | None]] = []
        """Path, parameters and the Authorization header of each request."""

    @property
    def sia(self) -> str:
        return f"{self.origin}/api/sia/dp1"

    @property
    def tap(self) -> str:
        return f"{self.origin}/api/tap"

    def questions(self) -> list[dict[str, list[str]]]:
        """The parameters of the questions about images."""
        return [
            said
            for path, said, _ in self.asked
            if path.endswith("/query") or "s_region" in "".join(said.get("QUERY", []))
        ]

    def answer(self, where: str, columns: tuple[str, ...]) -> bytes:
        """Return the images that meet a condition of SQL."""
        database = sqlite3.connect(":memory:")
        database.create_function("in_region", 3, _in_box, deterministic=True)
        database.execute(f"CREATE TABLE ObsCore ({', '.join(self.columns)})")
        marks = ", ".join("?" * len(self.columns))
        for image in self.images:
            database.execute(
                f"INSERT INTO ObsCore VALUES ({marks})", [image.get(one) for one in self.columns]
            )
        rows = database.execute(f"SELECT {', '.join(columns)} FROM ObsCore WHERE {where}").fetchall()
        database.close()
        limit = len(rows) if self.most_rows is None else self.most_rows
        return _votable(columns, rows[:limit], "OVERFLOW" if len(rows) > limit else "OK")


def _votable(columns: tuple[str, ...], rows: list[tuple[Any, ...]], status: str) -> bytes:
    table = Table()
    for number, name in enumerate(columns):
        values = [row[number] for row in rows]
        kind = KINDS.get(name, "U200")
        filled = [("" if kind == "U200" else 0) if one is None else one for one in values]
        table[name] = MaskedColumn(filled, mask=[one is None for one in values], dtype=kind)
    return results_document(table, status)


def _in_box(ra: float, dec: float, region: str) -> int:
    numbers = [float(one) for one in re.findall(r"[-+.\d]+", region.replace("ICRS", ""))]
    return int(
        min(numbers[::2]) <= ra <= max(numbers[::2]) and min(numbers[1::2]) <= dec <= max(numbers[1::2])
    )


def _of_sia(said: dict[str, list[str]]) -> str:
    """The parameters of SIA as a condition."""
    places = [one.split() for one in said["POS"]]
    where = [" OR ".join(f"in_region({ra}, {dec}, s_region)" for _, ra, dec, _ in places)]
    for name, column in (
        ("CALIB", "calib_level"),
        ("DPTYPE", "dataproduct_type"),
        ("INSTRUMENT", "instrument_name"),
    ):
        if name in said:
            where.append(
                " OR ".join(f"{column} = {one if one.isdecimal() else repr(one)}" for one in said[name])
            )
    for span in said.get("TIME", []):
        begin, end = span.replace("Inf", "1e9").split()
        where.append(f"t_max IS NULL OR (t_max >= {begin} AND t_min <= {end})")
    return " AND ".join(f"({one})" for one in where)
