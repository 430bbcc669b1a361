"""Write the colours of the colormaps in a grid's menu: ``colormaps.npy``, so that a grid needs no matplotlib.

Run it once; a test compares the file with the matplotlib that is installed::

    uv run python tools/make_colormaps.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np

from cutout_widgets.palette import COLORMAPS

OUT = Path(__file__).parents[1] / "src" / "cutout_widgets" / "colormaps.npy"


def main() -> None:
    """Write all 256 colours of each."""
    everywhere = np.linspace(0, 1, 256)
    tables = [matplotlib.colormaps[name](everywhere, bytes=True)[:, :3] for name in COLORMAPS]
    np.save(OUT, np.ascontiguousarray(tables))
    sys.stderr.write(f"{OUT}: {OUT.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
