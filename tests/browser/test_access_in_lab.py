"""Accessibility: axe-core, screen reader texts, keyboard and touch."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cutout_widgets as cw

from .explorer import MADE
from .lab import Lab, wait_for_page

AXE = Path(__file__).resolve().parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"

RUN = """async (grid) => {
    const found = await axe.run(grid, {
        resultTypes: ["violations"],
        rules: { "target-size": { enabled: true } },
    });
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
        id + ": " + html.slice(0, 200) + " | " + failureSummary.split("\\n").slice(1, 3).join(" ")));
}"""
"""Rules of WCAG 2.2 A and AA, of good practice, and of targets of 24 pixels; one line an element."""


class Walk:
    """Runs axe-core on a grid in one state after another."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.found: dict[str, list[str]] = {}

    def look(self, grid: Any, state: str) -> None:
        """Record the violations that axe-core finds, with page colours and with forced system colours."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        self.page.evaluate(
            "() => { for (const one of document.getAnimations())"
            " if (one.effect.getTiming().iterations !== Infinity) one.finish(); }"
        )
        grid.evaluate("(one) => one.scrollIntoView()")  # axe passes over what is scrolled out of sight
        for forced in ("none", "active"):
            self.page.emulate_media(forced_colors=forced)
            found = grid.evaluate(RUN)
            if found:
                self.found[f"{state}, forced colours {forced}"] = found
        self.page.emulate_media(forced_colors="none")

    def report(self) -> str:
        return "\n".join(f"{state}:\n  " + "\n  ".join(found) for state, found in self.found.items())


THEMES = ["Light", "Dark", "Dark High Contrast"] if "CUTOUT_WIDGETS_ALL_THEMES" in os.environ else ["Light"]
"""The dark ones take two minutes each: at night."""


@pytest.fixture
def walk(notebook: Lab) -> Walk:
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm --prefix js ci")
    return Walk(notebook.page)


EPOCHS = """
from cutout_widgets.pixels.image import Image

def three(visit):
    mask = np.zeros((40, 40), dtype=np.uint32)
    mask[20:30, 20:30] = 1 << 5
    mask[:, 0:4] = 1
    pixels = np.full((40, 40), float(visit), dtype=np.float32)
    image = Image(pixels, mask=mask, planes={"BAD": 0, "DETECTED": 5}, wcs=make_wcs(at=(20, 20)), unit="nJy",
                  metadata={"MJD-OBS": 61000.0 + visit})
    return image, image, image

seen = list(range(1, 24, 2))
table = {"diaSourceId": [FIRST + v for v in seen], "diaObjectId": [7] * 12, "ra": [53.0] * 12,
         "dec": [-28.0] * 12, "visit": seen, "detector": [0] * 12, "band": list("ugrizy") * 2,
         "midpointMjdTai": [61000.0 + v for v in seen], "psfFlux": [100.0 + v for v in seen],
         "psfFluxErr": [5.0] * 12, "snr": [10.0 + v for v in seen], "reliability": [v / 24 for v in seen],
         "isDipole": [v % 3 == 0 for v in seen], "pixelFlags_saturated": [v % 5 == 0 for v in seen],
         "pixelFlags_crCenter": [v % 7 == 0 for v in seen], "pixelFlags_edge": [v > 20 for v in seen]}
