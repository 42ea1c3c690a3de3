"""Small counts of people in tables: hidden with what would give them away, and audited."""

from __future__ import annotations

__all__ = ["Protected", "audit_check", "protect"]

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from s75lib.errors import MethodError
from s75lib.present.headline import Check
from s75lib.present.parts import Table, hidden_note, without
from s75lib.present.words import count_noun
from s75lib.stats.suppression import suppress_cells

Sums = list[tuple[Hashable, Sequence[Hashable]]]
RowSum = tuple[int, Sequence[int]]
_REST = " rest of "


@dataclass(frozen=True)
class Protected:
    """A table that may be shown, and what its audit found.

    Parameters
    ----------
    table : Table
        Hidden cells are missing in its frame and print as ``c``.
    checks : tuple of Check
        The audit's result; none where nothing was to be hidden.
    """

    table: Table
    checks: tuple[Check, ...] = ()


def protect(
    table: Table,
    counts: Sequence[str],
    fewest: int,
    *,
    with_counts: Mapping[str, str | Sequence[str]] | None = None,
    shares: Mapping[str, tuple[str, str]] | None = None,
    across: str = "",
    row_sums: Sequence[RowSum] | None = None,
) -> Protected:
    """Hide a table's small counts, what would give them away, and the money and shares that go with them.

    Parameters
    ----------
    table : Table
        With true counts of people in its frame.
    counts : sequence of str
        Columns of counts.
    fewest : int
        As `AuthorityData.fewest_shown` gives it; below 2 nothing is hidden.
    with_counts : mapping of str to str or sequence of str, optional
        Columns of money, means and the like, each with its counts: hidden where one of them is.
    shares : mapping of str to (str, str), optional
        Columns of percentages, each with its numerator's and its denominator's column. The denominator less
        the numerator is then protected too, though no cell shows it.
    across : str
        Which of `counts` is the sum of the others in every row; empty: none.
    row_sums : sequence of (total, parts), optional
        Positions of each row that is a total and of the rows that add up to it. Left out: the last row, if
        the table marks it as its one total, is the total of all others.

    Returns
    -------
    Protected

    Raises
    ------
    MethodError
        If a column is unknown, or a total is not the sum of its parts.

    Notes
    -----
    All hidden cells print alike, whether small themselves or hidden for another's sake, and are missing in
    the data that the manifest carries. Counts that are missing are left so. Zeros are shown. Other tables of
    the same people are not seen here: give tables that share cells the same rows.

    Examples
    --------
    >>> from s75lib.present.parts import Column
    >>> frame = pd.DataFrame({"team": ["North", "South", "East", "Total"], "people": [3, 9, 30, 42],
    ...                       "cost": [900.0, 2700.0, 9000.0, 12600.0]})
    >>> columns = (Column("team", "Team"), Column("people", "People", "number"), Column("cost", "£", "money"))
    >>> shown = protect(Table("teams", "People by team", frame, columns, strong=(3,)), ["people"], 5,
    ...                 with_counts={"cost": "people"})
    >>> shown.table.cells()
    [['North', 'c', 'c'], ['South', 'c', 'c'], ['East', '30', '9,000'], ['Total', '42', '12,600']]
    >>> shown.checks[0].passed
    True
    """
    together = {name: [of] if isinstance(of, str) else list(of) for name, of in (with_counts or {}).items()}
    parts = dict(shares or {})
    named = [name for of in (*together.values(), *parts.values()) for name in of]
    _check_columns(table, [*counts, *together, *parts, *named])
    if fewest < 2 or table.frame.empty:
        return Protected(table)
    frame = table.frame.reset_index(drop=True)
    whole, sums = _cells(frame, counts, parts, across, _row_sums(table, row_sums))
    found = suppress_cells(whole, sums, fewest)
    gone = pd.DataFrame(False, index=frame.index, columns=list(counts))
    hidden = dict(zip(whole.index.to_list(), found.hidden.to_list(), strict=True))
    for name in counts:
        gone[name] = [hidden.get((row, name), False) for row in frame.index]
    for name, (top, base) in parts.items():
        rest = pd.Series([hidden.get((row, _REST + name), False) for row in frame.index])
        gone[name] = gone[top] | gone[base] | rest
    for name, of in together.items():
        gone[name] = gone[of].any(axis=1)
    return Protected(_hidden(table, frame, gone, fewest), (_audited(table, found.audit, len(whole), fewest),))


