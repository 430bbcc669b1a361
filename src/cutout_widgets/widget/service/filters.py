"""Handlers of filter requests: facets of the filtered rows, row counts, and finding a source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.filters.facets import FacetCounter, FlagFacet, name_in_query
from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.palette import MUTED_TEXT
from cutout_widgets.widget.labelling.disagreements import disagreements
from cutout_widgets.widget.protocol import messages as protocol

if TYPE_CHECKING:
    from cutout_widgets.catalog.filters.facets import ChoiceFacet, RangeFacet
    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.widget.interface import Grid

__all__ = ["FilterRequests"]

RANGES = ("score", "snr")
"""Meanings of columns that always have a histogram."""


MOST_DIGITS = 40
"""Longer than any id or row number; Python refuses to parse thousands of digits."""


class FilterRequests:
    """Answers the views' requests about filters of one grid.

    Parameters
    ----------
    grid
        Provides rows and labels.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._counters: dict[tuple[str, ...], FacetCounter] = {}
        self.answers: dict[str, Callable[[Mapping[str, Any]], protocol.FilterAnswer]] = {
            "facets": self._facets,
            "count": self._count,
            "find": self._find,
        }
        """Kind of request -> its handler."""

    def _count(self, body: Mapping[str, Any]) -> protocol.CountAnswer:
        where = _where_of(body)
        rows = self._grid._pages.rows(where, None)
        return protocol.CountAnswer(kind="done", of="count", where=where, n_rows=len(rows))

    def _find(self, body: Mapping[str, Any]) -> protocol.FindAnswer:
        text = str(body.get("text", "")).strip()
        shown = self._grid.shown
        number = text.removeprefix("#")
        digits = number.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
            short = text if len(text) <= 60 else f"{text[:40]}..."
            raise BadOption(f"go to an id, or to a row by its number; got {short!r}")
        wanted = int(number)
        is_id = number == text and -(2**63) <= wanted < 2**63 and wanted in self._grid.sources
        place = shown.place_of(wanted) if is_id else wanted - 1
        if place is None:
            raise BadOption(f"source {wanted} is in the table, but it does not pass the filter")
        if not 0 <= place < len(shown):
            raise BadOption(f"{text} is neither an id of the table nor one of the {len(shown):,} rows shown")
        return protocol.FindAnswer(
            kind="done", of="find", id=str(int(shown.ids[place])), place=place, n_rows=len(shown)
        )

    def _facets(self, body: Mapping[str, Any]) -> protocol.FacetsAnswer:
        where = _where_of(body)
        shown = self._grid._pages.rows(where, None)
        sources = self._grid.sources
        found = self._counter().count(shown)
        answer = protocol.FacetsAnswer(
            kind="done",
            of="facets",
            where=where,
            n_rows=found.n_rows,
            flags=[_flag(one) for one in found.flags],
            words=[_words(one) for one in found.choices],
            histograms=[_histogram(one, sources.units.get(one.column, "")) for one in found.ranges],
            disagreements=[],
        )
        if self._grid._journal.is_open:
            self._add_labels(answer, shown)
        return answer

    def _counter(self) -> FacetCounter:
        """Return a counter for the current facet columns; its histograms are computed once."""
        sources = self._grid.sources
        own = [sources.names[meaning] for meaning in RANGES if meaning in sources.names]
        ranges = tuple(dict.fromkeys((*own, *self._grid.facets)))
        if ranges not in self._counters:
            bands = [sources.names["band"]] if "band" in sources.names else []
            self._counters = {ranges: FacetCounter(sources, bands, ranges)}
        return self._counters[ranges]

    def _add_labels(self, answer: protocol.FacetsAnswer, shown: SourceTable) -> None:
        """Add labels, the seen flag, and filters for rows that contradict their label."""
        journal = self._grid._journal
        progress, names = journal.progress(shown, self._grid._words), journal.column_names
        answer["words"].insert(
            0,
            protocol.WordChips(
                column=names["label"],
                query=name_in_query(names["label"]),
                words=[_word(word, n) for word, n in progress["labels"].items()],
                missing=progress["unlabelled"],
            ),
        )
        flags = [("seen", "shown for a while", progress["seen"])]
        if (n_conflicts := journal.n_conflicts(shown)) is not None:
            flags.append(("conflict", "people label it differently", n_conflicts))
        for name, title, n_set in flags:
            answer["flags"].append(_own_flag(str(dict(names)[name]), title, n_set, progress["rows"]))
        found = disagreements(name_in_query(names["label"]), self._grid.sources, set(progress["labels"]))
        for one in found:
            with suppress(BadTable):  # a column of that name that is not a flag, or not a number
                one["rows"] = len(journal.rows(shown, one["query"], None))
                answer["disagreements"].append(one)


def _own_flag(name: str, title: str, n_set: int, n: int) -> protocol.FlagChip:
    """Return the chip of a true-or-false column of the journal."""
    query = name_in_query(name)
    return protocol.FlagChip(
        name=name,
        central=False,
        title=title,
        colour=MUTED_TEXT,
        states=[
            protocol.FlagState(word="set", query=query, rows=n_set),
            protocol.FlagState(word="unset", query=f"not {query}", rows=n - n_set),
        ],
    )


def _flag(facet: FlagFacet) -> protocol.FlagChip:
    where = " at the centre" if facet.is_central else ""
    return protocol.FlagChip(
        name=facet.rule.name,
        central=facet.is_central,
        title=f"{facet.rule.title}{where}: {', '.join(facet.columns)}",
        colour=facet.rule.colour,
        states=[
            protocol.FlagState(word="set", query=facet.is_set, rows=facet.n_set),
            protocol.FlagState(word="unset", query=facet.is_unset, rows=facet.n_unset),
            protocol.FlagState(word="n/a", query=facet.is_missing, rows=facet.n_missing),
        ],
    )


def _words(facet: ChoiceFacet) -> protocol.WordChips:
    return protocol.WordChips(
        column=facet.column,
        query=name_in_query(facet.column),
        words=[_word(word, n) for word, n in facet.counts.items()],
        missing=facet.n_missing,
    )


def _word(word: str, n: int) -> protocol.WordCount:
    return protocol.WordCount(word=word, literal=repr(word), rows=n)


def _histogram(facet: RangeFacet, unit: str) -> protocol.Histogram:
    return protocol.Histogram(
        column=facet.column,
        query=name_in_query(facet.column),
        unit=unit,
        low=facet.low,
        high=facet.high,
        soft=facet.soft,
        n_all=list(facet.n_all),
        n_rows=list(facet.n_rows),
        missing=facet.n_missing,
    )


def _where_of(body: Mapping[str, Any]) -> str | None:
    where = body.get("where")
    if where is not None and not isinstance(where, str):
        raise BadOption(f"a filter is text, or null for all rows; got {where!r:.60}")
    return where or None
