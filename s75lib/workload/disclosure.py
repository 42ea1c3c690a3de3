"""Which counts of people the wing may show: months of work edition by edition, the ledger's all together."""

from __future__ import annotations

__all__ = ["decided_ledger", "decided_months"]

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.present.disclosure import Decisions, Register

ALL_TEAMS = "All teams"
"""Column of the whole beside the teams."""
YEAR = "12 months"

Cell = tuple[Hashable, ...]
"""Of work: measure, team, month, and `YEAR` where it is the sum of the twelve months up to it."""


def decided_months(
    totals: pd.DataFrame,
    teams: Mapping[str, pd.DataFrame],
    fewest: int,
    *,
    rounded: bool = False,
    given: Decisions | None = None,
) -> Decisions:
    """Decide which months of work, and which sums of twelve, may be shown, for all editions of the reports.

    By measure, team and month. Each edition prints sums of its last twelve months, and those of the next
    overlap them. So it is decided quarter by quarter: what a report to the end of June hid or showed is taken
    as it stood by that to September, as if every edition lay in one folder.

    Parameters
    ----------
    totals : DataFrame
        Monthly series as `s75lib.workload.activity.monthly` gives them, all teams together.
    teams : mapping of str to DataFrame
        Of each measure that is shown by team: its months as rows, its teams as columns.
    given : Decisions, optional
        What was decided already; the measures of `teams` alone are then decided anew, with these.

    Examples
    --------
    >>> months = pd.date_range("2024-04-01", periods=12, freq="MS")
    >>> totals = pd.DataFrame({"measure": "complaints", "month": months, "count": [9.0, 3] + [12] * 10})
    >>> [cell[2].month for cell in sorted(decided_months(totals, {}, 5).hidden)]
    [5, 1]
    """
    found = given or Decisions({})
    if fewest < 2:
        return found
    totals = totals[totals["measure"].isin(teams)] if given else totals
    lasts = set(totals.groupby("measure")["month"].max())
    for measure, rows in totals.groupby("measure"):
        wide = rows.set_index("month")[["count"]].set_axis([ALL_TEAMS], axis=1)
        if measure in teams:
            wide = teams[str(measure)].reindex(wide.index).join(wide)
        ends = [month for month in wide.index if month.month % 3 == 0 or month in lasts]
        if wide.gt(0).mul(wide.lt(fewest)).to_numpy().any():
            for end in ends:
                step = _months(str(measure), wide.loc[:end], ends)
                found = found.then(step.decide(fewest, rounded=rounded, given=found))
    return found


def _months(measure: str, wide: pd.DataFrame, ends: Iterable[pd.Timestamp]) -> Register:
    """Register one measure's months by team, with the sums of twelve that editions print."""
    columns = [str(name) for name in wide]
    made = Register()
    for name, counts in wide.items():
        known = counts.dropna()
        made.counts |= {(measure, str(name), month): count for month, count in known.items()}
        for end in ends:
            span = wide.index[(wide.index <= end) & (wide.index > end - pd.DateOffset(months=12))]
            if len(span) == 12 and span.isin(known.index).all():
                made.total((measure, str(name), end, YEAR), [(measure, str(name), month) for month in span])
    if len(columns) > 1 and adds_up(wide.to_numpy(dtype=float)):
        for _, team, *when in [cell for cell in made.counts if cell[1] == ALL_TEAMS]:
            parts = [(measure, name, *when) for name in columns if name != team]
            if all(part in made.counts for part in parts):
                made.sums.append(((measure, team, *when), parts))
    return made


def adds_up(cells: npt.NDArray[np.float64]) -> bool:
    """Whether the teams are all there is, the whole being the last column: printed totals may hold more."""
    known = cells[~np.isnan(cells).any(axis=1)]
    return bool(np.isclose(known[:, :-1].sum(axis=1), known[:, -1]).all())


def decided_ledger(
    due: pd.DataFrame, open_a_year: int, months: pd.DataFrame, fewest: int, *, rounded: bool = False
) -> Decisions:
    """Decide what may be shown of the ledger's reviews and of the packages that start, stay and end.

    By what is counted and month: ``due``, ``overdue`` and ``in_time``, of `YEAR` too; ``open``; of `YEAR`
    ``started`` and ``ended``.

    Parameters
    ----------
    due : DataFrame
        ``month``, ``due`` and ``overdue`` (reviews), all teams together.
    open_a_year : int
        Packages open for a year or more, which another report shows beside those without a review.
    months : DataFrame
        ``month``, ``open``, ``started`` and ``ended`` (packages) of twelve months; may be empty.

    Examples
    --------
    >>> due = pd.DataFrame({"month": [1, 2, 3], "due": [30, 3, 9], "overdue": [12, 0, 0]})
    >>> sorted(decided_ledger(due, 26, pd.DataFrame(), 5).hidden, key=str)
    [('due', 2), ('due', 3), ('in_time', 2), ('in_time', 3)]
    """
    if fewest < 2:
        return Decisions({})
    made, names = Register(), ("overdue", "in_time", "due")
    rows = due.assign(in_time=due["due"] - due["overdue"])
    for name in names:
        own = {(name, month): count for month, count in zip(rows["month"], rows[name], strict=True)}
        made.counts |= own
        made.total((name, YEAR), own, shown=name == "overdue")
    made.sums += [(("due", when), [("overdue", when), ("in_time", when)]) for when in (*rows["month"], YEAR)]
    if open_a_year >= made.counts["overdue", YEAR]:
        made.counts["open a year"] = open_a_year
        made.rest("reviewed", "open a year", ("overdue", YEAR))
        made.shown.add("open a year")
        if 0 < made.counts["reviewed"] < fewest:
            made.shown.discard(("overdue", YEAR))
    if len(months):
        made.counts |= {
            ("open", month): count for month, count in zip(months["month"], months["open"], strict=True)
        }
        flows = {name: int(months[name].sum()) for name in ("started", "ended")}
        made.counts |= {(name, YEAR): count for name, count in flows.items()}
        now = ("open", months["month"].iloc[-1])
        made.counts["open before"] = made.counts[now] - flows["started"] + flows["ended"]
        for other, flow in (("open before", "started"), (now, "ended")):
            made.total("open or ended", [other, (flow, YEAR)])
        made.shown.add("open before")
    return made.decide(fewest, rounded=rounded)
