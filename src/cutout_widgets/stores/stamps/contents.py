"""What a stamp file holds, whatever its format: rows, and for each panel pixels of one shape."""

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
"""Of the format."""

PROBLEMS = "problems"
"""Column of the sentences about panels that are missing."""

LAYERS = ("mask", "variance", "weight")
"""What may be kept of each panel beside its pixels, in arrays of the same shape."""


def about_column(panel: Panel) -> str:
    """Return the column of what is known of a panel beside its pixels."""
    return f"{panel}_about"


def psf_column(panel: Panel) -> str:
    """Return the column of a panel's PSF, all its pixels in a list."""
    return f"{panel}_psf"


def layer_column(panel: Panel, layer: str) -> str:
    """Return the column or array of a layer of a panel; of its pixels for the layer ``""``."""
    return f"{panel}_{layer}" if layer else panel


def own_columns() -> frozenset[str]:
    """Return the names that the columns of a table cannot have in a stamp file."""
    names = {PROBLEMS}
    for panel in PANELS:
        names |= {layer_column(panel, layer) for layer in ("", *LAYERS)}
        names |= {about_column(panel), psf_column(panel)}
    return frozenset(names)


@dataclass(frozen=True)
class PanelForm:
    """What the images of one panel have in common in a stamp file."""

    shape: tuple[int, int]
    """Height and width, pixels."""
    unit: str | None
    """Unit of the pixels."""
    planes: Mapping[str, int]
    """Mask plane name -> bit; in the file as a whole, so that an image need not have each."""


@dataclass(frozen=True)
class StampHeader:
    """What a stamp file says of itself."""

    panels: Mapping[Panel, PanelForm]
    """The panels that some row has."""
    names: Mapping[str, str]
    """Meaning -> column of the rows, for ``id``, ``ra`` and ``dec``."""

    @property
    def id_column(self) -> str:
        """The column of identifiers."""
        return self.names["id"]

    def to_json(self) -> str:
        """Return it as text."""
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
        """Read it.

        Raises
        ------
        UnreadableImage
            If it is none, or of a version to come.
        """
        try:
            told = json.loads(text)
            version = told["version"]
            panels = {
                panel: PanelForm(
                    (int(one["shape"][0]), int(one["shape"][1])),
                    one["unit"],
                    {str(name): int(bit) for name, bit in one["planes"].items()},
                )
                for panel, one in told["panels"].items()
                if panel in PANELS
            }
            names = {str(meaning): str(column) for meaning, column in told["names"].items()}
            _ = names["id"]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as err:
            raise UnreadableImage(f"{origin} is no stamp file: its header is damaged") from err
        if version != VERSION:
            raise UnreadableImage(
                f"{origin} is a stamp file of version {version!r:.20}, and this package reads "
                f"version {VERSION}; update cutout-widgets"
            )
        return cls(panels, names)


@dataclass(frozen=True)
class Contents:
    """All of one stamp file, in memory, to be written."""

    header: StampHeader
    rows: pa.Table
    """The rows' own columns, then `PROBLEMS`, `about_column` and `psf_column` of the panels."""
    arrays: Mapping[str, NDArray[Any]]
    """`layer_column` -> shape (n, ny, nx): float32, of masks uint32."""
    at_once: int
    """Rows that are read together."""


class Shard(Protocol):
    """A stamp file to read from; used by several threads."""

    header: StampHeader
    starts: NDArray[np.int64]
    """First row of each block, and the number of rows."""

    def ids(self) -> NDArray[np.int64]:
        """Return the identifiers."""

    def rows(self) -> pa.Table:
        """Return the rows' own columns."""

    def block(self, number: int, arrays: Iterable[str], columns: Iterable[str]) -> Block:
        """Return some arrays and columns of the rows of a block; those that the file has."""


@dataclass(frozen=True)
class Block:
    """Some rows that are read together."""

    arrays: Mapping[str, NDArray[Any]]
    """`layer_column` -> shape (rows, ny, nx)."""
    columns: Mapping[str, pa.Array]
    """Column -> values of these rows."""
