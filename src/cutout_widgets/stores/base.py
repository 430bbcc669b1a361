"""The interface of an image store: rows of one group in, triplets of cutouts out."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from cutout_widgets.pixels.image import Image, Panel, Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.group_cutting import cut_from, cut_open_group
from cutout_widgets.stores.open_image import ImageInMemory, OpenImage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.footprints.footprint import Footprint

__all__ = [
    "HasEpochs",
    "HasFootprints",
    "HasHistory",
    "HasIndex",
    "HasTable",
    "HasVisits",
    "HoldsPixels",
    "ImageStore",
    "OpensPanels",
    "cancellable",
    "cut_group",
    "cut_panel",
    "in_memory",
    "key_of",
    "reading_cancelled",
]


@runtime_checkable
class ImageStore(Protocol):
    """A source of pixels.

    A store is a picklable description (paths, URIs, names). It opens handles when they are
    needed, never in two threads at once, and closes them through a bounded pool that belongs to the
    instance (`cutout_widgets.stores.Handles`).
    `cutout_widgets.testing.StoreContract` tests this protocol; subclass it for a new store.
    An attribute ``side_by_side`` may limit the number of groups read in parallel, to save memory, or
    because no group waits for a disk or a network.
    A store that waits long, such as for a network, may call `reading_cancelled` meanwhile, and stop.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> class OneImage:
    ...     def group(self, source):
    ...         return "the image"
    ...
    ...     def read(self, sources, region):
    ...         return cw.stores.cut_group({"science": lambda: make_image((100, 100))}, sources, region)
    >>> isinstance(OneImage(), cw.stores.ImageStore)
    True
    >>> row = cw.DiaSource(id=7, ra=53.0, dec=-28.0, row={"x": 40.0, "y": 60.0})
    >>> next(OneImage().read([row], cw.Region.of(30)))
    <Triplet science 30x30; no template, difference>
    """

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of the images a source needs; rows with equal keys are read together.

        Must not raise or open files: it is called for every row before any is read.
        """

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order; all sources are of one group.

        A source whose images are missing or broken yields a `Triplet` with `problems`.
        Reading must be lazy: when the caller stops iterating, reading stops.
        """


@runtime_checkable
class HasTable(Protocol):
    """A store that also has rows: alert packets, a Butler's DiaSource dataset.

    Examples
    --------
    >>> class WithRows:
    ...     def table(self):
    ...         return cw.SourceTable.read({"id": [7], "ra": [53.0], "dec": [-28.0]})
    >>> isinstance(WithRows(), cw.stores.HasTable)
    True
    """

    def table(self) -> SourceTable:
        """Return all rows in the store, one for each source that it has images of."""


@runtime_checkable
class HoldsPixels(Protocol):
    """A store that contains the pixels themselves, so that pickling it is expensive.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> images = {key: (None, make_image((100, 100)), None) for key in [(1, 0), (2, 0)]}
    >>> store = cw.ArrayImages.from_images(images)
    >>> isinstance(store, cw.stores.HoldsPixels)
    True
    >>> store.narrowed([cw.DiaSource(7, 53.0, -28.0, visit=2, detector=0)])
    <ArrayImages 1 triplet of images by visit, detector>
    """

    def narrowed(self, sources: Sequence[DiaSource]) -> ImageStore:
        """Return a store with only what some rows of one group need, to be pickled with them."""


@runtime_checkable
class HasIndex(Protocol):
    """A store with an index; pickling it is expensive if the index is long."""

    def for_rows(self, sources: Sequence[DiaSource]) -> ImageStore:
        """Return a store with only the part of the index that some rows need, to pickle with them."""


@runtime_checkable
class OpensPanels(Protocol):
    """A store that can open a group's images, so that `cutout_widgets.stack` can cut all sources at once.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> store = cw.ArrayImages.from_images({(1, 0): (None, make_image((100, 100)), None)})
    >>> isinstance(store, cw.stores.OpensPanels)
    True
    >>> panels = store.open_panels([cw.DiaSource(7, 53.0, -28.0, visit=1, detector=0)])
    >>> with panels["science"]() as image:
    ...     image.part(cw.Box(10, 40, 20, 50)).shape
    (30, 30)
    """

    def open_panels(
        self, sources: Sequence[DiaSource]
    ) -> Mapping[Panel, Callable[[], AbstractContextManager[OpenImage]]] | None:
        """Return the argument of `cut_open_group` for the sources of a group; None: read row by row."""


@runtime_checkable
class HasHistory(Protocol):
    """A store that has light curves of objects.

    Examples
    --------
    >>> class WithHistory:
    ...     def history(self, source):
    ...         point = {"time": 60000.1, "flux": 900.0, "kind": "detection", "id": source.id}
    ...         return cw.catalog.history_frame([point])
    >>> isinstance(WithHistory(), cw.stores.HasHistory)
    True
    """

    def history(self, source: DiaSource) -> pd.DataFrame:
        """Return the light curve of a source's object.

        Columns: ``time`` (MJD, TAI for LSST and UTC-based JD - 2400000.5 for ZTF), ``band``,
        ``flux`` and ``flux_err`` (nJy, difference flux), ``kind`` (``"detection"``,
        ``"forced"`` or ``"limit"``), ``id`` (Int64, null if the point has none);
        if known, ``visit``, ``detector``, and the flux on the science image, ``science_flux`` and
        ``science_flux_err`` (nJy).
        An object without history has an empty frame with these columns.
        """


@runtime_checkable
class HasEpochs(Protocol):
    """A source of the other detections of an object: a database, alert packets.

    Examples
    --------
    >>> class Archive:
    ...     def epochs(self, source):
    ...         return cw.SourceTable({"id": [7, source.id], "ra": [53.0] * 2, "dec": [-28.0] * 2})
    >>> isinstance(Archive(), HasEpochs)
    True
    """

    def epochs(self, source: DiaSource) -> SourceTable:
        """Return the detections of a source's object as rows, in time order.

        The table has no rows if none are known.
        """


@runtime_checkable
class HasFootprints(Protocol):
    """A store that has footprints of sources.

    Examples
    --------
    >>> import numpy as np
    >>> [disk] = cw.footprints.footprints_above(np.eye(5), 0.5)
    >>> store = cw.stores.FootprintImages(cw.FitsImages(science="a.fits"), {7: disk})
    >>> isinstance(store, cw.stores.HasFootprints)
    True
    """

    def footprint(self, source: DiaSource) -> Footprint | None:
        """Return the footprint of a source in the parent pixels of the image it was found on, or None.

        Must not read pixels: it is called for every source that is shown.
        """


@runtime_checkable
class HasVisits(Protocol):
    """A store that finds the exposures that cover a position, with or without a detection there.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image, make_wcs
    >>> image = make_image((60, 60), wcs=make_wcs(at=(30, 30)))
    >>> images = cw.ArrayImages.from_images({(7, 0): (None, image, None)}, key=("visit", "detector"))
    >>> isinstance(images, HasVisits), images.visits_at(53.0, -28.0), images.visits_at(0.0, 0.0)
    (True, [{'visit': 7, 'detector': 0}], [])
    """

    def visits_at(self, ra: float, dec: float) -> list[dict[str, Any]]:
        """Return the exposures whose images cover a position (ICRS degrees), in any order.

        Each has ``visit`` and ``detector``, further columns that rows of the store need (``instrument``), and
        ``band`` and ``time`` (MJD) if known. For a position that is NaN there are none.
        """


_cancelled: ContextVar[Callable[[], bool]] = ContextVar("cancelled", default=lambda: False)


def reading_cancelled() -> bool:
    """Return whether the current read was cancelled, so that a store may stop.

    Call it in the thread that called `ImageStore.read`, several times a second, since a user is
    waiting for the next page. It works through wrapping stores without their help.
    Triplets yielded after that are ignored.

    Examples
    --------
    >>> reading_cancelled()
    False
    """
    return _cancelled.get()()


def cancellable(triplets: Iterable[Triplet], cancelled: Callable[[], bool]) -> Iterator[Triplet]:
    """Yield a store's triplets; only while it reads, `reading_cancelled` calls `cancelled` in this thread."""
    reading = iter(triplets)
    while True:
        before = _cancelled.set(cancelled)
        try:
            triplet = next(reading, None)
        finally:
            _cancelled.reset(before)
        if triplet is None:
            return
        yield triplet


