"""User-typed filters, evaluated without executing Python code.

The language is that of ``pandas.DataFrame.query``: comparisons (also chained), ``and or not``,
``& | ~``, arithmetic, ``in``, backticks around unusual names, a few functions and methods. The text is
parsed by Python's own parser, and only the nodes listed here are supported; there are no variables
except columns, no attributes except the methods in `METHODS`, and nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.catalog.columns import close_names
from cutout_widgets.catalog.filters.arithmetic import ARITHMETIC, absolute, negative, widened
from cutout_widgets.catalog.filters.patterns import matches
from cutout_widgets.catalog.values import (
    Values,
    any_missing,
    both,
    either,
    is_text,
    missing_of,
    negated,
    picked,
    truth_of,
)
from cutout_widgets.errors import BadTable

__all__ = ["FUNCTIONS", "METHODS", "Query"]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": absolute, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "log10": np.log10, "floor": np.floor,
    "ceil": np.ceil, "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos,
    "arctan": np.arctan, "arctan2": np.arctan2, "sign": np.sign,
}  # fmt: skip
"""Numeric functions that a query may call."""

METHODS = ("isna", "isnull", "notna", "notnull", "isin", "between", "abs",
           "str.contains", "str.startswith", "str.endswith", "str.lower", "str.upper", "str.len")  # fmt: skip
"""Column methods that a query may call."""

_LEAST = {"isin": 1, "between": 2, "str.contains": 1, "str.startswith": 1, "str.endswith": 1}
"""Required arguments of a method."""

_CONSTANTS = {"nan": np.nan, "inf": np.inf}


_FLUXES = frozenset(["flux", "flux_err", "snr", "psfFlux", "psfFluxErr"])
_OF_MAGPSF = "fluxes of this table are made of magpsf for display: filter by that, magpsf < 19"
"""Reason why ZTF tables, which have magnitudes, have no flux to filter by."""


class Query:
    """A parsed filter.

    Parameters
    ----------
    text
        For example ``"snr > 5 and band in ['r', 'i'] and not isDipole"``.
    columns
        Valid names.
    instead_of
        Returns the end of the message about another name; None: it lists the valid ones.

    Raises
    ------
    BadTable
        In one sentence, if the text does not parse, names an unknown column, or uses something that is not
        allowed in filters.
    """

    def __init__(
        self, text: str, columns: Sequence[str], instead_of: Callable[[str], str] | None = None
    ) -> None:
        self.text = text
        self._columns = tuple(columns)
        self._backticks: dict[str, str] = {}
        if len(text) > 10_000:
            raise self._bad("it is longer than 10 000 characters")
        try:
            self._tree = ast.parse(self._unquoted(text).strip(), mode="eval").body
        except BadTable:
            raise
        except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as err:
            reason = getattr(err, "msg", None) or err.args[0] if err.args else type(err).__name__
            raise self._bad(f"it is not a valid expression ({reason})") from err
        nodes = list(ast.walk(self._tree))
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        used = (node for node in nodes if isinstance(node, ast.Name))
        written = [node.id for node in used if not (id(node) in called and node.id in FUNCTIONS)]
        names = dict.fromkeys(self._backticks.get(one, one) for one in written)
        self.names = tuple(one for one in names if one in self._columns or one not in _CONSTANTS)
        """The columns that it uses."""
        for name in self.names:
            if name not in self._columns:
                near = f"; {_OF_MAGPSF}" if name in _FLUXES and "magpsf" in self._columns else ""
                near = near or (instead_of(name) if instead_of else close_names(name, self._columns))
                raise self._bad(f"there is no column {name!r}{near}")

    def __call__(self, column: Callable[[str], Values], n: int) -> NDArray[np.bool_]:
        """Return the rows that satisfy the filter.

        Parameters
        ----------
        column
            Returns a column by name; called only for those in `names`.
        n
            Number of rows.

        Returns
        -------
        ndarray
            Boolean, shape (n,). A row for which the filter is neither true nor false, because a
            value is missing, is not selected.

        Raises
        ------
        BadTable
            If types do not fit: text compared with a number, or a result that is not true or false.
        """
        try:
            with np.errstate(all="ignore"):
                result = self._evaluate(self._tree, column)
        except BadTable:
            raise
        except (TypeError, ValueError, OverflowError, RecursionError, re.error) as err:
            raise self._bad(" ".join(str(err).split())) from err
        truth = truth_of(result)
        if truth is None:
            raise self._bad("its result is not true or false for each row; compare with something")
        mask = truth.values
        if truth.missing is not None:
            mask = mask & ~truth.missing
        return np.broadcast_to(mask, (n,))

    def _bad(self, reason: str) -> BadTable:
        shown = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        return BadTable(f"cannot filter by {shown!r}: {reason}")

    def _unquoted(self, text: str) -> str:
        """Replace `` `odd name` `` by a plain name; leave quoted text unchanged."""
        parts = re.split(r"(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`)", text)
        for place, part in enumerate(parts):
            if part.startswith("`") and part.endswith("`") and len(part) > 1:
                plain = f"BACKTICK_{len(self._backticks)}"
                self._backticks[plain] = part[1:-1]
                parts[place] = f" {plain} "
            elif "@" in part and part[:1] not in "\"'":
                raise self._bad("@ would refer to a Python variable, which a filter cannot; write the value")
        plain_text = "".join(parts)
        # & and | bind more tightly than comparisons in Python; like pandas, they are replaced by and / or.
        out = []
        for token in tokenize.generate_tokens(io.StringIO(plain_text.strip().replace("\n", " ")).readline):
            word = {"&": "and", "|": "or", "&&": "and", "||": "or"}.get(token.string, token.string)
            if token.type == tokenize.OP and word != token.string:
                out.append((tokenize.NAME, word))
            else:
                out.append((token.type, token.string))
        return tokenize.untokenize(out)

    def _evaluate(self, node: ast.expr, column: Callable[[str], Values]) -> Values:
        """Evaluate one node of the syntax tree."""
        match node:
            case ast.Constant(value=value):
                if value is not None and not isinstance(value, (bool, int, float, str)):
                    raise self._bad(f"{value!r} is not allowed in a filter")
                return Values(np.nan if value is None else value)
            case ast.Name(id=name):
                name = self._backticks.get(name, name)
                if name in self._columns:
                    return column(name)
                return Values(_CONSTANTS[name])
            case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
                return Values([self._scalar(one, column) for one in items])
            case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
                return negated(self._truth_of(operand, column))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
                number = self._number_of(operand, column)
                return Values(
                    negative(number.values) if isinstance(sign, ast.USub) else number.values, number.missing
                )
            case ast.BoolOp(op=op, values=parts):
                result = self._truth_of(parts[0], column)
                for part in parts[1:]:
                    other = self._truth_of(part, column)
                    result = both(result, other) if isinstance(op, ast.And) else either(result, other)
                return result
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in ARITHMETIC:
                    raise self._bad("it uses an operator that filters do not support")
                one, two = self._number_of(left, column), self._number_of(right, column)
                return Values(ARITHMETIC[type(op)](one.values, two.values), any_missing(one, two))
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self._evaluate(one, column) for one in (left, *others)]
                links = [
                    self._compared(one, link, two)
                    for one, link, two in zip(sides, ops, sides[1:], strict=False)
                ]
                return functools.reduce(both, links)
            case ast.Call(func=function, args=arguments, keywords=keywords):
                return self._called(function, arguments, keywords, column)
        raise self._bad(f"{ast.unparse(node)!r} is not allowed in a filter")

    def _called(
        self,
        function: ast.expr,
        arguments: list[ast.expr],
        keywords: list[ast.keyword],
        column: Callable[[str], Values],
    ) -> Values:
        if isinstance(function, ast.Name) and function.id in FUNCTIONS and not keywords:
            wanted = 2 if function.id == "arctan2" else 1
            if len(arguments) != wanted:
                raise self._bad(
                    f"{function.id} takes {wanted} value{'s' * (wanted > 1)}; got {len(arguments)}"
                )
            numbers = [self._number_of(one, column) for one in arguments]
            return Values(FUNCTIONS[function.id](*(one.values for one in numbers)), any_missing(*numbers))
        name, owner = "", function
        while isinstance(owner, ast.Attribute):
            name, owner = f"{owner.attr}.{name}" if name else owner.attr, owner.value
        if name not in METHODS:
            raise self._bad(
                f"{ast.unparse(function)!r} cannot be called; there are {', '.join(FUNCTIONS)} "
                f"and the methods {', '.join(METHODS)}"
            )
        wanted = (
            2 if name == "between" else name in ("isin", "str.contains", "str.startswith", "str.endswith")
        )
        if len(arguments) < wanted:
            raise self._bad(f".{name} takes {int(wanted)} value{'s' * (wanted > 1)} in its brackets")
        mine = self._evaluate(owner, column)
        given = [self._scalar(one, column) if not isinstance(one, ast.List | ast.Tuple | ast.Set)
                 else self._evaluate(one, column).values for one in arguments]  # fmt: skip
        named = {one.arg: self._scalar(one.value, column) for one in keywords}
        if name in ("isna", "isnull", "notna", "notnull"):
            missing = missing_of(mine)
            return Values(missing if name.startswith("is") else ~missing)
        if name == "abs":
            return Values(absolute(mine.values), mine.missing)
        if name == "isin":
            if not isinstance(given[0], list):
                raise self._bad(".isin needs a list: band.isin(['r', 'i'])")
            return self._contained(mine, given[0])
        if name == "between":
            low, high = Values(given[0]), Values(given[1])
            return both(self._compared(mine, ast.GtE(), low), self._compared(mine, ast.LtE(), high))
        return self._text_method(name, mine, given, named)

    def _text_method(self, name: str, mine: Values, given: list[Any], named: dict[str | None, Any]) -> Values:
        if mine.words is None:
            raise self._bad(f".{name} is for text, and this is not")
        words = [str(word) for word in mine.words]
        if name == "str.contains":
            case, regex = bool(named.get("case", True)), bool(named.get("regex", True))
            text = str(given[0])
            if regex:
                answer: Any = matches(words, text, ignore_case=not case)
            elif case:
                answer = [text in word for word in words]
            else:
                answer = [text.casefold() in word.casefold() for word in words]
        elif name in ("str.startswith", "str.endswith"):
            test = str.startswith if name == "str.startswith" else str.endswith
            answer = [test(word, str(given[0])) for word in words]
        elif name == "str.len":
            answer = [len(word) for word in words]
        else:
            turned = [word.lower() if name == "str.lower" else word.upper() for word in words]
            distinct, codes = np.unique(np.array(turned, dtype=object), return_inverse=True)
            return Values(picked(codes, mine.values), mine.missing, distinct)
        return Values(picked(np.array(answer), mine.values), mine.missing)

    def _compared(self, one: Values, op: ast.cmpop, two: Values) -> Values:
        if isinstance(op, ast.In | ast.NotIn):
            if not isinstance(two.values, list):
                raise self._bad("'in' needs a list: band in ['r', 'i']")
            found = self._contained(one, two.values)
            return found if isinstance(op, ast.In) else negated(found)
        if type(op) not in _COMPARISONS:
            raise self._bad("'is' is not supported; use == or .isna()")
        if isinstance(one.values, list) or isinstance(two.values, list):
            if isinstance(op, ast.Eq | ast.NotEq):  # pandas: a == [1, 2] means a in [1, 2]
                return self._compared(one, ast.In() if isinstance(op, ast.Eq) else ast.NotIn(), two)
            raise self._bad("a list can only be used with 'in'")
        compare = _COMPARISONS[type(op)]
        if one.words is None and two.words is None and not (is_text(one) or is_text(two)):
            return Values(compare(one.values, two.values), any_missing(one, two))
        if one.words is None and two.words is not None:
            return self._compared(two, _MIRRORED[type(op)](), one)
        if one.words is not None and two.words is None and isinstance(two.values, str):
            answer = np.array([compare(word, two.values) for word in one.words], dtype=bool)
            return Values(picked(answer, one.values), one.missing)
        if one.words is not None and two.words is not None:
            left, right = picked(one.words, one.values), picked(two.words, two.values)
            return Values(compare(left, right).astype(bool), any_missing(one, two))
        if is_text(one) and is_text(two):
            return Values(compare(one.values, two.values))
        if is_text(one):
            return self._compared(two, _MIRRORED[type(op)](), one)
        if is_text(two) and getattr(one.values, "dtype", np.dtype(int)).kind == "M":
            return Values(compare(one.values, np.datetime64(two.values)), one.missing)
        raise self._bad("it compares text with a number; quote text, but not numbers")

    def _contained(self, one: Values, items: list[Any]) -> Values:
        if one.words is not None:
            answer = np.isin(one.words.astype(str), [str(item) for item in items if isinstance(item, str)])
            return Values(picked(answer, one.values), one.missing)
        result = Values(np.zeros(np.shape(one.values), dtype=bool), one.missing)
        for item in items:
            result = either(result, self._compared(one, ast.Eq(), Values(item)))
        return result

    def _scalar(self, node: ast.expr, column: Callable[[str], Values]) -> Any:
        value = self._evaluate(node, column).values
        if isinstance(value, (np.ndarray, list)):
            raise self._bad(f"{ast.unparse(node)!r} should be a single value")
        return value

    def _number_of(self, node: ast.expr, column: Callable[[str], Values]) -> Values:
        found = self._evaluate(node, column)
        if found.words is not None or is_text(found) or isinstance(found.values, list):
            raise self._bad(f"{ast.unparse(node)!r} is not a number")
        return Values(widened(found.values), found.missing)

    def _truth_of(self, node: ast.expr, column: Callable[[str], Values]) -> Values:
        found = truth_of(self._evaluate(node, column))
        if found is None:
            raise self._bad(f"{ast.unparse(node)!r} is not true or false; compare it with something")
        return found


_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b, ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
}  # fmt: skip

_MIRRORED: dict[type, type[ast.cmpop]] = {
    ast.Eq: ast.Eq, ast.NotEq: ast.NotEq, ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE,
}  # fmt: skip
