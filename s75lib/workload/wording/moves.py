"""Sentences on package transfers, reviews, and what yearly published figures say."""

from __future__ import annotations

__all__ = ["concerns", "ledger", "means", "transfer_details", "transfers"]

from collections.abc import Hashable
from typing import Any

import numpy as np

from s75lib.present import Headline, words
from s75lib.workload import shown
from s75lib.workload.study import Study

_INDICATORS = {"reviews_per_month": "Reviews", "assessments_per_month": "Assessments"}


def transfers(work: Study) -> list[Headline]:
    """Say how many people move, and what reviews follow.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.moves.empty:
        return []
    whole = work.moves[work.moves["level"] == "all"].iloc[0]
    gains, now = float(whole["gains"]), float(whole["now"])
    day = words.day(whole["as_at"])
    if gains == 0:
        return [
            Headline("workload.transfers", f"At {day}, health staff hold no care packages.", 0.0, "people")
        ]
    text = (
        f"At {day}, health staff held the packages of {words.count_noun(gains, 'person', 'people')}; moved "
        f"to the social work teams, who held {words.number(now)}, they would make {words.number(gains + now)}"
    )
    growth = float(whole["growth_percent"])
    text += f", {words.percent(growth, 0)} more" if not np.isnan(growth) else ""
    said = [Headline("workload.transfers", f"{text}.", gains, "people", method="published counts, added")]
    need = work.moved_need
    light, yearly = need["light_touch"], need["yearly"]
    months = work.held.central("transfer_months")
    said.append(
        Headline(
            "workload.transfers.reviews",
            f"Moved over {words.count_noun(months, 'month')}, they would bring about {words.number(light)} "
            f"light-touch and {words.number(yearly)} yearly reviews in the first twelve months, "
            f"{words.number(need['central'], 1)} WTE of work (95% interval "
            f"{words.interval(need['lower_95'], need['upper_95'])}). Packages for one person, hours a review "
            "and the light-touch review after a transfer are assumptions.",
            need["central"], "WTE", need["lower_95"], need["upper_95"],
            "expected reviews on a month grid; hours and packages drawn 4,000 times from their ranges, error "
            f"of the central figure {need['error']:.1g} WTE",
        )
    )  # fmt: skip
    return said


def transfer_details(work: Study) -> list[Headline]:
    """Say which team gains the most, and how the number has gone.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    return [] if work.moves.empty else [*_largest(work), *_progress(work)]


def _largest(work: Study) -> list[Headline]:
    people = shown.moves(work).table.frame.astype({"now": float, "gains": float, "growth_percent": float})
    teams = people[(people["level"] == "team") & people["after"].notna() & (people["gains"] > 0)]
    if len(teams) < 2:
        return []
    most = teams.sort_values("gains").iloc[-1]
    growth = "" if np.isnan(most["growth_percent"]) else f" ({words.signed(most['growth_percent'])}%)"
    double = teams[(teams["now"] > 0) & (teams["growth_percent"] >= 100)]
    none = teams[teams["now"] == 0]
    text = (
        f"{most['team']} would gain the most, {words.count_noun(most['gains'], 'person', 'people')}{growth}"
    )
    if len(double):
        verb = "holds" if len(double) == 1 else "hold"
        who = "it" if len(double) == 1 else "they"
        text += f"; {words.join(list(double['team']))} would at least double what {who} {verb}"
    if len(none):
        verb = "holds" if len(none) == 1 else "hold"
        text += f"; {words.join(list(none['team']))} {verb} nobody now"
    return [Headline("workload.transfers.team", f"{text}.", float(most["gains"]), "people")]


def _progress(work: Study) -> list[Headline]:
    if len(work.progress) < 2:
        return []
    first, last = work.progress.iloc[0], work.progress.iloc[-1]
    change = last["healthcare_professional"] - first["healthcare_professional"]
    text = (
        f"Since {words.day(first['as_at'])} the people with health staff went from "
        f"{words.number(first['healthcare_professional'])} to "
        f"{words.number(last['healthcare_professional'])} "
        f"({words.percent(first['health_share'], 0)} to {words.percent(last['health_share'], 0)} of all)."
    )
    return [Headline("workload.transfers.progress", text, float(change), "people")]


