"""Sentences on the budget monitor: where it stands, what moved, what rounding explains."""

from __future__ import annotations

__all__ = ["monitor", "position", "totals"]

from typing import Any

import pandas as pd

from s75lib.budget import movement as moves
from s75lib.budget.naming import at, direction, group_name, in_sentence, pounds
from s75lib.budget.picks import largest, record
from s75lib.budget.study import Study
from s75lib.present import Headline, words


def position(study: Study) -> list[Headline]:
    """Say where commitment and forecast stand against the budget.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for an empty monitor.
    """
    if study.budget.empty:
        return []
    rounded, latest = study.rounded, study.issues[-1]
    rows = study.position
    overall = rows[rows["scope"] == "all"]
    last = "adjusted" if (overall["level"] == "adjusted").any() else "net"
    net, final = record(overall, level="net"), record(overall, level=last)
    said = [
        Headline(
            "budget.position.commitment",
            f"At {at(latest)}, commitments for {latest.financial_year} stood "
            f"{_against(net, 'commitment', rounded)} "
            f"of {pounds(net['budget'], rounded)}"
            + (
                f" before other adjustments, and {_against(final, 'commitment', rounded)} with them."
                if last == "adjusted"
                else "."
            ),
            float(net["commitment_variance"]),
            "£",
            method="commitment less budget, summed over the lines",
            see=("monitor.overview",),
        ),
        Headline(
            "budget.position.forecast",
            f"The forecast for the year end is {_against(final, 'forecast', rounded)} of "
            f"{pounds(final['budget'], rounded)}"
            + (", other adjustments included" if last == "adjusted" else "")
            + _as_printed(study.printed, latest.as_at, float(final["forecast_variance"]), rounded)
            + ".",
            float(final["forecast_variance"]),
            "£",
            method="forecast less budget, summed over the lines",
            see=("monitor.overview",),
        ),
    ]
    groups = rows[(rows["scope"] == "group") & (rows["level"] == "net")]
    if len(groups) > 1:
        parts = [
            f"{in_sentence(str(row['service_group']))} {_variance(row['forecast_variance'], rounded)}"
            for row in groups.to_dict("records")
        ]
        worst = largest(groups, "forecast_variance") if groups["forecast_variance"].notna().any() else None
        if worst is not None:
            said.append(
                Headline(
                    "budget.position.groups",
                    f"By service group, the forecast is {words.join(parts)}, before other adjustments.",
                    float(worst["forecast_variance"]),
                    "£",
                    method="forecast less budget, largest group",
                    see=("monitor.overview",),
                )
            )
    return [line for line in said if line.value == line.value]


def monitor(study: Study) -> list[Headline]:
    """Say what moved in gross commitments since the year's first snapshot and since the last one.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots in the year.
    """
    said: list[Headline] = []
    rounded = study.rounded
    for key, (old, new) in study.comparisons.items():
        moved = study.moved[key]
        gross = moved[(moved["scope"] == "all") & (moved["level"] == "expenditure")].iloc[0]
        if pd.isna(gross["change"]):
            continue
        said.append(
            Headline(
                f"budget.movement.{key}",
                f"From {at(old)} to {at(new)}, gross commitments {_moved(gross['change'], rounded)}"
                f"{_percent(gross['percent'])}{_driver(moved, rounded)}.",
                float(gross["change"]),
                "£",
                method="change in commitment summed over the lines of expenditure",
                see=(f"bridge.line.{key}",),
            )
        )
        if key == "year":
            parts = moves.settings(moved)
            said += [
                _bed_based(group, part, moved, rounded)
                for group, part in parts[parts["service_group"] != ""].groupby("service_group", sort=False)
                if (part["setting"] == "bed-based").any()
            ]
    return said


