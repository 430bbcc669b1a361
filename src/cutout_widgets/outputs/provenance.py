"""The settings a folder was saved with, stored in it for later runs and `verify`."""

from __future__ import annotations

import json
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.outputs.files import read_plain
from cutout_widgets.outputs.layout import STAMP_FORMATS

if TYPE_CHECKING:
    from cutout_widgets.outputs.files import Partial
    from cutout_widgets.outputs.saving import Recipe

__all__ = ["PROVENANCE", "read_provenance", "write_provenance"]

PROVENANCE = "cutouts.json"
"""The file's name."""

_PLACES = ("chunk_size", "blind", "suffix")
"""Settings that determine paths, which must be the same for all runs in a folder."""

_LOOK_SETTINGS = "look_settings"
"""A checksum of the settings, because custom looks may share a name."""


def write_provenance(partial: Partial, recipe: Recipe) -> None:
    """Write the settings of a folder, or compare them with the existing ones.

    Raises
    ------
    BadOption
        If files would go to other places than existing ones.

    Warns
    -----
    CutoutWarning
        If new figures would look different from existing ones.
    """
    now = _entries(recipe)
    path = recipe.root / PROVENANCE
    before = read_provenance(recipe.root)
    if before is None:
        if path.exists():
            return
        if partial.write_first(path, (json.dumps(now, indent=1) + "\n").encode()):
            return
        before = read_provenance(recipe.root) or now  # another run was first
    for key in _PLACES:
        if before.get(key, now[key]) != now[key]:
            raise BadOption(
                f"{recipe.root} was saved with {key}={before[key]!r}, now it is {now[key]!r}: "
                "use the same again, or save to another directory"
            )
    changed = [key for key in now if key not in _PLACES and before.get(key, now[key]) != now[key]]
    if "look" in changed and _LOOK_SETTINGS in changed:
        changed.remove(_LOOK_SETTINGS)  # the name has changed too
    if changed:
        what = " and ".join(f"{key}={before[key]!r}, now {now[key]!r}" for key in changed)
        warnings.warn(
            f"{recipe.root} was saved with {what}; existing figures are kept: save to "
            "another directory, or remove those to be redrawn",
            CutoutWarning,
            stacklevel=4,
        )


def read_provenance(root: Path) -> dict[str, Any] | None:
    """Return the settings a folder was saved with, or None if they are not known."""
    try:
        found = json.loads(read_plain(root / PROVENANCE).decode())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _entries(recipe: Recipe) -> dict[str, Any]:
    """Return the settings to store: plain values, the same for each run."""
    layout = recipe.layout
    entries: dict[str, Any] = {
        "chunk_size": layout.chunk_size,
        "blind": layout.blind_key is not None,
        "suffix": layout.suffix,
        "sizes": [int(size) if size == int(size) else size for size in recipe.region.sizes],
        "unit": recipe.region.unit,
        "footprints": None if recipe.footprints is None else recipe.footprints.source,
    }
    if layout.format in STAMP_FORMATS:
        return entries
    return entries | {
        "look": recipe.look.name,
        _LOOK_SETTINGS: f"{zlib.crc32(repr(recipe.look.to_dict()).encode()):08x}",
        "add_metadata": recipe.add_metadata,
        "style": recipe.style,
        "outline": recipe.outline,
        "instrument": None
        if recipe.instrument is None or not recipe.add_metadata
        else f"{recipe.instrument}",
    }
