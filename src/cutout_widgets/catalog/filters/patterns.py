"""User-typed regular expressions, matched in linear time.

Python's matcher may take years for a pattern of ten characters, and cannot be interrupted. Arrow's
(RE2) is linear, because it has neither look-around nor back references. Differences in syntax are
translated, so that both give the same result for all patterns valid in both.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["matches"]

_SPACE = r"\s\v\x{1c}-\x{1f}\x{85}\pZ"

_ALONE = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"[\pL\pN_]", "W": r"[^\pL\pN_]", "s": f"[{_SPACE}]",
          "S": f"[^{_SPACE}]", "Z": r"\z"}  # fmt: skip
"""Escapes outside brackets that have a different meaning, such as ASCII only, in RE2."""

_IN_BRACKETS = {"d": r"\p{Nd}", "D": r"\P{Nd}", "w": r"\pL\pN_", "s": _SPACE, "b": r"\x08"}
"""The same inside brackets."""


def matches(words: Sequence[str], pattern: str, *, ignore_case: bool = False) -> NDArray[np.bool_]:
    r"""Return which words a pattern is found in.

    Parameters
    ----------
    words
        Texts to search.
    pattern
        A regular expression, as Python writes them.
    ignore_case
        Whether to ignore case.

    Returns
    -------
    ndarray
        Boolean, shape ``(len(words),)``.

    Raises
    ------
    ValueError
        If it is invalid, or uses look-around, back references or counts above 1000.

    Notes
    -----
    Same result as `re.search`, except that ``\b`` treats letters beyond ASCII as non-letters.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # about nested brackets: Python's meaning is kept
        re.compile(pattern)
    try:
        found = pc.match_substring_regex(
            pa.array(words, pa.large_string()), _translated(pattern), ignore_case=ignore_case
        )
    except pa.ArrowInvalid as err:
        raise ValueError(
            f"{pattern!r} has look-around, back references or long repeats, which a filter's patterns may not"
        ) from err
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _translated(pattern: str) -> str:
    """Return a Python pattern in RE2's syntax."""
    out: list[str] = []
    place, in_brackets, first = 0, False, False
    while place < len(pattern):
        one = pattern[place]
        after = pattern[place + 1 : place + 2]
        if one == "\\" and after:
            out.append((_IN_BRACKETS if in_brackets else _ALONE).get(after, one + after))
            place, first = place + 2, False
            continue
        if in_brackets:
            if one == "]" and not first:
                in_brackets = False
            out.append("\\[" if one == "[" else "\\]" if one == "]" and first else one)
            first = first and one == "^" and out[-2:-1] == ["["]
        elif one == "[":
            in_brackets = first = True
            out.append(one)
        elif one == "$":
            out.append(r"\n?$")  # Python's $ also matches before a final newline
        elif one == "{" and re.match(r"\{,\d+\}", pattern[place:]):
            out.append("{0")
        else:
            out.append(one)
        place += 1
    return "".join(out)