def audit_check(protected: Iterable[Protected], id: str) -> list[Check]:
    """Sum up the audits of a report's tables in one check.

    Parameters
    ----------
    protected : iterable of Protected
    id : str
        Of the check, such as ``budget.disclosure``.

    Returns
    -------
    list of Check
        One, which fails where any audit failed and then says of which tables; none where nothing had to be
        audited.
    """
    audits = list(dict.fromkeys(check for one in protected for check in one.checks))
    if not audits:
        return []
    failed = [check.detail for check in audits if not check.passed]
    noun = count_noun(len(audits), "table")
    said = f"Small counts of people in {noun}: no hidden count can be worked out, by the audit of each."
    if failed:
        said = (
            f"Small counts of people in {noun}: {count_noun(len(failed), 'audit')} failed. {' '.join(failed)}"
        )
    return [Check(id, not failed, said)]


def _check_columns(table: Table, names: Sequence[str]) -> None:
    """Every column named must be in the frame."""
    unknown = sorted(set(names) - set(table.frame.columns))
    if unknown:
        raise MethodError(
            f"table {table.id!r}: found no column {', '.join(unknown)}; "
            f"there are {', '.join(table.frame.columns)}. Name columns of its frame."
        )


def _row_sums(table: Table, given: Sequence[RowSum] | None) -> Sequence[RowSum]:
    """Which rows are sums of which."""
    if given is not None:
        return given
    last = len(table.frame) - 1
    return [(last, range(last))] if table.strong == (last,) and last > 0 else []


def _cells(
    frame: pd.DataFrame,
    counts: Sequence[str],
    shares: Mapping[str, tuple[str, str]],
    across: str,
    row_sums: Sequence[RowSum],
) -> tuple[pd.Series, Sums]:
    """Every count of the table, those that only subtraction shows included, with the sums that bind them."""
    wide = frame[list(counts)].astype("Float64")
    rests = {_REST + name: (top, base) for name, (top, base) in shares.items()}
    for name, (top, base) in rests.items():
        wide[name] = wide[base] - wide[top]
    cells = {(row, name): value for name in wide for row, value in wide[name].items() if not pd.isna(value)}
    sums: Sums = [((total, name), [(row, name) for row in rows]) for total, rows in row_sums for name in wide]
    sums += [
        ((row, base), [(row, top), (row, name)]) for name, (top, base) in rests.items() for row in wide.index
    ]
    if across:
        others = [name for name in counts if name != across]
        sums += [((row, across), [(row, name) for name in others]) for row in wide.index]
    known: Sums = [
        (total, list(of)) for total, of in sums if total in cells and all(part in cells for part in of)
    ]
    labels = pd.Index(list(cells), tupleize_cols=False)
    return pd.Series(np.array(list(cells.values()), dtype=float), index=labels), known


def _hidden(table: Table, frame: pd.DataFrame, gone: pd.DataFrame, fewest: int) -> Table:
    """Take the hidden cells out of a table and say so below it."""
    if not gone.to_numpy().any():
        return table
    flags = {str(name): gone[name].to_numpy(dtype=bool) for name in gone}
    cells = tuple((row, name) for name in flags for row in np.flatnonzero(flags[name]).tolist())
    return replace(
        table,
        frame=without(frame, flags),
        notes=(*table.notes, hidden_note("people", fewest)),
        hidden=cells,
    )


def _audited(table: Table, audit: pd.DataFrame, cells: int, fewest: int) -> Check:
    """Word the audit."""
    if audit.empty:
        return Check(
            f"{table.id}.disclosure", True, f"“{table.title}” holds no count of people below {fewest}."
        )
    open_to = int((~audit["protected"]).sum())
    said = f"“{table.title}”: {len(audit)} of {count_noun(cells, 'count')} are hidden. "
    said += (
        f"{count_noun(open_to, 'of them')} could still be worked out too closely."
        if open_to
        else f"For each, a reader who knows the rule is left with more than {fewest - 1} possible values."
    )
    return Check(f"{table.id}.disclosure", open_to == 0, said)
