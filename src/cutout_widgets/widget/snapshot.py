"""The page that rides in the saved notebook, so that it is seen without a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cutout_widgets.widget import protocol

if TYPE_CHECKING:
    from cutout_widgets.widget.interface import Grid

__all__ = ["first_page", "whole_page"]


def whole_page(grid: Grid, cancelled: Callable[[], bool]) -> tuple[protocol.PageAnswer | None, bytes]:
    """Return the grid's current page; None if cancelled on the way."""
    target = grid._target
    answer = grid._pages.answer(
        target,
        grid._look_named(target["look"]),
        grid._journal,
        cancelled=cancelled,
    )
    return answer or (None, b"")


def first_page(grid: Grid, cancelled: Callable[[], bool]) -> tuple[protocol.PageAnswer | None, bytes]:
    """Return the grid's current page, as large as a notebook should have to carry."""
    page, pixels = whole_page(grid, cancelled)
    if page is None:
        return None, b""
    return (page, pixels) if len(pixels) <= protocol.SNAPSHOT_BYTES else _shortened(page, pixels)


def _shortened(page: protocol.PageAnswer, pixels: bytes) -> tuple[protocol.PageAnswer, bytes]:
    """Keep the tiles whose pixels fit, in page order; the others wait for a kernel."""
    tiles: list[Any] = []
    kept = bytearray()
    for tile in sorted(page["tiles"], key=lambda one: one["place"]):
        panels: dict[str, Any] = {}
        mine = bytearray()
        for name, panel in tile["panels"].items():
            if isinstance(panel, dict) and "shape" in panel:
                size = panel["shape"][0] * panel["shape"][1]
                panels[name] = {"shape": panel["shape"], "offset": len(kept) + len(mine)}
                mine += pixels[panel["offset"] : panel["offset"] + size]
            else:
                panels[name] = panel
        if len(kept) + len(mine) <= protocol.SNAPSHOT_BYTES:
            kept += mine
            tiles.append({**tile, "panels": panels})
        else:
            waiting = {name: protocol.Missing(reason="") for name in panels}
            tiles.append({**tile, "waiting": True, "panels": waiting})
    return {**page, "tiles": tiles}, bytes(kept)
