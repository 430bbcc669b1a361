"""Alert packets as a store: real packets of every survey, and the contract of all stores."""

from __future__ import annotations

import gzip
import pickle
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.stores.alerts.packet_files import (
    ZTF_SCHEMA,
    lsst_packet,
    wire_message,
    write_container,
    ztf_packet,
)

from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.errors import CutoutWarning, ImageNotFound, MissingDependency
from cutout_widgets.pixels.geometry import XY
from cutout_widgets.pixels.image import Image, Panel
from cutout_widgets.pixels.region import Region, locate
from cutout_widgets.reader import plan, read
from cutout_widgets.stores.alerts.stamps import read_stamp
from cutout_widgets.stores.alerts.store import AlertImages
from cutout_widgets.stores.alerts.surveys import stamps_of
from cutout_widgets.stores.base import HasHistory, HasTable, ImageStore
from cutout_widgets.testing import StoreContract

pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")


def triplets_of(images: AlertImages, region: Region | None = None):
    """All rows with their triplets, in table order."""
    rows = list(images.table())
    found = dict(read(rows, images, region or Region.whole()))
    return [(row, found[place]) for place, row in enumerate(rows)]


class TestAlertImages(StoreContract):
    region = Region((9,))

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path):
        # 12-pixel stamps hold the region with room to spare; the third has no template.
        self.packets = {number: lsst_packet(number, side=12) for number in (3, 4, 2**53 + 1)}
        self.packets[2**53 + 1]["cutoutTemplate"] = None
        one, two, three = self.packets.values()
        write_container(tmp_path / "a.avro", [one, two])
        (tmp_path / "b.avro").write_bytes(wire_message(three))
        self.folder = tmp_path

    def make_store(self) -> AlertImages:
        return AlertImages(self.folder)

    def make_sources(self) -> list[DiaSource]:
        return list(AlertImages(self.folder).table())

    def whole_image(self, source: DiaSource, panel: Panel) -> Image | None:
        stamp = stamps_of(self.packets[source.id])[panel]
        return None if stamp is None else read_stamp(stamp, position=XY(source.row["x"], source.row["y"]))


def test_an_alert_store_provides_rows_and_histories(tmp_path: Path):
    images = AlertImages(write_container(tmp_path / "a.avro", [lsst_packet(1)]))
    assert isinstance(images, ImageStore)
    assert isinstance(images, HasTable)
    assert isinstance(images, HasHistory)


def test_ids_of_lsstcam_packets_match_their_file_names(shared: Path):
    folder = shared / "data" / "lsstcam_real"
    images = AlertImages(folder)
    names = {int(path.stem.partition("_")[0]) for path in folder.glob("*.avro")}
    assert len(names) == 35
    assert {row.id for row in images.table()} == names
    assert images.problems == ()


@pytest.mark.parametrize(
    ("folder", "count"),
    [("lsstcam_real", 35), ("hsc_precursor_real", 20), ("ztf", 20), ("lsst_wire_and_parquet", 4)],
)
def test_every_stamp_of_these_folders_is_shown(shared: Path, folder: str, count: int):
    images = AlertImages(shared / "data" / folder)
    found = triplets_of(images)
    assert len(found) == count
    assert images.problems == ()
    for _, triplet in found:
        assert triplet.problems == ()
        assert all(image is not None and np.isfinite(image.pixels).any() for image in triplet)


def test_other_surveys_show_available_stamps_and_report_problems(shared: Path):
    found = {row.id: triplet for row, triplet in triplets_of(AlertImages(shared / "data" / "other_surveys"))}
    assert len(found) == 10
    vast = found.pop(1002)
    assert list(vast) == [None, None, None]
    assert vast.problem_of("science") == "the stamp is not a FITS file: it has 512 zero bytes"
    assert vast.problem_of("template") == "the alert packet has no template stamp"
    assert all(image is not None for triplet in found.values() for image in triplet)
    assert np.ptp(found[89].template.pixels) == 0  # TURBO's template is one constant


