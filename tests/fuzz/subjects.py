"""What is damaged, and what is then done with it: everything a user can do with such a file."""

from __future__ import annotations

import gzip
import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner
from tests.stores.alerts.packet_files import (
    ZTF_SCHEMA,
    lsst_packet,
    plain_stamp,
    wire_message,
    write_container,
    ztf_packet,
)
from tests.stores.fits_files import write_afw, write_lsst_images

import cutout_widgets as cw
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.compat.analysis_ap import PlotImageSubtractionCutoutsConfig
from cutout_widgets.errors import CutoutError
from cutout_widgets.labels import LabelJournal
from cutout_widgets.pixels.image import EXTRAS
from cutout_widgets.pixels.region import Region
from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.stores.fits.store import FitsImages
from cutout_widgets.testing import make_image, make_wcs
from fuzz.mutations import HOSTILE, damage, damage_cards, damage_text

Input = tuple[str, bytes]
"""The ending of a file's name, and its bytes."""


@dataclass(frozen=True)
class Subject:
    """One kind of input."""

    name: str
    share: int
    """Inputs of a hundred."""
    make: Callable[[random.Random], Input]
    use: Callable[[Path], None]
    """Does what a user does; `CutoutError` may come from any of its steps."""


def attempt(*steps: Callable[[], Any]) -> None:
    """Run all steps; a step refused with a proper error does not stop the others."""
    for step in steps:
        try:
            step()
        except CutoutError:
            continue


# Alert packets


@cache
def packets() -> Sequence[bytes]:
    pixels = np.arange(81, dtype=float).reshape(9, 9)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        containers = [
            write_container(folder / "a.avro", [lsst_packet(n) for n in (1, 2)]),
            write_container(folder / "b.avro", [lsst_packet(n) for n in (3, 4)], codec="deflate"),
            write_container(folder / "c.avro", [ztf_packet(5, pixels)], schema=ZTF_SCHEMA),
        ]
        whole = [path.read_bytes() for path in containers]
    return [*whole, wire_message(lsst_packet(6)), gzip.compress(whole[0])]


def make_packet(rng: random.Random) -> Input:
    which = rng.random()
    if which < 0.6:
        return ".avro", damage(rng, rng.choice(packets()), packets())
    # The container is whole, and what is in it is not: a stamp, or a value.
    packet = lsst_packet(rng.randrange(1, 2**40))
    if which < 0.8:
        stamp = (
            damage_cards(rng, packet["cutoutScience"])
            if rng.random() < 0.5
            else damage(rng, packet["cutoutScience"])
        )
        packet["cutoutScience"] = stamp
    else:
        for name in rng.sample(sorted(packet["diaSource"]), 3):
            if isinstance(packet["diaSource"][name], float):
                packet["diaSource"][name] = rng.choice((float("nan"), float("inf"), -1e300, 0.0, 1e38))
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as made:
        out.write(write_container(Path(made) / "a", [packet]).read_bytes())
    return ".avro", out.getvalue()


def use_packets(path: Path) -> None:
    images = AlertImages(str(path))
    table = SourceTable.read(images)
    rows = list(table.take(range(min(2, len(table)))))
    for row in rows:
        attempt(lambda row=row: list(images.read([row], Region.of(8))), lambda row=row: images.history(row))


# FITS images


@cache
def exposures() -> Sequence[bytes]:
    image = make_image((24, 30), seed=1, wcs=make_wcs(at=(15, 12)))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        paths = [
            write_afw(folder / "a.fits", image),
            write_afw(folder / "b.fits", image, compressed=True, calibration=2.0),
            write_lsst_images(folder / "c.fits", image),
        ]
        whole = [path.read_bytes() for path in paths]
    return [*whole, plain_stamp(np.asarray(image.pixels, dtype=float))]


def make_exposure(rng: random.Random) -> Input:
    whole = rng.choice(exposures())
    bad = damage_cards(rng, whole) if rng.random() < 0.6 else damage(rng, whole, exposures())
    if rng.random() < 0.15:
        return ".fits.gz", damage(rng, gzip.compress(bad)) if rng.random() < 0.5 else gzip.compress(bad)
    return ".fits", bad


def use_exposure(path: Path) -> None:
    source = next(iter(SourceTable.read({"diaSourceId": [1], "ra": [53.0], "dec": [-28.0]})))
    images = FitsImages(template=None, science=str(path), difference=None)
    attempt(
        lambda: cw.read_image(path), lambda: list(images.read([source], replace(Region.of(8), extras=EXTRAS)))
    )


