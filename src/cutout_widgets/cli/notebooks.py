"""Copy the tutorial notebooks to a folder where they can be edited and run."""

from __future__ import annotations

from pathlib import Path

import cutout_widgets
from cutout_widgets.errors import NotWritable, sentence
from cutout_widgets.whole_file import whole_file

__all__ = ["copy_notebooks"]


def copy_notebooks(directory: Path) -> tuple[list[Path], list[Path]]:
    """Copy the tutorials.

    Parameters
    ----------
    directory
        The folder; created if it does not exist.

    Returns
    -------
    copied, kept
        The files that were written, and existing ones that were not changed.

    Raises
    ------
    NotWritable
        If the directory cannot be written to.
    """
    copied, kept = [], []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for source in sorted(_tutorials().glob("*.ipynb")):
            target = directory / source.name
            if target.exists():
                kept.append(target)
                continue
            with whole_file(target) as draft:
                draft.write_bytes(source.read_bytes())
            copied.append(target)
    except OSError as err:
        raise NotWritable(f"the notebooks cannot be copied to {directory}: {sentence(err)}") from err
    return copied, kept


def _tutorials() -> Path:
    """Return the folder of the tutorials: in the wheel, or in a source checkout."""
    package = Path(cutout_widgets.__file__).parent
    packed = package / "tutorials"
    return packed if packed.is_dir() else package.parents[1] / "notebooks"
