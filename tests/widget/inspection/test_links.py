"""Links to external pages."""

from __future__ import annotations

import pytest

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption
from cutout_widgets.widget.inspection.links import Links

SOURCE = DiaSource(7, 10.5, -3.25, row={"diaObjectId": 2**60 + 1, "name": "a/b?<c>&d", "absent": None})


def links(changes=None, source=SOURCE):
    return {one["name"]: one["url"] for one in Links(changes, source.row).of(source)}


def test_links_are_made_for_positions_and_objects():
    found = links()
    assert "Coord=10.50000000%20-3.25000000&" in found["SIMBAD"]
    assert found["Lasair"] == "https://lasair.lsst.ac.uk/objects/1152921504606846977/"
    assert all(url.startswith("https://") for url in found.values())


def test_objects_of_other_surveys_link_to_their_pages():
    ztf = DiaSource(7, 10.5, 3.25, row={"objectId": "ZTF18abcdefg"})
    found = links(source=ztf)
    assert found["Fink"] == "https://ztf.fink-portal.org/ZTF18abcdefg"
    assert "Coord=10.50000000%20%2B3.25000000&" in found["SIMBAD"]


def test_links_with_missing_values_are_omitted():
    nowhere = DiaSource(7, float("nan"), 3.25)
    assert links(source=nowhere) == {}


def test_links_can_be_added_replaced_and_removed():
    found = links({"mine": "http://127.0.0.1/{id}", "TNS": None, "NED": "https://ned.org/{ra}"})
    assert found["mine"] == "http://127.0.0.1/7"
    assert found["NED"] == "https://ned.org/10.50000000"
    assert "TNS" not in found


def test_row_values_are_escaped_in_links():
    assert links({"mine": "https://a.org/{name}"})["mine"] == "https://a.org/a%2Fb%3F%3Cc%3E%26d"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("javascript:alert({id})", "begins with https:// or http://"),
        ("ftp://a.org/{id}", "begins with https:// or http://"),
        ("https://a.org/{nothing}", "names nothing"),
        ("https://a.org/{ra.__class__}", "only a name"),
        ("https://a.org/{ra:9999999999}", "only a name"),
        ("https://a.org/{ra", "do not match"),
        ("https://{name}/", "its host from a column"),
        (5, "begins with https:// or http://"),
    ],
)
def test_an_invalid_link_address_is_refused(template, words):
    with pytest.raises(BadOption, match=words):
        links({"mine": template})
