"""An index of FITS files, by row."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from cutout_widgets.catalog.reading.files import hdu_named, split_hdu
from cutout_widgets.catalog.reading.intake import take_in
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadTable, ImageNotFound
from cutout_widgets.paths import is_url, local_path, path_text, shown_place
from cutout_widgets.pixels.image import PANELS, Panel
from cutout_widgets.stores.base import key_of
from cutout_widgets.stores.fits.outlines import Outlines
from cutout_widgets.stores.fits.roles import HduName

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["FitsIndex", "FitsPart", "part_of", "read_index"]


class FitsPart(NamedTuple):
    """A file, and one of its HDUs."""

    path: str
    hdu: HduName | None = None
    """None for automatic choice by the HDUs' names."""

    def __str__(self) -> str:
        if self.hdu is None:
            return shown_place(self.path)
        hdu = ",".join(map(str, self.hdu)) if isinstance(self.hdu, tuple) else self.hdu
        return f"{shown_place(self.path)}[{hdu}]"


Key = tuple[Hashable, ...]
"""Values of the key columns."""

Files = tuple[FitsPart | None, ...]
"""Files of one triplet, in the order of `FitsIndex.panels`."""

ID_COLUMN = "diaSourceId"
HDU_ENDING = "_hdu"
"""Suffix of the columns with the HDU of a panel's image."""
FILE_COLUMN = "file"
"""Name of the column with files of all three panels."""
EXPOSURE_COLUMNS = ("instrument", "visit", "detector")


