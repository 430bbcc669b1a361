"""Encode frames as GIF or MP4."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from cutout_widgets.errors import BadOption, MissingDependency, require

if TYPE_CHECKING:
    from cutout_widgets.outputs.movie.frames import Frame

__all__ = ["encoder_of", "gif", "mp4"]


def encoder_of(path: Path) -> Callable[[Iterable[Frame], float], bytes]:
    """Return the encoder for a file name.

    Raises
    ------
    BadOption
        If it ends in neither ``.gif`` nor ``.mp4``.
    MissingDependency
        If the encoder is not installed.
    """
    kind = path.suffix.lower()
    if kind == ".gif":
        require("PIL", "a GIF")
        return gif
    if kind == ".mp4":
        _imageio()
        return mp4
    raise BadOption(f"a movie is a .gif or an .mp4 file; got {path.name!r}")


def gif(frames: Iterable[Frame], frame_s: float) -> bytes:
    """Return a GIF that repeats forever, with the exact colours of the frames."""
    from PIL import Image

    def pictures() -> Iterator[Any]:
        for frame in frames:
            picture = Image.fromarray(frame.indices)
            picture.putpalette(frame.palette.tobytes())
            yield picture

    several = pictures()
    stream = io.BytesIO()
    next(several).save(
        stream,
        "GIF",
        save_all=True,
        append_images=several,
        duration=max(20, round(frame_s * 1000)),  # browsers slow down shorter frames
        loop=0,
        optimize=False,
    )
    return stream.getvalue()


def mp4(frames: Iterable[Frame], frame_s: float) -> bytes:
    """Return an MP4 (H.264) that browsers and presentation programs can play."""
    imageio = _imageio()
    with TemporaryDirectory() as folder:  # the encoder needs a seekable file
        path = Path(folder) / "movie.mp4"
        # Frames faster than the screen are skipped; slow ones are repeated so that seeking works.
        repeats = max(1, round(frame_s * 10))
        options = {"codec": "libx264", "quality": 8, "macro_block_size": 2, "pixelformat": "yuv420p"}
        with imageio.get_writer(path, format="FFMPEG", fps=repeats / frame_s, **options) as writer:
            for frame in frames:
                picture = frame.palette[frame.indices]
                for _ in range(repeats):
                    writer.append_data(np.ascontiguousarray(picture))
        return path.read_bytes()


def _imageio() -> Any:
    """Return the package that writes MP4."""
    try:
        import imageio_ffmpeg  # noqa: F401  imageio uses it to write video
        from imageio import v2
    except ImportError as err:
        raise MissingDependency("imageio[ffmpeg]", "movie", "an MP4 (a GIF needs nothing more)") from err
    return v2
