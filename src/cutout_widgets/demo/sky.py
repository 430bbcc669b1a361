"""The objects of the demo's sky: stars, galaxies, and everything that changes between visits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.demo.instrument import FIELD, VISITS, Visit, magnitude_to_flux
from cutout_widgets.errors import counted

__all__ = ["KINDS", "Sky", "SkyObject", "make_sky"]

KINDS = ("star", "galaxy", "variable", "agn", "transient", "faded", "moved", "asteroid")
"""Kinds of objects.

``faded`` was visible when the template was made and is gone; ``moved`` is a star with so much proper
motion that its positions in template and science image differ, which gives a dipole.
"""

RADIUS_ARCSEC = 255.0
"""Maximum distance of objects from the field's centre: covers all detectors and rotations."""

_COLOUR = {"g": 0.55, "r": 0.0, "i": -0.25}
"""Colour of an average object: its magnitude in a band minus its r magnitude."""


@dataclass(frozen=True)
class SkyObject:
    """One object, with its true brightness in every visit."""

    id: int
    """Its row in the truth tables."""
    kind: str
    """One of `KINDS`."""
    ra: float
    """Position in the science images, ICRS degrees (for moving objects, at the first visit)."""
    dec: float
    """The same, declination."""
    flux: tuple[float, ...]
    """True flux in each visit, nJy."""
    template_flux: tuple[float, ...]
    """True flux in the template of each visit's band, nJy."""
    template_offset: tuple[float, float] = (0.0, 0.0)
    """Position in the template relative to this: arcsec east, north."""
    profile: str = "point"
    """``"point"``, ``"disc"`` or ``"spheroid"``."""
    radius_arcsec: float = 0.0
    """Half-light radius along the major axis."""
    axis_ratio: float = 1.0
    """Minor axis divided by major axis."""
    angle_deg: float = 0.0
    """Position angle of the major axis, north through east."""
    motion: tuple[float, float] = (0.0, 0.0)
    """Motion in arcsec per minute east, north, from `epoch`; only for asteroids."""
    epoch: float = 0.0
    """MJD at which an asteroid is at ra, dec; it is visible only in that night."""


@dataclass(frozen=True)
class Sky:
    """The complete truth about the demo.

    Examples
    --------
    >>> sky = cw.demo.make_sky(seed=0)
    >>> len(sky.visits), sorted({visit.band for visit in sky.visits})
    (6, ['g', 'i', 'r'])
    """

    seed: int
    """The random seed."""
    objects: tuple[SkyObject, ...]
    """All objects; `SkyObject.id` is the index in this tuple plus one."""
    visits: tuple[Visit, ...] = VISITS
    """The visits."""

    def __repr__(self) -> str:
        return (
            f"<Sky {self.seed}: {counted(len(self.objects), 'object')}, {counted(len(self.visits), 'visit')}>"
        )


