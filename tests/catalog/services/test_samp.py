"""Rows sent to and received from another program through a SAMP hub on loopback."""

from __future__ import annotations

import numpy as np
import pytest

import cutout_widgets as cw
from cutout_widgets.catalog.services.samp import library
from cutout_widgets.errors import BadOption, BadTable

IDS = [2**63 - 1, -5, 169298432598474793]


@pytest.fixture
def hub(tmp_path, monkeypatch):
    monkeypatch.setattr(library().conf, "use_internet", False)
    server = library().SAMPHubServer(web_profile=False, lockfile=str(tmp_path / "samp"), addr="127.0.0.1")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def rows():
    return cw.SourceTable(
        {
            "id": IDS,
            "ra": [1.0, 2.0, 3.0],
            "dec": [0.0, -1.0, np.nan],
            "visit": np.ma.array([7, 8, 9], mask=[False, True, False]),
            "isDipole": np.ma.array([True, False, False], mask=[False, False, True]),
            "band": ["r", "<script>", "ü"],
        }
    )


def test_rows_arrive_as_they_were_sent(hub, rows):
    with cw.Samp("sender", hub=hub) as sender, cw.Samp("viewer", hub=hub) as viewer:
        assert sender.others == ("viewer",)
        sender.send(rows, name="my rows")
        got = viewer.receive(timeout_s=30)
    assert got.ids.tolist() == IDS
    assert got.to_arrow()["visit"].to_pylist() == [7, None, 9]
    assert got["band"].tolist() == ["r", "<script>", "ü"]
    assert [one.flags["isDipole"] for one in got] == [True, False, None]


def test_a_table_can_be_sent_to_one_program_by_name(hub, rows):
    with cw.Samp("a", hub=hub) as a, cw.Samp("TOPCAT", hub=hub) as b, cw.Samp("aladin", hub=hub) as c:
        a.send(rows[:1], to="topcat")
        assert b.receive(timeout_s=30).ids.tolist() == IDS[:1]
        with pytest.raises(BadTable, match=r"no table came by SAMP within 0 s"):
            c.receive(timeout_s=0)
        with pytest.raises(BadOption, match="no program called 'ds9' takes tables by SAMP; there are"):
            a.send(rows, to="ds9")


def test_sending_without_another_program_is_refused(hub, rows):
    with cw.Samp(hub=hub) as alone, pytest.raises(BadOption, match="no program takes tables by SAMP"):
        alone.send(rows)


def test_without_a_hub_the_error_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'none').as_uri()}")
    with pytest.raises(BadOption, match=r"there is no SAMP hub .*; start TOPCAT or Aladin first"):
        cw.Samp()


@pytest.mark.parametrize("url", ["file:///nowhere/a.vot", "ftp://example.org/a.vot", "", "file:///dev/null"])
def test_a_received_table_that_cannot_be_fetched_is_an_error(hub, url):
    with cw.Samp("a", hub=hub) as a, cw.Samp("b", hub=hub) as b:
        message = {"samp.mtype": "table.load.votable", "samp.params": {"url": url, "name": "x"}}
        a._client.notify_all(message)
        with pytest.raises(BadTable):
            b.receive(timeout_s=30)
