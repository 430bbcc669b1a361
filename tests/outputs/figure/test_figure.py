"""The header: positions of its texts, without overlaps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutout_widgets.catalog.flags import BADGES, FLUX_LABELS
from cutout_widgets.outputs.figure.figure import (
    BADGES_AT,
    BLACK,
    GREY,
    LINES,
    PANEL_PX,
    STYLES,
    Canvas,
    Style,
    Text,
    fixed_labels,
    header,
    titles,
)
from cutout_widgets.outputs.figure.glyphs import font
from outputs.figure.pinned_figures import ALL_FLAGS, NO_FLAGS, make_row

CANVAS = Canvas()


def everything(source, style: Style) -> list[Text]:
    """All texts of a figure with this header."""
    labels = [Text(one.text, one.x, LINES[one.line], "regular", GREY) for one in fixed_labels(style)]
    return [*labels, *titles(Canvas(style=style)), *header(source, style=style)]


def ink_of(text: Text) -> tuple[int, int, int, int]:
    """The pixels a text blackens: y0, y1, x0, x1."""
    strip = font(text.face).draw(text.text)
    y, x = text.y - strip.top, text.x + strip.left
    return y, y + strip.ink.shape[0], x, x + strip.ink.shape[1]


def assert_apart(source) -> None:
    for style in STYLES:
        assert_apart_in(source, style)


def assert_apart_in(source, style: Style) -> None:
    places = [(text, ink_of(text)) for text in everything(source, style)]
    for text, (y0, y1, x0, x1) in places:
        assert y0 >= 0, text
        assert x0 >= 0, text
        assert y1 <= CANVAS.top(0), text
        assert x1 <= Canvas(style=style).width, text
    for (one, a), (other, b) in itertools.combinations(places, 2):
        apart = a[1] <= b[0] or b[1] <= a[0] or a[3] <= b[2] or b[3] <= a[2]
        assert apart, f"{one.text!r} lies over {other.text!r}"


def texts_at(source, x: int, line: int) -> list[str]:
    return [text.text for text in header(source) if (text.x, text.y) == (x, LINES[line])]


def test_the_header_of_the_reference_row_has_all_its_badges():
    assert_apart(make_row(ALL_FLAGS))


def test_a_13_digit_visit_shifts_only_the_band():
    long, short = header(make_row()), header(make_row(visit=943296))
    moved = {text.text for text in set(long) ^ set(short)}
    assert moved == {"2025069184737", "943296", "g"}
    assert texts_at(make_row(visit=943296), 618, 0) == ["g"]


HOSTILE = {
    "longest id": {"id": -(2**63)},
    "long instrument": {"instrument": "A very long name of an instrument, LSSTCam-imSim"},
    "longest visit": {"visit": 2**63 - 1},
    "long band": {"band": "F814W-something"},
    "long band and visit": {"band": "VR", "visit": 9999999999999},
    "many detectors": {"detector": 10**12},
    "no finite flux": {"psfFlux": math.nan, "apFlux": math.inf, "scienceFlux": -math.inf},
    "huge fluxes": {"psfFlux": -1.23e300, "psfFluxErr": 1e300, "apFlux": 1e-300, "scienceFlux": 9.9e30},
    "tiny errors": {"psfFluxErr": 1e-308, "apFluxErr": 0.0, "scienceFluxErr": math.nan},
    "huge ratios": {"snr": -1e99, "psfChi2": 1e99, "psfNdata": 1},
    "no sky": {"ra": math.nan, "dec": math.nan},
    "absurd sky": {"ra": -1e40, "dec": 1e40},
    "not ASCII": {"instrument": "Инструмент é ñ 仪器\n\t\0", "band": "μ"},
    "score out of range": {"reliability": 1e30},
    "nothing": {"instrument": None, "visit": None, "detector": None, "band": None, "psfFlux": None},
}


@pytest.mark.parametrize("columns", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("flags", [ALL_FLAGS, NO_FLAGS, {}], ids=["all", "none", "absent"])
def test_nothing_overlaps_or_leaves_the_canvas(columns, flags):
    assert_apart(make_row(flags, **columns))


numbers = st.floats(allow_nan=True, allow_infinity=True)
integers = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    id=integers,
    visit=integers,
    detector=integers,
    band=st.text(max_size=20),
    instrument=st.text(max_size=40),
    fluxes=st.tuples(*[numbers] * 9),
)
def test_nothing_overlaps_for_any_row(id, visit, detector, band, instrument, fluxes):
    names = (
        "psfFlux",
        "psfFluxErr",
        "apFlux",
        "apFluxErr",
        "scienceFlux",
        "scienceFluxErr",
        "snr",
        "ra",
        "dec",
    )
    row = dict(zip(names, fluxes, strict=True))
    assert_apart(
        make_row(ALL_FLAGS, id=id, visit=visit, detector=detector, band=band, instrument=instrument, **row)
    )


def test_an_id_is_never_truncated():
    for id_ in (506428274000265573, -(2**63), 2**63 - 1, 0):
        assert texts_at(make_row(id=id_), 103, 0) == [str(id_)]


def test_a_13_digit_visit_is_not_truncated():
    assert texts_at(make_row(), 554, 0) == ["2025069184737"]


def test_a_13_digit_visit_and_the_band_fit_on_the_narrow_canvas():
    texts = {text.text: text.x for text in header(make_row(), style="analysis_ap") if text.y == LINES[0]}
    assert texts["2025069184737"] > texts["visit:"] > texts["detector:"]
    assert texts["g"] + font("regular").width("g") <= 655
    short = {text.text: text.x for text in header(make_row(visit=943296), style="analysis_ap")}
    assert (short["visit:"], short["943296"], short["g"]) == (519, 554, 618)


def test_the_newest_style_titles_the_science_panel_sci():
    words = [text.text for text in header(make_row(), style="analysis_ap")]
    assert "sci (nJy):" in words
    assert "total (nJy):" not in words
    assert "total (nJy):" in [text.text for text in header(make_row())]


def test_values_are_formatted_as_documented():
    texts = [text.text for text in header(make_row(ra=176.12345678, dec=+45.2))]
    at = texts.index("176.12345678")
    assert texts[at + 1 : at + 4] == ["+45.20000000", "223.7", "0.78"]
    assert texts[at + 4 : at + 10] == ["1493.9", "90.1", "16.58", "-847.5", "378.3", "-2.24"]
    assert texts[at + 10 : at + 14] == ["239177.8", "275.3", "868.79", "17.953"]


def test_absent_and_null_values_are_shown_as_not_available():
    source = make_row(psfFlux=None, apFlux=math.nan)
    assert texts_at(source, 170 - math.ceil(font("regular").width("n/a")), 2) == ["n/a"]
    assert texts_at(source, 170 - math.ceil(font("regular").width("n/a")), 3) == ["n/a"]


def test_a_negative_flux_has_no_magnitude():
    assert texts_at(make_row(scienceFlux=-5.0), 419, 4) == ["n/a"]
    assert texts_at(make_row(scienceFlux=1e9), 419, 4) == ["8.900"]


def test_a_number_that_is_too_long_uses_scientific_notation():
    texts = [text.text for text in header(make_row(psfFlux=-123456789012.3))]
    assert "-1.235e+11" in texts


def test_badges_are_at_their_documented_positions():
    placed = {text.text: (text.x, text.y) for text in header(make_row(ALL_FLAGS)) if text.face == "bold"}
    for name, (x, line) in BADGES_AT.items():
        if name != "RB":
            assert placed[name] == (x, LINES[line])
    assert placed["RB:0.854"] == (477, 98)


def test_the_centre_flag_alone_also_shows_the_badge():
    only_centre = {**NO_FLAGS, "pixelFlags_saturatedCenter": True}
    assert "SAT" in [text.text for text in header(make_row(only_centre))]


def test_the_label_of_a_flagged_flux_is_red():
    for label, columns in FLUX_LABELS.items():
        for column in columns:
            flagged = [
                text for text in header(make_row({**NO_FLAGS, column: True})) if text.colour == "#ff0000"
            ]
            assert [text.text for text in flagged] == [f"{label} (nJy):"]


def test_flags_absent_from_the_table_are_not_shown_as_unset():
    assert "flags: n/a" in [text.text for text in header(make_row({}))]
    assert "flags: n/a" not in [text.text for text in header(make_row(NO_FLAGS))]
    assert "flags: n/a" not in [text.text for text in header(make_row({"isDipole": True}))]


@pytest.mark.parametrize(
    ("score", "colours"), [(0.499, ["#e41a1c"]), (0.5, ["#4daf4a"]), (math.nan, []), (None, [])]
)
def test_a_score_of_one_half_or_more_is_green(score, colours):
    texts = header(make_row(reliability=score))
    assert [text.colour for text in texts if text.text.startswith("RB")] == colours


def test_the_instrument_can_be_given():
    assert header(make_row(), instrument="DECam")[4] == Text("DECam", 285, 21, "bold", BLACK)


def test_every_documented_badge_has_a_position():
    assert {rule.name for rule in BADGES if rule.documented} == set(BADGES_AT)


def test_panels_do_not_touch_and_only_the_first_row_has_titles():
    canvas = Canvas(3, with_header=False)
    edges = [(canvas.left(k), canvas.left(k) + PANEL_PX) for k in range(3)]
    assert edges[0][1] < edges[1][0] < edges[1][1] < edges[2][0]
    assert edges[2][1] <= canvas.width
    assert np.diff([canvas.top(k) for k in range(3)]).min() > PANEL_PX
    assert len(titles(canvas)) == 3
    assert {text.y for text in titles(canvas)} == {22}
