"""Services that list the images covering a position: ObsTAP, and Simple Image Access (SIA) version 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cutout_widgets.catalog.services.adql import literal, select
from cutout_widgets.catalog.services.connection import Service
from cutout_widgets.catalog.services.light_curves import rows_in
from cutout_widgets.catalog.services.results import from_results
from cutout_widgets.catalog.services.session import Token, home_session, token_for
from cutout_widgets.catalog.services.tap import Tap, connection_of
from cutout_widgets.errors import BadOption, BadTable, MissingDependency
from cutout_widgets.web import origin_of, shown

__all__ = ["ImageQuery", "image_service", "is_image_service"]

COLUMNS = (
    "access_url", "access_format", "dataproduct_type", "dataproduct_subtype", "calib_level",
    "obs_collection", "obs_id", "obs_publisher_did", "instrument_name", "s_ra", "s_dec", "s_fov",
    "s_region", "t_min", "t_max", "em_min", "em_max", "lsst_visit", "lsst_detector", "lsst_band",
)  # fmt: skip
"""Columns to request, if the service has them: those of ObsCore 1.1, and Rubin's additions."""

_TABLES = ("ivoa.ObsCore", "ivoa.obscore")
"""Names that services use for the table."""

_RADIUS_DEG = 0.1 / 3600
"""Radius of the circle that represents a position if a service requires one."""

_TAI_MINUS_UTC_DAYS = 37 / 86_400
"""Valid since 2017."""


@dataclass(frozen=True)
class ImageQuery:
    """Which images are wanted."""

    places: Sequence[tuple[float, float]]
    """ICRS degrees."""
    time: tuple[float | None, float | None] = (None, None)
    """Earliest and latest time, MJD TAI."""
    instrument: str | None = None
    calibrated: bool = True
    """Whether raw images are left out."""


class Answer(NamedTuple):
    """The answer of a service."""

    records: list[dict[str, Any]]
    """One row of ObsCore each."""
    is_whole: bool
    """Whether the service sent all rows."""
    warn: Callable[[], object]
    """Warns if it did not."""


class _ObsTap:
    """The table ``ivoa.ObsCore`` of a TAP service."""

    def __init__(self, service: Any, token: Token) -> None:
        self._connection = connection_of(service, token)
        self.name = self._connection.name
        self._table = ""
        self._columns: frozenset[str] = frozenset()

    def ask(self, question: ImageQuery) -> Answer:
        """Return the rows of images."""
        if not self._columns:
            self._find_table()
        have = self._columns
        if "s_region" not in have or "access_url" not in have:
            raise BadTable(f"{self._table} of {self.name} has no s_region and access_url: no images to find")
        places = [f"CONTAINS(POINT('ICRS', {ra!r}, {dec!r}), s_region) = 1" for ra, dec in question.places]
        where = [f"({' OR '.join(places)})", *self._conditions(question)]
        query = select(self._table, [one for one in COLUMNS if one in have], where)
        results = self._connection.ask(query, mode="sync")
        return _answer(results, self.name)

    def _conditions(self, question: ImageQuery) -> list[str]:
        """Return the conditions other than the position; templates have no times."""
        begin, end = question.time
        conditions = []
        if "dataproduct_type" in self._columns:
            conditions.append("dataproduct_type = 'image'")
        if question.calibrated and "calib_level" in self._columns:
            conditions.append("calib_level >= 2")
        if begin is not None:
            conditions.append(f"(t_max IS NULL OR t_max >= {begin!r})")
        if end is not None:
            conditions.append(f"(t_min IS NULL OR t_min <= {end!r})")
        if question.instrument is not None:
            conditions.append(f"instrument_name = {literal(question.instrument)}")
        return conditions

    def _find_table(self) -> None:
        names = ", ".join(map(literal, _TABLES))
        query = select("TAP_SCHEMA.columns", ["table_name", "column_name"], [f"table_name IN ({names})"])
        found = rows_in(from_results(self._connection.ask(query, mode="sync"), name=self.name))
        if not found:
            raise BadTable(f"{self.name} has no table ivoa.ObsCore: it lists no images")
        self._table = str(found[0]["table_name"])
        self._columns = frozenset(str(one["column_name"]).strip('"') for one in found)


