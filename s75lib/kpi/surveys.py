"""Surveys: answers with intervals, percentages that their base cannot give, and changes between rounds."""

from __future__ import annotations

__all__ = ["answers", "common_bases", "survey_changes"]

import math
from collections import defaultdict
from typing import Any

import pandas as pd

from s75lib.loaders.period import Period
from s75lib.stats.comparison import benjamini_hochberg, compare_proportions, holm
from s75lib.stats.intervals import Interval, wilson, wilson_finite
from s75lib.stats.rounding import (
    grim_consistent,
    grim_denominators,
    nearest_possible,
    share_interval_from_percent,
)

NAN = math.nan
_KEYS = ["survey", "period", "question", "answer"]
_ANSWERS = [
    *_KEYS, "percent", "decimals", "count", "base", "population", "weighted", "lower", "upper", "method",
    "hidden", "fits",
    "nearest_below", "nearest_above", "bases", "note",
]  # fmt: skip
_CHANGES = [
    "survey", "question", "answer", "period_before", "period", "percent_before", "percent", "base_before",
    "base",
    "change", "lower", "upper", "p_value", "p_holm", "p_bh", "tests",
]  # fmt: skip


def answers(survey: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Give each answer's percentage its interval, and test whether its base can give it.

    Parameters
    ----------
    survey : DataFrame
        The contract's `survey`.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        The answers' keys, ``percent``, ``decimals`` (most decimals printed in that survey and period),
        ``count``, ``base``, ``population``, ``weighted``; ``lower`` and ``upper`` in percent, ``method``;
        ``fits`` (whether some whole number of the base prints as the percentage; None where not tested),
        ``nearest_below`` and ``nearest_above`` (what the base can give instead), ``bases`` (smaller bases
        that fit, largest first, as text), ``note``.

    Notes
    -----
    Wilson's interval, with the correction for a finite population where one is given; from the count, or
    from all counts that print as the percentage. A weighted percentage gets no interval, for its design
    effect is not published, and no test of its base, for it can take any value. The interval is of chance in
    who answered; those who did not answer may differ, and no interval covers that.

    References
    ----------
    Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.
    Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychological and Personality Science 8, 363-369.

    Examples
    --------
    Of 45 people, 38 are 84% and 39 are 87%: none are 86%.

    >>> from s75lib.loaders import load
    >>> row = answers(load("barking-and-dagenham").survey).set_index("answer").loc["Some control"]
    >>> int(row["percent"]), int(row["base"]), bool(row["fits"]), row["bases"]
    (86, 45, False, '44, 43, 42, 37, 36, 35')
    """
    decimals = survey["percent"].map(_decimals).astype("float64")
    most = decimals.groupby([survey["survey"], survey["period"]]).transform("max")
    rows = survey.assign(decimals=most, hidden=_hidden(survey)).to_dict("records")
    made = [_answer(row, confidence) for row in rows if row["hidden"] or not math.isnan(row["percent"])]
    return pd.DataFrame(made, columns=_ANSWERS)


def common_bases(found: pd.DataFrame, reach: int = 10) -> list[int]:
    """Bases just below the stated one that every percentage which it cannot give would fit.

    Parameters
    ----------
    found : DataFrame
        As `answers` gives it.
    reach : int
        How far below the stated base to look.

    Returns
    -------
    list of int
        Largest first; empty where every percentage fits, or no base fits all that do not.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> common_bases(answers(load("barking-and-dagenham").survey))
    [43, 42, 35]
    """
    odd = found[found["fits"].eq(False)]
    if odd.empty:
        return []
    base = int(odd["base"].max())
    fitting = [
        set(grim_denominators(_printed(percent), int(places), base))
        for percent, places in zip(odd["percent"], odd["decimals"], strict=True)
    ]
    return sorted((n for n in set.intersection(*fitting) if n >= base - reach), reverse=True)


def survey_changes(survey: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Compare each answer of a survey's latest round with the round before.

    Parameters
    ----------
    survey : DataFrame
        The contract's `survey`.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        ``change`` in percentage points with Newcombe's interval, ``p_value``, and p adjusted for all answers
        compared (``tests``).

    Notes
    -----
    Unweighted answers with count and base in both rounds alone, and none that is hidden in one of them. It
    takes the rounds as separate samples and makes no use of a finite population, so p errs on the large side.
    Answers to one question move together.

    Examples
    --------
    >>> asked = {"survey": "Users", "question": "Safe", "answer": "Yes", "base": 50, "weighted": False}
    >>> rows = pd.DataFrame([asked | {"period": "2023/24", "percent": 20.0, "count": 10},
    ...                      asked | {"period": "2024/25", "percent": 60.0, "count": 30}])
    >>> found = survey_changes(rows).iloc[0]
    >>> [round(float(found[name])) for name in ("change", "lower", "upper")]
    [40, 21, 55]
    """
    counted = survey["count"].notna() & (survey["base"] > 0) & ~survey["weighted"].fillna(False)
    rows = survey.assign(hidden=_hidden(survey))[counted | _hidden(survey)]
    rounds: dict[tuple[str, str, str], list[dict[Any, Any]]] = defaultdict(list)
    for row in rows.to_dict("records"):
        rounds[row["survey"], row["question"], row["answer"]].append(row)
    made = []
    for asked in rounds.values():
        ordered = sorted(asked, key=lambda row: Period.parse(row["period"]))
        if len(ordered) > 1 and not any(row["hidden"] for row in ordered[-2:]):
            made.append(_change(ordered[-2], ordered[-1], confidence))
    frame = pd.DataFrame(made, columns=_CHANGES)
    p_values = frame["p_value"].astype("float64")
    return frame.assign(
        p_holm=holm(p_values.to_numpy()), p_bh=benjamini_hochberg(p_values.to_numpy()), tests=len(frame)
    )


def _change(before: dict[Any, Any], row: dict[Any, Any], confidence: float) -> dict[str, Any]:
    found = compare_proportions(
        int(before["count"]), int(before["base"]), int(row["count"]), int(row["base"]), confidence=confidence
    )
    return {
        **{name: row[name] for name in ("survey", "question", "answer", "period", "percent", "base")},
        "period_before": before["period"],
        "percent_before": before["percent"],
        "base_before": before["base"],
        "change": found.difference,
        "lower": found.difference_lower,
        "upper": found.difference_upper,
        "p_value": found.p_value,
    }


def _answer(row: dict[Any, Any], confidence: float) -> dict[str, Any]:
    kept = {name: row[name] for name in _ANSWERS if name in row}
    blank = {
        "lower": NAN,
        "upper": NAN,
        "method": "",
        "fits": None,
        "nearest_below": NAN,
        "nearest_above": NAN,
    }
    if row["hidden"]:
        return {**kept, **blank, "bases": "", "note": "Not shown: too few people."}
    if row["weighted"] is True:
        return {**kept, **blank, "bases": "", "note": "Weighted: no interval without its design effect."}
    if not row["base"] > 0:
        return {**kept, **blank, "bases": "", "note": "No base published: no interval."}
    printed, places, base = _printed(row["percent"]), int(row["decimals"]), int(row["base"])
    found = _interval(row, confidence).scaled(100)
    fits = grim_consistent(printed, places, base)
    near = nearest_possible(printed, base)
    others = [] if fits else [n for n in grim_denominators(printed, places, base) if n >= base - 10]
    return {
        **kept,
        "lower": found.lower,
        "upper": found.upper,
        "method": found.method,
        "fits": fits,
        "nearest_below": near.percent_below,
        "nearest_above": near.percent_above,
        "bases": ", ".join(str(n) for n in sorted(others, reverse=True)),
        "note": "",
    }


def _interval(row: dict[Any, Any], confidence: float) -> Interval:
    base, population = int(row["base"]), row["population"]
    people = None if math.isnan(population) or population < base else int(population)
    if math.isnan(row["count"]):
        return share_interval_from_percent(
            _printed(row["percent"]), int(row["decimals"]), base, population=people, confidence=confidence
        )
    if people is None:
        return wilson(int(row["count"]), base, confidence)
    return wilson_finite(int(row["count"]), base, people, confidence)


def _hidden(survey: pd.DataFrame) -> pd.Series:
    """Whether each answer is hidden; none in a survey as the contract has it."""
    return survey["hidden"] if "hidden" in survey else pd.Series(False, index=survey.index)


def _printed(percent: float) -> float:
    return round(float(percent), 6)


def _decimals(percent: float) -> int:
    """Decimals that a percentage shows; a trailing zero can't be seen."""
    if math.isnan(percent):
        return 0
    text = f"{percent:.6f}".rstrip("0")
    return len(text.split(".")[1])
