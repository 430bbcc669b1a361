"""Tables at addresses of databases and repositories, by their scheme."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from cutout_widgets.errors import BadTable
from cutout_widgets.paths import SCHEMES, is_url

__all__ = ["URL_READERS", "is_address", "read_address", "read_catalogue"]

URL_READERS = {
    "sqlite": "cutout_widgets.catalog.databases.apdb:read_apdb",
    "postgresql": "cutout_widgets.catalog.databases.apdb:read_apdb",
    "cassandra": "cutout_widgets.catalog.databases.apdb:read_apdb",
    "tap": "cutout_widgets.catalog.services.addresses:read_address",
    "hats": "cutout_widgets.catalog.hats.catalogue:read_hats",
    "butler": "cutout_widgets.stores.butler.store:read_table",
}
"""Scheme of a URL -> function of the URL and options that returns a table; imported when needed."""

_URL = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]+)(\+\w+)?:(?!\\)")
"""The scheme of a URL; at least two letters, because ``C:`` is a drive."""

_DATABASES = (".db", ".sqlite", ".sqlite3")
"""File name endings of SQLite databases."""


def is_address(source: str | Path) -> bool:
    """Return whether text is the address of a database or repository, not a file path."""
    if is_url(source) or str(source).lower().startswith("file://"):
        return False  # a remote file
    return (
        source == "" or _is_database(source) or (isinstance(source, str) and _scheme_of(source) is not None)
    )


def read_address(source: str | Path, **options: Any) -> Any:
    """Return the table at an address, as its reader returns it.

    Parameters
    ----------
    source
        ``"sqlite:///apdb.db"``, ``"butler:REPO#dataset"``, or the path of a SQLite file.
    options
        Options of the reader.

    Raises
    ------
    BadTable
        If it is empty, there is no reader for its scheme, or the reader does not find a table.
    """
    if source == "":
        raise BadTable("the path of the table is empty; name a file, or the URL of a database")
    address = f"sqlite:///{source}" if _is_database(source) else str(source)
    scheme = _scheme_of(address)
    assert scheme is not None
    return _reader_of(scheme)(address, **options)


def read_catalogue(path: str | Path, **options: Any) -> Any:
    """Return the rows of a HATS catalogue at a path or URL, which may contain any characters.

    Raises
    ------
    BadTable
        If it cannot be read.
    """
    return _reader_of("hats")(path if is_url(path) else Path(path).expanduser(), **options)


def _scheme_of(address: str) -> str | None:
    """Return the scheme of a URL, None for a path."""
    found = _URL.match(address)
    return found["name"] if found else None


def _reader_of(scheme: str) -> Callable[..., Any]:
    """Return the function that reads tables at URLs with a scheme."""
    place = URL_READERS.get(scheme.lower())
    if place is None:
        known = ", ".join([*URL_READERS, *SCHEMES, "file"])
        raise BadTable(f"no tables from {scheme + ':'!r} URLs; known are {known}")
    module, _, name = place.partition(":")
    reader: Callable[..., Any] = getattr(import_module(module), name)
    return reader


def _is_database(source: str | Path) -> bool:
    """Return whether something is the path of a SQLite file."""
    if isinstance(source, str) and ("://" in source or (_scheme_of(source) or "").lower() in URL_READERS):
        return False
    return Path(source).suffix.lower() in _DATABASES
