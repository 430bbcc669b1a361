"""Agreement between people: confusion tables, Cohen's and Fleiss' kappa with intervals, and disagreements."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutout_widgets.errors import BadOption, BadTable
from cutout_widgets.labels.ids import identifiers
from cutout_widgets.labels.journal import LabelJournal

if TYPE_CHECKING:
    import pandas as pd

    from cutout_widgets.catalog.table import SourceTable

__all__ = ["Agreement", "Kappa", "agreement"]

_Z95 = 1.959963984540054
"""Half-width of a 95 % interval, in standard deviations."""


@dataclass(frozen=True)
class Kappa:
    """Agreement beyond chance: 1 is perfect, 0 is what chance gives."""

    value: float
    """NaN if all labels are the same, because chance alone then gives full agreement."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""


@dataclass(frozen=True)
class Agreement:
    """Agreement of two or more people on the sources that all of them labelled."""

    labels: pd.DataFrame
    """One row per source, one column per person; the index is ``id``."""
    words: tuple[str, ...]
    """All labels, sorted: the rows and columns of a confusion table."""
    observed: float
    """Mean fraction of pairs of people who give a source the same label."""
    fleiss: Kappa
    """Fleiss' kappa of all people; its interval is from the jackknife over sources."""

    @property
    def n(self) -> int:
        """Number of sources that all of them labelled."""
        return len(self.labels)

    @property
    def people(self) -> tuple[str, ...]:
        """The people compared."""
        return tuple(self.labels.columns)

    @property
    def cohen(self) -> Kappa:
        """Cohen's kappa of two people; its interval is from the variance of Fleiss, Cohen and Everitt (1969).

        Raises
        ------
        BadOption
            If there are more than two people; see `pairs`.
        """
        if len(self.people) != 2:
            raise BadOption(f"Cohen's kappa compares two people; there are {len(self.people)}; see .pairs")
        return _cohen(self.confusion().to_numpy())

    def confusion(self, one: str | None = None, two: str | None = None) -> pd.DataFrame:
        """Return the confusion table of two people; by default the first two."""
        import pandas as pd

        one, two = one or self.people[0], two or self.people[1]
        for name in (one, two):
            if name not in self.people:
                raise BadOption(f"{name!r} is not among those compared: {', '.join(self.people)}")
        table = pd.crosstab(self.labels[one], self.labels[two])
        return table.reindex(index=list(self.words), columns=list(self.words), fill_value=0)

    @property
    def pairs(self) -> pd.DataFrame:
        """Cohen's kappa of each pair of people: ``one``, ``two``, ``kappa``, ``low``, ``high``."""
        import pandas as pd

        rows = []
        for one, two in combinations(self.people, 2):
            kappa = _cohen(self.confusion(one, two).to_numpy())
            rows.append((one, two, kappa.value, kappa.low, kappa.high))
        return pd.DataFrame(rows, columns=["one", "two", "kappa", "low", "high"])

    @property
    def disagreements(self) -> pd.DataFrame:
        """The sources with different labels: ``id``, then a column for each person."""
        return self.labels[self.labels.nunique(axis=1) > 1].reset_index()

    def in_table(self, sources: SourceTable) -> SourceTable:
        """Return the rows of a table that people disagree on, for a grid."""
        return sources.take(np.isin(sources.ids, self.disagreements["id"].to_numpy()))

    def __repr__(self) -> str:
        fleiss = self.fleiss
        return (
            f"<Agreement of {', '.join(self.people)} on {self.n} sources: {self.observed:.1%} alike, "
            f"kappa {fleiss.value:.3f} ({fleiss.low:.3f} to {fleiss.high:.3f})>"
        )


def agreement(*labels: Any, repeats: bool = False) -> Agreement:
    """Compare the labels of two or more people.

    Parameters
    ----------
    labels
        Each a `LabelJournal` or its path, a DataFrame with columns ``id`` and ``label``, or a mapping of
        ids to labels. A single journal is split by person.
    repeats
        Whether to compare one person's labels with those that they gave when a blind grid repeated
        a source: their own consistency.

    Returns
    -------
    Agreement
        Agreement on the sources that all of them labelled.

    Raises
    ------
    BadOption
        If there are fewer than two people, or no source that all of them labelled.
    BadTable
        If a table lacks these columns.

    Examples
    --------
    ::

        found = cw.agreement("vera.jsonl", "maria.jsonl")
        found.cohen.value, found.confusion()
        cw.CutoutGrid(found.in_table(sources), images)

    Examples
    --------
    >>> agreement({1: "real", 2: "bogus"}, {1: "real", 2: "real"})
    <Agreement of person 1, person 2 on 2 sources: 50.0% alike, kappa -0.333 (nan to nan)>
    """
    import pandas as pd

    if repeats:
        given = _twice(labels)
    elif len(labels) == 1:
        journal = _journal(labels[0])
        if journal is None:
            raise BadOption(
                "agreement needs two or more people: give several journals, or one journal of several people"
            )
        opinions = journal.opinions()
        given = {str(who): part.set_index("id")["label"] for who, part in opinions.groupby("who")}
    else:
        given = {}
        for place, one in enumerate(labels):
            name = _name(one, place)
            given[name if name not in given else f"{name} ({place + 1})"] = _labels_of(one)
    if len(given) < 2:
        raise BadOption(f"agreement needs two or more people; found {', '.join(given) or 'none'}")
    together = pd.concat(given, axis=1, join="inner").dropna()
    together.index.name = "id"
    if together.empty:
        raise BadOption(
            "no source was labelled a second time"
            if repeats
            else f"no source was labelled by all of {', '.join(given)}"
        )
    words = tuple(sorted(set(together.to_numpy().ravel())))
    counts = np.stack([(together == word).sum(axis=1).to_numpy() for word in words], axis=1)
    shares = _alike(counts)
    return Agreement(together, words, float(shares.mean()), _fleiss(counts))