def ledger(work: Study) -> list[Headline]:
    """Say how many yearly reviews fall due, and how many are overdue.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.ledger.empty:
        return []
    table = shown.due(work).table.frame
    late, due, both = (float(table[name].astype(float).iloc[-1]) for name in ("overdue", "in_time", "due"))
    text = f"By the ledger's dates {shown.due_in_words(due, late, len(table) - 1)}"
    return [Headline("workload.reviews_due", f"{text}.", both, "reviews", method="last review and a year")]


def means(work: Study) -> list[Headline]:
    """Say which published means a month changed by more than chance explains.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
        One for each indicator and group in the latest pair of years.
    """
    if work.means.empty:
        return []
    rows = work.means[work.means["after_period"] == work.means["after_period"].max()]
    return [_mean(row) for row in rows.to_dict("records")]


def _mean(row: dict[object, object]) -> Headline:
    what = _INDICATORS.get(str(row["indicator"]), str(row["indicator"]).replace("_", " ").capitalize())
    group = f" by {row['group']}" if row["group"] else ""
    places = int(str(row["decimals"]))
    before, after, low, high, change, p, factor = (
        float(str(row[k])) for k in ("before", "after", "change_lower", "change_upper", "change_percent",
                                     "p_value", "tipping_factor")
    )  # fmt: skip
    moved = words.rose_fell(after - before)
    years = f"between {row['before_period']} and {row['after_period']}"
    text = f"{what}{group} {moved}"
    if after != before:
        text += f" from {words.number(before, places)} to {words.number(after, places)} a month"
        text += f" {years}, {words.percent(abs(change), 0)}"
        text += " more" if change > 0 else " less"
    else:
        text += f" from {words.number(before, places)} a month {years}"
    text += (
        f" (95% interval of the change {words.signed(low)}% to {words.signed(high)}%, rounding allowed for)"
    )
    if low > 0 or high < 0:
        times = words.number(factor)
        text += f"; chance would explain it only if counts were {times} times as scattered as Poisson's"
    else:
        text += f": chance can explain it ({words.chance(p)})"
    return Headline(
        f"workload.means.{row['indicator']}.{row['group'] or 'all'}",
        f"{text}.", change, "percent", low, high,
        "exact conditional interval on twelve times the printed mean, widest over its rounding",
    )  # fmt: skip


def concerns(work: Study) -> list[Headline]:
    """Say how completed enquiries stand against concerns.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    if work.concerns.empty:
        return []
    if shown.concerns(work).table.hidden:
        return [
            Headline(
                "workload.enquiries", "Safeguarding concerns and enquiries are too few to be compared here."
            )
        ]
    return [_enquiries(row) for row in work.concerns.to_dict("records")]


def _enquiries(row: dict[Hashable, Any]) -> Headline:
    group = f" ({row['group']})" if row["group"] else ""
    text = (
        f"Safeguarding concerns{group} {words.rose_fell(row['concerns_after'] - row['concerns_before'])} "
        f"from {words.number(row['concerns_before'])} to {words.number(row['concerns_after'])} "
        f"({row['before_period']} to {row['after_period']}), while completed enquiries went from "
        f"{words.number(row['enquiries_before'])} to {words.number(row['enquiries_after'])}: "
        f"{words.number(row['per_100_before'], 1)} to {words.number(row['per_100_after'], 1)} for each "
        "100 concerns"
    )
    clear = row["lower"] > 1 or row["upper"] < 1
    text += ", a change beyond chance" if clear else ", a change that chance can explain"
    between = words.interval(row["lower"], row["upper"], 2)
    text += f" (ratio {words.number(row['ratio'], 2)}, 95% interval {between})"
    return Headline(
        f"workload.enquiries.{row['group'] or 'all'}", f"{text}.", row["ratio"], "ratio",
        row["lower"], row["upper"], "exact conditional, concerns as exposure",
    )  # fmt: skip
