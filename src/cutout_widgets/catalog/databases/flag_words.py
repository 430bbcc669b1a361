"""Flags read from a database, packed 31 to an integer.

Reading a value takes ten times longer than the database needs to find it, whether it is a flag or a
number. An APDB has 39 flags among a hundred columns, so they are packed in SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.databases.database import sqlalchemy_module

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["FLAGS_A_WORD", "flag_of", "word_of"]

FLAGS_A_WORD = 31
"""Two bits per flag in a signed 64-bit integer."""

_TRUE, _NULL, _OTHER = 1, 2, 3
"""Codes of the two bits; 0 is false."""


def word_of(flags: Sequence[sa.Column[Any]]) -> sa.ColumnElement[Any]:
    """Return the SQL of an integer that contains the flags, the first in its lowest bits."""
    alchemy = sqlalchemy_module()
    terms = []
    for place, flag in enumerate(flags):
        true, null, other = (
            alchemy.literal_column(str(code << 2 * place)) for code in (_TRUE, _NULL, _OTHER)
        )
        zero = alchemy.literal_column("0")
        unusual = alchemy.case((flag.is_(None), null), else_=other)
        terms.append(alchemy.case({alchemy.false(): zero, alchemy.true(): true}, value=flag, else_=unusual))
    word: sa.ColumnElement[Any] = sum(terms[1:], terms[0])
    return word


def flag_of(word: NDArray[np.int64], place: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return one flag of each integer, and whether it is NULL.

    Parameters
    ----------
    word
        Integers selected with `word_of`, shape (n,).
    place
        Index of the flag.

    Raises
    ------
    ValueError
        If a flag is neither true nor false nor NULL.
    """
    codes = (word >> 2 * place) & 3
    if (codes == _OTHER).any():
        raise ValueError("a flag that is neither true nor false")
    return codes == _TRUE, codes == _NULL
