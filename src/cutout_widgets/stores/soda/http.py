"""HTTP for image cutout services: retries, and a token that is sent only to trusted hosts."""

from __future__ import annotations

import hashlib
import http.client
import random
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from cutout_widgets._version import __version__
from cutout_widgets.errors import CutoutError, ImageNotFound, UnreadableImage
from cutout_widgets.stores.soda.connections import Abort, Connections
from cutout_widgets.stores.soda.health import FAILURES, Health
from cutout_widgets.web import is_private, origin_of, shown, without_token, words_of

__all__ = ["Fetcher", "RefusedLink", "Unavailable"]

LARGEST_ANSWER_BYTES = 1 << 29
"""A larger cutout is a mistake in the request."""

_AGAIN = (408, 425, 429, 500, 502, 503, 504)
"""HTTP status codes for which a retry may succeed."""

_DOWN = (429, 502, 503, 504)
"""Those of them that are about the service, not the request."""

_STALE = (401, 403, 404, 410)
"""Status codes of an expired link."""

_LONGEST_PAUSE_S = 30.0

_ERROR_BYTES = 4096
"""Bytes read of an error response: enough for its first words."""


class RefusedLink(ImageNotFound):
    """The service refuses this; if the link was cached, a new link may work."""


class Unavailable(ImageNotFound):
    """The service is down, or failed in all attempts."""


class _Passing(CutoutError):
    """A temporary fault: busy, disconnected, no response."""

    def __init__(self, text: str, pause_s: float | None = None, *, down: bool = False) -> None:
        super().__init__(text)
        self.pause_s = pause_s
        """How long the service asks to wait."""
        self.down = down
        """Whether the service is at fault, not the request."""
        self.attempts = 1
        """Number of attempts."""

    @property
    def asks_for_long(self) -> bool:
        """Whether the service asks to wait longer than a user would."""
        return self.down and self.pause_s is not None and self.pause_s > _LONGEST_PAUSE_S


class Fetcher:
    """Downloads data, with retries.

    Parameters
    ----------
    token
        Called before each request for the bearer token, which is sent only to `home` and neither
        stored nor shown.
    home
        Origins (scheme, host, port) that may receive the token.
    tries
        Number of attempts after temporary faults.
    timeout_s
        Maximum time without a response.
    pause_s
        Wait before the second attempt; it doubles each time, unless the service gives a time.
    rest_s
        How long a service that is down is not requested again.
    patience_s
        How long a patient read waits for a service that is down.
    """

    def __init__(
        self,
        *,
        token: Callable[[], str | None],
        home: frozenset[str],
        tries: int,
        timeout_s: float,
        pause_s: float,
        rest_s: float = 30.0,
        patience_s: float = 600.0,
    ) -> None:
        self._token, self._home = token, home
        self._health, self._patience_s = Health(rest_s), patience_s
        self._tries, self._timeout_s, self._pause_s = tries, timeout_s, pause_s

    def get(self, url: str, abort: Abort, *, service: str = "", patient: bool | None = None) -> bytes:
        """Return the body of a response.

        Parameters
        ----------
        url
            What to request.
        abort
            Ends the request.
        service
            Name of the service: one of a host may be down while another responds.
        patient
            Whether to wait for a service that is down; None = as `abort` says.

        Raises
        ------
        RefusedLink
            If the service refuses or does not have it.
        Unavailable
            If it cannot be reached; at once if the service is down, unless the read is patient.
        ImageNotFound
            If `abort` was used, or the service has an error.
        UnreadableImage
            If the response is never complete.
        """
        name, rounds = f"{origin_of(url)} {service}", 0
        patient = abort.patient if patient is None else patient
        while True:
            self._wait_for(name, abort, patient)
            try:
                body = self._tried(url, name, abort, patient)
            except _Passing as err:
                fault, rounds = f"{err} ({err.attempts} attempts)", rounds + 1
                rest_s = err.pause_s if err.asks_for_long else None
                if rest_s is not None:
                    fault = f"{err}; it asks to wait for {rest_s:.0f} s"
                if err.down:
                    self._health.failed(name, fault, rest_s)
                waits = patient and err.down and self._health.down_for_s(name) < self._patience_s
                if not waits or not (self._health.is_down(name) or rounds < FAILURES):
                    raise (Unavailable if err.down else ImageNotFound)(fault) from err
            except CutoutError:
                abort.check()
                self._health.answered(name)
                raise
            else:
                self._health.answered(name)
                return body

    def _wait_for(self, name: str, abort: Abort, patient: bool) -> None:
        """Wait until a service may be requested; if it is down, only when the read is patient."""
        while True:
            abort.check()
            outage = self._health.outage(name)
            if outage is None:
                return
            if not patient or outage.since_s >= self._patience_s:
                raise Unavailable(outage.fault)
            abort.pause(min(outage.left_s, _LONGEST_PAUSE_S))

    def _tried(self, url: str, name: str, abort: Abort, patient: bool) -> bytes:
        """Make all attempts; if a service asks for a pause, all requests wait."""
        origin, attempt = origin_of(url), 0
        while True:
            held = self._health.held_s(origin)
            if held > 0:
                abort.pause(held)
                continue
            abort.check()
            try:
                return self._once(url, abort)
            except _Passing as err:
                attempt += 1
                err.attempts = attempt
                gives_up = self._health.is_down(name) and not patient
                if attempt == self._tries or err.asks_for_long or gives_up:
                    raise
                if err.pause_s is not None:
                    self._health.hold(origin, err.pause_s)
                else:
                    # Half of it is random, so that clients that failed together do not retry together.
                    pause = self._pause_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
                    abort.pause(min(pause, _LONGEST_PAUSE_S))

    def words_of(self, body: bytes) -> str:
        """Return the first words of a response, with stars for a token that it repeats."""
        return words_of(body, self.hide)

    def hide(self, text: str) -> str:
        """Return a text from a service without a token that it may repeat."""
        return without_token(text, self._token())

    def token_for(self, url: str) -> str | None:
        """Return the token that may be sent to a URL.

        Raises
        ------
        ImageNotFound
            If it would travel unencrypted.
        """
        token = self._token() if origin_of(url) in self._home else None
        if token:
            _refuse_plain(url)
        return token

    @property
    def health(self) -> Health:
        """Which services are down."""
        return self._health

    def reader_of(self, url: str) -> str:
        """Return an identifier of the token sent to a URL: the same for the same token, empty without one.

        The token cannot be derived from it.
        """
        token = self._token() if origin_of(url) in self._home else None
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""

    def _once(self, url: str, abort: Abort) -> bytes:
        """Make one attempt."""
        request = urllib.request.Request(url, headers={"User-Agent": f"cutout-widgets/{__version__}"})
        if token := self.token_for(url):
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        connections = Connections(abort)
        try:
            with connections.opener().open(request, timeout=self._timeout_s) as answer:
                return _body(answer, url, abort)
        except urllib.error.HTTPError as err:
            with err:
                message = self.words_of(_beginning(err))
                raise _refusal(err, url, message) from None  # the traceback would contain the token
        except CutoutError:
            abort.check()
            raise
        except (OSError, http.client.HTTPException, ValueError) as err:
            abort.check()
            what = err.reason if isinstance(err, urllib.error.URLError) else err
            name = type(what).__name__
            raise _Passing(f"{shown(url)} cannot be reached: {name}", down=True) from None
        finally:
            connections.forget()


