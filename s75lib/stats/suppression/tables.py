"""Suppression of a two-way table of counts that is published with its totals."""

from __future__ import annotations

__all__ = ["TableSuppression", "audit", "suppress"]

from collections.abc import Collection, Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.suppression.cells import Sum, cell_audit, cell_roles, make_problem
from s75lib.stats.suppression.problem import Problem
from s75lib.stats.suppression.search import search


@dataclass(frozen=True)
class TableSuppression:
    """A table with totals whose small counts are hidden so that none can be worked out.

    Parameters
    ----------
    table : DataFrame of Int64
        What may be published, totals in the last row and column; missing where hidden.
    hidden : DataFrame of bool
        True where hidden, in the shape of `table`.
    roles : DataFrame of str
        ``shown``, ``primary`` (a small count) or ``secondary`` (hidden to protect one). Not for publication.
    audit : DataFrame
        As `audit` gives it. ``role`` is not for publication.
    threshold : int
        Counts of 1 to ``threshold - 1`` are small.
    optimal : bool
        Whether no cheaper choice of secondary cells exists; False if only a good one was sought.
    method : str
        Name of the method.
    """

    table: pd.DataFrame
    hidden: pd.DataFrame
    roles: pd.DataFrame
    audit: pd.DataFrame
    threshold: int
    optimal: bool
    method: str

    @property
    def protected(self) -> bool:
        """Whether every hidden cell passes the audit."""
        return bool(self.audit["protected"].all())

    def hide(self, values: pd.DataFrame) -> pd.DataFrame:
        """Hide the same cells in another table: money stays hidden wherever its count is.

        Parameters
        ----------
        values : DataFrame of numbers
            Labelled as `table`, with its totals or without.

        Returns
        -------
        DataFrame of Float64
            `values`, missing where the count is hidden.

        Raises
        ------
        MethodError
            If a row or column is not one of `table`.
        """
        if not (
            values.index.isin(self.hidden.index).all() and values.columns.isin(self.hidden.columns).all()
        ):
            raise MethodError(
                "the values have rows or columns that the counts lack. Label both tables alike."
            )
        return values.astype("Float64").mask(self.hidden.loc[values.index, values.columns])


def suppress(
    counts: pd.DataFrame,
    threshold: int = 5,
    *,
    total: Hashable = "Total",
    shown: Collection[tuple[Hashable, Hashable]] = (),
) -> TableSuppression:
    """Hide small counts in a table with row, column and grand totals, and what would give them away.

    Parameters
    ----------
    counts : DataFrame
        Whole numbers >= 0 without totals; rows and columns have unique labels.
    threshold : int
        Counts of 1 to ``threshold - 1`` are hidden, in totals too; at least 2.
    total : label
        Label of the row and the column of totals in the result.
    shown : collection of (row, column)
        Cells that must stay published, as they stand elsewhere in the report.

    Returns
    -------
    TableSuppression
        Table to publish, what is hidden and why, and the audit.

    Raises
    ------
    MethodError
        Counts that are missing, negative or no whole numbers, repeated labels, a threshold under 2, or
        cells that must stay published and give a small count away.

    Notes
    -----
    **What the reader knows.** The published cells and that they add up; the threshold; that zeros are
    never hidden, so that a hidden cell is at least 1. Not which hidden cells are small and which protect
    them: both must look the same in print. A hidden cell is protected when the counts that it can have
    span more than the rule itself, ``high - low > threshold - 2`` (with 5, more than from 1 to 4). Each
    small count is kept from being found exactly even by a reader who is told which hidden cells are small,
    where hiding can do that at all (four ones under a hidden total of four are beyond help).

    **What is hidden.** Zeros never, neither as small counts nor to protect: they say that nobody is there,
    and readers expect them. Totals may be. Without `shown` there is always a solution, since with every
    count hidden nothing bounds them.

    **Least cost.** A cell costs 1, a total as many as the cells that it adds up; ties go to the fewest
    people hidden. Tables too big for integer programming are solved stepwise (`optimal` is False): safe,
    but perhaps with more hidden than needed.

    Not covered: other tables or earlier editions that hold the same people, and a reader who knows a
    person in the table and subtracts them.

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001) Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47, 1008-1027.
    Hundepool, A. et al. (2012) Statistical Disclosure Control. Wiley, chapter 4.

    Examples
    --------
    The 2 alone would be found from its row; three more cells keep it:

    >>> counts = pd.DataFrame({"social work": [2, 36, 27], "health": [22, 22, 23]}, index=["A", "B", "C"])
    >>> result = suppress(counts)
    >>> result.table.astype(object).where(~result.hidden, "c")
          social work health Total
    A               c      c    24
    B              36     22    58
    C               c      c    50
    Total          65     67   132
    >>> result.protected, result.optimal
    (True, True)
    """
    problem = _problem(_with_totals(counts, total), threshold, shown)
    flat, optimal = search(problem)
    whole = _with_totals(counts, total)
    hidden = pd.DataFrame(flat.reshape(whole.shape), whole.index, whole.columns)
    roles = np.array(cell_roles(problem, flat), dtype=object).reshape(whole.shape)
    return TableSuppression(
        table=whole.astype("Int64").mask(hidden),
        hidden=hidden,
        roles=pd.DataFrame(roles, whole.index, whole.columns, dtype="str"),
        audit=_table_audit(problem, hidden),
        threshold=threshold,
        optimal=optimal,
        method="least-cost secondary suppression" if optimal else "stepwise secondary suppression",
    )


