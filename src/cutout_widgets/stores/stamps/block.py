"""A block of stamps in memory, read from one file."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.image import PANELS, Extra, Image, Panel, Triplet
from cutout_widgets.stores.stamps.contents import (
    LAYERS,
    PROBLEMS,
    Block,
    Shard,
    StampHeader,
    about_column,
    layer_column,
    psf_column,
)
from cutout_widgets.stores.stamps.sky import sky_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["StampBlock"]


@dataclass(frozen=True)
class StampBlock:
    """Stamps that were read together, and are converted to images when needed."""

    header: StampHeader
    """Header of their file."""
    block: Block
    """The data read."""
    extras: Set[Extra]
    """The extras that were requested besides pixels."""

    @classmethod
    def read(cls, shard: Shard, number: int, extras: Set[Extra]) -> Self:
        """Read a block of a file.

        Raises
        ------
        UnreadableImage
            If the file is damaged.
        """
        panels = shard.header.panels
        layers = ["", "weight", *(one for one in ("mask", "variance") if one in extras)]
        columns = [PROBLEMS, *map(about_column, panels)]
        if "psf" in extras:
            columns += map(psf_column, panels)
        arrays = [layer_column(panel, layer) for panel in panels for layer in layers]
        return cls(shard.header, shard.block(number, arrays, columns), frozenset(extras))

    @property
    def nbytes(self) -> int:
        """Memory used."""
        size: int = sum(array.nbytes for array in self.block.arrays.values()) + sum(
            column.nbytes for column in self.block.columns.values()
        )
        return size

    def triplet(self, at: int) -> Triplet:
        """Return the stamps of one row."""
        images: dict[Panel, Image | None] = {panel: self._image(panel, at) for panel in self.header.panels}
        template, science, difference = (images.get(panel) for panel in PANELS)
        return Triplet(template, science, difference, tuple(self._problems[at]))

    def _image(self, panel: Panel, at: int) -> Image | None:
        """Return one stamp."""
        about = self._abouts[panel][at]
        if about is None:
            return None
        model, arrays = self._models[panel], self.block.arrays
        unread = {layer for layer in ("mask", "variance") if about[layer] and layer not in self.extras}
        if about["psf_ny"] is not None and "psf" not in self.extras:
            unread.add("psf")
        wcs, x, y = about["wcs"], about["anchor_x"], about["anchor_y"]
        return model.replaced(
            {
                "pixels": arrays[panel][at],
                "box": Box.from_shape(model.shape, (about["y0"], about["x0"])),
                "wcs": None if wcs is None else sky_of(wcs),
                "sky_problem": about["sky_problem"] or "",
                "anchor": None if x is None or y is None else XY(x, y),
                "shift": XY(about["shift_x"], about["shift_y"]),
                "exposure_s": about["exposure_s"],
                "origin": about["origin"] or "",
                "psf": self._psf(panel, at, about),
                "unread": frozenset(unread),
                **{
                    layer: array[at]
                    for layer in LAYERS
                    if about[layer] and (array := arrays.get(layer_column(panel, layer))) is not None
                },
            }
        )

    def _psf(self, panel: Panel, at: int, about: dict[str, Any]) -> NDArray[np.float32] | None:
        """Return the PSF of one stamp, if it has one and it was requested."""
        column = self.block.columns.get(psf_column(panel))
        if column is None or about["psf_ny"] is None:
            return None
        flat = np.array(column[at].values.to_numpy(zero_copy_only=False), dtype=np.float32)
        return flat.reshape(about["psf_ny"], about["psf_nx"])

    @cached_property
    def _models(self) -> dict[Panel, Image]:
        """An image for each panel, with the properties that all its stamps share."""
        return {
            panel: Image(
                np.zeros(form.shape, dtype=np.float32),
                mask=np.zeros(form.shape, dtype=np.uint32),
                planes=dict(form.planes),
                unit=form.unit,
            ).replaced({"mask": None})
            for panel, form in self.header.panels.items()
        }

    @cached_property
    def _abouts(self) -> dict[Panel, list[dict[str, Any] | None]]:
        """Properties of each image other than arrays."""
        return {panel: _listed(self.block.columns[about_column(panel)]) for panel in self.header.panels}

    @cached_property
    def _problems(self) -> list[list[str]]:
        """The problems of each row."""
        return [one or [] for one in _listed(self.block.columns[PROBLEMS])]


def _listed(column: pa.Array) -> list[Any]:
    """Return an Arrow column as Python values."""
    values: list[Any] = column.to_pylist()
    return values
