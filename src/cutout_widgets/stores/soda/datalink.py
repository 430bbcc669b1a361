"""DataLink documents: the cutout services of an image, and their parameters."""

from __future__ import annotations

import math
import re
import threading
import xml.etree.ElementTree as ET
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode, urlsplit

from cutout_widgets.errors import ImageNotFound, UnreadableImage
from cutout_widgets.web import origin_of, shown

if TYPE_CHECKING:
    from cutout_widgets.catalog.source import DiaSource

__all__ = ["SERVICES", "CutoutService", "ImageLinks", "Links", "is_column", "link_of", "read_links"]

SERVICES = ("cutout-sync-maskedimage", "cutout-sync-exposure", "cutout-sync")
"""Rubin's cutout services in order of preference: pixels, mask and variance without further data."""

_LINKS_REMEMBERED = 4096
"""Cached DataLink documents, one for each image."""

Stencil = Literal["CIRCLE", "POLYGON", "POS"]
"""SODA parameters for the region to cut."""

_STENCILS: tuple[Stencil, ...] = ("CIRCLE", "POLYGON", "POS")

_SODA_SYNC = "ivo://ivoa.net/std/soda#sync"

_SQUARE = ((-1, -1), (1, -1), (1, 1), (-1, 1))


_COLUMN = re.compile(r"\{(\w+)\}")


def is_column(pattern: str) -> bool:
    """Return whether a pattern is a single column of whole URLs: ``"{access_url}"``."""
    return _COLUMN.fullmatch(pattern) is not None


def link_of(pattern: str, source: DiaSource) -> str:
    """Return the DataLink URL of a row's image.

    Parameters
    ----------
    pattern
        A URL in which ``{column}`` is replaced by the row's value, or a column of whole URLs.
    source
        The row. Its values are escaped, so that they cannot change the structure of the URL.

    Raises
    ------
    ImageNotFound
        If the row has no such column.
    BadOption
        If the result is not an http or https URL.
    """

    def value_of(match: re.Match[str]) -> str:
        value = source.key(match[1])
        if value is None:
            raise ImageNotFound(f"the row has no {match[1]!r}, which the URL pattern needs")
        return str(value) if match[0] == pattern else quote(str(value), safe="")

    url = _COLUMN.sub(value_of, pattern)
    origin_of(url)
    return url


@dataclass(frozen=True)
class CutoutService:
    """A synchronous SODA service for one image."""

    name: str
    """Its identifier in the document."""
    url: str
    """Its URL."""
    fixed: tuple[tuple[str, str], ...]
    """Parameters of the image, such as ``ID``."""
    stencil: Stencil
    """The parameter for the region to cut."""

    def request(self, ra: float, dec: float, radius_deg: float) -> str:
        """Return the URL that requests the pixels around a position.

        Parameters
        ----------
        ra, dec
            Centre, ICRS degrees.
        radius_deg
            Radius of a circle to cover, degrees.
        """
        circle = f"{ra:.9f} {dec:.9f} {radius_deg:.9f}"
        where = {"CIRCLE": circle, "POS": f"CIRCLE {circle}", "POLYGON": _polygon(ra, dec, radius_deg)}
        query = urlencode([*self.fixed, (self.stencil, where[self.stencil])])
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{query}"


def _polygon(ra: float, dec: float, radius_deg: float) -> str:
    """Return the corners of a square around a circle, tangent at its centre."""
    corners = []
    for east, north in _SQUARE:
        xi, eta = math.radians(east * radius_deg), math.radians(north * radius_deg)
        down = math.cos(math.radians(dec)) - eta * math.sin(math.radians(dec))
        up = math.sin(math.radians(dec)) + eta * math.cos(math.radians(dec))
        corners.append(f"{(ra + math.degrees(math.atan2(xi, down))) % 360:.9f}")
        corners.append(f"{math.degrees(math.atan2(up, math.hypot(xi, down))):.9f}")
    return " ".join(corners)


@dataclass(frozen=True)
class ImageLinks:
    """What a DataLink document offers for one image: a cutout service, the whole file, or both."""

    service: CutoutService | None
    file: str | None
    """URL of the whole FITS file (``#this``)."""


