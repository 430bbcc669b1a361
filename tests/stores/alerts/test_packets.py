"""Framings: each gives the same packets, and damage affects only the damaged packets."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import re
import tarfile
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

from cutout_widgets.errors import UnreadableImage
from cutout_widgets.stores.alerts.packets import open_packets
from cutout_widgets.stores.alerts.schemas import SchemaBook

pytest.importorskip("fastavro", reason="the extra 'alerts' is not installed")

IDS = [11, 2**53 + 1, 506428274000265570]


@pytest.fixture(scope="module")
def packets() -> list[dict]:
    return [lsst_packet(number) for number in IDS]


def ids_in(source: Path | bytes) -> list[int]:
    file = open_packets(source, "the file", SchemaBook())
    found = [packet["diaSourceId"] for _, packet in file.rows() if isinstance(packet, dict)]
    file.close()
    return found


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_containers_are_read_with_any_codec(tmp_path: Path, packets: list[dict], codec: str):
    assert ids_in(write_container(tmp_path / "a.avro", packets, codec=codec)) == IDS


@pytest.mark.parametrize("codec", ["snappy", "zstandard"])
def test_codecs_used_by_brokers_need_no_extra_package(tmp_path: Path, packets: list[dict], codec: str):
    # Written by hand: fastavro itself would need cramjam for these.
    plain = write_container(tmp_path / "a.avro", packets, block=10**9).read_bytes()
    file = open_packets(plain, "plain", SchemaBook())
    block = file._blocks[0]
    body = plain[block.start : block.start + block.size]
    packed = bytes(pa.compress(body, codec="snappy" if codec == "snappy" else "zstd", asbytes=True))
    packed += b"crc!" if codec == "snappy" else b""
    sync = plain[block.start + block.size :]
    header = plain[: plain.index(sync) + 16].replace(b"\x08null", bytes([2 * len(codec)]) + codec.encode())
    assert ids_in(header + _long(len(IDS)) + _long(len(packed)) + packed + sync) == IDS


def _long(value: int) -> bytes:
    """Avro's zigzag variable-length integer."""
    value, out = value << 1, b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def test_gzip_around_any_framing_is_unpacked(tmp_path: Path, packets: list[dict]):
    container = write_container(tmp_path / "a.avro", packets).read_bytes()
    assert ids_in(gzip.compress(container)) == IDS
    assert ids_in(gzip.compress(wire_message(packets[1]))) == IDS[1:2]
    assert ids_in(gzip.compress(container[:5000]) + gzip.compress(container[5000:])) == IDS


def test_parquet_rows_are_read_as_packets(tmp_path: Path, packets: list[dict]):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(packets), path, row_group_size=2)
    assert ids_in(path) == IDS
    file = open_packets(path, "a.parquet", SchemaBook())
    assert file.packet(2)["cutoutScience"] == packets[2]["cutoutScience"]
    assert file.packet(0)["diaSource"]["x"] == packets[0]["diaSource"]["x"]
    file.close()


def test_a_parquet_file_of_many_row_groups_gives_any_packet(tmp_path: Path):
    path = tmp_path / "many.parquet"
    rows = [{"diaSourceId": number, "diaSource": {"ra": 1.0, "dec": float(number)}} for number in range(300)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=50)
    file = open_packets(path, "many.parquet", SchemaBook())
    for number in (299, 0, 63, 64, 149, 150, 151, 65):
        assert file.packet(number)["diaSource"]["dec"] == number
    file.close()


def test_packets_can_be_read_in_any_order(tmp_path: Path):
    path = write_container(tmp_path / "a.avro", [lsst_packet(number) for number in range(12)], block=40_000)
    file = open_packets(path, "a.avro", SchemaBook())
    assert len(file) == 12
    assert len(file._blocks) not in (1, 12)  # several packets share a block
    order = list(range(12)) * 2
    random.Random(1).shuffle(order)
    assert [file.packet(number)["diaSourceId"] for number in order] == order
    with pytest.raises(UnreadableImage, match="has 12 packets; there is no packet 12"):
        file.packet(12)
    file.close()


def test_a_damaged_block_loses_only_its_packets(tmp_path: Path, packets: list[dict]):
    data = bytearray(write_container(tmp_path / "a.avro", packets).read_bytes())
    middle = open_packets(bytes(data), "a.avro", SchemaBook())._blocks[1]
    data[middle.start - 1] ^= 0x01  # the last byte of the block's size
    file = open_packets(bytes(data), "a.avro", SchemaBook())
    assert [packet["diaSourceId"] for _, packet in file.rows()] == [IDS[0], IDS[2]]
    (said,) = file.problems
    assert said.startswith("a.avro is damaged or truncated after packet 0: ")