def audit(counts: pd.DataFrame, hidden: pd.DataFrame, threshold: int = 5) -> pd.DataFrame:
    """Find what readers of a table can still work out about each hidden cell.

    Parameters
    ----------
    counts : DataFrame
        The true counts, without totals.
    hidden : DataFrame of bool
        Whether each cell is hidden, with a last row and a last column for the totals.
    threshold : int
        Counts of 1 to ``threshold - 1`` are to be hidden; at least 2.

    Returns
    -------
    DataFrame
        ``row`` and ``column``, then the columns of `audit_cells` from ``role`` on.

    Raises
    ------
    MethodError
        As `suppress`; a hidden zero; flags for other rows or columns.

    Examples
    --------
    >>> counts = pd.DataFrame({"social work": [2, 36], "health": [22, 22]}, index=["A", "B"])
    >>> small = pd.DataFrame({"social work": [True, False, False], "health": False, "Total": False},
    ...                      index=["A", "B", "Total"])
    >>> audit(counts, small)[["row", "column", "low", "high", "protected"]]
      row       column  low  high  protected
    0   A  social work  2.0   2.0      False
    """
    last = hidden.index[-1:].union(hidden.columns[-1:])
    if hidden.shape != (counts.shape[0] + 1, counts.shape[1] + 1) or len(last) != 1:
        raise MethodError(
            f"'hidden' has the shape {hidden.shape}, 'counts' {counts.shape}; expected one row and column "
            "more, the last row and column for the totals, labelled alike. Add them."
        )
    whole = _with_totals(counts, last[0])
    if not (hidden.index.equals(whole.index) and hidden.columns.equals(whole.columns)):
        raise MethodError("'hidden' and 'counts' have different rows or columns. Label both alike.")
    return _table_audit(_problem(whole, threshold, ()), hidden)


def _with_totals(counts: pd.DataFrame, total: Hashable) -> pd.DataFrame:
    """Add a row and a column of totals."""
    if counts.index.nlevels > 1 or counts.columns.nlevels > 1:
        raise MethodError("the table has labels of several levels; expected one. Join the levels.")
    if total in counts.index or total in counts.columns:
        raise MethodError(f"the table has a row or column {total!r} already. Leave totals out, or rename.")
    try:
        values = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MethodError(f"the counts are not numbers: {error}. Convert them first.") from error
    wide = np.column_stack([values, values.sum(axis=1)])
    return pd.DataFrame(
        np.vstack([wide, wide.sum(axis=0)]),
        index=pd.Index([*counts.index, total], name=counts.index.name),
        columns=pd.Index([*counts.columns, total], name=counts.columns.name),
    )


def _problem(whole: pd.DataFrame, threshold: int, shown: Collection[tuple[Hashable, Hashable]]) -> Problem:
    """Cells by (row, column), with the sums of every row and column, those of totals included."""
    *rows, last_row = whole.index
    *columns, last_column = whole.columns
    sums: list[Sum] = [((row, last_column), [(row, column) for column in columns]) for row in whole.index]
    sums += [((last_row, column), [(row, column) for row in rows]) for column in whole.columns]
    labels = pd.Index([(row, column) for row in whole.index for column in whole.columns], tupleize_cols=False)
    flat = pd.Series(whole.to_numpy().ravel(), index=labels)
    return make_problem(flat, sums, threshold, shown=shown, network=True)


def _table_audit(problem: Problem, hidden: pd.DataFrame) -> pd.DataFrame:
    """Audit the cells, with their row and column."""
    labels = pd.RangeIndex(hidden.size)
    found = cell_audit(problem, hidden.to_numpy(dtype=bool).ravel(), labels)
    place = found.pop("cell").to_numpy(dtype=np.intp)
    found.insert(0, "row", hidden.index.take(place // hidden.shape[1]))
    found.insert(1, "column", hidden.columns.take(place % hidden.shape[1]))
    return found
