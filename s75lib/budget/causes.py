"""Why the net commitment moved: volume, mix, weeks, intensity, price and social care's share, exactly."""

from __future__ import annotations

__all__ = ["FACTORS", "Causes", "causes", "reversals"]

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.stats.decomposition import aggregation_reversal, decompose

FACTORS = {
    "cases": "Number of cases",
    "mix": "Mix of care types and teams",
    "weeks": "Weeks of care in the year",
    "intensity": "Units of care a week",
    "price": "Price of a unit",
    "share": "Share paid by social care",
}
"""The factors of a net commitment, in the order in which they are shown."""

_CELL = ["care_type", "team"]


@dataclass(frozen=True)
class Causes:
    """A change in net commitment and the effect of each cause.

    Parameters
    ----------
    before_day, after_day : Timestamp
        The two snapshots.
    basis : str
        ``commitment`` (for the snapshot's financial year) or ``weekly`` (of the packages open on the day).
    before, after, change : float
        Net, £ (a year or a week), items of earlier years left out.
    effects : DataFrame
        ``service_group``, ``factor``, ``effect`` (£); a group's effects add up to its change.
    cells : DataFrame
        ``service_group``, ``care_type``, ``team``, ``factor``, ``effect`` (£): cases (number and mix
        together),
        weeks, intensity, price and share of each cell; they add up to the change as well.
    groups : DataFrame
        ``service_group``, ``before``, ``after``, ``change`` (£), ``cases_before``, ``cases_after``.
    prior_year : float
        Change in items of earlier years, net, £: beside the change, not in it.
    priced_as_one : int
        Lines without usable units, taken as one placement a week.
    method : str
    sides : tuple of DataFrame
        Care types and teams of each service group on the two days, with their factors.
    """

    before_day: pd.Timestamp
    after_day: pd.Timestamp
    basis: str
    before: float
    after: float
    change: float
    effects: pd.DataFrame
    cells: pd.DataFrame
    groups: pd.DataFrame
    prior_year: float
    priced_as_one: int
    method: str
    sides: tuple[pd.DataFrame, pd.DataFrame] = field(repr=False)


def causes(before: pd.DataFrame, after: pd.DataFrame, *, basis: str = "commitment") -> Causes:
    """Split the change in net commitment between two ledger snapshots into its causes.

    Parameters
    ----------
    before, after : DataFrame
        All lines of two snapshots, as `s75lib.budget.ledger.lines` gives them.
    basis : str
        ``commitment``: the cost for the snapshot's financial year, as known on its day. ``weekly``: the cost
        a
        week of the packages open on the day, where weeks have no effect.

    Returns
    -------
    Causes

    Notes
    -----
    Within each service group, net cost is the sum over care types and teams of cases × weeks a case × units a
    week × price of a unit × share paid by social care. A case is a person in a care type: a reference that is
    re-issued at a new price adds no case. Price is gross cost over units, so a price fall within a team may
    be
    a shift between its providers. The share is net over gross: a contribution of the NHS and one of the
    client both lower it. Each service group is decomposed for itself and the groups add up.

    A new care type or team carries its own price and share, so that its whole cost is an effect of cases and
    mix. Cells without any gross cost carry a share of one; contributions to such cells, which are an error in
    the ledger, stand as a price below zero, so that the effects add up even then.

    References
    ----------
    See `s75lib.stats.decomposition.decompose`.
    """
    sides = _cells(before, basis), _cells(after, basis)
    groups = sorted({str(group) for side in sides for group in side["service_group"].unique()})
    effects, cells, totals = [], [], []
    for group in groups:
        old, new = (side[side["service_group"] == group] for side in sides)
        result = decompose(
            old, new, ["cases", "weeks", "intensity", "price", "share"], by=_CELL, mix={"mix": _CELL}
        )
        effects.append(result.effects.assign(service_group=group))
        own = result.by_cell.assign(
            service_group=group, factor=result.by_cell["factor"].astype("str").replace("mix", "cases")
        )
        cells.append(own)
        totals.append(
            {
                "service_group": group,
                "before": result.before,
                "after": result.after,
                "change": result.change,
                "cases_before": int(old["cases"].sum()),
                "cases_after": int(new["cases"].sum()),
            }
        )
    frame = pd.DataFrame(
        totals, columns=["service_group", "before", "after", "change", "cases_before", "cases_after"]
    )
    return Causes(
        before["snapshot_date"].iloc[0],
        after["snapshot_date"].iloc[0],
        basis,
        float(frame["before"].sum()),
        float(frame["after"].sum()),
        float(frame["change"].sum()),
        _stacked(effects, ["service_group", "factor"]),
        _stacked(cells, ["service_group", *_CELL, "factor"]),
        frame,
        _prior(after) - _prior(before),
        int(before["priced_as_one"].sum() + after["priced_as_one"].sum()),
        "Shapley decomposition (Das Gupta 1993) over care types and teams, within each service group",
        sides,
    )


