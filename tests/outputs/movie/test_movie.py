"""Movies: the contents of the file, the texts, and no partial files."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.display.look import Look
from cutout_widgets.errors import BadOption, BadTable, CutoutWarning, MissingDependency
from cutout_widgets.outputs.movie import movie as module
from cutout_widgets.outputs.movie.frames import MovieCanvas, frames_of
from cutout_widgets.outputs.movie.movie import Movie, save_movie
from cutout_widgets.pixels.image import Triplet
from cutout_widgets.stores.arrays.store import ArrayImages
from cutout_widgets.testing import make_image, make_wcs

FIRST = 2**63 - 4
SIDE = 8


def make(n: int = 3, **columns):
    """Epochs in the reverse order of time; epoch k is k everywhere but for a brighter middle."""
    ids = FIRST + np.arange(n, dtype=np.int64) if n else np.zeros(0, dtype=np.int64)
    table = {
        "diaSourceId": ids,
        "ra": np.full(n, 53.0),
        "dec": np.full(n, -28.0),
        "midpointMjdTai": 61000.0 + np.arange(n)[::-1],
        "band": list("gri"[:n]),
        "snr": np.arange(n) + 5.0,
    }
    stamps = np.ones((max(n, 1), SIDE, SIDE), dtype=np.float32) * np.arange(max(n, 1))[:, None, None]
    stamps[:, 4, 4] += 10
    images = ArrayImages.from_stamps(ids if n else [1], stamps, stamps, stamps, wcs=make_wcs(at=(4, 4)))
    return table | columns, images


def frames(path):
    with Pillow.open(path) as movie:
        found = []
        for number in range(movie.n_frames):
            movie.seek(number)
            found.append(np.asarray(movie.convert("RGB")))
        return found, movie.info


def panel(frame, column=1):
    canvas = MovieCanvas()
    top, left = canvas.top(0), canvas.left(column)
    return frame[top : top + 205, left : left + 205]


def test_a_gif_shows_the_epochs_in_time_order(tmp_path):
    table, images = make()
    movie = save_movie(
        table, images, tmp_path / "new" / "one.GIF", size=SIDE, frame_s=0.25, same_limits=True, progress=False
    )
    found, info = frames(movie.path)
    assert (len(found), movie.n_frames, info["duration"], info["loop"]) == (3, 3, 250, 0)
    grey = [float(panel(one)[20, 20].mean()) for one in found]
    assert grey == sorted(grey, reverse=True), "the last row, of 2, is the first epoch"
    assert len({*grey}) == 3
    assert [one.name for one in movie.path.parent.iterdir()] == ["one.GIF"], "nothing half written is left"
    assert movie.problems == ()


def test_with_individual_limits_every_epoch_is_equally_bright(tmp_path):
    table, images = make()
    options = {"size": SIDE, "progress": False}
    movie = save_movie(table, images, tmp_path / "one.gif", same_limits=False, **options)
    found, _ = frames(movie.path)
    assert len({panel(one)[20, 20].tobytes() for one in found}) == 1


def test_date_band_and_number_are_written_on_each_frame(tmp_path):
    table, _ = make()
    rows = list(SourceTable.read(table).sort("time"))
    said = []
    import cutout_widgets.outputs.movie.frames as drawn

    for number, row in enumerate(rows):
        texts = drawn._texts(MovieCanvas(), row, f"{number + 1} of 3", "north up")
        said.append([text.text for text in texts])
    assert said[0] == [
        "2025-11-21 00:00   MJD 61000.00000   band i   S/N 7.0", "1 of 3", "north up", f"{FIRST + 2}",
    ]  # fmt: skip
    assert said[2][0].startswith("2025-11-23 00:00   MJD 61002.00000   band g")


def test_a_frame_without_time_and_band_says_so():
    rows = list(SourceTable.read({"id": [1], "ra": [1.0], "dec": [2.0]}))
    triplet = Triplet(science=make_image((4, 4)))
    (frame,) = frames_of(rows, [triplet], Look.of("documented"), up="north", limits="limits each its own")
    assert frame.indices.shape == (MovieCanvas().height, MovieCanvas().width)
    assert (frame.indices.shape[0] % 2, frame.indices.shape[1] % 2) == (0, 0)


def test_a_missing_panel_is_hatched_and_reported(tmp_path):
    table, _ = make(2)
    stamps = np.ones((1, SIDE, SIDE), dtype=np.float32)
    images = ArrayImages.from_stamps([FIRST], stamps, stamps, None)
    movie = save_movie(table, images, tmp_path / "one.gif", size=SIDE, progress=False)
    assert movie.n_frames == 2
    assert any(one.startswith(f"{FIRST + 1}: science: ") for one in movie.problems)
    assert repr(movie).endswith("problems>")


def test_a_moving_object_is_centred_with_its_motion_up(tmp_path):
    pixels = np.zeros((60, 60), dtype=np.float32)
    pixels[30, 20] = pixels[30, 40] = 100.0
    pixels[30, 19] = pixels[30, 39] = 50.0  # to the left, where east is, lies something fainter
    image = replace(make_image((60, 60), wcs=make_wcs(at=(30, 30))), pixels=pixels)
    ra, dec = image.wcs.wcs_pix2world([[40, 30], [20, 30]], 0).T
    table = {
        "diaSourceId": [1, 2], "ra": ra, "dec": dec, "midpointMjdTai": [61000.0, 61000.1],
        "visit": [1, 1], "detector": [1, 1], "ssObjectId": [7, 7],
    }  # fmt: skip
    images = ArrayImages.from_images({(1, 1): (None, image, None)}, key=("visit", "detector"))
    movie = save_movie(
        table, images, tmp_path / "moving.gif", size=9, up="motion", look="documented", progress=False
    )
    found, _ = frames(movie.path)
    for one in found:
        science = panel(one).astype(int).sum(axis=2)
        middle, above, left = science[102, 102], science[80, 102], science[102, 80]
        assert middle > above > left, "east of the star, where it goes to, is above it"


def test_no_epochs_are_refused_and_a_single_one_is_a_still_picture(tmp_path):
    table, images = make(0)
    with pytest.raises(BadTable, match="there are no epochs: the table has no rows"):
        save_movie(table, images, tmp_path / "none.gif")
    table, images = make(1)
    with pytest.warns(CutoutWarning, match="only one epoch: the movie is a still picture"):
        movie = save_movie(table, images, tmp_path / "one.gif", size=SIDE, progress=False)
    assert repr(movie) == f"<Movie {movie.path}: 1 epoch of 0.5 s>"
    assert [one.name for one in tmp_path.iterdir()] == ["one.gif"]


@pytest.mark.parametrize(
    "name, options, match",
    [
        ("epochs.avi", {}, r"a movie is a \.gif or an \.mp4 file; got 'epochs.avi'"),
        ("epochs", {}, "got 'epochs'"),
        ("epochs.gif", {"up": "east"}, "up is one of detector, north, motion; got 'east'"),
        ("epochs.gif", {"frame_s": 0}, "frame_s is from 0.02 to 60 seconds; got 0"),
        ("epochs.gif", {"frame_s": float("nan")}, "got nan"),
        ("epochs.gif", {"frame_s": True}, "got True"),
        ("epochs.gif", {"size": (30, 60)}, "a movie shows one size; got 2"),
        ("epochs.gif", {"look": "fancy"}, "a look is one of"),
    ],
)
def test_invalid_options_are_refused_and_nothing_is_written(tmp_path, name, options, match):
    table, images = make()
    with pytest.raises(BadOption, match=match):
        save_movie(table, images, tmp_path / name, progress=False, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_movie_leaves_the_previous_file(tmp_path, monkeypatch):
    table, images = make()
    path = tmp_path / "one.gif"
    path.write_bytes(b"the one before")

    def fail(*_, **__):
        yield next(frames_of(list(SourceTable.read(table)), [Triplet()] * 3, Look.of("documented"),
                             up="detector", limits=""))  # fmt: skip
        raise OSError("the disk is full")

    monkeypatch.setattr(module, "frames_of", fail)
    with pytest.raises(OSError, match="disk is full"):
        save_movie(table, images, path, size=SIDE, progress=False)
    assert path.read_bytes() == b"the one before"
    assert [one.name for one in tmp_path.iterdir()] == ["one.gif"]


def test_an_mp4_has_the_same_frames(tmp_path):
    pytest.importorskip("imageio_ffmpeg", reason="needs the extra 'movie'")
    from imageio import v2

    table, images = make()
    movie = save_movie(table, images, tmp_path / "one.mp4", size=SIDE, frame_s=0.5, progress=False)
    with v2.get_reader(movie.path) as reader:
        found = [one for one in reader]
        assert reader.get_meta_data()["duration"] == pytest.approx(1.5, abs=0.1)
    assert len(found) == 15, "each is repeated, ten times a second"
    assert found[0].shape == (MovieCanvas().height, MovieCanvas().width, 3)
    grey = [float(panel(found[number])[40, 40].mean()) for number in (2, 7, 12)]
    assert grey == sorted(grey, reverse=True)


def test_without_an_encoder_the_error_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    table, images = make()
    with pytest.raises(MissingDependency, match=r"cutout-widgets\[movie\]"):
        save_movie(table, images, tmp_path / "one.mp4")


def test_a_notebook_plays_the_movie_and_its_name_is_escaped(tmp_path):
    path = tmp_path / 'a"><script>.gif'
    path.write_bytes(b"GIF89a")
    html = Movie(path, 2, 0.5)._repr_html_()
    assert html == '<img alt="a&quot;&gt;&lt;script&gt;.gif" src="data:image/gif;base64,R0lGODlh">'
    path.unlink()
    assert "<script>" not in Movie(path, 2, 0.5)._repr_html_()
