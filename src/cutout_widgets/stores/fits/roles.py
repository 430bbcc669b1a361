"""Which HDU of a FITS file is the image, and which are its mask and its variance."""

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
"""Which HDU holds the image: its number, its EXTNAME, or EXTNAME and EXTVER."""

PANEL_NAMES: Mapping[Panel, frozenset[str]] = {
    "template": frozenset(
        ["TEMPLATE", "TEMPLATE_IMAGE", "TEMPL", "TMPL", "TEMP", "REF", "REFERENCE", "REFIM", "CUTOUTTEMPLATE"]
    ),
    "science": frozenset(["SCIENCE", "SCIENCE_IMAGE", "SCI", "SCIIM", "NEW", "CALEXP", "CUTOUTSCIENCE"]),
    "difference": frozenset(
        ["DIFFERENCE", "DIFFERENCE_IMAGE", "DIFF", "DIFFIM", "DIFFIMAGE", "DIFFEXP", "CUTOUTDIFFERENCE"]
    ),
}
"""Panel -> what files with several images call its HDU."""

_IMAGES = (fits.PrimaryHDU, fits.ImageHDU, fits.CompImageHDU)
"""What may hold pixels; all else is a table."""


@dataclass(frozen=True)
class Roles:
    """Which HDUs of a file are what."""

    image: Any
    masks: tuple[Any, ...]
    variance: Any | None
    last: Any | None = None
    """The last HDU of the file, if mask and variance were looked for that far."""


_ROLES = {"MASK": "MASK", "VARIANCE": "VARIANCE", "VAR": "VARIANCE"}
"""What the HDUs beside an image say they are -> what they are to it."""


@dataclass
class _Beside:
    """What was found beside an image."""

    image: Any
    fitting: dict[str, list[Any]] = field(default_factory=lambda: {"MASK": [], "VARIANCE": []})
    odd: dict[str, Any] = field(default_factory=dict)
    """Of another shape than the image, the first of each role."""

    def take(self, role: str | None, hdu: Any) -> None:
        """Keep an HDU that is a mask or a variance."""
        if role is None or not isinstance(hdu, _IMAGES):
            return
        if _is_plane(hdu) and plane_shape(hdu) == plane_shape(self.image):
            self.fitting[role].append(hdu)
        else:
            self.odd.setdefault(role, hdu)

    def warn_of_odd_ones(self, path: Place) -> None:
        """Warn about HDUs that are not used because of their shape."""
        for role, hdu in self.odd.items():
            if not self.fitting[role]:
                warnings.warn(
                    f"{path}: its {role} is {_said(hdu)}, its image {_said(self.image)}; not used",
                    CutoutWarning,
                    stacklevel=3,
                )


def panels_in(hdus: fits.HDUList) -> dict[Panel, Any]:
    """Return the HDU of each panel that an HDU's name tells, the first of each."""
    found: dict[Panel, Any] = {}
    for hdu in _each(hdus):
        for panel, names in PANEL_NAMES.items():
            if str(hdu.name).upper() in names and _is_plane(hdu):
                found.setdefault(panel, hdu)
    return found


