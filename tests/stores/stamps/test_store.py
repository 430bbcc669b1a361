"""Stamp files are read back: pixels, masks, variances, WCS, PSFs, problems and rows."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.outputs.makers import make_world

import cutout_widgets as cw
from cutout_widgets.pixels.geometry import Box
from cutout_widgets.testing import StoreContract, assert_triplets_equal, make_image, make_sources, make_wcs

FORMATS = ("parquet", "zarr")


def save(table: Any, images: Any, out: Path, format: str, **options: Any) -> cw.Report:
    if format == "zarr":
        pytest.importorskip("zarr")
    report = cw.save_cutouts(table, images, out, format=format, progress=False, **options)
    assert cw.verify(out) == []
    return report


def triplets(table: cw.SourceTable, images: Any, size: Any) -> list[cw.Triplet]:
    rows = list(table)
    answers = dict(cw.read(rows, images, size))
    return [answers[place] for place in range(len(rows))]


@pytest.mark.parametrize("format", FORMATS)
class TestContract(StoreContract):
    """The contract, on stamps as large as the images they are of."""

    image = make_image((40, 50), wcs=make_wcs(at=(25, 20)), yx0=(100, 200))
    other = make_image((40, 50), wcs=make_wcs(at=(25, 20)), yx0=(100, 200), seed=4)

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path, format):
        self.rows = make_sources(5, image=self.image)
        lone = make_sources(1, image=self.image, visit=2, first_id=7)
        images = cw.ArrayImages.from_images(
            {(1, 0): (self.image, self.other, self.image), (2, 0): (None, self.other, None)}
        )
        self.rows += lone
        save(self.rows, images, tmp_path / "out", format, sizes=None, rows_a_file=3)
        self.folder = tmp_path / "out"

    def make_store(self):
        return cw.open_images(self.folder)

    def make_sources(self):
        return self.rows

    def whole_image(self, source, panel):
        if panel == "science":
            return self.other
        return self.image if source.visit == 1 else None


@pytest.mark.parametrize("format", FORMATS)
def test_saved_stamps_equal_the_cutouts_bit_for_bit(tmp_path, format):
    table, images = make_world(20)
    save(table, images, tmp_path, format, rows_a_file=8)
    stamps = cw.open_images(f"stamps:{tmp_path}")
    for ours, theirs in zip(triplets(table, stamps, 30), triplets(table, images, 30), strict=True):
        assert_triplets_equal(ours, theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert one.pixels.tobytes() == other.pixels.tobytes()
            assert one.pixels.dtype == np.float32
            assert one.origin == other.origin
            assert one.box == other.box


@pytest.mark.parametrize("format", FORMATS)
def test_a_smaller_cutout_of_a_stamp_equals_that_of_the_image(tmp_path, format):
    table, images = make_world(6)
    save(table, images, tmp_path, format)
    for ours, theirs in zip(
        triplets(table, cw.open_images(tmp_path), 11), triplets(table, images, 11), strict=True
    ):
        assert_triplets_equal(ours, theirs)


@pytest.mark.parametrize("format", FORMATS)
def test_rows_are_read_back_with_types_units_and_labels(tmp_path, format):
    largest = 2**63 - 1
    table = cw.SourceTable(
        {
            "diaSourceId": np.array([largest, 5]),
            "ra": [1.0, 1.0],
            "dec": [0.0, 0.0],
            "label": ["real", "<script>"],
            "detector": np.array([3, 4], dtype=np.int16),
            "science": ["a.fits", "b.fits"],
        }
    )
    images = cw.ArrayImages.from_stamps(table.ids, *np.ones((3, 2, 9, 9)), unit="nJy")
    save(table, images, tmp_path, format)
    back = cw.SourceTable.read(cw.open_images(tmp_path))
    assert back.ids.tolist() == [largest, 5]
    assert back["label"].tolist() == ["real", "<script>"]
    assert back.columns == table.columns
    assert back["science"].tolist() == ["a.fits", "b.fits"]
    assert back["detector"].dtype == np.int16
    assert back.units == table.units


def test_a_stamp_file_is_read_as_a_table_without_pixels(tmp_path):
    table, images = make_world(4)
    save(table, images, tmp_path, "parquet")
    [file] = (tmp_path / "stamps").iterdir()
    assert cw.SourceTable.read(file).columns == table.columns


@pytest.mark.parametrize("format", FORMATS)
def test_problems_are_kept_with_the_stamp(tmp_path, format):
    image = make_image((40, 50))
    images = cw.ArrayImages.from_images({(1, 0): (image, image, None), (2, 0): (image, image, image)})
    rows = make_sources(2, image=image) + make_sources(2, image=image, visit=2, first_id=9)
    report = save(rows, images, tmp_path, format)
    assert len(report.incomplete) == 2
    table = cw.SourceTable.read(rows)
    for ours, theirs in zip(
        triplets(table, cw.open_images(tmp_path), 30), triplets(table, images, 30), strict=True
    ):
        assert_triplets_equal(ours, theirs)


def test_a_psf_an_exposure_time_and_an_anchor_are_kept(tmp_path):
    psf = np.arange(12, dtype=np.float32).reshape(3, 4)
    image = cw.Image(
        np.full((9, 9), 2.0),
        box=Box(5, 14, 7, 16),
        psf=psf,
        exposure_s=30.0,
        anchor=cw.XY(11, 9),
        origin="here",
    )
    images = cw.ArrayImages.from_stamps([7], None, [image], None)
    save({"id": [7], "ra": [0.0], "dec": [0.0]}, images, tmp_path, "parquet", sizes=None)
    [(_, triplet)] = cw.read([cw.DiaSource(7, 0.0, 0.0)], cw.open_images(tmp_path), None)
    got = triplet.science
    assert (got.exposure_s, got.box) == (30.0, image.box)
    np.testing.assert_array_equal(got.psf, psf)
    [(_, expected)] = cw.read([cw.DiaSource(7, 0.0, 0.0)], images, None)
    assert got.anchor == expected.science.anchor


def test_parts_not_requested_are_listed_as_unread(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path, "parquet")
    region = cw.Region((30,), extras=frozenset(["mask"]))
    [(_, one), _] = cw.read(list(table), cw.open_images(tmp_path), region)
    assert one.science.mask is not None
    assert one.science.variance is None
    assert one.unread == {"variance"}


def test_a_source_without_stamp_is_a_problem(tmp_path):
    table, images = make_world(2)
    save(table, images, tmp_path, "parquet")
    [(_, one)] = cw.read([cw.DiaSource(1, 0.0, 0.0)], cw.open_images(tmp_path), 5)
    assert one.problems[0] == f"template: there is no stamp of DiaSource 1 among the 2 at {tmp_path}"


@pytest.mark.parametrize("format", FORMATS)
def test_a_truncated_file_affects_only_its_rows(tmp_path, format):
    table, images = make_world(12)
    save(table, images, tmp_path, format, rows_a_file=6)
    first, _ = sorted((tmp_path / "stamps").iterdir())
    first.write_bytes(first.read_bytes()[:-100])
    stamps = cw.open_images(f"stamps:{tmp_path}")
    got = triplets(table, stamps, 30)
    assert sum(one.science is not None for one in got) == 6
    said = next(one.problems[0] for one in got if one.problems)
    assert f"{first} cannot be read as a stamp file" in said
    with pytest.raises(cw.UnreadableImage, match="cannot be read as a stamp file"):
        stamps.table()


def test_damaged_zarr_pixels_are_a_problem(tmp_path):
    pytest.importorskip("zarr")
    table, images = make_world(4)
    save(table, images, tmp_path, "zarr")
    [file] = (tmp_path / "stamps").iterdir()
    with zipfile.ZipFile(file) as archive:
        at = archive.getinfo("science/c/0/0/0").header_offset + 200
    data = bytearray(file.read_bytes())
    data[at] ^= 255
    file.write_bytes(data)
    assert any(one.problems for one in triplets(table, cw.open_images(f"stamps:{tmp_path}"), 30))


def test_cutouts_of_each_shape_go_to_their_own_file(tmp_path):
    stamps = [np.ones((9, 9)), np.ones((5, 7)), np.ones((9, 9))]
    images = cw.ArrayImages.from_stamps([1, 2, 3], None, stamps, None)
    rows = {"id": [1, 2, 3], "ra": [0.0] * 3, "dec": [0.0] * 3}
    save(rows, images, tmp_path, "parquet", sizes=None)
    assert len(list((tmp_path / "stamps").iterdir())) == 2
    got = triplets(cw.SourceTable.read(rows), cw.open_images(tmp_path), None)
    assert [one.science.shape for one in got] == [(9, 9), (5, 7), (9, 9)]


def test_pixels_can_be_read_with_pyarrow_alone(tmp_path):
    table, images = make_world(3)
    save(table, images, tmp_path, "parquet", sizes=5)
    [file] = (tmp_path / "stamps").iterdir()
    column = pq.read_table(file, columns=["science"]).column(0).combine_chunks()
    assert column.type.list_size == 25
    pixels = column.flatten().to_numpy().reshape(-1, 5, 5)
    rows = pq.read_table(file, columns=["diaSourceId"]).column(0).to_pylist()
    for source_id, stamp in zip(rows, pixels, strict=True):
        [(_, triplet)] = cw.read([table.row(source_id)], images, 5)
        np.testing.assert_array_equal(triplet.science.pixels, stamp)


def test_zarr_arrays_can_be_read_with_zarr_alone(tmp_path):
    zarr = pytest.importorskip("zarr")
    table, images = make_world(3)
    save(table, images, tmp_path, "zarr", sizes=5)
    [file] = (tmp_path / "stamps").iterdir()
    with zarr.storage.ZipStore(file, mode="r") as store:
        group = zarr.open_group(store, mode="r")
        assert group.metadata.zarr_format == 3
        assert sorted(group["id"][...].tolist()) == table.ids.tolist()
        assert group["difference"].shape == (3, 5, 5)


@pytest.mark.parametrize("place", ["nothing", "."])
def test_a_folder_without_stamps_is_refused(tmp_path, place):
    with pytest.raises(cw.ImageNotFound, match="save_cutouts"):
        cw.open_images(f"stamps:{tmp_path / place}")


def test_another_parquet_file_is_not_taken_for_a_stamp_file(tmp_path):
    file = tmp_path / "rows.parquet"
    pq.write_table(cw.SourceTable({"id": [1], "ra": [0.0], "dec": [0.0]}).to_arrow(), file)
    [(_, one)] = cw.read([cw.DiaSource(1, 0.0, 0.0)], cw.open_images(f"stamps:{file}"), 5)
    assert "is not a stamp file" in one.problems[0]