def totals(study: Study) -> list[Headline]:
    """Say how many printed totals and changes the lines confirm.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty where no table is published.
    """
    tables = study.printed[study.printed["in_table"]]
    if tables.empty:
        return []
    counts = tables["reading"].value_counts()
    exact, near, far = (int(counts.get(name, 0)) for name in ("exact", "rounding", "beyond rounding"))
    said = (
        "Of "
        f"{words.count_noun(len(tables), 'total, variance or change', 'totals, variances and changes')} that "
    )
    said += f"the published tables print, {exact} come out exactly"
    if near:
        largest = {
            str(name): float(part["difference"].abs().max())
            for name, part in tables[tables["reading"] == "rounding"].groupby("dataset")
        }
        sizes = [f"£{words.number(size)} in the {name} tables" for name, size in largest.items()]
        said += f" and {near} differ by no more than rounding can make (at most {words.join(sizes)})"
    said += f"; {far} cannot be explained by rounding." if far else "."
    return [
        Headline(
            "budget.printed",
            said,
            float(far),
            "figures",
            method="largest difference (n·r + p)/2",
            see=("printed.differences",),
        )
    ]


def _against(row: dict[str, Any], measure: str, rounded: float) -> str:
    variance, percent = row[f"{measure}_variance"], row[f"{measure}_percent"]
    if variance == 0:
        return "exactly on the budget"
    return f"{pounds(variance, rounded)}{_percent(abs(percent))} {direction(variance)} the budget"


def _variance(value: float, rounded: float) -> str:
    if value == 0:
        return "on budget" if rounded <= 1 else f"on budget to the nearest {pounds(rounded, rounded)}"
    return f"{pounds(value, rounded)} {direction(value)}"


def _percent(value: float) -> str:
    return "" if pd.isna(value) or abs(value) < 0.05 else f" ({words.percent(abs(value))})"


def _moved(change: float, rounded: float) -> str:
    verb = words.rose_fell(change)
    return verb if change == 0 else f"{verb} by {pounds(change, rounded)}"


def _driver(moved: pd.DataFrame, rounded: float) -> str:
    """Name the line that moved most in the direction of the whole."""
    lines = moved[(moved["level"] == "line") & (moved["kind"] == "expenditure") & moved["change"].notna()]
    lines = lines[lines["change"] != 0]
    if lines.empty:
        return ""
    top = largest(lines, "change", by="size")
    verb = "rose" if top["change"] > 0 else "fell"
    return (
        f"; the line that moved most is {top['line']} in {in_sentence(top['service_group'])}, which "
        f"{verb} by {pounds(top['change'], rounded)}"
    )


def _bed_based(group: object, part: pd.DataFrame, moved: pd.DataFrame, rounded: float) -> Headline:
    """Say what bed-based care did beside the group's gross movement."""
    code = str(group)
    beds = float(part.loc[part["setting"] == "bed-based", "change"].iloc[0])
    here = (moved["scope"] == "group") & (moved["service_group"] == code) & (moved["level"] == "expenditure")
    gross = float(moved.loc[here, "change"].iloc[0])
    if beds * gross > 0:
        link = f", within a gross {'rise' if gross > 0 else 'fall'} of {pounds(gross, rounded)}"
        if abs(beds) <= abs(gross):
            link = f" of a gross {'rise' if gross > 0 else 'fall'} of {pounds(gross, rounded)}"
    else:
        link = f" while gross commitments {_moved(gross, rounded)}"
    return Headline(
        f"budget.bed_based.{code.lower() or 'all'}",
        f"{group_name(code)}: bed-based commitments {_moved(beds, rounded)}{link}.",
        beds,
        "£",
        method="change in residential and nursing commitments",
        see=("settings.year",),
    )


def _as_printed(printed: pd.DataFrame, day: pd.Timestamp, value: float, rounded: float) -> str:
    """Name the printed figure of the same cell where it differs."""
    same = printed[
        (printed["dataset"] == "budget")
        & printed["in_table"]
        & (printed["service_group"] == "")
        & (printed["line"] == "")
        & (printed["kinds"] == "")
        & (printed["column"] == f"forecast_variance@{day:%Y-%m-%d}")
    ]
    if same.empty or same["difference"].iloc[0] == 0:
        return ""
    figure, reading = same["published"].iloc[0], same["reading"].iloc[0]
    why = (
        "rounding explains the difference"
        if reading == "rounding"
        else "rounding cannot explain the difference"
    )
    return f" (printed as {pounds(figure, rounded)}; {why})"
