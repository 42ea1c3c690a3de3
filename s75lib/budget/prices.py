"""Prices of a unit and lengths of stay by care type, and the cases far above the usual price."""

from __future__ import annotations

__all__ = ["PERCENTILES", "length_of_stay", "outlier_bands", "unit_costs"]

import numpy as np
import pandas as pd

from s75lib.budget.ledger import CASE, first_start
from s75lib.budget.pressure import joined

PERCENTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
"""Percentiles by which prices and stays are described."""

_TIMES = (1.0, 1.5, 2.0)


def unit_costs(rows: pd.DataFrame) -> pd.DataFrame:
    """Describe the price of a unit in each care type and count the cases far above it.

    Parameters
    ----------
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    DataFrame
        ``care_type``, ``cases`` (open, with a price), ``p10``, ``p25``, ``p50``, ``p75``, ``p90``
        (percentiles of the packages' prices, £ a unit), ``fence`` (upper quartile and one and a half times
        the distance between the quartiles, £), ``outliers`` (cases with a package above it) and ``excess``
        (what those packages cost a week beyond the median price, gross, £).

    References
    ----------
    Tukey, J. W. (1977) Exploratory Data Analysis. Addison-Wesley: the upper fence.
    """
    rows = _priced(rows)
    of_type = rows.groupby("care_type")
    table = pd.DataFrame({name: of_type["price"].quantile(level) for name, level in PERCENTILES.items()})
    table["fence"] = table["p75"] + 1.5 * (table["p75"] - table["p25"])
    table.insert(0, "cases", rows.drop_duplicates(CASE).groupby("care_type").size())
    far = _far(rows, table)
    beyond = (far["price"] - far["care_type"].map(table["p50"])) * far["units"]
    found = pd.DataFrame(
        {
            "outliers": far.drop_duplicates(CASE).groupby("care_type").size(),
            "excess": beyond.groupby(far["care_type"]).sum(),
        }
    )
    whole = table.join(found).fillna({"outliers": 0, "excess": 0.0}).reset_index()
    return whole.astype({"cases": int, "outliers": int})


def outlier_bands(rows: pd.DataFrame, costs: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Count the cases far above the price of their care type by how far, in bands that disclose nobody.

    Parameters
    ----------
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.
    costs : DataFrame
        Their `unit_costs`.
    threshold : int
        Fewest cases that a band may hold.

    Returns
    -------
    DataFrame
        ``from_times`` and ``to_times`` (the median price of the care type, the upper end not included; NaN
        for the open top) and ``cases``, the furthest first. No rows if all outliers together are too few.
    """
    table = costs.set_index("care_type")
    far = _far(_priced(rows), table)
    times = (far["price"] / far["care_type"].map(table["p50"])).groupby([far[name] for name in CASE]).max()
    made = joined(times.to_numpy(), np.zeros(len(times)), _TIMES, threshold)
    frame = pd.DataFrame(made, columns=["from_times", "to_times", "cases", "none"])
    return frame.drop(columns="none").astype({"cases": int})


def length_of_stay(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Describe how long the packages that are open have run.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`: all snapshots, for a start may be older in one before.
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

    Returns
    -------
    DataFrame
        ``care_type``, ``cases``, ``p25``, ``p50`` and ``p75`` (percentiles of the months so far, by the
        earliest start of the case's packages).

    Notes
    -----
    A re-issued reference may restart the date of a package, so the earliest start in any snapshot held counts
    for the person and care type; a gap between two spells is not looked for. Packages open on one day
    over-represent long stays.
    """
    cases = rows.loc[rows["open"], CASE].drop_duplicates().merge(first_start(packages), on=CASE)
    months = ((rows["snapshot_date"].iloc[0] - cases["first"]).dt.days / (365.25 / 12)).groupby(
        cases["care_type"]
    )
    levels = {name: PERCENTILES[name] for name in ("p25", "p50", "p75")}
    table = pd.DataFrame({"cases": months.size()} | {n: months.quantile(q) for n, q in levels.items()})
    return table.reset_index()


def _priced(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the open packages that have the price of a unit."""
    return rows[rows["open"] & rows["price"].notna()]


def _far(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Find the packages above the fence of their care type."""
    return rows[rows["price"] > rows["care_type"].map(table["fence"])]
