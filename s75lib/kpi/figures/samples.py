"""Charts of survey answers and audit compliance with their intervals."""

from __future__ import annotations

__all__ = ["answers", "audits"]

import numpy as np
import pandas as pd

from s75lib.kpi.tables.samples import answers as answers_table
from s75lib.kpi.tables.samples import audits as audits_table
from s75lib.kpi.wording.phrases import share
from s75lib.present import Figure, Missing, charts, words

_ROW = 0.36


def answers(found: pd.DataFrame, *, place: str) -> Figure | Missing:
    """Draw the answers of the latest survey with their intervals; marked where the base can't give them.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.surveys.answers` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    if found.empty:
        return answers_table(found)  # type: ignore[return-value]
    latest = found[
        (found["survey"] == found["survey"].iloc[-1])
        & (found["period"] == found["period"].iloc[-1])
        & ~found["hidden"].astype(bool)
    ]
    if latest.empty:
        return Missing("The survey's answers are not drawn: too few people are behind them.")
    odd = latest["fits"].eq(False).to_numpy()
    labels = [f"{row['question']}: {row['answer']}" for row in latest.to_dict("records")]
    labels = [f"{_cut(label)}{' ✗' if wrong else ''}" for label, wrong in zip(labels, odd, strict=True)]
    sheet, axis = charts.drawing(8.0, 1.0 + _ROW * len(latest))
    charts.dots_with_intervals(
        axis, labels, list(latest["percent"]), list(latest["lower"]), list(latest["upper"]), reference=None
    )
    axis.set_xlim(0, 100)
    axis.set_xlabel("Per cent of respondents, with 95% interval", fontsize=9.5)
    finding = _survey_finding(latest, int(odd.sum()))
    data = answers_table(latest)
    assert not isinstance(data, Missing)
    alt = f"Dots with intervals, one for each answer, from 0 to 100 per cent. {finding}."
    subtitle = f"{latest['survey'].iloc[0]}, {place}, {latest['period'].iloc[0]}"
    if odd.any():
        subtitle += "; ✗ marks a percentage that the stated number of respondents can't give"
    return Figure("survey_answers", finding, subtitle, alt, sheet, data, f"{place}, survey")


def _cut(label: str, width: int = 52) -> str:
    return label if len(label) <= width else f"{label[: width - 1].rstrip()}…"


def _survey_finding(latest: pd.DataFrame, odd: int) -> str:
    known = latest[latest["lower"].notna()]
    if known.empty:
        return "The survey's percentages come without what an interval needs"
    width = float((known["upper"] - known["lower"]).max()) / 2
    base = int(known["base"].max())
    finding = (
        f"With {words.number(base)} respondents each figure is uncertain by up to "
        f"{words.number(width)} points"
    )
    if odd:
        finding += f", and {odd} of {len(latest)} can't come from that number"
    return finding


def audits(moved: pd.DataFrame, *, place: str) -> Figure | Missing:
    """Draw each criterion's compliance with its exact interval, and that of the round before.

    Parameters
    ----------
    moved : DataFrame
        As `s75lib.kpi.audits.audit_changes` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    Figure or Missing
    """
    data = audits_table(moved)
    if isinstance(data, Missing):
        return data
    known = moved[~moved["hidden"].astype(bool)]
    if known.empty:
        return Missing("The audit is not drawn: too few files are behind its figures.")
    ordered = known.sort_values("percent", ascending=False, kind="stable")
    sheet, axis = charts.drawing(8.0, 1.0 + _ROW * len(ordered))
    names, values = list(ordered["criterion"]), list(ordered["percent"])
    charts.dots_with_intervals(
        axis, names, values, list(ordered["lower"]), list(ordered["upper"]), reference=None
    )
    before = ordered["percent_before"].to_numpy(dtype=float)
    axis.plot(before, np.arange(len(ordered))[::-1] - 0.22, linestyle="", marker="D", markersize=5,
              markerfacecolor="white", color=charts.PURPLE)  # fmt: skip
    axis.set_xlim(0, 102)
    seen = "; diamond: round before" if np.isfinite(before).any() else ""
    axis.set_xlabel(f"Per cent of files, with 95% interval{seen}", fontsize=9.5)
    worst = ordered.iloc[-1]
    finding = f"{worst['criterion']} is met least, in {share(worst['percent'])} of {worst['cases']:.0f} files"
    clear = ordered[ordered["p_holm"] < 0.05]
    if len(clear):
        row = clear.iloc[0]
        verb = words.rose_fell(row["change"])
        finding += f"; {row['criterion']} clearly {verb}, "
        finding += f"from {share(row['percent_before'])} to {share(row['percent'])}"
    alt = f"Dots with intervals, one for each criterion, from 0 to 100 per cent. {finding}."
    subtitle = f"Case-file audit by criterion, {place}, {moved['round'].max()}"
    return Figure("audit_compliance", finding, subtitle, alt, sheet, data, f"{place}, case-file audit")
