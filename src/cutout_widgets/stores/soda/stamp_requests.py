"""Requests for one region of one image: of its cutout service, else of the whole file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from cutout_widgets.errors import ImageNotFound, MissingDependency, UnreadableImage
from cutout_widgets.pixels.image import Image
from cutout_widgets.stores.soda.connections import Abort
from cutout_widgets.stores.soda.datalink import ImageLinks, Links, read_links
from cutout_widgets.stores.soda.http import Fetcher, RefusedLink, Unavailable
from cutout_widgets.web import origin_of, shown

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["StampRequests"]

_log = logging.getLogger(__name__)


class StampRequests:
    """Finds the links of images, caches them, and follows them.

    Parameters
    ----------
    fetcher
        Sends the requests.
    service
        Name of the cutout service in the DataLink documents; None = the best.
    """

    def __init__(self, fetcher: Fetcher, service: str | None) -> None:
        self._fetcher, self._service = fetcher, service
        self._links = Links()

    def get(
        self, url: str, source: DiaSource, radius: float, whole: Callable[[str], Image], abort: Abort
    ) -> bytes | Image:
        """Return the bytes of a stamp from the service, or part of the file; replace an expired link.

        Parameters
        ----------
        url
            DataLink URL of the image.
        source, radius
            Where to cut; radius of a circle to cover, degrees.
        whole
            Returns the region from the whole file at a URL.
        abort
            Ends the requests.

        Raises
        ------
        ImageNotFound
            If neither the service nor the file gives the image.
        """
        ask = partial(self._ask, url, abort)
        links, fresh = self._links.get(url, ask)
        try:
            return self._from(links, source, radius, whole, abort)
        except ImageNotFound as err:
            expired = isinstance(err, RefusedLink) or (
                links.service is None and not isinstance(err, Unavailable)
            )
            if fresh or not expired:
                raise
            links, _ = self._links.get(url, ask, instead_of=links)
            return self._from(links, source, radius, whole, abort)

    def _from(
        self,
        links: ImageLinks,
        source: DiaSource,
        radius: float,
        whole: Callable[[str], Image],
        abort: Abort,
    ) -> bytes | Image:
        """Return the bytes of a stamp, or part of the file if there is no service or it is down."""
        service, file = links.service, links.file
        if service is None:
            assert file is not None
            return whole(file)
        request = service.request(source.ra, source.dec, radius)
        if file is not None and origin_of(file) != origin_of(service.url):
            try:
                return self._cutout(request, service.url, abort, patient=False)
            except Unavailable as err:
                _log.info("reading the whole file instead: %s", err)
                with suppress(ImageNotFound, UnreadableImage, MissingDependency):
                    return whole(file)
        return self._cutout(request, service.url, abort)

    def _cutout(self, request: str, url: str, abort: Abort, *, patient: bool | None = None) -> bytes:
        """Return the answer of a cutout service, if it is FITS."""
        body = self._fetcher.get(request, abort, service="cutouts", patient=patient)
        if not body.startswith((b"SIMPLE", b"\x1f\x8b")):
            message = self._fetcher.words_of(body) if body else "nothing"
            raise ImageNotFound(f"{shown(url)} did not send FITS but: {message}; has the session ended?")
        return body

    def _ask(self, url: str, abort: Abort) -> ImageLinks:
        """Fetch the DataLink document of an image."""
        body = self._fetcher.get(url, abort, service="links")
        return read_links(body, url, self._service, self._fetcher.hide)
