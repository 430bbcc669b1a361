"""Cutouts as arrays: the same pixels as when read row by row, for any store."""

from __future__ import annotations

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadOption
from cutout_widgets.testing import make_wcs

SHAPE = 200, 300


def whole(seed: int, planes: dict[str, int], *, wcs=None, unit="nJy") -> cw.Image:
    random = np.random.default_rng(seed)
    mask = np.zeros(SHAPE, np.uint32)
    for place, bit in enumerate(planes.values()):
        mask[place::7] |= np.uint32(1 << bit)
    return cw.Image(
        random.normal(size=SHAPE).astype(np.float32),
        mask=mask,
        planes=planes,
        variance=np.full(SHAPE, 2.0 + seed, np.float32),
        wcs=wcs or make_wcs(),
        unit=unit,
    )


def store(n_images: int = 2) -> cw.ArrayImages:
    """Return images whose masks number their planes differently; the second has no template."""
    numbers = [{"BAD": 0, "SAT": 1}, {"SAT": 0, "BAD": 1, "CR": 5}]
    images = {}
    for detector in range(n_images):
        three = [whole(10 * detector + k, numbers[detector % 2]) for k in range(3)]
        images[1, detector] = (None if detector == 1 else three[0], *three[1:])
    return cw.ArrayImages.from_images(images)


def rows(n: int, *, beyond: bool = True) -> cw.SourceTable:
    random = np.random.default_rng(5)
    x, y = random.uniform(0, SHAPE[1] - 1, n), random.uniform(0, SHAPE[0] - 1, n)
    if beyond:
        x[0], y[0] = 0.0, 0.0  # sticks out
        x[1], y[1] = -500.0, 0.0  # lies elsewhere
    sky = make_wcs().pixel_to_world(x, y)
    columns = {"id": np.arange(n) + 100, "ra": sky.ra.deg, "dec": sky.dec.deg, "x": x, "y": y}
    return cw.SourceTable(columns | {"visit": np.ones(n, int), "detector": np.arange(n) % 2})


class RowByRow:
    """A store that cannot open its images: it is read row by row."""

    def __init__(self, images: cw.ArrayImages) -> None:
        self.images = images

    def group(self, source):
        return self.images.group(source)

    def read(self, sources, region):
        return self.images.read(sources, region)


@pytest.mark.parametrize("n", [3, 400], ids=["cutout by cutout", "one read for all"])
@pytest.mark.parametrize("wrap", [lambda one: one, RowByRow], ids=["opened", "row by row"])
def test_stacked_arrays_equal_the_single_cutouts(n, wrap):
    table, images = rows(n), store()
    made = cw.stack(table, wrap(images), 12)
    assert made.ids.tolist() == table.ids.tolist()
    assert made.pixels.shape == made.mask.shape == made.variance.shape == (n, 3, 12, 12)
    for place, triplet in cw.read(table, images, 12):
        for layer, image in enumerate(triplet):
            if image is None:
                assert np.isnan(made.pixels[place, layer]).all()
                assert np.isinf(made.variance[place, layer]).all()
                assert made.has_plane("NO_DATA")[place, layer].all()
                continue
            assert np.array_equal(made.pixels[place, layer], image.pixels, equal_nan=True)
            assert np.array_equal(made.variance[place, layer], image.variance)
            for name in ("BAD", "SAT", "CR", "NO_DATA"):
                assert np.array_equal(made.has_plane(name)[place, layer], image.has_plane(name)), name
        assert set(made.problems.get(int(table.ids[place]), ())) == set(triplet.problems)


def test_the_panels_have_names():
    made = cw.stack(rows(4, beyond=False), store(), 12)
    assert made.science is not None
    assert np.array_equal(made.science, made.pixels[:, 1], equal_nan=True)
    assert np.array_equal(made.difference, np.asarray(made)[:, 2], equal_nan=True)
    assert np.isnan(made.template[1]).all()
    assert made.unit == "nJy"
    assert len(made) == 4


def test_mask_and_variance_can_be_omitted():
    made = cw.stack(rows(40), store(), 12, mask=False, variance=False)
    assert made.mask is None
    assert made.variance is None
    assert not made.has_plane("BAD").any()
    assert repr(made).startswith("<CutoutStack 40x3x12x12 float32 nJy,")


