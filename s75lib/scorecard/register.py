"""The risk register: scores recomputed and banded, movement since the last review, reviews overdue."""

from __future__ import annotations

__all__ = ["ids_shared", "movement", "register", "unread_words"]

import re
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from s75lib.scorecard.days import last_day
from s75lib.scorecard.scale import SCORES, band, band_of_word, consequence_of_word, likelihood_of_word

_MOVES = [
    "risk_id", "description", "reviews", "date", "day", "rated", "band", "basis", "consequence", "likelihood",
    "score", "level", "before_date", "before", "before_band", "before_score", "change", "move", "first_date",
    "first", "months_since", "is_due",
]  # fmt: skip
_READERS = {
    "consequence_label": consequence_of_word,
    "likelihood_label": likelihood_of_word,
    "level": band_of_word,
}


def register(risks: pd.DataFrame) -> pd.DataFrame:
    """Recompute the score of every risk at every review, and band it.

    Parameters
    ----------
    risks : DataFrame
        The contract's `risks`.

    Returns
    -------
    DataFrame
        The contract's columns with ``day`` (last day that the date stands for), ``product`` (consequence
        times likelihood; NaN where one is missing), ``rated`` (the product; else the score as recorded, if
        two numbers from 1 to 5 can make it; else NaN), ``band`` (of ``rated``; empty where unrated) and
        ``basis`` (recomputed, recorded or unscored). By day; the register's own order within a day.

    References
    ----------
    National Patient Safety Agency (2008) A risk matrix for risk managers.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> register(load("cambridgeshire").risks)[["date", "score", "rated", "band"]].values.tolist()
    [['2019-09-26', 16.0, 16.0, 'Extreme'], ['2019-11', 6.0, 8.0, 'High']]
    """
    product = risks["consequence"] * risks["likelihood"]
    recorded = risks["score"].where(risks["score"].isin(SCORES))
    rated = product.fillna(recorded)
    made = risks.assign(
        day=pd.to_datetime([last_day(text) for text in risks["date"]]).astype("datetime64[s]"),
        product=product,
        rated=rated,
        band=["" if np.isnan(score) else band(score) for score in rated],
        basis=np.select([product.notna(), recorded.notna()], ["recomputed", "recorded"], "unscored"),
    )
    return made.sort_values("day", kind="stable", ignore_index=True)


def movement(register: pd.DataFrame, as_at: pd.Timestamp, *, review_months: int = 6) -> pd.DataFrame:
    """Set each risk's latest review against the one before and the first.

    Parameters
    ----------
    register : DataFrame
        As `register` gives it.
    as_at : Timestamp
        Day against which reviews are due.
    review_months : int
        Months after which a risk should be reviewed again, >= 1.

    Returns
    -------
    DataFrame
        One row for each risk, those of the highest score first: ``reviews`` (how many), the latest ``date``,
        ``day``, ``rated``, ``band``, ``basis``, ``consequence``, ``likelihood``, ``score`` and ``level``;
        ``before_date``, ``before``, ``before_band``, ``before_score`` (of the review before), ``change``;
        ``move``; ``first_date`` and ``first`` (of the first review); ``months_since`` (whole months from the
        latest review to `as_at`) and ``is_due`` (whether more than `review_months` passed).
        ``move`` is raised, lowered or unchanged where both scores are known; new (its one review is the
        register's latest, and the register has earlier ones); once (nothing to compare with); unscored; or
        absent (not in the register's latest review: closed, or not reviewed).

    Notes
    -----
    Of two reviews that end on the same day, such as 2019-11 and 2019-11-30, the later row counts as later.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = movement(register(load("cambridgeshire").risks), pd.Timestamp("2020-03-12"))
    >>> found[["before", "rated", "move", "months_since", "is_due"]].values.tolist()
    [[16.0, 8.0, 'lowered', 3, False]]
    """
    made = [_moved(part, register["day"], as_at, review_months) for _, part in register.groupby("risk_id")]
    frame = pd.DataFrame(made, columns=_MOVES)
    return frame.sort_values(["rated", "risk_id"], ascending=[False, True], ignore_index=True)


def ids_shared(register: pd.DataFrame) -> pd.DataFrame:
    """Find rows that stand for several numbers of a register, and risks under several ids.

    Parameters
    ----------
    register : DataFrame
        As `register` gives it.

    Returns
    -------
    DataFrame
        ``risk_id`` (several joined by commas), ``kind`` (one row or one text) and ``detail``.

    Notes
    -----
    Partners often number the same risk twice, once each. Printed in one row, their scores can't be told
    apart; printed twice, they count twice.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> ids_shared(register(load("peterborough").risks))["kind"].tolist()
    ['one row']
    """
    made: list[dict[str, str]] = []
    for name in register["risk_id"].unique():
        numbers = [part for part in re.split(r"[/,;&+]|\band\b", str(name)) if part.strip()]
        if len(numbers) > 1:
            said = f"One row for {len(numbers)} numbers: what each of them scores can't be told."
            made.append({"risk_id": str(name), "kind": "one row", "detail": said})
    latest = register[register["day"] == register["day"].max()]
    for text, part in latest.groupby(latest["description"].str.casefold().str.strip(), sort=False):
        ids = part["risk_id"].unique()
        if text and len(ids) > 1:
            said = "The same words under each of these ids at the latest review: one risk may count twice."
            made.append({"risk_id": ", ".join(ids), "kind": "one text", "detail": said})
    return pd.DataFrame(made, columns=["risk_id", "kind", "detail"])


def unread_words(register: pd.DataFrame) -> tuple[str, ...]:
    """List words for consequence, likelihood and level that are none of the scale's.

    Parameters
    ----------
    register : DataFrame
        As `register` gives it.

    Returns
    -------
    tuple of str
        Each once, in the order of the register; they are not held against the numbers.
    """
    found = [
        str(word)
        for column, read in _READERS.items()
        for word in register[column].unique()
        if word and read(str(word)) is None
    ]
    return tuple(dict.fromkeys(found))


def _moved(part: pd.DataFrame, days: pd.Series, as_at: pd.Timestamp, review_months: int) -> dict[str, Any]:
    """Compare the last row of one risk with the row before and the first."""
    rows = part.to_dict("records")
    latest, first = rows[-1], rows[0]
    before = rows[-2] if len(rows) > 1 else None
    kept = {name: latest[name] for name in _MOVES if name in latest}
    return {
        **kept,
        "reviews": len(rows),
        "before_date": before["date"] if before else "",
        "before": before["rated"] if before else np.nan,
        "before_band": before["band"] if before else "",
        "before_score": before["score"] if before else np.nan,
        "change": latest["rated"] - before["rated"] if before else np.nan,
        "move": _move(latest, before, days),
        "first_date": first["date"],
        "first": first["rated"],
        "months_since": _months_between(latest["day"], as_at),
        "is_due": latest["day"] + pd.DateOffset(months=review_months) < as_at,
    }


def _move(latest: dict[Hashable, Any], before: dict[Hashable, Any] | None, days: pd.Series) -> str:
    if latest["day"] < days.max():
        return "absent"
    if latest["basis"] == "unscored":
        return "unscored"
    if before is None:
        return "new" if days.min() < latest["day"] else "once"
    if before["basis"] == "unscored":
        return "once"
    change = latest["rated"] - before["rated"]
    return "raised" if change > 0 else "lowered" if change < 0 else "unchanged"


def _months_between(earlier: pd.Timestamp, later: pd.Timestamp) -> int:
    """Whole months from one day to another; none where the other is not later."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if earlier + pd.DateOffset(months=months) > later:
        months -= 1
    return max(months, 0)
