"""The task, against a Butler that needs no LSST package."""

from __future__ import annotations

import csv
import logging
import pickle
from pathlib import Path

import numpy as np
import PIL.Image as Pillow
import pytest
from astropy.coordinates import SkyCoord
from tests.compat.analysis_ap import fake_butler as fake

import cutout_widgets as cw
from cutout_widgets.compat.analysis_ap import (
    CutoutPath,
    PlotImageSubtractionCutoutsConfig,
    PlotImageSubtractionCutoutsTask,
)
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning, NoOverlap, NotWritable
from cutout_widgets.stores.butler.afw import afw_is_here

URL = "https://example.org/zooniverse"

pytestmark = pytest.mark.skipif(
    afw_is_here(), reason="with lsst.afw exposures are read by it, not by the fake"
)


@pytest.fixture(scope="module")
def butler(tmp_path_factory) -> fake.FakeButler:
    return fake.build(tmp_path_factory.mktemp("butler"))


def task_for(out, **fields) -> PlotImageSubtractionCutoutsTask:
    return PlotImageSubtractionCutoutsTask(
        config=PlotImageSubtractionCutoutsConfig(**fields), output_path=out
    )


def manifest_of(out: Path) -> list[list[str]]:
    with (out / "manifest.csv").open(newline="") as stream:
        return list(csv.reader(stream))


def test_run_returns_the_ids_and_writes_the_figures(butler, tmp_path):
    assert PlotImageSubtractionCutoutsTask(output_path=tmp_path).run(fake.rows(), butler) == list(fake.IDS)
    assert (tmp_path / "images/506428274000260000/506428274000265570.png").exists()
    assert (tmp_path / "images/527736141479140000/527736141479149732.png").exists()
    assert not (tmp_path / "manifest.csv").exists()
    assert cw.verify(tmp_path) == []


def test_ids_are_plain_integers_in_the_order_of_the_rows(butler, tmp_path):
    rows = fake.rows().iloc[::-1]
    ids = task_for(tmp_path).run(rows, butler)
    assert ids == list(reversed(fake.IDS))
    assert all(type(id_) is int for id_ in ids)


def test_the_manifest_has_the_urls_of_the_files(butler, tmp_path):
    task_for(tmp_path, url_root=URL).run(fake.rows(), butler)
    header, first, *_ = manifest_of(tmp_path)
    assert header == ["external_id", "location:1", "metadata:diaSourceId"]
    assert first == [
        "506428274000265570",
        f"{URL}/images/506428274000260000/506428274000265570.png",
        "506428274000265570",
    ]
    assert cw.verify(tmp_path) == []


def test_runs_per_detector_add_to_one_manifest(butler, tmp_path):
    task, rows = task_for(tmp_path, url_root=URL), fake.rows()
    for visit in fake.VISITS:
        task.run(rows[rows["visit"] == visit], butler)
    assert [row[0] for row in manifest_of(tmp_path)[1:]] == [str(id_) for id_ in fake.IDS]


def test_a_second_run_writes_nothing_and_returns_the_same_ids(butler, tmp_path):
    task = task_for(tmp_path)
    task.run(fake.rows()[:2], butler)
    figure = tmp_path / "images/506428274000260000/506428274000265570.png"
    before = figure.stat().st_mtime_ns
    assert task.run(fake.rows(), butler) == list(fake.IDS)
    assert figure.stat().st_mtime_ns == before


def test_processes_write_the_same_files(butler, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[3])  # where they find the fake
    fields = {"sizes": [15, 25], "save_as_numpy": True}
    alone = task_for(tmp_path / "alone", **fields).run(fake.rows(), butler)
    assert task_for(tmp_path / "two", **fields).run(fake.rows(), butler, njobs=2) == alone
    for path in (tmp_path / "alone").rglob("*.*"):
        if path.suffix in (".png", ".npy"):
            assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "alone")).read_bytes()


def test_saved_arrays_contain_the_pixels_of_the_three_images(butler, tmp_path):
    task = task_for(tmp_path, save_as_numpy=True, sizes=[9])
    task.run(fake.rows()[:1], butler)
    for name, word in zip(fake.NAMES, ("temp", "sci", "diff"), strict=True):
        saved = np.load(task.numpy_path(fake.IDS[0], f"{fake.IDS[0]}_{word}_9.npy"))
        np.testing.assert_array_equal(saved, fake.image_of(name, fake.VISITS[0]).pixels[None, 41:50, 46:55])


def test_a_source_without_any_image_is_logged_and_skipped(butler, tmp_path, caplog):
    rows = fake.rows()
    rows.loc[1, "detector"] = 99
    with caplog.at_level(logging.ERROR):
        ids = task_for(tmp_path).run(rows, butler)
    assert ids == [fake.IDS[0], *fake.IDS[2:]]
    (record,) = caplog.records
    assert record.getMessage().startswith(f"CutoutError processing diaSourceId {fake.IDS[1]}: template: no ")
    assert "detector 99" in record.getMessage()


