"""Setting text from the atlas."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from cutout_widgets.outputs.figure.glyphs import LEVELS, NUMERALS, font, plain


def test_digits_differ_in_width_by_an_eighth_of_a_pixel_at_most():
    face = font("regular")
    assert {face.width(digit) for digit in "0123456789"} == {8.75, 8.875}
    assert face.width("506428274000265573") < 18 * 8.875


@pytest.mark.parametrize("face", ["regular", "bold", "title"])
def test_the_width_of_a_text_equals_the_width_of_its_bitmap(face):
    for word in ("diaSourceId:", "AVATo", "+/-", "RB:0.682", "x…"):
        assert font(face).draw(word).advance == font(face).width(word)


def test_kerning_reduces_the_distance_of_letter_pairs():
    face = font("regular")
    assert face.width("AV") < face.width("A") + face.width("V")


def test_an_empty_or_blank_text_has_no_ink():
    assert font("bold").draw("").ink.size == 0
    assert font("bold").draw("  ").ink.size == 0


def test_ink_coverage_is_at_most_full():
    ink = font("bold").draw("DIPOLE").ink
    assert ink.max() == LEVELS
    assert ink.dtype == np.uint8


def test_a_text_too_long_ends_in_an_ellipsis_and_fits():
    face = font("regular")
    fitted = face.fit("A name that is much too long", 60)
    assert fitted.text.startswith("A n")
    assert fitted.text.endswith("…")
    assert fitted.width == face.width(fitted.text) <= 60


def test_without_room_for_an_ellipsis_nothing_is_written():
    assert font("regular").fit("abc", 2).text == ""


def test_a_very_long_text_is_truncated_quickly():
    assert len(font("regular").fit("i" * 10**7, 100).text) < 40


@pytest.mark.parametrize(
    ("text", "likeness"),
    [
        ("é", "e"),
        ("ﬁ", "fi"),
        ("仪", "?"),
        ("a\nb", "a b"),
        ("\0", "?"),
        ("…", "…"),
        ("\N{MINUS SIGN}5.1", "-5.1"),
    ],
)
def test_characters_outside_the_atlas_are_replaced_by_similar_ones(text, likeness):
    assert plain(text) == likeness


def test_the_atlas_is_small_and_comes_with_its_licence():
    folder = files("cutout_widgets.outputs.figure")
    assert len((folder / "glyphs.npz").read_bytes()) < 100_000
    assert "Bitstream Vera" in (folder / "glyphs-licence.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("face", ["regular", "bold"])
@pytest.mark.parametrize(
    "number",
    ["1", "-2.24", "506428274000265573", "+451.20000000", "-1.235e+11", "7", "0.00", "11111117", "4e-3"],
)
def test_a_number_drawn_in_parts_equals_the_number_drawn_at_once(face, number):
    whole = font(face).draw(number)
    sheet = np.zeros((40, 250), dtype=np.uint8)
    for ink, left, top in font(face).pieces(number):
        sheet[20 - top : 20 - top + ink.shape[0], 5 + left : 5 + left + ink.shape[1]] |= ink
    wanted = np.zeros_like(sheet)
    y, x = 20 - whole.top, 5 + whole.left
    wanted[y : y + whole.ink.shape[0], x : x + whole.ink.shape[1]] = whole.ink
    np.testing.assert_array_equal(sheet, wanted)


def test_there_is_no_kerning_within_numbers():
    for face in ("regular", "bold"):
        assert not [pair for pair in font(face).kern if set(pair) <= set(NUMERALS)]
