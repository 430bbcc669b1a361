"""HTTP for image cutout services: retries, and a token sent only to trusted hosts."""

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

__all__ = ["Fetcher", "Gone"]

LARGEST_ANSWER_BYTES = 1 << 29
"""A cutout of more is a mistake in the request."""

_AGAIN = (408, 425, 429, 500, 502, 503, 504)
"""Answers that a later attempt may better."""

_DOWN = (429, 502, 503, 504)
"""Those of them that say nothing of what was asked for, but of the service."""

_STALE = (401, 403, 404, 410)
"""Answers that an expired link gives."""

_LONGEST_PAUSE_S = 30.0

_ERROR_BYTES = 4096
"""Of a refusal: enough for its first words."""


class Gone(ImageNotFound):
    """The service does not give this; if its link was remembered, a new link may help."""


class _Passing(CutoutError):
    """A fault that may pass: busy, cut off, silent."""

    def __init__(self, text: str, pause_s: float | None = None, *, down: bool = False) -> None:
        super().__init__(text)
        self.pause_s = pause_s
        """What the service asks to wait."""
        self.down = down
        """Whether it is the service that is at fault, not what was asked for."""
        self.attempts = 1
        """How often it was met in turn."""

    @property
    def asks_for_long(self) -> bool:
        """Whether the service asks to wait longer than one who looks at a page would."""
        return self.down and self.pause_s is not None and self.pause_s > _LONGEST_PAUSE_S


class Fetcher:
    """Gets bytes from the web, patiently.

    Parameters
    ----------
    token
        Asked for the bearer token before each request; it goes to `home` alone and is neither
        kept nor shown.
    home
        Origins (scheme, host, port) that may see the token.
    tries
        How often a fault that may pass is tried.
    timeout_s
        Longest silence of a service.
    pause_s
        Wait before the second attempt; it doubles each time, unless the service says how long.
    rest_s
        How long a service that is down is not asked again.
    patience_s
        How long a patient reading waits for a service that is down.
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

    def get(self, url: str, abort: Abort) -> bytes:
        """Return the body of an answer.

        Raises
        ------
        Gone
            If the service refuses or has no such thing.
        ImageNotFound
            If it cannot be reached, or `abort` was used; at once if the service is down, unless the
            reading is patient.
        UnreadableImage
            If what it sends never arrives whole.
        """
        origin, rounds = origin_of(url), 0
        while True:
            self._wait_for(origin, abort)
            try:
                body = self._tried(url, origin, abort)
            except _Passing as err:
                fault, rounds = f"{err} ({err.attempts} attempts)", rounds + 1
                rest_s = err.pause_s if err.asks_for_long else None
                if rest_s is not None:
                    fault = f"{err}; it asks to wait for {rest_s:.0f} s"
                if err.down:
                    self._health.failed(origin, fault, rest_s)
                waits = abort.patient and err.down and self._health.down_for_s(origin) < self._patience_s
                if not waits or not (self._health.is_down(origin) or rounds < FAILURES):
                    raise ImageNotFound(fault) from err
            except CutoutError:
                abort.check()
                self._health.answered(origin)
                raise
            else:
                self._health.answered(origin)
                return body

    def _wait_for(self, origin: str, abort: Abort) -> None:
        """Wait until a service may be asked; for one that is down only if the reading is patient."""
        while True:
            abort.check()
            silence = self._health.silence(origin)
            if silence is None:
                return
            if not abort.patient or silence.since_s >= self._patience_s:
                raise ImageNotFound(silence.fault)
            abort.pause(min(silence.left_s, _LONGEST_PAUSE_S))

    def _tried(self, url: str, origin: str, abort: Abort) -> bytes:
        """Make all attempts; a service that asks for a pause gets it, from all requests."""
        attempt = 0
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
                gives_up = self._health.is_down(origin) and not abort.patient
                if attempt == self._tries or err.asks_for_long or gives_up:
                    raise
                if err.pause_s is not None:
                    self._health.hold(origin, err.pause_s)
                else:
                    # Half of it random: many clients that failed together must not return together.
                    pause = self._pause_s * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
                    abort.pause(min(pause, _LONGEST_PAUSE_S))

    def words_of(self, body: bytes) -> str:
        """Return the first words of an answer; stars stand for a token that it repeats."""
        return words_of(body, self.hide)

    def hide(self, text: str) -> str:
        """Return a text that a service sent, without the token that it may repeat."""
        return without_token(text, self._token())

    def reader_of(self, url: str) -> str:
        """Return a word for whose token a URL gets: the same for the same token, empty without one.

        The token cannot be found from it.
        """
        token = self._token() if origin_of(url) in self._home else None
        return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest() if token else ""

    def _once(self, url: str, abort: Abort) -> bytes:
        """Make one attempt."""
        request = urllib.request.Request(url, headers={"User-Agent": f"cutout-widgets/{__version__}"})
        if origin_of(url) in self._home:
            token = self._token()
            if token:
                _refuse_plain(url)
                request.add_unredirected_header("Authorization", f"Bearer {token}")
        connections = Connections(abort)
        try:
            with connections.opener().open(request, timeout=self._timeout_s) as answer:
                return _body(answer, url, abort)
        except urllib.error.HTTPError as err:
            with err:
                said = self.words_of(_beginning(err))
                raise _refusal(err, url, said) from None  # its traceback holds the request, and so the token
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
    """Read an answer to its end."""
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
    abort.check()  # what looks like the end of an answer may be the end of the reading
    expected = answer.headers.get("Content-Length", "")
    if expected.isdecimal() and size < int(expected):
        raise _Passing(f"{shown(url)} ended after {size} of {expected} bytes")
    return b"".join(parts)


def _beginning(err: urllib.error.HTTPError) -> bytes:
    """Return the beginning of what came with an HTTP error."""
    try:
        return err.read(_ERROR_BYTES) if err.fp is not None else b""
    except (http.client.HTTPException, OSError):
        return b""


def _refusal(err: urllib.error.HTTPError, url: str, said: str) -> CutoutError:
    """Turn an HTTP error, and the words that came with it, into what a person can use."""
    text = f"{shown(url)} answered {err.code}" + (f": {said}" if said else "")
    if err.code in _AGAIN:
        return _Passing(text, _seconds(str(err.headers.get("Retry-After", ""))), down=err.code in _DOWN)
    if err.code in (401, 403):
        text += "; is the token valid? It is taken from the environment variable ACCESS_TOKEN"
    return Gone(text) if err.code in _STALE else ImageNotFound(text)


def _seconds(after: str) -> float | None:
    """Return how long a ``Retry-After`` says to wait: seconds, or a date; None if it says neither."""
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
    """Refuse to send a token unencrypted, except to this machine."""
    if not is_private(url):
        raise ImageNotFound(
            f"the token is not sent to {shown(url)}, where it would travel unencrypted; use https"
        )
