"""Cut the sources of one group from images, reading only the needed parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cutout_widgets.errors import CutoutError, sentence
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import EXTRAS, PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.pixels.projection import same_grid
from cutout_widgets.pixels.region import Region
from cutout_widgets.pixels.resampling import resampled
from cutout_widgets.pixels.wcs import equal_wcs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.stores.open_image import OpenImage

__all__ = [
    "HoldsStamps",
    "KnownBoxes",
    "boxes_or_reasons",
    "cut_from",
    "cut_open_group",
    "one_grid",
    "opened_triplet",
    "side_of_stamps",
    "whole_stamps",
]

KnownBoxes = tuple[Image, "Sequence[Box | CutoutError]"]
"""An image, and for each source its box on the image or the reason why there is none."""


def cut_open_group(
    open_panel: Mapping[Panel, Callable[[], AbstractContextManager[OpenImage]]],
    sources: Sequence[DiaSource],
    region: Region,
    known: Sequence[KnownBoxes] = (),
) -> Iterator[Triplet]:
    """Cut all sources of one group from images, reading only the needed parts.

    Parameters
    ----------
    open_panel
        For each panel of the group, a function that returns a context manager; entering it opens
        the image, leaving it releases it. As in `cut_group`, an exception becomes that panel's problem.
    sources
        Rows of the group.
    region
        Size of the cutouts.
    known
        Boxes that were computed before, for images with the same grid.

    Yields
    ------
    Triplet
        One for each source, in order. The images stay open until the iteration ends or is closed.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> store = cw.ArrayImages.from_images({(1, 0): (None, make_image((100, 100)), None)})
    >>> row = cw.DiaSource(7, 53.0, -28.0, visit=1, detector=0, row={"x": 40.0, "y": 60.0})
    >>> [triplet] = cut_open_group(store.open_panels([row]), [row], cw.Region.of(30))
    >>> triplet.science.box
    Box(y0=45, y1=75, x0=25, x1=55)
    """
    with ExitStack() as stack:
        cutters: dict[Panel, _PanelCutter] = {}
        reasons: dict[Panel, str] = {}
        for panel in sorted(open_panel, key=_SCIENCE_FIRST.index):
            try:
                image = stack.enter_context(open_panel[panel]())
                cutters[panel] = _PanelCutter(image, sources, region, cutters.get("science"), known)
            except (CutoutError, OSError) as err:
                reasons[panel] = sentence(err)
        for place in range(len(sources)):
            cuts: dict[Panel, Image] = {}
            problems = dict(reasons)
            for panel, cutter in cutters.items():
                try:
                    cuts[panel] = cutter.cut(place)
                except (CutoutError, OSError) as err:
                    problems[panel] = sentence(err)
            ordered = tuple(f"{panel}: {problems[panel]}" for panel in PANELS if panel in problems)
            yield Triplet(cuts.get("template"), cuts.get("science"), cuts.get("difference"), ordered)


_SCIENCE_FIRST: tuple[Panel, Panel, Panel] = ("science", "difference", "template")
"""Order in which panels are opened: the science image first, as others may be aligned to it."""


def one_grid(a: Image, b: Image) -> bool:
    """Return whether sources have the same box on two images, because grid and position are the same.

    Projecting the position of a source takes longer than cutting it, and the panels of a stamp or an
    exposure usually share it.
    """
    return a.anchor == b.anchor and a.box == b.box and equal_wcs(a.projection, b.projection)


class _PanelCutter:
    """An opened panel and the boxes of the group's sources on it."""

    def __init__(
        self,
        image: OpenImage,
        sources: Sequence[DiaSource],
        region: Region,
        science: _PanelCutter | None = None,
        known: Sequence[KnownBoxes] = (),
    ) -> None:
        self._image = image
        self._region = region
        self._science = None if region.align == "own" else science
        self._boxes: Sequence[Box | CutoutError]
        if self._science is None and science is not None and one_grid(science._image.frame, image.frame):
            self._boxes = science._boxes
        elif self._science is None:
            before = next((boxes for frame, boxes in known if one_grid(frame, image.frame)), None)
            self._boxes = boxes_or_reasons(image.frame, sources, region) if before is None else before
        else:
            self._boxes = [
                _aligned_or_reason(region, self._science._image.frame, box, image.frame)
                for box in self._science._boxes
            ]
        whole = image.frame.box
        image.expect(
            [whole.intersection(box) for box in self._boxes if isinstance(box, Box) and whole.overlaps(box)]
        )

    def cut(self, place: int) -> Image:
        """Cut the box of one source, or raise if there is none."""
        box = self._boxes[place]
        if not isinstance(box, Box):
            raise box
        if self._science is not None and self._region.resample:
            return self._on_the_science_grid(place, box)
        return self._part(box)

    def _on_the_science_grid(self, place: int, box: Box) -> Image:
        """Cut a box with a margin and resample it to the pixels of the science cutout."""
        wanted = self._science and self._science._boxes[place]
        grid = self._science and self._science._image.frame.wcs
        own, how = self._image.frame.wcs, self._region.resample
        if not isinstance(wanted, Box) or not how or own is None or grid is None:
            return self._part(box)
        if same_grid(grid, own, wanted):
            return self._part(wanted)
        return resampled(self._part(box.grown(2)), grid, wanted, how)

    def _part(self, box: Box) -> Image:
        """Cut a box with the panel's own pixels."""
        return cut_from(self._image, box, self._region.extras)