class _Draw:
    """Draws random positions and brightnesses, and collects the objects."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 1])
        self.objects: list[SkyObject] = []
        self.times = np.array([visit.mjd for visit in VISITS])
        self.bands = [visit.band for visit in VISITS]

    def place(self) -> tuple[float, float]:
        """Return a random position in the field."""
        r = RADIUS_ARCSEC * math.sqrt(self.rng.uniform())
        angle = self.rng.uniform(0, 2 * math.pi)
        return self.beside(FIELD, r * math.sin(angle), r * math.cos(angle))

    @staticmethod
    def beside(at: tuple[float, float], east: float, north: float) -> tuple[float, float]:
        """Return the position at an offset, in arcsec, from another."""
        return at[0] + east / 3600 / math.cos(math.radians(at[1])), at[1] + north / 3600

    def magnitude(self, bright: float, faint: float, slope: float) -> float:
        """Return a random magnitude from counts that grow as ``10**(slope m)``."""
        low, high = 10 ** (slope * bright), 10 ** (slope * faint)
        return math.log10(self.rng.uniform(low, high)) / slope

    def in_bands(self, magnitude: float, colour: float = 1.0) -> NDArray[np.float64]:
        """Return the flux of a constant object in each visit."""
        return np.array([float(magnitude_to_flux(magnitude + colour * _COLOUR[band])) for band in self.bands])

    def add(
        self,
        kind: str,
        at: tuple[float, float],
        flux: NDArray[np.float64],
        template_flux: NDArray[np.float64] | None = None,
        **more: object,
    ) -> SkyObject:
        """Add an object; by default it has the same flux in the template."""
        template = flux if template_flux is None else template_flux
        new = SkyObject(
            len(self.objects) + 1,
            kind,
            at[0],
            at[1],
            tuple(float(f) for f in flux),
            tuple(float(f) for f in template),
            **more,  # type: ignore[arg-type]  # the fields of SkyObject, spelled by the callers below
        )
        self.objects.append(new)
        return new


def _add_stars(draw: _Draw) -> None:
    """Add constant stars, a few of them bright enough to saturate."""
    rng = draw.rng
    for _ in range(300):
        draw.add("star", draw.place(), draw.in_bands(draw.magnitude(17.2, 24.5, 0.12), rng.normal(1, 0.5)))
    for _ in range(22):
        draw.add("star", draw.place(), draw.in_bands(rng.uniform(13.2, 16.3), 0.6))


def _add_galaxies(draw: _Draw) -> list[SkyObject]:
    """Add galaxies, including a large spiral; return those bright enough to be hosts."""
    rng = draw.rng
    hosts = [_add_spiral(draw)]
    for _ in range(1300):
        magnitude = draw.magnitude(18.3, 25.3, 0.33)
        radius = 0.42 * 10 ** (-0.09 * (magnitude - 22.5)) * rng.lognormal(0, 0.3)
        spheroid = rng.uniform() < 0.25
        galaxy = draw.add(
            "galaxy",
            draw.place(),
            draw.in_bands(magnitude, rng.normal(1.3 if spheroid else 0.7, 0.3)),
            profile="spheroid" if spheroid else "disc",
            radius_arcsec=radius,
            axis_ratio=rng.uniform(0.55, 1.0) if spheroid else rng.uniform(0.2, 1.0),
            angle_deg=rng.uniform(0, 180),
        )
        if magnitude < 22.3:
            hosts.append(galaxy)
    return hosts


def _add_spiral(draw: _Draw) -> SkyObject:
    """Add one nearby galaxy: bulge, disc, and knots along two arms."""
    rng, at = draw.rng, draw.beside(FIELD, 95.0, 22.0)
    tilt, angle = 0.7, 35.0
    disc = draw.add(
        "galaxy",
        at,
        draw.in_bands(16.2, 0.8),
        profile="disc",
        radius_arcsec=8.5,
        axis_ratio=tilt,
        angle_deg=angle,
    )
    draw.add("galaxy", at, draw.in_bands(17.3, 1.4), profile="spheroid", radius_arcsec=1.4, axis_ratio=0.9)
    for arm in (0.0, math.pi):
        for turn in np.linspace(0.3, 4.6, 34):
            r = 1.9 * math.exp(0.42 * turn)
            along, across = r * math.cos(turn + arm), tilt * r * math.sin(turn + arm)
            pa = math.radians(angle)
            east = along * math.sin(pa) + across * math.cos(pa) + rng.normal(0, 0.35)
            north = along * math.cos(pa) - across * math.sin(pa) + rng.normal(0, 0.35)
            draw.add(
                "galaxy",
                draw.beside(at, east, north),
                draw.in_bands(rng.uniform(20.6, 22.6), 0.1),
                profile="disc",
                radius_arcsec=rng.uniform(0.3, 0.9),
            )
    return disc


def _in_host(draw: _Draw, host: SkyObject) -> tuple[float, float]:
    """Return a random position that approximately follows the host's light."""
    r = host.radius_arcsec * draw.rng.rayleigh(0.8)
    angle = draw.rng.uniform(0, 2 * math.pi)
    along, across = r * math.cos(angle), host.axis_ratio * r * math.sin(angle)
    pa = math.radians(host.angle_deg)
    return draw.beside(
        (host.ra, host.dec),
        along * math.sin(pa) + across * math.cos(pa),
        along * math.cos(pa) - across * math.sin(pa),
    )


