"""What the verdicts say, in sentences."""

from __future__ import annotations

__all__ = ["headlines", "in_order", "summary"]

from collections import Counter

import numpy as np
import pandas as pd

from s75lib.claims.verdicts import CONTRADICTIONS, VERDICTS
from s75lib.present import Headline, words

_METHOD = "recomputed in exact fractions, each rounded input an interval"
_SAID = {
    "consistent": ("is consistent with the figures", "are consistent with the figures"),
    "consistent only through rounding": (
        "is consistent only through rounding",
        "are consistent only through rounding",
    ),
    "inconsistent": ("is inconsistent with them", "are inconsistent with them"),
    "stale": ("is stale, true of an earlier date", "are stale, true of an earlier date"),
    "basis mixed": ("mixes two bases", "mix two bases"),
    "wrong unit": ("has the wrong unit", "have the wrong unit"),
    "untestable": ("cannot be tested with the data at hand", "cannot be tested with the data at hand"),
}


def headlines(checked: pd.DataFrame, total: int | None = None) -> list[Headline]:
    """Count the verdicts, and name each contradiction.

    Parameters
    ----------
    checked : DataFrame
        From `check_claims`, or a part of it.
    total : int, optional
        Published statements in all, where `checked` is a part.

    Returns
    -------
    list of Headline
        First the counts (value: contradictions), then a sentence or more for each contradiction, most
        serious first: the recomputed figure with its interval.

    Examples
    --------
    >>> headlines(pd.DataFrame({"verdict": []}))[0].text
    'No published statement is on record for this report, so none was checked.'
    """
    contradictions = checked[checked["verdict"].isin(CONTRADICTIONS)]
    return [
        Headline(
            id="claims.verdicts",
            text=summary(checked, total),
            value=float(len(contradictions)),
            unit="claims",
            method=_METHOD,
        ),
        *(_contradiction(row) for row in in_order(contradictions).to_dict("records")),
    ]


def in_order(checked: pd.DataFrame) -> pd.DataFrame:
    """Put claims in the order of their verdicts, most serious first.

    Parameters
    ----------
    checked : DataFrame

    Returns
    -------
    DataFrame
        Claims of one verdict keep their order.
    """
    ranks = [VERDICTS.index(verdict) for verdict in checked["verdict"]]
    return checked.iloc[np.argsort(ranks, kind="stable")]


def summary(checked: pd.DataFrame, total: int | None = None) -> str:
    """Count the verdicts in a sentence.

    Parameters
    ----------
    checked : DataFrame
    total : int, optional
        As for `headlines`.

    Returns
    -------
    str

    Examples
    --------
    >>> summary(pd.DataFrame({"verdict": ["stale"]}), 3)
    'Of 1 published figure (of 3 in all), 1 is stale, true of an earlier date.'
    """
    if checked.empty:
        return "No published statement is on record for this report, so none was checked."
    counts = Counter(checked["verdict"])
    of_all = f" (of {words.number(total)} in all)" if total not in (None, len(checked)) else ""
    if set(counts) == {"untestable"}:
        if len(checked) == 1:
            return f"The one published figure{of_all} cannot be tested with the data at hand."
        figures = words.count_noun(len(checked), "published figure")
        return f"None of the {figures}{of_all} can be tested with the data at hand."
    order = ["consistent", "consistent only through rounding", *CONTRADICTIONS, "untestable"]
    parts = [
        f"{words.number(counts[verdict])} {_SAID[verdict][counts[verdict] != 1]}"
        for verdict in order
        if verdict in counts
    ]
    return f"Of {words.count_noun(len(checked), 'published figure')}{of_all}, {words.join(parts)}."


def _contradiction(row: dict[object, object]) -> Headline:
    numbers = {name: float(str(row[name])) for name in ("recomputed", "low", "high")}
    statement = str(row["statement"]).rstrip(".")
    verdict = str(row["verdict"])
    return Headline(
        id=f"claims.{row['claim_id']}",
        text=f"{verdict[:1].upper()}{verdict[1:]}: “{statement}”. {row['detail']}",
        value=numbers["recomputed"],
        unit=str(row["unit"]),
        lower=numbers["low"],
        upper=numbers["high"],
        method=_METHOD,
    )
