"""The options of `save_cutouts` in one object."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypedDict

from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption
from cutout_widgets.outputs.figure.figure import STYLES, Style
from cutout_widgets.outputs.footprints import FootprintRule
from cutout_widgets.outputs.layout import STAMP_FORMATS, Dialect, Format, Layout
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS
from cutout_widgets.pixels.region import Region

__all__ = ["SaveKeywords", "SaveOptions"]


@dataclass(frozen=True)
class SaveOptions:
    """Options of `save_cutouts` in one object, to share between runs, grids and configuration files.

    Each field is a keyword of `save_cutouts`, where it is described. The executor and the progress bar
    are not included.

    Raises
    ------
    BadOption
        If an option is invalid.

    Examples
    --------
    >>> options = SaveOptions(sizes=(30, 60), fits=True)
    >>> options.sizes, options.format
    ((30, 60), 'png')
    >>> from dataclasses import replace
    >>> replace(options, format="pdf").fits
    True
    """

    sizes: Any = (30,)
    """Widths of the cutouts in pixels, or anything that `Region.of` accepts."""
    add_metadata: bool = True
    """Whether to write rows of metadata above the panels."""
    url_root: str | None = None
    """URL at which the folder will be served; None = no manifest of URLs."""
    chunk_size: int | None = 10_000
    """Maximum files per folder, a power of ten; None = one folder."""
    save_as_numpy: bool = False
    """Whether to write the pixels as ``.npy`` too."""
    use_footprint: Any = False
    """Whether to cut each source to the size of its footprint, and where to find that."""
    look: Look | str = "documented"
    """Stretches and colormaps."""
    outline: bool = False
    """Whether to draw the outline of each footprint."""
    fits: bool = False
    """Whether to write a FITS file for each source."""
    blind: bool = False
    """Whether to use opaque file names and hide ids everywhere in the folder."""
    format: Format = "png"
    """Format of the figures; or of the stamp files written instead."""
    dialect: Dialect = "panoptes"
    """Program that reads the manifest."""
    instrument: str | None = None
    """Instrument name in the header; None = the rows' own."""
    missing: Literal["draw", "fail"] = "draw"
    """How to treat a source that lacks some of its three images."""
    repair: bool = False
    """Whether to read existing files, and write those again that are damaged or foreign."""
    style: Style = "documented"
    """Header and canvas of the figures."""
    manifest_rows: int | None = None
    """Maximum rows per manifest; None = all in one."""
    rows_a_file: int = 1000
    """Maximum rows per stamp file."""

    def __post_init__(self) -> None:
        sizes, most = self.region.sizes, self.manifest_rows
        if len(set(sizes)) != len(sizes):
            raise BadOption(f"each size once; got {', '.join(f'{size:g}' for size in sizes)}")
        if self.missing not in ("draw", "fail"):
            raise BadOption(f"missing is 'draw' or 'fail'; got {self.missing!r}")
        if self.style not in STYLES:
            raise BadOption(f"style is one of {', '.join(STYLES)}; got {self.style!r}")
        if self.blind and self.fits:
            raise BadOption("FITS files reveal where a source is; save them in a run that is not blind")
        if most is not None and not (type(most) is int and most >= 1):
            raise BadOption(f"manifest_rows is a whole number of 1 or more, or None; got {most!r}")
        if not (type(self.rows_a_file) is int and self.rows_a_file >= 1):
            raise BadOption(f"rows_a_file is a whole number of 1 or more; got {self.rows_a_file!r}")
        if self.format in STAMP_FORMATS:
            self._refuse_what_is_for_figures()
        if self.instrument is not None and not isinstance(self.instrument, str):
            raise BadOption(f"instrument= is a name for the header; got {self.instrument!r}")
        look = Look.of(self.look)
        for panel in PANELS:
            colormap_table(look.colormap_of(panel))  # raise for an unknown name now, not for every source
        _ = self.layout, self.footprint_rule

    def _refuse_what_is_for_figures(self) -> None:
        """Raise if an option does not apply to stamp files."""
        asked = [
            name
            for name in ("url_root", "save_as_numpy", "fits", "outline", "blind", "manifest_rows")
            if getattr(self, name)
        ]
        if self.dialect != "panoptes":
            asked.append("dialect")
        if asked:
            raise BadOption(
                f"format={self.format!r} writes stamp files, and {', '.join(asked)} is for figures: "
                "save those in another run, to another directory"
            )
        if len(self.region.sizes) > 1:
            raise BadOption(
                f"stamp files have one size; got {', '.join(f'{n:g}' for n in self.region.sizes)}"
            )

    @cached_property
    def region(self) -> Region:
        """Size of the cutouts."""
        return Region.of(self.sizes)

    @property
    def layout(self) -> Layout:
        """Names of files, as in a run that is not blind."""
        return Layout(self.chunk_size, self.url_root, self.format, self.dialect)

    @cached_property
    def footprint_rule(self) -> FootprintRule | None:
        """The source of footprints, if they are used."""
        region = self.region
        usable = region.unit == "px" and region.sizes
        return FootprintRule.of(self.use_footprint, int(max(region.sizes)) if usable else 30)


class SaveKeywords(TypedDict, total=False):
    """The fields of `SaveOptions`, so that type checkers know the keywords of a function."""

    sizes: Any
    add_metadata: bool
    url_root: str | None
    chunk_size: int | None
    save_as_numpy: bool
    use_footprint: Any
    look: Look | str
    outline: bool
    fits: bool
    blind: bool
    format: Format
    dialect: Dialect
    instrument: str | None
    missing: Literal["draw", "fail"]
    repair: bool
    style: Style
    manifest_rows: int | None
    rows_a_file: int
