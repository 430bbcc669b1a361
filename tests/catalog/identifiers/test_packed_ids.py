"""Visit and detector in identifiers, of real alerts and of invalid numbers."""

from __future__ import annotations

import warnings
from datetime import date

import pytest

import cutout_widgets as cw
from cutout_widgets.errors import BadTable


@pytest.mark.parametrize("folder, camera", [("lsstcam_real", "LSSTCam"), ("hsc_precursor_real", "HSC")])
def test_visit_and_detector_are_decoded_from_ids_of_real_alerts(shared, folder, camera):
    pytest.importorskip("fastavro", reason="needs the extra 'alerts'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = cw.SourceTable.read(cw.open_images(f"alerts:{shared}/data/{folder}/*.avro"))
    assert len(rows) > 10
    for row in rows:
        assert cw.unpack_id(row.id, camera)[:2] == (row.visit, row.detector)


def test_release_day_and_detector_are_unpacked():
    days = (date(2024, 11, 28) - date(2010, 1, 1)).days
    packed = (((4 * 2**1) * 2**14 + days) * 2**15 + 138) * 2**8 + 8
    found = cw.unpack_id(packed * 2**19 + 327713, "lsst.obs.lsst/LSSTComCam")
    assert found == (2024112800138, 8, 327713, 4)


@pytest.mark.parametrize(
    "id, camera, said",
    [
        (7, "LSSTCam", "7 is not an identifier of LSSTCam"),
        (-5, "HSC", "-5 is not an identifier of HSC"),
        (2**63 - 1, "LSSTCam", "is not an identifier of LSSTCam"),
        (169298432598474793, "DECam", "how DECam packs visit and detector into identifiers is unknown"),
        (5, None, "instrument is the name of a camera"),
        (1.5, "LSSTCam", "id takes whole numbers"),
        (1.69298432598474793e17, "LSSTCam", "floats of this size are rounded"),
    ],
)
def test_an_id_without_a_visit_is_refused(id, camera, said):
    with pytest.raises(BadTable, match=said):
        cw.unpack_id(id, camera)
