"""Save the epochs of an object as a movie."""

from __future__ import annotations

import warnings
from base64 import b64encode
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.display.shared_limits import shared_limits
from cutout_widgets.errors import OWN_FILES, BadOption, BadTable, CutoutWarning, require
from cutout_widgets.outputs.files import Partial, close
from cutout_widgets.outputs.movie.encoding import encoder_of
from cutout_widgets.outputs.movie.frames import frames_of
from cutout_widgets.outputs.movie.turning import UPS, Up
from cutout_widgets.paths import path_to
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.pixels.region import Region
from cutout_widgets.reader import read
from cutout_widgets.stores.registry import open_images

if TYPE_CHECKING:
    from cutout_widgets.stores.base import ImageStore

__all__ = ["Movie", "save_movie"]

MOST_FRAMES = 2000
"""Limit, because all cutouts must be in memory at once."""

_SLOWEST_S = 60.0


@dataclass(frozen=True)
class Movie:
    """A saved movie, which plays in a notebook.

    Examples
    --------
    >>> from pathlib import Path
    >>> Movie(Path("epochs.gif"), 12, 0.5)
    <Movie epochs.gif: 12 epochs of 0.5 s>
    """

    path: Path
    """The file."""
    n_frames: int
    """Epochs."""
    frame_s: float
    """Duration of each epoch, s."""
    problems: tuple[str, ...] = ()
    """Missing images: the epoch's id, and a sentence."""

    def __repr__(self) -> str:
        lacking = f", {len(self.problems)} problems" if self.problems else ""
        epochs = f"{self.n_frames} epoch{'' if self.n_frames == 1 else 's'}"
        return f"<Movie {self.path}: {epochs} of {self.frame_s:g} s{lacking}>"

    def _repr_html_(self) -> str:
        """Return the movie embedded in the page, so that it also plays without the file."""
        try:
            data = b64encode(self.path.read_bytes()).decode("ascii")
        except OSError as err:
            return f"<p>{escape(repr(self))}: {escape(err.strerror or 'it cannot be read')}</p>"
        name = escape(self.path.name, quote=True)
        if self.path.suffix.lower() == ".mp4":
            return (
                f'<video controls loop autoplay muted title="{name}" '
                f'src="data:video/mp4;base64,{data}"></video>'
            )
        return f'<img alt="{name}" src="data:image/gif;base64,{data}">'


def save_movie(
    sources: Any,
    images: ImageStore | str,
    path: str | Path,
    *,
    size: Any = 30,
    look: str | Look = "documented",
    same_limits: bool = True,
    up: Up = "detector",
    frame_s: float = 0.5,
    progress: bool = True,
) -> Movie:
    """Save rows as the frames of a movie, labelled with date and band.

    Parameters
    ----------
    sources
        The epochs: anything that `SourceTable.read` accepts. They are played in time order, or in
        table order if there is no time. Each is cut at its own position, so the movie follows a moving
        object.
    images
        An image store, or a string that `open_images` accepts.
    path
        A ``.gif``, or an ``.mp4`` (extra ``movie``). An existing file is replaced only if everything
        succeeds.
    size
        Size of the cutouts, only one: pixels, an angle (Quantity), a `Region`.
    look
        A preset's name or a `Look`.
    same_limits
        Whether all epochs have the same limits, wide enough for all, so that they can be compared;
        otherwise each has its own. Limits in standard deviations are always each epoch's own.
    up
        Which direction is up: ``"detector"`` (as read), ``"north"`` (east left), or ``"motion"``: from
        the previous to the next position. Each frame is labelled with it.
    frame_s
        Duration of each epoch, s.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Movie
        It plays in a notebook.

    Raises
    ------
    BadTable
        If there are no rows, or too many.
    BadOption
        If an option is invalid.
    MissingDependency
        If the MP4 encoder is not installed.

    Warns
    -----
    CutoutWarning
        If there is only one epoch, so that the movie is a still picture.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> stamps = np.random.default_rng(1).normal(size=(3, 2, 30, 30))
    >>> images = cw.ArrayImages.from_stamps([7, 8], *stamps)
    >>> rows = {"id": [7, 8], "ra": [10.0, 10.0], "dec": [0.0, 0.0], "mjd": [61000.0, 61003.5]}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     movie = cw.save_movie(rows, images, f"{folder}/epochs.gif", progress=False)
    >>> movie.n_frames
    2
    """
    target = path_to(path, "the movie")
    encode = encoder_of(target)
    if up not in UPS:
        raise BadOption(f"up is one of {', '.join(UPS)}; got {up!r}")
    is_number = isinstance(frame_s, (int, float)) and not isinstance(frame_s, bool)
    if not is_number or not 0.02 <= frame_s <= _SLOWEST_S:
        raise BadOption(f"frame_s is from 0.02 to {_SLOWEST_S:g} seconds; got {frame_s!r}")
    table = SourceTable.read(sources)
    if not 0 < len(table) <= MOST_FRAMES:
        raise BadTable(
            "there are no epochs: the table has no rows"
            if not len(table)
            else f"a movie has at most {MOST_FRAMES} epochs; the table has {len(table):,} rows"
        )
    if "time" in table.names:
        table = table.sort("time")
    shown = Look.of(look)
    region = replace(Region.of(size), extras=shown.extras)
    if len(region.sizes or ()) > 1:
        raise BadOption(f"a movie shows one size; got {len(region.sizes or ())}")
    if len(table) == 1:
        warnings.warn(
            "there is only one epoch: the movie is a still picture",
            CutoutWarning,
            skip_file_prefixes=OWN_FILES,
        )
    rows = list(table)
    triplets = _read(rows, open_images(images), region, progress=progress)
    if same_limits:
        shown = shared_limits(shown, triplets)
    limits_text = "limits the same in all" if same_limits else "limits each its own"
    data = encode(frames_of(rows, triplets, shown, up=up, limits=limits_text), float(frame_s))
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        Partial(target.parent).write(target, data)
    finally:
        close(target.parent)
    problems = tuple(
        f"{row.id}: {problem}" for row, one in zip(rows, triplets, strict=True) for problem in one.problems
    )
    return Movie(target, len(rows), float(frame_s), problems)


def _read(rows: list[Any], images: ImageStore, region: Region, *, progress: bool) -> list[Triplet]:
    """Read the cutouts of all epochs."""
    require("tqdm", "the progress of a movie")
    from tqdm.auto import tqdm

    found: dict[int, Triplet] = {}
    with tqdm(total=len(rows), unit="epoch", disable=not progress) as bar:
        for place, triplet in read(rows, images, region):
            found[place] = triplet
            bar.update()
    return [found[place] for place in range(len(rows))]
