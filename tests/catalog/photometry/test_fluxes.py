"""Fluxes in nJy for any unit of flux density; other units are kept."""

from __future__ import annotations

import math
import pickle

import pandas as pd
import pytest
from astropy import units as u
from astropy.table import Table

from cutout_widgets.catalog.photometry.fluxes import flux_in, flux_of, is_fainter, signal_to_noise
from cutout_widgets.catalog.source import DiaSource
from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.outputs.figure.figure import header
from cutout_widgets.outputs.figure.values import numbers_of
from cutout_widgets.widget.pages.tiles import facts_of


def one_row(units: dict[str, str], **columns: float) -> DiaSource:
    """The row of a table whose columns have units."""
    table = Table(
        {"diaSourceId": [1], "ra": [0.0], "dec": [0.0], **{name: [v] for name, v in columns.items()}}
    )
    for name, unit in units.items():
        table[name].unit = u.Unit(unit, parse_strict="silent")
    return SourceTable.read(table).page(0, 1)[0]


@pytest.mark.parametrize(
    ("unit", "value", "njy"),
    [
        ("nJy", 10.0, 10.0),
        ("uJy", 10.0, 10_000.0),
        ("\N{MICRO SIGN}Jy", 10.0, 10_000.0),
        ("microJy", 10.0, 10_000.0),
        ("mJy", 2.0, 2e6),
        ("Jy", 1.0, 1e9),
        ("Jansky", 1.0, 1e9),
        ("janskys", 1.0, 1e9),
        ("MJy", 1.0, 1e15),
        ("1e-9 Jy", 3.0, 3.0),
        ("erg / (s cm2 Hz)", 1e-29, 1000.0),
        ("W/m2/Hz", 1e-32, 1000.0),
        ("nmgy", 1.0, 3630.780547701),  # magnitude 22.5
        ("nanomaggies", 1.0, 3630.780547701),
        ("maggy", 1e-9, 3630.780547701),
        ("mag(AB)", 26.4, 100.0),
        ("ABmag", 26.4, 100.0),
        ("mag", 26.4, 100.0),
        ("mag(nJy)", -5.0, 100.0),
    ],
)
def test_a_flux_in_any_unit_of_flux_density_is_converted_to_njy(unit: str, value: float, njy: float):
    flux = flux_in({"psfFlux": value}, units={"psfFlux": unit})
    assert flux.value == pytest.approx(njy, rel=1e-9)
    assert flux.unit == "nJy"


@pytest.mark.parametrize(
    "unit", ["adu", "ct", "electron / s", "nJy / beam", "mag(ST)", "Vega mag", "unknown", "m/("]
)
def test_fluxes_in_other_units_keep_them_and_have_no_magnitude(unit: str):
    flux = flux_in({"psfFlux": 10.0, "psfFluxErr": 2.0}, units={"psfFlux": unit, "psfFluxErr": unit})
    assert (flux.value, flux.error, flux.unit) == (10.0, 2.0, unit)
    assert flux.snr == 5.0
    assert flux.magnitude is None


def test_a_column_without_unit_has_the_unit_of_its_survey():
    assert flux_in({"psfFlux": 100.0}).magnitude == pytest.approx(26.4)
    assert flux_in({"forcediffimflux": 1.375, "forcediffimfluxunc": 0.25}).value == 1375.0  # DESIRT: uJy


def test_a_flux_that_is_not_positive_has_no_magnitude():
    assert flux_in({"psfFlux": -100.0}).magnitude is None
    assert flux_in({"psfFlux": math.inf}).magnitude is None


def test_an_error_without_unit_has_the_unit_of_its_flux():
    source = one_row({"psfFlux": "uJy"}, psfFlux=10.0, psfFluxErr=2.0)
    assert flux_of(source).error == 2000.0
    assert source.units["psfFluxErr"] == "uJy"  # what the inspector says of it


def test_an_error_in_a_different_unit_is_converted_separately():
    source = one_row({"psfFlux": "uJy", "psfFluxErr": "nJy"}, psfFlux=10.0, psfFluxErr=2000.0)
    assert flux_of(source).snr == 5.0
    fractional = one_row({"psfFlux": "nJy", "psfFluxErr": "mag"}, psfFlux=100.0, psfFluxErr=0.10857)
    assert flux_of(fractional).error == pytest.approx(10.0, rel=1e-4)


def test_an_error_in_an_incompatible_unit_is_missing():
    assert (
        flux_of(one_row({"psfFlux": "adu", "psfFluxErr": "nJy"}, psfFlux=1.0, psfFluxErr=1.0)).error is None
    )
    assert (
        flux_of(one_row({"psfFlux": "nJy", "psfFluxErr": "adu"}, psfFlux=1.0, psfFluxErr=1.0)).error is None
    )


