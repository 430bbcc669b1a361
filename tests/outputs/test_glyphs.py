"""Setting text from the atlas."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from cutout_widgets.outputs.glyphs import LEVELS, font, plain


def test_digits_differ_in_width_by_an_eighth_of_a_pixel_at_most():
    face = font("regular")
    assert {face.width(digit) for digit in "0123456789"} == {8.75, 8.875}
    assert face.width("506428274000265573") < 18 * 8.875


@pytest.mark.parametrize("face", ["regular", "bold", "title"])
def test_a_word_is_as_wide_as_its_strip_says(face):
    for word in ("diaSourceId:", "AVATo", "+/-", "RB:0.682", "x…"):
        assert font(face).draw(word).advance == font(face).width(word)


def test_kerning_brings_pairs_together():
    face = font("regular")
    assert face.width("AV") < face.width("A") + face.width("V")


def test_an_empty_or_blank_text_has_no_ink():
    assert font("bold").draw("").ink.size == 0
    assert font("bold").draw("  ").ink.size == 0


def test_ink_reaches_full_coverage_and_no_further():
    ink = font("bold").draw("DIPOLE").ink
    assert ink.max() == LEVELS
    assert ink.dtype == np.uint8


def test_a_text_too_long_ends_in_an_ellipsis_and_fits():
    face = font("regular")
    fitted = face.fit("A name that is much too long", 60)
    assert fitted.text.startswith("A n")
    assert fitted.text.endswith("…")
    assert fitted.width == face.width(fitted.text) <= 60


def test_where_not_even_an_ellipsis_fits_nothing_is_written():
    assert font("regular").fit("abc", 2).text == ""


def test_an_endless_text_is_cut_at_once():
    assert len(font("regular").fit("i" * 10**7, 100).text) < 40


@pytest.mark.parametrize(
    ("text", "likeness"), [("é", "e"), ("ﬁ", "fi"), ("仪", "?"), ("a\nb", "a b"), ("\0", "?"), ("…", "…")]
)
def test_characters_beyond_the_atlas_have_a_likeness(text, likeness):
    assert plain(text) == likeness


def test_the_atlas_is_small_and_comes_with_its_licence():
    folder = files("cutout_widgets.outputs")
    assert len((folder / "glyphs.npz").read_bytes()) < 100_000
    assert "Bitstream Vera" in (folder / "glyphs-licence.txt").read_text(encoding="utf-8")
