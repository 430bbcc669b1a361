"""Paths and URLs that users give: checked, with one sentence for everything that is neither."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeGuard
from urllib.parse import urlsplit

from cutout_widgets.errors import BadOption
from cutout_widgets.web import shown
from cutout_widgets.whole_file import usable_path

__all__ = ["SCHEMES", "home_expanded", "is_url", "local_path", "path_text", "path_to", "shown_place"]

SCHEMES = ("http", "https", "s3", "gs", "az")
"""URL schemes of remote files."""


def path_to(given: object, what: str) -> Path:
    """Return the path of a file or folder on this machine.

    Parameters
    ----------
    given
        Text or a path; ``file://`` URLs and a leading ``~`` are understood.
    what
        What it is a path of, for the error message, such as ``"the folder to save to"``.

    Raises
    ------
    BadOption
        If it is not a path, or a URL of another machine.

    Examples
    --------
    >>> path_to("file:///tmp/out", "the folder").as_posix()
    '/tmp/out'
    >>> path_to(None, "the folder")
    Traceback (most recent call last):
    ...
    cutout_widgets.errors.BadOption: the folder is given as a path (text or pathlib.Path); got None
    """
    text = path_text(given, what)
    scheme, mark, _ = text.partition("://")
    if mark and scheme.isalnum() and scheme.lower() != "file":
        raise BadOption(f"{what} is on this machine; got a URL ({scheme}://); save here, then copy it there")
    return home_expanded(local_path(text))


def path_text(given: object, what: str) -> str:
    """Return a path or URL as text; a leading ``~`` is replaced by the home folder.

    Parameters
    ----------
    given
        Text or a path.
    what
        As for `path_to`.

    Raises
    ------
    BadOption
        If it is neither.

    Examples
    --------
    >>> path_text(Path("a") / "b.fits", "an image").replace(os.sep, "/")
    'a/b.fits'
    """
    if isinstance(given, (str, os.PathLike)):
        text = os.fspath(given)
        if isinstance(text, str) and text:
            if not is_url(text):
                usable_path(text)
            return str(home_expanded(text)) if text.startswith("~") else text
    raise BadOption(f"{what} is given as a path (text or pathlib.Path); got {_described(given)}")


def home_expanded(text: str) -> Path:
    """Return a path with a leading ``~`` replaced by the home folder, if there is such a user.

    Examples
    --------
    >>> home_expanded("~/labels.jsonl") == Path.home() / "labels.jsonl"
    True
    """
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def is_url(text: object) -> TypeGuard[str]:
    """Return whether a text is the URL of a remote file."""
    return isinstance(text, str) and text.partition("://")[0].lower() in SCHEMES and "://" in text


def local_path(text: str) -> str:
    """Return the path of a ``file://`` URL; any other text unchanged.

    Raises
    ------
    BadOption
        If it cannot be a path.
    """
    path = text
    if text.lower().startswith("file://"):
        from urllib.request import url2pathname  # imports http and ssl

        path = url2pathname(urlsplit(text).path)
    if not is_url(path):
        usable_path(path)
    return path


def shown_place(place: object) -> str:
    """Return a path, or a URL for display: without its query, which may contain a signature."""
    text = str(place)
    return shown(text) if is_url(text) else text


def _described(given: object) -> str:
    """Describe what was given instead of a path."""
    name = getattr(given, "name", None)
    if hasattr(given, "read") and hasattr(given, "close"):
        way = f": give its name, {name!r:.200}" if isinstance(name, str) and name else ""
        return f"an open file{way}"
    if isinstance(given, bytes):
        return f"bytes, {given!r:.40}: decode them"
    if given is None or isinstance(given, (str, bool, int, float)):
        return "an empty text" if given == "" else f"{given!r:.40}"
    if isinstance(given, type):
        return f"the class {given.__name__}"
    return f"an object of type {type(given).__name__}"
