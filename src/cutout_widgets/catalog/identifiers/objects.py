"""The identifier of the object that a row belongs to."""

from __future__ import annotations

import math

import numpy as np

from cutout_widgets.catalog.arguments import whole_number
from cutout_widgets.catalog.columns import meaning_of
from cutout_widgets.catalog.source import DiaSource

__all__ = ["id_of_object"]


def id_of_object(source: DiaSource, meaning: str, name: str) -> int:
    """Return the identifier of a row's object; 0 without one (0, NULL or NaN).

    Parameters
    ----------
    source
        A row.
    meaning
        ``"object"`` or ``"moving_object"``.
    name
        The column's name, for messages.

    Raises
    ------
    BadTable
        If it is not a whole number, or may have been rounded as a float.
    """
    value = meaning_of(source.row, meaning)
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return 0
    return whole_number(value, name)
