"""Draw the pinned figures with matplotlib, once.

matplotlib sets text differently from release to release, so tests compare with files::

    PYTHONPATH=src:tests uv run --no-project --python 3.13 --with "matplotlib==3.10.9" --with astropy \
        python -m outputs.figure.pin
"""

from pathlib import Path

from cutout_widgets.display.look import Look
from cutout_widgets.outputs.figure.matplotlib_figure import render
from outputs.figure.pinned_figures import PINNED

if __name__ == "__main__":
    for name, one in PINNED.items():
        look = Look.of(one.look)
        data = render(one.picture(), one.canvas, look, "png-matplotlib", {})
        (Path(__file__).parent / "pinned" / f"{name}.png").write_bytes(data)
