"""What moved, in sentences: how many indicators, which clearly, which without a base, which by no test."""

from __future__ import annotations

__all__ = ["bare", "ratio", "several", "tally", "top_changes"]

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from s75lib.kpi.wording.phrases import (
    base_words,
    change_words,
    title,
    value_words,
)
from s75lib.present import Headline, words

Row = Mapping[Any, Any]

# Clustering that multiplies the variance by more than this is rare among counts of events.
_ORDINARY = 5.0


def tally(changes: pd.DataFrame) -> list[Headline]:
    """Count what can and cannot be said of the indicators.

    Parameters
    ----------
    changes : DataFrame
        As `s75lib.kpi.changes.changes` gives it.

    Returns
    -------
    list of Headline
        Empty without indicators.
    """
    if changes.empty:
        return []
    counts = changes["verdict"].value_counts()
    compared = len(changes) - int(counts.get("one_period", 0))
    if not compared:
        text = (
            "One indicator is published, for one period only"
            if len(changes) == 1
            else f"{len(changes)} indicators are published, each for one period only"
        )
        text += ": no change can be worked out, so none can be tested."
        return [Headline("kpi.tally", text, float(len(changes)), "indicators", method="count")]
    changed = changes["verdict"] == "changed"
    firm = int((changed & (changes["p_holm"] < 0.05)).sum())
    parts = _parts(counts, firm, int(changed.sum()))
    text = f"Of {words.count_noun(compared, 'indicator')} with an earlier figure, {words.join(parts)}."
    return [
        Headline(
            "kpi.tally",
            text,
            float(firm),
            "indicators",
            method="two-sided tests at 5%, Holm's correction over all tests of the report",
        )
    ]


def _parts(counts: pd.Series, firm: int, changed: int) -> list[str]:
    """Word the tally, leaving out what is none."""
    said = [f"{firm or 'none'} moved by more than chance explains, even with all tests taken together"]
    if changed > firm:
        said.append(f"{changed - firm} moved by that measure when taken alone")
    for verdict, phrase in (
        ("unclear", "could have moved by chance"),
        ("steady", "stayed within a margin too small to matter"),
        ("no_base", "can't be tested, as no base is published"),
        ("untested", "can't be tested, as the events are not independent or not counted"),
        ("hidden", "can't be shown, as too few people are behind the figures"),
    ):
        if number := int(counts.get(verdict, 0)):
            said.append(f"{number} {phrase}")
    return said


def top_changes(changes: pd.DataFrame, most: int = 3) -> list[Headline]:
    """Word the changes that hold with all tests taken together, the worse ones first, then by size.

    Parameters
    ----------
    changes : DataFrame
        As `s75lib.kpi.changes.changes` gives it.
    most : int
        How many at most.

    Returns
    -------
    list of Headline
    """
    clear = changes[(changes["verdict"] == "changed") & (changes["p_holm"] < 0.05)]
    order = {"worse": 0, "": 1, "better": 2}
    ranked = clear.assign(rank=clear["direction"].map(order), size=-clear["relative"].abs().fillna(np.inf))
    ranked = ranked.sort_values(["rank", "size"], kind="stable")
    return [_moved(row) for row in ranked.head(most).to_dict("records")]


def _moved(row: Row) -> Headline:
    name = title(row["label"], row["group"])
    before, after = (
        value_words(row[f"value{end}"], row["unit"], row[f"decimals{end}"]) for end in ("_before", "")
    )
    text = (
        f"{name}: {words.rose_fell(row['change'])} from {before.removesuffix(' a month')} in "
        f"{row['period_before']} to {after} in {row['period']}, {change_words(row)}"
    )
    better = {"better": ", which is the better way", "worse": ", which is the worse way"}.get(
        row["direction"], ""
    )
    text += f"{better}. Chance is hardly the cause ({_chances(row)})"
    if row["tipping_factor"] <= _ORDINARY:
        text += (
            "; events that come in clusters and so vary "
            f"{words.number(row['tipping_factor'], 1)} times as much as chance could still make it"
        )
    return Headline(
        f"kpi.change.{row['indicator']}.{row['group'] or 'all'}",
        f"{text}.",
        row["change"],
        row["change_unit"] or "count",
        row["lower"] if not math.isnan(row["lower"]) else None,
        row["upper"] if not math.isnan(row["upper"]) else None,
        row["method"],
    )


def _chances(row: Row) -> str:
    """Give p alone and among all tests, once where both are tiny."""
    alone, together = words.chance(row["p_value"]), words.chance(row["p_holm"])
    if row["tests"] == 1:
        return alone
    among = f"among all {row['tests']} tests"
    return f"{alone}, also {among}" if alone == together else f"{alone}; {together} {among}"


