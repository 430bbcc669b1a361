"""Messages about the epochs of one object; part of the protocol, see `messages`."""

from __future__ import annotations

from typing import Literal, TypedDict

from cutout_widgets.widget.protocol.tiles import Tile


class EpochsRequest(TypedDict):
    """List the exposures of the position of a source's object."""

    kind: Literal["epochs"]
    id: str


class Epoch(TypedDict):
    """One exposure of an object's position."""

    source: str | None
    """Id of the DiaSource; null for a visit without a detection."""
    in_table: bool
    """True if it is a row of the grid's table."""
    time: float | None
    """MJD."""
    band: str | None
    visit: str | None
    detector: str | None
    snr: float | None
    motion: float | None
    """Position angle of a moving object's motion, degrees from north through east; null if there is none."""


class EpochsAnswer(TypedDict):
    """The epochs of an object in time order; those without a time are last."""

    kind: Literal["done"]
    of: Literal["epochs"]
    id: str
    epochs: list[Epoch]


class EpochTilesRequest(TypedDict):
    """Cut some epochs of a source's object; they were listed by an `EpochsAnswer`."""

    kind: Literal["epoch_tiles"]
    id: str
    look: str
    same_limits: bool
    """Whether all use the limits of this source; otherwise each has its own."""
    places: list[int]
    """Positions among the epochs, from 0."""


class EpochTilesAnswer(TypedDict):
    """Epochs with their panels in the buffer; ``part`` brings some, ``done`` the rest."""

    kind: Literal["part", "done"]
    of: Literal["epoch_tiles"]
    id: str
    tiles: list[Tile]


EpochRequest = EpochsRequest | EpochTilesRequest
EpochAnswer = EpochsAnswer | EpochTilesAnswer
