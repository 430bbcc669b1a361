"""DiaSources in a Butler repository, as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from cutout_widgets.catalog.reading.conversion import from_arrow
from cutout_widgets.catalog.reading.parts import joined
from cutout_widgets.errors import BadTable, sentence

if TYPE_CHECKING:
    import pyarrow as pa

    from cutout_widgets.catalog.table import SourceTable
    from cutout_widgets.stores.butler.connection import Butlers

__all__ = ["TABLE_NAMES", "choose_table", "read_dataset", "read_refs", "with_data_id"]

TABLE_NAMES = (
    "dia_source_apdb",
    "dia_source_detector",
    "dia_source_unfiltered",
    "dia_source_high_reliability",
    "dia_source",
    "goodSeeingDiff_assocDiaSrc",
    "*_assocDiaSrc",
    "*_diaSrcTable",
)
"""Dataset types with DiaSources; the first one that exists is read."""

DATA_ID_COLUMNS = ("instrument", "visit", "detector")
"""Columns added from the data id if the dataset lacks them."""


def read_dataset(butlers: Butlers, dataset: str | None) -> SourceTable:
    """Read all datasets of one type, each with one detector of one visit, as one table.

    Parameters
    ----------
    butlers
        Repository and collections.
    dataset
        Dataset type; None for the first of `TABLE_NAMES` that exists in the collections.

    Raises
    ------
    BadTable
        If there is none, or it cannot be read as a table.
    """
    where = f"collections {', '.join(butlers.collections)} of {butlers.name}"
    butler = butlers.mine
    try:
        name = dataset or choose_table(butler, butlers.collections)
        refs = butler.query_datasets(
            name, collections=butlers.collections, find_first=True, limit=None, explain=False
        )
    except BadTable:
        raise
    except Exception as err:  # the Butler raises some forty types of errors
        raise BadTable(f"no {dataset} in {where}: {sentence(err)}") from err
    if not refs:
        raise BadTable(f"no dataset {name} in {where}")
    return read_refs(butlers, name, refs)


def read_refs(
    butlers: Butlers, name: str, refs: Iterable[Any], keep: Callable[[pa.Table], pa.Table] | None = None
) -> SourceTable:
    """Return the tables of some datasets of one type as one, in the order of their data ids.

    Parameters
    ----------
    butlers
        Repository and collections.
    name
        The dataset type, for sentences.
    refs
        The datasets.
    keep
        Returns the rows of a table that are wanted; None for all.

    Raises
    ------
    BadTable
        If one cannot be read as a table.
    """
    from cutout_widgets.catalog.table import SourceTable

    butler = butlers.mine
    parts = []
    refs = sorted(refs, key=lambda ref: tuple(str(value) for value in ref.dataId.required_values))
    for ref in refs:
        try:
            table = butler.get(ref, storageClass="ArrowTable")
            table = table if keep is None else keep(table)
            parts.append(from_arrow(with_data_id(table, dict(ref.dataId.mapping))))
        except Exception as err:
            raise BadTable(f"{name} for {ref.dataId} cannot be read as a table: {sentence(err)}") from err
    return SourceTable.read(joined(parts, [f"{name} for {ref.dataId}" for ref in refs]))


def choose_table(butler: Any, collections: tuple[str, ...]) -> str:
    """Return the first known name that exists in the collections."""
    infos = butler.collections.query_info(collections, flatten_chains=True, include_summary=True)
    there: list[str] = sorted({name for info in infos for name in info.dataset_types or ()})
    for pattern in TABLE_NAMES:
        for name in there:
            if fnmatchcase(name, pattern):
                return name
    raise BadTable(
        f"found no dataset type of DiaSources among {', '.join(there[:12]) or 'nothing'}; "
        "choose one: butler:REPO#NAME"
    )


def with_data_id(table: pa.Table, data_id: dict[str, Any]) -> pa.Table:
    """Add instrument, visit and detector as columns if the table lacks them."""
    import pyarrow as pa

    for column in DATA_ID_COLUMNS:
        if column in data_id and column not in table.column_names:
            table = table.append_column(column, pa.repeat(pa.scalar(data_id[column]), len(table)))
    return table
