"""The contract of an image store: rows of one group in, triplets of cutouts out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from cutout_widgets.errors import CutoutError, sentence
from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.region import Region

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.catalog.table import SourceTable

__all__ = ["HasHistory", "HasTable", "ImageStore", "cut_group", "cut_panel"]


@runtime_checkable
class ImageStore(Protocol):
    """Where pixels come from.

    A store is a picklable description (paths, URIs, names). It opens handles where they are
    used, one for each thread, and closes them by a bounded cache that belongs to the instance.
    `cutout_widgets.testing.StoreContract` is this protocol as a test; subclass it for a new store.
    """

    def group(self, source: DiaSource) -> Hashable:
        """Return the key of the images a source needs; rows with equal keys are read together.

        Never raises and never opens a file: it is called for every row before any is read.
        """

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order; all sources are of one group.

        A source whose images are missing or broken yields a `Triplet` with `problems`.
        Reading is lazy: a caller that stops iterating stops the reading.
        """


@runtime_checkable
class HasTable(Protocol):
    """A store that also has the rows: alert packets, a Butler's DiaSource dataset."""

    def table(self) -> SourceTable:
        """Return all rows the store knows, one for each source it can show."""


@runtime_checkable
class HasHistory(Protocol):
    """A store that knows how a source's object varied."""

    def history(self, source: DiaSource) -> pd.DataFrame:
        """Return the light curve that goes with a source.

        Columns: ``time`` (MJD, TAI for LSST and UTC-based JD - 2400000.5 for ZTF), ``band``,
        ``flux`` and ``flux_err`` (nJy, difference flux), ``kind`` (``"detection"``,
        ``"forced"`` or ``"limit"``), ``id`` (Int64, null where the point has none).
        An object without history gives an empty frame with these columns.
        """


def cut_panel(image: Image, source: DiaSource, region: Region) -> Image:
    """Cut the region of one source out of an opened image."""
    return cut(image, region.box_on(image, source))


def cut_group(
    open_panel: Mapping[Panel, Callable[[], Image]],
    sources: Sequence[DiaSource],
    region: Region,
) -> Iterator[Triplet]:
    """Cut all sources of one group out of images that fit in memory.

    Parameters
    ----------
    open_panel
        For each panel the group has, a function that gives its whole image. It is called once;
        what it raises becomes the problem of that panel of each source, and the others go on.
        Give a function that raises `ImageNotFound` for a panel that should be there.
    sources
        Rows of the group.
    region
        How much to cut.

    Yields
    ------
    Triplet
        One for each source, in order.
    """
    images: dict[Panel, Image] = {}
    reasons: dict[Panel, str] = {}
    for panel, open_image in open_panel.items():
        try:
            images[panel] = open_image()
        except (CutoutError, OSError) as err:
            reasons[panel] = f"{panel}: {sentence(err)}"
    for source in sources:
        cuts: dict[Panel, Image] = {}
        problems = dict(reasons)
        for panel, image in images.items():
            try:
                cuts[panel] = cut_panel(image, source, region)
            except CutoutError as err:
                problems[panel] = f"{panel}: {sentence(err)}"
        ordered = tuple(problems[panel] for panel in PANELS if panel in problems)
        yield Triplet(cuts.get("template"), cuts.get("science"), cuts.get("difference"), ordered)
