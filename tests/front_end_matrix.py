"""Which test covers which feature of which front end; the table in `docs/front_ends.md`."""

from __future__ import annotations

ABILITIES = ("shows", "turns", "keys", "inspects", "labels", "reopened", "restarted")

_GRID, _LIFE = "browser/test_grid_in_lab.py::", "browser/test_life_in_lab.py::"
_OTHER, _FILE = "browser/test_front_ends.py::", "browser/test_page_file.py::"
_BARE = "browser/test_lab_without_anywidget.py::"
_ALIKE = {ability: f"{_OTHER}test_{ability}" for ability in ("shows", "turns", "keys", "inspects", "labels")}

MATRIX: dict[str, dict[str, str]] = {
    "JupyterLab 4": {
        "shows": f"{_GRID}test_a_page_shows_the_expected_pixels",
        "turns": f"{_GRID}test_turning_a_page_updates_the_kernel",
        "keys": f"{_GRID}test_keys_of_the_grid_never_reach_the_notebook",
        "inspects": f"{_GRID}test_a_click_opens_the_inspector",
        "labels": "browser/test_labelling_in_lab.py::"
        "test_labels_typed_at_machine_speed_go_to_the_sources_under_the_cursor",
        "reopened": f"{_LIFE}test_a_reopened_notebook_shows_the_saved_page_filter_and_labels",
        "restarted": f"{_LIFE}test_after_a_restart_the_old_output_says_so_and_keeps_its_tiles",
    },
    "JupyterLab 4 without anywidget": {
        "shows": f"{_BARE}test_an_undrawn_output_becomes_a_picture_and_says_what_to_install",
        "reopened": f"{_BARE}test_a_saved_notebook_keeps_the_replaced_output",
    },
    "Notebook 7": {
        **_ALIKE,
        "reopened": f"{_OTHER}test_reopened_in_notebook_7",
        "restarted": f"{_OTHER}test_restarted",
    },
    "voila": dict(_ALIKE),
    "marimo run": dict(_ALIKE),
    "marimo edit": dict(_ALIKE),
    "marimo, mo.ui.anywidget": dict(_ALIKE),
    "marimo export html": {"shows": f"{_OTHER}test_an_exported_marimo_notebook_shows_the_stored_page"},
    "file of `to_html`": {
        "shows": f"{_FILE}test_the_page_shows_the_expected_pixels",
        "turns": f"{_FILE}test_pages_turn_sort_and_filter_without_a_kernel",
        "keys": f"{_FILE}test_labels_set_in_the_page_are_downloaded_as_a_journal",
        "inspects": f"{_FILE}test_a_click_shows_the_values_of_a_source",
        "labels": f"{_FILE}test_labels_set_in_the_page_are_downloaded_as_a_journal",
    },
    "nbconvert, nbviewer, GitHub": {
        "shows": "browser/test_stored_picture.py::"
        "test_a_converted_notebook_with_widget_state_shows_the_picture_offline",
    },
}
"""Front end -> ability -> the test that shows it; an ability without a test is not promised."""

LESS: dict[tuple[str, str], str] = {
    ("JupyterLab 4 without anywidget", "shows"): "a picture",
    ("JupyterLab 4 without anywidget", "reopened"): "a picture",
    ("nbconvert, nbviewer, GitHub", "shows"): "a picture",
    ("file of `to_html`", "labels"): "to download",
}
"""Front end and ability -> what its test shows, if that is less than the page says of a *yes*."""


def as_markdown() -> str:
    """Return the table of the page."""
    lines = [
        f"| | {' | '.join(ABILITIES)} |",
        f"|---|{'---|' * len(ABILITIES)}",
        *(f"| {name} | {' | '.join(_cell(name, one) for one in ABILITIES)} |" for name in MATRIX),
    ]
    return "\n".join(lines)


def _cell(name: str, ability: str) -> str:
    return LESS.get((name, ability), "yes") if ability in MATRIX[name] else "–"
