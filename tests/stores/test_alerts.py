"""Real packets of every survey: each a row, each readable stamp shown, each other one a sentence."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets.errors import ImageNotFound
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.stores.alerts import AlertImages

pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")


def triplets_of(images: AlertImages, region: Region | None = None):
    """All rows with their triplets, in table order."""
    rows = list(images.table())
    found = dict(read(rows, images, region or Region.whole()))
    return [(row, found[place]) for place, row in enumerate(rows)]


def test_each_lsstcam_packet_is_a_row_whose_id_has_the_digits_of_its_file_name(shared: Path):
    folder = shared / "data" / "lsstcam_real"
    images = AlertImages(folder)
    names = {int(path.stem.partition("_")[0]) for path in folder.glob("*.avro")}
    assert len(names) == 35
    assert {row.id for row in images.table()} == names
    assert images.problems == ()


@pytest.mark.parametrize(("folder", "count"), [("lsstcam_real", 35), ("hsc_precursor_real", 20), ("ztf", 20)])
def test_each_stamp_of_these_surveys_is_shown(shared: Path, folder: str, count: int):
    found = triplets_of(AlertImages(shared / "data" / folder))
    assert len(found) == count
    for _, triplet in found:
        assert triplet.problems == ()
        assert all(image is not None and np.isfinite(image.pixels).any() for image in triplet)


def test_other_surveys_show_what_they_have_and_say_what_is_wrong(shared: Path):
    found = {row.id: triplet for row, triplet in triplets_of(AlertImages(shared / "data" / "other_surveys"))}
    assert len(found) == 10
    vast = found.pop(1002)
    assert list(vast) == [None, None, None]
    assert vast.problem_of("science") == "the stamp is no FITS file: it holds 512 zero bytes"
    assert vast.problem_of("template") == "the alert packet has no template stamp"
    assert all(image is not None for triplet in found.values() for image in triplet)


def test_a_store_of_alerts_survives_pickling(shared: Path):
    images = pickle.loads(pickle.dumps(AlertImages(shared / "data" / "lsstcam_real")))
    row = images.table().page(0, 1)[0]
    (triplet,) = images.read([row], Region.of(30))
    assert triplet.science is not None
    assert triplet.science.shape == (30, 30)


def test_a_path_without_packets_is_named(tmp_path: Path):
    with pytest.raises(ImageNotFound, match="nothing-here"):
        AlertImages(tmp_path / "nothing-here")
