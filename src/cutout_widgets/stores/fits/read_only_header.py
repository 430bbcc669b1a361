"""A read-only FITS header that caches the cards it has looked up."""

from __future__ import annotations

from typing import Any

from astropy.io import fits

__all__ = ["ReadOnlyHeader", "remember_cards"]


class ReadOnlyHeader(fits.Header):  # type: ignore[misc]
    """A view of a header that caches its cards.

    For each part of a compressed image astropy looks up some seventy cards, which takes longer than
    decompressing the tiles.
    """

    @classmethod
    def of(cls, header: fits.Header) -> ReadOnlyHeader:
        """Return a view of a header, which must not be modified afterwards."""
        made = cls()
        made.__dict__.update(header.__dict__)
        made._values = {}
        made._there = {}
        return made

    def __getitem__(self, key: Any) -> Any:
        values: dict[str, Any] | None = getattr(self, "_values", None)
        if values is None or not isinstance(key, str):
            return super().__getitem__(key)
        if key not in values:
            values[key] = super().__getitem__(key)
        return values[key]

    def __contains__(self, key: Any) -> bool:
        there: dict[str, bool] | None = getattr(self, "_there", None)
        if there is None or not isinstance(key, str):
            return bool(super().__contains__(key))
        if key not in there:
            there[key] = bool(super().__contains__(key))
        return there[key]


def remember_cards(hdu: Any) -> None:
    """Make an HDU that is only read cache the cards of its table of tiles, if it has one."""
    table: Any = getattr(hdu, "_bintable", None)
    if isinstance(getattr(table, "header", None), fits.Header):
        table.header = ReadOnlyHeader.of(table.header)
