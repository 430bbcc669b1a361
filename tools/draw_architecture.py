"""Draw the layers of the package from its imports: ``docs/images/architecture.svg``.

::

    uv run python tools/draw_architecture.py

Packages are on their layers from `tests/test_house.py`; a line is an import, thicker with
the number of importing modules. The result depends only on the source.
"""

from __future__ import annotations

import sys
from collections import Counter
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.test_house import FILES, LAYERS, module_of, own_imports, package_of  # noqa: E402  needs the line above

TARGET = ROOT / "docs" / "images" / "architecture.svg"
WIDTH, ROW, BOX_WIDTH, BOX_HEIGHT, LEFT = 960, 104, 124, 46, 150

ABOUT = {
    7: "notebook, shell, drop-ins",
    6: "files on disk",
    5: "rows to triplets; exposures to rows",
    4: "where pixels come from",
    3: "grey levels; footprints",
    2: "images; tables",
    1: "errors, colours",
}
HIDDEN = {"_version", "_public"}

STYLE = """
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 11px; fill: #59636e }
rect.box { fill: #eef4fb; stroke: #4a7ab0; stroke-width: 1.2 }
rect.layer { fill: #f6f8fa }
line { stroke: #4a7ab0 }
rect.ground { fill: #ffffff }
"""


def imports() -> Counter[tuple[str, str]]:
    """Count the modules of each package that import each other package."""
    count: Counter[tuple[str, str]] = Counter()
    for path in FILES:
        package = package_of(module_of(path))
        if package in LAYERS:
            for other in {package_of(one) for one in own_imports(path)} - {package, ""}:
                count[package, other] += 1
    return count


def drawing() -> str:
    """Return the picture as SVG."""
    packages = {name: layer for name, layer in LAYERS.items() if name not in HIDDEN}
    modules = Counter(package_of(module_of(path)) for path in FILES)
    top = max(packages.values())
    centre: dict[str, tuple[float, float]] = {}
    for layer in range(1, top + 1):
        names = [name for name, at in packages.items() if at == layer]
        step = (WIDTH - LEFT) / len(names)
        for i, name in enumerate(names):
            centre[name] = LEFT + (i + 0.5) * step, (top - layer + 0.5) * ROW
    height = top * ROW
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="Packages of cutout_widgets on their layers"><style>{STYLE}</style>',
        f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
    ]
    for layer in range(1, top + 1):
        y = (top - layer) * ROW
        parts.append(f'<rect class="layer" x="0" y="{y + 4}" width="{WIDTH}" height="{ROW - 8}" rx="6"/>')
    for (package, other), n in sorted(imports().items()):
        if {package, other} <= centre.keys() and packages[package] != packages[other]:
            (x0, y0), (x1, y1) = centre[package], centre[other]
            width, opacity = min(4.0, 0.5 + 0.2 * n), min(0.8, 0.18 + 0.04 * n)
            parts.append(
                f'<line x1="{x0:.0f}" y1="{y0 + BOX_HEIGHT / 2:.0f}" x2="{x1:.0f}"'
                f' y2="{y1 - BOX_HEIGHT / 2:.0f}" stroke-width="{width:.1f}"'
                f' stroke-opacity="{opacity:.2f}"/>'
            )
    for layer in range(1, top + 1):
        y = (top - layer + 0.5) * ROW
        parts.append(f'<text x="12" y="{y - 2:.0f}">layer {layer}</text>')
        words = ABOUT[layer].split("; ")
        parts += [
            f'<text class="small" x="12" y="{y + 14 + 13 * i:.0f}">{escape(word)}</text>'
            for i, word in enumerate(words)
        ]
    for name, (x, y) in centre.items():
        n = modules[name]
        parts.append(
            f'<rect class="box" x="{x - BOX_WIDTH / 2:.0f}" y="{y - BOX_HEIGHT / 2:.0f}"'
            f' width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>'
            f'<text x="{x:.0f}" y="{y - 2:.0f}" text-anchor="middle">{name}</text>'
            f'<text class="small" x="{x:.0f}" y="{y + 14:.0f}" text-anchor="middle">'
            f"{n} {'module' if n == 1 else 'modules'}</text>"
        )
    return "\n".join((*parts, "</svg>", ""))


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8")
    sys.stderr.write(f"{TARGET.relative_to(ROOT)}\n")
