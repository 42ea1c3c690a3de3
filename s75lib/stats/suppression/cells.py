"""Suppression of any set of counts bound by published sums, one-dimensional lists among them."""

from __future__ import annotations

__all__ = [
    "CellSuppression",
    "audit_cells",
    "cell_audit",
    "cell_roles",
    "make_problem",
    "suppress_cells",
    "suppress_series",
]

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.suppression.problem import Mask, Problem, attainable
from s75lib.stats.suppression.search import search

Sum = tuple[Hashable, Sequence[Hashable]]


@dataclass(frozen=True)
class CellSuppression:
    """Counts with the small ones hidden so that none can be worked out.

    Parameters
    ----------
    values : Series of Int64
        What may be published; missing where hidden.
    hidden : Series of bool
        True where hidden.
    roles : Series of str
        ``shown``, ``primary`` (a small count) or ``secondary`` (hidden to protect one). Not for publication.
    audit : DataFrame
        As `audit_cells` gives it. ``role`` is not for publication.
    threshold : int
        Counts of 1 to ``threshold - 1`` are small.
    optimal : bool
        Whether no cheaper choice of secondary cells exists; False if only a good one was sought.
    method : str
        Name of the method.
    """

    values: pd.Series
    hidden: pd.Series
    roles: pd.Series
    audit: pd.DataFrame
    threshold: int
    optimal: bool
    method: str

    @property
    def protected(self) -> bool:
        """Whether every hidden cell passes the audit."""
        return bool(self.audit["protected"].all())


def suppress_cells(
    counts: pd.Series, sums: Sequence[Sum], threshold: int = 5, *, shown: Collection[Hashable] = ()
) -> CellSuppression:
    """Hide small counts among cells bound by any published sums, and audit the result.

    Parameters
    ----------
    counts : Series
        Whole numbers >= 0 with unique labels: parts, totals, totals of totals.
    sums : sequence of (total, parts)
        Labels of each total and of the parts that the reader can add up to it.
    threshold : int
        Counts of 1 to ``threshold - 1`` are hidden; at least 2.
    shown : collection of labels
        Cells that must stay published, as they stand elsewhere.

    Returns
    -------
    CellSuppression
        In the order of `counts`.

    Raises
    ------
    MethodError
        Counts that are missing, negative or no whole numbers, sums that do not hold, unknown labels, or
        cells that must stay published and give a small count away.

    Notes
    -----
    As `suppress`. Intervals are found over whole numbers here, since the linear programme's can be
    wider than the truth under sums other than those of one table. `optimal` is then among choices in which
    no cell needs to move by more than eight times the demanded width.

    Examples
    --------
    Two tables with a total of totals; 3 is hidden with 9, 21 with 30 would have cost more people:

    >>> counts = pd.Series({"a1": 3, "a2": 9, "a": 12, "b1": 21, "b2": 9, "b": 30, "all": 42})
    >>> found = suppress_cells(counts, [("a", ["a1", "a2"]), ("b", ["b1", "b2"]), ("all", ["a", "b"])])
    >>> found.roles[found.hidden].to_dict()
    {'a1': 'primary', 'a2': 'secondary'}
    >>> found.audit[["cell", "low", "high", "protected"]]
      cell  low  high  protected
    0   a1  1.0  11.0       True
    1   a2  1.0  11.0       True
    """
    problem = make_problem(counts, sums, threshold, shown=shown)
    hidden, optimal = search(problem)
    return CellSuppression(
        values=pd.Series(problem.values, index=counts.index, dtype="Int64").mask(hidden),
        hidden=pd.Series(hidden, index=counts.index),
        roles=pd.Series(cell_roles(problem, hidden), index=counts.index, dtype="str"),
        audit=cell_audit(problem, hidden, counts.index),
        threshold=threshold,
        optimal=optimal,
        method="least-cost secondary suppression" if optimal else "stepwise secondary suppression",
    )


def suppress_series(counts: pd.Series, threshold: int = 5, *, total: Hashable = "Total") -> CellSuppression:
    """Hide small counts in a list that is published with its total.

    Parameters
    ----------
    counts : Series
        Whole numbers >= 0 with unique labels.
    threshold : int
        Counts of 1 to ``threshold - 1`` are hidden; at least 2.
    total : label
        Label that the total gets at the end of the result; not one of the list's.

    Returns
    -------
    CellSuppression
        The list and its total.

    Raises
    ------
    MethodError
        As `suppress_cells`.

    Notes
    -----
    The total stays published if the small counts can be protected so; it is hidden where it is small
    itself or nothing else is left to hide. An empty list has the total 0.

    Examples
    --------
    >>> suppress_series(pd.Series({"north": 2, "south": 31, "east": 12, "west": 0})).values.to_dict()
    {'north': None, 'south': 31, 'east': None, 'west': 0, 'Total': 45}
    """
    if total in counts.index:
        raise MethodError(
            f"the list has a cell {total!r} already. Leave totals out, or name the total otherwise."
        )
    if counts.empty:
        return suppress_cells(pd.Series([0], index=[total]), [], threshold)
    whole = pd.concat([counts, pd.Series([counts.sum()], index=[total])])
    sums: list[Sum] = [(total, list(counts.index))]
    try:
        return suppress_cells(whole, sums, threshold, shown=[total])
    except MethodError:
        return suppress_cells(whole, sums, threshold)


