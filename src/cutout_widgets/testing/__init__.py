"""What the tests of this package and of other packages' stores share: a contract, fakes, makers.

::

    class TestMyImages(StoreContract):
        def make_store(self):
            return MyImages(...)
        def make_sources(self):
            return [...]
        def whole_image(self, source, panel):
            return ...
"""

from cutout_widgets.testing.contract import StoreContract, read_all
from cutout_widgets.testing.makers import (
    assert_images_equal,
    assert_triplets_equal,
    make_image,
    make_sources,
    make_wcs,
)
from cutout_widgets.testing.slow import SlowImages

__all__ = [
    "SlowImages",
    "StoreContract",
    "assert_images_equal",
    "assert_triplets_equal",
    "make_image",
    "make_sources",
    "make_wcs",
    "read_all",
]
