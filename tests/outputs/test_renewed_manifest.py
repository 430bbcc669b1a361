"""A manifest rebuilt from the existing figures."""

from __future__ import annotations

import pytest

from cutout_widgets.errors import CutoutWarning
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.outputs.manifest import read_manifest
from cutout_widgets.outputs.run_end import renew_manifest

LAYOUT = Layout(url_root="https://example.org")


def ids_in(path):
    return [int(row["metadata:diaSourceId"]) for row in read_manifest(path)]


def figures(root, *ids):
    for id_ in ids:
        path = LAYOUT.inside(root, LAYOUT.figure(id_))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_existing_rows_come_first_and_each_source_appears_once(tmp_path):
    figures(tmp_path, 1, 2, 3)
    renew_manifest(tmp_path, LAYOUT, [2, 1])
    path = renew_manifest(tmp_path, LAYOUT, [1, 3, 3])
    assert ids_in(path) == [2, 1, 3]


def test_a_row_is_removed_with_its_figure(tmp_path):
    figures(tmp_path, 1, 2)
    path = renew_manifest(tmp_path, LAYOUT, [1, 2])
    LAYOUT.inside(tmp_path, LAYOUT.figure(1)).unlink()
    assert ids_in(renew_manifest(tmp_path, LAYOUT, [])) == [2]
    assert path == tmp_path / "manifest.csv"


def test_a_source_without_figure_has_no_row_and_causes_a_warning(tmp_path):
    figures(tmp_path, 1)
    with pytest.warns(CutoutWarning, match=r"1 of 2 sources have no figure .* the first is 7"):
        path = renew_manifest(tmp_path, LAYOUT, [7, 1])
    assert ids_in(path) == [1]
    assert not (tmp_path / ".partial").exists()
