"""Drop-in replacements with the names and conventions of other packages.

::

    from cutout_widgets.compat.analysis_ap import plotImageSubtractionCutouts
    from cutout_widgets.compat import subpixal
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.compat import analysis_ap, subpixal

_MODULES = {
    "analysis_ap": "analysis_ap",
    "subpixal": "subpixal",
}
"""Public name -> its module."""

__all__ = [
    "analysis_ap",
    "subpixal",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
