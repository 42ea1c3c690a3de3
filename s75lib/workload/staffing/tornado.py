"""Which assumption matters most for the staff needed."""

from __future__ import annotations

__all__ = ["tornado", "weekly_hours"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.assumptions import Assumptions
from s75lib.workload.outlook import Outlook
from s75lib.workload.staffing.required import PEOPLE, TASKS, Required


def tornado(needed: Required, held: Assumptions, ahead: Outlook, pool: str = "casework") -> pd.DataFrame:
    """Move one assumption at a time from low to high, and see the staff that it takes.

    Parameters
    ----------
    needed : Required
    held : Assumptions
    ahead : Outlook
        For the range of demand.
    pool : str

    Returns
    -------
    DataFrame
        name, label, low, high (WTE with the assumption low and high, the others central), width (their
        distance), central (WTE with all central); widest first. The row ``demand`` moves all measures along
        their 80% interval.

    Examples
    --------
    About 100 reviews a month, and posts with 100 hours for them: the three to nine hours that a review may
    take are three to nine posts, and matter more than how many reviews there will be:

    >>> from s75lib.workload import monthly, outlook
    >>> from s75lib.workload.assumptions import Assumption
    >>> from s75lib.workload.staffing.required import required
    >>> activity = pd.DataFrame({"month": pd.date_range("2024-08-01", periods=8, freq="MS"), "count": 100.0,
    ...                          "measure": "reviews", "service_group": "", "team": ""})
    >>> ranges = {"hours_per_review": (3, 6, 9), "hours_per_week": (40, 40, 40),
    ...           "weeks_available": (40, 40, 40), "non_contact_share": (0.25, 0.25, 0.25)}
    >>> held = Assumptions({name: Assumption(name, name, *ends, "", "") for name, ends in ranges.items()})
    >>> ahead = outlook(monthly(activity))
    >>> table = tornado(required(ahead, held), held, ahead)
    >>> table["name"].tolist()[:2], table.loc[0, ["low", "central", "high"]].astype(float).round(1).tolist()
    (['hours_per_review', 'demand'], [3.0, 6.0, 9.0])
    """
    rows = needed.parts[needed.parts["pool"] == pool]
    if rows.empty:
        return pd.DataFrame(columns=["name", "label", "low", "high", "width", "central"])
    counts = dict(zip(rows["measure"], rows["count"], strict=True))
    central = _wte(counts, held, {})
    made = []
    for name in [*(TASKS[measure][0] for measure in counts), *PEOPLE]:
        ends = sorted(_wte(counts, held, {name: value}) for value in (held[name].low, held[name].high))
        made.append((name, held[name].label, *ends))
    ends = [central * share for share in _demand_range(counts, ahead, held)]
    made.append(("demand", "Demand, 80% interval of the forecast", *ends))
    table = pd.DataFrame(made, columns=["name", "label", "low", "high"]).assign(central=central)
    table["width"] = table["high"] - table["low"]
    return table.sort_values("width", ascending=False, ignore_index=True)


def weekly_hours(held: Assumptions) -> float:
    """Hours a week that a full-time post has for the tasks, on average over the year, at the central values.

    Parameters
    ----------
    held : Assumptions

    Returns
    -------
    float

    Examples
    --------
    >>> from s75lib.workload.assumptions import assumptions
    >>> none = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])
    >>> round(weekly_hours(assumptions(none)), 1)
    20.8
    """
    hours, weeks, without = (held.central(name) for name in PEOPLE)
    return hours * weeks * (1 - without) / (365.25 / 7)


def _wte(counts: dict[str, float], held: Assumptions, changed: dict[str, float]) -> float:
    """Staff for mean counts a month, at central values but for those changed."""

    def value(name: str) -> float:
        return changed.get(name, held.central(name))

    hours = sum(count * value(TASKS[measure][0]) for measure, count in counts.items())
    post = value("hours_per_week") * value("weeks_available") * (1 - value("non_contact_share")) / 12
    return float(hours / post)


def _demand_range(counts: dict[str, float], ahead: Outlook, held: Assumptions) -> tuple[float, float]:
    """Give the ends of the 80% interval of the year's hours, as shares of their mean."""
    hours: npt.NDArray[np.float64] | float = 0.0
    for measure, count in counts.items():
        each = held.central(TASKS[measure][0])
        known = ahead.paths.get(measure)
        hours = hours + each * (count if known is None else known.mean(axis=1))
    low, high = np.quantile(hours, [0.1, 0.9]) / np.mean(hours)
    return float(low), float(high)
