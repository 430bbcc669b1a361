from __future__ import annotations

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from cutout_widgets import demo
from cutout_widgets.demo import folder
from cutout_widgets.demo.exposure import expose
from cutout_widgets.demo.instrument import DETECTORS, VISITS
from cutout_widgets.demo.sky import make_sky
from cutout_widgets.demo.write_fits import MISSING_TEMPLATE, image_path
from cutout_widgets.errors import BadOption, ImageNotFound
from cutout_widgets.reader import read


def test_the_demo_has_500_sources_with_truth_on_four_visits_of_two_detectors(sky_on_disk):
    sources = pq.read_table(sky_on_disk.table)
    truth = pq.read_table(sky_on_disk.truth)
    assert len(sources) >= 500
    assert truth["diaSourceId"].to_pylist() == sources["diaSourceId"].to_pylist()
    images = set(zip(sources["visit"].to_pylist(), sources["detector"].to_pylist(), strict=True))
    assert len({visit for visit, _ in images}) >= 4
    assert len({detector for _, detector in images}) == 2


def test_the_demo_contains_every_kind_of_source(sky_on_disk):
    kinds = set(pq.read_table(sky_on_disk.truth)["kind"].to_pylist())
    assert kinds >= {
        "variable", "transient", "dipole", "cosmic ray", "saturated star", "asteroid", "faded", "glint",
        "streak", "hot column", "edge", "residual", "noise", "injected", "injected in template",
    }  # fmt: skip


def test_ids_have_18_digits_and_are_not_representable_as_floats(sky_on_disk):
    ids = sky_on_disk.sources().ids
    assert len(set(ids.tolist())) == len(ids)
    assert {len(str(i)) for i in ids.tolist()} == {18}
    assert len(np.unique(ids.astype(np.float64))) < len(ids) / 2  # a float makes neighbours equal


def test_the_store_shows_every_source_and_reports_the_missing_template(sky_on_disk):
    images, sources = sky_on_disk.images(), sky_on_disk.sources().page(0, 2000)
    for place, triplet in read(sources, images, 31):
        source = sources[place]
        lost = (source.visit, source.detector) == MISSING_TEMPLATE
        assert triplet.science is not None
        assert triplet.difference is not None
        assert (triplet.template is None) == lost
        assert len(triplet.problems) == lost


def test_files_contain_the_pixels_bit_for_bit(sky_on_disk):
    visit, detector = VISITS[2], DETECTORS[0]  # its template ends inside the detector
    made = expose(make_sky(0), visit, detector)
    for panel in ("template", "science", "difference"):
        with fits.open(sky_on_disk.folder / image_path(visit.id, detector.id, panel)) as hdus:
            np.testing.assert_array_equal(hdus["IMAGE"].data, getattr(made, panel).pixels)
            np.testing.assert_array_equal(hdus["VARIANCE"].data, getattr(made, panel).variance)
    assert np.isnan(made.template.pixels).any()


def test_catalogued_positions_agree_in_pixels_and_on_the_sky(sky_on_disk):
    # Detector 94 begins at parent pixel (64, 32): the WCS must count from there.
    sources, images = sky_on_disk.sources().page(0, 2000), sky_on_disk.images()
    for place, triplet in read(sources, images, 11):
        source = sources[place]
        x, y = triplet.science.wcs.world_to_pixel_values(source.ra, source.dec)
        assert np.hypot(x - source.row["x"], y - source.row["y"]) < 1e-3


def test_an_existing_demo_is_opened_not_rewritten(sky_on_disk):
    before = sky_on_disk.table.stat().st_mtime_ns
    assert demo.write(sky_on_disk.folder, repository="never") == sky_on_disk
    assert sky_on_disk.table.stat().st_mtime_ns == before
    assert demo.open_demo(sky_on_disk.folder) == sky_on_disk


def test_a_demo_with_another_seed_needs_another_folder(sky_on_disk):
    with pytest.raises(BadOption, match="holds a demo of seed 0"):
        demo.write(sky_on_disk.folder, seed=1)


def test_a_demo_of_another_version_is_not_used(tmp_path):
    (tmp_path / "demo.json").write_text('{"format": 0, "seed": 0}')
    with pytest.raises(BadOption, match="another version"):
        demo.write(tmp_path)


def test_a_folder_with_other_content_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("priceless")
    with pytest.raises(BadOption, match="is not a demo"):
        demo.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_failure_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(folder, "write_images", full)
    with pytest.raises(OSError, match="no space"):
        demo.write(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []


def while_filling(monkeypatch, happens):
    """Call a function while the files of a demo are written and its folder does not exist yet."""

    def fill(building, seed, writer):
        (building / "demo.json").write_text(json.dumps({"format": 1, "seed": seed, "made": "here"}))
        happens(building.parent / "demo")

    monkeypatch.setattr(folder, "_fill", fill)


@pytest.mark.parametrize("exists", [True, False])
def test_a_demo_made_by_another_process_meanwhile_is_used(tmp_path, monkeypatch, exists):
    def finish(place):
        place.mkdir(exist_ok=True)
        (place / "demo.json").write_text('{"format": 1, "seed": 5, "made": "there"}')

    while_filling(monkeypatch, finish)
    if exists:
        (tmp_path / "demo").mkdir()
    made = demo.write(tmp_path / "demo", seed=5, repository="never")
    assert made.folder == tmp_path / "demo"
    assert json.loads((made.folder / "demo.json").read_text())["made"] == "there"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    with pytest.raises(BadOption, match="seed 5"):
        demo.write(tmp_path / "demo", seed=6, repository="never")


def test_other_content_that_appears_meanwhile_is_left_alone(tmp_path, monkeypatch):
    def spoil(place):
        place.mkdir()
        (place / "thesis.tex").write_text("priceless")

    while_filling(monkeypatch, spoil)
    with pytest.raises(OSError, match="not empty"):
        demo.write(tmp_path / "demo", repository="never")
    assert [path.name for path in tmp_path.rglob("*")] == ["demo", "thesis.tex"]


def test_a_folder_that_is_not_a_demo_is_reported(tmp_path):
    with pytest.raises(ImageNotFound, match="cutout-widgets demo"):
        demo.open_demo(tmp_path)
    (tmp_path / "demo.json").write_text("[]")
    with pytest.raises(ImageNotFound, match="found none"):
        demo.open_demo(tmp_path)


def test_the_seed_determines_the_pixels():
    first, again, other = (expose(make_sky(seed), VISITS[0], DETECTORS[0]) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.difference.pixels, again.difference.pixels)
    assert not np.array_equal(first.difference.pixels, other.difference.pixels)


def test_a_valid_notebook_is_written_once(tmp_path):
    path = demo.write_notebook(tmp_path)
    notebook = json.loads(path.read_text())
    assert notebook["nbformat"] == 4
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        compile(cell, "cell", "exec")
    path.write_text("mine now")
    assert demo.write_notebook(tmp_path).read_text() == "mine now"


def test_a_sky_of_thousands_of_objects_has_a_short_repr():
    sky = make_sky(seed=3)
    assert repr(sky) == f"<Sky 3: {len(sky.objects):,} objects, 6 visits>"
