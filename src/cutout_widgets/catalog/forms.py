"""Convert a table for other libraries, and show it in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

from cutout_widgets.catalog.export import as_arrow, as_astropy, as_html, as_pandas
from cutout_widgets.errors import BadTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from astropy.table import Table

    from cutout_widgets.catalog.view import View

__all__ = ["TableForms"]


class TableForms:
    """Methods of a `SourceTable` that export its rows to other libraries."""

    _view: View

    def to_arrow(self) -> pa.Table:
        """Return this view as an Arrow table, with units and descriptions in the fields' metadata."""
        return as_arrow(self._view)

    def to_pandas(self) -> pd.DataFrame:
        """Return this view as a DataFrame; integers stay integers.

        They are ``int64``, or ``Int64`` if some are missing, never float. Flags with missing values are
        ``boolean``; ``attrs["units"]`` holds the units.
        """
        return as_pandas(self._view)

    def to_table(self) -> Table:
        """Return this view as an astropy Table with units and descriptions.

        Columns with missing values are masked, including integers and flags.
        """
        return as_astropy(self._view)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows to any library that supports Arrow: ``polars.DataFrame(table)``."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __astropy_table__(self, cls: type[Table], copy: bool, **options: Any) -> Table:
        """Export the rows to astropy: ``Table(table)``, ``QTable(table)``."""
        return cls(self.to_table(), copy=False, **options)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        # pandas.DataFrame(table) would interpret an array of rows as one column, and without this
        # method the fields of each DiaSource as columns.
        raise BadTable(
            "a table of columns is not an array: use one column, table['ra'], or another form, "
            "table.to_pandas(), table.to_table() or table.to_arrow()"
        )

    def sample(self, n: int, *, by: str | None = None, bins: int = 10, seed: int = 1) -> Self:
        """Draw a random sample with the same number of rows from each interval of a column.

        Parameters
        ----------
        n
            Size of the sample; all rows if there are fewer.
        by
            The column that defines the groups: numbers by `bins` intervals of equal width, text by
            word, missing values separately. None: a uniform random sample.
        bins
            Number of intervals.
        seed
            The same seed gives the same sample.

        Returns
        -------
        SourceTable
            A separate table, in the order of this view, with an additional column ``sample_weight``: the
            number of rows that each one represents. Weighted sums estimate those of this view.

        Raises
        ------
        BadOption
            If `n` or `bins` is not a positive whole number.
        BadTable
            If there is no such column.

        Examples
        --------
        >>> import cutout_widgets as cw
        >>> score = [0.1] * 97 + [0.9] * 3
        >>> table = cw.SourceTable({"id": range(100), "ra": 0.0, "dec": 0.0, "reliability": score})
        >>> sample = table.sample(6, by="reliability", bins=2)
        >>> sample["reliability"].tolist(), float(sample["sample_weight"].sum())
        ([0.1, 0.1, 0.1, 0.9, 0.9, 0.9], 100.0)
        """
        from cutout_widgets.catalog.sampling import sampled

        found: Self = sampled(self, n, by=by, bins=bins, seed=seed)
        return found

    def _repr_html_(self) -> str:
        return as_html(self._view, repr(self))
