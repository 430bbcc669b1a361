"""A small simulated sky: images, DiaSources measured on them, and the truth about each.

::

    from cutout_widgets import demo
    sky = demo.write("my-demo")
    cw.CutoutGrid(sky.sources(), sky.images())

Six visits of two detectors, 1024 x 1024 pixels each, of one field: stars, galaxies, supernovae,
variable stars, asteroids, and everything that goes wrong. The pixels are drawn (`sky`, `scene`,
`exposure`); the rows are *measured* on them as a pipeline would (`footprints`, `rows`), by code that
does not use the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.demo.folder import Demo, open_demo, write
    from cutout_widgets.demo.instrument import VISITS
    from cutout_widgets.demo.notebook import write_notebook
    from cutout_widgets.demo.sky import Sky, make_sky
    from cutout_widgets.demo.write_fits import MISSING_TEMPLATE

_MODULES = {
    "Demo": "folder",
    "open_demo": "folder",
    "write": "folder",
    "write_notebook": "notebook",
    "Sky": "sky",
    "make_sky": "sky",
    "MISSING_TEMPLATE": "write_fits",
    "VISITS": "instrument",
}
"""Public name -> its module."""

__all__ = [
    "MISSING_TEMPLATE",
    "VISITS",
    "Demo",
    "Sky",
    "make_sky",
    "open_demo",
    "write",
    "write_notebook",
]

__getattr__, __dir__ = public_names(__name__, _MODULES)
