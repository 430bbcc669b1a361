"""The dataset types in a configuration, checked before anything is saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.columns import close_names
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import Panel
from cutout_widgets.stores.butler.connection import Butlers
from cutout_widgets.stores.butler.store import ButlerImages

if TYPE_CHECKING:
    from cutout_widgets.compat.analysis_ap.config import PlotImageSubtractionCutoutsConfig

__all__ = ["configured_images", "dataset_names"]


def configured_images(
    config: PlotImageSubtractionCutoutsConfig, butler: Any, collections: str | Sequence[str] | None
) -> ButlerImages:
    """Return an image store for the dataset types in a configuration.

    Parameters
    ----------
    config
        The configuration.
    butler
        A Butler, or the path, URI or alias of a repository.
    collections
        Collections to search; None for the Butler's default.

    Raises
    ------
    BadOption
        If there is no such repository or collection, or it has no such dataset type: otherwise every source
        would lack that panel, and its figure would still count as saved.
    MissingDependency
        If the Butler's packages are not installed.
    """
    butlers = Butlers(butler, collections)
    there = sorted(butlers.ask(lambda mine: _dataset_types(mine, butlers.collections)))
    names = dataset_names(config, there)
    for panel, name in names.items():
        if name not in there:
            field = "science_image_type" if panel == "science" else "diff_image_type"
            raise BadOption(
                f"the Butler repository {butlers.name} has no dataset type {name!r} in collections "
                f"{', '.join(butlers.collections)}: set {field} in the configuration, or look in other "
                f"collections{close_names(name, there)}"
            )
    return ButlerImages(butler, butlers.collections, **names)


def dataset_names(config: PlotImageSubtractionCutoutsConfig, there: Sequence[str] = ()) -> dict[Panel, str]:
    """Return the dataset type of each panel.

    Parameters
    ----------
    config
        The configuration, with names or a prefix.
    there
        Dataset types in the repository: older ones have ``_warpedExp`` instead of ``_templateExp``.
    """
    science, prefix = config.science_image_type, config.diff_image_type
    if prefix is None:
        return {"science": science, "template": "template_detector", "difference": "difference_image"}
    older = f"{prefix}_warpedExp"
    template = f"{prefix}_templateExp"
    return {
        "science": science,
        "template": older if older in there and template not in there else template,
        "difference": f"{prefix}_differenceExp",
    }


def _dataset_types(butler: Any, collections: Sequence[str]) -> set[str]:
    """Return the dataset types that exist in collections."""
    infos = butler.collections.query_info(collections, flatten_chains=True, include_summary=True)
    return set().union(*(info.dataset_types or () for info in infos))