def _aligned_or_reason(
    region: Region, science: Image, box: Box | CutoutError, other: Image
) -> Box | CutoutError:
    """Map a box of the science image onto another panel, or return the reason why that is impossible."""
    if not isinstance(box, Box):
        return box
    try:
        return region.aligned_box(science, box, other)
    except CutoutError as err:
        return err


def boxes_or_reasons(
    frame: Image, sources: Sequence[DiaSource], region: Region
) -> Sequence[Box | CutoutError]:
    """Project all positions in one call, or one by one if some cannot be projected."""
    try:
        return region.boxes_on(frame, sources)
    except CutoutError:
        boxes: list[Box | CutoutError] = []
        for source in sources:
            try:
                boxes.append(region.box_on(frame, source))
            except CutoutError as err:
                boxes.append(err)
        return boxes


def cut_from(image: OpenImage, box: Box, extras: Set[Extra] = EXTRAS) -> Image:
    """Read the part of a box inside the image, with the requested extras, and pad the rest.

    Raises
    ------
    NoOverlap
        If the box is entirely outside.
    CutoutError, OSError
        Errors of reading.
    """
    whole = image.frame.box
    inside = whole.holds_all_of(box)
    if not inside and not whole.overlaps(box):
        return cut(image.frame, box)  # raises a NoOverlap with both boxes
    part = image.part(box if inside else box.intersection(whole), extras)
    if "psf" not in extras:
        part = part.replaced({"unread": part.unread | ({"psf"} if image.may_have_psf else set())})
    elif (psf := image.psf_at(part.anchor or box.centre)) is not None:
        part = part.replaced({"psf": psf})
    return part if inside else cut(part, box)


@runtime_checkable
class HoldsStamps(Protocol):
    """A store of stamps that can return them whole, so that `cutout_widgets.stack` can cut all at once."""

    def whole_stamps(self, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet] | None:
        """Yield the whole stamps of the sources of one group; None: read them row by row.

        They are not modified, so they may be views of the store's own arrays.
        """


def whole_stamps(store: object, sources: Sequence[DiaSource], extras: Set[Extra]) -> Iterator[Triplet] | None:
    """Yield the whole stamps of the sources of one group; None if the store does not hold any."""
    return store.whole_stamps(sources, extras) if isinstance(store, HoldsStamps) else None


def side_of_stamps(store: object, source: DiaSource) -> int | None:
    """Return the larger side, in pixels, of the largest stamp of a source, beyond which there are no pixels.

    None if the store cuts from larger images, or has no stamp of this source.
    """
    try:
        stamps = whole_stamps(store, [source], frozenset())
        whole = None if stamps is None else next(iter(stamps), None)
    except (CutoutError, OSError):  # its cutouts say why
        return None
    return max((max(image.shape) for image in whole or () if image is not None), default=None)


def opened_triplet(open_panel: Mapping[Panel, Callable[[], Image]]) -> Triplet:
    """Return the whole images of one source; an exception becomes the problem of its panel."""
    images: dict[Panel, Image] = {}
    problems: list[str] = []
    for panel in PANELS:
        if panel in open_panel:
            try:
                images[panel] = open_panel[panel]()
            except (CutoutError, OSError) as err:
                problems.append(f"{panel}: {sentence(err)}")
    template, science, difference = (images.get(panel) for panel in PANELS)
    return Triplet(template, science, difference, tuple(problems))