def bare(changes: pd.DataFrame) -> list[Headline]:
    """Word the percentages without a base: which change would need the fewest people, and which the most.

    Parameters
    ----------
    changes : DataFrame
        As `s75lib.kpi.changes.changes` gives it.

    Returns
    -------
    list of Headline
        At most one.
    """
    rows = changes[(changes["verdict"] == "no_base") & (changes["change"] != 0)]
    rows = rows[rows["base_central"].notna()].sort_values("base_central")
    if rows.empty:
        return []
    least, most = rows.iloc[0].to_dict(), rows.iloc[-1].to_dict()
    noun = words.count_noun(len(rows), "percentage")
    lead = f"{noun} moved but were published without the number of people behind them. "
    text = (lead if len(rows) > 1 else "") + _needs(least)
    if len(rows) > 1:
        text += f" {_needs(_telling(rows, most))}"
    return [
        Headline(
            "kpi.bare",
            text,
            float(least["base_central"]),
            "people a period",
            least["base_least"],
            _known(least["base_most"]),
            "pooled score test over all bases and counts that print as these percentages",
        )
    ]


def _telling(rows: pd.DataFrame, most: dict[Any, Any]) -> dict[Any, Any]:
    """Prefer, beside the change that is easiest to show, the hardest one that has a target."""
    aimed = rows[rows["target"].notna() & (rows.index != rows.index[0])]
    return aimed.iloc[-1].to_dict() if len(aimed) else most


def _needs(row: Row) -> str:
    name = title(row["label"], row["group"])
    before, after = (
        value_words(row[f"value{end}"], "percent", row[f"decimals{end}"]) for end in ("_before", "")
    )
    said = base_words(row)
    return f"{name}, {before} to {after}: {change_words(row)}. {said[0].upper()}{said[1:]}."


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def ratio(found: pd.DataFrame) -> list[Headline]:
    """Word the enquiries completed for each 100 concerns raised, with the warning that belongs to it.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.ratios.enquiries_per_concern` gives it.

    Returns
    -------
    list of Headline
        One for each group that has an earlier period.
    """
    made = []
    for _, part in found.groupby("group", sort=False):
        row = part.iloc[-1].to_dict()
        if not isinstance(row["period_before"], str) or not row["period_before"]:
            continue
        before = part.iloc[-2].to_dict()
        name = f" in {row['group']}" if row["group"] else ""
        verb = words.rose_fell(row["per_100"] - row["per_100_before"])
        text = (
            f"Safeguarding enquiries completed for every 100 concerns raised{name} {verb} from "
            f"{words.number(row['per_100_before'], 1)} ({words.number(before['enquiries'])} to "
            f"{words.number(before['concerns'])}) in {row['period_before']} to "
            f"{words.number(row['per_100'], 1)} "
            f"({words.number(row['enquiries'])} to {words.number(row['concerns'])}) in {row['period']} "
            f"({words.chance(row['p_value'])}). This is no conversion rate: an enquiry may end in another "
            f"year, "
            "or with another team, than the concern."
        )
        made.append(
            Headline(
                f"kpi.enquiries_per_concern.{row['group'] or 'all'}",
                text,
                row["per_100"],
                "enquiries completed for 100 concerns raised",
                row["lower"],
                row["upper"],
                "Byar's interval; exact conditional test of two rates",
            )
        )
    return made


def several(changes: pd.DataFrame) -> str:
    """Say what many tests in one report mean.

    Parameters
    ----------
    changes : DataFrame
        As `s75lib.kpi.changes.changes` gives it.

    Returns
    -------
    str
        Empty without a test.
    """
    if changes.empty or not (tests := int(changes["tests"].iloc[0])):
        return ""
    alone = int((changes["p_value"] < 0.05).sum())
    strict = int((changes["p_holm"] < 0.05).sum())
    rate = int((changes["p_bh"] < 0.05).sum())
    made = "One test was made" if tests == 1 else f"{tests} tests were made"
    text = (
        f"{made}; where nothing had changed, chance alone would make {words.number(0.05 * tests, 1)} "
        f"significant. "
    )
    return text + (
        f"Taken alone, {alone} {'is' if alone == 1 else 'are'} significant at 5%; {strict} with the chance "
        f"of any "
        f"false finding held at 5% (Holm), {rate} with at most 5% of the findings expected to be false "
        "(Benjamini and Hochberg)."
    )