def test_ztf_magnitudes_become_signed_fluxes():
    row = {"magpsf": 26.4, "sigmapsf": 0.10857, "magap": 28.9, "sigmagap": 0.2, "isdiffpos": "f"}
    psf, ap = flux_in(row), flux_in(row, "ap_flux")
    assert psf.value == pytest.approx(-100.0)
    assert psf.error == pytest.approx(10.0, rel=1e-4)
    assert ap.value == pytest.approx(-10.0)


def test_forced_counts_use_the_zero_point_of_their_row_or_are_missing():
    row = {"forcediffimflux": 2.0, "forcediffimfluxunc": 1.0}
    assert flux_in({**row, "magzpsci": 26.4}).value == pytest.approx(200.0)
    assert flux_in({**row, "magzpsci": None}).unit == "counts"


def test_a_column_without_a_value_falls_back_to_the_next():
    row = {"psfFlux": math.nan, "psFlux": 5.0, "psfFluxErr": 9.0, "psFluxErr": 1.0}
    assert flux_in(row).value == 5.0
    assert flux_in(row).error == 1.0  # its own, not that of the flux which is NaN


def test_the_signal_to_noise_of_a_row_whose_snr_is_nan_is_that_of_its_flux():
    row = {"snr": math.nan, "psfFlux": 12.0, "psfFluxErr": 4.0}
    assert signal_to_noise(DiaSource(1, 0.0, 0.0, row=row)) == 3.0
    assert signal_to_noise(DiaSource(1, 0.0, 0.0, row={**row, "snr": "--"})) == 3.0
    assert signal_to_noise(DiaSource(1, 0.0, 0.0, row={"snr": "5.5"})) == 5.5
    assert signal_to_noise(DiaSource(1, 0.0, 0.0, row={})) is None


@pytest.mark.parametrize("sign", ["f", "False", "0", "-1", -1, -1.0, "-1.0", 0, False])
def test_every_spelling_of_a_fainter_source(sign: object):
    assert is_fainter({"isdiffpos": sign}) is True


@pytest.mark.parametrize("sign", ["t", "TRUE", "1", 1, 1.0, True])
def test_every_spelling_of_a_brighter_source(sign: object):
    assert is_fainter({"isdiffpos": sign}) is False


@pytest.mark.parametrize("sign", [None, math.nan, "", "?"])
def test_an_unrecognised_sign_is_unknown(sign: object):
    assert is_fainter({"isdiffpos": sign}) is None


def header_of(source: DiaSource) -> list[str]:
    return [text.text for text in header(source)]


def test_the_header_of_a_table_in_microjansky_is_in_njy():
    source = one_row({"scienceFlux": "uJy"}, scienceFlux=10.0, scienceFluxErr=0.1)
    assert {"total (nJy):", "10000.0", "100.0", "21.400"} <= set(header_of(source))


def test_the_header_of_a_table_in_adu_says_adu_and_no_magnitude():
    source = one_row({"psfFlux": "adu", "scienceFlux": "adu"}, psfFlux=12.5, scienceFlux=100.0)
    assert {"PSF (adu):", "total (adu):", "ap (nJy):", "12.5", "100.0"} <= set(header_of(source))
    assert numbers_of(source)["magnitude"] is None


def test_a_long_unit_is_shortened_before_the_number():
    source = one_row({"psfFlux": "electron / (s pix)"}, psfFlux=-123456.7)
    label = next(text for text in header_of(source) if text.startswith("PSF ("))
    assert label.endswith("\N{HORIZONTAL ELLIPSIS}")


def test_units_stay_with_rows_that_are_pickled_and_with_tables_made_of_rows():
    source = one_row({"psfFlux": "uJy"}, psfFlux=10.0)
    assert flux_of(pickle.loads(pickle.dumps(source))).value == 10_000.0
    assert SourceTable.read([source]).units["psfFlux"] == "uJy"


def test_units_of_a_dataframe_are_read_from_attrs():
    frame = pd.DataFrame({"diaSourceId": [1], "ra": [0.0], "dec": [0.0], "psfFlux": [10.0]})
    frame.attrs["units"] = {"psfFlux": "uJy"}
    assert flux_of(SourceTable.read(frame).page(0, 1)[0]).value == 10_000.0


def test_a_tile_sorted_by_flux_shows_its_unit():
    source = one_row({"psfFlux": "adu"}, psfFlux=12.5)
    assert facts_of(source, "-psfFlux")[-1]["text"] == "psfFlux 12.5 adu"


@pytest.mark.parametrize("none", [99.0, -99.0, -999.0, 99.99, -math.inf, math.inf])
def test_a_sentinel_magnitude_is_not_a_measurement(none):
    row = {"magpsf": none, "sigmapsf": 99.0, "isdiffpos": "t"}
    assert flux_in(row).value is None
    assert flux_in({"psfFlux": none}, units={"psfFlux": "mag(AB)"}).value is None
    assert flux_in({**row, "magap": 31.4, "sigmagap": 0.1}, "ap_flux").value == pytest.approx(1.0)
