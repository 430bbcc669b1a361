"""Paths of the files of a source, with analysis_ap's names."""

from __future__ import annotations

import os

from cutout_widgets.compat.analysis_ap.fields import checked_chunk_size
from cutout_widgets.outputs.layout import Layout
from cutout_widgets.paths import path_text

__all__ = ["CutoutPath"]


class CutoutPath:
    """Paths of saved files by ``diaSourceId``, as determined by `outputs.layout.Layout`.

    Parameters
    ----------
    root
        Folder that is saved to, or the URL it is served from.
    chunk_size
        Maximum files per folder, a power of ten; None = one folder.
    subdirectory
        Subfolder of the root.

    Raises
    ------
    BadTaskOption
        If `chunk_size` is not a power of ten; it is a ``RuntimeError`` and a ``ValueError``.

    Examples
    --------
    >>> CutoutPath("out", 1000)(12345)
    'out/images/12000/12345.png'
    """

    def __init__(
        self, root: str | os.PathLike[str], chunk_size: int | None = None, subdirectory: str = "images"
    ) -> None:
        self._root, self._subdirectory = path_text(root, "the root of cutouts"), subdirectory
        self._layout = Layout(chunk_size=checked_chunk_size("chunk_size", chunk_size))

    def __call__(self, id: int, filename: str | None = None) -> str:
        """Return the path of a source's file; without a name that of its figure."""
        figure = self._layout.figure(int(id))
        return os.path.join(self.directory(id), figure.name if filename is None else filename)  # noqa: PTH118  a URL may be the root

    def directory(self, id: int) -> str:
        """Return the folder of a source."""
        chunks = self._layout.figure(int(id)).parent.parts[1:]
        return os.path.join(self._root, self._subdirectory, *chunks)  # noqa: PTH118  as above

    def exists(self, id: int, filename: str | None = None) -> bool:
        """Return whether a source's file exists; without a name its figure."""
        return os.path.exists(self(id, filename))  # noqa: PTH110  as above

    def mkdir(self, id: int) -> None:
        """Create the folder of a source."""
        os.makedirs(self.directory(id), exist_ok=True)  # noqa: PTH103  as above
