"""Saving a chunk of sources: a module-level function of picklable arguments, for any executor."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from cutout_widgets import __version__
from cutout_widgets.errors import sentence
from cutout_widgets.outputs.compose import Composer
from cutout_widgets.outputs.figure import Canvas, header
from cutout_widgets.outputs.files import Partial
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.picture import Picture, pictures
from cutout_widgets.outputs.png import encode
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.pixels.look import Look
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read_group

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Outcome", "Recipe", "save_chunk"]

FIGURES_AT_ONCE = 32
"""Figures stretched together."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """Everything a worker must know besides rows and images."""

    root: Path
    """The directory to save to."""
    layout: Layout
    """Names of files."""
    region: Region
    """How much to cut: one row of panels for each size."""
    look: Look
    """Stretches and colormaps."""
    add_metadata: bool = True
    """Whether the figures have a header."""
    instrument: str | None = None
    """Written in the header; None = what the rows say."""

    @property
    def canvas(self) -> Canvas:
        """The geometry of the figures."""
        return Canvas(max(1, len(self.region.sizes)), self.add_metadata)


class Outcome(NamedTuple):
    """What became of one source."""

    state: Literal["written", "failed"]
    reason: str = ""
    """Why it failed; or what is missing in the figure that was written."""


def save_chunk(sources: Sequence[DiaSource], images: ImageStore, recipe: Recipe) -> list[Outcome]:
    """Save the figures of rows of one group.

    Parameters
    ----------
    sources
        Rows that share images.
    images
        Where their pixels are.
    recipe
        How to save them.

    Returns
    -------
    list of Outcome
        One for each source, in order. Whatever goes wrong with a source is its own outcome.
    """
    pen = _Pen(recipe)
    outcomes: list[Outcome] = []
    triplets = read_group(sources, images, recipe.region)
    for batch in itertools.batched(zip(sources, triplets, strict=True), FIGURES_AT_ONCE):
        outcomes.extend(pen.save(list(batch)))
    return outcomes


class _Pen:
    """Draws and writes; lives as long as a chunk."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.partial = Partial(recipe.root)
        self.composer = Composer(recipe.canvas, recipe.look)

    def save(self, batch: Sequence[tuple[DiaSource, Triplet]]) -> Iterator[Outcome]:
        """Save some sources, those without any image excepted."""
        drawn = self._pictures([one for one in batch if one[1].best is not None])
        for source, triplet in batch:
            if triplet.best is None:
                yield Outcome("failed", "; ".join(triplet.problems) or "there are no images of it")
                continue
            picture = next(drawn)
            if isinstance(picture, str):
                yield Outcome("failed", picture)
                continue
            try:
                self._write(source, picture)
            except OSError as err:
                yield Outcome("failed", f"cannot write {err.filename or recipe_path(self.recipe, source)}: "
                              f"{err.strerror or sentence(err)}")  # fmt: skip
            except Exception as err:  # noqa: BLE001  one source's odd data must not lose the others
                _log.warning("drawing %d failed", source.id, exc_info=True)
                yield Outcome("failed", sentence(err))
            else:
                yield Outcome("written", "; ".join(triplet.problems))

    def _pictures(self, batch: Sequence[tuple[DiaSource, Triplet]]) -> Iterator[Picture | str]:
        """Stretch a batch; if that fails, one by one, so that the fault stays with its source."""
        try:
            yield from self._stretched(batch)
        except Exception as err:  # noqa: BLE001  as above
            if len(batch) == 1:
                yield sentence(err)
                return
            for one in batch:
                yield from self._pictures([one])

    def _stretched(self, batch: Sequence[tuple[DiaSource, Triplet]]) -> list[Picture]:
        """Stretch a batch and set its texts."""
        recipe = self.recipe
        texts = [
            header(source, instrument=recipe.instrument) if recipe.add_metadata else [] for source, _ in batch
        ]
        triplets = [recipe.region.split(triplet, source) for source, triplet in batch]
        return pictures(triplets, texts, recipe.look)

    def _write(self, source: DiaSource, picture: Picture) -> None:
        """Write the figure of one source."""
        recipe = self.recipe
        data = encode(self.composer.compose(picture), self._notes(source))
        self.partial.write(recipe_path(recipe, source), data)

    def _notes(self, source: DiaSource) -> dict[str, str]:
        """Return what is noted in the file, unless nothing may be."""
        if self.recipe.layout.secret is not None:
            return {}
        return {
            "Software": f"cutout_widgets {__version__}",
            "diaSourceId": f"{source.id:d}",
            "look": self.recipe.look.name,
        }


def recipe_path(recipe: Recipe, source: DiaSource) -> Path:
    """Return where a source's figure goes."""
    return recipe.layout.inside(recipe.root, recipe.layout.figure(source.id))
