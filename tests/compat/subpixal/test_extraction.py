"""Catalogues of several types, both argument orders, files, and conversion to an `Image`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from astropy.table import MaskedColumn, Table

import cutout_widgets as cw
from cutout_widgets.compat.subpixal import (
    Cutout,
    PartialOverlapError,
    create_cutouts,
    create_primary_cutouts,
)
from cutout_widgets.errors import BadOption, BadTable, NotWritable, UnreadableImage
from cutout_widgets.testing import make_wcs

SHAPE = (40, 60)


@pytest.fixture
def labels() -> np.ndarray:
    """Segment 1 around (12, 10), segment 7 around (42, 22)."""
    labels = np.zeros(SHAPE, int)
    labels[8:13, 10:15] = 1
    labels[20:25, 40:45] = 7
    return labels


ROWS = {"id": [1, 7], "x": [12.25, 42.5], "y": [10.0, 22.0], "weight": [1.0, 9.0]}
IMAGE = np.arange(40 * 60, dtype=np.float32).reshape(SHAPE)


@pytest.mark.parametrize(
    "catalog",
    [
        pd.DataFrame(ROWS).sort_values("x", ascending=False),
        pd.DataFrame(ROWS, index=[5, 9]),
        pd.DataFrame({**ROWS, "good": True}).query("good"),
        Table(ROWS)[::-1],
        ROWS,
    ],
    ids=["sorted", "relabelled", "filtered", "table", "dict"],
)
def test_dataframe_rows_are_found_by_position_not_index_label(catalog, labels):
    found = create_primary_cutouts(catalog, labels, IMAGE, make_wcs())
    assert [(one.src_id, one.src_pos, one.src_weight) for one in found] == [
        (1, (12.25, 10.0), 1.0),
        (7, (42.5, 22.0), 9.0),
    ]


def test_a_filtered_dataframe_gives_its_own_rows(labels):
    found = create_primary_cutouts(pd.DataFrame(ROWS).query("id == 7"), labels, IMAGE, make_wcs())
    assert [(one.src_id, one.src_pos, one.src_weight) for one in found] == [(7, (42.5, 22.0), 9.0)]


def test_with_only_ids_sources_are_at_the_cutout_centre(labels):
    (one,) = create_primary_cutouts(Table({"id": [7]}), labels, IMAGE, make_wcs())
    assert (one.blc, one.trc, one.src_pos, one.src_weight) == ((39, 19), (45, 25), (42.0, 22.0), None)


def test_a_record_array_is_accepted_as_catalogue(labels):
    (one,) = create_primary_cutouts(
        pd.DataFrame({"id": [7], "weight": [2.0]}).to_records(index=False), labels, IMAGE, make_wcs()
    )
    assert one.src_weight == 2.0


def test_masked_catalogue_values_become_nan(labels):
    weights = MaskedColumn([1.0, 9.0], mask=[True, False])
    one, other = create_primary_cutouts(Table({"id": [1, 7], "weight": weights}), labels, IMAGE, make_wcs())
    assert np.isnan(one.src_weight)
    assert other.src_weight == 9.0


@pytest.mark.parametrize(
    "columns, said",
    [
        ({"x": [1.0]}, "no column 'id'"),
        ({"id": [1], "x": [1.0]}, "one of"),
        ({"id": ["a"]}, "numbers of segments"),
    ],
)
def test_a_catalogue_with_a_missing_column_is_refused(columns, said, labels):
    with pytest.raises(BadTable, match=said):
        create_primary_cutouts(pd.DataFrame(columns), labels, IMAGE, make_wcs())


FLAGS = np.arange(40 * 60).reshape(SHAPE)
WEIGHTS = IMAGE + 1


def test_flags_and_weights_are_positional_in_the_documented_order():
    one = Cutout(IMAGE, None, (3, 4), (8, 9), FLAGS, WEIGHTS, "a", "counts", 30.0, "strict", 0.0)
    np.testing.assert_array_equal(one.dq, FLAGS[4:10, 3:9])
    np.testing.assert_array_equal(one.weight, WEIGHTS[4:10, 3:9])
    assert (one.src_id, one.data_units, one.exptime) == ("a", "counts", 30.0)
    assert (one.src_pos, one.src_weight) == ((5.5, 6.5), None)


def test_the_argument_order_of_the_code_is_accepted_too():
    one = Cutout(IMAGE, None, (3, 4), (8, 9), (5.0, 6.0), 2.0, FLAGS, WEIGHTS, "a", "counts", 30.0)
    assert (one.src_pos, one.src_weight, one.src_id, one.exptime) == ((5.0, 6.0), 2.0, "a", 30.0)
    np.testing.assert_array_equal(one.dq, FLAGS[4:10, 3:9])


def test_omitted_arguments_before_the_id_are_handled_in_both_orders():
    one = Cutout(IMAGE, None, (3, 4), (8, 9), None, None, 17, "rate", 2.0)
    assert (one.src_id, one.exptime, one.dq) == (17, 2.0, None)
    one = Cutout(IMAGE, None, (3, 4), (8, 9), None, None, FLAGS, None, 17)
    assert one.src_id == 17
    assert one.dq is not None


def test_functions_take_flags_and_weights_in_the_documented_order(labels):
    flags = np.zeros(SHAPE, np.uint8)
    flags[10, 12] = 4
    documented = create_primary_cutouts(ROWS, labels, IMAGE, make_wcs(), flags, WEIGHTS, "rate", 5.0, 2)
    ours = create_primary_cutouts(ROWS, labels, IMAGE, make_wcs(), flags, 0, WEIGHTS, "rate", 5.0, 2)
    for one, other in zip(documented, ours, strict=True):
        assert (one.blc, one.exptime, one.data_units) == (other.blc, 5.0, "rate")
        np.testing.assert_array_equal(one.weight, other.weight)
        np.testing.assert_array_equal(one.mask, other.mask)
    assert documented[0].mask[10 - documented[0].blc[1], 12 - documented[0].blc[0]]


def test_create_cutouts_accepts_both_argument_orders(labels):
    primary = create_primary_cutouts(ROWS, labels, IMAGE, make_wcs())
    images = (primary, labels, IMAGE, make_wcs(), IMAGE, make_wcs())
    _, documented = create_cutouts(*images, None, WEIGHTS, "counts", 3.0, None, WEIGHTS, "counts", 4.0, 1)
    _, ours = create_cutouts(*images, None, 0, WEIGHTS, "counts", 3.0, None, 0, WEIGHTS, "counts", 4.0, 1)
    assert [one.blc for one in documented] == [one.blc for one in ours]
    assert [one.exptime for one in documented] == [3.0, 3.0]


@pytest.mark.parametrize("position", [(1.0, 2.0, 3.0), "ab", 5.0, (1.0, "b"), np.zeros((2, 3))])
def test_a_position_that_is_not_two_numbers_is_refused(position):
    one = Cutout(IMAGE, None)
    with pytest.raises(BadOption, match="two numbers"):
        one.src_pos = position
    with pytest.raises(BadOption, match="two numbers"):
        one.cutout_src_pos = position
    assert one.src_pos == (29.5, 19.5)


def test_world_coordinates_without_a_wcs_are_refused():
    one = Cutout(IMAGE, None, (3, 4), (8, 9))
    for ask in (
        lambda: one.pix2world([[0, 0]]),
        lambda: one.world2pix([[0, 0]]),
        lambda: one.get_bbox("world"),
        lambda: one.pscale,
    ):
        with pytest.raises(BadOption, match="no WCS"):
            ask()


def test_the_strict_error_names_the_mode_to_use():
    with pytest.raises(PartialOverlapError, match=r"from \(-2, 0\) to \(5, 5\) .* mode='fill' allows that"):
        Cutout(IMAGE, None, (-2, 0), (5, 5))


@pytest.mark.parametrize("name", ["extraction_slice", "insertion_slice", "naxis", "naxis1", "naxis2"])
def test_derived_attributes_are_read_only(name):
    with pytest.raises(AttributeError):
        setattr(Cutout(IMAGE, None), name, 3)


def test_the_image_of_a_cutout_has_its_position_in_the_parent():
    one = Cutout(IMAGE, make_wcs(), (3, 4), (8, 9), (5.0, 6.0), 2.0, FLAGS, WEIGHTS, 2**60 + 1, exptime=30.0)
    one.dx = 0.5
    image = one.to_image()
    assert image.box == cw.Box(4, 10, 3, 9)
    assert (image.source_id, image.anchor, image.exposure_s) == (2**60 + 1, (5.0, 6.0), 30.0)
    assert image.mask.tolist() == FLAGS[4:10, 3:9].tolist()
    sky = image.sky_at(5.0, 6.0)
    assert one.pix2world([[2.0, 2.0]])[0] == pytest.approx([sky.ra.deg, sky.dec.deg], abs=1e-9)


def test_a_cutout_of_an_image_is_a_copy():
    image = cw.cut(cw.Image(IMAGE, mask=FLAGS.astype(np.uint32), wcs=make_wcs()), cw.Box(4, 10, 3, 9))
    one = Cutout.from_image(image, data_units="counts")
    assert (one.blc, one.trc, one.src_id, one.data_units) == ((3, 4), (8, 9), 0, "counts")
    one.data[0, 0] = -5
    one.dq[0, 0] = 99
    assert image.pixels[0, 0] == IMAGE[4, 3]
    assert image.mask[0, 0] == FLAGS[4, 3]


def test_flags_beyond_32_bits_are_kept_in_the_cutout():
    one = Cutout(IMAGE, None, dq=np.full(SHAPE, 2**40))
    assert one.to_image().mask is None
    assert one.dq[0, 0] == 2**40


def test_a_saved_cutout_is_read_back_unchanged(tmp_path):
    flags = np.full(SHAPE, 2**40)
    one = Cutout(
        IMAGE, make_wcs(), (-2, 4), (8, 9), (5.0, 6.0), 2.0, flags, WEIGHTS, 2**60 + 1, "counts", 30.0, "fill"
    )
    one.dx, one.dy = 0.25, -0.5
    one.mask[2, 3] = True
    one.save(tmp_path / "cutout.fits")
    back = Cutout.load(tmp_path / "cutout.fits")
    for name in ("data", "dq", "weight", "mask"):
        np.testing.assert_array_equal(getattr(back, name), getattr(one, name))
        assert getattr(back, name).dtype == getattr(one, name).dtype
    for name in [
        "blc",
        "trc",
        "src_pos",
        "src_weight",
        "src_id",
        "data_units",
        "exptime",
        "dx",
        "dy",
        "insertion_slice",
        "extraction_slice",
    ]:
        assert getattr(back, name) == getattr(one, name), name
    np.testing.assert_allclose(back.get_bbox("world"), one.get_bbox("world"), atol=1e-11)
    assert [path.name for path in tmp_path.iterdir()] == ["cutout.fits"]


def test_a_saved_cutout_can_be_read_as_an_image(tmp_path):
    one = Cutout(IMAGE, make_wcs(), (3, 4), (8, 9), dq=FLAGS)
    one.save(tmp_path / "cutout.fits")
    image = cw.read_image(tmp_path / "cutout.fits")
    assert image.box == cw.Box(4, 10, 3, 9)
    np.testing.assert_array_equal(image.pixels, one.data)


def test_a_file_that_is_not_a_cutout_is_refused(tmp_path):
    cw.write_image(cw.Image(IMAGE), tmp_path / "image.fits")
    with pytest.raises(UnreadableImage, match=r"not written by Cutout\.save"):
        Cutout.load(tmp_path / "image.fits")


def test_an_unwritable_path_is_reported(tmp_path):
    with pytest.raises(NotWritable, match="cannot write"):
        Cutout(IMAGE, None).save(tmp_path / "none" / "cutout.fits")
