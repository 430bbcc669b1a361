"""The outcome of a save."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

__all__ = ["Report"]

FIRST = 3
"""Failures shown in text and HTML; all are in `Report.failed`."""


@dataclass(frozen=True)
class Report:
    """Outcome of a save for each source; ids are in table order.

    Examples
    --------
    >>> Report(ids=(7, 8), written=(7,), present=(), failed={8: "no science image"}, manifest=None).failed
    {8: 'no science image'}
    """

    ids: tuple[int, ...]
    """All sources, each once."""
    written: tuple[int, ...]
    """Sources whose files this run wrote."""
    present: tuple[int, ...]
    """Sources whose files already existed."""
    failed: dict[int, str]
    """Sources that could not be saved -> the reason."""
    manifest: Path | None
    """The manifest, if one was requested."""
    incomplete: dict[int, str] = field(default_factory=dict)
    """Sources that were saved although something is missing -> what, and why."""
    key: Path | None = None
    """The private key of a blind run, with the name of each id."""
    manifests: tuple[Path, ...] = ()
    """All manifests, if they were split; otherwise the one."""

    def __str__(self) -> str:
        return (
            f"{len(self.written)} written, {len(self.present)} already there, {len(self.failed)} failed"
            + (f", {len(self.incomplete)} incomplete" if self.incomplete else "")
        )

    def __repr__(self) -> str:
        manifest = f", manifest {self.manifest}" if self.manifest else ""
        failures = "".join(f"\n  {line}" for line in self._failures(self.failed))
        return f"<Report: {self}{manifest}>{failures}"

    def _repr_html_(self) -> str:
        tables = ""
        for what, reasons in (("failed", self.failed), ("incomplete", self.incomplete)):
            lines = "".join(f"<li>{escape(line)}</li>" for line in self._failures(reasons))
            tables += f"<p>{what}</p><ul>{lines}</ul>" if lines else ""
        places = "".join(
            f"<p>{name}: <code>{escape(str(path))}</code></p>"
            for name, path in (("manifest", self.manifest), ("key, keep it private", self.key))
            if path
        )
        return f"<div><p>{len(self.ids)} sources: {escape(str(self))}</p>{places}{tables}</div>"

    @staticmethod
    def _failures(reasons: dict[int, str]) -> list[str]:
        """Return the first of some reasons, one per line, and how many more there are."""
        lines = [f"{id}: {reason}" for id, reason in list(reasons.items())[:FIRST]]
        more = len(reasons) - len(lines)
        return [*lines, f"... and {more} more"] if more else lines
