"""Pages elsewhere, as addresses."""

from __future__ import annotations

import pytest

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import BadOption
from cutout_widgets.widget.inspection.links import Links

SOURCE = DiaSource(7, 10.5, -3.25, row={"diaObjectId": 2**60 + 1, "name": "a/b?<c>&d", "absent": None})


def links(changes=None, source=SOURCE):
    return {one["name"]: one["url"] for one in Links(changes, source.row).of(source)}


def test_a_place_and_an_object_have_pages():
    found = links()
    assert "Coord=10.50000000%20-3.25000000&" in found["SIMBAD"]
    assert found["Lasair"] == "https://lasair.lsst.ac.uk/objects/1152921504606846977/"
    assert all(url.startswith("https://") for url in found.values())


def test_the_object_of_another_survey_has_that_surveys_pages():
    ztf = DiaSource(7, 10.5, 3.25, row={"objectId": "ZTF18abcdefg"})
    found = links(source=ztf)
    assert found["Fink"] == "https://ztf.fink-portal.org/ZTF18abcdefg"
    assert "Coord=10.50000000%20%2B3.25000000&" in found["SIMBAD"]


def test_a_row_without_a_value_has_no_link_that_needs_it():
    nowhere = DiaSource(7, float("nan"), 3.25)
    assert links(source=nowhere) == {}


def test_links_are_added_replaced_and_taken_away():
    found = links({"mine": "http://127.0.0.1/{id}", "TNS": None, "NED": "https://ned.org/{ra}"})
    assert found["mine"] == "http://127.0.0.1/7"
    assert found["NED"] == "https://ned.org/10.50000000"
    assert "TNS" not in found


def test_what_a_row_says_cannot_leave_its_place_in_the_address():
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
def test_an_address_that_is_none_is_refused(template, words):
    with pytest.raises(BadOption, match=words):
        links({"mine": template})