def test_an_undecodable_packet_loses_only_itself(tmp_path: Path, packets: list[dict]):
    data = bytearray(write_container(tmp_path / "a.avro", packets).read_bytes())
    middle = open_packets(bytes(data), "a.avro", SchemaBook())._blocks[1]
    data[middle.start + 9 : middle.start + 30] = b"\xff" * 21
    file = open_packets(bytes(data), "a.avro", SchemaBook())
    first, broken, last = (packet for _, packet in file.rows())
    assert (first["diaSourceId"], last["diaSourceId"]) == (IDS[0], IDS[2])
    assert str(broken).startswith("packet 1 of a.avro does not decode")


def test_a_truncated_container_gives_the_packets_before_the_cut(tmp_path: Path, packets: list[dict]):
    data = write_container(tmp_path / "a.avro", packets).read_bytes()
    file = open_packets(data[:-100], "a.avro", SchemaBook())
    assert [packet["diaSourceId"] for _, packet in file.rows()] == IDS[:2]
    assert file.problems == (
        "a.avro is damaged or truncated after packet 1: the rest of the file is skipped",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"diaSourceId,ra,dec\n1,2,3\n", "it begins with b'diaSou'"),
        (b"\x1f\x8b nonsense", "looks like gzip but does not unpack"),
        (b"Obj\x01\x04\x14avro.co", "damaged header"),
        (b"PAR1 and then nothing", "damaged Parquet file"),
        (b"\x00\x00\x00\x00\x01whatever", "none of the 10 known schemas fits"),
    ],
)
def test_something_that_is_not_a_packet_is_refused_in_one_sentence(data: bytes, said: str):
    with pytest.raises(UnreadableImage) as caught:
        list(open_packets(data, "odd.avro", SchemaBook()).rows())
    assert said in str(caught.value)
    assert "odd.avro" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_schema_defaults_of_the_wrong_type_are_tolerated(tmp_path: Path):
    data = write_container(
        tmp_path / "ztf.avro", [ztf_packet(5, np.zeros((63, 63)))], schema=ZTF_SCHEMA
    ).read_bytes()
    wrong = data.replace(b'"default": 0.0', b'"default":null')
    assert wrong != data
    file = open_packets(wrong, "ztf.avro", SchemaBook())
    assert file.packet(0)["candid"] == 5


def test_several_messages_in_one_file_are_separate_packets(packets: list[dict]):
    data = b"".join(wire_message(packet) for packet in packets)
    assert ids_in(data) == IDS


@pytest.mark.parametrize("version", ["7.4", "8.0", "9.0", "10.0", "11.1"])
def test_a_message_of_each_lsst_version_is_decoded_without_schema_number(version: str):
    packet = lsst_packet(2**60 + 1)
    packet["alertId"] = packet["diaSourceId"]
    packet["diaSource"] |= {
        "psfNdata": 1681,
        "trailNdata": 0,
        "dipoleNdata": 0,
        "bboxSize": 12,
        "time_processed": 0,
    }
    (found,) = (
        one for _, one in open_packets(wire_message(packet, version=version), "m", SchemaBook()).rows()
    )
    assert found["diaSource"]["diaSourceId"] == 2**60 + 1
    assert found["diaSource"]["ra"] == 10.0
    assert found["cutoutScience"] == packet["cutoutScience"]


def _tar_gz() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.avro"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            bz2.compress(b"Obj"),
            "packed with bzip2: unpack it (bunzip2)",
        ),
        (_tar_gz(), "an archive of files: unpack it (tar -xf) and give the folder"),
        (b'[{"candid": 1}]', "JSON, as brokers' web pages return it"),
    ],
    ids=["bzip2", "tar", "json"],
)
def test_files_resembling_alert_packets_are_refused_with_advice(data, said):
    with pytest.raises(UnreadableImage, match=re.escape(said)):
        open_packets(data, "it", SchemaBook())


def test_invalid_utf8_in_parquet_becomes_a_replacement_character(tmp_path: Path):
    path = tmp_path / "odd.parquet"
    odd = pa.array([b"ZTF\xff"]).view(pa.string())
    pq.write_table(pa.table({"objectId": odd, "candid": [1]}), path)
    file = open_packets(path, "odd.parquet", SchemaBook())
    assert [*file.rows()] == [(0, file.packet(0))] == [(0, {"objectId": "ZTF\ufffd", "candid": 1})]
