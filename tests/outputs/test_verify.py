"""Verifying: each kind of damage is reported, and nothing else."""

from __future__ import annotations

import io
import warnings
from functools import partial

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image as Pillow

from cutout_widgets.errors import BadOption
from cutout_widgets.outputs.arrays import fault_of_array
from cutout_widgets.outputs.batch import save_cutouts
from cutout_widgets.outputs.figure.png import fault_of, texts_of
from cutout_widgets.outputs.fits import fault_of_fits
from cutout_widgets.outputs.verify import verify
from outputs.makers import FIRST_ID, figures_of, make_world

save = partial(save_cutouts, progress=False, url_root="http://h/a")


@pytest.fixture
def saved(tmp_path):
    table, images = make_world(4)
    save(table, images, tmp_path)
    return tmp_path


def test_a_saved_directory_has_no_problems(saved):
    assert verify(saved) == []


@pytest.mark.parametrize("dialect", ["panoptes", "lab", "cli"])
@pytest.mark.parametrize("format", ["png", "png-matplotlib", "pdf", "svg"])
def test_every_dialect_and_format_has_no_problems(tmp_path, dialect, format):
    table, images = make_world(2)
    options = {"dialect": dialect, "format": format}
    assert len(save(table, images, tmp_path, **options).written) == 2
    assert verify(tmp_path) == []
    assert len(save(table, images, tmp_path, repair=True, **options).present) == 2


@pytest.mark.parametrize("format", ["pdf", "svg", "png-matplotlib"])
def test_damaged_matplotlib_figures_are_found_and_repaired(tmp_path, format):
    table, images = make_world(2)
    save(table, images, tmp_path, format=format)
    path = next((tmp_path / "images").rglob(f"{FIRST_ID}.*"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert len(verify(tmp_path)) == 1
    save(table, images, tmp_path, format=format, repair=True)
    assert path.read_bytes() == whole


def test_a_missing_directory_is_refused(tmp_path):
    with pytest.raises(BadOption, match="no directory"):
        verify(tmp_path / "nowhere")


def test_rows_without_file_and_files_without_row_are_reported(saved):
    name = figures_of(saved)[1]
    (saved / name).rename(saved / name.replace(f"{FIRST_ID + 7}", f"{FIRST_ID + 8}"))
    problems = verify(saved)
    assert any("it is the figure of source" in problem for problem in problems)
    assert any(problem.startswith("manifest.csv, line 3: http://h/a/images/") for problem in problems)
    assert any("is not in manifest.csv" in problem for problem in problems)


def test_a_duplicate_row_is_reported(saved):
    path = saved / "manifest.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")
    assert [problem.rsplit(" ", 2)[1:] for problem in verify(saved)] == [["appears", "twice"]]


def test_a_url_without_the_chunk_folder_is_reported(saved):
    """The fault of the reference implementation."""
    path = saved / "manifest.csv"
    path.write_text(path.read_text().replace("images/506428274000260000/", "images/"))
    assert len([problem for problem in verify(saved) if "is not a file in this directory" in problem]) == 4


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", 'a,b\n"1,2\n', "external_id,location:1\n1\n"])
def test_a_file_that_is_not_a_manifest_is_reported(saved, text):
    (saved / "manifest.csv").write_text(text)
    assert verify(saved)


def test_a_figure_in_the_wrong_folder_is_reported(saved):
    name = figures_of(saved)[0]
    (saved / "images" / "0").mkdir()
    (saved / name).rename(saved / "images" / "0" / f"{FIRST_ID}.png")
    assert any("in the folder of other sources" in problem for problem in verify(saved))


def test_foreign_files_are_reported(saved):
    stream = io.BytesIO()
    Pillow.fromarray(np.zeros((5, 5), dtype=np.uint8)).save(stream, "png")
    (saved / figures_of(saved)[0]).write_bytes(stream.getvalue())
    (saved / "images" / "notes.txt").write_text("hello")
    problems = verify(saved)
    assert [problem.rsplit(": ", 1)[1] for problem in problems] == [
        "it is not one of our figures",
        "a file that does not belong here",
    ]


def test_a_copy_of_a_figure_beside_the_folders_is_reported(saved):
    name = figures_of(saved)[0]
    (saved / "copy.png").write_bytes((saved / name).read_bytes())
    assert verify(saved) == [f"copy.png: it is a figure of source {FIRST_ID} outside images/; move it away"]


@pytest.mark.parametrize(
    "name",
    ["notes.txt", "page.png", "manifest.csv.bak", "sub/a.txt", ".ipynb_checkpoints/a-checkpoint.ipynb"],
)
def test_files_of_the_user_beside_the_folders_are_accepted(saved, name):
    stream = io.BytesIO()
    Pillow.fromarray(np.zeros((5, 5), dtype=np.uint8)).save(stream, "png")
    (saved / name).parent.mkdir(exist_ok=True)
    (saved / name).write_bytes(stream.getvalue())
    assert verify(saved) == []


@pytest.mark.parametrize(
    "name", [".DS_Store", "._a.png", "Thumbs.db", ".nfs0001", ".ipynb_checkpoints/a.png"]
)
def test_files_that_desktops_and_jupyter_leave_are_ignored(saved, name):
    (saved / "images" / name).parent.mkdir(exist_ok=True)
    (saved / "images" / name).write_bytes(b"x")
    assert verify(saved) == []


def test_an_array_of_a_source_without_figure_is_reported(tmp_path):
    table, images = make_world(1)
    save(table, images, tmp_path, save_as_numpy=True)
    (tmp_path / figures_of(tmp_path)[0]).unlink()
    assert len([problem for problem in verify(tmp_path) if "there is no figure" in problem]) == 3


@pytest.mark.parametrize("at", range(0, 20_000, 997))
def test_a_png_truncated_or_changed_anywhere_is_reported(saved, at):
    data = (saved / figures_of(saved)[0]).read_bytes()
    assert fault_of(data) is None
    at %= len(data)
    assert fault_of(data[:at]) is not None
    assert fault_of(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]) is not None