def _add_variables(draw: _Draw, hosts: list[SkyObject]) -> None:
    """Add pulsating and eclipsing stars, and variable active nuclei."""
    rng, times = draw.rng, draw.times
    for _ in range(130):
        mean = draw.in_bands(rng.uniform(18.0, 22.6), 0.8)
        phase = (times / rng.uniform(0.3, 6.0) + rng.uniform()) % 1.0
        amplitude = rng.uniform(0.08, 0.6)
        if rng.uniform() < 0.7:  # a saw-tooth as in RR Lyrae: a rise in a sixth of the period, then a decline
            wave = np.where(phase < 1 / 6, 6 * phase, (1 - phase) * 6 / 5) - 0.5
        else:  # an eclipse
            wave = 0.15 - np.exp(-0.5 * ((phase - 0.5) / 0.06) ** 2)
        draw.add("variable", draw.place(), mean * 10 ** (0.4 * amplitude * 1.6 * wave), mean)
    for host in rng.permutation(np.arange(1, len(hosts)))[:24]:
        galaxy = hosts[int(host)]
        mean = np.array(galaxy.flux) * rng.uniform(0.2, 0.8)
        steps = rng.normal(0, 0.16, len(times)) * np.sqrt(np.diff(times, prepend=times[0] - 30) / 8).clip(
            0.1, 2
        )
        draw.add("agn", (galaxy.ra, galaxy.dec), mean * np.exp(np.cumsum(steps)), mean)


def _add_transients(draw: _Draw, hosts: list[SkyObject]) -> None:
    """Add supernovae and faster transients, and some that are only in the template."""
    rng, times = draw.rng, draw.times
    nothing = np.zeros(len(times))
    for number in range(64):
        host = hosts[0] if number == 0 else hosts[int(rng.integers(1, len(hosts)))]
        peak = draw.in_bands(19.3 if number == 0 else draw.magnitude(19.8, 23.9, 0.2), 0.3)
        start = times[0] - 6.0 if number == 0 else rng.uniform(times[0] - 35, times[-1] - 4)
        rise, fall = (rng.uniform(1, 2), rng.uniform(2, 5)) if number % 5 == 4 else (4.0, rng.uniform(18, 35))
        age = (times - start).clip(0)
        shape = (1 - np.exp(-((age / rise) ** 2))) * np.exp(-(age - 3 * rise).clip(0) / fall)
        draw.add("transient", _in_host(draw, host), peak * shape, nothing)
    for _ in range(22):
        host = hosts[int(rng.integers(1, len(hosts)))]
        draw.add("faded", _in_host(draw, host), nothing, draw.in_bands(draw.magnitude(20.0, 23.2, 0.2), 0.3))


def _add_movers(draw: _Draw) -> None:
    """Add stars with high proper motion, and asteroids visible in one night."""
    rng = draw.rng
    for _ in range(60):
        shift, angle = rng.uniform(0.06, 0.5), rng.uniform(0, 2 * math.pi)
        draw.add(
            "moved",
            draw.place(),
            draw.in_bands(draw.magnitude(17.8, 21.5, 0.12), 1.3),
            template_offset=(shift * math.sin(angle), shift * math.cos(angle)),
        )
    for visit in (VISITS[0], VISITS[0], VISITS[0], VISITS[0], VISITS[2], VISITS[3], VISITS[4], VISITS[5]):
        for speed in (rng.uniform(0.4, 1.2), rng.uniform(4.0, 9.0)):
            angle = rng.uniform(0, 2 * math.pi)
            draw.add(
                "asteroid",
                draw.place(),
                draw.in_bands(rng.uniform(19.5, 21.5), 0.4),
                np.zeros(len(VISITS)),
                motion=(speed * math.sin(angle), speed * math.cos(angle)),
                epoch=visit.mjd,
            )


def make_sky(seed: int = 0) -> Sky:
    """Create a random sky.

    Parameters
    ----------
    seed
        Equal seeds give equal skies.

    Returns
    -------
    Sky
        About 300 stars, 1400 galaxies and 300 variable or moving objects, over 57 square arcmin.

    Examples
    --------
    >>> sky = make_sky(seed=0)
    >>> sum(one.kind == "transient" for one in sky.objects)
    64
    """
    draw = _Draw(seed)
    _add_stars(draw)
    hosts = _add_galaxies(draw)
    _add_variables(draw, hosts)
    _add_transients(draw, hosts)
    _add_movers(draw)
    return Sky(seed, tuple(draw.objects))