# Tables


@cache
def tables() -> Sequence[Input]:
    from astropy.table import Table

    columns: dict[str, Any] = {
        "diaSourceId": 506428274000265570 + np.arange(6),
        "ra": 53 + np.arange(6) / 10,
        "dec": -28 - np.arange(6) / 10,
        "visit": np.full(6, 2025069184737),
        "detector": np.arange(6),
        "band": np.array(list("ugrizy")),
        "snr": np.array([5.0, np.nan, 7, 8, 9, 10]),
        "psfFlux": np.arange(6) * 100.0,
        "psfFluxErr": np.full(6, 10.0),
        "midpointMjdTai": 60000 + np.arange(6) / 7,
        "isDipole": np.arange(6) % 2 == 0,
    }
    table = Table(columns)
    made: list[Input] = []
    with tempfile.TemporaryDirectory() as folder:
        for ending, form in (
            (".csv", "ascii.csv"),
            (".ecsv", "ascii.ecsv"),
            (".fits", "fits"),
            (".vot", "votable"),
        ):
            path = Path(folder) / f"t{ending}"
            table.write(path, format=form)
            made.append((ending, path.read_bytes()))
        path = Path(folder) / "t.parquet"
        table.to_pandas().to_parquet(path)
        made.append((".parquet", path.read_bytes()))
    return made


def make_table(rng: random.Random) -> Input:
    ending, whole = rng.choice(tables())
    if ending in (".csv", ".ecsv", ".vot") and rng.random() < 0.6:
        return ending, damage_text(rng, whole.decode()).encode("utf-8", "surrogatepass")
    if ending == ".fits" and rng.random() < 0.6:
        return ending, damage_cards(rng, whole)
    return ending, damage(rng, whole, [data for _, data in tables()])


def use_table(path: Path) -> None:
    table = SourceTable.read(path)
    attempt(
        lambda: list(table.take(range(min(3, len(table))))),
        lambda: len(table.where("snr > 6 and band == 'i'")),
        lambda: table.sort("-snr").take(range(1)),
        lambda: table.to_pandas(),
        lambda: table.light_curve(int(table.ids[0])) if hasattr(table, "light_curve") else None,
    )


# Journals of labels


@cache
def journals() -> Sequence[bytes]:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "labels.jsonl"
        journal = LabelJournal(path)
        journal.label([1, 2, 506428274000265573], "real")
        journal.label([2], "bogus")
        journal.undo()
        journal.note(1, "a note, é")
        return [path.read_bytes()]


def make_journal(rng: random.Random) -> Input:
    (whole,) = journals()
    if rng.random() < 0.5:
        lines = whole.decode().splitlines(keepends=True)
        at = rng.randrange(len(lines))
        try:
            entry = json.loads(lines[at])
            entry[rng.choice(sorted(entry))] = rng.choice(
                (
                    None,
                    True,
                    1.5,
                    -1,
                    "",
                    [],
                    {},
                    [1],
                    {"a": 1},
                    "9" * 5000,
                    2**70,
                    "x\ud800",
                    rng.choice(HOSTILE),
                )
            )
            lines[at] = json.dumps(entry) + "\n"
        except ValueError:
            pass
        return ".jsonl", "".join(lines).encode()
    if rng.random() < 0.5:
        return ".jsonl", damage_text(rng, whole.decode()).encode("utf-8", "surrogatepass")
    return ".jsonl", damage(rng, whole)


def use_journal(path: Path) -> None:
    journal = LabelJournal(path)
    attempt(
        lambda: journal.current, lambda: journal.counts, lambda: journal.history, lambda: journal.notes,
        lambda: journal.seen, lambda: journal.unreadable, journal.to_pandas, journal.undo, journal.redo,
        lambda: journal.label([1], "real"), lambda: LabelJournal(path).current,
    )  # fmt: skip


# Saved directories


@cache
def saved() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-saved-"))
    table, images = _two_sources()
    cw.save_cutouts(table, images, folder / "out", url_root="https://h/a", save_as_numpy=True, progress=False)
    return folder / "out"