store = cw.ArrayImages.from_images({(v, 0): three(v) for v in range(1, 25)})
slow = SlowImages(store, is_open=True)
folder = "FOLDER"
grid = cw.CutoutGrid(table, store, None, page_size=4, labels=f"{folder}/labels.jsonl", label_after_ms=0)
journal = cw.LabelJournal(f"{folder}/blind.jsonl", who="vera")
grid
"""


@pytest.mark.parametrize("theme", THEMES)
def test_axe_core_finds_no_violation_in_any_state(
    theme: str, show: Callable[..., Any], notebook: Lab, walk: Walk, tmp_path: Path
) -> None:
    page = notebook.page
    page.evaluate("() => localStorage.clear()")
    notebook.set_theme(f"JupyterLab {theme}")
    was = page.viewport_size
    page.set_viewport_size({"width": 1500, "height": 2400})
    try:
        grid = show(EPOCHS.replace("FOLDER", str(tmp_path)))
        wait_for_page(grid, 0)
        walk_states(grid, notebook, walk, tmp_path)
    finally:
        page.set_viewport_size(was)
        notebook.set_theme("JupyterLab Light")
    assert walk.found == {}, walk.report()


def walk_states(grid: Any, notebook: Lab, walk: Walk, folder: Path) -> None:
    def at(testid: str) -> Any:
        return grid.get_by_test_id(testid)

    walk.look(grid, "plain")
    at("facets-toggle").click()
    walk.look(grid, "facets folded")
    at("facets-toggle").click()
    grid.focus()
    grid.press("1")
    grid.locator("[data-place='0'] .cw-label:visible").wait_for()
    grid.press("2")
    grid.locator("[data-place='1'] .cw-label:visible").wait_for()
    walk.look(grid, "labels")
    grid.press("s")
    at("notice").filter(has_text="marked as seen").wait_for()
    walk.look(grid, "a notice")
    grid.press("u")
    grid.locator("[data-place='1'] .cw-label").wait_for(state="hidden")
    grid.press("a")
    at("label-selection").click()
    walk.look(grid, "a selected page, and its labels")
    grid.press("Escape")
    grid.press("Control+a")
    walk.look(grid, "all that pass selected")
    grid.press("Escape")
    grid.press("?")
    at("help").wait_for()
    walk.look(grid, "help")
    at("keys-change").click()
    walk.look(grid, "change of keys")
    grid.focus()
    grid.press("?")
    grid.press("m")
    grid.locator("[data-testid=mask-fill]").first.wait_for()
    walk.look(grid, "masks")
    at("where").fill("snrr > 5")
    at("where").press("Enter")
    at("problem").wait_for()
    walk.look(grid, "a wrong filter")
    at("where").fill("snr > 500")
    at("where").press("Enter")
    grid.get_by_text("No row passes the filter.").wait_for()
    walk.look(grid, "an empty page")
    at("clear").click()
    at("tile").nth(1).click()
    grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
    at("epochs-count").filter(has_text="of 24").wait_for()
    for name in ("columns", "curve", "limits", "measure"):
        at(f"tab-{name}").click()
        walk.look(grid, f"inspector, {name}")
    at("epochs-play").click()
    grid.locator(".cw-strip-stage:visible").wait_for()
    walk.look(grid, "epochs played as a movie")
    at("epochs-play").click()
    at("aperture-tool").click()
    walk.look(grid, "aperture")
    at("aperture-tool").click()
    grid.focus()
    grid.press("Escape")
    notebook.ask_kernel(
        "grid.below = [cw.CutoutGrid(table, store, None, page_size=4, labels=journal, blind=True),"
        " cw.CutoutGrid(table, slow, None, page_size=4)]"
    )
    blind, saving = notebook.cutouts(1), notebook.cutouts(2)
    wait_for_page(blind, 0)
    walk.look(blind, "blind")
    wait_for_page(saving, 0)
    notebook.ask_kernel("slow.shut()")
    saving.press("w")
    saving.get_by_test_id("prompt-field").fill(str(folder / "saved"))
    walk.look(saving, "a question")
    saving.get_by_test_id("prompt-field").press("Enter")
    saving.get_by_test_id("cancel-save").wait_for()
    walk.look(saving, "saving")
    notebook.ask_kernel("slow.open()")
    saving.get_by_test_id("dismiss-save").wait_for()
    walk.look(saving, "saved")
    notebook.restart_kernel()
    wait_for_page(grid, 0, state="disconnected")
    walk.look(grid, "disconnected")


def test_axe_core_finds_no_violation_in_an_exported_page(lab: Lab, tmp_path: Path) -> None:
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm --prefix js ci")
    ids = np.arange(6) + 2**53
    images = cw.ArrayImages.from_stamps(ids, *np.ones((3, 6, 16, 16), dtype=np.float32))
    rows = {"diaSourceId": ids, "ra": [53.0] * 6, "dec": [-28.0] * 6, "isDipole": [True, False] * 3}
    grid = cw.CutoutGrid(rows, images, 16, labels=tmp_path / "labels.jsonl", page_size=6, label_after_ms=0)
    path = grid.to_html(tmp_path / "page.html")
    context = lab.page.context.browser.new_context()
    try:
        page = context.new_page()
        walk = Walk(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.goto(path.as_uri())
            page.locator("[data-state=ready][data-page='0']").wait_for(state="attached")
            everything = page.locator("body")
            walk.look(everything, f"{scheme}, plain")
            page.get_by_test_id("cutouts").press("1")
            page.locator("[data-place='0'] .cw-label:visible").wait_for()
            page.get_by_test_id("tile").nth(2).click()
            page.locator("[data-testid=inspector][data-state=ready]").wait_for()
            walk.look(everything, f"{scheme}, labelled and inspected")
            page.get_by_test_id("cutouts").press("a")
            page.get_by_test_id("cutouts").press("?")
            page.get_by_test_id("keys-change").click()
            walk.look(everything, f"{scheme}, selected, help and change of keys")
    finally:
        context.close()
    assert walk.found == {}, walk.report()


def test_axe_core_finds_no_violation_in_an_explorer(
    show: Callable[..., Any], notebook: Lab, walk: Walk
) -> None:
    wait_for_page(show(MADE), 0)
    notebook.page.locator(".bqplot").nth(2).wait_for()
    outputs = notebook.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output")
    walk.look(outputs.first, "explorer")
    notebook.page.get_by_role("button", name="lasso").click()
    notebook.page.get_by_text("draw around points to select").wait_for()
    walk.look(outputs.first, "lasso")
    assert walk.found == {}, walk.report()


def test_screen_readers_get_tiles_as_rows_with_their_buttons(
    show: Callable[..., Any], tmp_path: Path
) -> None:
    grid = show(f"make(labels={str(tmp_path / 'labels.jsonl')!r}, label_after_ms=0)")
    wait_for_page(grid, 0)
    first = f"source {2**53 + 1}, S/N 0.0, band g, fitted as a dipole, real/bogus score 0.000"
    rows = grid.get_by_role("grid", name="Sources")
    heard = rows.aria_snapshot()
    assert f'row "{first}"' in heard
    assert f'button "Copy {2**53 + 1}"' in heard, "of an option of a list nothing inside is heard"
    assert 'img "Difference"' in heard
    assert rows.get_attribute("aria-rowcount") == "30"
    grid.focus()
    grid.press("1")
    grid.get_by_role("row", name=f"{first}, label real").wait_for()
    assert grid.get_by_test_id("announcement").inner_text() == f"real: source {2**53 + 1}"
    grid.press("u")
    grid.get_by_role("status").filter(has_text="undone: 1 real").wait_for()
    grid.press("n")
    grid.get_by_role("status").filter(has_text="page 2 of 5, sources 7 to 12 of 30").wait_for()
    assert grid.get_by_test_id("tile").first.get_attribute("aria-rowindex") == "7"


MARK_STOPS = """async (grid) => {
    const seen = () => grid.querySelectorAll("button, input, select").length + " " +
        [...grid.querySelectorAll("[data-beyond]")].length + " " + grid.getBoundingClientRect().height;
    for (let last = "", alike = 0; alike < 20; ) {  // chips fold when the counts have come
        await new Promise(requestAnimationFrame);
        alike = seen() === last ? alike + 1 : 0;
        last = seen();
    }
    const all = grid.querySelectorAll("button, input, select, a[href], summary, [tabindex]");
    const seen_now = (one) => one.checkVisibility({ visibilityProperty: true });
    const stops = [...all].filter((one) => one.tabIndex >= 0 && !one.disabled && seen_now(one));
    stops.forEach((one, k) => one.setAttribute("data-stop", k));
    return stops.length;
}"""

FOCUSED = """() => {
    const one = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(one);
    return [one.dataset.stop ?? "", outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
        one.outerHTML.slice(0, 120)];
}"""


@pytest.mark.parametrize("state", ["tiles", "inspector"])
def test_tab_reaches_every_control_in_order_with_a_visible_focus(
    state: str, show: Callable[..., Any], notebook: Lab, tmp_path: Path
) -> None:
    grid = show(EPOCHS.replace("FOLDER", str(tmp_path)))
    wait_for_page(grid, 0)
    grid.press("a")
    grid.locator("[data-testid=chip][aria-label^='seen 4 rows, any']").wait_for(
        state="attached"
    )  # the last to come
    if state == "inspector":
        grid.press("Enter")
        grid.locator("[data-testid=inspector][data-state=ready]").wait_for()
        grid.get_by_test_id("epochs-count").filter(has_text="of 24").wait_for()
    n = grid.evaluate(MARK_STOPS)
    assert n > 20
    grid.focus()
    visited = []
    for _ in range(n):
        notebook.page.keyboard.press("Tab")
        stop, is_visible, html = notebook.page.evaluate(FOCUSED)
        if stop == "":
            break
        assert is_visible, f"no outline: {html}"
        visited.append(int(stop))
    left_out = [
        grid.locator(f"[data-stop='{k}']").evaluate("(one) => one.outerHTML.slice(0, 120)")
        for k in range(n)
        if k not in visited
    ]
    assert left_out == []
    assert visited == sorted(visited), "in the order in which they stand"