class _Sia(Service):
    """A service of SIA version 2."""

    def __init__(self, service: Any, token: Token) -> None:
        try:
            from pyvo.dal import SIA2Service
        except ImportError as err:
            raise MissingDependency("pyvo", "vo", "asking a service for images") from err
        if isinstance(service, SIA2Service):
            super().__init__(str(service.baseurl), lambda: None)
            self._session: Any = service._session
            self._query_url = str(service.query_ep)
        else:
            url = service.rstrip("/?")
            super().__init__(url, token_for(url, token))
            self.session = self._session = home_session(origin_of(url), self._token, 60.0)
            self._query_url = url if url.endswith("/query") else ""

    def ask(self, question: ImageQuery) -> Answer:
        """Return the rows of images."""
        from pyvo.dal.sia2 import SIA2Query

        circles = [f"CIRCLE {ra!r} {dec!r} {_RADIUS_DEG:.9f}" for ra, dec in question.places]
        parameters: dict[str, list[str]] = {"POS": circles, "DPTYPE": ["image"]}
        if question.calibrated:
            parameters["CALIB"] = ["2", "3"]
        if question.time != (None, None):
            begin, end = question.time
            first = "-Inf" if begin is None else repr(begin - _TAI_MINUS_UTC_DAYS)
            last = "+Inf" if end is None else repr(end - _TAI_MINUS_UTC_DAYS)
            parameters["TIME"] = [f"{first} {last}"]
        if question.instrument is not None:
            parameters["INSTRUMENT"] = [question.instrument]
        where = self._query_url or self.in_words(self._found_query_url)
        results = self.in_words(lambda: SIA2Query(where, session=self._session, **parameters).execute())
        return _answer(results, self.name)

    def _found_query_url(self) -> str:
        """Return the URL for queries that the service names, else the service's own URL."""
        from pyvo.dal import DALServiceError, SIA2Service

        try:
            self._query_url = str(SIA2Service(self.url, session=self._session).query_ep)
        except DALServiceError as err:
            if getattr(err, "code", None) in (401, 403) or "could not" in str(err):
                raise
            self._query_url = self.url
        return self._query_url


def image_service(service: Any, token: Token = None) -> _ObsTap | _Sia:
    """Return an object that queries a service for images.

    Parameters
    ----------
    service
        ``"tap:URL"``, ``"sia:URL"``, a URL that shows which of them it is (``.../tap``, ``.../sia/...``), a
        `Tap`, or pyvo's ``TAPService`` or ``SIA2Service``.
    token
        As in `session.token_for`.

    Raises
    ------
    BadOption
        If a URL does not show which kind of service it is.
    MissingDependency
        If pyvo is not installed.
    """
    if not isinstance(service, str):
        return _Sia(service, token) if type(service).__name__ == "SIA2Service" else _ObsTap(service, token)
    kind, _, rest = service.partition(":")
    if kind in ("tap", "sia"):
        return _ObsTap(rest, token) if kind == "tap" else _Sia(rest, token)
    parts = [one.lower() for one in urlsplit(service).path.split("/")]
    if any(one.startswith("sia") for one in parts):
        return _Sia(service, token)
    if any(one.endswith("tap") for one in parts):
        return _ObsTap(service, token)
    raise BadOption(
        f"{shown(service)} may be a TAP service or one of SIA version 2; use 'tap:URL' or 'sia:URL'"
    )


def is_image_service(service: Any) -> bool:
    """Return whether this is a service of the Virtual Observatory, not a Butler."""
    if isinstance(service, str):
        return service.partition(":")[0] in ("tap", "sia", "http", "https")
    return isinstance(service, Tap) or type(service).__module__.partition(".")[0] == "pyvo"


def _answer(results: Any, name: str) -> Answer:
    """Return the rows of a result, and whether it is complete."""
    records = rows_in(from_results(results, limit=0, name=name))
    status = str(getattr(results, "status", ("OK",))[0]).upper()
    return Answer(records, status != "OVERFLOW", lambda: from_results(results, name=name))
