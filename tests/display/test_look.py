"""The named presets, and custom looks."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from cutout_widgets.display.look import LOOKS, Look
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.errors import BadOption
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS


def test_the_presets_are_the_documented_ones():
    assert LOOKS == ("documented", "analysis_ap", "rubin", "ztf", "fink", "sigma")


def test_documented_is_minmax_asinh_and_a_zscale_difference_in_bone():
    look = Look.of("documented")
    assert look.template == look.science == Stretch("minmax", "asinh")
    assert look.difference == Stretch("zscale", "linear")
    assert {look.colormap_of(panel) for panel in PANELS} == {"bone"}


def test_analysis_ap_stretches_the_difference_by_its_central_15_pixels():
    assert Look.of("analysis_ap").difference == Stretch("minmax", "asinh", central_px=15)


def test_ztf_is_logarithmic_with_a_linear_difference_between_1_and_100_percent():
    look = Look.of("ztf")
    assert look.science.curve == look.template.curve == "log"
    assert look.difference.curve == "linear"
    assert {(look.stretch(panel).lower, look.stretch(panel).upper) for panel in PANELS} == {(1, 100)}


def test_fink_is_asinh_between_half_and_99_95_percent_in_reversed_blues():
    look = Look.of("fink")
    assert {look.stretch(panel) for panel in PANELS} == {
        Stretch("percentile", "asinh", lower=0.5, upper=99.95)
    }
    assert look.colormap == "Blues_r"


def test_the_sigma_look_uses_a_diverging_colormap_for_the_difference():
    look = Look.of("sigma")
    assert look.difference == Stretch("sigma", "linear", k=5)
    assert look.colormap_of("difference") == "RdBu_r"
    assert look.colormap_of("science") == "gray"


@pytest.mark.parametrize("name", LOOKS)
def test_every_preset_can_be_drawn_and_serialised(name):
    look = Look.of(name)
    assert look.name == name
    for panel in PANELS:
        assert colormap_table(look.colormap_of(panel)).shape == (256, 3)
    assert Look.from_dict(json.loads(json.dumps(look.to_dict()))) == look
    assert pickle.loads(pickle.dumps(look)) == look
    assert hash(look) == hash(Look.of(name))


def test_a_custom_look_is_used_unchanged():
    own = replace(Look.of("rubin"), name="mine", colormap="viridis")
    assert Look.of(own) is own


@pytest.mark.parametrize("wrong", ["documente", "", None, 3])
def test_an_unknown_look_is_refused_with_the_known_names(wrong):
    with pytest.raises(BadOption, match="documented"):
        Look.of(wrong)


def test_a_similar_name_is_suggested():
    with pytest.raises(BadOption, match="did you mean 'rubin'"):
        Look.of("rubbin")


def test_a_look_without_stretches_is_refused():
    with pytest.raises(BadOption, match="template"):
        Look("mine", "zscale", Stretch(), Stretch())


def test_an_incomplete_serialised_look_is_refused():
    with pytest.raises(BadOption, match="three stretches"):
        Look.from_dict({"name": "mine"})


def test_an_unknown_panel_is_refused():
    with pytest.raises(BadOption, match="panel"):
        Look.of("rubin").stretch("weight")


def test_only_sigma_limits_need_the_variance():
    assert {name for name in LOOKS if Look.of(name).extras} == {"sigma"}
    assert Look.of("sigma").extras == {"variance"}
