"""Test utilities, also for other packages' stores: a contract, fakes, functions that make images and rows.

::

    class TestMyImages(StoreContract):
        def make_store(self):
            return MyImages(...)
        def make_sources(self):
            return [...]
        def whole_image(self, source, panel):
            return ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cutout_widgets._public import public_names

if TYPE_CHECKING:
    from cutout_widgets.testing.contract import StoreContract, read_all
    from cutout_widgets.testing.makers import (
        assert_images_equal,
        assert_triplets_equal,
        make_image,
        make_sources,
        make_wcs,
    )
    from cutout_widgets.testing.slow import SlowImages

_MODULES = {
    "StoreContract": "contract",
    "read_all": "contract",
    "assert_images_equal": "makers",
    "assert_triplets_equal": "makers",
    "make_image": "makers",
    "make_sources": "makers",
    "make_wcs": "makers",
    "SlowImages": "slow",
}
"""Public name -> its module."""

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

__getattr__, __dir__ = public_names(__name__, _MODULES)
