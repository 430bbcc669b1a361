"""Messages of astropy and numpy about an odd file: reported once, in our words, with the file's name."""

from __future__ import annotations

import logging
import os
import re
import threading
import warnings
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar, Token
from functools import wraps
from types import TracebackType
from typing import Any, TextIO

import numpy as np

from cutout_widgets.errors import OWN_FILES, CutoutWarning, counted

__all__ = ["records_remarks", "remarks_recorded"]

_log = logging.getLogger(__name__)

FILES_A_KIND = 3
"""Maximum number of files with a warning of one kind: an index may list thousands of similar files."""

LONGEST = 160
"""Maximum length of a message in our warning, in characters."""

_MOST_NAMES = 10_000

_remarks: ContextVar[list[tuple[int, str]] | None] = ContextVar("_remarks", default=None)
"""Level and text of each message in this thread; None while nothing is read."""


class remarks_recorded:
    """Keep the warnings and log lines of other packages off the screen while a file is read.

    Parameters
    ----------
    name
        Name of the file for messages, without secrets.
    warn
        Pass on their warnings as one of ours, once per file; by default they only go to our log, level INFO.

    Warns
    -----
    CutoutWarning
        With the first warning, after the file was read. At most `FILES_A_KIND` files get a warning of
        one kind. A file that could not be read raises an error instead.

    Notes
    -----
    `warnings.catch_warnings` changes the whole process: two threads that read at the same time could leave
    each other's filters behind, and lose the warnings of the user's own code. This class only records the
    messages of the thread that reads. Inside another such block it does nothing: the outer one reports.
    """

    def __init__(self, name: object, *, warn: bool = False) -> None:
        self._name = name
        self._warn = warn
        self._heard: list[tuple[int, str]] = []
        self._token: Token[list[tuple[int, str]] | None] | None = None
        self._numbers = np.errstate(all="ignore")

    def __enter__(self) -> None:
        if _remarks.get() is None:
            _SCREEN.guard()
            self._token = _remarks.set(self._heard)
            self._numbers.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is None:
            return
        self._numbers.__exit__(kind, error, trace)
        _remarks.reset(self._token)
        _SCREEN.release()
        for level, text in self._heard:
            _log.log(min(level, logging.INFO), "%s: %s", self._name, text)
        reported = [text for level, text in self._heard if level >= logging.WARNING]
        if (
            kind is None
            and self._warn
            and reported
            and (number := _REPORTED.number_of(str(self._name), reported[0]))
        ):
            others = f" (and {counted(len(reported) - 1, 'more remark')})" if len(reported) > 1 else ""
            last = "; further files like it are reported only in the log" if number == FILES_A_KIND else ""
            warnings.warn(
                f"{self._name} was read, but departs from the rules of its format: "
                f"{_shortened(reported[0])}{others}{last}",
                CutoutWarning,
                skip_file_prefixes=OWN_FILES,
            )


def records_remarks[**P, R](name: Callable[..., object]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run a function within `remarks_recorded`, with ``warn=True``.

    Parameters
    ----------
    name
        Returns the name of the file from the function's own arguments.
    """

    def of(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def reads(*args: P.args, **kwargs: P.kwargs) -> R:
            with remarks_recorded(name(*args, **kwargs), warn=True):
                return function(*args, **kwargs)

        return reads

    return of


class _Reported:
    """Which files were reported, and how many for each kind of message."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: set[str] = set()
        self._kinds: Counter[str] = Counter()

    def number_of(self, file: str, remark: str) -> int:
        """Return the number of this file among those with such a message, from 1; 0: do not report it."""
        kind = re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "", remark)[:LONGEST]
        with self._lock:
            if file in self._files or self._kinds[kind] >= FILES_A_KIND or len(self._files) >= _MOST_NAMES:
                return 0
            self._files.add(file)
            self._kinds[kind] += 1
            return self._kinds[kind]

    def forget(self) -> None:
        """Report all files again."""
        with self._lock:
            self._files.clear()
            self._kinds.clear()


class _Screen:
    """Intercepts Python's warnings and astropy's log while any thread reads a file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        self._shown_before: Any = None
        self._filter: Any = None

    def guard(self) -> None:
        """Start to intercept warnings, unless another thread already does."""
        import astropy  # its log replaces showwarning when it is imported: that must be over
        from astropy.utils.exceptions import AstropyWarning

        with self._lock:
            self._readers += 1
            # Not simplefilter(): it forgets which warnings of the user's code were shown before.
            self._filter = ("always", None, AstropyWarning, re.compile(".*"), 0)
            if self._filter not in warnings.filters:
                warnings.filters.insert(0, self._filter)  # type: ignore[attr-defined]
            if warnings.showwarning != self._show:
                self._shown_before, warnings.showwarning = warnings.showwarning, self._show
            if self._keep_record not in astropy.log.filters:
                astropy.log.addFilter(self._keep_record)

    def release(self) -> None:
        """Restore the previous state, unless another thread still reads."""
        with self._lock:
            self._readers -= 1
            if self._readers:
                return
            if self._filter in warnings.filters:
                warnings.filters.remove(self._filter)  # type: ignore[attr-defined]
            if warnings.showwarning == self._show:
                warnings.showwarning = self._shown_before

    def start_anew(self) -> None:
        """Forget the readers of the process that this one was forked from."""
        self._lock = threading.Lock()
        self._readers = 0

    def _show(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Record a warning; let through our own, and those of threads that read nothing."""
        heard = _remarks.get()
        if heard is None or issubclass(category, CutoutWarning):
            self._shown_before(message, category, filename, lineno, file, line)
        else:
            heard.append((logging.WARNING, str(message)))

    def _keep_record(self, record: logging.LogRecord) -> bool:
        """Record a line of astropy's log, or let it through if this thread reads nothing."""
        heard = _remarks.get()
        if heard is not None:
            heard.append((record.levelno, record.getMessage()))
        return heard is None


def _shortened(remark: str) -> str:
    """Return a message on one line, without control characters."""
    text = "".join(one if one.isprintable() else "?" for one in " ".join(remark.split()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} ..."


_REPORTED = _Reported()
_SCREEN = _Screen()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_SCREEN.start_anew)