def _two_sources() -> tuple[SourceTable, ArrayImages]:
    ids = np.array([7, 10_007])
    stack = np.random.default_rng(0).normal(size=(2, 9, 9)).astype(np.float32)
    table = SourceTable.read({"diaSourceId": ids, "ra": [10.0, 10.0], "dec": [0.0, 0.0]})
    return table, ArrayImages.from_stamps(ids, template=stack, science=stack, difference=stack)


def make_saved(rng: random.Random) -> Input:
    """The first line names the file that is damaged."""
    root = saved()
    names = ["manifest.csv", "cutouts.json", "files.csv"] * 4 + [
        path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()
    ]
    name = rng.choice(names)
    whole = (root / name).read_bytes()
    if name.endswith((".csv", ".json")) and rng.random() < 0.7:
        bad = damage_text(rng, whole.decode()).encode("utf-8", "surrogatepass")
    else:
        bad = damage(rng, whole)
    return ".saved", name.encode() + b"\n" + bad


def use_saved(path: Path) -> None:
    name, _, bad = path.read_bytes().partition(b"\n")
    root = path.with_suffix("")
    shutil.copytree(saved(), root)
    try:
        (root / name.decode()).write_bytes(bad)
        if bad != (saved() / name.decode()).read_bytes():
            assert cw.verify(root), f"{name.decode()} was changed, and verify does not see it"
        table, images = _two_sources()
        attempt(
            lambda: cw.save_cutouts(
                table, images, root, url_root="https://h/a", save_as_numpy=True, progress=False, repair=True
            ),
            lambda: cw.verify(root),
        )
    finally:
        shutil.rmtree(root)


# Configurations

CONFIG = """# saved by the stack
import lsst.analysis.ap.plotImageSubtractionCutouts
config.sizes = [30, 60]
config.url_root = 'https://example.org/cutouts'
config.chunk_size = 10**4
config.use_footprint = False
config.save_as_numpy=True
config.sizes.append(90)
config.science_image_type = 'initial_' + 'pvi'
"""
TOML = """[save]
sizes = [30, 60]
url_root = "https://example.org"
chunk_size = 10000
look = "documented"
fits = true
limit = 5
where = "snr > 5"
"""


def make_config(rng: random.Random) -> Input:
    ending, whole = rng.choice(((".py", CONFIG), (".toml", TOML)))
    if rng.random() < 0.7:
        return ending, damage_text(rng, whole).encode("utf-8", "surrogatepass")
    return ending, damage(rng, whole.encode())


def use_config(path: Path) -> None:
    if path.suffix == ".py":
        PlotImageSubtractionCutoutsConfig().load(str(path))
        return
    from cutout_widgets.cli import main

    out = path.with_suffix(".out")
    result = CliRunner().invoke(main, ["save", "alerts:no-such-*.avro", "-", str(out), "--config", str(path)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception


# Filters and orders

QUERIES = (
    "snr > 5 and band in ['r', 'i'] and not isDipole",
    "psfFlux / psfFluxErr > 3 or abs(dec) < 28.2",
    "band.str.contains('r|i') and detector.between(1, 4)",
    "diaSourceId == 506428274000265573 & (ra - 53) * 2 < 1",
    "snr.isna() or sqrt(psfFlux) > 3 ** 2",
    "band == 'r' or band.isin(['u', 'g']) and detector % 2 == 1",
    "1 < snr <= 9 and ~isDipole and visit // 10 > 3",
)


def make_query(rng: random.Random) -> Input:
    text = rng.choice(QUERIES)
    if rng.random() < 0.3:
        text = f"{text} {rng.choice(('and', 'or', '+', '<', '**', '&'))} ({rng.choice(QUERIES)})"
    return ".query", damage_text(rng, text).encode("utf-8", "surrogatepass")


@cache
def _table() -> SourceTable:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "t.parquet"
        path.write_bytes(dict(tables())[".parquet"])
        return SourceTable.read(path)


def use_query(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogatepass")
    attempt(lambda: len(_table().where(text)), lambda: _table().sort(text), lambda: cw.Look.of(text))


SUBJECTS = (
    Subject("packets", 20, make_packet, use_packets),
    Subject("fits", 20, make_exposure, use_exposure),
    Subject("tables", 20, make_table, use_table),
    Subject("journals", 10, make_journal, use_journal),
    Subject("saved", 10, make_saved, use_saved),
    Subject("configs", 5, make_config, use_config),
    Subject("where", 15, make_query, use_query),
)