@dataclass(frozen=True)
class FitsIndex:
    """Key -> files of a triplet."""

    panels: tuple[Panel, ...]
    """The panels with files, from left to right."""
    columns: tuple[str, ...]
    """Key columns; empty if all rows use the same files."""
    files: Mapping[Key, Files]
    """Values of the key columns -> paths."""
    exact: bool = True
    """Whether a row must have all key columns; otherwise missing ones are ignored."""
    about: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False, compare=False)
    """All columns of the table except files, including keys, for `exposures`."""
    _by_columns: dict[tuple[str, ...], dict[Key, list[Key]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of_one(cls, files: Mapping[Panel, FitsPart]) -> FitsIndex:
        """Return an index with the same files for all rows."""
        panels = tuple(panel for panel in PANELS if panel in files)
        return cls(panels, (), {(): tuple(files[panel] for panel in panels)})

    def group(self, source: DiaSource) -> Hashable:
        """Return a source's values of the key columns."""
        return key_of(source, _source_names(self.columns))

    def narrowed(self, sources: Sequence[DiaSource]) -> FitsIndex:
        """Return an index of the triples that some sources may need, with the key columns only."""
        if not self.columns:
            return self
        kept: dict[Key, Files] = {}
        for source in sources:
            kept |= {key: self.files[key] for key in self._keys_of(source)}
        about = {name: [key[place] for key in kept] for place, name in enumerate(self.columns)}
        return replace(self, files=kept, about=about, _by_columns={})

    def files_of(self, source: DiaSource) -> dict[Panel, FitsPart | None]:
        """Return the files of a source, None for nulls in the index.

        Raises
        ------
        ImageNotFound
            If the index has no matching row, or several different ones.
        """
        empty_handed = self.columns and not self._columns_of(source)
        found = set() if empty_handed else {self.files[key] for key in self._keys_of(source)}
        if len(found) != 1:
            what = "no row" if not found else f"{len(found)} different rows"
            raise ImageNotFound(f"the index of FITS files has {what} for {self.describe(source)}")
        return dict(zip(self.panels, next(iter(found)), strict=True))

    def _columns_of(self, source: DiaSource) -> tuple[str, ...]:
        """Return the key columns in which a source has a value; of an exact index, all."""
        if self.exact:
            return self.columns
        return tuple(
            column
            for column, value in zip(self.columns, key_of(source, _source_names(self.columns)), strict=True)
            if value is not None
        )

    def _keys_of(self, source: DiaSource) -> Sequence[Key]:
        """Return the keys that agree with a source in the key columns that it has."""
        known = self._columns_of(source)
        at = key_of(source, _source_names(known))
        if known == self.columns:
            return [at] if at in self.files else []
        if known not in self._by_columns:
            places = [self.columns.index(column) for column in known]
            found = self._by_columns[known] = {}
            for key in self.files:
                found.setdefault(tuple(key[place] for place in places), []).append(key)
        return self._by_columns[known].get(at, [])

    @cached_property
    def _outlines(self) -> Outlines:
        """Outlines of the images, if columns contain them."""
        return Outlines(self.about, len(next(iter(self.about.values()), ())))

    def may_cover(self, ra: float, dec: float) -> dict[Key, Files]:
        """Return the triples that may cover a position, by the columns with outlines; all without them."""
        inside = self._outlines.may_cover(ra, dec)
        if inside is None:
            return dict(self.files)
        keys = list(zip(*(self.about[name] for name in self.columns), strict=True))
        return {keys[row]: self.files[keys[row]] for row in inside.nonzero()[0]}

    def rows(self, panel: Panel) -> dict[str, list[Any]]:
        """Return the columns of the rows with a file of a panel; the last column is ``file``."""
        if panel not in self.panels:
            return {**{name: [] for name in self.about}, FILE_COLUMN: []}
        place = self.panels.index(panel)
        if not self.columns:
            return {FILE_COLUMN: [str(triple[place]) for triple in self.files.values() if triple[place]]}
        keys = zip(*(self.about[name] for name in self.columns), strict=True)
        files = [self.files[key][place] for key in keys]
        kept = {
            name: [one for one, file in zip(values, files, strict=True) if file is not None]
            for name, values in self.about.items()
        }
        return {**kept, FILE_COLUMN: [str(file) for file in files if file is not None]}

    @property
    def is_of_stamps(self) -> bool:
        """Whether each triplet belongs to a single source, so that the files are stamps."""
        return self.columns == (ID_COLUMN,)

    @property
    def has_gzip(self) -> bool:
        """Whether any file is gzipped, judging by its name."""
        files = (file for triple in self.files.values() for file in triple)
        return any(file is not None and file.path.endswith(".gz") for file in files)

    def describe(self, source: DiaSource) -> str:
        """Describe a row for messages."""
        if not self.columns:
            return f"DiaSource {source.id}"
        values = key_of(source, _source_names(self.columns))
        return ", ".join(f"{column} {value}" for column, value in zip(self.columns, values, strict=True))

    def __str__(self) -> str:
        if not self.columns:
            (files,) = self.files.values()
            return ", ".join(f"{panel}={file}" for panel, file in zip(self.panels, files, strict=True))
        triples = "1 triple" if len(self.files) == 1 else f"{len(self.files)} triples"
        return f"{triples} of files by {', '.join(self.columns)}: {', '.join(self.panels)}"


def _source_names(columns: Sequence[str]) -> list[str]:
    """Return the names of the columns for `DiaSource.key`."""
    return ["id" if column == ID_COLUMN else column for column in columns]


def read_index(
    table: Any, *, key: str | Sequence[str] | None = None, folder: str | Path | None = None
) -> FitsIndex:
    """Read an index from a table; see `FitsImages.from_index` for the rules.

    Raises
    ------
    BadTable
        If it cannot be read, has no panel or no key column, or has contradictory rows.
    """
    name = shown_place(table) if isinstance(table, (str, Path)) else "the index of FITS files"
    columns = _columns_of(table)
    if FILE_COLUMN in columns and not set(PANELS) & columns.keys():
        columns |= dict.fromkeys(PANELS, columns.pop(FILE_COLUMN))
    panels = tuple(panel for panel in PANELS if panel in columns)
    if not panels:
        raise BadTable(
            f"{name} needs at least one of the columns template, science and difference (or file); "
            f"it has {', '.join(columns) or 'none'}"
        )
    keys, exact = _key_columns(columns, key, name)
    base = _base_of(table) if folder is None else _folder(folder)
    files: dict[Key, Files] = {}
    nothing = [None] * len(columns[panels[0]])
    for row in range(len(nothing)):
        at = tuple(columns[column][row] for column in keys)
        triple = tuple(
            _part(base, columns[panel][row], columns.get(f"{panel}{HDU_ENDING}", nothing)[row], name)
            for panel in panels
        )
        if files.setdefault(at, triple) != triple:
            key_text = ", ".join(f"{column} {value}" for column, value in zip(keys, at, strict=True))
            raise BadTable(f"{name} has two different rows for {key_text}; each row needs a unique key")
    about = {
        name: values
        for name, values in columns.items()
        if name not in PANELS and name.removesuffix(HDU_ENDING) not in PANELS
    }
    return FitsIndex(panels, keys, files, exact, about)


def _key_columns(
    columns: Mapping[str, list[Any]], key: str | Sequence[str] | None, name: str
) -> tuple[tuple[str, ...], bool]:
    """Choose the key columns, and return whether a row must have all of them."""
    if key is not None:
        wanted = (key,) if isinstance(key, str) else tuple(key)
        missing = [column for column in wanted if column not in columns]
        if missing or not wanted:
            raise BadTable(f"{name} lacks the key column {', '.join(missing)}; it has {', '.join(columns)}")
        return wanted, True
    if ID_COLUMN in columns:
        return (ID_COLUMN,), True
    exposure = tuple(column for column in EXPOSURE_COLUMNS if column in columns)
    if "visit" in exposure:
        return exposure, "instrument" not in exposure
    others = tuple(
        column
        for column, values in columns.items()
        if column not in PANELS
        and column.removesuffix(HDU_ENDING) not in PANELS
        and not any(isinstance(value, float) for value in values)
    )
    if not others:
        raise BadTable(
            f"{name} does not say which sources its rows belong to; add diaSourceId, or visit and detector, "
            "or a column that the sources have too"
        )
    return others, False


def _base_of(table: Any) -> str:
    """Return the base of relative paths: the folder of the index, or the current one."""
    if is_url(table):
        parts = urlsplit(table)
        folder = f"{parts.path.rpartition('/')[0]}/"
        return str(urlunsplit((parts.scheme, parts.netloc, folder, "", "")))
    return _folder(Path(local_path(str(table))).parent if isinstance(table, (str, Path)) else Path())


def _folder(folder: str | Path) -> str:
    """Return a local or remote folder, ending in a slash."""
    if is_url(folder):
        return f"{str(folder).rstrip('/')}/"
    return f"{Path(local_path(str(folder))).expanduser().absolute()}/"


def _joined(base: str, file: str) -> str:
    """Return a path or URL in an index as absolute."""
    file = local_path(file)
    if is_url(file):
        return file
    if is_url(base):
        return urljoin(base, quote(file)) if base.startswith("http") else base + file
    return str(Path(base) / Path(file).expanduser())


def _part(base: str, value: Any, hdu: Any, name: str) -> FitsPart | None:
    """Return a file by its absolute path, and its HDU; None for a null."""
    if value is None or value != value or value == "":
        return None
    if not isinstance(value, (str, Path)):
        raise BadTable(f"{name} must hold paths as text; got {value!r}")
    part = part_of(_joined(base, str(value)))
    if hdu is None or hdu != hdu or hdu == "":
        return part
    return FitsPart(part.path, hdu_named(str(int(hdu)) if isinstance(hdu, float) else str(hdu), str(part)))


def part_of(file: str | Path) -> FitsPart:
    """Parse ``a.fits``, ``a.fits[SCIENCE]``, ``a.fits[2]`` and ``a.fits[SCI,2]``; see `split_hdu`."""
    text = local_path(path_text(file, "a FITS file"))
    return FitsPart(*split_hdu(text if is_url(text) else str(Path(text).expanduser().absolute())))


def _columns_of(table: Any) -> dict[str, list[Any]]:
    """Return the columns of any table as lists of Python values, None for null."""
    if isinstance(table, SourceTable):
        table = table.to_arrow()
    if isinstance(table, (str, Path)) and not is_url(table):
        table = Path(local_path(str(table))).expanduser()
    intake = take_in(table)
    return {name: column.to_pylist() for name, column in intake.columns.items()}
