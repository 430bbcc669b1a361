"""Errors that are also analysis_ap's errors, so that existing ``except`` clauses work."""

from __future__ import annotations

from cutout_widgets.errors import BadOption, BadTable

__all__ = ["BadTaskOption", "RowNotFound", "UnknownField"]


class BadTaskOption(BadOption, RuntimeError):
    """An invalid option, for which analysis_ap raises a ``RuntimeError``."""


class UnknownField(BadOption, AttributeError):
    """A field that the configuration does not have."""


class RowNotFound(BadTable, RuntimeError):
    """A table has no row with an id."""
