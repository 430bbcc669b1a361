"""Images from an object with only a method ``get``, such as a mock Butler in tests."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import ImageNotFound, sentence
from cutout_widgets.pixels.cutting import cut_each
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.stores.arrays.input import image_of

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.pixels.region import Region

__all__ = ["ImagesByGet", "is_repository"]


def is_repository(butler: Any) -> bool:
    """Return whether a Butler can list its collections, unlike an object with only ``get``."""
    defaults = getattr(getattr(butler, "collections", None), "defaults", None)
    return not callable(getattr(butler, "get", None)) or isinstance(defaults, Sequence)


class ImagesByGet:
    """A store of whole images returned by ``butler.get(dataset_type, data_id)``.

    Parameters
    ----------
    butler
        Any object with this method; a result of None means that there is no such image.
    names
        Panel -> dataset type.
    """

    def __init__(self, butler: Any, names: Mapping[Panel, str]) -> None:
        self._butler, self._names = butler, dict(names)

    def group(self, source: DiaSource) -> Hashable:
        """Return instrument, visit and detector."""
        return source.row.get("instrument"), source.visit, source.detector

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order; each image is requested once."""
        if not sources:
            return
        images: dict[Panel, Image | None] = {}
        problems = []
        for panel in PANELS:
            try:
                images[panel] = self._image(panel, sources[0])
            except Exception as err:  # noqa: BLE001  it may raise anything; other panels are not affected
                images[panel] = None
                problems.append(f"{panel}: {sentence(err)}")
        whole = Triplet(images["template"], images["science"], images["difference"], tuple(problems))
        for source in sources:
            yield cut_each(whole, partial(region.box_on, row=source))

    def _image(self, panel: Panel, source: DiaSource) -> Image:
        """Return the image of a panel, or raise if there is none."""
        name = self._names[panel]
        data_id = {
            "instrument": source.row.get("instrument"),
            "detector": source.detector,
            "visit": source.visit,
        }
        image = image_of(self._butler.get(name, data_id), panel)
        if image is None:
            where = ", ".join(f"{key} {value}" for key, value in data_id.items())
            raise ImageNotFound(f"the Butler gave no {name} for {where}")
        return image

    def __repr__(self) -> str:
        return f"<ImagesByGet {', '.join(self._names.values())}>"
