"""Safeguarding: enquiries completed for each concern raised, a ratio of two counts and no conversion rate."""

from __future__ import annotations

__all__ = ["enquiries_per_concern"]

from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.kpi.comparison import history
from s75lib.kpi.phrases import Row, lacking
from s75lib.present import Column, Headline, Missing, Section, Table, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.comparison import compare_counts
from s75lib.stats.intervals import byar

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_COUNTED = ["safeguarding_concerns", "safeguarding_enquiries_completed"]
_COLUMNS = [
    "group",
    "period",
    "concerns",
    "enquiries",
    "per_100",
    "lower",
    "upper",
    "period_before",
    "per_100_before",
    "ratio",
    "ratio_lower",
    "ratio_upper",
    "p_value",
]


def enquiries_per_concern(kpi: pd.DataFrame) -> pd.DataFrame:
    """Set safeguarding enquiries completed against concerns raised in the same period and group.

    The enquiries need not belong to the concerns: one may end in a later year, or with another team. So it is
    taken as a rate (enquiries by exposure to concerns), never as a proportion of the concerns. Counts of
    enquiries are taken as Poisson; the concerns as given.

    Returns
    -------
    DataFrame
        One row for each group and year that has both: ``per_100`` (enquiries completed for each 100 concerns
        raised) with its interval, and against the year before: ``ratio``, its interval, ``p_value``.

    Examples
    --------
    >>> enquiries_per_concern(load("islington", "2018/19").kpi)["per_100"].round(1).tolist()
    [13.0, 4.5]
    """
    rows = history(kpi)
    rows = rows[rows["indicator"].isin(_COUNTED) & rows["unit"].eq("count") & rows["kind"].eq("year")]
    wide = rows.pivot_table(
        index=["group", "end", "period"], columns="indicator", values="value", aggfunc="last"
    )
    both = wide.reindex(columns=_COUNTED).dropna().set_axis(["concerns", "enquiries"], axis="columns")
    made: list[dict[str, Any]] = []
    for row in both[both["concerns"] > 0].reset_index().to_dict("records"):
        rate = byar(int(row["enquiries"]), exposure=row["concerns"], per=100)
        told = {"per_100": rate.estimate, "lower": rate.lower, "upper": rate.upper, "period_before": ""}
        if made and made[-1]["group"] == row["group"]:
            told |= _change(made[-1], row)
        made.append({str(name): cell for name, cell in row.items()} | told)
    return pd.DataFrame(made, columns=_COLUMNS)


def _change(before: Row, row: Row) -> dict[str, Any]:
    found = compare_counts(
        int(before["enquiries"]),
        int(row["enquiries"]),
        exposure_before=before["concerns"],
        exposure_after=row["concerns"],
    )
    limits = {"ratio": found.ratio, "ratio_lower": found.lower, "ratio_upper": found.upper}
    earlier = {"period_before": before["period"], "per_100_before": before["per_100"]}
    return earlier | limits | {"p_value": found.p_value}


def headlines(study: Study) -> list[Headline]:
    """Word the latest ratio of each group that has an earlier one, with the warning that belongs to it."""
    made = []
    for _, part in study.enquiries_per_concern.groupby("group", sort=False):
        row = part.iloc[-1].to_dict()
        if not row["period_before"]:
            continue
        before = part.iloc[-2].to_dict()
        name = f" in {row['group']}" if row["group"] else ""
        verb = words.rose_fell(row["per_100"] - row["per_100_before"])
        said = "Chance could explain that."
        if row["ratio_lower"] > 1 or row["ratio_upper"] < 1:
            said = "Tested on its own, that is more than chance explains."
        text = (
            f"Safeguarding enquiries completed for every 100 concerns raised{name} {verb} from "
            f"{_ratio(before)} in {row['period_before']} to {_ratio(row)} in {row['period']}. "
            f"{said} This is no conversion rate: an enquiry may end in another "
            "year, or with another team, than the concern."
        )
        id = f"kpi.enquiries_per_concern.{row['group'] or 'all'}"
        rate = (row["per_100"], "per 100 concerns", row["lower"], row["upper"])
        method = "Byar's interval; exact conditional test of two rates"
        made.append(
            Headline(
                id,
                text,
                *rate,
                method,
                stake="change",
                about=row["group"],
                cell=("ratios", row["group"] or "All", "per_100"),
                figure=f"{words.number(row['per_100'], 1)} per 100",
            )
        )
    return made


def _ratio(row: Row) -> str:
    counts = f"{words.number(row['enquiries'])} to {words.number(row['concerns'])}"
    return f"{words.number(row['per_100'], 1)} ({counts})"


RATIOS = table_of(
    "ratios",
    Column("group", "Group"),
    Column("period", "Year"),
    Column("concerns", "Concerns raised", "number"),
    Column("enquiries", "Enquiries completed", "number"),
    Column("per_100", "Enquiries for 100 concerns", "number", 1),
    Column("lower", "Lower", "number", 1),
    Column("upper", "Upper", "number", 1),
    Column("ratio", "Ratio to the year before", "number", 2),
    Column("ratio_lower", "Lower", "number", 2),
    Column("ratio_upper", "Upper", "number", 2),
    notes=(
        "No conversion rate: an enquiry completed in a year can belong to a concern of the year before, and "
        "one concern can reach another team. What counts as a concern can change too.",
        "Each ratio is tested on its own, outside the family of the indicators' comparisons.",
    ),
)
NO_RATIO = lacking(
    "Concerns raised and enquiries completed are not both held as counts of years.",
    "kpi",
    ("indicator", "group", "period", "value", "unit"),
    "safeguarding_concerns and safeguarding_enquiries_completed as counts: enquiries for each concern",
)


def _table(study: Study) -> Table | Missing:
    found = study.enquiries_per_concern
    if found.empty:
        return NO_RATIO
    rows = found.assign(group=found["group"].where(found["group"] != "", "All"))
    return RATIOS.of(rows, "Safeguarding enquiries completed for every 100 concerns raised")


def section(study: Study) -> Section:
    """Show the enquiries completed for each 100 concerns, in words and as a table."""
    return assemble(headlines(study), _table(study))
