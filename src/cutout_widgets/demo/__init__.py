"""A small sky of known truth: images, DiaSources measured on them, and what each of those really is.

::

    from cutout_widgets import demo
    sky = demo.write("my-demo")
    cw.CutoutGrid(sky.sources(), sky.images())

Six visits of two detectors, 1024 x 1024 pixels each, of one field: stars, galaxies, supernovae,
variable stars, asteroids, and everything that goes wrong. The pixels are drawn (`sky`, `scene`,
`exposure`); the rows are *measured* on them as a pipeline would (`footprints`, `rows`), by code that
does not know the truth.
"""

from cutout_widgets.demo.folder import Demo, open_demo, write
from cutout_widgets.demo.notebook import write_notebook
from cutout_widgets.demo.sky import Sky, make_sky

__all__ = ["Demo", "Sky", "make_sky", "open_demo", "write", "write_notebook"]
