"""Build the contents of a stamp file from triplets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.reading.conversion import KEPT_BESIDE
from cutout_widgets.pixels.image import NO_DATA, PANELS, Image, Panel, Triplet
from cutout_widgets.stores.open_image import as_float32
from cutout_widgets.stores.stamps.contents import (
    LAYERS,
    PROBLEMS,
    Contents,
    PanelForm,
    StampHeader,
    about_column,
    layer_column,
    own_columns,
    psf_column,
)
from cutout_widgets.stores.stamps.sky import SkyWriter

if TYPE_CHECKING:
    import pyarrow as pa

    from cutout_widgets.catalog.table import SourceTable

__all__ = ["ROWS_AT_ONCE", "StampBuilder"]

ROWS_AT_ONCE = 64
"""Rows per block: few for pages of scattered sources, many for reading all in order."""

_BYTES_AT_ONCE = 1 << 24
"""Limit of a block's size, which lowers the number of rows for large images."""

_FILL = {"": np.nan, "mask": 0, "variance": np.inf, "weight": 0.0}
"""Fill values for missing images."""


class StampBuilder:
    """Collects triplets in which each panel has one shape, unit and set of mask planes.

    Parameters
    ----------
    most
        Maximum number of triplets.
    sky
        Writes their WCS.
    """

    def __init__(self, most: int, sky: SkyWriter) -> None:
        self._most, self._sky = most, sky
        self.places: list[int] = []
        """Row numbers of the triplets, as given to `add`."""
        self._forms: dict[Panel, PanelForm] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        self._abouts: dict[Panel, list[dict[str, Any] | None]] = {panel: [] for panel in PANELS}
        self._psfs: dict[Panel, list[NDArray[np.float32] | None]] = {panel: [] for panel in PANELS}
        self._problems: list[list[str]] = []

    @property
    def is_full(self) -> bool:
        """Whether the maximum is reached."""
        return len(self.places) >= self._most

    def takes(self, triplet: Triplet) -> bool:
        """Return whether a triplet is compatible with those already added."""
        return not self.is_full and all(
            image is None or panel not in self._forms or _are_alike(self._forms[panel], _form_of(image))
            for panel, image in zip(PANELS, triplet, strict=True)
        )

    def add(self, place: int, triplet: Triplet) -> None:
        """Add a triplet."""
        row = len(self.places)
        abouts = [None if image is None else self._about(image) for image in triplet]  # first, as it may fail
        psfs = [None if image is None or image.psf is None else as_float32(image.psf) for image in triplet]
        self.places.append(place)
        self._problems.append(list(triplet.problems))
        for panel, image, about, psf in zip(PANELS, triplet, abouts, psfs, strict=True):
            self._psfs[panel].append(psf)
            self._abouts[panel].append(about)
            if image is None:
                continue
            form = _form_of(image)
            if (known := self._forms.get(panel)) is not None:
                form = replace(known, planes={**known.planes, **form.planes})
            self._forms[panel] = form
            for layer in ("", *LAYERS):
                values = getattr(image, layer or "pixels")
                if values is not None:
                    array = self._array(panel, layer)
                    with np.errstate(over="ignore"):  # values beyond float32 become infinite, as in stores
                        array[row] = values

    def contents(self, table: SourceTable) -> Contents:
        """Return the contents of the file.

        Parameters
        ----------
        table
            The rows; those at `places` are used.
        """
        import pyarrow as pa

        n = len(self.places)
        rows = _own_rows(table, self.places)
        rows = rows.append_column(PROBLEMS, pa.array(self._problems, pa.list_(pa.string())))
        for panel in self._forms:
            rows = rows.append_column(about_column(panel), pa.array(self._abouts[panel], _about_type()))
            if any(one is not None for one in self._psfs[panel]):
                flat = [None if one is None else one.ravel() for one in self._psfs[panel]]
                rows = rows.append_column(psf_column(panel), pa.array(flat, pa.list_(pa.float32())))
        self._fill(n)
        names = {meaning: name for meaning, name in table.names.items() if meaning in ("id", "ra", "dec")}
        bytes_a_row = sum(array[:1].nbytes for array in self._arrays.values())
        return Contents(
            StampHeader(dict(self._forms), names),
            rows,
            {name: array[:n] for name, array in self._arrays.items()},
            max(1, min(ROWS_AT_ONCE, _BYTES_AT_ONCE // max(1, bytes_a_row))),
        )

    def _array(self, panel: Panel, layer: str) -> NDArray[Any]:
        """Return the array of a layer, created when first needed."""
        name = layer_column(panel, layer)
        if name not in self._arrays:
            dtype = np.uint32 if layer == "mask" else np.float32
            self._arrays[name] = np.empty((self._most, *self._forms[panel].shape), dtype)
        return self._arrays[name]

    def _fill(self, n: int) -> None:
        """Fill layers that a row lacks: NaN, only the no-data plane, infinite variance."""
        for panel, form in self._forms.items():
            no_data = form.planes.get(NO_DATA)
            for layer in ("", *LAYERS):
                array = self._arrays.get(layer_column(panel, layer))
                if array is None:
                    continue
                fill = _FILL[layer] if layer != "mask" or no_data is None else np.uint32(1 << no_data)
                for row, about in enumerate(self._abouts[panel][:n]):
                    if about is None or (layer and not about[layer]):
                        array[row] = fill

    def _about(self, image: Image) -> dict[str, Any]:
        """Return the properties of an image other than arrays."""
        anchor, psf = image.anchor, image.psf
        return {
            "y0": image.box.y0,
            "x0": image.box.x0,
            "wcs": self._sky.bytes_of(image),
            "sky_problem": image.sky_problem,
            "anchor_x": None if anchor is None else float(anchor.x),
            "anchor_y": None if anchor is None else float(anchor.y),
            "shift_x": float(image.shift.x),
            "shift_y": float(image.shift.y),
            "exposure_s": None if image.exposure_s is None else float(image.exposure_s),
            "origin": image.origin,
            "psf_ny": None if psf is None else psf.shape[0],
            "psf_nx": None if psf is None else psf.shape[1],
            **{layer: getattr(image, layer) is not None for layer in LAYERS},
        }


def _form_of(image: Image) -> PanelForm:
    """Return the properties that all images of a panel must share."""
    return PanelForm(image.shape, image.unit, dict(image.planes))


def _are_alike(one: PanelForm, other: PanelForm) -> bool:
    """Return whether images of two forms fit into one file: no bit may have two mask planes."""
    if one.shape != other.shape or one.unit != other.unit:
        return False
    if one.planes == other.planes:
        return True
    both = {**one.planes, **other.planes}
    return len(set(both.values())) == len(both) and all(both[name] == bit for name, bit in one.planes.items())


def _about_type() -> pa.DataType:
    """Return the Arrow type of an image's properties."""
    import pyarrow as pa

    kinds: Mapping[str, pa.DataType] = {
        **dict.fromkeys(("y0", "x0"), pa.int64()),
        "wcs": pa.binary(),
        "sky_problem": pa.string(),
        **dict.fromkeys(("anchor_x", "anchor_y", "shift_x", "shift_y", "exposure_s"), pa.float64()),
        "origin": pa.string(),
        **dict.fromkeys(("psf_ny", "psf_nx"), pa.int32()),
        **dict.fromkeys(LAYERS, pa.bool_()),
    }
    return pa.struct([pa.field(name, kind) for name, kind in kinds.items()])


def _own_rows(table: SourceTable, places: list[int]) -> pa.Table:
    """Return the columns of some rows, with identifiers as int64, and reserved names changed."""
    import pyarrow as pa

    some = table.take(places)
    rows, id_column, taken = some.to_arrow(), table.names["id"], own_columns()
    columns, fields = [], []
    for column, entry in zip(rows.columns, rows.schema, strict=True):
        kept = entry
        if entry.name == id_column:
            column, kept = pa.array(some.ids, pa.int64()), entry.with_type(pa.int64())
        if entry.name in taken:
            kept = kept.with_name(f"{KEPT_BESIDE}{entry.name}")
        columns.append(column)
        fields.append(kept)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))
