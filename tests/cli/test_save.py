"""The command line: exit codes and output."""

from __future__ import annotations

import csv
import json
from inspect import signature
from pathlib import Path

import pytest
from astropy.io import fits
from astropy.wcs import WCS
from click.testing import CliRunner, Result

from cutout_widgets.cli import main
from cutout_widgets.testing import make_image, make_sources, make_wcs

FIRST_ID = 506428274000265570

# click 8.2 keeps standard error apart by itself, and knows the option no more.
_RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Six rows, of which the last has no images, and an index of FITS files of one detector."""
    wcs = make_wcs(at=(45, 40))
    science = make_image((80, 90), wcs=wcs)
    for seed, panel in enumerate(("template", "science", "difference")):
        image = make_image((80, 90), seed=seed)
        fits.PrimaryHDU(image.pixels, WCS.to_header(wcs)).writeto(tmp_path / f"{panel}.fits")
    with (tmp_path / "index.csv").open("w") as stream:
        stream.write("visit,detector,template,science,difference\n")
        stream.write("1,0,template.fits,science.fits,difference.fits\n")
    with (tmp_path / "rows.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("diaSourceId", "ra", "dec", "visit", "detector", "reliability", "snr"))
        for k, row in enumerate(make_sources(6, image=science)):
            writer.writerow(
                (FIRST_ID + k, row.ra, row.dec, 1 if k < 5 else 2, 0, "" if k == 3 else k / 5, -k)
            )
    return tmp_path


def run(*arguments: object) -> Result:
    return _RUNNER.invoke(main, [str(one) for one in arguments])


def save(night: Path, *options: object, out: str = "out") -> Result:
    return run("save", f"fits:{night / 'index.csv'}", night / "rows.csv", night / out, *options)


def figures(night: Path, out: str = "out") -> list[int]:
    return sorted(int(path.stem) - FIRST_ID for path in (night / out / "images").rglob("*.png"))


def test_failed_sources_are_reported_with_exit_code_3(night):
    result = save(night)
    assert result.exit_code == 3
    assert result.stdout == "5 written, 0 already there, 1 failed\n"
    assert f"{FIRST_ID + 5}: " in result.stderr
    assert figures(night) == [0, 1, 2, 3, 4]


def test_saving_everything_exits_with_0(night):
    assert save(night, "--limit", 5, "--url-root", "http://h").exit_code == 0
    assert run("verify", night / "out").exit_code == 0


def test_ids_in_json_are_strings(night):
    told = json.loads(save(night, "--json", "--url-root", "http://h").stdout)
    assert told["written"] == [str(FIRST_ID + k) for k in range(5)]
    assert list(told["failed"]) == [str(FIRST_ID + 5)]
    assert told["manifest"] == str(night / "out" / "manifest.csv")


@pytest.mark.parametrize(
    ("options", "saved"),
    [
        (["--min-reliability", 0.4], [2, 4]),
        (["--max-reliability", 0.4], [0, 1, 2]),
        (["--min-reliability", 0.2, "--max-reliability", 0.4], [1, 2]),
        (["--where", "snr < -1"], [2, 3, 4]),
        (["--where", "snr < -1", "--sort", "snr", "--limit", 2], [4]),
        (["--sort", "-snr", "--limit", 2], [0, 1]),
    ],
)
def test_options_select_the_rows(night, options, saved):
    save(night, *options)
    assert figures(night) == saved


def test_the_command_line_overrides_the_configuration_file(night):
    (night / "run.toml").write_text(
        '[save]\nsizes = [20, 40]\nurl_root = "http://h"\nlimit = 4\nadd_metadata = false\n'
        'chunk_size = "none"\nuse_footprint = false\nsave_as_numpy = true\n'
    )
    assert save(night, "--config", night / "run.toml", "--limit", 2).exit_code == 0
    record = json.loads((night / "out" / "cutouts.json").read_text())
    assert (record["sizes"], record["add_metadata"], record["chunk_size"]) == ([20, 40], False, None)
    assert figures(night) == [0, 1]
    assert len(list((night / "out" / "numpy").rglob("*.npy"))) == 2 * 2 * 3


@pytest.mark.parametrize(
    "text",
    ["nonsense = 1", "not toml", "sizes = [", "save = 3", "limit = [3]", "sizes = [[30]]", "look = {a = 1}"],
)
def test_an_invalid_configuration_is_one_sentence_with_exit_code_2(night, text):
    (night / "run.toml").write_text(text)
    result = save(night, "--config", night / "run.toml")
    assert result.exit_code == 2
    assert "run.toml" in result.stderr
    assert not (night / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--where", "nothing > 1"],
        ["--look", "pretty"],
        ["--chunk-size", 12],
        ["--colormap", "no such"],
        ["--diff-image-type", "goodSeeing"],
        ["--sort", "nothing"],
    ],
)
def test_an_invalid_value_is_one_sentence_with_its_docs_page_and_exit_code_1(night, options):
    result = save(night, *options)
    assert result.exit_code == 1
    first, *page = result.stderr.splitlines()
    assert first.startswith("Error: ")
    assert page in ([], ["Explained in docs/tables.md"])


def test_an_unknown_option_exits_with_2(night):
    assert save(night, "--no-such").exit_code == 2


@pytest.mark.slow
def test_several_processes_save_the_same_files(night):
    save(night, "--url-root", "http://h")
    save(night, "--url-root", "http://h", "--jobs", 2, out="again")
    one, other = (
        {p.relative_to(night / out): p.read_bytes() for p in (night / out).rglob("*") if p.is_file()}
        for out in ("out", "again")
    )
    assert one == other


def test_every_field_has_a_command_line_option(night):
    options = (
        "--size 20 --size 40 --no-metadata --chunk-size none --save-as-numpy --outline --fits --look rubin "
        "--colormap viridis --dialect lab --instrument X --repair --use-footprint mask --limit 1 "
        "--no-progress --missing draw --format png"
    )
    result = save(night, *options.split())
    assert result.exit_code == 0, result.stderr
    assert (night / "out" / "manifest.csv").read_text().startswith("image,!diaSourceId\n")
    assert (night / "out" / "fits" / f"{FIRST_ID}.fits").exists()


def test_a_blind_run_prints_where_its_key_is(night):
    result = save(night, "--blind", "--limit", 2, "--url-root", "http://h")
    assert f"key, to be kept private: {night / 'out.key.csv'}" in result.stdout


def test_problems_found_by_verify_exit_with_3(night):
    save(night, "--limit", 2)
    next((night / "out" / "images").rglob("*.png")).write_bytes(b"")
    result = run("verify", night / "out", "--json")
    assert result.exit_code == 3
    assert len(json.loads(result.stdout)) == 1


def test_info_describes_tables_stores_and_saved_directories(night):
    save(night, "--limit", 2)
    table = json.loads(run("info", night / "rows.csv", "--json").stdout)
    assert (table["kind"], table["rows"]) == ("table", 6)
    assert "FitsImages" in run("info", f"fits:{night / 'index.csv'}").stdout
    assert "figures: 2" in run("info", night / "out").stdout
    assert run("info", night / "nothing").exit_code == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_works(shell):
    assert "_CUTOUT_WIDGETS_COMPLETE" in run("completion", shell).stdout
