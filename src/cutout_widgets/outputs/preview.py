"""HTML previews of an image, a triplet, a look or a store, for notebooks."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.display.look import Look
from cutout_widgets.display.stretch import Stretch
from cutout_widgets.outputs.figure.compose import Raster
from cutout_widgets.outputs.figure.png import encode
from cutout_widgets.palette import colormap_table
from cutout_widgets.pixels.image import PANELS, Image, Panel, Triplet

__all__ = ["image_html", "look_html", "store_html", "triplet_html"]

SIDE_PX = 180
"""Larger side of a picture on the page, px."""

LARGEST_PX = 1024
"""Larger images are subsampled, so that a detector does not add 20 MB to a notebook."""

NO_DATA_GREY = 160
"""RGB of pixels without a value."""

CURVE_PX = 170, 85
"""Width and height of the plot of a stretch."""


def image_html(image: Image) -> str:
    """Return an image as HTML, with the science stretch of the documented look."""
    return f"<div>{_figure(image, 'science', repr(image), Look.of('documented'))}</div>"


def triplet_html(triplet: Triplet) -> str:
    """Return a triplet as HTML: side by side in the documented look, with its problems."""
    look = Look.of("documented")
    figures = []
    for panel, image in zip(PANELS, triplet, strict=True):
        if image is not None:
            figures.append(_figure(image, panel, panel, look))
        else:
            reason = triplet.problem_of(panel) or "missing"
            figures.append(
                f'<figure style="display:inline-block;margin:4px;width:{SIDE_PX}px">'
                f"<figcaption>{panel}: {escape(reason)}</figcaption></figure>"
            )
    return f"<div>{''.join(figures)}</div>"


def look_html(look: Look) -> str:
    """Return a look as HTML: the curve of each panel's stretch above its colormap."""
    style = (
        f"display:inline-block;vertical-align:top;text-align:left;margin:4px 12px 4px 0;width:{CURVE_PX[0]}px"
    )
    figures = "".join(
        f'<figure style="{style}">{_curve(look.stretch(panel))}{_strip(look.colormap_of(panel))}'
        f'<figcaption style="color:inherit"><b>{panel}</b><br>{escape(_words(look.stretch(panel)))}, '
        f"{escape(look.colormap_of(panel))}</figcaption></figure>"
        for panel in PANELS
    )
    return f"<div><p>Look {escape(look.name)}</p>{figures}</div>"


def store_html(store: Any) -> str:
    """Return a store as HTML: a table of what it reads, from its method `reads`."""
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in store.reads().items()
    )
    return f"<table><caption>{escape(type(store).__name__)}</caption>{rows}</table>"


def _figure(image: Image, panel: Panel, title: str, look: Look) -> str:
    """Return one picture with its title; the first row of pixels is at the bottom."""
    step = max(1, -(-max(image.shape) // LARGEST_PX))
    pixels = image.pixels[::step, ::step]
    variance = None if image.variance is None else image.variance[::step, ::step]
    levels = look.stretch(panel).in_unit(image.unit).to_bytes(pixels, variance=variance)
    height, width = image.shape
    scale = SIDE_PX / max(height, width)
    unit = f", {image.unit}" if image.unit else ""
    return (
        '<figure style="display:inline-block;margin:4px">'
        f'<img alt="{escape(title)}" width="{max(1, round(width * scale))}" '
        f'height="{max(1, round(height * scale))}" style="image-rendering:pixelated" '
        f'src="{_png(levels[::-1], look.colormap_of(panel))}">'
        f"<figcaption>{escape(title)}<br>{width} x {height} px{escape(unit)}</figcaption></figure>"
    )


def _png(levels: NDArray[np.uint8], colormap: str) -> str:
    """Return grey levels with a colormap, as a data URL."""
    palette = np.full((256, 3), NO_DATA_GREY, np.uint8)
    palette[1:] = colormap_table(colormap, 255)
    rows = np.zeros((levels.shape[0], levels.shape[1] + 1), np.uint8)
    rows[:, 1:] = levels
    return f"data:image/png;base64,{b64encode(encode(Raster(rows, palette), {})).decode()}"


def _strip(colormap: str) -> str:
    """Return a colormap as a strip, dark to bright."""
    source = _png(np.arange(1, 256, dtype=np.uint8)[np.newaxis], colormap)
    size = f'width="{CURVE_PX[0]}" height="10" style="display:block"'
    return f'<img alt="{escape(colormap)}" {size} src="{source}">'


def _curve(stretch: Stretch) -> str:
    """Return a plot of level against value, from the lower limit to the upper one."""
    width, height = CURVE_PX
    if stretch.limits == "sigma":
        values = np.linspace(-stretch.k, stretch.k, width + 1)[np.newaxis]
        levels = stretch.to_bytes(values, variance=np.ones_like(values))
    else:
        values = np.linspace(0.0, 1.0, width + 1)[np.newaxis]
        levels = Stretch("user", stretch.curve, vmin=0.0, vmax=1.0, a=stretch.a).to_bytes(values)
    points = " ".join(
        f"{x},{height - height * (int(level) - 1) / 254:.1f}" for x, level in enumerate(levels[0])
    )
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        'style="display:block">'
        '<rect width="100%" height="100%" fill="none" stroke="currentColor" opacity="0.4"/>'
        f'<polyline points="{points}" fill="none" stroke="currentColor"/></svg>'
    )


def _words(stretch: Stretch) -> str:
    """Return a short description of a stretch."""
    limits = {
        "minmax": "min to max",
        "zscale": f"zscale, contrast {stretch.contrast:g}",
        "percentile": f"{stretch.lower:g} to {stretch.upper:g} per cent",
        "user": f"{'min' if stretch.vmin is None else f'{stretch.vmin:g}'} to "
        f"{'max' if stretch.vmax is None else f'{stretch.vmax:g}'}"
        f"{f' {stretch.unit}' if stretch.unit else ''}",
        "sigma": f"-{stretch.k:g} to {stretch.k:g} sigma",
    }[stretch.limits]
    within = f" of the central {stretch.central_px} px" if stretch.central_px else ""
    return f"{limits}{within}, {stretch.curve}"
