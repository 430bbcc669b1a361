"""Grids on the site: a grid that a notebook displays is written as a page of its own, and framed.

The kernels that run the notebooks load this file when they start. What they display is one HTML text, so that
the cache of results holds it; on the site each page becomes a file, which a browser loads when it is scrolled
to.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGES = 2
"""Of a grid: enough to turn and to filter, and small."""

FRAME = '<iframe class="cutouts" title="A grid of cutouts" loading="lazy" srcdoc="{page}"></iframe>'
FRAMED = re.compile(r'(<iframe class="cutouts"[^>]*) srcdoc="([^"]*)"')


def framed(grid: Any) -> str:
    """Return a grid as HTML that needs neither kernel nor network."""
    with tempfile.TemporaryDirectory() as folder:
        page = grid.to_html(Path(folder) / "grid.html", pages=PAGES).read_text("utf-8")
    return FRAME.format(page=html.escape(page))


def drawn(figure: Any) -> str:
    """Return the points of a bqplot figure as a picture."""
    from matplotlib.figure import Figure

    plot = Figure(figsize=(8, 2.6), layout="constrained")
    axes = plot.subplots()
    scales = [axis.scale for axis in figure.axes[:2]]
    for mark in figure.marks:
        if [mark.scales.get("x"), mark.scales.get("y")] != scales:
            continue  # the symbols of a legend beside the plot
        if type(mark).__name__ in ("Scatter", "ScatterGL") and len(mark.x) and mark.visible:
            colour = re.search("#[0-9A-Fa-f]{6}", " ".join(map(str, mark.colors)))
            axes.plot(
                mark.x, mark.y, "o", color=colour[0] if colour else "C0", ms=5, label=" ".join(mark.labels)
            )
    if not axes.lines:
        return ""
    if any(line.get_label()[0] != "_" for line in axes.lines):
        axes.legend(fontsize=8)
    axes.set_title(figure.title, fontsize=10)
    for name, axis in (("x", figure.axes[0]), ("y", figure.axes[1])):
        getattr(axes, f"set_{name}label")(axis.label)
        if type(axis.scale).__name__ == "LogScale":
            getattr(axes, f"set_{name}scale")("log")
    stream = io.BytesIO()
    plot.savefig(stream, format="png", dpi=100)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(figure.title)}" style="max-width:100%">'
    )


def shown(widget: Any) -> str:
    """Return a grid, a figure, or a box of them as HTML."""
    if hasattr(widget, "to_html"):
        return framed(widget)
    if type(widget).__name__ == "Figure":
        return drawn(widget)
    return "".join(shown(child) for child in getattr(widget, "children", ()))


def as_html(widget: Any) -> dict[str, Any]:
    """Return what the site shows of a widget, by MIME type."""
    return {"text/html": shown(widget)}


def watch(shell: Any, forms: Callable[[Any], dict[str, Any]] = as_html) -> None:
    """Let an IPython display grids, boxes of them and figures of bqplot in other forms than as widgets."""
    from IPython.display import display

    kinds = (
        ("cutout_widgets.widget.grid", "CutoutGrid"),
        ("cutout_widgets.widget.explorer.explorer", "Explorer"),
        ("ipywidgets.widgets.widget_box", "VBox"),
        ("bqplot.figure", "Figure"),
    )
    formatter = shell.display_formatter.ipython_display_formatter

    def show(widget: Any) -> None:
        for kind in type(widget).__mro__:  # traitlets gives each grid a class of its own, of the same name
            if (kind.__module__, kind.__name__) in kinds:
                formatter.for_type(kind, show)
        display({"text/plain": repr(widget), **forms(widget)}, raw=True)

    for module, name in kinds:
        formatter.for_type_by_name(module, name, show)


def to_files(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Write each framed page to a file, which a browser loads when it is scrolled to."""

    def moved(match: re.Match[str]) -> str:
        page = html.unescape(match[2])
        name = hashlib.sha256(page.encode()).hexdigest()[:16] + ".html"
        folder = Path(app.outdir) / "_static" / "grids"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(page, "utf-8")
        return f'{match[1]} src="{"../" * pagename.count("/")}_static/grids/{name}"'

    if "body" in context:
        context["body"] = FRAMED.sub(moved, context["body"])


def write_demo(app: Any) -> None:
    """Write the page "Try it here": some sources of the demo sky, of every score."""
    if app.builder.format != "html":
        return
    import cutout_widgets as cw
    from cutout_widgets import demo

    sky = demo.write(Path(app.srcdir) / "tutorials" / "cutout-widgets-demo")
    sources = sky.sources().sample(96, by="reliability", bins=8, seed=3)
    with tempfile.TemporaryDirectory() as folder:
        grid = cw.CutoutGrid(
            sources,
            sky.images(),
            size=30,
            sort="-reliability",
            page_size=12,
            captions=["snr", "reliability", "band"],
            history=sky.apdb,
            labels=Path(folder) / "labels.jsonl",
        )
        grid.to_html(Path(app.outdir) / "_static" / "demo-sky.html", "cutout_widgets: the demo sky", pages=8)
        grid.close()


def tell_changes(app: Any, docname: str, source: list[str]) -> None:
    """Add to the changelog what is not released yet: the fragments of the folder changes."""
    if docname != "changelog":
        return
    words = ["", "## Not released yet"]
    for kind in ("added", "changed", "fixed", "removed"):
        found = sorted((Path(app.srcdir).parent / "changes").glob(f"*.{kind}.md"))
        if found:
            words += ["", f"### {kind.capitalize()}", ""]
        words += ["* " + file.read_text("utf-8").strip().replace("\n", "\n  ") for file in found]
    source[0] += "\n".join([*words, ""])


def name_cache(app: Any, config: Any) -> None:
    """Keep results of notebooks as long as neither the package nor this file changes."""
    import cutout_widgets

    files = [Path(__file__), *sorted(Path(cutout_widgets.__file__).parent.rglob("*.py"))]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / digest)


def setup(app: Any) -> dict[str, bool]:
    """Let the kernels that Sphinx begins load this file; write and move pages; complete the changelog."""
    profile = Path(app.doctreedir) / "ipython"
    startup = profile / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "grids.py").write_text(
        f"import sys\nsys.path.append({str(Path(__file__).parent)!r})\n"
        "import site_grids\nsite_grids.watch(get_ipython())\ndel sys, site_grids\n",
        "utf-8",
    )
    os.environ["IPYTHONDIR"] = str(profile)
    app.connect("config-inited", name_cache)
    app.connect("builder-inited", write_demo)
    app.connect("html-page-context", to_files)
    app.connect("source-read", tell_changes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
