"""Tables of the comparison: the authority's place, what is not compared, where figures come from."""

from __future__ import annotations

__all__ = ["NOBODY", "basis", "left_out", "place", "sources"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Need, Table, words
from s75lib.scorecard.comparison.findings import Findings
from s75lib.scorecard.comparison.standing import WHY_UNTESTED, Standing
from s75lib.scorecard.comparison.wording import PLACES, amount, position_words, title

NOBODY = Missing(
    "No other authority here has the same indicator for the same period.",
    (
        Need(
            "kpi",
            ("indicator", "group", "period", "value", "unit", "numerator", "denominator"),
            "the place among authorities, once two of them hold the same indicator for a period",
        ),
    ),
)
_BASIS = {
    "proportions": "numerators and denominators",
    "caseload": "caseload: a year counts as one mean month",
    "rates": "counts and what they are counted over",
}
_ENDS = {
    "higher_is_better": "the highest",
    "lower_is_better": "the lowest",
    "neither": "the highest; neither end is better",
}


def place(found: Findings) -> Table | Missing:
    """Set out the authority's place in every indicator.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    Table or Missing
    """
    if not found.standings:
        return NOBODY
    own = found.own
    records = own.to_dict("records")
    frame = own[["difference", "difference_lower", "difference_upper", "p_value", "p_holm"]].assign(
        indicator=_named(found),
        value=[amount(row["value"], row["unit"]) for row in records],
        group=[amount(row["target"], row["unit"]) for row in records],
        place=[PLACES[row["place"]] for row in records],
        position=[position_words(row) for row in records],
    )
    columns = (
        Column("indicator", "Indicator"),
        Column("value", found.peers.name),
        Column("group", "All together"),
        Column("place", "Limits of chance"),
        Column("difference", "Difference", "change", 1),
        Column("difference_lower", "Lower", "change", 1),
        Column("difference_upper", "Upper", "change", 1),
        Column("p_value", "p", "p"),
        Column("p_holm", "p, Holm", "p"),
        Column("position", "Position (left open)"),
    )
    notes = [
        "Limits of chance: where a figure of this size lies 95 or 99.8 times in a hundred if all authorities "
        "are alike. Difference: from all others together, in percentage points or per "
        "100,000, so that no authority is compared with itself.",
        "Position: as the figures stand, and in brackets the positions that chance, or rounding where "
        "nothing is tested, leaves open. Authorities differ in whom they serve and how they record: a place "
        "is where to ask, not a judgement.",
    ]
    return Table(
        "place_among_others", f"{found.peers.name} among other authorities", frame, columns, tuple(notes)
    )


def basis(found: Findings) -> Table:
    """Set out what each comparison rests on, and how much the authorities vary.

    Parameters
    ----------
    found : Findings
        With at least one standing.

    Returns
    -------
    Table
    """
    records = found.own.to_dict("records")
    frame = pd.DataFrame(
        {
            "indicator": _named(found),
            "basis": [_BASIS.get(row["basis"]) or WHY_UNTESTED[row["basis"]] for row in records],
            "order": [_ENDS[row["polarity"]] for row in records],
            "variation": [_remark(one) for one in found.standings],
        }
    )
    columns = (
        Column("indicator", "Indicator"),
        Column("basis", "Basis"),
        Column("order", "Position 1"),
        Column("variation", "Variation among the authorities"),
    )
    return Table("basis_of_comparison", "What each comparison rests on", frame, columns)


def _named(found: Findings) -> list[str]:
    """Name each indicator with its group and period."""
    rows = found.own.to_dict("records")
    return [f"{title(row['label'], row['group'])}, {row['period']}" for row in rows]


def _remark(one: Standing) -> str:
    made = one.funnel
    if made is None:
        return "–"
    spread = made.overdispersion
    if made.dispersion != "none":
        size = words.number(spread.phi, 1)
        return (
            f"The authorities vary more than by chance ({words.chance(spread.p_value)}; variance {size} "
            "times chance's): the limits allow for that"
        )
    if not np.isnan(spread.p_value):
        return f"No more variation among authorities than by chance ({words.chance(spread.p_value)})"
    return str(made.note[:1].upper() + made.note[1:]).replace("units", "authorities")


def left_out(found: Findings) -> Table | None:
    """Set out what is not compared, and why.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    Table or None
        None where everything is.
    """
    rows = [(title(str(row.label), str(row.group)), str(row.reason)) for row in found.left.itertuples()]
    rows += [(peer.name, peer.reason) for peer in found.peers.left_out]
    hidden = [
        (f"{title(one.indicator.label, one.group)}, {name}", "hidden by that authority: too few people")
        for one in found.standings
        for name in one.frame.loc[one.frame["hidden"], "name"]
    ]
    rows += hidden
    if not rows:
        return None
    frame = pd.DataFrame(
        [(name, f"{why[:1].upper()}{why[1:]}") for name, why in rows], columns=["what", "why"]
    )
    columns = (Column("what", "Indicator or authority"), Column("why", "Why it is not compared"))
    return Table("not_compared", "What is not compared", frame, columns)


def sources(found: Findings) -> Table:
    """Set out the files that the figures of all authorities come from.

    Parameters
    ----------
    found : Findings

    Returns
    -------
    Table
    """
    frame = pd.DataFrame(
        [(file.name, file.path, file.rows, file.sha256[:16]) for file in found.peers.files],
        columns=["name", "path", "rows", "sha256"],
    )
    columns = (
        Column("name", "Authority"),
        Column("path", "File"),
        Column("rows", "Rows known by then", "number"),
        Column("sha256", "SHA-256, first 16 digits"),
    )
    return Table("compared_files", "Files that the compared figures come from", frame, columns)
