"""Saving a chunk of sources: a module-level function with picklable arguments, for any executor."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from cutout_widgets._version import __version__
from cutout_widgets.display.look import Look
from cutout_widgets.errors import sentence
from cutout_widgets.footprints.footprint import Footprint
from cutout_widgets.outputs.arrays import side_of, write_arrays
from cutout_widgets.outputs.figure.compose import Composer
from cutout_widgets.outputs.figure.figure import Canvas, Style, header
from cutout_widgets.outputs.figure.picture import Picture, Scales, pictures
from cutout_widgets.outputs.figure.png import encode
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.footprints import FootprintRule, Found, footprint_around, read_by_footprint
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.pixels.image import EXTRAS, Extra, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read_group
from cutout_widgets.stores.waiting import waiting_for_service

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Outcome", "Recipe", "read_found", "save_chunk"]

FIGURES_AT_ONCE = 32
"""Number of figures stretched at once."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """All settings that a worker needs besides rows and images."""

    root: Path
    """The folder to save to."""
    layout: Layout
    """Names of files."""
    region: Region
    """Size of the cutouts: one row of panels for each size."""
    look: Look
    """Stretches and colormaps."""
    add_metadata: bool = True
    """Whether the figures have a header."""
    instrument: str | None = None
    """Instrument name in the header; None = that of the rows."""
    footprints: FootprintRule | None = None
    """If given, each cutout has the size of its source's footprint."""
    outline: bool = False
    """Whether to draw the footprint's outline on the panels."""
    arrays: bool = False
    """Whether to write the pixels as numpy files."""
    fits: bool = False
    """Whether to write the cutouts as FITS."""
    missing: Literal["draw", "fail"] = "draw"
    """How to treat a source that lacks one or two panels: hatch them, or let it fail."""
    style: Style = "documented"
    """Header and canvas."""
    rows_a_file: int = 1000
    """Maximum rows per stamp file."""

    @property
    def extras(self) -> frozenset[Extra]:
        """Extras that the files need besides pixels: the fewer there are, the faster a store reads."""
        if self.fits:
            return EXTRAS
        masks: frozenset[Extra] = frozenset(["mask"] if self.outline or self.footprints is not None else [])
        return self.look.extras | masks

    @property
    def canvas(self) -> Canvas:
        """The geometry of the figures."""
        rows = 1 if self.footprints is not None else max(1, len(self.region.sizes))
        return Canvas(rows, self.add_metadata, self.style)

    @property
    def sides_of_arrays(self) -> tuple[int, ...] | None:
        """The sizes in the names of arrays, px, or None if they differ from source to source."""
        if self.footprints is not None or self.region.unit != "px" or not self.region.sizes:
            return None
        return tuple(int(size) for size in self.region.sizes)


class Outcome(NamedTuple):
    """The outcome of one source."""

    state: Literal["written", "failed"]
    reason: str = ""
    """The reason of a failure; or what is missing in the figure that was written."""
    files: tuple[tuple[str, str], ...] = ()
    """Written files: relative paths and their `files.facts_of`; the figure comes last."""


def save_chunk(sources: Sequence[DiaSource], images: ImageStore, recipe: Recipe) -> list[Outcome]:
    """Save rows, those of one group after the other.

    Parameters
    ----------
    sources
        Rows; those of a group, which share images, are together.
    images
        Their image store.
    recipe
        How to save them.

    Returns
    -------
    list of Outcome
        One for each source, in order. An error of one source does not affect the others.
    """
    pen = _Pen(recipe)
    outcomes: list[Outcome] = []
    try:
        with waiting_for_service():
            for _, group in itertools.groupby(sources, images.group):
                for batch in itertools.batched(read_found(list(group), images, recipe), FIGURES_AT_ONCE):
                    outcomes.extend(pen.save(batch))
    finally:
        pen.partial.close()
    return outcomes


def read_found(
    sources: Sequence[DiaSource], images: ImageStore, recipe: Recipe
) -> Iterator[tuple[DiaSource, Found]]:
    """Yield each source with its cutouts."""
    region = replace(recipe.region, extras=recipe.extras)
    if recipe.footprints is not None:
        for start in range(0, len(sources), FIGURES_AT_ONCE):
            some = sources[start : start + FIGURES_AT_ONCE]
            found = read_by_footprint(some, images, recipe.footprints, region)
            yield from zip(some, found, strict=True)
        return
    for source, triplet in zip(sources, read_group(sources, images, region), strict=True):
        yield source, Found(triplet, None)