def audit_cells(
    counts: pd.Series, sums: Sequence[Sum], hidden: pd.Series, threshold: int = 5
) -> pd.DataFrame:
    """Find what readers of published sums can still work out about each hidden cell.

    Parameters
    ----------
    counts : Series
        The true counts, as for `suppress_cells`.
    sums : sequence of (total, parts)
        Labels of each total and its parts.
    hidden : Series of bool
        Whether each cell is hidden, indexed as `counts`. Zeros are never hidden.
    threshold : int
        Counts of 1 to ``threshold - 1`` are to be hidden; at least 2.

    Returns
    -------
    DataFrame
        One row per hidden cell, and per small count left in sight: ``cell``, ``role`` (primary or
        secondary), ``low`` and ``high`` (counts attainable for a reader who knows the rule but not which
        cells are small), ``protected`` (whether ``high - low > threshold - 2``, wider than the rule), and
        whether the count is found exactly: ``found_by_subtraction`` (knowing that counts are not
        negative), ``found_by_rule`` (knowing the rule as well), ``found_by_roles`` (knowing even which
        hidden cells are small).

    Raises
    ------
    MethodError
        As `suppress_cells`; a hidden zero; an index that differs from that of `counts`.

    Examples
    --------
    >>> counts = pd.Series({"a": 2, "b": 7, "all": 9})
    >>> hidden = pd.Series({"a": True, "b": False, "all": False})
    >>> audit_cells(counts, [("all", ["a", "b"])], hidden)[["cell", "low", "high", "protected"]]
      cell  low  high  protected
    0    a  2.0   2.0      False
    """
    problem = make_problem(counts, sums, threshold)
    if not hidden.index.equals(counts.index):
        raise MethodError(
            "the index of 'hidden' differs from that of 'counts'. Give one flag for each count."
        )
    return cell_audit(problem, hidden.to_numpy(dtype=bool), counts.index)


def make_problem(
    counts: pd.Series,
    sums: Sequence[Sum],
    threshold: int,
    *,
    shown: Collection[Hashable] = (),
    network: bool = False,
) -> Problem:
    """Check the counts and their sums, and number the cells."""
    if threshold < 2 or int(threshold) != threshold:
        raise MethodError(f"threshold is {threshold}; expected a whole number of at least 2, such as 5.")
    place = {label: number for number, label in enumerate(counts.index)}
    if len(place) < len(counts):
        raise MethodError("the counts have repeated labels. Give every cell a label of its own.")
    try:
        values = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MethodError(f"the counts are not numbers: {error}. Convert them first.") from error
    wrong = counts[~(np.isfinite(values) & (values >= 0) & (values == np.round(values)))]
    if len(wrong):
        raise MethodError(
            f"{len(wrong)} counts are missing, negative or no whole numbers, the first {wrong.iloc[0]} in "
            f"{wrong.index[0]}. Give true counts: suppression cannot start from a table with gaps."
        )
    labels = [label for total, parts in sums for label in (total, *parts)] + list(shown)
    unknown = sorted({str(label) for label in labels if label not in place})
    if unknown:
        raise MethodError(f"labels {unknown} are no cells. Name cells of the counts.")
    matrix = np.zeros((len(sums), len(values)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, [place[label] for label in parts]] = 1.0
        matrix[row, place[total]] = -1.0
    broken = np.flatnonzero(matrix @ values)
    if len(broken):
        raise MethodError(
            f"{len(broken)} sums do not hold, the first that of {sums[broken[0]][0]}. "
            "Correct the total or its parts."
        )
    kept = np.isin(np.arange(len(values)), [place[label] for label in shown])
    return Problem(values=values, sums=matrix, threshold=int(threshold), shown=kept, network=network)


def cell_audit(problem: Problem, hidden: Mask, labels: pd.Index) -> pd.DataFrame:
    """Intervals of hidden cells for the three readers; see `audit_cells`."""
    if (problem.values[hidden] == 0).any():
        raise MethodError("a zero is hidden; under this rule zeros are always shown. Show it.")
    seen = problem.primary & ~hidden
    # Of two readers it matters alone whether they find the very count.
    intervals = {
        reader.name: attainable(problem, hidden, reader, hidden, enough=enough)
        for reader, enough in ((problem.subtraction, 1), (problem.rule, np.inf), (problem.roles, 1))
    }
    for low, high in intervals.values():
        low[seen] = high[seen] = problem.values[seen]
    cells = np.flatnonzero(hidden | seen)
    low, high = (end[cells] for end in intervals["rule"])
    return pd.DataFrame(
        {
            "cell": labels[cells].to_flat_index(),
            "role": np.where(problem.primary[cells], "primary", "secondary"),
            "low": low,
            "high": high,
            "protected": high - low >= problem.rule.need,
            **{f"found_by_{name}": ends[0][cells] == ends[1][cells] for name, ends in intervals.items()},
        }
    )


def cell_roles(problem: Problem, hidden: Mask) -> list[str]:
    """Why each cell is hidden."""
    return list(np.select([problem.primary & hidden, hidden], ["primary", "secondary"], "shown"))