def reversals(found: Causes) -> pd.DataFrame:
    """Compare the movement of each service group's average cost a week with that of its care types.

    Parameters
    ----------
    found : Causes
        On the basis ``weekly``.

    Returns
    -------
    DataFrame
        ``service_group`` (blank: all) and the fields of `s75lib.stats.decomposition.AggregationReversal`:
        averages are the gross cost a week of a case (£), their parts the care types.
    """
    groups = found.groups["service_group"].tolist()
    rows = []
    for group in [*groups, ""] if len(groups) > 1 else groups:
        chosen = [
            side if group == "" and len(groups) > 1 else side[side["service_group"] == group]
            for side in found.sides
        ]
        old, new = (_average(side) for side in chosen)
        moved = aggregation_reversal(old, new, size="cases", price="average", by="care_type")
        rows.append({"service_group": group, **vars(moved)})
    return pd.DataFrame(rows)


def _cells(rows: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Sum one snapshot's lines into cells and give each cell its factors."""
    keys = ["service_group", *_CELL]
    counted = rows["open"] if basis == "weekly" else rows["weeks"] > 0
    rows = rows.loc[counted, [*keys, "person_key", "weeks", "units", "gross", "net"]]
    weeks = 1.0 if basis == "weekly" else rows["weeks"]
    by_cell = rows.assign(
        weeks=weeks,
        unit_weeks=rows["units"] * weeks,
        gross_cost=rows["gross"] * weeks,
        net_cost=rows["net"] * weeks,
    ).groupby(keys)
    cells = by_cell[["weeks", "unit_weeks", "gross_cost", "net_cost"]].sum()
    cells = cells.assign(cases=by_cell["person_key"].nunique()).reset_index()
    # Contributions to what costs nothing gross have no share: they stand as a price below zero.
    free = (cells["gross_cost"] == 0) & (cells["net_cost"] != 0)
    cost = cells["gross_cost"].mask(free, cells["net_cost"])
    run = cells["cases"] if basis == "weekly" else cells["weeks"]
    return cells[keys].assign(
        cases=cells["cases"].astype(float),
        weeks=run / cells["cases"],
        intensity=cells["unit_weeks"] / run,
        price=(cost / cells["unit_weeks"].where(cells["unit_weeks"] > 0)).fillna(0.0),
        share=(cells["net_cost"] / cells["gross_cost"].where(cells["gross_cost"] > 0)).fillna(1.0),
        gross_cost=cells["gross_cost"],
    )


def _average(cells: pd.DataFrame) -> pd.DataFrame:
    sums = cells.groupby("care_type")[["cases", "gross_cost"]].sum().reset_index()
    return sums.assign(average=sums["gross_cost"] / sums["cases"])


def _prior(rows: pd.DataFrame) -> float:
    rows = rows[rows["prior"]]
    weeks = ((rows["end_date"] - rows["start_date"]).dt.days + 1).clip(lower=0).fillna(0) / 7
    return float(np.sum(rows["net"] * weeks))


def _stacked(frames: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Put the groups' effects together, summed by their keys, factors in order."""
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*keys, "effect"])
    whole["factor"] = pd.Categorical(whole["factor"].astype("str"), categories=list(FACTORS))
    return whole.groupby(keys, observed=True)["effect"].sum().reset_index()
