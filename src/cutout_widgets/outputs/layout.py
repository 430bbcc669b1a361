"""The layout of saved files: paths, URLs and manifest rows of a source."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from operator import index
from pathlib import Path, PurePosixPath
from typing import Literal, get_args
from urllib.parse import urlsplit

from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Panel

__all__ = ["DIALECTS", "FORMATS", "STAMP_FORMATS", "Dialect", "Format", "Layout"]

Format = Literal["png", "png-matplotlib", "pdf", "svg", "parquet", "zarr"]
"""Formats of figures; or of the stamp files written instead."""
FORMATS: tuple[Format, ...] = get_args(Format)
STAMP_FORMATS: tuple[Format, ...] = ("parquet", "zarr")
"""Formats of stamp files: rows and pixels, many in a file, instead of figures."""

_SUFFIXES = {"png-matplotlib": ".png", "zarr": ".zarr.zip"}

Dialect = Literal["panoptes", "lab", "cli"]
"""Program that reads the manifest: Panoptes' import of URLs, the Zooniverse Lab, or panoptes-cli."""
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_SHORT: dict[Panel, str] = {"template": "temp", "science": "sci", "difference": "diff"}


@dataclass(frozen=True)
class Layout:
    """Names of all files of a source, made from integers only.

    Paths, URLs and manifest rows all come from this class, so they cannot disagree.
    Paths are relative to the folder that is saved to.

    Raises
    ------
    BadOption
        If an option is invalid.
    """

    chunk_size: int | None = 10_000
    """Maximum ids per folder, a power of ten; None = one folder."""
    url_root: str | None = None
    """URL at which the folder will be served; None = no URLs."""
    format: Format = "png"
    """Format of the figures."""
    dialect: Dialect = "panoptes"
    """Program that reads the manifest."""
    blind_key: str | None = None
    """If given, file names are made from it, and do not reveal ids."""

    def __post_init__(self) -> None:
        size = self.chunk_size
        if size is not None and not (type(size) is int and size >= 1 and 10 ** (len(str(size)) - 1) == size):
            raise BadOption(
                f"chunk_size is a power of ten such as 10000, or None for one folder; got {size!r}"
            )
        if self.format not in FORMATS:
            raise BadOption(f"format is one of {', '.join(FORMATS)}; got {self.format!r}")
        if self.dialect not in DIALECTS:
            raise BadOption(f"the manifest's dialect is one of {', '.join(DIALECTS)}; got {self.dialect!r}")
        if self.url_root is not None and not _is_root(self.url_root):
            raise BadOption(
                "url_root is a plain URL, http:// or https:// and a host, without user, query, fragment or "
                f"blanks; got {_without_user(self.url_root)!r}"
            )

    @property
    def has_manifest(self) -> bool:
        """Whether a manifest is written: one of URLs needs the root, one of file names is always possible."""
        return self.url_root is not None or self.dialect != "panoptes"

    @property
    def suffix(self) -> str:
        """Extension of figures or stamp files, with the dot."""
        return _SUFFIXES.get(self.format, f".{self.format}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the manifest."""
        if self.dialect == "panoptes":
            first = ("external_id", "location:1")
            return first if self.blind_key is not None else (*first, "metadata:diaSourceId")
        return ("image",) if self.blind_key is not None else ("image", "!diaSourceId")

    def figure(self, id: int) -> PurePosixPath:
        """Return the path of a source's figure: ``images/506428274000260000/506428274000265573.png``."""
        return PurePosixPath(self.figure_name(id))

    def figure_name(self, id: int) -> str:
        """Return the same as text, which is faster for a million figures."""
        chunk = self._chunk(id)
        return f"images/{chunk}{'/' if chunk else ''}{self.name(id)}{self.suffix}"

    def array(self, id: int, panel: Panel, side: int) -> PurePosixPath:
        """Return the path of the pixels of one panel, `side` pixels wide."""
        return PurePosixPath("numpy") / self._chunk(id) / f"{self.name(id)}_{_SHORT[panel]}_{int(side)}.npy"

    def fits(self, id: int) -> PurePosixPath:
        """Return the path of a source's multi-extension FITS file."""
        return PurePosixPath("fits") / self._chunk(id) / f"{self.name(id)}.fits"

    def name(self, id: int) -> str:
        """Return the name of a source's files, without extension: the id, or an opaque name."""
        if self.blind_key is None:
            return f"{index(id):d}"
        digest = hmac.new(self.blind_key.encode(), f"{index(id):d}".encode(), hashlib.sha256)
        return digest.hexdigest()[:24]

    def url(self, id: int) -> str:
        """Return the URL of a source's figure: the root and the figure's own path."""
        return self._url(self.figure_name(id))

    def row(self, id: int) -> tuple[str, ...]:
        """Return the manifest row of a source, in the order of `columns`."""
        return self.row_of(self.figure_name(id))

    def row_of(self, figure: str) -> tuple[str, ...]:
        """Return the manifest row of a figure, given its path."""
        name = figure.rpartition("/")[2].removesuffix(self.suffix)
        row = (name, self._url(figure), name) if self.dialect == "panoptes" else (figure, name)
        return row[: len(self.columns)]

    def _url(self, figure: str) -> str:
        """Return the URL of a figure."""
        if self.url_root is None:
            raise BadOption("a URL needs url_root, the URL at which the directory will be served")
        return f"{self.url_root.rstrip('/')}/{figure}"  # only digits, letters and -, which need no quoting

    def inside(self, root: Path, path: PurePosixPath) -> Path:
        """Return the location of a path of this layout."""
        return root.joinpath(*path.parts)

    def _chunk(self, id: int) -> str:
        """Return the folder of a source."""
        if self.blind_key is not None:
            return "" if self.chunk_size is None else self.name(id)[:2]
        return "" if self.chunk_size is None else f"{index(id) // self.chunk_size * self.chunk_size:d}"


def _is_root(url: object) -> bool:
    """Return whether a value is the root of web URLs."""
    if not isinstance(url, str) or any(
        mark in "?#\\" or not mark.isprintable() or mark.isspace() for mark in url
    ):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _without_user(url: object) -> object:
    """Return a URL without the user name and the password before its host."""
    return re.sub(r"//[^/]*@", "//***@", url) if isinstance(url, str) else url
