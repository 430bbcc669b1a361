"""All errors and warnings raised by the package.

::

    CutoutError
     +-- ImageNotFound        (LookupError)   no image where one was expected
     +-- UnreadableImage      (ValueError)    there is one, but its bytes are no image
     +-- NoOverlap            (ValueError)    a box is entirely outside its image
     +-- PartialOverlap       (ValueError)    a box is partly outside, and that is not allowed
     +-- BadTable             (ValueError)    a table lacks what is needed, or a query is wrong
     |    +-- NotInTable      (KeyError, IndexError) there is no such column or row
     +-- BadOption            (ValueError)    an argument is invalid
     |    +-- UnknownOption   (TypeError)     there is no keyword argument of that name
     +-- NotWritable          (OSError)       a folder or file cannot be written
     +-- MissingDependency    (ImportError)   a package is not installed

Each is also a standard library error, so that for example ``except LookupError`` works.
A message states what was expected, what was found and what to do; a note below it in the traceback
names the page of the documentation that explains (`CutoutError.page`).
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

__all__ = [
    "OWN_FILES",
    "BadOption",
    "BadTable",
    "CutoutError",
    "CutoutWarning",
    "ImageNotFound",
    "MissingDependency",
    "NoOverlap",
    "NotInTable",
    "NotWritable",
    "PartialOverlap",
    "UnknownOption",
    "UnreadableImage",
    "close_names",
    "counted",
    "refuse_unknown",
    "require",
    "sentence",
]


class CutoutError(Exception):
    """Base class of all errors of this package."""

    page: ClassVar[str] = ""
    """The page of the documentation that explains, as ``docs/stores.md``; empty if there is none."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        if self.page:
            self.add_note(f"Explained in {self.page} of the documentation.")


class ImageNotFound(CutoutError, LookupError):
    """No image where one was expected."""

    page = "docs/stores.md"

    def __str__(self) -> str:
        # LookupError's own quoting (KeyError) must not be shown to users.
        return " ".join(str(part) for part in self.args)


class UnreadableImage(CutoutError, ValueError):
    """A file or stamp exists, but its bytes are not a readable image."""

    page = "docs/stores.md"


class NoOverlap(CutoutError, ValueError):
    """A box is entirely outside its image."""


class PartialOverlap(CutoutError, ValueError):
    """A box is partly outside its image, which the caller did not allow."""


class BadTable(CutoutError, ValueError):
    """A table lacks a required column, contains an invalid value, or a query is wrong."""

    page = "docs/tables.md"


class NotInTable(BadTable, KeyError, IndexError):
    """A table has no such column, or no such row."""

    def __str__(self) -> str:
        # KeyError's own quoting must not be shown to users.
        return " ".join(str(part) for part in self.args)


class BadOption(CutoutError, ValueError):
    """An invalid argument or configuration value."""


class UnknownOption(BadOption, TypeError):
    """A keyword argument that the function does not have."""


class NotWritable(CutoutError, OSError):
    """A folder or file cannot be written."""

    page = "docs/saving.md"


class MissingDependency(CutoutError, ImportError):
    """A package is not installed; the message says how to install it.

    Parameters
    ----------
    package
        Import name of the missing package.
    extra
        The extra of ``cutout-widgets`` that installs it; empty for required dependencies.
    purpose
        What needs it, as a noun phrase: ``"reading alert packets"``.
    """

    page = "docs/start.md"

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        way = f'pip install "cutout-widgets[{extra}]"' if extra else f"pip install {package}"
        where = "" if extra else f" in this Python ({sys.executable})"
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed{where}; install it with: {way}"
        )
        self.package = package
        self.extra = extra
        self.purpose = purpose

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.package, self.extra, self.purpose)


def require(package: str, purpose: str) -> None:
    """Raise a clear error if a required dependency is not installed.

    Parameters
    ----------
    package
        Its import name.
    purpose
        What needs it, as a noun phrase.

    Raises
    ------
    MissingDependency
        If it is not installed, for example after an installation without dependencies.
    """
    if sys.modules.get(package) is None and find_spec(package) is None:
        raise MissingDependency(package, "", purpose)


class CutoutWarning(UserWarning):
    """Something unexpected that was handled; shown once."""


OWN_FILES = (str(Path(__file__).parent),)
"""For ``warnings.warn(skip_file_prefixes=...)``: warnings refer to the user's line, not to this package."""


def close_names(wanted: str, have: Sequence[str]) -> str:
    """Return the end of an error message that lists the existing columns, the closest names first."""
    lower = {name.lower(): name for name in have}
    near = [lower[one] for one in difflib.get_close_matches(wanted.lower(), list(lower), n=3, cutoff=0.6)]
    if near:
        return f"; did you mean {' or '.join(repr(name) for name in near)}?"
    shown = ", ".join(have[:12]) + (f", ... ({len(have)} in all)" if len(have) > 12 else "")
    return f"; it has {shown}" if have else "; it has no columns"


def refuse_unknown(caller: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Raise for keyword arguments that a function does not have.

    Parameters
    ----------
    caller
        The called function, for the error message.
    given
        Names of the keyword arguments.
    known
        Valid names.

    Raises
    ------
    UnknownOption
        For the first invalid name; the error suggests the closest valid ones.
    """
    for name in given:
        if name not in known:
            near = close_names(name, known) if known else "; it takes no options here"
            raise UnknownOption(f"{caller} does not know {name!r}{near}")


def sentence(error: BaseException) -> str:
    """Describe an exception in one readable line: no traceback, no quoting, no newline.

    Parameters
    ----------
    error
        Any exception. Messages of this package's errors are used alone; others are preceded by their type.

    Returns
    -------
    str
        One line without a final full stop.
    """
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, CutoutError):
        return text
    name = type(error).__name__
    return f"{name}: {text}" if text else name


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 row``, ``2 rows``, ``10,000 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
