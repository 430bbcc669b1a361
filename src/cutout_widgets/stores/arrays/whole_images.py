"""Whole images in memory, found by columns of the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import CutoutError, ImageNotFound, counted
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.base import cut_group, key_of
from cutout_widgets.stores.coverage import covers, exposure_words

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["WholeImages"]


class WholeImages:
    """Whole images by key."""

    def __init__(
        self, columns: tuple[str, ...], images: dict[tuple[Any, ...], tuple[Image | None, ...]]
    ) -> None:
        self.columns, self.images = columns, images

    def what(self) -> str:
        """Return the number of images and the key columns as text."""
        if self.columns:
            return f"{counted(len(self.images), 'triplet')} of images by {', '.join(self.columns)}"
        three = next(iter(self.images.values()))
        return ", ".join(
            f"{panel} {image.shape[0]}x{image.shape[1]}"
            for panel, image in zip(PANELS, three, strict=True)
            if image is not None
        )

    def narrowed(self, sources: Sequence[DiaSource]) -> WholeImages:
        """Return the images of some rows."""
        keys = {self.group(source) for source in sources}
        return WholeImages(self.columns, {key: self.images[key] for key in keys & self.images.keys()})

    def group(self, source: DiaSource) -> tuple[Any, ...]:
        """Return the row's values of the key columns."""
        return key_of(source, self.columns)

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the keys whose best image covers a position, as columns; none if keys lack the visit."""
        if "visit" not in self.columns:
            return []
        found = []
        for key, three in self.images.items():
            template, science, difference = three
            best = Triplet(template, science, difference).best
            if best is not None and covers(best, ra, dec):
                found.append(dict(zip(self.columns, key, strict=True)) | exposure_words(best.metadata))
        return found

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Cut the sources of one key."""
        return cut_group(self.whole_panels(sources), sources, region)

    def whole_panels(self, sources: Sequence[DiaSource]) -> dict[Panel, Callable[[], Image]]:
        """Return for each panel a function that returns the whole image of one key, or raises."""
        if not sources:
            return {}
        key = self.group(sources[0])
        three = self.images.get(key)
        names = ", ".join(f"{column} {value}" for column, value in zip(self.columns, key, strict=True))
        if three is None:
            missing = ImageNotFound(f"no images are given for {names}")
            return dict.fromkeys(PANELS, _refuse(missing))
        panels: dict[Panel, Callable[[], Image]] = {}
        for panel, image in zip(PANELS, three, strict=True):
            if image is None:
                panels[panel] = _refuse(ImageNotFound(f"no {panel} is given for {names}"))
            else:
                panels[panel] = partial(_itself, image)
        return panels


def _itself(image: Image) -> Image:
    """Return an image unchanged, as the opener of one in memory."""
    return image


def _refuse(error: CutoutError) -> Callable[[], Image]:
    """Return an opener that raises."""

    def raise_it() -> Image:
        raise error

    return raise_it
