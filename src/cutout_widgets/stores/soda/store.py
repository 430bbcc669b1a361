"""Images from an image cutout service (SODA), found through DataLink."""

from __future__ import annotations

import logging
import math
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Unpack

from cutout_widgets._public import chosen_options, shown_by, with_fields
from cutout_widgets.disk_cache import cache_in
from cutout_widgets.errors import BadOption, CutoutError, ImageNotFound, NoOverlap, UnreadableImage
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet
from cutout_widgets.pixels.region import pixel_scale
from cutout_widgets.stores.base import cut_group, reading_cancelled
from cutout_widgets.stores.fits.planes import OpenFits
from cutout_widgets.stores.soda.connections import Abort
from cutout_widgets.stores.soda.datalink import is_column, link_of
from cutout_widgets.stores.soda.http import Fetcher
from cutout_widgets.stores.soda.options import SodaKeywords, SodaOptions
from cutout_widgets.stores.soda.stamp_requests import StampRequests
from cutout_widgets.stores.soda.whole_files import WholeFiles
from cutout_widgets.stores.waiting import waits_for_service
from cutout_widgets.web import origin_of, platform_of_environment, shown, token_of_environment

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource
    from cutout_widgets.pixels.region import Region

__all__ = ["SodaImages"]

_log = logging.getLogger(__name__)

_MARGIN_PX = 2.0
"""Margin around the region in pixels, for rounding and inexact pixel scales."""

_ASK_EVERY_S = 0.1
"""Interval at which a read that waits for a response checks whether it was cancelled."""


