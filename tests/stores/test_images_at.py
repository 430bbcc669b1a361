"""All images of given positions from image services; their pixels by DataLink or by URL."""

from __future__ import annotations

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning, NotInTable
from cutout_widgets.testing import assert_images_equal, make_image, make_wcs

pyvo = pytest.importorskip("pyvo", reason="needs the extra 'vo'")

from tests.catalog.services.image_server import ImageServer  # noqa: E402
from tests.stores.fits_files import write_afw  # noqa: E402
from tests.stores.soda.server import SodaServer  # noqa: E402

TOKEN = "gt-abcdefghijkl.mnopqrstuv"
DATALINK = "application/x-votable+xml;content=datalink"
VISIT = 2025090500225
NAMES = {
    "science": "visit_image",
    "difference": "difference_image",
    "template": "template_coadd",
    "raw": "raw",
}


def box(ra: float, dec: float, half: float = 0.1) -> str:
    west, east, south, north = ra - half, ra + half, dec - half, dec + half
    return f"POLYGON ICRS {west} {south} {east} {south} {east} {north} {west} {north}"


def record(panel: str, visit: int, ra: float = 53.0, dec: float = 1.0, band: str = "r", **other) -> dict:
    """A row of Rubin's ObsCore: visit k is VISIT + k, taken on day 60900 + k."""
    own = panel != "template"
    return {
        "access_url": f"https://data.example.org/{panel}-{visit}-{band}",
        "access_format": DATALINK,
        "dataproduct_type": "image",
        "dataproduct_subtype": f"lsst.{NAMES[panel]}",
        "calib_level": 1 if panel == "raw" else 2,
        "obs_collection": "LSST.DP1",
        "obs_id": f"MC_O_{visit}" if own else "lsst_cells_v1-1-2",
        "instrument_name": "LSSTCam",
        "s_ra": ra, "s_dec": dec, "s_fov": 0.2, "s_region": box(ra, dec),
        "t_min": 60900.0 + visit if own else None,
        "t_max": 60900.5 + visit if own else None,
        "lsst_visit": VISIT + visit if own else None,
        "lsst_detector": 4 if own else None,
        "lsst_band": band,
    } | other  # fmt: skip


def night() -> list[dict]:
    """Three visits of one position, the last in another band, with both templates; and another position."""
    here = [record(panel, visit) for visit in (2, 1) for panel in ("raw", "difference", "science")]
    here += [record(panel, 3, band="i") for panel in ("science", "difference")]
    here += [record("template", 0), record("template", 0, band="i")]
    return [*here, record("science", 7, ra=10.0), record("template", 0, ra=10.0)]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    monkeypatch.delenv("EXTERNAL_INSTANCE_URL", raising=False)
    with ImageServer(night()) as one:
        yield one


@pytest.fixture(params=["sia", "tap"])
def service(request, server):
    return f"{request.param}:{getattr(server, request.param)}"


def test_images_of_an_exposure_become_one_row_in_time_order(service):
    rows = cw.images_at((53.0, 1.0), service)
    assert [one.visit - VISIT for one in rows] == [1, 2, 3]
    assert {one.detector for one in rows} == {4}
    assert rows["midpointMjdTai"].tolist() == [60901.25, 60902.25, 60903.25]
    assert rows["band"].tolist() == ["r", "r", "i"]
    assert rows["science"][0] == "https://data.example.org/science-1-r"
    assert rows["difference"][2] == "https://data.example.org/difference-3-i"
    assert rows["template"].tolist()[1:] == [f"https://data.example.org/template-0-{one}" for one in "ri"]
    assert set(rows["instrument"]) == {"LSSTCam"}


def test_images_are_selected_by_time_band_and_type(service):
    assert len(cw.images_at((53.0, 1.0), service, time=(60902, None))) == 2
    assert len(cw.images_at((53.0, 1.0), service, time=(None, 60902.4))) == 2
    (only,) = cw.images_at((53.0, 1.0), service, time=(60902, 60902.9))
    assert only.visit == VISIT + 2
    assert only.row["template"] == "https://data.example.org/template-0-r"
    assert cw.images_at((53.0, 1.0), service, band="i")["band"].tolist() == ["i"]
    raw = cw.images_at((53.0, 1.0), service, dataset="raw", instrument="LSSTCam")
    assert raw["science"].tolist() == [f"https://data.example.org/raw-{one}-r" for one in (1, 2)]
    with pytest.raises(NotInTable, match="has no images at this position"):
        cw.images_at((53.0, 1.0), service, instrument="HSC")


