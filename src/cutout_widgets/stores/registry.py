"""Open a store from a string: ``open_images("fits:index.parquet")``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from cutout_widgets.catalog.table import SourceTable
from cutout_widgets.errors import BadOption
from cutout_widgets.pixels.image import PANELS, Triplet
from cutout_widgets.stores.base import ImageStore
from cutout_widgets.stores.in_hand import is_image_in_hand
from cutout_widgets.whole_file import usable_path

__all__ = ["open_images", "schemes"]

ENTRY_POINTS = "cutout_widgets.stores"
"""Entry point group of other packages' stores: name = scheme, value = callable(rest) -> store."""

DATALINK = "content=datalink"
"""Part of ObsCore's ``access_format`` if the URL is that of a DataLink document."""

FITS_SUFFIXES = (".fits", ".fit", ".fits.gz", ".fits.fz", ".fit.gz")
PACKET_SUFFIXES = (".avro", ".avro.gz")
TABLE_SUFFIXES = (".parquet", ".parq", ".pq", ".csv", ".csv.gz", ".ecsv", ".vot", ".votable")


def open_images(spec: Any) -> ImageStore:
    """Open an image store from a string, a path or an object.

    Parameters
    ----------
    spec
        ``"fits:template=T.fits,science=S.fits,difference=D.fits"`` or ``"fits:index.parquet"``;
        ``"alerts:alerts/*.avro"``; ``"stamps:FOLDER"``; ``"butler:REPO?collections=a,b"``;
        ``"soda:URL"``; a scheme of another package (entry points of group ``cutout_widgets.stores``); a
        path, from which the kind is guessed; rows with the URLs of their images, as `images_at` gives them;
        a `Triplet` of whole images, or one image in memory as `as_image` takes it (of a
        ``DifferenceImage`` the difference, else science); a store, which is returned as it is.

    Returns
    -------
    ImageStore
        A description; no images have been read.

    Raises
    ------
    BadOption
        If the scheme is unknown or the kind cannot be guessed.
    MissingDependency
        If the store needs a package that is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> images = cw.ArrayImages.from_stamps([7], *np.ones((3, 1, 9, 9)))
    >>> open_images(images) is images
    True
    """
    if isinstance(spec, ImageStore):
        return spec
    if isinstance(spec, Triplet) or is_image_in_hand(spec):
        return _in_hand(spec)
    if isinstance(spec, SourceTable):
        return _of_rows(spec)
    if isinstance(spec, Path):
        return _guess(spec)
    if not isinstance(spec, str):
        raise BadOption(
            f"images are text, a path, a store or an exposure in memory; got {type(spec).__name__}"
        )
    scheme, colon, rest = spec.partition(":")
    own = _own_openers()
    if colon and scheme in own:
        return own[scheme](rest)
    if colon and scheme in ("http", "https"):
        return own["soda"](spec)
    # One letter before a colon is a drive, and a file may have a colon in its name.
    if colon and len(scheme) > 1:
        openers = _openers()  # looks through all that is installed
        if scheme in openers:
            return openers[scheme](rest)
        if (scheme.isidentifier() or rest.startswith("//")) and not Path(spec).exists():
            raise BadOption(f"unknown kind of images {scheme!r}; known are {', '.join(sorted(openers))}")
    return _guess(Path(spec))


def _of_rows(rows: SourceTable) -> ImageStore:
    """Return a store of the images whose URLs are in the rows: DataLink or FITS."""
    panels = [panel for panel in PANELS if panel in rows.columns]
    if not panels:
        raise BadOption(
            "rows are images if they have the URLs of these in columns template, science or difference, as "
            f"images_at gives them; these have {', '.join(rows.columns[:8])}"
        )
    formats: Any = rows["access_format"] if "access_format" in rows.columns else []
    kinds = {DATALINK in str(one) for one in formats}
    if len(kinds) > 1:
        raise BadOption(
            "some of these rows lead to DataLink and some to files; open each kind by itself: "
            "rows.where(\"access_format == 'image/fits'\")"
        )
    if kinds == {True}:
        from cutout_widgets.stores.soda.store import SodaImages

        template, science, difference = (f"{{{one}}}" if one in panels else None for one in PANELS)
        return SodaImages(template=template, science=science, difference=difference)
    from cutout_widgets.stores.fits.store import FitsImages

    return FitsImages.from_index(rows, key="id")


def _in_hand(images: Any) -> ImageStore:
    """Return a store that cuts all rows from images in memory."""
    from cutout_widgets.stores.arrays.store import ArrayImages

    if isinstance(images, Triplet):
        return ArrayImages.from_exposures(*images)
    panel = "difference" if "Difference" in type(images).__name__ else "science"
    return ArrayImages.from_exposures(**{panel: images})


