"""Errors of this package that are the ancestor's errors, too: its ``except`` clauses go on working."""

from __future__ import annotations

from cutout_widgets.errors import BadOption, BadTable

__all__ = ["BadTaskOption", "RowNotFound", "UnknownField"]


class BadTaskOption(BadOption, RuntimeError):
    """An option without meaning, where the ancestor raises a ``RuntimeError``."""


class UnknownField(BadOption, AttributeError):
    """A field that the configuration does not have."""


class RowNotFound(BadTable, RuntimeError):
    """A table has no row of an id."""