def roles_in(
    hdus: fits.HDUList, wanted: HduName | None, path: Place, panel: Panel | None = None, shared: bool = False
) -> Roles:
    """Find out which HDU is the image, and which are its mask and variance.

    Parameters
    ----------
    hdus
        The file.
    wanted
        The HDU a user chose; None for the one whose EXTTYPE is ``IMAGE``, else whose EXTNAME is
        ``IMAGE`` or ``SCI``, else the first two-dimensional one.
    path
        Its name, for sentences.
    panel
        Which panel the file is to give, if no HDU was chosen: of a file with images of two panels or
        more, told by `PANEL_NAMES`, its own.
    shared
        Whether other panels are to come out of the same file: then only a name can tell which HDU is
        this one's.

    Returns
    -------
    Roles
        Mask and variance are those of the image's group, in whatever order: what follows the image up to
        the next image, and for the first image of a file also what stands before it.

    Warns
    -----
    CutoutWarning
        If the mask or the variance has another shape than the image.

    Raises
    ------
    ImageNotFound
        If there is no such HDU.
    UnreadableImage
        If it is not two-dimensional, or none is.
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
    """Take what follows the image; return the last HDU of the file if it was come to."""
    settled = {role for role, found in beside.fitting.items() if found}  # those before are of this image
    images = {"IMAGE", _role(beside.image)}.union(*PANEL_NAMES.values()) - {""}
    last = beside.image
    for hdu in _after(hdus, beside.image):
        said = _role(hdu)
        if said in images and _is_plane(hdu):
            return None  # the next group
        role = _ROLES.get(said)
        if role not in settled:
            beside.take(role, hdu)
        if role != "MASK" and all(beside.fitting.values()):
            return None  # there may be several masks, but they stand together
        last = hdu
    return last


def _named(hdus: fits.HDUList, wanted: HduName, path: Place) -> Any:
    """Return the HDU a user asked for."""
    try:
        hdu = hdus[wanted]
    except (KeyError, IndexError) as err:
        raise ImageNotFound(f"{path} has no HDU {wanted!r}; it has {_contents(hdus)}") from err
    if not _is_plane(hdu):
        raise UnreadableImage(f"HDU {wanted!r} of {path} is not a 2-d image; the file has {_contents(hdus)}")
    return hdu


def _of_panel(hdus: fits.HDUList, panel: Panel, path: Place, *, shared: bool) -> Any | None:
    """Return the HDU of a panel by its name; None if names tell nothing and need not."""
    named = panels_in(hdus)
    if len(named) < 2 and not shared:
        return None
    if panel not in named:
        raise ImageNotFound(
            f"{path} has no HDU named after {panel}; it has {_contents(hdus)}; say which: "
            f"'{path.name}[NAME]' or '{path.name}[NUMBER]'"
        )
    return named[panel]


def _choose(hdus: fits.HDUList, path: Place) -> Any:
    """Return the HDU that is the image, by EXTTYPE, then by EXTNAME, then the first that can be."""
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
        raise UnreadableImage(f"{path} holds no 2-d image; it has {_contents(hdus)}")
    return chosen


def _each(hdus: fits.HDUList) -> Iterator[Any]:
    """Go through the HDUs, reading each header only when its turn comes."""
    number = 0
    while True:
        try:
            hdu = hdus[number]
        except IndexError:
            return
        yield hdu
        number += 1


def _before(hdus: fits.HDUList, image: Any) -> list[Any]:
    """Return the HDUs before the first image of a file; none before any other image."""
    before: list[Any] = []
    for hdu in _each(hdus):
        if hdu is image:
            break
        if _is_plane(hdu) and _role(hdu) not in _ROLES:
            return []
        before.append(hdu)
    return before


def _after(hdus: fits.HDUList, image: Any) -> Iterator[Any]:
    """Go through the HDUs behind an image."""
    seen = False
    for hdu in _each(hdus):
        if seen:
            yield hdu
        seen = seen or hdu is image


def _role(hdu: Any) -> str:
    """Return what an HDU says it is: its EXTTYPE, else its EXTNAME."""
    return str(hdu.header.get("EXTTYPE", "")).strip().upper() or str(hdu.name).upper()


def _is_plane(hdu: Any) -> bool:
    """Return whether an HDU is an image of two axes, or of more that have one element each."""
    if not isinstance(hdu, _IMAGES):
        return False
    shape = hdu.shape or ()
    return len(shape) >= 2 and all(n == 1 for n in shape[:-2]) and min(shape[-2:]) > 0


def plane_shape(hdu: Any) -> tuple[int, int]:
    """Return height and width."""
    height, width = hdu.shape[-2:]
    return int(height), int(width)


def _said(hdu: Any) -> str:
    """Say the shape of an image."""
    return "x".join(str(n) for n in hdu.shape or ()) or "no data"


def _contents(hdus: fits.HDUList) -> str:
    """Describe a file's contents for a message."""
    said = []
    for number, hdu in enumerate(_each(hdus)):
        shape = _said(hdu) if isinstance(hdu, _IMAGES) else "a table"
        said.append(f"{number} {hdu.name} ({shape})".replace("  ", " "))
    return ", ".join(said[:8]) + (f" and {len(said) - 8} more" if len(said) > 8 else "")