def test_many_positions_take_one_query(server, service):
    places = cw.SourceTable({"id": [2**62 + 1, 8, 9], "ra": [10.0, 53.05, 200.0], "dec": [1.0, 1.05, 0.0]})
    rows = cw.images_at(places, service)
    assert rows["position"].tolist() == [2**62 + 1, 8, 8, 8]
    assert rows["ra"].tolist() == [10.0, 53.05, 53.05, 53.05]
    assert len(server.questions()) == 1


def test_a_truncated_answer_is_requested_in_parts(server, service):
    server.most_rows = 12  # all ten of one place, and the two of the other
    server.images += [record("science", visit, ra=10.0) for visit in (8, 9)]
    rows = cw.images_at([(53.0, 1.0), (10.0, 1.0)], service)
    assert rows["position"].tolist() == [1, 1, 1, 2, 2, 2]
    server.most_rows = 1
    with pytest.warns(CutoutWarning, match="OVERFLOW"):
        cw.images_at((10.0, 1.0), service)


def test_images_without_regions_are_queried_per_position(server, service):
    for image in server.images:
        image.update(s_fov=None)
    server.images[-2]["s_region"] = server.images[-2]["s_region"].replace("ICRS", "GALACTIC")
    rows = cw.images_at([(53.0, 1.0), (10.0, 1.0)], service)
    assert rows["position"].tolist() == [1, 1, 1, 2]
    assert len(server.questions()) == 3


def test_images_of_other_observatories_become_separate_rows(server, service):
    plain = {"lsst_visit": None, "lsst_detector": None, "lsst_band": None, "dataproduct_subtype": None}
    one = record("science", 1, ra=100.0) | plain | {"em_min": 5.6e-7, "em_max": 6.9e-7}
    other = record("science", 2, ra=100.0) | plain | {"obs_id": one["obs_id"]}
    server.images += [one, other]
    rows = cw.images_at((100.0, 1.0), service)
    assert rows["science"].tolist() == [one["access_url"], other["access_url"]]
    assert rows["band"].tolist() == ["r", None]
    assert not {"visit", "detector", "template", "difference"} & set(rows.columns)


def test_columns_missing_from_a_service_are_not_requested(server):
    server.columns = tuple(one for one in server.columns if not one.startswith(("lsst", "em_", "calib")))
    assert len(cw.images_at((53.0, 1.0), f"tap:{server.tap}")) == 3  # by obs_id


def test_pyvo_services_and_tap_objects_are_accepted(server):
    for one in (
        pyvo.dal.SIA2Service(server.sia),
        pyvo.dal.TAPService(server.tap),
        cw.Tap(server.tap),
        server.sia,
    ):
        assert len(cw.images_at((53.0, 1.0), one)) == 3


def test_a_service_without_capabilities_is_queried_directly(server):
    server.has_capabilities = False
    assert len(cw.images_at((53.0, 1.0), f"sia:{server.sia}/query")) == 3


@pytest.mark.parametrize(
    "fault, says",
    [
        ("half", "did not answer with a whole table"),
        ("page", "answered with a web page, not with a table"),
        ("refused", "no such POS"),
    ],
)
def test_an_invalid_answer_is_one_sentence_without_the_token(server, monkeypatch, fault, says):
    monkeypatch.setenv("ACCESS_TOKEN", TOKEN)
    for where in (f"sia:{server.sia}/query", f"tap:{server.tap}"):
        server.faults.append(fault)
        with pytest.raises(BadTable, match=says) as caught:
            cw.images_at((53.0, 1.0), where)
        assert TOKEN not in str(caught.value)