def test_a_png_stores_its_source_look_and_version(saved):
    notes = texts_of((saved / figures_of(saved)[0]).read_bytes())
    assert notes["diaSourceId"] == str(FIRST_ID)
    assert notes["look"] == "documented"
    assert notes["Software"].startswith("cutout_widgets ")


@pytest.fixture
def whole(tmp_path):
    """A directory of two sources with arrays and FITS files; the FITS files and an array of it."""
    table, images = make_world(2)
    save(table, images, tmp_path, save_as_numpy=True, fits=True)
    assert verify(tmp_path) == []
    return (*sorted(tmp_path.rglob("*.fits")), tmp_path / "numpy" / f"{CHUNK}/{FIRST_ID}_sci_30.npy")


CHUNK = FIRST_ID // 10_000 * 10_000


def test_a_fits_file_of_another_source_is_reported(whole):
    one, other, _ = whole
    one.write_bytes(other.read_bytes())
    assert fault_of_fits(one.read_bytes(), one.stem) == f"it is of source {other.stem}"
    assert len(verify(one.parents[2])) == 1


def test_a_fits_file_truncated_after_any_block_is_reported(whole):
    data, stem = whole[0].read_bytes(), whole[0].stem
    assert len(data) % 2880 == 0
    for at in range(2880, len(data), 2880):
        assert fault_of_fits(data[:at], stem) == "it is truncated"
        assert fault_of_fits(data[: at - 1], stem) is not None


def test_a_fits_file_changed_anywhere_or_too_long_is_reported(whole):
    data, stem = whole[0].read_bytes(), whole[0].stem
    assert fault_of_fits(data + bytes(2880), stem) is not None
    for at in range(0, len(data), 997):
        assert fault_of_fits(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], stem) is not None


def test_a_fits_file_of_another_program_is_reported(whole):
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(whole[0], overwrite=True, checksum=True)
    assert fault_of_fits(whole[0].read_bytes(), whole[0].stem) == "it is not one of our FITS files"


def test_checksums_of_fits_files_are_accepted_by_astropy(whole):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(whole[0], checksum=True) as hdus:
            assert all(hdu.verify_checksum() == hdu.verify_datasum() == 1 for hdu in hdus)
            assert hdus[0].header["NEXTEND"] == len(hdus) - 1


def test_an_array_of_the_wrong_length_type_or_shape_is_reported(whole):
    path = whole[-1]
    data = path.read_bytes()
    assert fault_of_array(data, path.stem) is None
    assert fault_of_array(data[:-1], path.stem) == "it is truncated"
    assert fault_of_array(data + b"x", path.stem) == "there are extra bytes at its end"
    assert fault_of_array(data[:40], path.stem) == "its header is damaged"
    assert fault_of_array(data, "1_sci_31") == "its shape is (1, 30, 30), but its name says 31"
    assert (
        fault_of_array(data.replace(b"<f4", b"<f8"), path.stem)
        == "it holds float64 by rows, not float32 by rows"
    )
    huge = data.replace(b"(1, 30, 30)", b"(1, 2, 30 )")
    assert fault_of_array(huge, path.stem) == "there are extra bytes at its end"