def _body(answer: Any, url: str, abort: Abort) -> bytes:
    """Read a response completely."""
    parts, size = [], 0
    while True:
        abort.check()
        try:
            part = answer.read(1 << 16)
        except (http.client.IncompleteRead, OSError) as err:
            raise _Passing(f"{shown(url)} ended after {size} bytes") from err
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER_BYTES:
            raise UnreadableImage(f"{shown(url)} sent more than {LARGEST_ANSWER_BYTES >> 20} MiB")
    abort.check()  # the end of the data may be due to the abort
    expected = answer.headers.get("Content-Length", "")
    if expected.isdecimal() and size < int(expected):
        raise _Passing(f"{shown(url)} ended after {size} of {expected} bytes")
    return b"".join(parts)


def _beginning(err: urllib.error.HTTPError) -> bytes:
    """Return the first bytes of an HTTP error response."""
    try:
        return err.read(_ERROR_BYTES) if err.fp is not None else b""
    except (http.client.HTTPException, OSError):
        return b""


def _refusal(err: urllib.error.HTTPError, url: str, message: str) -> CutoutError:
    """Convert an HTTP error and the first words of its response to a helpful error."""
    text = f"{shown(url)} answered {err.code}" + (f": {message}" if message else "")
    if err.code in _AGAIN:
        return _Passing(text, _seconds(str(err.headers.get("Retry-After", ""))), down=err.code in _DOWN)
    if err.code in (401, 403):
        text += "; is the token valid? It is taken from the environment variable ACCESS_TOKEN"
    return RefusedLink(text) if err.code in _STALE else ImageNotFound(text)


def _seconds(after: str) -> float | None:
    """Return the wait in a ``Retry-After`` header: seconds, or a date; None if it is neither."""
    if after.isascii() and after.isdecimal():
        return float(after[:9])
    try:
        until = parsedate_to_datetime(after)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())


def _refuse_plain(url: str) -> None:
    """Raise if a token would be sent unencrypted, except to this machine."""
    if not is_private(url):
        raise ImageNotFound(
            f"the token is not sent to {shown(url)}, where it would travel unencrypted; use https"
        )