class _Pen:
    """Draws and writes the figures of a chunk."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.partial = Partial(recipe.root)
        self._composer: Composer | None = None
        self._scales = Scales()

    def save(self, batch: Sequence[tuple[DiaSource, Found]]) -> Iterator[Outcome]:
        """Save some sources; those without the required images fail."""
        drawn = self._pictures([one for one in batch if self._can_be_drawn(one[1].triplet)])
        for source, found in batch:
            triplet = found.triplet
            problems = "; ".join(triplet.problems)
            if not self._can_be_drawn(triplet):
                yield Outcome("failed", problems or "there are no images of this source")
                continue
            picture, parts = next(drawn)
            if isinstance(picture, str):
                yield Outcome("failed", picture)
                continue
            try:
                files = tuple(self._write(source, picture, parts))
            except OSError as err:
                where = self._path(self.recipe.layout.figure_name(source.id))
                yield Outcome("failed", f"cannot write {where}: {err.strerror or sentence(err)}")
            except Exception as err:  # noqa: BLE001  one source's bad data must not affect the others
                _log.warning("saving %d failed", source.id, exc_info=True)
                yield Outcome("failed", sentence(err))
            else:
                yield Outcome("written", problems, files)

    def _can_be_drawn(self, triplet: Triplet) -> bool:
        """Return whether there are enough images."""
        there = [image is not None for image in triplet]
        return all(there) if self.recipe.missing == "fail" else any(there)

    def _pictures(
        self, batch: Sequence[tuple[DiaSource, Found]]
    ) -> Iterator[tuple[Picture | str, Sequence[Triplet]]]:
        """Stretch a batch; if that fails, one by one, so that only the faulty source fails."""
        try:
            yield from self._stretched(batch)
        except Exception as err:  # noqa: BLE001  as above
            if len(batch) == 1:
                yield sentence(err), ()
                return
            for one in batch:
                yield from self._pictures([one])

    def _stretched(
        self, batch: Sequence[tuple[DiaSource, Found]]
    ) -> list[tuple[Picture | str, Sequence[Triplet]]]:
        """Stretch a batch and make its header texts."""
        recipe = self.recipe
        texts, triplets, outlines = [], [], []
        for source, found in batch:
            texts.append(
                header(source, instrument=recipe.instrument, style=recipe.style)
                if recipe.add_metadata
                else []
            )
            parts: Sequence[Triplet] = (found.triplet,)
            if recipe.footprints is None:
                parts = recipe.region.split(found.triplet, source)
            triplets.append(parts)
            outlines.append(self._outline(source, found))
        drawn = pictures(triplets, texts, recipe.look, outlines, self._scales)
        return list(zip(drawn, triplets, strict=True))

    def _outline(self, source: DiaSource, found: Found) -> Footprint | None:
        """Return the footprint to draw, or None."""
        if not self.recipe.outline:
            return None
        if found.footprint is not None:
            return found.footprint
        for image in (found.triplet.difference, found.triplet.science, found.triplet.template):
            if image is not None and (footprint := footprint_around(source, image)) is not None:
                return footprint
        return None

    def _write(
        self, source: DiaSource, picture: Picture, parts: Sequence[Triplet]
    ) -> Iterator[tuple[str, str]]:
        """Write the files of one source, the figure last: if it exists, so do the others."""
        recipe = self.recipe
        if recipe.arrays:
            sides = recipe.sides_of_arrays or tuple(side_of(part) for part in parts)
            yield from write_arrays(self.partial, recipe.layout, source.id, parts, sides)
        if recipe.fits:
            from cutout_widgets.outputs.fits import fits_bytes

            widest = max(parts, key=side_of)
            name = str(recipe.layout.fits(source.id))
            yield name, self.partial.write(self._path(name), fits_bytes(source, widest))
        name = recipe.layout.figure_name(source.id)
        yield name, self.partial.write(self._path(name), self._draw(source, picture))

    def _draw(self, source: DiaSource, picture: Picture) -> bytes:
        """Return a figure's file content."""
        recipe = self.recipe
        if recipe.layout.format == "png":
            if self._composer is None:
                self._composer = Composer(recipe.canvas, recipe.look)
            return encode(self._composer.compose(picture), self._notes(source))
        from cutout_widgets.outputs.figure.matplotlib_figure import render

        return render(picture, recipe.canvas, recipe.look, recipe.layout.format, self._notes(source))

    def _notes(self, source: DiaSource) -> dict[str, str]:
        """Return the metadata to store in the file; empty in a blind run."""
        if self.recipe.layout.blind_key is not None:
            return {}
        return {
            "Software": f"cutout_widgets {__version__}",
            "diaSourceId": f"{source.id:d}",
            "look": self.recipe.look.name,
        }

    def _path(self, name: str) -> Path:
        """Return the location of a file of the layout."""
        return self.recipe.root / name
