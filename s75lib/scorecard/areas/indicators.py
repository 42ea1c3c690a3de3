"""The indicators' area: how many moved beyond chance, how many targets are met, and which ones stand out."""

from __future__ import annotations

__all__ = ["indicators"]

from typing import Any

import pandas as pd

from s75lib import kpi as wing
from s75lib.kpi.phrases import (
    change_words,
    figure_words,
    interval_words,
    title,
    value_words,
)
from s75lib.present import words
from s75lib.scorecard.areas.measure import Measure, Status, when

_AREA = "Indicators"
_MOST = 5
_DIRECTION = {
    "better": "Better, beyond chance",
    "worse": "Worse, beyond chance",
    "": "Changed, beyond chance",
}
_VERDICTS = {
    "changed": "Beyond chance only when tested alone",
    "unclear": "Change could be chance",
    "steady": "Steady",
    "no_base": "No base published to test a change",
    "untested": "Change not tested",
    "hidden": "Too few people to show",
    "one_period": "One period only",
}


def indicators(found: wing.Study) -> tuple[Measure, ...]:
    """Set out what the indicators say.

    Parameters
    ----------
    found : Study
        As `s75lib.kpi.study` gives it.

    Returns
    -------
    tuple of Measure
        How many moved and how many targets are met; then, five at most, the indicators that moved beyond
        chance with all tests taken together (worse ones first) and those that surely miss their target; last
        the safeguarding enquiries for each concern. Empty without indicators.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = indicators(wing.study(load("islington", "2018/19")))
    >>> [(one.name, one.verdict) for one in rows][:2]
    [('moved by more than chance', '1 worse and 4 with no better way'), ('targets met', '3 missed')]
    """
    if found.matrix.empty:
        return ()
    rows = found.matrix
    clear = rows[(rows["verdict"] == "changed") & (rows["p_holm"] < 0.05)]
    order = clear["direction"].map({"worse": 0, "": 1, "better": 2})
    clear = clear.assign(order=order).sort_values("order", kind="stable").drop(columns="order")
    missed = rows[(rows["against"] == "missed") & ~rows.index.isin(clear.index)]
    if clear.empty and missed.empty:
        missed = rows[rows["met"].eq(False)]
    shown = pd.concat([clear, missed]).head(_MOST)
    return (
        _moved(rows, clear),
        *_targets(found.targets),
        *(_one(row) for row in shown.to_dict("records")),
        *(_ratio(row) for row in _latest(found.enquiries_per_concern).to_dict("records")),
    )


def _moved(rows: pd.DataFrame, clear: pd.DataFrame) -> Measure:
    tested = int(rows["p_value"].notna().sum())
    ways = {"worse": "worse", "better": "better", "": "with no better way"}
    counts = {way: int((clear["direction"] == way).sum()) for way in ways}
    said = [f"{count} {ways[way]}" for way, count in counts.items() if count]
    verdict = words.join(said).capitalize() or "None moved beyond chance"
    status: Status = "bad" if counts["worse"] else "level" if clear.empty else "watch"
    if len(clear) and counts["better"] == len(clear):
        status = "good"
    if not tested:
        status, verdict = "unknown", "None can be tested: no base published, or one period only"
    return Measure(
        _AREA,
        "moved by more than chance",
        f"{len(clear)} of {tested} tested" if tested else "none tested",
        f"{words.count_noun(len(rows), 'indicator')} held",
        "",
        "",
        status,
        verdict,
        when(str(rows["period"].max())),
        float(len(clear)),
        "indicators",
    )


def _targets(aimed: pd.DataFrame) -> list[Measure]:
    known = aimed[aimed["met"].notna()]
    if known.empty:
        return []
    met = int(known["met"].astype(bool).sum())
    sure = {side: int((known["against"] == side).sum()) for side in ("met", "missed")}
    based = int((known["against"] != "unknown").sum())
    interval = f"{sure['met']} surely met, {sure['missed']} surely missed" if based else "no base published"
    return [
        Measure(
            _AREA,
            "targets met",
            f"{met} of {len(known)}",
            f"{words.count_noun(len(known), 'target')}",
            "",
            interval,
            "good" if met == len(known) else "bad",
            "All met" if met == len(known) else f"{len(known) - met} missed",
            when(str(known["period"].max())),
            float(met),
            "targets met",
        )
    ]


def _one(row: dict[Any, Any]) -> Measure:
    target = [] if pd.isna(row["target"]) else [f"target {value_words(row['target'], row['unit'])}"]
    before = row["period_before"]
    earlier = [f"{when(before)}: {figure_words(row, '_before')}"] if before else []
    moved = row["verdict"] == "changed" and row["p_holm"] < 0.05
    said = [_DIRECTION[row["direction"]] if moved else _VERDICTS[row["verdict"]]]
    if row["met"] is False:
        said.append(f"target {'surely ' if row['against'] == 'missed' else ''}missed")
    elif row["met"] is True and moved:
        said.append("target met")
    bad = row["met"] is False or (moved and row["direction"] == "worse")
    return Measure(
        _AREA,
        title(row["label"], row["group"]),
        figure_words(row),
        "; ".join([*target, *earlier]),
        change_words(row, relative=False).replace("percentage point", "point"),
        interval_words(row),
        "bad" if bad else "good" if moved and row["direction"] == "better" else "watch",
        "; ".join(said),
        when(row["period"]),
        None if pd.isna(row["change"]) else float(row["change"]),
        row["change_unit"],
    )


def _latest(ratios: pd.DataFrame) -> pd.DataFrame:
    """Take the latest period of each group that has one before it."""
    rows = ratios[ratios["ratio"].notna()]
    return rows.groupby("group", sort=False).tail(1)


def _ratio(row: dict[Any, Any]) -> Measure:
    """Enquiries for each concern are a rate of two counts, so fewer is not simply worse."""
    low, high = (100 * (row[f"ratio_{end}"] - 1) for end in ("lower", "upper"))
    clear = low > 0 or high < 0
    return Measure(
        _AREA,
        title("enquiries completed for each 100 concerns", row["group"]),
        words.number(row["per_100"], 1),
        f"{row['period_before']}: {words.number(row['per_100_before'], 1)}",
        f"{words.signed(100 * (row['ratio'] - 1))}%",
        f"{words.signed(low)}% to {words.signed(high)}%",
        "watch" if clear else "level",
        "Clearly changed" if clear else "No clear change",
        row["period"],
        float(row["per_100"]),
        "per 100",
    )
