"""DataLink documents, valid and invalid."""

from __future__ import annotations

import numpy as np
import pytest
from tests.stores.soda.server import LINKS, SERVICE

from cutout_widgets.errors import ImageNotFound, UnreadableImage
from cutout_widgets.stores.soda.datalink import CutoutService, read_links

URL = "https://host/links?ID=secret"


def document(*names: str, stencil: str = "CIRCLE", row: str | None = None) -> bytes:
    services = "".join(
        SERVICE.format(name=name, url=f"https://host/{name}", stencil=stencil) for name in names
    )
    rows = "".join(f"<TR><TD>ivo://x/1</TD><TD/><TD>{name}</TD><TD/></TR>" for name in names)
    return LINKS.format(rows=row or rows, services=services).encode()


def test_the_masked_image_is_preferred():
    found = read_links(document("cutout-sync", "cutout-sync-exposure", "cutout-sync-maskedimage"), URL)
    assert found.service == CutoutService(
        "cutout-sync-maskedimage", "https://host/cutout-sync-maskedimage", (("ID", "ivo://x/1"),), "CIRCLE"
    )


def test_any_soda_service_is_used_if_none_is_rubins():
    assert read_links(document("other-cutouts"), URL).service.name == "other-cutouts"


def test_a_fixed_parameter_value_is_preferred_to_the_table():
    text = document("cutout-sync").replace(b'value="" ref="datasetIdentifier"', b'value="ivo://x/2"')
    assert read_links(text, URL).service.fixed == (("ID", "ivo://x/2"),)


def test_services_sharing_a_url_are_distinguished_by_parameter():
    # The shape of the documents of data.lsst.cloud since December 2025.
    services = "".join(
        f"""<RESOURCE ID="cutout-sync{suffix}" type="meta" utype="adhoc:service">
          <GROUP name="inputParams">
            <PARAM name="ID" datatype="char" arraysize="*" value="ivo://org.rubinobs/dp1?repo=dp1&amp;id=7"/>
            <PARAM name="POLYGON" datatype="double" arraysize="*" value="1 2 3 4 5 6"/>
            <PARAM name="CIRCLE" datatype="double" arraysize="3" value=""/>
            <PARAM name="CUTOUTDETAIL" datatype="char" arraysize="*" value="{detail}"/>
          </GROUP>
          <PARAM name="accessURL" datatype="char" arraysize="*" value="https://host/api/cutout/sync"/>
          <PARAM name="standardID" value="ivo://ivoa.net/std/SODA#sync-1.0"/>
        </RESOURCE>"""
        for suffix, detail in (("", "Image"), ("-maskedimage", "MaskedImage"), ("-exposure", "Exposure"))
    )
    found = read_links(LINKS.format(rows="", services=services).encode(), URL).service
    assert found.url == "https://host/api/cutout/sync"
    assert found.stencil == "CIRCLE"
    assert found.fixed == (
        ("ID", "ivo://org.rubinobs/dp1?repo=dp1&id=7"),
        ("CUTOUTDETAIL", "MaskedImage"),
    )


def test_asynchronous_services_are_not_used():
    text = document("queue").replace(b"SODA#sync-1.0", b"SODA#async-1.0")
    with pytest.raises(ImageNotFound, match="offers no cutout service and no FITS file; found: none"):
        read_links(text, URL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "web page or a document type"),
        (b"", "did not answer with a VOTable"),
        (b"\x00\xff", "did not answer with a VOTable"),
        (b"<VOTABLE><RESOURCE>", "did not answer with a VOTable"),
    ],
)
def test_an_answer_that_is_not_a_votable_is_one_sentence(text: bytes, said: str):
    with pytest.raises(UnreadableImage) as caught:
        read_links(text, URL)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_request_url_keeps_the_query_of_the_service():
    service = CutoutService("s", "https://host/sync?sig=1", (("ID", "ivo://a b"),), "CIRCLE")
    assert service.request(10.0, -5.5, 0.001) == (
        "https://host/sync?sig=1&ID=ivo%3A%2F%2Fa+b&CIRCLE=10.000000000+-5.500000000+0.001000000"
    )


@pytest.mark.parametrize(("ra", "dec"), [(53.0, -28.0), (0.0, 0.0), (10.0, 89.9995), (359.9999, -60.0)])
def test_the_polygon_is_the_square_around_the_circle(ra: float, dec: float):
    from astropy.coordinates import SkyCoord

    radius = 0.002
    request = CutoutService("s", "https://host", (), "POLYGON").request(ra, dec, radius)
    numbers = np.array(request.partition("POLYGON=")[2].split("+"), dtype=float).reshape(4, 2)
    corners = SkyCoord(numbers[:, 0], numbers[:, 1], unit="deg")
    distances = SkyCoord(ra, dec, unit="deg").separation(corners).deg
    np.testing.assert_allclose(distances, radius * np.sqrt(2), rtol=1e-5)
