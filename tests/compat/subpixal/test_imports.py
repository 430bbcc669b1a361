"""Every name that subpixal documents, imported from the module it documents it in."""

from __future__ import annotations

import pytest

from cutout_widgets.compat import subpixal


@pytest.mark.parametrize(
    "line",
    [
        "from {}.cutout import Cutout, create_primary_cutouts, create_cutouts",
        "from {}.cutout import NoOverlapError, PartialOverlapError",
        "from {} import cutout",
        "import {}.cutout",
        "from {}.cutout import *",
    ],
)
def test_documented_imports_work_with_only_the_package_name_changed(line):
    exec(line.format("cutout_widgets.compat.subpixal"), {})


def test_the_package_and_its_module_export_the_same_names():
    from cutout_widgets.compat.subpixal import cutout

    assert set(subpixal.__all__) == set(cutout.__all__)
    assert all(getattr(subpixal, name) is getattr(cutout, name) for name in cutout.__all__)
