"""Which counts of people the wing may show: months of work edition by edition, the ledger's all together.

`rows` are monthly series in all or by team, `hidden` the cells that `decided_months` hides. Of the ledger,
`due` are reviews (due, overdue) by month, all teams together; `open_a_year` counts packages open for so long,
which another report shows beside those without a review; `months` are twelve of packages (open, started,
ended), or empty.
"""

from __future__ import annotations

__all__ = ["decided_ledger", "decided_months", "decided_years", "levelled"]

from collections.abc import Hashable, Iterable, Mapping, Set
from dataclasses import replace

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


def decided_years(found: Decisions) -> Decisions:
    """Hide any twelve months of which one is hidden, where nobody has decided on their sum.

    >>> hidden = {("complaints", ALL_TEAMS, pd.Timestamp("2024-05-01"))}
    >>> len(decided_years(Decisions({}, hidden)).hidden)
    13
    """
    gone = [cell for cell in found.hidden if len(cell) == 3]
    ends = [(*who, month + pd.DateOffset(months=on), YEAR) for *who, month in gone for on in range(12)]
    return replace(found, hidden=found.hidden | {end for end in ends if end not in found.counts})


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


def levelled(rows: pd.DataFrame, hidden: Set[Cell]) -> pd.DataFrame:
    """Set hidden months of work to what readers would suppose, so that no forecast or test tells more.

    The methods are public and their draws seeded: whoever tries each count that a hidden month can have
    finds the one that gives the printed forecast, its interval and its accuracy on past months.

    Returns
    -------
    DataFrame
        The same rows. The hidden months among twelve, counted back from a series' last month, share equally
        what those twelve leave over, in whole numbers; where that sum is hidden too, they are not known.

    Examples
    --------
    >>> months = pd.date_range("2024-04-01", periods=12, freq="MS")
    >>> rows = pd.DataFrame({"measure": "complaints", "month": months, "count": [9.0, 3, 8] + [12] * 9})
    >>> levelled(rows, {("complaints", ALL_TEAMS, month) for month in months[1:3]})["count"].tolist()[:4]
    [9.0, 6.0, 5.0, 12.0]
    """
    teams = rows["team"] if "team" in rows else pd.Series(ALL_TEAMS, index=rows.index)
    cells = list(zip(rows["measure"], teams, rows["month"], strict=True))
    # A month that is hidden in all is hidden in each team, for these add up to it.
    gone = pd.Series(
        [not hidden.isdisjoint({cell, (cell[0], ALL_TEAMS, cell[2])}) for cell in cells],
        index=rows.index,
        dtype=bool,
    )
    if not gone.any():
        return rows
    last = rows.groupby([rows["measure"], teams])["month"].transform("max")
    ago = 12 * (last.dt.year - rows["month"].dt.year) + last.dt.month - rows["month"].dt.month
    counts = rows["count"].astype(float).copy()
    for (measure, team, _), own in counts[gone].groupby([rows["measure"], teams, ago // 12]):
        first = own.index[0]
        end = last[first] - pd.DateOffset(months=int(ago[first]) // 12 * 12)
        share, more = divmod(own.sum(), len(own))
        known = (measure, team, end, YEAR) not in hidden
        counts[own.index] = share + (np.arange(len(own)) < more) if known else np.nan
    return rows.assign(count=counts)


def decided_ledger(
    due: pd.DataFrame, open_a_year: int, months: pd.DataFrame, fewest: int, *, rounded: bool = False
) -> Decisions:
    """Decide what may be shown of the ledger's reviews and of the packages that start, stay and end.

    By what is counted and month: ``due``, ``overdue`` and ``in_time``, of `YEAR` too; ``open``; of `YEAR`
    ``started`` and ``ended``.

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
