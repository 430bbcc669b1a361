"""The dataset types of science image, template and difference in a Butler repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cutout_widgets.catalog.columns import close_names
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS, Panel

__all__ = ["NAMES", "check_kinds", "choose_names"]

NAMES: Mapping[Panel, tuple[str, ...]] = {
    "science": ("preliminary_visit_image", "visit_image", "initial_pvi", "pvi", "calexp"),
    "template": (
        "template_detector",
        "template_matched",
        "goodSeeingDiff_templateExp",
        "*_templateExp",
        "goodSeeingDiff_warpedExp",
        "*_warpedExp",
        "*_matchedExp",
    ),
    "difference": ("difference_image", "goodSeeingDiff_differenceExp", "*_differenceExp"),
}
"""Panel -> dataset type names (or patterns), newest first.

Source: the connections of ap_pipe and drp_pipe from 2021 on (DP0.2, DP1, DP2, prompt products).
"""

_TABLES = ("Arrow", "Astropy", "DataFrame", "SourceCatalog")
"""Prefixes of the storage classes of tables."""


def choose_names(
    there: Iterable[str], wanted: Mapping[Panel, str | None], where: str
) -> dict[Panel, str | None]:
    """Choose the dataset type of each panel.

    Parameters
    ----------
    there
        Dataset types that exist in the collections.
    wanted
        The user's choice; None for automatic choice.
    where
        The repository and collections, for messages.

    Returns
    -------
    dict
        None for a panel without a dataset type.

    Raises
    ------
    BadOption
        If a dataset type chosen by the user does not exist, or there is none for any panel.
    """
    known = sorted(there)
    for panel, name in wanted.items():
        if name is not None and name not in known:
            raise BadOption(
                f"{where} has no dataset type {name!r} for {panel}: look in other collections, or leave "
                f"{panel}= out to use the types that exist{close_names(name, known)}"
            )
    chosen: dict[Panel, str | None] = {}
    for panel in PANELS:
        chosen[panel] = wanted.get(panel) or next(
            (name for pattern in NAMES[panel] for name in known if fnmatchcase(name, pattern)), None
        )
    if not any(chosen.values()):
        raise BadOption(
            f"{where} has no dataset types recognised as images: looked for "
            f"{', '.join(NAMES[panel][0] for panel in PANELS)} and their older names, found "
            f"{', '.join(known[:12]) or 'nothing'}; give science=, template= and difference="
        )
    return chosen


def check_kinds(butler: Any, wanted: Mapping[Panel, str | None]) -> None:
    """Refuse dataset types given by name that are not images of a visit and detector."""
    kind_of = getattr(butler, "get_dataset_type", None)
    for panel, name in wanted.items():
        if name is None or kind_of is None:  # who cannot tell finds out when an image is read
            continue
        kind = kind_of(name)
        stored, needed = str(kind.storageClass_name), set(kind.dimensions.required)
        if not {"visit", "detector"} <= needed:
            raise BadOption(
                f"{panel}={name!r} has one dataset for each {', '.join(sorted(needed)) or 'repository'}; "
                "wanted images, one for each visit and detector"
            )
        if stored.startswith(_TABLES):
            raise BadOption(f"{panel}={name!r} is a table ({stored}); wanted images")
