"""List what is installed and what is missing, with the command that fixes it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

import cutout_widgets

__all__ = ["Finding", "examine"]

DISTRIBUTION = "cutout-widgets"

BUNDLE = ("widget.js", "widget.css", "saved.js")
"""Files made by the build; a placeholder has no ``saved.js``."""

FRONT_ENDS = ("jupyterlab", "notebook", "voila", "marimo")
"""Distributions that show the grid in a browser."""

LAB_EXTENSIONS = {
    "anywidget": "anywidget",
    "@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets",
}
"""Requirements of JupyterLab and Notebook 7 for the grid -> the distribution that installs them."""

State = Literal["ok", "old", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    part: str
    """``core``, ``front end``, or the name of an extra."""
    what: str
    """The distribution or file that was checked."""
    state: State
    found: str = ""
    """The version or location; empty if missing."""
    mend: str = ""
    """The command that fixes it; empty if there is no problem."""

    @property
    def optional(self) -> bool:
        """Whether the package works without it."""
        return self.part not in ("core", "front end")

    def as_dict(self) -> dict[str, str]:
        """Return the fields, for JSON."""
        return asdict(self)


def examine(paths: list[str] | None = None) -> list[Finding]:
    """Check everything that the package can use in this Python.

    Parameters
    ----------
    paths
        Folders that JupyterLab searches for extensions; None = those of this Python.

    Returns
    -------
    list of Finding
        Core packages, the front end, then each extra.
    """
    requirements = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    core = [found for one in requirements if (found := _examined("core", one, ""))]
    extras = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    optional = [
        found for extra in sorted(extras) for one in requirements if (found := _examined(extra, one, extra))
    ]
    return [*core, _bundle(), *_front_ends(paths), *optional]


def _examined(part: str, requirement: Requirement, extra: str) -> Finding | None:
    """Return the finding for a requirement; None if it is not one of this extra (or of the core)."""
    marker = requirement.marker
    of_core = marker is None or marker.evaluate({"extra": ""})
    if of_core if extra else not of_core:
        return None
    if marker is not None and not marker.evaluate({"extra": extra}):
        return None
    mend = (
        f'pip install "{DISTRIBUTION}[{extra}]"'
        if extra
        else f'pip install "{requirement.name}{requirement.specifier}"'
    )
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding(part, requirement.name, "missing", mend=mend)
    if not requirement.specifier.contains(version, prereleases=True):
        return Finding(part, requirement.name, "old", f"{version}, not {requirement.specifier}", mend)
    return Finding(part, requirement.name, "ok", version)


def _bundle() -> Finding:
    """Return whether the JavaScript of the grid was built."""
    static = Path(cutout_widgets.__file__).parent / "static"
    lacking = [name for name in BUNDLE if not (static / name).is_file()]
    if not lacking:
        return Finding("front end", "the grid's JavaScript", "ok", str(static))
    return Finding(
        "front end",
        "the grid's JavaScript",
        "broken",
        f"no {', '.join(lacking)} in {static}",
        f"install Node.js and npm, then: pip install --force-reinstall --no-deps {DISTRIBUTION}",
    )


def _front_ends(paths: list[str] | None) -> Iterator[Finding]:
    """Return the front ends of this Python, and whether its JupyterLab can show the grid."""
    versions = {name: version for name in FRONT_ENDS if (version := _version(name))}
    if not versions:
        yield Finding(
            "front end",
            "a notebook",
            "missing",
            "none in this environment; if JupyterLab runs in another, run doctor there",
            "pip install jupyterlab",
        )
        return
    for name, version in versions.items():
        yield Finding("front end", name, "ok", version)
    if not versions.keys() & {"jupyterlab", "notebook"}:
        return
    for extension, distribution in LAB_EXTENSIONS.items():
        place = _extension(extension, paths)
        if place is None:
            yield Finding(
                "front end",
                f"JupyterLab's extension {extension}",
                "missing",
                mend=f"pip install --force-reinstall {distribution}, then restart JupyterLab",
            )
        else:
            yield Finding("front end", f"JupyterLab's extension {extension}", "ok", str(place))


def _version(name: str) -> str | None:
    """Return the version of a distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _extension(name: str, paths: list[str] | None) -> Path | None:
    """Return the folder of an extension, or None if JupyterLab would not find it."""
    if paths is None:
        from jupyter_core.paths import jupyter_path

        paths = jupyter_path("labextensions")
    places = (Path(path) / name for path in paths)
    return next((place for place in places if (place / "package.json").is_file()), None)


def report(findings: list[Finding]) -> Iterator[str]:
    """Yield findings as lines: first what exists, then what is missing and how to fix it."""
    yield f"{DISTRIBUTION} {cutout_widgets.__version__}, Python {sys.version.split()[0]} ({sys.executable})"
    part = ""
    for one in findings:
        if one.part != part:
            part = one.part
            yield f"\n{part}" if not one.optional else f"\nextra {part}"
        yield f"  {one.state:8}{one.what}{' ' if one.found else ''}{one.found}"
        if one.mend:
            yield f"          {one.mend}"
