"""Query one Virtual Observatory service, and report its failures clearly."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any, Literal

from cutout_widgets.catalog.services.session import Token, home_session, token_for
from cutout_widgets.errors import BadOption, BadTable, CutoutError, MissingDependency
from cutout_widgets.remarks import remarks_recorded
from cutout_widgets.web import origin_of, shown, without_token, words_of

__all__ = ["Connection", "Mode", "Service"]

type Mode = Literal["sync", "async"] | None
"""``"sync"``: one request; ``"async"``: a job, for long queries; None: depending on the number of rows."""

MOST_IN_ONE_REQUEST = 20_000
"""Queries for up to this number of rows are one request; larger ones are a job."""

_LONGEST_JOB_S = 3600.0
_ERROR_BYTES = 4096
_NO_JOBS = (404, 405, 501)
_URL = re.compile(r"https?://\S+")


class Service:
    """A service queried with pyvo; failures are reported as sentences without the token.

    Parameters
    ----------
    url
        Its address.
    token
        Returns the token, which must not be shown.
    """

    def __init__(self, url: str, token: Callable[[], str | None]) -> None:
        self.url, self._token = url, token
        self.name = shown(url)
        self.session: Any = None
        """The HTTP session of `session.home_session`, if it is ours."""

    def in_words[T](self, ask: Callable[[], T]) -> T:
        """Return pyvo's answer.

        Raises
        ------
        BadTable
            If the service cannot be reached, refuses, or does not return a complete table.
        """
        with remarks_recorded(self.name):  # OVERFLOW is reported later
            try:
                return ask()
            except CutoutError:
                raise
            except Exception as err:  # noqa: BLE001  of pyvo, requests, urllib3, expat and astropy
                fault = self._message_of(err)
        raise BadTable(fault) from None  # its traceback would hold the request, and so the token

    def _message_of(self, err: Exception) -> str:
        """Return an error as a sentence, without the token and the long URL of the request."""
        cause = getattr(err, "cause", None) or err
        if type(cause).__module__.startswith("requests") and getattr(cause, "response", None) is None:
            return f"{self.name} could not be reached ({type(cause).__name__})"
        reason = str(getattr(err, "reason", None) or err).strip() or type(err).__name__
        text = _URL.sub(lambda found: shown(found[0]), " ".join(reason.split()))
        text = without_token(text, self._token()).rstrip(".")
        text = text if len(text) <= 300 else f"{text[:297]}..."
        code = getattr(err, "code", None)
        if code in (401, 403):
            text += (
                "; is the token valid? It is taken from the environment variable ACCESS_TOKEN and sent "
                "only to the platform in EXTERNAL_INSTANCE_URL; pass another with token="
            )
        if type(err).__name__ == "DALFormatError":
            if self.session is not None and self.session.answered_page:
                return f"{self.name} answered with a web page, not with a table; has the session ended?"
            return f"{self.name} did not answer with a whole table ({text})"
        text += self._added(getattr(cause, "response", None), text)
        return f"{self.name} could not be read ({text})"

    def _added(self, response: Any, text: str) -> str:
        """Return what a message lacks of a busy service's response: its words, and how long to wait."""
        if response is None or response.status_code < 429:
            return ""
        words = words_of(response.content[:_ERROR_BYTES], lambda text: without_token(text, self._token()))
        after = str(response.headers.get("Retry-After", ""))
        wait = f"; it asks to wait for {after} s" if after.isascii() and after.isdecimal() else ""
        return (f": {words}" if words and words not in text else "") + wait


class Connection(Service):
    """Queries a TAP service with pyvo.

    Parameters
    ----------
    service
        URL of the service, or a ``pyvo.dal.TAPService``, whose session is used unchanged.
    token
        As for `session.token_for`.
    timeout_s
        Maximum time without a response.

    Raises
    ------
    MissingDependency
        If pyvo is not installed.
    BadOption
        If `service` is invalid, or the token is refused.
    """

    def __init__(self, service: Any, token: Token = None, timeout_s: float = 60.0) -> None:
        try:
            from pyvo.dal import TAPService
        except ImportError as err:
            raise MissingDependency("pyvo", "vo", "reading from a TAP service") from err
        if isinstance(service, TAPService):
            super().__init__(str(service.baseurl), lambda: None)
            self._service = service
        elif isinstance(service, str):
            url = service.rstrip("/?")
            home = origin_of(url)
            super().__init__(url, token_for(url, token))
            self.session = home_session(home, self._token, timeout_s)
            self._service = TAPService(url, session=self.session)
        else:
            raise BadOption(f"a TAP service is its URL, or a pyvo.dal.TAPService; got {service!r:.60}")

    def ask(self, query: str, *, limit: int | None = None, mode: Mode = None) -> Any:
        """Return the result of a query, as pyvo's results.

        Parameters
        ----------
        query
            ADQL.
        limit
            Maximum number of rows to request.
        mode
            The query mode.

        Raises
        ------
        BadOption
            If there is no such mode.
        BadTable
            If the service cannot be reached, refuses, or does not return a complete table.
        """
        if mode is not None and mode not in ("sync", "async"):
            raise BadOption(f"mode is 'sync', 'async' or None; got {mode!r}")
        job = mode == "async" or (mode is None and (limit is None or limit > MOST_IN_ONE_REQUEST))
        return self.in_words(lambda: self._answer(query, limit, mode, job))

    def _answer(self, query: str, limit: int | None, mode: Mode, job: bool) -> Any:
        """Return the result of a job, or of one request."""
        if job:
            with contextlib.suppress(_NoJobs):
                return self._by_job(query, limit, may_refuse=mode is None)
        return self._service.run_sync(query, maxrec=limit)

    def _by_job(self, query: str, limit: int | None, *, may_refuse: bool) -> Any:
        """Return the result of a job, which is always deleted."""
        try:
            job = self._service.submit_job(query, maxrec=limit)
        except Exception as err:
            if may_refuse and getattr(err, "code", None) in _NO_JOBS:
                raise _NoJobs from None
            raise
        try:
            job.run()
            job.wait(timeout=_LONGEST_JOB_S)
            job.raise_if_error()
            return job.fetch_result()
        finally:
            with contextlib.suppress(Exception):  # services delete old jobs anyway
                job.delete()


class _NoJobs(Exception):
    """The service does not support jobs."""