def test_real_stamps_have_the_source_at_the_difference_peak(shared: Path):
    # ZTF alone: single bright transients. The peak lies within 2 px of the anchor, also in stamps
    # that an edge cuts short, which would be 8 px off if the centre were taken.
    images = AlertImages(sorted((shared / "data" / "ztf").glob("part-*.avro")))
    near = []
    for row, triplet in triplets_of(images):
        image = triplet.difference
        (x, y), height = locate(image, [row])[0], image.pixels
        height = -height if row.row["isdiffpos"] in ("f", "0") else height
        patch = np.where(np.isfinite(height), height, -np.inf)
        rows, columns = np.indices(patch.shape)
        inside = np.hypot(rows - y, columns - x) <= 2.5
        near.append(patch[inside].max() == patch[np.hypot(rows - y, columns - x) <= 9].max())
    assert len(near) == 8
    assert sum(near) >= 7


def test_a_region_is_cut_around_the_source_and_padded_with_no_data(tmp_path: Path):
    images = AlertImages(write_container(tmp_path / "a.avro", [lsst_packet(5, side=6)]))
    (row,) = images.table()
    (triplet,) = images.read([row], Region.of(10))
    assert triplet.science.shape == (10, 10)
    assert np.isfinite(triplet.science.pixels[2:8, 2:8]).all()
    assert np.isnan(triplet.science.pixels).sum() == 64
    (whole,) = images.read([row], Region.whole())
    np.testing.assert_array_equal(triplet.science.pixels[2:8, 2:8], whole.science.pixels)


def test_a_bad_stamp_affects_only_its_panel(tmp_path: Path):
    packet = lsst_packet(5, cutoutScience=b"\xff\xd8\xff\xe0 a JPEG")
    images = AlertImages(write_container(tmp_path / "a.avro", [packet]))
    (triplet,) = images.read(list(images.table()), Region.of(4))
    assert triplet.template is not None
    assert triplet.science is None
    assert triplet.difference is not None
    assert triplet.problems == (
        "science: the stamp is a JPEG picture, which has no pixel values; only FITS has",
    )


def test_a_stamp_with_an_inconsistent_wcs_is_centred_on_the_source(tmp_path: Path):
    packet = lsst_packet(5, side=7)
    packet["diaSource"] |= {"x": 900.0, "y": 900.5, "ra": 11.0}  # a degree from its stamps
    images = AlertImages(write_container(tmp_path / "a.avro", [packet]))
    with pytest.warns(CutoutWarning, match="cannot be used: it puts the source outside the stamp"):
        ((_, triplet),) = triplets_of(images, Region((3,)))
    whole = read_stamp(packet["cutoutScience"])
    assert triplet.problems == ()
    assert triplet.science.wcs is None
    np.testing.assert_array_equal(triplet.science.pixels, whole.pixels[2:5, 2:5])


def test_rows_of_another_table_find_their_packet_by_id(tmp_path: Path):
    images = AlertImages(write_container(tmp_path / "a.avro", [lsst_packet(5), lsst_packet(2**60 + 1)]))
    strange = [DiaSource(2**60 + 1, ra=10.0, dec=-45.0), DiaSource(6, ra=10.0, dec=-45.0)]
    found, missing = (triplet for _, triplet in read(strange, images, 4))
    assert found.science is not None
    assert missing.problem_of("science") == "no alert packet about source 6 in 1 files"


def test_rows_of_one_file_are_one_group_and_an_unknown_row_is_its_own(tmp_path: Path):
    write_container(tmp_path / "a.avro", [lsst_packet(1), lsst_packet(2)])
    write_container(tmp_path / "b.avro", [lsst_packet(3)])
    images = AlertImages(tmp_path)
    groups = plan([*images.table(), DiaSource(99, 0.0, 0.0)], images)
    assert [len(group.sources) for group in groups] == [2, 1, 1]


def test_a_directory_a_pattern_a_list_and_bytes_give_the_same_packets(tmp_path: Path):
    folder = tmp_path / "Größe π"
    folder.mkdir()
    files = [write_container(folder / f"{name}.avro", [lsst_packet(n)]) for n, name in enumerate("ab")]
    for paths in (folder, str(folder), f"{folder}/*.avro", files, [file.read_bytes() for file in files]):
        assert AlertImages(paths).table().ids.tolist() == [0, 1]
    assert AlertImages(f"{tmp_path}/**/b.avro").table().ids.tolist() == [1]
    assert AlertImages(files[1].read_bytes()).table().ids.tolist() == [1]


