"""Visit and detector in identifiers, of real alerts and of numbers that are none."""

from __future__ import annotations

import warnings

import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadTable


@pytest.mark.parametrize("folder, camera", [("lsstcam_real", "LSSTCam"), ("hsc_precursor_real", "HSC")])
def test_identifiers_of_real_alerts_hold_their_visit_and_detector(shared, folder, camera):
    pytest.importorskip("fastavro", reason="needs the extra 'alerts'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = cw.SourceTable.read(cw.open_images(f"alerts:{shared}/data/{folder}/*.avro"))
    assert len(rows) > 10
    for row in rows:
        assert cw.unpack_id(row.id, camera)[:2] == (row.visit, row.detector)


def test_an_identifier_of_data_preview_1_is_of_its_nights():
    found = cw.unpack_id("600408134082953249", "lsst.obs.lsst/LSSTComCam")
    assert (found.visit, found.release) == (2024112800138, 4)
    assert 0 <= found.detector < 9


@pytest.mark.parametrize(
    "id, camera, said",
    [
        (7, "LSSTCam", "7 is no identifier of LSSTCam"),
        (-5, "HSC", "-5 is no identifier of HSC"),
        (2**63 - 1, "LSSTCam", "is no identifier of LSSTCam"),
        (169298432598474793, "DECam", "how DECam packs visit and detector into identifiers is not known"),
        (1.5, "LSSTCam", "id takes whole numbers"),
        (1.69298432598474793e17, "LSSTCam", "floats of this size are rounded"),
    ],
)
def test_what_holds_no_visit_is_refused(id, camera, said):
    with pytest.raises(BadTable, match=said):
        cw.unpack_id(id, camera)