def _twice(labels: tuple[Any, ...]) -> dict[str, pd.Series]:
    """Return the first and the repeated labels by a journal's author."""
    journal = _journal(labels[0]) if len(labels) == 1 else None
    if journal is None:
        raise BadOption("consistency needs the journal of one person; give only that, or its path")
    found = {"first": journal.opinions(), "again": journal.repeats()}
    return {
        name: opinions[opinions["who"] == journal.who].set_index("id")["label"]
        for name, opinions in found.items()
    }


def _cohen(table: NDArray[Any]) -> Kappa:
    """Return Cohen's kappa of a confusion table."""
    n = table.sum()
    p = table / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = float(rows @ columns)
    if chance >= 1:
        return Kappa(np.nan, np.nan, np.nan)
    agreed = np.diag(p)
    kappa = (agreed.sum() - chance) / (1 - chance)
    on = (agreed * (1 - (rows + columns) * (1 - kappa)) ** 2).sum()
    both = p * (columns[:, None] + rows[None, :]) ** 2
    off = (1 - kappa) ** 2 * (both.sum() - np.diag(both).sum())
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) ** 2 * n)
    half = _Z95 * float(np.sqrt(max(variance, 0)))
    return Kappa(float(kappa), float(kappa) - half, float(kappa) + half)


def _alike(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return the fraction of pairs of people who agree, for each source; counts have shape (n, words)."""
    people = counts.sum(axis=1)
    shares: NDArray[np.float64] = ((counts**2).sum(axis=1) - people) / (people * (people - 1))
    return shares


def _fleiss(counts: NDArray[Any]) -> Kappa:
    """Return Fleiss' kappa of (n, words) counts; its interval is from the jackknife over sources."""
    n, people = len(counts), counts.sum(axis=1)[0]
    alike, totals = _alike(counts), counts.sum(axis=0)

    def kappa(mean_alike: Any, given: Any, sources: int) -> Any:
        chance = ((given / (sources * people)) ** 2).sum(axis=-1)
        with np.errstate(all="ignore"):
            return np.where(chance < 1, (mean_alike - chance) / (1 - chance), np.nan)

    value = float(kappa(alike.mean(), totals, n))
    if n < 2:
        return Kappa(value, np.nan, np.nan)
    left_out = kappa((alike.sum() - alike) / (n - 1), totals - counts, n - 1)
    half = _Z95 * float(np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum()))
    return Kappa(value, value - half, value + half)


def _journal(given: Any) -> LabelJournal | None:
    if isinstance(given, (str, os.PathLike)):
        return LabelJournal(given)
    return given if isinstance(given, LabelJournal) else None


def _name(given: Any, place: int) -> str:
    """Return a name for a person: the only author of a journal, else its file name or number."""
    journal = _journal(given)
    if journal is None:
        return f"person {place + 1}"
    people = journal.opinions()["who"].unique()
    return str(people[0]) if len(people) == 1 and people[0] else journal.path.stem


def _labels_of(given: Any) -> pd.Series:
    """Return labels indexed by id (int64)."""
    import pandas as pd

    journal = _journal(given)
    if journal is not None:
        given = journal.to_pandas()
    if isinstance(given, Mapping):
        given = pd.DataFrame({"id": list(given), "label": list(given.values())})
    if not isinstance(given, pd.DataFrame) or "id" not in given or "label" not in given:
        raise BadTable(
            "labels are a journal, its path, a table with columns id and label, or a mapping; "
            f"got {type(given).__name__}"
        )
    found = given[given["label"].notna()]
    ids = identifiers(found["id"].tolist())
    labels = pd.Series(found["label"].astype(str).tolist(), index=pd.Index(ids, dtype="int64"), dtype=object)
    return labels[~labels.index.duplicated(keep="last")]