def test_a_directory_is_searched_recursively(tmp_path: Path):
    below = tmp_path / "year=2026" / "month=02"
    below.mkdir(parents=True)
    write_container(below / "a.avro", [lsst_packet(3)])
    assert AlertImages(tmp_path).table().ids.tolist() == [3]
    write_container(tmp_path / "b.avro", [lsst_packet(4)])
    assert AlertImages(tmp_path).table().ids.tolist() == [4]


def test_unreadable_packets_are_reported_and_the_rest_shown(tmp_path: Path):
    good = write_container(tmp_path / "good.avro", [lsst_packet(1)])
    (tmp_path / "empty.avro").write_bytes(b"")
    (tmp_path / "text.avro").write_text("id,ra,dec\n")
    (tmp_path / "half.avro").write_bytes(good.read_bytes()[:20_000])
    (tmp_path / "half.avro.gz").write_bytes(gzip.compress(good.read_bytes())[:500])
    (tmp_path / "notes.txt").write_text("not looked at")
    images = AlertImages(tmp_path)
    with pytest.warns(CutoutWarning, match="4 alert packets or files were skipped"):
        assert images.table().ids.tolist() == [1]
    for name in ("empty.avro", "text.avro", "half.avro", "half.avro.gz"):
        assert sum(str(tmp_path / name) in said for said in images.problems) >= 1
    assert len(images.problems) == 4
    assert not any("\n" in said for said in images.problems)


@pytest.mark.filterwarnings("ignore::cutout_widgets.errors.CutoutWarning")
@pytest.mark.parametrize("seed", range(12))
def test_corrupted_bytes_only_give_one_sentence_errors(tmp_path: Path, seed: int):
    noise = np.random.default_rng(seed)
    packets = [lsst_packet(number) for number in range(6)]
    good = write_container(tmp_path / "good.avro", packets).read_bytes()
    wire = wire_message(packets[0])
    for _ in range(8):
        broken = bytearray(good if noise.random() < 0.7 else wire)
        match noise.integers(4):
            case 0:
                del broken[int(noise.integers(len(broken))) :]
            case 1:
                for place in noise.integers(0, len(broken), 20):
                    broken[place] = noise.integers(256)
            case 2:
                at = int(noise.integers(len(broken)))
                broken[at:at] = noise.bytes(int(noise.integers(1, 500)))
            case _:
                at = int(noise.integers(len(broken)))
                del broken[at : at + int(noise.integers(1, 5000))]
        images = AlertImages([bytes(broken), good])
        assert len(images._scanned().rows) == 6  # what the damaged copy lost, the good one has
        for _, triplet in triplets_of(images):
            assert any(triplet) or triplet.problems
            assert not any("\n" in said for said in (*triplet.problems, *images.problems))


@pytest.mark.parametrize("kind", ["nowhere", "empty folder", "no match", "nothing"])
def test_a_folder_without_packets_is_one_sentence(tmp_path: Path, kind: str):
    paths = {
        "nowhere": tmp_path / "x.avro",
        "empty folder": tmp_path,
        "no match": f"{tmp_path}/*.avro",
        "nothing": [],
    }
    with pytest.raises(ImageNotFound) as caught:
        AlertImages(paths[kind])
    assert "\n" not in str(caught.value)


def test_a_store_of_only_unreadable_packets_raises_on_use(tmp_path: Path):
    (tmp_path / "text.avro").write_text("id,ra,dec\n")
    with pytest.raises(ImageNotFound, match=r"no alert packet can be read in 1 files: .*text\.avro"):
        AlertImages(tmp_path).table()


def test_a_deleted_file_affects_only_its_rows(tmp_path: Path):
    write_container(tmp_path / "a.avro", [lsst_packet(1)])
    write_container(tmp_path / "b.avro", [lsst_packet(2)])
    images = AlertImages(tmp_path)
    rows = list(images.table())
    (tmp_path / "a.avro").unlink()
    images = pickle.loads(pickle.dumps(AlertImages([tmp_path])))
    (gone, here) = (triplet for _, triplet in read(rows, images, 4))
    assert len(gone.problems) == 3
    assert here.problems == ()