def test_a_missing_template_is_logged_once_and_the_other_panels_are_drawn(butler, tmp_path, caplog):
    lacking = fake.FakeButler(
        {key: path for key, path in butler.files.items() if key != ("template_detector", fake.VISITS[1])}
    )
    with caplog.at_level(logging.WARNING):
        assert task_for(tmp_path / "out").run(fake.rows(), lacking) == list(fake.IDS)
    (record,) = caplog.records
    assert record.getMessage().startswith(
        f"not complete: diaSourceId {fake.IDS[2]} and 1 more: template: no template_detector for"
    )


@pytest.mark.parametrize(
    "fields, name, field",
    [
        ({"science_image_type": "calexp"}, "calexp", "science_image_type"),
        ({"diff_image_type": "deepDiff"}, "deepDiff_templateExp", "diff_image_type"),
    ],
)
def test_an_unknown_dataset_type_is_refused_before_anything_is_written(fields, name, field, butler, tmp_path):
    with pytest.raises(BadOption) as caught:
        task_for(tmp_path / "out", **fields).run(fake.rows(), butler)
    said = str(caught.value)
    assert f"no dataset type {name!r} in collections run: set {field}" in said
    assert "preliminary_visit_image" in said
    assert not (tmp_path / "out").exists()


def test_the_configuration_names_the_dataset_types(tmp_path):
    butler = fake.build(tmp_path, ("deepDiff_templateExp", "calexp", "deepDiff_differenceExp"))
    task = task_for(tmp_path / "out", science_image_type="calexp", diff_image_type="deepDiff")
    assert task.open_images(butler).dataset_types == {
        "template": "deepDiff_templateExp",
        "science": "calexp",
        "difference": "deepDiff_differenceExp",
    }
    assert task.run(fake.rows(), butler) == list(fake.IDS)


def test_older_repositories_use_warped_templates(tmp_path):
    names = ("goodSeeingDiff_warpedExp", "calexp", "goodSeeingDiff_differenceExp")
    butler = fake.build(tmp_path, names)
    task = task_for(tmp_path / "out", science_image_type="calexp", diff_image_type="goodSeeingDiff")
    assert tuple(task.open_images(butler).dataset_types.values()) == names
    both = fake.FakeButler({**butler.files, ("goodSeeingDiff_templateExp", 1): tmp_path})
    assert task.open_images(both).dataset_types["template"] == "goodSeeingDiff_templateExp"


def test_without_a_prefix_the_current_dataset_types_are_used(butler, tmp_path):
    assert task_for(tmp_path).open_images(butler).dataset_types == {
        "template": "template_detector",
        "science": "preliminary_visit_image",
        "difference": "difference_image",
    }


def test_an_image_store_can_replace_a_butler(butler, tmp_path):
    task = task_for(tmp_path)
    store = task.open_images(butler)
    assert task.open_images(store) is store
    assert task.run(fake.rows(), store) == list(fake.IDS)


def test_a_repository_with_one_instrument_needs_no_instrument_column(butler, tmp_path):
    rows = fake.rows().drop(columns="instrument").set_index("diaSourceId")
    assert task_for(tmp_path).run(rows, butler) == list(fake.IDS)


def test_rows_without_positions_are_refused(butler, tmp_path):
    with pytest.raises(BadTable, match="dec"):
        task_for(tmp_path).run(fake.rows().drop(columns="dec"), butler)


def test_footprints_come_from_the_table_or_the_mask(butler, tmp_path):
    task = task_for(tmp_path, use_footprint=True, save_as_numpy=True)
    rows = fake.rows().assign(bboxSize=[11, 13, 15, 17])
    assert task.run(rows, butler) == list(fake.IDS)
    assert np.load(task.numpy_path(fake.IDS[1], f"{fake.IDS[1]}_sci_13.npy")).shape == (1, 13, 13)


def test_write_images_writes_no_manifest(butler, tmp_path):
    task = task_for(tmp_path, url_root=URL)
    ids = task.write_images(fake.rows(), butler)
    assert not (tmp_path / "manifest.csv").exists()
    task.write_manifest(np.array(ids[:2]))
    task.write_manifest(ids[2:])
    assert [row[0] for row in manifest_of(tmp_path)[1:]] == [str(id_) for id_ in fake.IDS]
    assert cw.verify(tmp_path) == []


