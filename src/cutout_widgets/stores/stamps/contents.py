"""The contents of a stamp file in any format: rows, and for each panel pixels of one shape."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import UnreadableImage
from cutout_widgets.pixels.image import PANELS, Panel

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "LAYERS",
    "PROBLEMS",
    "Block",
    "Contents",
    "PanelForm",
    "Shard",
    "StampHeader",
    "about_column",
    "layer_column",
    "own_columns",
    "psf_column",
]

VERSION = 1
"""Version of the format."""

PROBLEMS = "problems"
"""Column of the sentences about missing panels."""

LAYERS = ("mask", "variance", "weight")
"""Layers besides pixels that a panel may have, as arrays of the same shape."""


def about_column(panel: Panel) -> str:
    """Return the column of a panel's properties other than arrays."""
    return f"{panel}_about"


def psf_column(panel: Panel) -> str:
    """Return the column of a panel's PSF, with all its pixels in a list."""
    return f"{panel}_psf"


def layer_column(panel: Panel, layer: str) -> str:
    """Return the column or array of a panel's layer; the layer ``""`` is its pixels."""
    return f"{panel}_{layer}" if layer else panel


def own_columns() -> frozenset[str]:
    """Return the reserved column names of a stamp file."""
    names = {PROBLEMS}
    for panel in PANELS:
        names |= {layer_column(panel, layer) for layer in ("", *LAYERS)}
        names |= {about_column(panel), psf_column(panel)}
    return frozenset(names)


@dataclass(frozen=True)
class PanelForm:
    """Properties shared by all images of one panel in a stamp file."""

    shape: tuple[int, int]
    """Height and width, pixels."""
    unit: str | None
    """Unit of the pixels."""
    planes: Mapping[str, int]
    """Mask plane name -> bit, for the whole file; an image need not have all of them."""


@dataclass(frozen=True)
class StampHeader:
    """The header of a stamp file."""

    panels: Mapping[Panel, PanelForm]
    """The panels that any row has."""
    names: Mapping[str, str]
    """Meaning -> column of the rows, for ``id``, ``ra`` and ``dec``."""

    @property
    def id_column(self) -> str:
        """The column of identifiers."""
        return self.names["id"]

    def to_json(self) -> str:
        """Return the header as JSON."""
        panels = {
            panel: {"shape": list(form.shape), "unit": form.unit, "planes": dict(form.planes)}
            for panel, form in self.panels.items()
        }
        columns = sorted(own_columns())
        return json.dumps(
            {"version": VERSION, "names": dict(self.names), "panels": panels, "columns": columns}
        )

    @classmethod
    def from_json(cls, text: str | bytes, origin: str) -> Self:
        """Parse a header.

        Raises
        ------
        UnreadableImage
            If it is invalid, or of a future version.
        """
        try:
            header = json.loads(text)
            version = header["version"]
            panels = {
                panel: PanelForm(
                    (int(one["shape"][0]), int(one["shape"][1])),
                    one["unit"],
                    {str(name): int(bit) for name, bit in one["planes"].items()},
                )
                for panel, one in header["panels"].items()
                if panel in PANELS
            }
            names = {str(meaning): str(column) for meaning, column in header["names"].items()}
            _ = names["id"]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as err:
            raise UnreadableImage(f"{origin} is not a stamp file: its header is damaged") from err
        if version != VERSION:
            raise UnreadableImage(
                f"{origin} is a stamp file of version {version!r:.20}, and this package reads "
                f"version {VERSION}; update cutout-widgets"
            )
        return cls(panels, names)


@dataclass(frozen=True)
class Contents:
    """All contents of one stamp file, in memory, to be written."""

    header: StampHeader
    rows: pa.Table
    """The rows' own columns, then `PROBLEMS`, `about_column` and `psf_column` of the panels."""
    arrays: Mapping[str, NDArray[Any]]
    """`layer_column` -> shape (n, ny, nx): float32, or uint32 for masks."""
    at_once: int
    """Rows per block."""


class Shard(Protocol):
    """A stamp file opened for reading; thread-safe."""

    header: StampHeader
    starts: NDArray[np.int64]
    """First row of each block, followed by the number of rows."""

    def ids(self) -> NDArray[np.int64]:
        """Return the identifiers."""

    def rows(self) -> pa.Table:
        """Return the rows' own columns."""

    def block(self, number: int, arrays: Iterable[str], columns: Iterable[str]) -> Block:
        """Return some arrays and columns of a block's rows, as far as the file has them."""


@dataclass(frozen=True)
class Block:
    """Rows that are read together."""

    arrays: Mapping[str, NDArray[Any]]
    """`layer_column` -> shape (rows, ny, nx)."""
    columns: Mapping[str, pa.Array]
    """Column -> values of these rows."""