def test_a_pickled_store_finds_ids_without_reading_all_packets_again(tmp_path: Path):
    images = AlertImages(write_container(tmp_path / "a.avro", [lsst_packet(1), lsst_packet(2)]))
    images.table()
    other = pickle.loads(pickle.dumps(images))
    assert next(other.read([DiaSource(2, 10.0, -45.0)], Region.of(4))).science is not None
    assert other._scan is None


def test_a_message_of_unknown_schema_is_read_with_a_given_schema(tmp_path: Path):
    import io

    import fastavro

    out = io.BytesIO()
    packet = ztf_packet(77, np.ones((63, 63)))
    fastavro.schemaless_writer(out, fastavro.parse_schema(ZTF_SCHEMA), packet)
    message = b"\x00\x00\x00\x00\x01" + out.getvalue()
    with pytest.raises(ImageNotFound, match="give the right one"):
        AlertImages(message).table()
    assert AlertImages(message, schemas=[ZTF_SCHEMA]).table().ids.tolist() == [77]
    container = write_container(tmp_path / "any.avro", [ztf_packet(78, np.ones((63, 63)))], schema=ZTF_SCHEMA)
    assert AlertImages(message, schemas=[container]).table().ids.tolist() == [77]
    # and a container beside it is enough
    assert AlertImages([message, container]).table().ids.tolist() == [77, 78]


def test_without_fastavro_avro_names_the_extra_and_parquet_works(tmp_path: Path, monkeypatch):
    packet = lsst_packet(7)
    container = write_container(tmp_path / "a.avro", [packet])
    pq.write_table(pa.Table.from_pylist([packet]), tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "fastavro", None)
    with pytest.raises(MissingDependency, match=r"cutout-widgets\[alerts\]"):
        AlertImages(container).table()
    (row,) = AlertImages(tmp_path / "a.parquet").table()
    assert next(AlertImages(tmp_path / "a.parquet").read([row], Region.of(4))).problems == ()


def test_light_curves_of_real_packets_are_their_histories(shared: Path):
    images = AlertImages(shared / "data" / "lsst_wire_and_parquet" / "faint_trails__1809e532.parquet")
    row = images.table().row(170046085932777529)
    curve = images.history(row)
    assert (curve["kind"] == "detection").sum() == 11  # ten before, and itself
    assert (curve["kind"] == "forced").sum() == 63
    assert curve["time"].is_monotonic_increasing
    assert row.id in curve["id"].tolist()
    assert curve.loc[curve["id"] == row.id, "flux"].item() == pytest.approx(43926.23828125)


def test_a_ztf_light_curve_has_fluxes_signs_and_limits(tmp_path: Path):
    packet = ztf_packet(5, np.zeros((63, 63)), isdiffpos="f", magpsf=18.9, sigmapsf=0.1)
    images = AlertImages(write_container(tmp_path / "z.avro", [packet], schema=ZTF_SCHEMA))
    (row,) = images.table()
    (point,) = images.history(row).to_dict("records")
    assert point["flux"] == pytest.approx(-1e5, rel=1e-5)  # 31.4 - 18.9 = 12.5 mag = 5 decades
    assert point["time"] == pytest.approx(58860.0)


def test_packets_of_a_large_file_do_not_stay_in_memory(tmp_path: Path):
    import tracemalloc

    packets = [lsst_packet(number, side=60) for number in range(60)]  # 60 x 3 stamps of 35 kB
    path = write_container(tmp_path / "many.avro", packets)
    del packets
    images = AlertImages(path)
    images.table()
    tracemalloc.start()
    for row in images.table():
        next(images.read([row], Region.of(4)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size > 5e6
    assert peak < 2e6


def test_the_table_of_real_alerts_has_units_and_flags(shared: Path, tmp_path: Path):
    shutil.copy(next((shared / "data" / "lsstcam_real").glob("*.avro")), tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = AlertImages(tmp_path).table()
    (row,) = table
    assert row.flags["pixelFlags_bad"] is False
    assert row.row["ssObjectId"] == 0
    assert row.row["psfLnL"] is None
    assert row.visit == 2025090500225 or row.visit > 2**31
    assert table.units["psfFlux"] == "nJy"
