"""Every error and warning the package raises on its own account.

::

    CutoutError
     +-- ImageNotFound        (LookupError)   no image where one was expected
     +-- UnreadableImage      (ValueError)    there is one, but its bytes are no image
     +-- NoOverlap            (ValueError)    a box lies wholly outside its image
     +-- PartialOverlap       (ValueError)    a box sticks out, and that was not allowed
     +-- BadTable             (ValueError)    a table lacks what is needed, or a query is wrong
     |    +-- NotInTable      (KeyError, IndexError) there is no such column or row
     +-- BadOption            (ValueError)    an argument has no meaning here
     |    +-- UnknownOption   (TypeError)     there is no keyword argument of that name
     +-- NotWritable          (OSError)       a directory or file cannot be written
     +-- MissingDependency    (ImportError)   a package is not installed

Each is also the standard library's error of the same meaning, so ``except LookupError`` works.
A message says what was wanted, what was found and the way out.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

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
    """Root of all errors of this package."""


class ImageNotFound(CutoutError, LookupError):
    """No image where one was expected."""

    def __str__(self) -> str:
        # LookupError's own repr-quoting (KeyError) must not reach a person.
        return " ".join(str(part) for part in self.args)


class UnreadableImage(CutoutError, ValueError):
    """A file or stamp exists, but its bytes are not an image we can read."""


class NoOverlap(CutoutError, ValueError):
    """A box lies wholly outside its image."""


class PartialOverlap(CutoutError, ValueError):
    """A box lies partly outside its image, which the caller did not allow."""


class BadTable(CutoutError, ValueError):
    """A table lacks a needed column, holds an impossible value, or a query on it is wrong."""


class NotInTable(BadTable, KeyError, IndexError):
    """A table has no such column, or no such row."""

    def __str__(self) -> str:
        # KeyError's own repr-quoting must not reach a person.
        return " ".join(str(part) for part in self.args)


class BadOption(CutoutError, ValueError):
    """An argument or configuration value that has no meaning."""


class UnknownOption(BadOption, TypeError):
    """A keyword argument that the function does not have."""


class NotWritable(CutoutError, OSError):
    """A directory or file cannot be written."""


class MissingDependency(CutoutError, ImportError):
    """A package is not installed; the message says how to install it.

    Parameters
    ----------
    package
        The import name that was missing.
    extra
        The extra of ``cutout-widgets`` that installs it; empty for what every installation should have.
    purpose
        What it was wanted for, as a noun phrase: ``"reading alert packets"``.
    """

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
    """Say in a sentence that a package is lacking which every installation should have.

    Parameters
    ----------
    package
        Its import name.
    purpose
        What it is wanted for, as a noun phrase.

    Raises
    ------
    MissingDependency
        If it is not installed, as where packages were installed without what they depend on.
    """
    if sys.modules.get(package) is None and find_spec(package) is None:
        raise MissingDependency(package, "", purpose)


class CutoutWarning(UserWarning):
    """Something unexpected that was handled; shown once."""


OWN_FILES = (str(Path(__file__).parent),)
"""For ``warnings.warn(skip_file_prefixes=...)``: a warning is about the caller's line, not ours."""


def close_names(wanted: str, have: Sequence[str]) -> str:
    """Return the end of a sentence that tells which columns there are, the nearest names first."""
    lower = {name.lower(): name for name in have}
    near = [lower[one] for one in difflib.get_close_matches(wanted.lower(), list(lower), n=3, cutoff=0.6)]
    if near:
        return f"; did you mean {' or '.join(repr(name) for name in near)}?"
    shown = ", ".join(have[:12]) + (f", ... ({len(have)} in all)" if len(have) > 12 else "")
    return f"; it has {shown}" if have else "; it has no columns"


def refuse_unknown(caller: str, given: Iterable[str], known: Sequence[str]) -> None:
    """Refuse keyword arguments that a function does not have.

    Parameters
    ----------
    caller
        What was called, for the sentence.
    given
        Names of the keyword arguments.
    known
        Names there are.

    Raises
    ------
    UnknownOption
        For the first that is not known; the sentence names the nearest that are.
    """
    for name in given:
        if name not in known:
            near = close_names(name, known) if known else "; it takes no options here"
            raise UnknownOption(f"{caller} does not know {name!r}{near}")


def sentence(error: BaseException) -> str:
    """Say an exception in one line a person can read: no traceback, no quoted repr, no newline.

    Parameters
    ----------
    error
        Any exception. Our own errors speak for themselves; others are introduced by their type.

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