def test_write_manifest_skips_sources_without_a_figure(butler, tmp_path):
    task = task_for(tmp_path, url_root=URL)
    task.write_images(fake.rows()[:1], butler)
    with pytest.warns(CutoutWarning, match=r"2 of 3 sources have no figure .* the first is 5$"):
        task.write_manifest([5, fake.IDS[0], 10])
    assert [row[0] for row in manifest_of(tmp_path)[1:]] == [str(fake.IDS[0])]


def test_without_a_url_no_manifest_is_written(butler, tmp_path):
    task_for(tmp_path).write_manifest([1])
    assert not (tmp_path / "manifest.csv").exists()


def test_an_unwritable_path_is_reported(butler, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotWritable, match="file"):
        task_for(tmp_path / "file").run(fake.rows(), butler)
    with pytest.raises(NotWritable, match="file"):
        task_for(tmp_path / "file", url_root=URL).write_manifest([])


def test_the_task_can_be_pickled():
    task = task_for("something", sizes=[63])
    other = pickle.loads(pickle.dumps(task))
    assert (other.config, other.output_path) == (task.config, "something")


def test_a_task_validates_its_configuration():
    config = PlotImageSubtractionCutoutsTask.ConfigClass()
    config.sizes.clear()
    with pytest.raises(BadOption, match="sizes"):
        PlotImageSubtractionCutoutsTask(config=config, output_path="out")


@pytest.mark.parametrize(
    "chunk_size, expected",
    [
        (None, "some/place/images/12345678.png"),
        (10_000, "some/place/images/12340000/12345678.png"),
        (1_000_000, "some/place/images/12000000/12345678.png"),
    ],
)
def test_cutout_path_is_root_chunk_and_id(chunk_size, expected):
    assert CutoutPath("some/place", chunk_size=chunk_size)(12345678) == expected
    assert CutoutPath("some/place", chunk_size)(np.int64(12345678), "a.npy") == expected.replace(
        "12345678.png", "a.npy"
    )


def test_cutout_path_creates_the_folder_and_finds_the_file(tmp_path):
    path = CutoutPath(tmp_path, chunk_size=100, subdirectory="numpy")
    assert not path.exists(1234)
    path.mkdir(1234)
    Path(path(1234)).write_text("")
    assert path.exists(1234)
    assert path.directory(1234) == str(tmp_path / "numpy" / "1200")
    path.mkdir(1234)  # again does no harm


@pytest.mark.parametrize("chunk_size", [123, 12300, 0])
def test_the_chunk_size_of_cutout_path_must_be_a_power_of_ten(chunk_size):
    with pytest.raises(BadOption, match="power of ten"):
        CutoutPath("root", chunk_size=chunk_size)
    with pytest.raises(RuntimeError, match="chunk_size must be a power of 10"):
        CutoutPath("root", chunk_size=chunk_size)


def test_an_empty_table_makes_an_empty_manifest(butler, tmp_path):
    assert task_for(tmp_path, url_root=URL).run(fake.rows()[:0], butler) == []
    assert manifest_of(tmp_path) == [["external_id", "location:1", "metadata:diaSourceId"]]


def test_each_failed_source_is_logged_and_has_a_reason_in_the_report(butler, tmp_path, caplog):
    rows = fake.rows()
    rows.loc[2:, "detector"] = 99
    task = task_for(tmp_path)
    with caplog.at_level(logging.ERROR):
        assert task.run(rows, butler) == list(fake.IDS[:2])
    said = [record.getMessage() for record in caplog.records]
    assert [text.partition(": ")[0] for text in said] == [
        f"CutoutError processing diaSourceId {id_}" for id_ in fake.IDS[2:]
    ]
    assert task.report.ids == fake.IDS
    assert list(task.report.failed) == list(fake.IDS[2:])
    assert "detector 99" in task.report.failed[fake.IDS[2]]


def test_the_logger_name_can_be_chosen(butler, tmp_path):
    assert task_for(tmp_path).log.name == "cutout_widgets.plotImageSubtractionCutouts"
    named = PlotImageSubtractionCutoutsTask(output_path=tmp_path, name="mine", log=logging.getLogger("lsst"))
    assert named.log.name == "lsst.mine"


