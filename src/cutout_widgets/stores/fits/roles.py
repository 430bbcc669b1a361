"""Find the image, mask and variance among the HDUs of a FITS file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from astropy.io import fits

from cutout_widgets.errors import CutoutWarning, ImageNotFound, UnreadableImage
from cutout_widgets.pixels.image import Panel
from cutout_widgets.stores.fits.opening import Place

__all__ = ["PANEL_NAMES", "HduName", "Roles", "panels_in", "plane_shape", "roles_in"]

HduName = int | str | tuple[str, int]
"""Selects the image's HDU: its number, its EXTNAME, or EXTNAME and EXTVER."""

PANEL_NAMES: Mapping[Panel, frozenset[str]] = {
    "template": frozenset([
        "TEMPLATE", "TEMPLATE_IMAGE", "TEMPL", "TMPL", "TEMP", "REF", "REFERENCE", "REFIM", "REFIMAGE",
        "CUTOUTTEMPLATE", "CUTOUTREFERENCE",
    ]),
    "science": frozenset([
        "SCIENCE", "SCIENCE_IMAGE", "SCI", "SCIIM", "NEW", "SEARCH", "TARGET", "CALEXP", "CUTOUTSCIENCE",
    ]),
    "difference": frozenset([
        "DIFFERENCE", "DIFFERENCE_IMAGE", "DIFF", "DIFFIM", "DIFFIMAGE", "DIFFEXP", "SUB", "SUBTRACTED",
        "SUBTRACTION", "CUTOUTDIFFERENCE",
    ]),
}  # fmt: skip
"""Panel -> names of its HDU in files with several images."""

_IMAGES = (fits.PrimaryHDU, fits.ImageHDU, fits.CompImageHDU)
"""HDU types with pixels; all others are tables."""


@dataclass(frozen=True)
class Roles:
    """The roles of a file's HDUs."""

    image: Any
    masks: tuple[Any, ...]
    variance: Any | None
    last: Any | None = None
    """The last HDU of the file, if the search for mask and variance reached it."""


_ROLES = {"MASK": "MASK", "VARIANCE": "VARIANCE", "VAR": "VARIANCE"}
"""Name or type of an HDU -> its role."""


@dataclass
class _Beside:
    """Masks and variances found for an image."""

    image: Any
    fitting: dict[str, list[Any]] = field(default_factory=lambda: {"MASK": [], "VARIANCE": []})
    odd: dict[str, Any] = field(default_factory=dict)
    """Those with another shape than the image, the first of each role."""

    def take(self, role: str | None, hdu: Any) -> None:
        """Add an HDU if it is a mask or a variance."""
        if role is None or not isinstance(hdu, _IMAGES):
            return
        if _is_plane(hdu) and plane_shape(hdu) == plane_shape(self.image):
            self.fitting[role].append(hdu)
        else:
            self.odd.setdefault(role, hdu)

    def warn_of_odd_ones(self, path: Place) -> None:
        """Warn about HDUs that are ignored because of their shape."""
        for role, hdu in self.odd.items():
            if not self.fitting[role]:
                warnings.warn(
                    f"{path}: its {role} is {_shape_text(hdu)}, "
                    f"its image {_shape_text(self.image)}; not used",
                    CutoutWarning,
                    stacklevel=3,
                )


def panels_in(hdus: fits.HDUList) -> dict[Panel, Any]:
    """Return the HDU of each panel, by name; the first of each."""
    found: dict[Panel, Any] = {}
    for hdu in _each(hdus):
        for panel, names in PANEL_NAMES.items():
            if str(hdu.name).upper() in names and _is_plane(hdu):
                found.setdefault(panel, hdu)
    return found


def roles_in(
    hdus: fits.HDUList, wanted: HduName | None, path: Place, panel: Panel | None = None, shared: bool = False
) -> Roles:
    """Find the image's HDU, and those of its mask and variance.

    Parameters
    ----------
    hdus
        The file.
    wanted
        The HDU chosen by the user; None for the one whose EXTTYPE is ``IMAGE``, else whose EXTNAME is
        ``IMAGE`` or ``SCI``, else the first two-dimensional one.
    path
        Name of the file for messages.
    panel
        The panel to read if no HDU was chosen: in a file with images of two or more panels, according to
        `PANEL_NAMES`, that panel's image is used.
    shared
        Whether other panels are read from the same file: then the image must be identified by its
        name.

    Returns
    -------
    Roles
        Mask and variance are those of the image's group, in any order: the HDUs after the image up to
        the next image, and for the first image of a file also those before it.

    Warns
    -----
    CutoutWarning
        If the mask or the variance has another shape than the image.

    Raises
    ------
    ImageNotFound
        If there is no such HDU.
    UnreadableImage
        If it is not two-dimensional, or there is no two-dimensional image.
    """
    image = None if wanted is None else _named(hdus, wanted, path)
    if image is None and panel is not None:
        image = _of_panel(hdus, panel, path, shared=shared)
    if image is None:
        image = _choose(hdus, path)
    beside = _Beside(image)
    for hdu in _before(hdus, image):
        beside.take(_ROLES.get(_role(hdu)), hdu)
    last = _look_behind(hdus, beside)
    beside.warn_of_odd_ones(path)
    return Roles(image, tuple(beside.fitting["MASK"]), next(iter(beside.fitting["VARIANCE"]), None), last)


