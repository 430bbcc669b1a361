"""An optional Butler repository, whose failure does not affect the rest of the demo."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

from cutout_widgets.demo.catalogue import Detected
from cutout_widgets.demo.sky import Sky
from cutout_widgets.demo.write_butler import RepositoryWriter
from cutout_widgets.errors import CutoutWarning, sentence

__all__ = ["OptionalRepository"]


class OptionalRepository:
    """A `RepositoryWriter` whose errors become a warning.

    The installed packages may be of an unsupported version, as on the Science Platform. Then there is
    no repository, and a warning with the reason; FITS, parquet and APDB are written
    anyway.

    Parameters
    ----------
    place, sky
        As for `RepositoryWriter`.

    Warns
    -----
    CutoutWarning
        Once, if the repository could not be written.
    """

    def __init__(self, place: Path, sky: Sky) -> None:
        self._writer: RepositoryWriter | None = None
        self._attempt(lambda: setattr(self, "_writer", RepositoryWriter(place, sky)))

    def put(self, detected: Detected) -> None:
        """Store the images and the rows of one detector and visit, unless an earlier step failed."""
        writer = self._writer
        if writer is not None:
            self._attempt(lambda: writer.put(detected))

    def __enter__(self) -> OptionalRepository:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Move the repository into place; after an error elsewhere remove it."""
        writer = self._writer
        if writer is not None and kind is not None:
            writer.abandon()
        elif writer is not None:
            self._attempt(writer.finish)

    def _attempt(self, step: Callable[[], None]) -> None:
        """Run a step; if it fails, remove the repository and warn."""
        try:
            step()
        except Exception as err:  # noqa: BLE001  other versions may raise anything; the rest must be written
            if self._writer is not None:
                self._writer.abandon()
                self._writer = None
            warnings.warn(f"the demo has no Butler repository: {sentence(err)}", CutoutWarning, stacklevel=2)