def test_stamps_of_one_shape_are_stacked_unchanged():
    stamps = np.random.default_rng(2).normal(size=(3, 5, 8, 9)).astype(np.float32)
    images = cw.ArrayImages.from_stamps(np.arange(5) + 1, *stamps)
    table = {"id": np.arange(5) + 1, "ra": np.zeros(5), "dec": np.zeros(5)}
    made = cw.stack(table, images, None)
    assert np.array_equal(made.pixels, stamps.swapaxes(0, 1))
    assert made.mask is None


def test_many_stamps_are_stacked_in_the_order_of_the_rows():
    values = np.arange(600, dtype=np.float32)
    stamps = np.tile(values[:, None, None], (3, 1, 4, 4))
    images = cw.ArrayImages.from_stamps(np.arange(600), *stamps)
    table = {"id": np.arange(600)[::-1], "ra": np.zeros(600), "dec": np.zeros(600)}
    made = cw.stack(table, images, 2)
    assert np.array_equal(made.science[:, 0, 0], values[::-1])


def test_cutouts_of_different_shapes_are_refused():
    a, b = np.zeros((1, 8, 8), np.float32), np.zeros((1, 9, 9), np.float32)
    images = cw.ArrayImages.from_stamps([1], a, a, b)
    with pytest.raises(BadOption, match="one shape"):
        cw.stack({"id": [1], "ra": [0.0], "dec": [0.0]}, images, None)


def test_two_sizes_are_refused():
    with pytest.raises(BadOption, match="a stack has one size; got 30, 60"):
        cw.stack(rows(3), store(), (30, 60))


def test_without_rows_the_stack_is_empty():
    made = cw.stack(rows(3).take([]), store(), 12)
    assert (len(made), made.problems) == (0, {})


def test_values_beyond_float32_are_infinite_without_a_warning():
    big = cw.Image(np.full(SHAPE, 1e300), wcs=make_wcs())
    images = cw.ArrayImages.from_images({(1, d): (big, big, big) for d in (0, 1)})
    assert np.isposinf(cw.stack(rows(3, beyond=False), images, 12).pixels).all()


def stamps_of(images: cw.ArrayImages, table: cw.SourceTable, folder, kind: str) -> object:
    """Return a store of stamps 16 pixels wide: in memory, or in files."""
    if kind == "arrays":
        triplets = dict(cw.read(table, images, 16))
        panels = [[list(triplets[place])[k] for place in range(len(table))] for k in range(3)]
        return cw.ArrayImages.from_stamps(table.ids, *panels)
    cw.save_cutouts(table, images, folder, format=kind, sizes=(16,), progress=False)
    return cw.StampImages(folder)


@pytest.mark.parametrize("size", [12, 16, 20, None], ids=str)
@pytest.mark.parametrize("kind", ["parquet", "arrays"])
def test_stacks_of_stamps_equal_stamps_read_one_by_one(tmp_path, kind, size):
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    table = rows(40)
    table = table.take([place for place in range(40) if place != 1])  # one is on no image
    images = stamps_of(store(), table, tmp_path, kind)
    made = cw.stack(table, images, size)
    for place, triplet in cw.read(table, images, size):
        assert made.problems.get(int(table.ids[place]), ()) == triplet.problems
        for layer, image in enumerate(iter(triplet)):
            if image is None:
                assert np.isnan(made.pixels[place, layer]).all()
                continue
            assert np.array_equal(made.pixels[place, layer], image.pixels, equal_nan=True)
            assert np.array_equal(made.variance[place, layer], image.variance)
            for name in image.planes:
                assert np.array_equal(made.has_plane(name)[place, layer], image.has_plane(name)), name


def test_the_problems_of_a_row_without_stamp_are_in_the_stack(tmp_path):
    pytest.importorskip("pyarrow")
    table = rows(4, beyond=False)
    images = stamps_of(store(), table.take([0, 1, 2]), tmp_path, "parquet")
    made = cw.stack(table, images, 12)
    [(_, triplet)] = cw.read([table[3]], images, 12)
    assert made.problems[int(table.ids[3])] == triplet.problems
    assert len(triplet.problems) == 3
    assert np.isnan(made.pixels[3]).all()
