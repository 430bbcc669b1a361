"""Labels that people give to sources, and the journal that stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.labels.comparing import Agreement, Kappa, agreement
    from cutout_widgets.labels.entries import Change, Label
    from cutout_widgets.labels.ids import identifiers
    from cutout_widgets.labels.journal import LabelJournal

_MODULES = {
    "LabelJournal": "journal",
    "Label": "entries",
    "Change": "entries",
    "identifiers": "ids",
    "agreement": "comparing",
    "Agreement": "comparing",
    "Kappa": "comparing",
}
"""Public name -> its module."""

__all__ = ["Agreement", "Change", "Kappa", "Label", "LabelJournal", "agreement", "identifiers"]

__getattr__, __dir__ = public_names(__name__, _MODULES)
