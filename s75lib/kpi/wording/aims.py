"""Targets and control charts in sentences: which are met, which surely, which series show special causes."""

from __future__ import annotations

__all__ = ["months", "special_causes", "targets"]

import pandas as pd

from s75lib.kpi.wording.phrases import title, value_words
from s75lib.present import Headline, words


def targets(found: pd.DataFrame) -> list[Headline]:
    """Word how many targets were met and name those that were not.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.targets.targets` gives it.

    Returns
    -------
    list of Headline
        Empty where no target has a known better way.
    """
    known = found[found["met"].notna()]
    if known.empty:
        return []
    met = known[known["met"].astype(bool)]
    missed = known[~known["met"].astype(bool)]
    text = _opening(len(met), len(known))
    if len(missed):
        far = missed.assign(share=(missed["distance"] / missed["target"]).abs())
        named = [_one(row) for row in far.sort_values("share", ascending=False).head(3).to_dict("records")]
        more = len(missed) - len(named)
        text += f"; missed: {words.join(named)}" + (f", and {more} more" if more else "")
    elif len(met) <= 3:
        text += f": {words.join([_one(row) for row in met.to_dict('records')])}"
    sure = known[known["against"].isin(["met", "missed"])]
    if len(known[known["against"] != "unknown"]):
        unsure = int((known["against"] == "either").sum())
        text += (
            f". In {len(sure)} of those with a base the interval lies wholly on one side of the target, in "
            f"{unsure} it does not"
        )
    return [Headline("kpi.targets", f"{text}.", float(len(met)), "targets met", method="as published")]


def _opening(met: int, known: int) -> str:
    if known == 1:
        return "The one target was met" if met else "The one target was not met"
    if not met:
        return f"None of {known} targets was met"
    if met == known:
        return "Both targets were met" if known == 2 else f"All {known} targets were met"
    return f"{met} of {known} targets {'was' if met == 1 else 'were'} met"


def _one(row: dict[object, object]) -> str:
    name = title(str(row["label"]), str(row["group"]))
    value, target, decimals = (float(str(row[key])) for key in ("value", "target", "decimals"))
    unit = str(row["unit"])
    return f"{name} {value_words(value, unit, decimals)} (target {value_words(target, unit)})"


def months(found: pd.DataFrame) -> list[Headline]:
    """Word the months on target, with the interval and whether they can go with the year's figure.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.targets.targets` gives it.

    Returns
    -------
    list of Headline
        One for each indicator that prints its months on target and whose year is a mean of months, or whose
        months can't go with its year.
    """
    made = []
    printed = found["months_share"].notna()
    telling = found["others_limit"].notna() | found["compatible"].eq(False)
    for row in found[printed & telling].to_dict("records"):
        name = title(row["label"], row["group"])
        reached, reported = int(row["months_on_target"]), int(row["months_reported"])
        text = (
            f"{name}: target of {value_words(row['target'], row['unit'])} reached in {reached} of {reported} "
            f"months ({row['months_share']:.0f}%, 95% interval "
            f"{words.interval(row['months_lower'], row['months_upper'], 0, '%')})"
        )
        if row["compatible"] is False:
            text += (
                f". That can't go with the year's {value_words(row['value'], row['unit'], row['decimals'])}"
            )
        elif row["compatible"] and row["met"] is False and 0 < reached < reported:
            text += (
                f". The year's {value_words(row['value'], row['unit'], row['decimals'])} is still "
                f"below target"
            )
            text = text.replace("below", "above") if row["polarity"] == "lower_is_better" else text
            if row["others_limit"] == row["others_limit"]:
                side = "at most" if row["polarity"] == "higher_is_better" else "at least"
                off = words.count_noun(reported - reached, "other month")
                verb = "was" if reported - reached == 1 else "averaged"
                text += (
                    f": both can be right if the {off} {verb} {side} "
                    f"{value_words(round(row['others_limit'], 2), row['unit'])}"
                )
        made.append(
            Headline(
                f"kpi.months.{row['indicator']}.{row['group'] or 'all'}",
                f"{text}.",
                row["months_share"],
                "percent of months",
                row["months_lower"],
                row["months_upper"],
                "Clopper-Pearson exact",
            )
        )
    return made


def special_causes(summary: pd.DataFrame) -> list[Headline]:
    """Word which monthly series show a special cause in their latest month, and which steps are proposed.

    Parameters
    ----------
    summary : DataFrame
        As `s75lib.kpi.control.control_summary` gives it.

    Returns
    -------
    list of Headline
        Empty without monthly series that are long enough.
    """
    judged = summary[summary["variation"] != "not_assessed"]
    if judged.empty:
        return []
    groups = {
        "for the worse": judged[judged["variation"] == "concerning"],
        "for the better": judged[judged["variation"] == "improving"],
        "neither way better": judged[judged["variation"].isin(["high", "low", "mixed"])],
    }
    special = sum(len(part) for part in groups.values())
    series = words.count_noun(len(judged), "monthly series", "monthly series")
    if not special:
        text = f"None of {series} shows a special cause in its latest month: all is routine variation"
    else:
        named = [
            f"{way}: {words.join([title(r['label'], r['group']) for r in part.to_dict('records')])}"
            for way, part in groups.items()
            if len(part)
        ]
        verb = "shows" if special == 1 else "show"
        text = f"{special} of {series} {verb} a special cause in the latest month ({'; '.join(named)})"
    steps = judged[judged["step_proposed"].astype(bool)]
    for row in steps.to_dict("records"):
        before, after = (
            value_words(round(row[f"step_{end}"], 1), row["unit"], 1) for end in ("before", "after")
        )
        name = title(row["label"], row["group"])
        text += (
            f". {name} steps from {before} to {after} in {row['step_from']}; rebasing there is "
            f"proposed, not done"
        )
    return [
        Headline(
            "kpi.special_causes",
            f"{text}.",
            float(special),
            "series",
            method="control charts with the Making Data Count rules; Pettitt's test for steps",
        )
    ]
