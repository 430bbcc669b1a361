"""The docs are correct: examples run and give the promised results, links have targets.

A block of a page runs if its fence says so, in the order of the page and in one namespace:

* ```` ```python run ````: with core dependencies, in a folder that holds ``cutout-widgets-demo``;
* ```` ```python run rubin ````: with the demo's Butler repository; ``alerts``: with a folder ``alerts``
  of real packets; any other word: a package that must be installed;
* ``hats``: with a folder ``catalogue``, in HATS;
* ``pyvo``: with a TAP service on loopback in place of ``data.example.org``; ``samp``: with a hub and a
  program that sends back what it gets;
* ```` ```python file=NAME ````: written to a file of that folder first.

An expression that ends in ``# -> text`` must have that ``repr``.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cutout_widgets

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))

FENCE = re.compile(r"^```python([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TAP_IN_DOCS = "https://data.example.org/api/tap"
SIA_IN_DOCS = "https://data.example.org/api/sia/demo"

PROMISE = re.compile(r"#\s*->\s*(.*\S)\s*$")
CELL = re.compile(r"^```\{code-cell\}\n(?::[^\n]*\n)*(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


@dataclass(frozen=True)
class Block:
    """A python block of a page."""

    code: str
    line: int
    runs: bool
    needs: frozenset[str]
    file: str | None


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = match[1].split()
        file = next((word.removeprefix("file=") for word in words if word.startswith("file=")), None)
        line = text.count("\n", 0, match.start(2)) + 1
        found.append(Block(match[2], line, "run" in words, frozenset(words) - {"run"}, file))
    return found


CASES = [
    pytest.param(page, needs, id=f"{page.stem}-{'-'.join(sorted(needs)) or 'core'}")
    for page in PAGES
    for needs in sorted({block.needs for block in blocks_of(page) if block.runs}, key=sorted)
]


@pytest.fixture
def folder(tmp_path, monkeypatch, sky_on_disk) -> Path:
    (tmp_path / "cutout-widgets-demo").symlink_to(sky_on_disk.folder, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def tap_service(sky_on_disk, monkeypatch) -> Iterator[str]:
    from tests.catalog.services.server import TapServer

    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    with TapServer(sky_on_disk.folder / "apdb.db") as server:
        yield server.url


@pytest.fixture
def image_service(monkeypatch) -> Iterator[str]:
    """One image of one place."""
    from tests.catalog.services.image_server import ImageServer

    monkeypatch.delenv("ACCESS_TOKEN", raising=False)
    image = {
        "access_url": f"{SIA_IN_DOCS.removesuffix('/api/sia/demo')}/links?ID=science", "calib_level": 2,
        "access_format": "application/x-votable+xml;content=datalink", "dataproduct_type": "image",
        "dataproduct_subtype": "lsst.visit_image", "lsst_visit": 1, "lsst_detector": 4, "lsst_band": "r",
        "s_region": "POLYGON ICRS 53 -28 54 -28 54 -27 53 -27", "t_min": 60901.0, "t_max": 60901.1,
    }  # fmt: skip
    with ImageServer([image]) as server:
        yield f"{server.sia}/query"


@pytest.fixture
def topcat(tmp_path, monkeypatch) -> Iterator[None]:
    """A hub, and a program that sends back the table that it gets."""
    import cutout_widgets as cw
    from cutout_widgets.catalog.services.samp import library

    monkeypatch.setattr(library().conf, "use_internet", False)
    place = tmp_path / "samp"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{place.as_uri()}")
    hub = library().SAMPHubServer(web_profile=False, lockfile=str(place), addr="127.0.0.1")
    hub.start()
    with cw.Samp("topcat") as other:
        worker = threading.Thread(target=lambda: other.send(other.receive(60), to="cutout_widgets"))
        worker.start()
        yield
        worker.join()
    hub.stop()


def run(block: Block, page: Path, namespace: dict[str, Any]) -> None:
    tree = ast.parse("\n" * (block.line - 1) + block.code, filename=str(page))
    lines = block.code.splitlines()
    for statement in tree.body:
        last = lines[(statement.end_lineno or block.line) - block.line]
        promise = PROMISE.search(last)
        if promise and isinstance(statement, ast.Expr):
            value = eval(compile(ast.Expression(statement.value), str(page), "eval"), namespace)
            assert repr(value) == promise[1], f"{page.name}, line {statement.lineno}: it is {value!r}"
        else:
            exec(compile(ast.Module([statement], []), str(page), "exec"), namespace)


@pytest.mark.slow
@pytest.mark.parametrize("page, needs", CASES)
def test_the_examples_of_a_page_run(page, needs, folder, request):
    for need in needs:
        if need == "rubin":
            request.getfixturevalue("sky_with_repository")
        elif need == "alerts":
            pytest.importorskip("fastavro", reason="needs the extra 'alerts'")
            shared = request.getfixturevalue("shared")
            (folder / "alerts").symlink_to(shared / "data" / "lsstcam_real", target_is_directory=True)
        elif need == "samp":
            request.getfixturevalue("topcat")
        elif need == "hats":
            lsdb = pytest.importorskip("lsdb", reason="a catalogue is written by lsdb")
            rows = cutout_widgets.SourceTable.read("cutout-widgets-demo/dia_sources.parquet").to_pandas()
            lsdb.from_dataframe(rows, ra_column="ra", dec_column="dec").write_catalog(folder / "catalogue")
        elif importlib.util.find_spec(need) is None:
            pytest.skip(f"needs the package {need!r}")
    blocks = blocks_of(page)
    if "pyvo" in needs:
        here = request.getfixturevalue("tap_service")
        images = request.getfixturevalue("image_service")
        blocks = [
            replace(one, code=one.code.replace(TAP_IN_DOCS, here).replace(SIA_IN_DOCS, images))
            for one in blocks
        ]
    for block in blocks:
        if block.file:
            (folder / block.file).write_text(block.code, encoding="utf-8")
    namespace: dict[str, Any] = {"__name__": page.stem}
    try:
        for block in blocks:
            if block.runs and block.needs <= needs:
                run(block, page, namespace)
    finally:
        for block in blocks:
            if block.file:
                sys.modules.pop(Path(block.file).stem, None)


@pytest.mark.slow
def test_the_figures_of_the_gallery_are_drawn(folder, monkeypatch):
    pytest.importorskip("photutils", reason="needs the extra 'detect'")
    pytest.importorskip("statsmodels", reason="needs the extra 'stats'")
    import matplotlib.pyplot as plt

    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    namespace: dict[str, Any] = {"__name__": "gallery"}
    cells = CELL.findall((ROOT / "docs" / "gallery.md").read_text("utf-8"))
    for code in cells:
        exec(compile(code, "gallery.md", "exec"), namespace)
        plt.close("all")
    assert len(cells) >= 2 + 20  # one finds the folder, one imports
    assert [one.data[:4] for one in shown] == 7 * [b"\x89PNG"]


@pytest.mark.slow
def test_the_store_written_in_the_docs_fulfils_the_contract(folder):
    page = ROOT / "docs" / "stores.md"
    for block in blocks_of(page):
        if block.file:
            (folder / block.file).write_text(block.code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_raw_images.py"]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=dict(os.environ))
    assert answer.returncode == 0, answer.stdout
    assert " passed" in answer.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_have_targets(page):
    for target, _ in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_site_links_to_every_page(page):
    contents = [
        block
        for one in PAGES
        for block in re.findall(r"^```{toctree}\n(.*?)^```$", one.read_text("utf-8"), re.M | re.S)
    ]
    listed = [line for block in contents for line in block.splitlines() if not line.startswith(":")]
    assert page.stem == "index" or listed.count(page.stem) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_readme_links_to_every_page_except_site_only_ones(page):
    for_the_site = (
        page.stem in ("index", "tutorials", "api")
        or ":hidden:" in page.read_text("utf-8")
        or "{include} ../" in page.read_text("utf-8")
    )
    assert for_the_site or f"docs/{page.name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_reference_lists_every_public_name():
    text = (ROOT / "docs" / "api.md").read_text("utf-8")
    listed = re.findall(r"^   ([A-Za-z_.]+)$", text, re.MULTILINE)
    assert len(listed) == len(set(listed))
    packages = {
        name for name in cutout_widgets.__all__ if isinstance(getattr(cutout_widgets, name), ModuleType)
    }
    assert {*cutout_widgets.__all__} - packages - {"__version__"} <= {*listed}
    assert packages - {"compat"} <= {*listed}
