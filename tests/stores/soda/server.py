"""A small DataLink and SODA service on loopback that serves a sky, with faults on request."""

from __future__ import annotations

import contextlib
import math
import threading
from collections import deque
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
from tests.loopback import LoopbackServer, QuietHandler
from tests.stores.fits_files import write_afw

from cutout_widgets.pixels.cutting import cut
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.pixels.image import Image
from cutout_widgets.pixels.region import pixel_scale

LINKS = """<?xml version="1.0" encoding="utf-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
 <RESOURCE type="results"><TABLE>
  <FIELD ID="datasetIdentifier" name="ID" datatype="char" arraysize="*"/>
  <FIELD name="access_url" datatype="char" arraysize="*"/>
  <FIELD name="service_def" datatype="char" arraysize="*"/>
  <FIELD name="error_message" datatype="char" arraysize="*"/>
  <FIELD name="semantics" datatype="char" arraysize="*"/>
  <FIELD name="content_type" datatype="char" arraysize="*"/>
  <DATA><TABLEDATA>{rows}</TABLEDATA></DATA>
 </TABLE></RESOURCE>{services}
</VOTABLE>"""

FILE = "<TR><TD>{name}</TD><TD>{url}</TD><TD/><TD/><TD>#this</TD><TD>{kind}</TD></TR>"

SERVICE = """
 <RESOURCE type="meta" ID="{name}" utype="adhoc:service">
  <PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/SODA#sync-1.0"/>
  <PARAM name="accessURL" datatype="char" arraysize="*" value="{url}"/>
  <GROUP name="inputParams">
   <PARAM name="ID" datatype="char" arraysize="*" value="" ref="datasetIdentifier"/>
   <PARAM name="{stencil}" datatype="double" arraysize="*" value=""/>
  </GROUP>
 </RESOURCE>"""


class _Handler(QuietHandler):
    service: SodaServer

    def do_GET(self) -> None:
        self.service.asked.append((self.path, self.headers.get("Authorization")))
        with self.service.lock:
            self.service.busy += 1
            self.service.busiest = max(self.service.busiest, self.service.busy)
        try:
            self._serve()
        finally:
            with self.service.lock:
                self.service.busy -= 1

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/links":
            self._send(200, self.service.links_document(query["ID"]).encode(), "application/x-votable+xml")
            return
        fault = self.service.faults.popleft() if self.service.faults else None
        if int(query["generation"]) < self.service.generation:
            self._send(403, b"this link has expired")
            return
        if fault is not None and getattr(self, f"_{fault}")():
            return
        if self.service.elsewhere:
            self.send_response(303)
            self.send_header("Location", f"{self.service.elsewhere}{self.path}")
            self.end_headers()
            return
        stencil = query.get("CIRCLE") or query.get("POS", "").removeprefix("CIRCLE ")
        circle = tuple(map(float, stencil.split())) if stencil else _corners(query["POLYGON"])
        body = self.service.cutout(query["ID"], *circle)
        if body is None:
            self._send(400, b"UsageError: the circle does not overlap the image")
        else:
            self._send(200, body, "application/fits")

    # The faults; True means that the answer has been given.

    def _echo(self) -> bool:
        """A gateway that echoes the request at the end of a long page."""
        sent = self.headers.get("Authorization") or ""
        self._send(401, f"<p>invalid credentials</p><pre>Authorization: {sent}</pre>".encode())
        return True

    def _echo_late(self) -> bool:
        """As above, and the token lies across the end of what is read of a refusal."""
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        self._send(403, (" " * (4096 - len(token) + 5) + token).encode())
        return True

    def _echo_200(self) -> bool:
        """A page to log in, in place of FITS."""
        self._send(200, f"log in again, token={(self.headers.get('Authorization') or '')[7:]}".encode())
        return True

    def _slow(self) -> bool:
        self.service.waiting.release()
        self.service.gate.wait()
        with contextlib.suppress(OSError):  # the client may have gone
            self._send(200, b"SIMPLE  = late", "application/fits")
        return True

    def _busy(self) -> bool:
        self._send(503, b"<html><body>try again later</body></html>", "text/html", Retry_After="0")
        return True

    def _closed(self) -> bool:
        """Down for maintenance, for an hour."""
        self._send(503, b"down for maintenance", Retry_After="3600")
        return True

    def _broken(self) -> bool:
        self._send(500, b"internal error")
        return True

    def _throttled(self) -> bool:
        self._send(429, b"slow down", Retry_After="0")
        return True

    def _absent(self) -> bool:
        self._send(404, b"not here")
        return True

    def _half(self) -> bool:
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"SIMPLE  =                    T" + b" " * 2000)
        return True

    def _half_unsaid(self) -> bool:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"SIMPLE  =                    T" + b" " * 2000)
        return True

    def _page(self) -> bool:
        body = b"<!DOCTYPE html><html><head><style>x{}</style></head>Please <b>log in</b></html>"
        self._send(200, body, "text/html")
        return True

    def _hang_up(self) -> bool:
        self.connection.close()
        return True