class Gives:
    """A Butler with a working ``get`` and nothing else, like a mock."""

    def __init__(self, answer) -> None:
        self.answer, self.asked = answer, []
        self.collections = object()

    def get(self, name, data_id):
        self.asked.append((name, data_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_an_object_with_only_a_get_method_gives_whole_images(tmp_path):
    butler = Gives(fake.image_of("calexp", 1))
    assert task_for(tmp_path, diff_image_type="deepDiff").run(fake.rows()[:2], butler) == list(fake.IDS[:2])
    data_id = {"instrument": fake.INSTRUMENT, "detector": fake.DETECTOR, "visit": fake.VISITS[0]}
    assert butler.asked == [
        ("deepDiff_templateExp", data_id),
        ("preliminary_visit_image", data_id),
        ("deepDiff_differenceExp", data_id),
    ]


def test_a_butler_returning_none_has_no_image(tmp_path, caplog):
    task = task_for(tmp_path)
    with caplog.at_level(logging.ERROR):
        assert task.run(fake.rows()[:1], Gives(None)) == []
    assert f"the Butler gave no template_detector for instrument {fake.INSTRUMENT}" in caplog.text


def test_errors_of_a_butler_are_logged_as_in_the_original(tmp_path, caplog):
    with caplog.at_level(logging.ERROR):
        assert task_for(tmp_path).write_images(fake.rows()[:2], Gives(LookupError("Dataset not found"))) == []
    assert [record.getMessage() for record in caplog.records] == [
        f"LookupError processing diaSourceId {id_}: Dataset not found" for id_ in fake.IDS[:2]
    ]


def test_the_manifest_is_available_as_a_table():
    frame = task_for("out", url_root=URL, chunk_size=None)._make_manifest(np.array([5, 10]))
    assert list(frame.columns) == ["external_id", "location:1", "metadata:diaSourceId"]
    assert frame["location:1"].to_list() == [f"{URL}/images/5.png", f"{URL}/images/10.png"]
    assert frame["metadata:diaSourceId"].to_list() == frame["external_id"].to_list() == [5, 10]


def test_the_newest_style_has_its_own_size_texts_and_stretches(butler, tmp_path):
    task = PlotImageSubtractionCutoutsTask(output_path=tmp_path, style="analysis_ap")
    task.run(fake.rows()[:1], butler)
    with Pillow.open(task.cutout_path(fake.IDS[0])) as picture:
        assert picture.size == (655, 349)
        assert picture.text["look"] == "analysis_ap"
    assert cw.verify(tmp_path) == []
    with pytest.raises(BadOption, match="style is one of documented, analysis_ap"):
        PlotImageSubtractionCutoutsTask(output_path=tmp_path, style="newest")


def images() -> tuple:
    return tuple(fake.image_of(name, 1) for name in ("science", "template", "difference"))


def size_of(png) -> tuple[int, int]:
    with Pillow.open(png) as picture:
        return picture.size


def test_generate_image_works_on_exposures_in_memory():
    task = task_for("")
    assert size_of(task.generate_image(*images(), (53.0, -28.0), 0.2)) == (655, 245)
    assert size_of(task.generate_image(*images(), SkyCoord(53.0, -28.0, unit="deg"))) == (655, 245)
    two = task_for("", sizes=[32, 64])
    assert size_of(two.generate_image(*images(), (53.0, -28.0), 0.2)) == (655, 474)


def test_a_row_adds_a_header_to_the_generated_image():
    task, row = task_for(""), fake.rows().iloc[0]
    assert size_of(task.generate_image(*images(), (53.0, -28.0), 0.2, source=row)) == (703, 349)
    record = fake.rows().to_records(index=False)[0]
    assert size_of(task.generate_image(*images(), (53.0, -28.0), 0.2, source=record)) == (703, 349)
    with pytest.raises(RuntimeError, match="Must pass both"):
        task.generate_image(*images(), (53.0, -28.0), 0.2, flags=np.zeros(1))


def test_a_generated_image_equals_the_saved_figure(butler, tmp_path):
    task, row = task_for(tmp_path), fake.rows().iloc[0]
    task.run(fake.rows()[:1], butler)
    template, science, difference = (fake.image_of(name, fake.VISITS[0]) for name in fake.NAMES)
    png = task.generate_image(science, template, difference, (row["ra"], row["dec"]), source=row)
    with Pillow.open(png) as one, Pillow.open(task.cutout_path(fake.IDS[0])) as other:
        np.testing.assert_array_equal(np.asarray(one.convert("RGB")), np.asarray(other.convert("RGB")))


def test_a_footprint_image_covers_the_footprint_box_and_its_arrays_are_saved(tmp_path):
    task = task_for(tmp_path)
    place = cw.Footprint.from_box(cw.Box(40, 50, 45, 52))
    task.generate_image(*images(), (53.0, -28.0), dia_source_id=7, save_as_numpy=True, footprint=place)
    saved = np.load(task.numpy_path(7, "7_sci_10.npy"))
    np.testing.assert_array_equal(saved[0], fake.image_of("science", 1).pixels[40:50, 45:52])
    with pytest.raises(RuntimeError, match="dia_source_id="):
        task.generate_image(*images(), (53.0, -28.0), save_as_numpy=True)


def test_a_position_off_all_images_or_invalid_is_reported():
    with pytest.raises(NoOverlap, match="is not on any of the images"):
        task_for("").generate_image(*images(), (10.0, 80.0))
    with pytest.raises(BadOption, match="center is a SpherePoint"):
        task_for("").generate_image(*images(), "here")
