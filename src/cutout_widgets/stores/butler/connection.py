"""One Butler per thread, created from a picklable description."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cutout_widgets.errors import BadOption, CutoutError, MissingDependency, sentence
from cutout_widgets.pixels.image import PANELS

__all__ = ["Butlers", "open_butler", "parse_spec"]

MOST_COLLECTIONS = 12
"""Maximum collections searched by default: data facilities have thousands."""


def parse_spec(spec: str) -> tuple[str, dict[str, Any]]:
    """Split ``REPO?collections=a,b&instrument=I`` into repository and options.

    Raises
    ------
    BadOption
        If a Butler store does not have one of the options.
    """
    place, _, query = spec.partition("?")
    options: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True))
    unknown = set(options) - {"collections", "instrument", *PANELS, "planes"}
    if unknown:
        raise BadOption(
            f"'butler:{spec}' has the unknown option {', '.join(sorted(unknown))}; known are collections, "
            "instrument, science, template, difference and planes"
        )
    if "collections" in options:
        options["collections"] = tuple(
            part.strip() for part in options["collections"].split(",") if part.strip()
        )
    return place, options


def open_butler(repository: str, collections: Sequence[str] | None = None) -> Any:
    """Open a repository for reading.

    Parameters
    ----------
    repository
        Path, URI or alias.
    collections
        Default collections of the Butler; None for none.

    Raises
    ------
    MissingDependency
        If lsst-daf-butler is not installed.
    BadOption
        If there is no such repository.
    """
    try:
        from lsst.daf.butler import Butler
    except ImportError as err:
        raise MissingDependency("lsst.daf.butler", "rubin", "reading a Butler repository") from err
    try:
        return Butler(repository, collections=collections)
    except FileNotFoundError as err:
        raise BadOption(f"there is no Butler repository at {repository} (no butler.yaml)") from err
    except Exception as err:  # the Butler raises some forty types of errors
        raise BadOption(f"the Butler repository {repository}: {sentence(err)}") from err


class Butlers:
    """One Butler for each thread and process, all from one description.

    Butlers on SQLite must not be shared by threads: they then raise unrelated errors, or find the wrong
    dataset.

    Parameters
    ----------
    butler
        A Butler, or the path, URI or alias of a repository.
    collections
        Collections to search; None for the Butler's default, else all chains of the
        repository, else all its runs.

    Raises
    ------
    MissingDependency
        If lsst-daf-butler is not installed.
    BadOption
        If there is no such repository or collection.
    """

    def __init__(self, butler: Any, collections: str | Sequence[str] | None) -> None:
        if isinstance(butler, (str, Path)):
            here = Path(butler).expanduser()
            butler = str(here.absolute()) if here.exists() else str(butler)
        self.given = butler
        self.collections = (collections,) if isinstance(collections, str) else tuple(collections or ())
        self._start_empty()
        if not self.collections:
            self.collections = self.ask(_default_collections)

    def _start_empty(self) -> None:
        """Initialise without anything open, in this process."""
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._local = threading.local()
        self._root: list[Any] = []
        weakref.finalize(self, _close_all, self._root, self._process)

    @property
    def name(self) -> str:
        """Name of the repository for display."""
        return " ".join(str(self.given).split())

    @property
    def mine(self) -> Any:
        """The Butler of this thread, a clone (0.5 ms) that shares the connections of the others."""
        if self._process != os.getpid():
            self._start_empty()
        butler = getattr(self._local, "butler", None)
        if butler is None:
            with self._lock:
                butler = (self._opened() if isinstance(self.given, str) else self.given).clone()
            self._local.butler = butler
        return butler

    def ask[Answer](self, question: Callable[[Any], Answer]) -> Answer:
        """Query this thread's Butler, and convert its errors.

        Raises
        ------
        BadOption
            Whatever the Butler raised, as one sentence.
        """
        try:
            return question(self.mine)
        except CutoutError:
            raise
        except Exception as err:  # the Butler raises some forty types of errors
            raise BadOption(f"the Butler repository {self.name}: {sentence(err)}") from err

    def _opened(self) -> Any:
        """Return the Butler to clone, opening the repository the first time."""
        if self._root:
            return self._root[0]
        self._root.append(open_butler(self.given))
        return self._root[0]

    def __getstate__(self) -> dict[str, Any]:
        return {"given": self.given, "collections": self.collections}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start_empty()


def _close_all(butlers: list[Any], process: int) -> None:
    """Close a repository's connections, if they were opened in this process."""
    while process == os.getpid() and butlers:
        butlers.pop().close()


def _default_collections(butler: Any) -> tuple[str, ...]:
    """Return the default collections: the Butler's own, else all chains, else all runs."""
    if butler.collections.defaults:
        return tuple(butler.collections.defaults)
    infos = butler.collections.query_info("*", include_chains=True)
    found: list[str] = []
    for kind in ("CHAINED", "RUN"):
        found = sorted(info.name for info in infos if info.type.name == kind)
        if 0 < len(found) <= MOST_COLLECTIONS:
            return tuple(found)
    raise BadOption(
        f"the repository has {len(found)} collections; choose one: collections=... (for example "
        f"{', '.join(found[:3]) or 'none'})"
    )
