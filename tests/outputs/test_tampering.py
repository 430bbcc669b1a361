"""`verify` reports any damage to a saved directory in one sentence, and ends."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.record import FoundPart
from cutout_widgets.outputs.verify import verify
from outputs.makers import FIRST_ID, files_of, make_world

save = partial(save_cutouts, progress=False, url_root="https://h/a", save_as_numpy=True, fits=True)
CHUNK = FIRST_ID // 10_000 * 10_000
FIGURE, OTHER = (f"images/{CHUNK}/{FIRST_ID + 7 * k}.png" for k in (0, 1))
ARRAY, OTHER_ARRAY = (f"numpy/{CHUNK}/{FIRST_ID + 7 * k}_sci_30.npy" for k in (0, 1))
FITS = f"fits/{CHUNK}/{FIRST_ID}.fits"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("made") / "out"
    table, images = make_world(3)
    save(table, images, root)
    assert verify(root) == []
    return root


@pytest.fixture
def saved(made, tmp_path):
    return shutil.copytree(made, tmp_path / "out")


def remove(name):
    return lambda root: (root / name).unlink()


def replace(name, data):
    return lambda root: (root / name).write_bytes(data)


def change(name, old, new, count=-1):
    def act(root):
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new, count))

    return act


def cut(name, by=20):
    return lambda root: (root / name).write_bytes((root / name).read_bytes()[:-by])


def flip(name, at=-1):
    def act(root):
        data = bytearray((root / name).read_bytes())
        data[at] ^= 1
        (root / name).write_bytes(data)

    return act


def swap(one, other):
    def act(root):
        (root / one).rename(root / "kept")
        (root / other).rename(root / one)
        (root / "kept").rename(root / other)

    return act


def folder(name):
    def act(root):
        (root / name).unlink()
        (root / name).mkdir()

    return act


def pipe(name):
    def act(root):
        (root / name).unlink()
        os.mkfifo(root / name)

    return act


def link(name):
    def act(root):
        (root / name).rename(root.parent / "kept")
        (root / name).symlink_to(root.parent / "kept")

    return act


def forget_a_source(root):
    """Remove all files of one source and its row."""
    for path in root.rglob(f"{FIRST_ID}[._]*"):
        path.unlink()
    lines = (root / "manifest.csv").read_text().splitlines(keepends=True)
    (root / "manifest.csv").write_text("".join(line for line in lines if f"{FIRST_ID}" not in line))


def foreign_figure_of_the_same_id(root):
    table, images = make_world(1, seed=9)
    save(table, images, root.parent / "foreign")
    shutil.copy(root.parent / "foreign" / FIGURE, root / FIGURE)


def provenance(**entries):
    def act(root):
        known = json.loads((root / "cutouts.json").read_text())
        (root / "cutouts.json").write_text(json.dumps(known | entries))

    return act


def rows(*numbers):
    def act(root):
        lines = (root / "manifest.csv").read_text().splitlines(keepends=True)
        (root / "manifest.csv").write_text("".join(lines[number] for number in numbers))

    return act


KINDS = ("manifest.csv", "cutouts.json", "files.csv", FIGURE, ARRAY, FITS)
NESTED = b"[" * 100_000 + b"]" * 100_000
TAMPERINGS = {
    "manifest deleted": remove("manifest.csv"),
    "FITS deleted": remove(FITS),
    "array deleted": remove(ARRAY),
    "figure deleted": remove(FIGURE),
    "table deleted": remove("numpy/all_diasources.csv.gz"),
    "provenance deleted": remove("cutouts.json"),
    "record deleted": remove("files.csv"),
    "all of a source gone": forget_a_source,
    "all figures gone": lambda root: shutil.rmtree(root / "images"),
    "all arrays gone": lambda root: shutil.rmtree(root / "numpy"),
    "arrays swapped": swap(ARRAY, OTHER_ARRAY),
    "panels swapped": swap(ARRAY, ARRAY.replace("_sci_", "_diff_")),
    "figures swapped": swap(FIGURE, OTHER),
    "FITS files swapped": swap(FITS, FITS.replace(f"{FIRST_ID}", f"{FIRST_ID + 7}")),
    "a pixel of an array changed": flip(ARRAY),
    "a bit of a figure changed": flip(FIGURE, 3000),
    "a bit of a FITS file changed": flip(FITS, 9000),
    "array cut": cut(ARRAY),
    "figure cut": cut(FIGURE),
    "FITS cut": cut(FITS, 2880),
    "table cut": cut("numpy/all_diasources.csv.gz"),
    "table replaced": replace("numpy/exported_diasources.csv.gz", gzip.compress(b"a,b\n1,2\n")),
    "foreign figure of the same id": foreign_figure_of_the_same_id,
    "foreign text as figure": replace(FIGURE, b"hello"),
    "empty figure": replace(FIGURE, b""),
    "figure more": lambda root: shutil.copy(root / FIGURE, root / "images" / f"{CHUNK}" / "5.png"),
    "array more": lambda root: np.save(root / "numpy" / f"{CHUNK}" / "5_sci_30.npy", np.zeros(3)),
    "text more": replace("images/notes.txt", b"x"),
    "figure moved": lambda root: (root / FIGURE).rename(root / "images" / f"{FIRST_ID}.png"),
    "row deleted": rows(0, 1, 2),
    "row twice": rows(0, 1, 1, 2, 3),
    "rows in another order": rows(0, 2, 1, 3),
    "host of one URL": change("manifest.csv", "https://h/", "https://evil/", 1),
    "host of all URLs": change("manifest.csv", "https://h/", "https://evil/"),
    "scheme of one URL": change("manifest.csv", "https:", "http:", 1),
    "scheme of all URLs": change("manifest.csv", "https:", "ftp:"),
    "path of one URL": change("manifest.csv", "/a/images", "/b/images", 1),
    "path of all URLs": change("manifest.csv", "/a/images", "/a/b/images"),
    "query in a URL": change("manifest.csv", ".png", ".png?x=1", 1),
    "fragment in all URLs": change("manifest.csv", ".png", ".png#x"),
    "a URL of nonsense": change("manifest.csv", "https://h/", "http://[::1", 1),
    "a URL with NUL": change("manifest.csv", "https://h/", "https://\0/", 1),
    "URLs of another figure": change("manifest.csv", f"/{FIRST_ID}.png", f"/{FIRST_ID + 7}.png"),
    "id of a row": change("manifest.csv", f",{FIRST_ID}\n", ",5\n"),
    "external id of a row": change("manifest.csv", f"\n{FIRST_ID},", "\n5,"),
    "column renamed": change("manifest.csv", "location:1", "location"),
    "manifest empty": replace("manifest.csv", b""),
    "manifest of a huge cell": replace("manifest.csv", b"a\n" + b"x" * 200_000),
    "manifest not text": replace("manifest.csv", b"\xff\xfe"),
    "another manifest more": lambda root: shutil.copy(root / "manifest.csv", root / "manifest-2.csv"),
    **{f"{name} a folder": folder(name) for name in KINDS},
    **{f"{name} a pipe": pipe(name) for name in KINDS},
    **{f"{name} a link": link(name) for name in (*KINDS, "images")},
    "chunk_size 0": provenance(chunk_size=0),
    "chunk_size text": provenance(chunk_size="many"),
    "chunk_size negative": provenance(chunk_size=-10),
    "chunk_size a list": provenance(chunk_size=[10]),
    "chunk_size of 5000 digits": change("cutouts.json", "10000", "1" + "0" * 5000),
    "another look": provenance(look="rubin"),
    "provenance nested": replace("cutouts.json", NESTED),
    "provenance a list": replace("cutouts.json", b"[]"),
    "provenance not text": replace("cutouts.json", b"\xff"),
    "record empty": replace("files.csv", b""),
    "record of nonsense": replace("files.csv", b"name,bytes,crc32\n../../etc/passwd,x,y\n"),
    "record not text": replace("files.csv", b"\xff\xfe"),
    "record says other lengths": change("files.csv", ".npy,", ".npy,1"),
    "record cut": cut("files.csv", 30),
    "record with a line twice": lambda root: (
        (root / "files.csv").open("ab").write((root / "files.csv").read_bytes().splitlines(keepends=True)[-1])
    ),
    "record of a file elsewhere": lambda root: (root / "files.csv").open("a").write("../x,1,00000000\n"),
}  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tamper", TAMPERINGS.values(), ids=TAMPERINGS.keys())
def test_verify_reports_the_damage(saved, tamper):
    tamper(saved)
    problems = verify(saved)
    assert problems
    assert all(isinstance(problem, str) and "\n" not in problem for problem in problems)


def test_saving_again_repairs_the_damage(saved, made):
    for name in ("manifest.csv", FIGURE, ARRAY, FITS, "numpy/all_diasources.csv.gz"):
        (saved / name).unlink()
    flip(OTHER_ARRAY)(saved)
    table, images = make_world(3)
    report = save(table, images, saved, repair=True)
    assert report.written == (FIRST_ID, FIRST_ID + 7)
    assert files_of(saved) == files_of(made)


def test_a_record_with_a_huge_line_is_refused_quickly(saved):
    (saved / "files.csv").write_bytes(
        b"name,bytes,crc32\n" + b"a" * 500_000
    )  # 10^11 steps if searched through
    assert any("not a record of files, or is damaged" in one for one in verify(saved))
    part = saved / ".cutouts-partial" / "runs" / "a-1.growing"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"first\nimages/1.png,3,0000000a\n" + b"a" * 500_000)
    assert FoundPart(part).entries == {"images/1.png": "3,0000000a"}


@pytest.mark.parametrize("found", [b"", b"name,bytes,crc32\nimages/1.png,x\n", b"\xff"])
def test_saving_to_a_directory_with_a_damaged_record_is_refused(saved, found):
    table, images = make_world(3)
    (saved / "files.csv").write_bytes(found)
    with pytest.raises(BadTable, match=r"files\.csv"):
        save(table, images, saved)


def test_a_directory_that_was_never_saved_to_is_reported(tmp_path):
    assert verify(tmp_path) == ["cutouts.json: it is missing; has anything been saved to this directory?"]


def test_a_path_with_nul_is_refused():
    with pytest.raises(BadOption, match=r"not a path: .* contains a NUL character"):
        verify(Path("a\0b"))


def test_a_row_with_another_url_is_reported(saved):
    change("manifest.csv", "https://h/a/images", "https://h/b/images", 1)(saved)
    assert verify(saved) == [
        f"manifest.csv, line 2: https://h/b/{FIGURE} does not begin with https://h/a/ as the others do"
    ]


def test_a_png_decompression_bomb_is_not_unpacked(saved):
    """A bomb: 4 MB of IDAT that hold 4 GB of zeros, told by the first megabytes."""
    from cutout_widgets.outputs.figure.png import SIGNATURE, _chunk, fault_of

    head = (saved / FIGURE).read_bytes()[16:29]
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    bomb = SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    assert fault_of(bomb) == "it has more pixels than its size says"
