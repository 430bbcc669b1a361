"""Astropy's warnings about unusual files are reported once per file; other warnings are unchanged."""

from __future__ import annotations

import logging
import pickle
import threading
import warnings

import numpy as np
import pytest
from astropy import log as astropy_log
from astropy.io import fits
from astropy.utils.exceptions import AstropyUserWarning

import cutout_widgets as cw
from cutout_widgets import remarks
from cutout_widgets.catalog import SourceTable
from cutout_widgets.errors import CutoutWarning
from cutout_widgets.pixels.region import Region
from cutout_widgets.remarks import FILES_A_KIND, records_remarks, remarks_recorded
from cutout_widgets.stores.fits.store import FitsImages

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(autouse=True)
def _nothing_reported_yet():
    remarks._REPORTED.forget()
    yield
    remarks._REPORTED.forget()


def odd_file(path):
    """Write an image with a card that has a letter beyond ASCII, against the rules of FITS."""
    header = fits.Header({"OBSERVER": "Andre"})
    fits.PrimaryHDU(np.arange(100, dtype=np.float32).reshape(10, 10), header).writeto(path)
    path.write_bytes(path.read_bytes().replace(b"Andre", "Andr\xe9".encode("latin-1")))
    return path


def test_an_astropy_warning_becomes_one_warning_with_the_file_name(recwarn):
    with remarks_recorded("a.fits", warn=True):
        warnings.warn("card 7\nis odd", AstropyUserWarning, stacklevel=1)
        warnings.warn("so is card 8", AstropyUserWarning, stacklevel=1)
    assert [str(one.message) for one in recwarn] == [
        "a.fits was read, but departs from the rules of its format: card 7 is odd (and 1 more remark)"
    ]


def test_astropy_log_messages_are_silenced(caplog, capsys, recwarn):
    caplog.set_level(logging.INFO, "cutout_widgets")
    with remarks_recorded("a.fits", warn=True):
        astropy_log.info("inconsistent SIP")
    assert [one.getMessage() for one in caplog.records] == ["a.fits: inconsistent SIP"]
    assert capsys.readouterr() == ("", "")
    assert not list(recwarn)


def test_astropy_logging_is_restored_afterwards(caplog):
    with remarks_recorded("a.fits"):
        pass
    with astropy_log.log_to_list() as lines:
        astropy_log.info("of the user's own doing")
    assert [one.message for one in lines] == ["of the user's own doing"]


def test_by_default_astropy_warnings_go_to_the_log(caplog, recwarn):
    caplog.set_level(logging.INFO, "cutout_widgets")
    with remarks_recorded("a.vot"):
        warnings.warn("W06", AstropyUserWarning, stacklevel=1)
    assert [one.getMessage() for one in caplog.records] == ["a.vot: W06"]
    assert not list(recwarn)


def test_a_file_is_reported_once(recwarn):
    for _ in range(3):
        with remarks_recorded("a.fits", warn=True):
            warnings.warn("odd", AstropyUserWarning, stacklevel=1)
    assert len(recwarn) == 1


def test_only_the_first_of_many_similar_warnings_are_reported(recwarn):
    for number in range(20):
        with remarks_recorded(f"{number}.fits", warn=True):
            warnings.warn(f"card {number} of '{number}.fits' is odd", AstropyUserWarning, stacklevel=1)
    assert len(recwarn) == FILES_A_KIND
    assert "further files like it are reported only in the log" in str(recwarn.list[-1].message)


def test_control_characters_in_warnings_are_escaped():
    with pytest.warns(CutoutWarning) as told, remarks_recorded("a.fits", warn=True):
        warnings.warn("\x1b[2J" + "x" * 5000, AstropyUserWarning, stacklevel=1)
    assert str(told[0].message).isprintable()
    assert len(str(told[0].message)) < 300


def test_numpy_warnings_about_extreme_numbers_are_captured(recwarn):
    with remarks_recorded("a.fits", warn=True):
        np.array([1e300]).astype(np.float32)
    assert not list(recwarn)


def test_our_own_warnings_pass_through():
    with pytest.warns(CutoutWarning, match="^ours$"), remarks_recorded("a.fits"):
        warnings.warn("ours", CutoutWarning, stacklevel=1)


def test_warnings_turned_into_errors_are_captured_too():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(CutoutWarning, match="card 7"), remarks_recorded("a.fits", warn=True):
            warnings.warn("card 7", AstropyUserWarning, stacklevel=1)


def test_warning_state_is_restored_afterwards():
    before = list(warnings.filters), warnings.showwarning
    with pytest.raises(ZeroDivisionError), remarks_recorded("a.fits"):
        1 / 0  # noqa: B018
    assert (list(warnings.filters), warnings.showwarning) == before


def test_warning_state_is_restored_with_concurrent_threads():
    before = list(warnings.filters), warnings.showwarning
    gate = threading.Barrier(4)

    def read(number):
        for _ in range(200):
            gate.wait()
            with remarks_recorded(number):
                warnings.warn("odd", AstropyUserWarning, stacklevel=1)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (list(warnings.filters), warnings.showwarning) == before


def test_warnings_of_other_threads_pass_through(recwarn):
    def other():
        warnings.warn("of another thread", AstropyUserWarning, stacklevel=1)

    with remarks_recorded("a.fits"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert [str(one.message) for one in recwarn] == ["of another thread"]


def test_warnings_already_shown_are_not_shown_again():
    """`warnings.simplefilter` would reset this for each file."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        for _ in range(3):
            warnings.warn("of the user's code", UserWarning, stacklevel=1)
            with remarks_recorded("a.fits"):
                pass
    assert len(told) == 1


def test_nested_blocks_report_once():
    @records_remarks(lambda: "inner.fits")
    def read():
        warnings.warn("odd", AstropyUserWarning, stacklevel=1)

    with pytest.warns(CutoutWarning, match=r"^outer\.fits"), remarks_recorded("outer.fits", warn=True):
        read()


def test_an_image_with_an_invalid_card_causes_one_warning(tmp_path, recwarn):
    path = odd_file(tmp_path / "a.fits")
    for _ in range(2):
        assert cw.read_image(path).shape == (10, 10)
    assert [one.category for one in recwarn] == [CutoutWarning]
    assert recwarn[0].filename == __file__
    assert str(recwarn[0].message).startswith(f"{path} was read, but departs from the rules of its format")


def test_a_store_warns_once_however_often_it_is_read(tmp_path, recwarn):
    path = odd_file(tmp_path / "a.fits")
    images = FitsImages(science=path)
    row = next(
        iter(SourceTable.read({"diaSourceId": [1], "ra": [0.0], "dec": [0.0], "x": [4.0], "y": [4.0]}))
    )
    for store in (images, pickle.loads(pickle.dumps(images))):
        list(store.read([row], Region.of(3)))
    assert [one.category for one in recwarn] == [CutoutWarning]


def test_a_table_with_an_invalid_card_is_read_without_warning(tmp_path, recwarn):
    from astropy.table import Table

    path = tmp_path / "t.fits"
    Table({"diaSourceId": [1], "ra": [0.0], "dec": [0.0]}, meta={"OBSERVER": "Andre"}).write(path)
    path.write_bytes(path.read_bytes().replace(b"Andre", "Andr\xe9".encode("latin-1")))
    assert len(SourceTable.read(path)) == 1
    assert not list(recwarn)
