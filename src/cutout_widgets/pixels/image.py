"""`Image`, the one image type, and `Triplet`, the three images of a source."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from cutout_widgets._public import shown_by
from cutout_widgets.errors import BadOption, CutoutWarning
from cutout_widgets.pixels.geometry import XY, Box
from cutout_widgets.pixels.names import EXTRAS, NO_DATA, PANELS, Extra, Panel
from cutout_widgets.pixels.nddata import UNUSABLE, as_ccddata, fields_of
from cutout_widgets.pixels.plain import bit_field, plain_pixels, written_slice
from cutout_widgets.pixels.plane_names import bits_of_plane, unknown_plane
from cutout_widgets.pixels.tangent import LazyWcs, OnSky
from cutout_widgets.quantities import numbers_in

if TYPE_CHECKING:
    from astropy.nddata import CCDData, NDData
    from astropy.wcs.wcsapi import BaseHighLevelWCS

__all__ = ["EXTRAS", "NO_DATA", "PANELS", "Extra", "Image", "Panel", "Triplet"]

_WHOLE = Box(0, 0, 0, 0)
"""Placeholder for "the array is the parent" until the shape is known."""

_UNSHIFTED = XY(0.0, 0.0)
"""Value for an image whose WCS was not shifted."""


@dataclass(frozen=True, eq=False)
class Image(OnSky):
    """Pixels with their mask, variance, WCS and unit: a detector, a stamp or a cutout.

    All positions are in *parent* pixels: the 0-based pixels of the whole detector (or stamp).
    A cutout therefore keeps the `wcs` of its parent.

    Raises
    ------
    ValueError
        If the arrays do not have the shape of `box`.
    BadOption
        If the mask or a plane needs more than 32 bits.

    Examples
    --------
    >>> import numpy as np
    >>> import cutout_widgets as cw
    >>> image = cw.Image(np.arange(12.0).reshape(3, 4), unit="nJy")
    >>> image[1:, 2:]
    <Image float64 nJy [y 1:3, x 2:4]>
    >>> float(np.asarray(image).max()), float(image[1, 2]), image.to_ccddata().unit
    (11.0, 6.0, Unit("nJy"))
    """

    pixels: NDArray[Any]
    """Values, shape (ny, nx), native byte order; NaN where unknown. In a masked array, masked pixels become
    NaN; a Quantity also sets the unit."""
    box: Box = _WHOLE
    """Position of the array in the parent; None = the array is the parent."""
    mask: NDArray[np.uint32] | None = None
    """Bit field of the same shape, or None if there is none."""
    planes: Mapping[str, int] = field(default_factory=dict)
    """Mask plane name -> bit number, as this file numbers them."""
    variance: NDArray[Any] | None = None
    """Variance in ``unit**2``, same shape; infinite where unknown."""
    weight: NDArray[Any] | None = None
    """Relative weight of each pixel, same shape; 0 where there is no data."""
    wcs: BaseHighLevelWCS | None = None
    """World coordinates of parent pixels, celestial, x first; None if unknown."""
    sky_problem: str = ""
    """Why `wcs` is None although the image has one in its file: a phrase for a message."""
    unit: str | None = None
    """Unit of the pixels as FITS writes it (``"nJy"``, ``"adu"``)."""
    exposure_s: float | None = None
    """Exposure time, seconds or a Quantity, to convert between counts and rate; None if unknown."""
    psf: NDArray[Any] | None = None
    """PSF kernel at the source, if the store has it."""
    unread: frozenset[Extra] = frozenset()
    """Which of mask, variance and psf are None because they were not requested; see `Region.extras`."""
    anchor: XY | None = None
    """Position of the source (parent pixels), if known more accurately than from ra, dec and `wcs`."""
    source_id: int | str | None = None
    """Id of the source it was cut for, if any."""
    shift: XY = _UNSHIFTED
    """Number of pixels by which `wcs` was shifted along the pixel grid; see `cutout_widgets.shifted`."""
    origin: str = ""
    """Where the pixels were read from: a path, URI or packet, for display."""
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Metadata of an exposure that was read whole: header cards by keyword."""

    def __post_init__(self) -> None:
        if type(self.pixels) is not np.ndarray:
            pixels, unit = plain_pixels(self.pixels)
            object.__setattr__(self, "pixels", pixels)
            if unit is not None and self.unit is None:
                object.__setattr__(self, "unit", unit)
        object.__setattr__(self, "unit", None if self.unit is None else str(self.unit))
        object.__setattr__(self, "exposure_s", numbers_in(self.exposure_s, "exposure_s", "s"))
        if self.mask is not None:
            object.__setattr__(self, "mask", bit_field(self.mask, self.planes))
        if self.pixels.ndim != 2:
            raise ValueError(f"an image is two-dimensional; got pixels of shape {self.pixels.shape}")
        if self.box is _WHOLE:
            object.__setattr__(self, "box", Box.from_shape(self.pixels.shape))
        for name in ("pixels", "mask", "variance", "weight"):
            array = getattr(self, name)
            if array is not None and array.shape != self.box.shape:
                raise ValueError(f"{name} has shape {array.shape}, but {self.box} holds {self.box.shape}")
        object.__setattr__(self, "planes", MappingProxyType(dict(self.planes)))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.box.shape

    def replaced(self, fields: dict[str, Any]) -> Self:
        """Return this image with changed fields, without checks: for values known to be consistent.

        ``dataclasses.replace`` does all checks, which takes longer than cutting the pixels.
        """
        other = object.__new__(type(self))
        object.__setattr__(other, "__dict__", vars(self) | fields)
        return other

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""
        return self.pixels.dtype

    @property
    def ndim(self) -> int:
        """Two, always."""
        return 2

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Return the pixels: ``numpy.asarray(image)``, ``plt.imshow(image, origin="lower")``."""
        if copy is None:
            return np.asarray(self.pixels, dtype=dtype)
        return self.pixels.astype(dtype or self.dtype, copy=copy)

    @overload
    def __getitem__(self, key: slice | tuple[slice, slice]) -> Self: ...
    @overload
    def __getitem__(self, key: Any) -> Any: ...
    def __getitem__(self, key: Any) -> Any:
        """Return part of the image, as numpy counts: row first, from the first pixel of the array.

        Slices give an `Image` that knows its box, mask, variance and sky; its arrays are views. For
        a box in parent pixels, or one that sticks out, use `cut`. Any other index gives pixels.

        Raises
        ------
        BadOption
            If a slice has a step, or holds no pixel.
        """
        rows, columns = key if isinstance(key, tuple) and len(key) == 2 else (key, slice(None))
        if not (isinstance(rows, slice) and isinstance(columns, slice)):
            return self.pixels[key]
        part = rows, columns
        (y0, y1, y_step), (x0, x1, x_step) = (one.indices(n) for one, n in zip(part, self.shape, strict=True))
        if (y_step, x_step) != (1, 1) or y1 <= y0 or x1 <= x0:
            raise BadOption(
                f"a part of an image is a rectangle of its {self.shape} pixels, without steps; "
                f"got {written_slice(rows)}, {written_slice(columns)}; index np.asarray(image) for others"
            )
        fields: dict[str, Any] = {
            "box": Box.from_shape((y1 - y0, x1 - x0), (self.box.y0 + y0, self.box.x0 + x0))
        }
        for name in ("pixels", "mask", "variance", "weight"):
            array = getattr(self, name)
            fields[name] = None if array is None else array[part]
        return self.replaced(fields)

    def to_ccddata(self, planes: Collection[str] = UNUSABLE) -> CCDData:
        """Return the image as astropy's CCDData.

        Parameters
        ----------
        planes
            Mask planes of pixels not to be used, in either vocabulary; pixels that are not finite
            are masked in any case.

        Returns
        -------
        CCDData
            Pixels and variance (shared, not copied), a boolean mask, the bit field as `flags`, the
            WCS of the array's own pixels; the header contains box and planes, so that `from_nddata` gives
            the same image back.

        Raises
        ------
        BadOption
            If the WCS is no FITS WCS and the box begins below pixel 0.
        """
        return as_ccddata(self, planes)

    @classmethod
    def from_nddata(cls, data: NDData) -> Self:
        """Return an NDData or CCDData as an image.

        Parameters
        ----------
        data
            Two-dimensional. Where a boolean mask without `flags` is set, pixels become NaN and get the plane
            ``BAD``; an uncertainty is converted to a variance if possible.

        Raises
        ------
        BadOption
            If it is not two-dimensional.
        """
        return cls(**fields_of(data))

    def has_plane(self, name: str) -> NDArray[np.bool_]:
        """Return where a mask plane is set, shape (ny, nx); nowhere if there is no such plane.

        Parameters
        ----------
        name
            The name in afw or lsst.images, whichever the image uses: ``"SAT"`` (afw) is ``"SATURATED"``
            (lsst.images).

        Warns
        -----
        CutoutWarning
            If neither this image nor any Rubin image has such a plane.
        """
        bits = bits_of_plane(self.planes, name)
        if not bits and (why := unknown_plane(name, self.planes)) is not None:
            warnings.warn(why, CutoutWarning, stacklevel=2)
        if self.mask is None or not bits:
            return np.zeros(self.shape, dtype=bool)
        return (self.mask & np.uint32(bits)).astype(bool)

    def without_plane(self, *names: str) -> Self:
        """Return the image without some mask planes.

        Parameters
        ----------
        *names
            Planes by the names of afw or lsst.images, such as ``"DETECTED"`` before detecting again. Missing
            ones are ignored.

        Warns
        -----
        CutoutWarning
            If neither this image nor any Rubin image has such a plane.
        """
        gone = 0
        for name in names:
            bits = bits_of_plane(self.planes, name)
            gone |= bits
            if not bits and (why := unknown_plane(name, self.planes)) is not None:
                warnings.warn(why, CutoutWarning, stacklevel=2)
        planes = {name: bit for name, bit in self.planes.items() if not gone >> bit & 1}
        mask = None if self.mask is None else self.mask & np.uint32(~gone & 0xFFFFFFFF)
        return replace(self, mask=mask, planes=planes)

    def __reduce__(self) -> tuple[Any, ...]:
        # MappingProxyType does not pickle.
        state = {name: vars(self)[name] for name in self.__dataclass_fields__}
        return _restore_image, ({**state, "planes": dict(self.planes), "metadata": dict(self.metadata)},)

    _repr_html_ = shown_by("outputs.preview:image_html")

    def __repr__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"<Image {self.pixels.dtype}{unit} {self.box}>"


Image.wcs = LazyWcs()  # set here: within the class it would be the default


def _restore_image(state: dict[str, Any]) -> Image:
    """Build an image from its fields, for pickle."""
    return Image(**state)


@dataclass(frozen=True, eq=False)
class Triplet:
    """Template, science and difference of one source; a missing one is None, with the reason.

    Examples
    --------
    >>> from cutout_widgets.testing import make_image
    >>> triplet = cw.Triplet(science=make_image((30, 30)), problems=("template: no such file a.fits",))
    >>> triplet
    <Triplet science 30x30; no template, difference>
    >>> triplet.problem_of("template")
    'no such file a.fits'
    """

    template: Image | None = None
    """The reference, warped to the science image."""
    science: Image | None = None
    """The exposure the source was found on."""
    difference: Image | None = None
    """Science minus PSF-matched template."""
    problems: tuple[str, ...] = ()
    """Why panels are missing, each beginning with its panel: ``"template: no such file ..."``."""

    def __iter__(self) -> Iterator[Image | None]:
        """Iterate over the images, from left to right."""
        return iter((self.template, self.science, self.difference))

    _repr_html_ = shown_by("outputs.preview:triplet_html")

    def __repr__(self) -> str:
        panels = (f"{panel} {image.shape[1]}x{image.shape[0]}" for panel, image in self._named if image)
        lacking = [panel for panel, image in self._named if image is None]
        return f"<Triplet {', '.join(panels)}{'; no ' if lacking else ''}{', '.join(lacking)}>"

    @property
    def _named(self) -> tuple[tuple[Panel, Image | None], ...]:
        """Each panel's name with its image."""
        return tuple(zip(PANELS, self, strict=True))

    @property
    def unread(self) -> frozenset[Extra]:
        """Extras that a panel lacks only because they were not requested."""
        return frozenset().union(*(image.unread for image in self if image is not None))

    def problem_of(self, panel: Panel) -> str | None:
        """Return the sentence about one panel, without its name, or None."""
        for text in self.problems:
            if text.startswith(f"{panel}: "):
                return text.removeprefix(f"{panel}: ")
        return None

    @property
    def best(self) -> Image | None:
        """The preferred image for positions: science, else difference, else template."""
        for image in (self.science, self.difference, self.template):
            if image is not None:
                return image
        return None