def _look_behind(hdus: fits.HDUList, beside: _Beside) -> Any | None:
    """Search the HDUs after the image; return the last HDU of the file if it was reached."""
    settled = {role for role, found in beside.fitting.items() if found}  # those before the image belong to it
    images = {"IMAGE", _role(beside.image)}.union(*PANEL_NAMES.values()) - {""}
    last = beside.image
    for hdu in _after(hdus, beside.image):
        declared = _role(hdu)
        if declared in images and _is_plane(hdu):
            return None  # the next group
        role = _ROLES.get(declared)
        if role not in settled:
            beside.take(role, hdu)
        if role != "MASK" and all(beside.fitting.values()):
            return None  # several masks may follow, but without others between
        last = hdu
    return last


def _named(hdus: fits.HDUList, wanted: HduName, path: Place) -> Any:
    """Return the HDU chosen by the user."""
    try:
        hdu = hdus[wanted]
    except (KeyError, IndexError) as err:
        raise ImageNotFound(f"{path} has no HDU {wanted!r}; it has {_contents(hdus)}") from err
    if not _is_plane(hdu):
        raise UnreadableImage(f"HDU {wanted!r} of {path} is not a 2-d image; the file has {_contents(hdus)}")
    return hdu


def _of_panel(hdus: fits.HDUList, panel: Panel, path: Place, *, shared: bool) -> Any | None:
    """Return the HDU of a panel by its name; None if no name fits and names are not required."""
    named = panels_in(hdus)
    if len(named) < 2 and not shared:
        return None
    if panel not in named:
        raise ImageNotFound(
            f"{path} has no HDU named after {panel}; it has {_contents(hdus)}; choose one: "
            f"'{path.name}[NAME]' or '{path.name}[NUMBER]'"
        )
    return named[panel]


def _choose(hdus: fits.HDUList, path: Place) -> Any:
    """Return the HDU of the image, by EXTTYPE, then by EXTNAME, then the first possible one."""
    by_name = first = None
    for hdu in _each(hdus):
        if not _is_plane(hdu):
            continue
        if str(hdu.header.get("EXTTYPE", "")).strip().upper() == "IMAGE":
            return hdu
        if by_name is None and hdu.name in ("IMAGE", "SCI"):
            by_name = hdu
        if first is None:
            first = hdu
    chosen = first if by_name is None else by_name
    if chosen is None:
        raise UnreadableImage(f"{path} has no 2-d image; it has {_contents(hdus)}")
    return chosen


def _each(hdus: fits.HDUList) -> Iterator[Any]:
    """Yield the HDUs, reading each header only when it is reached."""
    number = 0
    while True:
        try:
            hdu = hdus[number]
        except IndexError:
            return
        yield hdu
        number += 1


def _before(hdus: fits.HDUList, image: Any) -> list[Any]:
    """Return the HDUs before the first image of a file; an empty list for other images."""
    before: list[Any] = []
    for hdu in _each(hdus):
        if hdu is image:
            break
        if _is_plane(hdu) and _role(hdu) not in _ROLES:
            return []
        before.append(hdu)
    return before


def _after(hdus: fits.HDUList, image: Any) -> Iterator[Any]:
    """Yield the HDUs after an image."""
    seen = False
    for hdu in _each(hdus):
        if seen:
            yield hdu
        seen = seen or hdu is image


def _role(hdu: Any) -> str:
    """Return the declared role of an HDU: its EXTTYPE, else its EXTNAME."""
    return str(hdu.header.get("EXTTYPE", "")).strip().upper() or str(hdu.name).upper()


def _is_plane(hdu: Any) -> bool:
    """Return whether an HDU is an image with two axes, not counting axes of length one."""
    if not isinstance(hdu, _IMAGES):
        return False
    shape = hdu.shape or ()
    return len(shape) >= 2 and all(n == 1 for n in shape[:-2]) and min(shape[-2:]) > 0


def plane_shape(hdu: Any) -> tuple[int, int]:
    """Return height and width."""
    height, width = hdu.shape[-2:]
    return int(height), int(width)


def _shape_text(hdu: Any) -> str:
    """Return the shape of an image as text."""
    return "x".join(str(n) for n in hdu.shape or ()) or "no data"


def _contents(hdus: fits.HDUList) -> str:
    """Describe a file's contents for messages."""
    listed = []
    for number, hdu in enumerate(_each(hdus)):
        shape = _shape_text(hdu) if isinstance(hdu, _IMAGES) else "a table"
        listed.append(f"{number} {hdu.name} ({shape})".replace("  ", " "))
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "")
