"""Parts of whole FITS files, for images without a cutout service, or while it is down."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cutout_widgets.errors import NoOverlap
from cutout_widgets.pixels.image import Image, Panel
from cutout_widgets.remote.connection import NoAnswer
from cutout_widgets.remote.file import RemoteFile
from cutout_widgets.remote.options import RemoteOptions
from cutout_widgets.stores.fits.planes import OpenFits
from cutout_widgets.stores.group_cutting import cut_from
from cutout_widgets.stores.handles import Handles
from cutout_widgets.stores.soda.http import Fetcher, Unavailable
from cutout_widgets.web import origin_of, shown

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.pixels.region import Region
    from cutout_widgets.stores.soda.options import SodaOptions

__all__ = ["WholeFiles"]

_MARGIN_PX = 4
"""Pixels read around a region, for panels that are aligned or resampled to another."""

_Key = tuple[str, Panel]


class WholeFiles:
    """Reads parts of FITS files at URLs by byte ranges.

    Parameters
    ----------
    fetcher
        Knows the token, and which hosts are down.
    options
        Where blocks are cached.
    """

    def __init__(self, fetcher: Fetcher, options: SodaOptions) -> None:
        self._fetcher, self._options = fetcher, options
        self._handles: Handles[_Key, OpenFits] = Handles(self._opened, files_each=0)

    def part(self, url: str, panel: Panel, source: DiaSource, region: Region) -> Image:
        """Return the pixels of a file in and around a region.

        Raises
        ------
        Unavailable
            If the host is down.
        ImageNotFound, UnreadableImage, MissingDependency
            As for `RemoteFile` and `OpenFits`.
        NoOverlap
            If the source is not on the image.
        """
        health, name = self._fetcher.health, f"{origin_of(url)} files"
        outage = health.outage(name)
        if outage is not None:
            raise Unavailable(outage.fault)
        try:
            with self._handles.borrow((url, panel)) as image:
                found = _around(image, source, region)
        except NoAnswer as err:
            health.failed(name, str(err))
            raise Unavailable(str(err)) from err
        health.answered(name)
        if isinstance(found, NoOverlap):
            raise found
        return found

    def _opened(self, key: _Key) -> OpenFits:
        """Open the file of a panel."""
        url, panel = key
        # A signed link differs each time, so that its blocks would not be found again.
        cache = None if urlsplit(url).query else self._options.cache
        remote = RemoteOptions(cache=cache, cache_bytes=self._options.cache_bytes)
        file = RemoteFile(url, remote, token=self._fetcher.token_for(url))
        return OpenFits(shown(url), panel=panel, content=file)


def _around(image: OpenFits, source: DiaSource, region: Region) -> Image | NoOverlap:
    """Return a region of an image with a margin, or that there is none; the file stays usable."""
    try:
        box = region.box_on(image.frame, source).grown(_MARGIN_PX)
        if image.frame.box.overlaps(box):
            image.expect([image.frame.box.intersection(box)])
        return cut_from(image, box, region.extras)
    except NoOverlap as err:
        return err
    finally:
        image.forget()