def schemes() -> list[str]:
    """Return the schemes that `open_images` supports, including those of other packages."""
    return sorted(_openers())


def _openers() -> dict[str, Callable[[str], ImageStore]]:
    """Return scheme -> function of the text after the colon; built-in names have priority."""
    from importlib.metadata import entry_points

    found: dict[str, Callable[[str], ImageStore]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        found[point.name] = _late(point)
    return found | _own_openers()


def _own_openers() -> dict[str, Callable[[str], ImageStore]]:
    """Return scheme -> function for the kinds of this package."""
    return {
        "fits": _open_fits,
        "alerts": _open_alerts,
        "butler": _open_butler,
        "soda": _open_soda,
        "stamps": _open_stamps,
    }


def _late(point: Any) -> Callable[[str], ImageStore]:
    """Return a function that imports another package's store when it is called."""

    def open_it(rest: str) -> ImageStore:
        return cast(ImageStore, point.load()(rest))

    return open_it


def _open_fits(rest: str) -> ImageStore:
    """Open ``template=..,science=..,difference=..`` or an index."""
    from cutout_widgets.stores.fits.planes import holds_panels
    from cutout_widgets.stores.fits.store import FitsImages

    if not rest.strip():
        raise BadOption(
            "fits: needs an index or files: 'fits:index.parquet', 'fits:template=T.fits,science=S.fits,...'"
        )
    if not any(rest.lstrip().startswith(f"{panel}=") for panel in PANELS):
        if rest.lower().endswith(FITS_SUFFIXES) and holds_panels(Path(rest)):
            return FitsImages.from_file(rest)
        return FitsImages.from_index(rest)
    files: dict[str, str] = {}
    panel = ""
    for part in rest.split(","):
        name, equals, file = part.partition("=")
        if equals and name.strip() in PANELS:
            panel = name.strip()
            if panel in files:
                raise BadOption(f"{panel}= is given twice in 'fits:{rest}'")
            files[panel] = file.strip()
        else:  # a comma inside a path
            files[panel] += f",{part}"
    return FitsImages(files.get("template"), files.get("science"), files.get("difference"))


def _open_alerts(rest: str | Sequence[str]) -> ImageStore:
    """Open alert packets: a file, a folder or a pattern."""
    from cutout_widgets.stores.alerts.store import AlertImages

    return AlertImages(rest)


def _open_butler(rest: str) -> ImageStore:
    """Open a Butler repository, ``REPO?collections=a,b``."""
    from cutout_widgets.stores.butler.store import ButlerImages

    return ButlerImages.from_spec(rest)


def _open_soda(rest: str) -> ImageStore:
    """Open an image cutout service."""
    from cutout_widgets.stores.soda.store import SodaImages

    return SodaImages(rest)


def _open_stamps(rest: str) -> ImageStore:
    """Open stamp files: an output folder, a folder of stamp files, one file."""
    from cutout_widgets.stores.stamps.store import StampImages

    return StampImages(rest)


def _guess(path: Path) -> ImageStore:
    """Open a path according to the files in it."""
    from cutout_widgets.stores.fits.planes import holds_panels
    from cutout_widgets.stores.stamps.files import SUFFIXES, holds_stamps

    usable_path(path)
    path = path.expanduser()
    name = path.name.lower()
    if name == "butler.yaml" or (path / "butler.yaml").is_file():
        return _open_butler(str(path))
    if (path.is_dir() or name.endswith(SUFFIXES)) and holds_stamps(path):
        return _open_stamps(str(path))
    if name.endswith(PACKET_SUFFIXES) or any(
        next(path.glob(f"*{suffix}"), None) is not None for suffix in PACKET_SUFFIXES if path.is_dir()
    ):
        return _open_alerts(str(path))
    if name.endswith(TABLE_SUFFIXES):
        return _open_fits(str(path)) if _has_panel_columns(path) else _open_alerts(str(path))
    if name.endswith(FITS_SUFFIXES):
        if holds_panels(path):
            return _open_fits(str(path))
        raise BadOption(f"a FITS file is one panel; choose one: 'fits:science={path}'")
    found = "there is nothing there" if not path.exists() and "*" not in name else "it is none of these"
    raise BadOption(
        f"images at {str(path)!r}: wanted alert packets (*.avro), stamp files, an index of FITS files (a "
        f"table) or a Butler repository (butler.yaml), but {found}; start with the kind: "
        f"{', '.join(schemes())}"
    )


def _has_panel_columns(path: Path) -> bool:
    """Return whether a table is an index of FITS files, not a table of alert packets."""
    if not path.name.lower().endswith((".parquet", ".parq", ".pq")) or not path.is_file():
        return True
    import pyarrow.parquet

    return not set(PANELS).isdisjoint(pyarrow.parquet.read_schema(path).names)
