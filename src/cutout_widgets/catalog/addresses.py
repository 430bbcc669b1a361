"""Tables that are not files: databases and repositories, by the scheme of their address."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from cutout_widgets.errors import BadTable

__all__ = ["URL_READERS", "is_address", "read_address"]

URL_READERS = {
    "sqlite": "cutout_widgets.catalog.apdb:read_apdb",
    "postgresql": "cutout_widgets.catalog.apdb:read_apdb",
    "cassandra": "cutout_widgets.catalog.apdb:read_apdb",
    "butler": "cutout_widgets.stores.butler:read_table",
}
"""Scheme of a URL -> function of it and of options that gives a table; imported when asked for."""

_URL = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9]+)(\+\w+)?:(?!\\)")
"""The scheme of a URL; two letters at least, so that ``C:`` is a drive."""

_DATABASES = (".db", ".sqlite", ".sqlite3")
"""Endings of files that are SQLite databases."""


def is_address(source: str | Path) -> bool:
    """Tell the address of a database or repository from the path of a table file."""
    return _is_database(str(source)) or (isinstance(source, str) and _URL.match(source) is not None)


def read_address(source: str | Path, **options: Any) -> Any:
    """Return the table at an address, as its reader gives it.

    Parameters
    ----------
    source
        ``"sqlite:///apdb.db"``, ``"butler:REPO#dataset"``, or the path of a SQLite file.
    options
        What the reader takes.

    Raises
    ------
    BadTable
        If there is no reader for its scheme, or the reader finds no table.
    """
    address = f"sqlite:///{source}" if _is_database(str(source)) else str(source)
    scheme = _URL.match(address)
    assert scheme is not None
    return _reader_of(scheme["name"])(address, **options)


def _reader_of(scheme: str) -> Callable[..., Any]:
    """Return the function that reads tables at URLs of a scheme."""
    place = URL_READERS.get(scheme.lower())
    if place is None:
        raise BadTable(f"no reader of tables for {scheme + ':'!r} URLs; there are {', '.join(URL_READERS)}")
    module, _, name = place.partition(":")
    reader: Callable[..., Any] = getattr(import_module(module), name)
    return reader


def _is_database(path: str) -> bool:
    """Tell a path of a SQLite file from other paths and from URLs."""
    return "://" not in path and Path(path).suffix.lower() in _DATABASES