def test_a_rejected_token_is_reported(server, service):
    server.token = TOKEN
    assert len(cw.images_at((53.0, 1.0), service, token=TOKEN)) == 3
    with pytest.raises(BadTable, match="is the token valid"):
        cw.images_at((53.0, 1.0), service, token="wrong-wrong-wrong-wrong")


def test_the_token_is_not_sent_after_a_redirect_to_another_host(server, service):
    with ImageServer(night()) as other:
        server.elsewhere = other.origin
        assert len(cw.images_at((53.0, 1.0), service, token=TOKEN)) == 3
    assert {secret for _, _, secret in server.asked} == {f"Bearer {TOKEN}"}
    assert {secret for _, _, secret in other.asked} == {None}


def test_a_url_of_unknown_service_type_is_refused():
    with pytest.raises(BadOption, match="'tap:URL' or 'sia:URL'"):
        cw.images_at((53.0, 1.0), "https://example.org/archive")


@pytest.mark.parametrize(
    "place, service, options, says",
    [
        ((53.0, 1.0), None, {}, "'sia:URL', 'tap:URL'; got None"),
        ((53.0, 1.0), "sia:https://example.org", {"band": 3}, "band takes a name or several; got 3"),
        ((53.0, 1.0), "sia:https://example.org", {"instrument": 3}, "instrument= is a name; got 3"),
        ((53.0, 1.0), "sia:https://example.org", {"collections": "a"}, "collections= is for a Butler"),
        ((float("nan"), 1.0), "sia:https://example.org", {}, "none of these 1 positions is on the sky"),
    ],
)
def test_invalid_arguments_are_refused_before_any_request(place, service, options, says):
    with pytest.raises(BadTable if "none" in says or "band" in says else BadOption, match=says):
        cw.images_at(place, service, **options)


def test_pixels_come_from_the_cutout_service_in_the_rows(server, tmp_path):
    sky = {}
    for seed, panel in enumerate(("template", "science", "difference")):
        wcs = make_wcs(53.0, 1.0, at=(1030.0, 2020.0))
        sky[f"{panel}-1"] = make_image((60, 70), seed=seed, yx0=(2000, 1000), wcs=wcs)
    with SodaServer(sky, tmp_path) as pixels:
        server.images = [
            record(panel, 1, access_url=f"{pixels.origin}/links?ID={panel}-1")
            for panel in ("template", "science", "difference")
        ]
        rows = cw.images_at((53.0, 1.0), f"sia:{server.sia}")
        images = cw.SodaImages(
            template="{template}", science="{science}", difference="{difference}", cache=None
        )
        assert repr(cw.open_images(rows)) == repr(images)
        [(_, triplet)] = cw.read(list(rows), images, 10)
    assert triplet.problems == ()
    assert_images_equal(triplet.science, cw.cut(sky["science-1"], triplet.science.box))


def test_pixels_are_read_by_byte_ranges_if_the_rows_name_files(server, tmp_path):
    pytest.importorskip("obstore", reason="needs the extra 'remote'")
    from tests.remote.file_server import FileServer

    image = make_image((300, 400), wcs=make_wcs(53.0, 1.0, at=(200.0, 150.0)))
    write_afw(tmp_path / "a.fits", image)
    with FileServer(files={"a.fits": (tmp_path / "a.fits").read_bytes()}) as files:
        server.images = [record("science", 1, access_url=files.url("a.fits"), access_format="image/fits")]
        rows = cw.images_at((53.0, 1.0), f"sia:{server.sia}")
        images = cw.open_images(rows)
        assert isinstance(images, cw.FitsImages)
        [(_, triplet)] = cw.read(list(rows), images, 10)
        images.close()
    np.testing.assert_array_equal(triplet.science.pixels, image.pixels[145:155, 195:205])


def test_rows_with_files_and_services_are_opened_by_type(server):
    server.images[2]["access_format"] = "image/fits"
    rows = cw.images_at((53.0, 1.0), f"sia:{server.sia}")
    with pytest.raises(BadOption, match="open each kind by itself"):
        cw.open_images(rows)
    with pytest.raises(BadOption, match="in columns template, science or difference"):
        cw.open_images(cw.SourceTable({"id": [1], "ra": [1.0], "dec": [1.0]}))