def key_of(source: DiaSource, columns: Sequence[str]) -> tuple[Hashable, ...]:
    """Return a row's values of some columns as a hashable group key, with NaN as None.

    Examples
    --------
    >>> key_of(cw.DiaSource(7, 53.0, -28.0, visit=1, detector=94), ("visit", "detector"))
    (1, 94)
    """
    values = [source.key(column) for column in columns]
    return tuple(
        None if value is None or value != value else value if isinstance(value, Hashable) else repr(value)
        for value in values
    )


def cut_panel(image: Image, source: DiaSource, region: Region) -> Image:
    """Cut the region of one source from an opened image, as float32.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> row = cw.DiaSource(id=7, ra=53.0, dec=-28.0, row={"x": 40.0, "y": 60.0})
    >>> cut_panel(make_image((100, 100)), row, cw.Region.of(30)).box
    Box(y0=45, y1=75, x0=25, x1=55)
    """
    return cut_from(ImageInMemory(image), region.box_on(image, source))


def cut_group(
    open_panel: Mapping[Panel, Callable[[], Image]],
    sources: Sequence[DiaSource],
    region: Region,
) -> Iterator[Triplet]:
    """Cut all sources of one group from images in memory.

    Parameters
    ----------
    open_panel
        For each panel of the group, a function that returns its whole image. It is called once;
        an exception becomes the problem of that panel for each source, and other panels are not affected.
        Use a function that raises `ImageNotFound` for a missing panel.
    sources
        Rows of the group.
    region
        Size of the cutouts.

    Yields
    ------
    Triplet
        One for each source, in order.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> def open_template():
    ...     raise cw.ImageNotFound("no such file a.fits")
    >>> row = cw.DiaSource(id=7, ra=53.0, dec=-28.0, row={"x": 40.0, "y": 60.0})
    >>> panels = {"template": open_template, "science": lambda: make_image((100, 100))}
    >>> [triplet] = cut_group(panels, [row], cw.Region.of(30))
    >>> triplet.science.shape, triplet.problems
    ((30, 30), ('template: no such file a.fits',))
    """
    return cut_open_group(in_memory(open_panel), sources, region)


def in_memory(
    open_panel: Mapping[Panel, Callable[[], Image]],
) -> dict[Panel, Callable[[], AbstractContextManager[OpenImage]]]:
    """Return functions that open in-memory images for `cut_open_group`, from functions that return them."""
    return {panel: _in_memory(open_image) for panel, open_image in open_panel.items()}


def _in_memory(open_image: Callable[[], Image]) -> Callable[[], AbstractContextManager[OpenImage]]:
    """Return a function that opens a whole image as an `OpenImage`, which need not be closed."""
    return lambda: nullcontext(ImageInMemory(open_image()))
