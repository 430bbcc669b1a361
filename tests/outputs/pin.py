"""Draw the pinned figures with matplotlib, once.

matplotlib sets text differently from release to release, so tests compare with files::

    PYTHONPATH=src:tests uv run --no-project --python 3.13 --with "matplotlib==3.10.9" --with astropy \
        python -m outputs.pin
"""

from pathlib import Path

from cutout_widgets.outputs.matplotlib_figure import render
from cutout_widgets.pixels.look import Look
from outputs.figures import PINNED

if __name__ == "__main__":
    for name, one in PINNED.items():
        look = Look.of(one.look)
        data = render(one.picture(), one.canvas, look, "png-matplotlib", {})
        (Path(__file__).parent / "pinned" / f"{name}.png").write_bytes(data)