def read_links(
    document: bytes, url: str, wanted: str | None = None, hide: Callable[[str], str] = str
) -> ImageLinks:
    """Return the cutout service and the file in a DataLink document.

    Parameters
    ----------
    document
        The VOTable.
    url
        Its URL, for messages.
    wanted
        Identifier of the service; None = the first of `SERVICES` that exists, else any SODA service, else
        the whole file.
    hide
        Removes secrets from texts in the document.

    Raises
    ------
    ImageNotFound
        If the document reports that the image is missing, or has neither a cutout service nor the file, or
        not the wanted service.
    UnreadableImage
        If it is not a VOTable.
    """
    where = shown(url)
    # A VOTable needs no DTD, and XML entities can be used for decompression bombs.
    if b"<!DOCTYPE" in document[:4096] or b"<!ENTITY" in document:
        raise UnreadableImage(
            f"{where} answered with a web page or a document type, not with a list of links"
        )
    try:
        root = ET.fromstring(document)
    except (ET.ParseError, ValueError) as err:
        raise UnreadableImage(f"{where} did not answer with a VOTable of links: {err}") from err
    links = list(_rows(root))
    services = list(_services(root, links))
    chosen, file = _choose(services, wanted), _file(links)
    if chosen is not None or (wanted is None and file is not None):
        return ImageLinks(chosen, file)
    for link in links:
        if link.get("error_message"):
            raise ImageNotFound(f"{where} says: {hide(' '.join(link['error_message'].split()))[:200]}")
    found = ", ".join(service.name for service in services) or "none"
    raise ImageNotFound(
        f"{where} offers no cutout service{f' {wanted!r}' if wanted else ' and no FITS file'}; found: {found}"
    )


class Links:
    """A cache of the links of images; identical concurrent requests are sent once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, ImageLinks] = OrderedDict()
        self._asking: dict[str, threading.Lock] = {}

    def get(
        self, url: str, ask: Callable[[], ImageLinks], instead_of: ImageLinks | None = None
    ) -> tuple[ImageLinks, bool]:
        """Return the links for a URL, and whether they were requested just now.

        `instead_of` are links that did not work; they are not returned from the cache.
        """
        with self._lock:
            asking = self._asking.setdefault(url, threading.Lock())
        with asking:
            with self._lock:
                known = self._known.get(url)
                if known is not None and known is not instead_of:
                    self._known.move_to_end(url)
                    return known, False
            found = ask()
            with self._lock:
                self._known[url] = found
                while len(self._known) > _LINKS_REMEMBERED:
                    self._asking.pop(self._known.popitem(last=False)[0], None)
            return found, True


def _file(links: Sequence[dict[str, str]]) -> str | None:
    """Return the URL of the whole image, if it is a FITS file on the web."""
    for link in links:
        url, kind = link.get("access_url", ""), link.get("content_type", "").lower()
        is_web = url.lower().startswith(("https://", "http://"))
        if link.get("semantics", "").endswith("#this") and is_web and (not kind or "fits" in kind):
            return url
    return None


def _choose(services: Sequence[CutoutService], wanted: str | None) -> CutoutService | None:
    """Return the preferred service."""
    by_name = {service.name: service for service in services}
    if wanted is not None:
        return by_name.get(wanted)
    for name in SERVICES:
        if name in by_name:
            return by_name[name]
    return services[0] if services else None


def _services(root: ET.Element, links: Sequence[dict[str, str]]) -> Iterator[CutoutService]:
    """Yield each synchronous SODA service in the document."""
    for resource in _each(root, "RESOURCE"):
        params = {param.get("name", ""): param.get("value", "") for param in _children(resource, "PARAM")}
        standard = params.get("standardID", "").lower()
        name = resource.get("ID") or resource.get("name") or ""
        if not params.get("accessURL") or not (standard.startswith(_SODA_SYNC) or name in SERVICES):
            continue
        inputs = {
            param.get("name", ""): param
            for group in _children(resource, "GROUP")
            if group.get("name") == "inputParams"
            for param in _children(group, "PARAM")
        }
        stencil = next((one for one in _STENCILS if one in inputs), None)
        if stencil is None:
            continue
        own = next((link for link in links if link.get("service_def") == name), {})
        fixed = [(key, _value(param, own)) for key, param in inputs.items() if key not in _STENCILS]
        yield CutoutService(
            name, params["accessURL"], tuple((key, value) for key, value in fixed if value), stencil
        )


def _value(param: ET.Element, link: dict[str, str]) -> str:
    """Return the value of an input parameter: its own, or that of the column it refers to."""
    return param.get("value") or link.get(param.get("ref", ""), "")


def _rows(root: ET.Element) -> Iterator[dict[str, str]]:
    """Yield the rows of the tables, keyed by both ID and name of each field."""
    for table in _each(root, "TABLE"):
        fields = list(_children(table, "FIELD"))
        for row in _each(table, "TR"):
            cells = [(cell.text or "").strip() for cell in _children(row, "TD")]
            link: dict[str, str] = {}
            for field, cell in zip(fields, cells, strict=False):
                link[field.get("name", "")] = cell
                link[field.get("ID", "")] = cell
            yield link


def _each(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    """Yield all descendants with a tag, in any namespace."""
    return (one for one in element.iter() if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == tag)


def _children(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    """Yield the children with a tag, in any namespace."""
    return (one for one in element if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == tag)
