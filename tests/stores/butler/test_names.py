"""Which dataset types are the three images, detected from the repository."""

from __future__ import annotations

import pytest

from cutout_widgets.errors import BadOption
from cutout_widgets.stores.butler.names import choose_names

NOTHING = {"science": None, "template": None, "difference": None}


@pytest.mark.parametrize(
    "there, chosen",
    [
        (  # prompt products and DP2
            ["difference_image", "template_detector", "preliminary_visit_image", "visit_image", "raw"],
            ("template_detector", "preliminary_visit_image", "difference_image"),
        ),
        (  # DP1
            ["difference_image", "template_detector", "visit_image", "deep_coadd"],
            ("template_detector", "visit_image", "difference_image"),
        ),
        (  # DP0.2
            ["goodSeeingDiff_differenceExp", "goodSeeingDiff_templateExp", "calexp"],
            ("goodSeeingDiff_templateExp", "calexp", "goodSeeingDiff_differenceExp"),
        ),
        (["fakes_deepDiff_differenceExp", "deepDiff_warpedExp", "initial_pvi"],
         ("deepDiff_warpedExp", "initial_pvi", "fakes_deepDiff_differenceExp")),
        (["calexp"], (None, "calexp", None)),
    ],
)  # fmt: skip
def test_dataset_names_follow_the_release(there, chosen):
    names = choose_names(there, NOTHING, "REPO")
    assert (names["template"], names["science"], names["difference"]) == chosen


def test_an_explicit_dataset_name_is_used():
    assert choose_names(["calexp", "mine"], {**NOTHING, "science": "mine"}, "REPO")["science"] == "mine"


def test_an_unknown_dataset_name_is_refused_with_the_nearest():
    with pytest.raises(BadOption, match=r"REPO has no dataset type 'calexq' for science.*'calexp'"):
        choose_names(["calexp", "raw"], {**NOTHING, "science": "calexq"}, "REPO")


def test_a_repository_without_images_is_refused_with_its_dataset_types():
    with pytest.raises(BadOption, match=r"REPO has no dataset types.*found bias, raw; give science="):
        choose_names(["raw", "bias"], NOTHING, "REPO")
