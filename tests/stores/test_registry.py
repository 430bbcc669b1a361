"""From a text or path to a store."""

from __future__ import annotations

import importlib.metadata
from importlib.metadata import EntryPoint
from pathlib import Path

import pandas as pd
import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.stores import registry
from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.base import ImageStore
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.stores.registry import open_images, schemes
from cutout_widgets.testing import SlowImages


@pytest.fixture
def index(tmp_path):
    path = tmp_path / "index.parquet"
    pd.DataFrame({"visit": [1], "science": ["a.fits"]}).to_parquet(path)
    return path


def test_three_files_become_three_panels():
    store = open_images("fits:template=/a,b.fits, science=/c=d.fits,difference=/e.fits")
    assert repr(store) == "<FitsImages template=/a,b.fits, science=/c=d.fits, difference=/e.fits>"


def test_an_index_is_opened_by_scheme_by_path_and_by_text(index):
    for spec in (f"fits:{index}", index, str(index)):
        assert repr(open_images(spec)) == "<FitsImages 1 triple of files by visit: science>"


def test_alert_packets_are_recognised_by_file_name(shared):
    folder = shared / "data" / "lsstcam_real"
    packet = next(folder.glob("*.avro"))
    for spec in (f"alerts:{folder}/*.avro", folder, packet, str(packet)):
        assert isinstance(open_images(spec), AlertImages)


def test_a_store_is_returned_unchanged():
    store = SlowImages()
    assert open_images(store) is store


@pytest.mark.parametrize(
    "spec, says",
    [
        ("bulter:REPO", "unknown kind of images 'bulter'; known are alerts, butler, fits, soda"),
        ("no/such/place", "nothing there"),
        ("image.fits", "a FITS file is one panel; choose one: 'fits:science=image.fits'"),
        ("fits: ", "fits: needs an index or files"),
        ("fits:science=a.fits,science=b.fits", "science= is given twice"),
        (3, "got int"),
    ],
)
def test_unsupported_sources_are_refused_with_advice(spec, says):
    with pytest.raises(BadOption, match=says):
        open_images(spec)


class ForeignImages(SlowImages):
    """A store of another package."""

    def __init__(self, rest):
        super().__init__()
        self.rest = rest


def test_other_packages_can_add_schemes(monkeypatch):
    point = EntryPoint("sky", f"{__name__}:ForeignImages", registry.ENTRY_POINTS)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    assert "sky" in schemes()
    store = open_images("sky:all:of=it")
    assert isinstance(store, ImageStore)
    assert store.rest == "all:of=it"


def test_other_packages_cannot_replace_our_schemes(monkeypatch, index):
    point = EntryPoint("fits", "no.such:thing", registry.ENTRY_POINTS)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: [point])
    assert isinstance(open_images(f"fits:{index}"), FitsImages)


def test_a_path_containing_a_colon_is_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"visit": [1], "science": ["a.fits"]}).to_csv("night:1.csv", index=False)
    assert isinstance(open_images("night:1.csv"), FitsImages)
    assert isinstance(open_images(Path("night:1.csv")), FitsImages)
