"""DS9 regions to rows, rows to DS9 regions, and which rows are inside a MOC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, BadTable, MissingDependency, sentence

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from regions import Regions

    from cutout_widgets.catalog.reading.conversion import Intake

__all__ = ["in_moc", "is_regions", "regions_of", "rows_in_file", "rows_of_regions"]

_DIGITS_ALONE = re.compile(r"""(text\s*=\s*[{"'])\s*(-?\d{1,19})\s*(?=[}"'])""")
_OWN_TEXT = re.compile(r"id=(-?\d{1,19})")
"""Format of an identifier in a region: the package converts plain numbers to floating point."""


def is_regions(source: Any) -> bool:
    """Return whether an object is one or several regions of the package of that name."""
    several = source if isinstance(source, Sequence) and not isinstance(source, str) else [source]
    return len(several) > 0 and all(type(one).__module__.partition(".")[0] == "regions" for one in several)


def rows_in_file(path: Path) -> Intake:
    """Read a region file of DS9; raises as `rows_of_regions`."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        found = _package().Regions.parse(_DIGITS_ALONE.sub(r"\1id=\2", text), format="ds9")
    except (ValueError, KeyError, TypeError, IndexError) as err:
        raise BadTable(f"{path.name} cannot be read as regions of DS9 ({sentence(err)})") from err
    return rows_of_regions(found, path.name)


def rows_of_regions(regions: Any, name: str = "the regions") -> Intake:
    """Return sky regions as rows at their centres.

    Parameters
    ----------
    regions
        One region of the package ``regions``, or several.
    name
        Name for messages.

    Returns
    -------
    Intake
        Columns ``id``, ``ra``, ``dec``, ``region`` (``"circle"``), ``label`` and ``radius`` (arcsec; NaN
        for other shapes). Identifiers are those that `regions_of` wrote, or integer labels in
        a file if all regions have unique ones; otherwise regions are numbered from 1.

    Raises
    ------
    BadTable
        If there are none, or one is in pixel coordinates.
    """
    from cutout_widgets.catalog.reading.conversion import from_arrays

    whole = getattr(regions, "regions", regions)
    listed = list(whole) if isinstance(whole, Sequence) else [whole]
    if not listed:
        raise BadTable(f"{name} has no regions")
    ra, dec = _places([_middle(one, name) for one in listed])
    labels = [str(one.meta.get("text", one.meta.get("label", "")) or "") for one in listed]
    own = [found for label in labels if (found := _OWN_TEXT.fullmatch(label.strip()))]
    numbers = [int(one[1]) for one in own]
    known = len(set(numbers)) == len(listed) and max(map(abs, numbers)) < 2**63
    return from_arrays(
        {
            "id": numbers if known else list(range(1, len(listed) + 1)),
            "ra": ra,
            "dec": dec,
            "region": [type(one).__name__.removesuffix("SkyRegion").lower() for one in listed],
            "label": labels,
            "radius": _radii(listed),
        }
    )


def regions_of(ids: NDArray[np.int64], ra: NDArray[Any], dec: NDArray[Any], radius: Any) -> Regions:
    """Return circles around rows, each labelled with its identifier.

    Parameters
    ----------
    ids, ra, dec
        Of the rows; ICRS degrees. Rows without position are skipped.
    radius
        arcsec, or a Quantity.

    Raises
    ------
    BadOption
        If the radius is not a positive angle.
    """
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    package = _package()
    try:
        angle = u.Quantity(radius, None if hasattr(radius, "unit") else u.arcsec).to(u.arcsec)
    except (TypeError, ValueError, u.UnitsError) as err:
        raise BadOption(f"radius is an angle: arcsec, or a Quantity; got {radius!r:.60}") from err
    if not (angle.isscalar and 0 < angle.value < np.inf):
        raise BadOption(f"radius is a positive angle; got {radius!r:.60}")
    good = np.flatnonzero(np.isfinite(ra) & (np.abs(dec) <= 90))
    places = SkyCoord(np.asarray(ra)[good], np.asarray(dec)[good], unit="deg")
    return package.Regions(
        [
            package.CircleSkyRegion(place, angle, meta=package.RegionMeta({"text": f"id={int(one)}"}))
            for place, one in zip(places, np.asarray(ids)[good], strict=True)
        ]
    )


def in_moc(moc: Any, ra: NDArray[Any], dec: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which positions are inside a region of the sky.

    Parameters
    ----------
    moc
        A ``mocpy.MOC``, or the path of one (FITS, JSON, or text).
    ra, dec
        ICRS degrees; an invalid position is never inside.

    Raises
    ------
    MissingDependency
        If mocpy is not installed.
    BadOption
        If it is not a MOC.
    """
    import astropy.units as u

    try:
        from mocpy import MOC
    except ImportError as err:
        raise MissingDependency("mocpy", "moc", "a region of the sky as a MOC") from err
    if isinstance(moc, (str, Path)):
        kind = {".json": "json", ".txt": "ascii", ".ascii": "ascii"}.get(Path(moc).suffix.lower(), "fits")
        try:
            moc = MOC.load(str(Path(moc).expanduser()), format=kind)
        except Exception as err:  # from mocpy, astropy and Rust
            raise BadOption(f"{Path(moc).name} cannot be read as a MOC ({sentence(err)})") from err
    if not isinstance(moc, MOC):
        raise BadOption(f"a MOC is a mocpy.MOC, or the path of one; got {type(moc).__name__}")
    inside = np.zeros(len(ra), dtype=bool)
    good = np.flatnonzero(np.isfinite(ra) & (np.abs(dec) <= 90))
    if good.size:
        lon, lat = np.asarray(ra, float)[good] * u.deg, np.asarray(dec, float)[good] * u.deg
        inside[good] = moc.contains_lonlat(lon, lat)
    return inside


def _package() -> Any:
    try:
        import regions
    except ImportError as err:
        raise MissingDependency("regions", "regions", "regions of DS9") from err
    return regions


def _middle(region: Any, name: str) -> SkyCoord:
    """Return the position of a region."""
    from astropy.coordinates import SkyCoord

    kind = type(region).__name__
    if not kind.endswith("SkyRegion"):
        raise BadTable(
            f"{name} holds a {kind} in pixels, not on the sky; save the regions of DS9 in WCS, icrs"
        )
    place = getattr(region, "center", None)
    if place is None:
        corners = getattr(region, "vertices", None)
        if corners is None:
            corners = [region.start, region.end]
        whole = SkyCoord([one.icrs for one in corners])
        place = SkyCoord(whole.cartesian.mean(), frame="icrs", representation_type="unitspherical")
        place = SkyCoord(place.spherical.lon, place.spherical.lat)
    return place


def _places(middles: Sequence[SkyCoord]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ra and dec, ICRS degrees, of single positions; those in one frame are transformed at once."""
    from astropy.coordinates import SkyCoord

    ra, dec = np.empty(len(middles)), np.empty(len(middles))
    frames: dict[Any, list[int]] = {}
    for number, one in enumerate(middles):
        frame = one.frame
        attributes = tuple((name, str(getattr(frame, name))) for name in frame.frame_attributes)
        frames.setdefault((type(frame), attributes), []).append(number)
    for numbers in frames.values():
        spheres = [middles[number].spherical for number in numbers]
        lon, lat = ([getattr(one, axis).deg for one in spheres] for axis in ("lon", "lat"))
        frame = middles[numbers[0]].frame.replicate_without_data()
        whole = SkyCoord(np.array(lon), np.array(lat), unit="deg", frame=frame).icrs
        ra[numbers], dec[numbers] = whole.ra.deg, whole.dec.deg
    return ra, dec


def _radii(regions: Sequence[Any]) -> Mapping[str, Any] | Any:
    """Return the radii of circles as a Quantity, NaN for other shapes."""
    import astropy.units as u

    angles = [getattr(one, "radius", None) for one in regions]
    return [np.nan if one is None else float(one.to_value(u.arcsec)) for one in angles] * u.arcsec
