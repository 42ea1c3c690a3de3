"""The authority's place among others in sentences."""

from __future__ import annotations

__all__ = ["PLACES", "amount", "headlines", "outside", "position_words", "title"]

import math
from collections.abc import Mapping
from typing import Any

from s75lib.kpi.phrases import title, value_words
from s75lib.present import Headline, words
from s75lib.scorecard.comparison.findings import Findings
from s75lib.scorecard.comparison.standing import WHY_UNTESTED, Standing

Row = Mapping[Any, Any]

PLACES: Mapping[str, str] = {
    "inside": "within the limits",
    "above_95": "above the 95% limits",
    "below_95": "below the 95% limits",
    "above_998": "above the 99.8% limits",
    "below_998": "below the 99.8% limits",
    "": "not tested",
}
_MOST = 4
_DIFFERENCES = {"percent": "percentage points", "per_100k": "per 100,000"}


def headlines(found: Findings, *, most: int = _MOST) -> list[Headline]:
    """Word how many indicators lie outside what chance allows, each of these, and the untested ones.

    Parameters
    ----------
    found : Findings
    most : int
        Indicators outside the limits that get a sentence of their own.

    Returns
    -------
    list of Headline
        None where nothing can be compared.
    """
    if not found.standings:
        return []
    rows = found.own.to_dict("records")
    far = [pair for pair in zip(found.standings, rows, strict=True) if outside(pair[1]["place"])]
    far.sort(key=lambda pair: float(pair[1]["p_value"]))
    return [_summary(found), *(_far(*pair) for pair in far[:most]), *_bare(found)]


def outside(place: str) -> bool:
    """Whether a place is outside the 95% limits."""
    return place not in ("", "inside")


def amount(value: float, unit: str) -> str:
    """Write a figure of the comparison: one decimal, two for what is small.

    Examples
    --------
    >>> amount(69.31, "percent"), amount(0.123, "per_100k")
    ('69.3%', '0.12 per 100,000')
    """
    return value_words(value, unit, 1 if abs(value) >= 1 else 2)


def position_words(row: Row) -> str:
    """Write a position with what is left open.

    Examples
    --------
    >>> position_words({"position": 2.0, "first": 1.0, "last": 4.0, "of": 6.0})
    '2 of 6 (1 to 4)'
    >>> position_words({"position": 2.0, "first": 2.0, "last": 2.0, "of": 6.0})
    '2 of 6'
    """
    if math.isnan(row["position"]):
        return "–"
    said = f"{int(row['position'])} of {int(row['of'])}"
    first, last = int(row["first"]), int(row["last"])
    return said if first == last else f"{said} ({first} to {last})"


def _summary(found: Findings) -> Headline:
    """How many indicators were compared, tested and found outside."""
    own = found.own
    tested = own[own["place"] != ""]
    far = tested[tested["place"].map(outside)]
    compared = words.count_noun(len(own), "indicator")
    others = words.count_noun(found.others, "other authority", "other authorities")
    text = f"{compared} can be set beside the same of {others}"
    if tested.empty:
        text += "; none can be tested, since the numbers of people behind them are not published"
    else:
        every = "it" if len(own) == 1 else "all" if len(tested) == len(own) else f"{len(tested)} of them"
        inside = len(tested) - len(far)
        text += f" and {every} tested: {found.peers.name} is within the limits of chance in {inside}"
        text += f" and outside the 95% limits in {len(far)}, where chance alone would put "
        text += f"{words.number(0.05 * len(tested), 1)}"
    return Headline(
        "comparison.summary",
        f"{text}.",
        float(len(far)),
        "indicators outside the 95% limits",
        method="funnel limits about the mean of the group" if len(tested) else None,
        see=("place_among_others",),
    )


def _far(one: Standing, row: Row) -> Headline:
    """One indicator outside the limits."""
    better = _better(row)
    unit = _DIFFERENCES[one.unit]
    interval = words.interval(row["difference_lower"], row["difference_upper"])
    among = f"; {words.chance(row['p_holm'])} among all {row['tests']} tests" if row["tests"] > 1 else ""
    text = (
        f"{title(row['label'], row['group'])}, {row['period']}: {amount(row['value'], one.unit)} is "
        f"{PLACES[row['place']]} of chance about the {amount(row['target'], one.unit)} of all "
        f"{int(row['of'])} authorities{better}. Against the others together the difference is "
        f"{words.signed(row['difference'], 1)} {unit} (95% interval {interval}; "
        f"{words.chance(row['p_value'])}{among}). Position {position_words(row)}"
    )
    assert one.funnel is not None, "what lies outside limits has been tested"
    return Headline(
        f"comparison.{row['indicator']}.{row['group'] or 'all'}",
        f"{text}{_left_open(row)}.",
        row["difference"],
        unit,
        row["difference_lower"],
        row["difference_upper"],
        f"{one.funnel.method}; each authority against all others by an exact test; positions by exact tests "
        "of all pairs, Holm",
        see=("place_among_others",),
    )


def _left_open(row: Row) -> str:
    if row["first"] == row["last"]:
        return ", whatever chance has done"
    return ": the data leave open the positions in brackets"


def _better(row: Row) -> str:
    """Say whether the side on which a figure lies is the better one."""
    if row["polarity"] == "neither":
        return ""
    high = str(row["place"]).startswith("above")
    return f", the {'better' if high == (row['polarity'] == 'higher_is_better') else 'worse'} side"


def _bare(found: Findings) -> list[Headline]:
    """Word the indicators that have a position and no test."""
    rows = [row for row in found.own.to_dict("records") if row["place"] == ""]
    if not rows:
        return []
    named = [
        f"{title(row['label'], row['group'])}, {row['period']}: {amount(row['value'], row['unit'])}, "
        f"position {position_words(row)}"
        for row in rows[:_MOST]
    ]
    more = f"; and {len(rows) - _MOST} more" if len(rows) > _MOST else ""
    reasons = list(dict.fromkeys(WHY_UNTESTED[row["basis"]] for row in rows))
    text = f"As printed, without a test. {'; '.join(named)}{more}. {' and '.join(reasons)}"
    first = rows[0]
    return [
        Headline(
            "comparison.untested",
            f"{_capital(text)}: no difference from other authorities can be told from chance.",
            first["position"],
            "position",
            first["first"],
            first["last"],
            "order of the printed figures, with what their rounding leaves open",
            see=("place_among_others",),
        )
    ]


def _capital(text: str) -> str:
    """Begin each sentence with a capital letter."""
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". "))