class SodaImages:
    """Cutouts from an image cutout service: only the stamps are transferred.

    Parameters
    ----------
    links
        Pattern of the DataLink URL of an image: ``{panel}`` is replaced by the panel, any other
        ``{column}`` by that column of the row (``{visit}``, ``{detector}``). A column of
        whole URLs is used as ``"{access_url}"``. Without ``{panel}`` the pattern is that of the
        science image.
    template, science, difference
        Patterns of single panels, which take precedence over `links`.
    token
        Bearer token, or a function that returns one; None = the environment variable
        ``ACCESS_TOKEN``, set by the Science Platform. It is sent encrypted, and only to the hosts
        of the patterns and `home`. It is never shown, saved or pickled: a worker process
        reads its own from the environment.
    options
        All options below in one object; keywords override its fields.
    service
        Name of the service in the DataLink document; None = the best of Rubin's
        (``cutout-sync-maskedimage``, ``-exposure``, ``cutout-sync``), else any SODA.
    home
        URL of a host that may receive the token, for links from a column of whole URLs: the
        table must not decide who receives it. None = the Science Platform's own
        (``EXTERNAL_INSTANCE_URL``).
    scale_arcsec
        Pixel scale, to convert regions in pixels to angles; if an image turns out to be coarser, it is
        requested again.
    at_once
        Maximum number of simultaneous requests of this store.
    tries
        Number of attempts after temporary faults (busy, disconnected, no response).
    timeout_s
        Maximum time without a response.
    pause_s
        Wait before the second attempt; it doubles each time. A time given by the service
        (``Retry-After``) takes precedence.
    rest_s
        After three failures in a row that are the service's fault, it is not requested for this time: rows
        show the last error at once.
    patience_s
        How long a run that saves (`save_cutouts`, `fetch_stamps`) waits for a service that is down.
    cache
        Cache folder for stamps; None = no cache. Stamps fetched with a token are used only
        with the same token.
    cache_bytes
        Maximum size of that folder; the least recently used stamps are removed first.

    Raises
    ------
    UnknownOption
        If there is no such keyword; the error names the closest one.
    BadOption
        If no pattern is given, or one is not a URL, or an option is invalid.

    Notes
    -----
    All rows are one group, so that a page is fetched concurrently. Requests are cancelled when
    reading stops. If an image has no cutout service, or the service is down and the file is on another
    host, the file itself (``#this``) is read by byte ranges (extra ``remote``).
    Source: IVOA SODA 1.0, DataLink 1.0; Rubin's service names of December 2025.
    """

    def __init__(
        self,
        links: str | None = None,
        *,
        template: str | None = None,
        science: str | None = None,
        difference: str | None = None,
        token: str | Callable[[], str | None] | None = None,
        options: SodaOptions | None = None,
        **keywords: Unpack[SodaKeywords],
    ) -> None:
        for given in (links, template, science, difference):
            if not (given is None or isinstance(given, str)):
                raise BadOption(f"a pattern of DataLink URLs is text; got a {type(given).__name__}")
        own = {"template": template, "science": science, "difference": difference}
        self._patterns: dict[Panel, str] = {}
        for panel in PANELS:
            pattern = own[panel]
            if pattern is None and links is not None and ("{panel}" in links or panel == "science"):
                pattern = links.replace("{panel}", panel)
            if pattern is not None:
                if not is_column(pattern):
                    origin_of(pattern)
                self._patterns[panel] = pattern
        if not self._patterns:
            raise BadOption(
                "no pattern of DataLink URLs given: SodaImages('https://.../links?ID={panel}-{visit}-{detector}')"
            )
        self._options = chosen_options(type(self), SodaOptions, options, keywords)
        self._token = token
        self._start()

    def _start(self) -> None:
        """Initialise without anything fetched."""
        options = self._options
        token = self._token
        give: Callable[[], str | None] = (
            token_of_environment if token is None else token if callable(token) else (lambda: token)
        )
        homes = [one for one in self._patterns.values() if not is_column(one)]
        homes += [one for one in (options.home, platform_of_environment()) if one]
        self._fetcher = Fetcher(
            token=give,
            home=frozenset(origin_of(one) for one in homes),
            tries=options.tries,
            timeout_s=options.timeout_s,
            pause_s=options.pause_s,
            rest_s=options.rest_s,
            patience_s=options.patience_s,
        )
        folder = options.cache
        self._cache = None if folder is None else cache_in(folder, options.cache_bytes)
        self._requests = StampRequests(self._fetcher, options.service)
        self._files = WholeFiles(self._fetcher, options)
        self._scales: dict[Panel, float] = {}
        self._lock = threading.Lock()
        self._workers: tuple[int, ThreadPoolExecutor] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"patterns": self._patterns, "options": self._options}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._patterns, self._options = dict(state["patterns"]), state["options"]
        self._token = None
        self._start()

    def reads(self) -> dict[str, str]:
        """Return what the store reads, as labelled text."""
        return {panel: shown(one) for panel, one in self._patterns.items()}

    _repr_html_ = shown_by("outputs.preview:store_html")

    def __repr__(self) -> str:
        panels = ", ".join(f"{panel}={shown(one)}" for panel, one in self._patterns.items())
        return f"<SodaImages: {panels}>"

    def group(self, source: DiaSource) -> Hashable:
        """Return one key for all rows, so that many requests can be sent at once."""
        return "soda"

    def read(self, sources: Sequence[DiaSource], region: Region) -> Iterator[Triplet]:
        """Yield one triplet for each source, in order, while later ones are being fetched."""
        abort = Abort(patient=waits_for_service())
        ahead = 2 * self._options.at_once
        under_way: deque[dict[Panel, Future[Image]]] = deque()
        try:
            started = 0
            for source in sources:
                while started < len(sources) and started < ahead + 1:
                    under_way.append(self._begin(sources[started], region, abort))
                    started += 1
                ahead += 1
                answers = under_way.popleft()
                yield from cut_group(
                    {panel: partial(_answer, one) for panel, one in answers.items()}, [source], region
                )
        finally:
            for answers in under_way:
                for one in answers.values():
                    one.cancel()
            abort.end()

    def _begin(self, source: DiaSource, region: Region, abort: Abort) -> dict[Panel, Future[Image]]:
        """Request all panels of a source."""
        workers = self._pool()
        return {panel: workers.submit(self._whole, source, panel, region, abort) for panel in self._patterns}

    def _pool(self) -> ThreadPoolExecutor:
        """Return this process's worker threads, whose number limits the requests."""
        with self._lock:
            if self._workers is None or self._workers[0] != os.getpid():
                workers = ThreadPoolExecutor(self._options.at_once, thread_name_prefix="soda")
                self._workers = (os.getpid(), workers)
                weakref.finalize(self, workers.shutdown, wait=False, cancel_futures=True)
            return self._workers[1]

    def _whole(self, source: DiaSource, panel: Panel, region: Region, abort: Abort) -> Image:
        """Fetch a region of one image, again if its pixels are larger than assumed."""
        abort.check()
        if not region.sizes:
            raise BadOption("an image cutout service needs a size; give one")
        if not (math.isfinite(source.ra) and math.isfinite(source.dec) and abs(source.dec) <= 90):
            raise NoOverlap("the source has no position on the sky: ra and dec")
        url = link_of(self._patterns[panel], source)
        scale = self._scales.get(panel, self._options.scale_arcsec)
        image = self._stamp(url, source, panel, region, scale, abort)
        if image.wcs is not None:
            true = pixel_scale(image)
            if true > scale * 1.001:
                self._scales[panel] = true
                image = self._stamp(url, source, panel, region, true, abort)
        return image

    def _stamp(
        self, url: str, source: DiaSource, panel: Panel, region: Region, scale: float, abort: Abort
    ) -> Image:
        """Return a stamp, from the cache or from the service."""
        # Users of another token may not be allowed to see this stamp.
        reader = self._fetcher.reader_of(url)
        radius = _radius_deg(region, scale)
        place = f"{source.ra:.9f} {source.dec:.9f} {radius:.9f}"
        question = "\n".join([url, str(self._options.service), place, reader])
        origin = f"{shown(url)} of the {panel} image of source {source.id}"
        kept = None if self._cache is None else self._cache.find(question)
        if kept is not None and self._cache is not None:
            try:
                return _image_in(kept.read_bytes(), origin)
            except (CutoutError, OSError):
                self._cache.drop(question)
        whole = partial(self._files.part, panel=panel, source=source, region=region)
        found = self._requests.get(url, source, radius, whole, abort)
        try:
            return found if isinstance(found, Image) else self._kept(question, found, origin)
        except UnreadableImage:
            # The answer is incomplete because the service gave no length: fetch it again.
            found = self._requests.get(url, source, radius, whole, abort)
            return found if isinstance(found, Image) else self._kept(question, found, origin)

    def _kept(self, question: str, body: bytes, origin: str) -> Image:
        """Read a fetched stamp, and cache it."""
        image = _image_in(body, origin)
        if self._cache is not None:
            try:
                self._cache.keep(question, body)
            except OSError:
                _log.warning("cannot cache stamps in %s", self._cache.folder, exc_info=True)
        return image


SodaImages.__signature__ = with_fields(SodaImages, SodaOptions)  # type: ignore[attr-defined]  # for help()


def _answer(future: Future[Image]) -> Image:
    """Wait for an image until the read is cancelled."""
    while not wait([future], timeout=_ASK_EVERY_S).done:
        if reading_cancelled():
            raise ImageNotFound("the reading was cancelled")
    try:
        return future.result()
    except CancelledError:
        raise ImageNotFound("the reading was cancelled") from None


def _radius_deg(region: Region, scale_arcsec: float) -> float:
    """Return the radius of the circle around the largest square of a region, for any rotation."""
    largest = max(region.sizes)
    side = largest * scale_arcsec if region.unit == "px" else largest
    return (side / math.sqrt(2) + _MARGIN_PX * scale_arcsec) / 3600


def _image_in(body: bytes, origin: str) -> Image:
    """Read a whole stamp."""
    opened = OpenFits(f"the stamp from {origin}", content=body)
    try:
        return replace(opened.part(opened.frame.box), origin=origin)
    finally:
        opened.close()
