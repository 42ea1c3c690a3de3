"""Tables of unit prices and lengths of stay by care type."""

from __future__ import annotations

__all__ = ["enough", "length_of_stay", "outliers", "unit_costs"]

from math import isnan

import pandas as pd

from s75lib.budget import prices
from s75lib.budget.study import Study
from s75lib.budget.tables.common import conceal, no_ledger
from s75lib.present import Column, Missing, Table, words

_LABELS = {"p10": "10th", "p25": "25th percentile", "p50": "Median", "p75": "75th", "p90": "90th"}


def enough(cases: pd.Series, percentile: str, fewest: int) -> pd.Series:
    """Say which percentiles rest on so many cases that they are nobody's own figure.

    Parameters
    ----------
    cases : Series
    percentile : str
        ``p10`` to ``p90``.
    fewest : int
        Fewest cases that may be shown.

    Returns
    -------
    Series of bool
        Whether at least that many cases lie on the nearer side of it.
    """
    level = prices.PERCENTILES[percentile]
    found: pd.Series = cases * min(level, 1 - level) >= fewest - 1e-9
    return found


def unit_costs(study: Study) -> Table | Missing:
    """Set out the prices of a unit by care type.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.day is None:
        return no_ledger(study)
    rows = study.unit_costs
    columns = [Column("care_type", "Care type"), Column("cases", "Open cases", "number")]
    columns += [Column(name, label, "money_p", unit="£") for name, label in _LABELS.items()]
    columns.append(Column("fence", "Outlier above", "money_p", unit="£"))
    notes = (
        f"A percentile is shown where at least {study.fewest} cases lie beyond it. An outlier lies above the "
        "75th percentile by more than one and a half times its distance from the 25th.",
    )
    title = f"Price of a unit by care type, {words.day(study.day)}, £"
    made = Table("unit_costs", title, _counted(study, rows), tuple(columns), notes)
    return conceal(
        made, study.fewest, _few(study, rows, _LABELS) | {"fence": _few(study, rows, ["p75"])["p75"]}
    )


def outliers(study: Study) -> Table | Missing:
    """Set out the cases far above the usual price of their care type, by how far.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.day is None:
        return no_ledger(study)
    rows = prices.outlier_bands(study.sides["after"], study.unit_costs, threshold=study.fewest)
    if rows.empty:
        many = int(study.unit_costs["outliers"].sum())
        said = "No open case is" if not many else f"Fewer than {study.fewest} open cases are"
        return Missing(f"{said} priced above the outlier fence of its care type.")
    names = [_times(low, high) for low, high in zip(rows["from_times"], rows["to_times"], strict=True)]
    columns = (Column("name", "Price above the outlier fence"), Column("cases", "Open cases", "number"))
    notes = (
        "The median is that of the case's care type. Bands are joined until none is so small that it could "
        f"disclose a person. Together they cost £{words.number(study.unit_costs['excess'].sum())} a week "
        "more "
        "than at the median price.",
    )
    title = f"Cases priced far above their care type, {words.day(study.day)}"
    return Table("outliers", title, rows.assign(name=names), columns, notes)


def length_of_stay(study: Study) -> Table | Missing:
    """Set out how long open packages have run.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.day is None:
        return no_ledger(study)
    rows = prices.length_of_stay(study.packages, study.sides["after"])
    shown = ("p25", "p50", "p75")
    columns = (
        Column("care_type", "Care type"),
        Column("cases", "Open cases", "number"),
        *(Column(name, f"{_LABELS[name]}, months", "number", 1, unit="months") for name in shown),
    )
    notes = (
        "Months so far, not months until the end: open packages over-represent long stays.",
        f"A percentile is shown where at least {study.fewest} cases lie beyond it.",
    )
    title = f"How long open packages have run, {words.day(study.day)}"
    made = Table("length_of_stay", title, _counted(study, rows), columns, notes)
    return conceal(made, study.fewest, _few(study, rows, shown))


def _times(low: float, high: float) -> str:
    """Name a band of prices above the fence."""
    if isnan(high):
        return f"{low:g} times the median or more" if low > 1 else "At any distance above the fence"
    return f"{low:g} to under {high:g} times the median" if low > 1 else f"Under {high:g} times the median"


def _counted(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Give the counts that the other tables print, so that no difference between two says anything."""
    return rows.assign(
        cases=[study.counts.of("after", "care_type", value=kind) for kind in rows["care_type"]]
    )


def _few(study: Study, rows: pd.DataFrame, percentiles: object) -> dict[str, list[bool]]:
    """Hide counts that may not be shown, and percentiles that too few cases lie beyond."""
    hidden = pd.Series(
        [study.counts.hidden("after", "care_type", value=kind) for kind in rows["care_type"]], dtype=bool
    )
    few = {str(name): hidden | ~enough(rows["cases"], str(name), study.fewest) for name in percentiles}  # type: ignore[attr-defined]
    return {"cases": list(hidden)} | {name: list(flags) for name, flags in few.items()}