class SodaServer(LoopbackServer):
    """Serve images by name until the ``with`` block ends.

    `faults` is a queue: each cutout request takes one and applies it; None is no fault.
    """

    handler = _Handler

    def __init__(self, sky: dict[str, Image], folder: Path) -> None:
        self.sky, self.folder = sky, folder
        self.faults: deque[str | None] = deque()
        self.services = ["cutout-sync", "cutout-sync-maskedimage"]
        self.stencil = "CIRCLE"
        self.files: dict[str, str] = {}
        """Name -> URL of the whole file."""
        self.generation = 0
        """Links of older generations have expired."""
        self.asked: list[tuple[str, str | None]] = []
        """Path with query, and the Authorization header, of each request."""
        self.gate = threading.Event()
        """Slow answers wait for it."""
        self.waiting = threading.Semaphore(0)
        """Released by each request that begins to wait."""
        self.elsewhere = ""
        """Origin to redirect cutouts to."""
        self.lock = threading.Lock()
        self.busy = self.busiest = 0

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        super().__exit__()

    @property
    def links(self) -> str:
        """The pattern of this server's DataLink URLs."""
        return f"{self.origin}/links?ID={{panel}}-{{visit}}"

    def cutouts_asked(self) -> list[str]:
        return [path for path, _ in self.asked if path.startswith("/cutout")]

    def links_document(self, name: str) -> str:
        if name not in self.sky:
            row = f"<TR><TD>{name}</TD><TD/><TD/><TD>NotFoundFault: no image {name}</TD></TR>"
            return LINKS.format(rows=row, services="")
        rows = "".join(f"<TR><TD>{name}</TD><TD/><TD>{one}</TD><TD/></TR>" for one in self.services)
        if name in self.files:
            rows += FILE.format(name=name, url=self.files[name], kind="application/fits")
        described = [
            SERVICE.format(
                name=one, url=f"{self.origin}/cutout/{one}?generation={self.generation}", stencil=self.stencil
            )
            for one in self.services
        ]
        return LINKS.format(rows=rows, services="".join(described))

    def cutout(self, name: str, ra: float, dec: float, radius: float) -> bytes | None:
        """The pixels of the box around a circle, None if it lies outside."""
        image = self.sky[name]
        x, y = image.wcs.world_to_pixel_values(ra, dec)
        half = radius * 3600 / pixel_scale(image)
        box = Box(
            math.floor(y - half), math.ceil(y + half) + 1, math.floor(x - half), math.ceil(x + half) + 1
        )
        if not box.overlaps(image.box):
            return None
        small = cut(image, box, mode="trim")
        path = self.folder / f"{threading.get_ident()}.fits"
        write_afw(path, small)
        return path.read_bytes()


def _corners(text: str) -> tuple[float, float, float]:
    """Centre and half the side of a small polygon."""
    numbers = np.array(text.split(), dtype=float).reshape(-1, 2)
    ra, dec = numbers.mean(axis=0)
    return ra, dec, (numbers[:, 1].max() - numbers[:, 1].min()) / 2
