"""Surveys and audits in sentences."""

from __future__ import annotations

__all__ = ["audits", "impossible", "survey"]

import pandas as pd

from s75lib.kpi.surveys import common_bases
from s75lib.kpi.wording.phrases import share
from s75lib.present import Headline, words


def survey(found: pd.DataFrame, moved: pd.DataFrame) -> list[Headline]:
    """Word how precise a survey is, and which answers changed between its rounds.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.surveys.answers` gives it.
    moved : DataFrame
        As `s75lib.kpi.surveys.survey_changes` gives it.

    Returns
    -------
    list of Headline
    """
    made = []
    for (name, period), part in found[found["lower"].notna()].groupby(["survey", "period"], sort=False):
        if period != found.loc[found["survey"] == name, "period"].iloc[-1]:
            continue
        widest = part.assign(width=part["upper"] - part["lower"]).sort_values("width").iloc[-1]
        text = (
            f"With {words.number(widest['base'])} respondents the {name} of {period} is precise to about "
            f"{words.number((widest['upper'] - widest['lower']) / 2)} points either way at most: "
            f"“{widest['answer']}” ({widest['question']}) is "
            f"{words.percent(widest['percent'], int(widest['decimals']))}, "
            f"with a 95% interval of {words.interval(widest['lower'], widest['upper'], 0, '%')}."
        )
        made.append(
            Headline(
                f"kpi.survey.{_slug(str(name))}", text, float(widest["percent"]), "percent",
                float(widest["lower"]), float(widest["upper"]), str(widest["method"]),
            )
        )  # fmt: skip
    return [*made, *_survey_moves(moved)]


def _survey_moves(moved: pd.DataFrame) -> list[Headline]:
    if moved.empty:
        return []
    clear = moved[moved["p_holm"] < 0.05]
    rounds = f"{moved['period_before'].iloc[0]} and {moved['period'].iloc[0]}"
    if clear.empty:
        text = f"None of {len(moved)} survey answers changed by more than chance explains between {rounds}."
        return [Headline("kpi.survey_changes", text, 0.0, "answers", method="Holm's correction")]
    named = [
        f"“{row['answer']}” ({row['question']}) from {row['percent_before']:.0f}% to {row['percent']:.0f}%"
        for row in clear.to_dict("records")
    ]
    verb = "answer" if len(clear) == 1 else "answers"
    text = (
        f"{len(clear)} of {len(moved)} survey {verb} changed by more than chance explains between {rounds}: "
        f"{words.join(named)}."
    ).replace(f"of {len(moved)} survey answer ", f"of {len(moved)} survey answers ")
    first = clear.sort_values("p_value").iloc[0]
    return [
        Headline(
            "kpi.survey_changes", text, float(first["change"]), "percentage points", float(first["lower"]),
            float(first["upper"]), "pooled score test with Holm's correction; Newcombe's interval",
        )
    ]  # fmt: skip


def impossible(found: pd.DataFrame) -> list[Headline]:
    """Word the percentages that the stated base cannot give, and the bases that could.

    Parameters
    ----------
    found : DataFrame
        As `s75lib.kpi.surveys.answers` gives it.

    Returns
    -------
    list of Headline
        Empty where every percentage fits its base.
    """
    made = []
    odd = found[found["fits"].eq(False)]
    for (name, period), part in odd.groupby(["survey", "period"], sort=False):
        whole = found[(found["survey"] == name) & (found["period"] == period) & found["fits"].notna()]
        base = int(part["base"].max())
        listed = words.join(
            [words.percent(p, int(d)) for p, d in zip(part["percent"], part["decimals"], strict=True)]
        )
        text = (
            f"{len(part)} of {words.count_noun(len(whole), 'percentage')} of the {name} of {period} can't "
            f"come from "
            f"{base} respondents: {listed}."
        )
        if bases := common_bases(part):
            text += (
                f" A base of {words.join([str(n) for n in bases], 'or')} fits "
                f"{'it' if len(part) == 1 else 'them all'}: "
                "perhaps some left the question out. It is no proof of a mistake."
            )
        made.append(
            Headline(
                f"kpi.impossible.{_slug(str(name))}", text, float(len(part)), "percentages",
                method="GRIM test of unweighted percentages",
            )
        )  # fmt: skip
    return made


def audits(moved: pd.DataFrame) -> list[Headline]:
    """Word the audit's weakest criterion and the criteria that changed.

    Parameters
    ----------
    moved : DataFrame
        As `s75lib.kpi.audits.audit_changes` gives it.

    Returns
    -------
    list of Headline
    """
    moved = moved[~moved["hidden"].astype(bool)]
    if moved.empty:
        return []
    weakest = moved.sort_values("percent", kind="stable").iloc[0]
    text = (
        f"Weakest in the case-file audit of {weakest['round']}: {weakest['criterion']}, "
        f"{weakest['compliant']:.0f} of "
        f"{weakest['cases']:.0f} files ({share(weakest['percent'])}, 95% interval "
        f"{words.interval(weakest['lower'], weakest['upper'], 0, '%')})"
    )
    tested = moved[moved["p_value"].notna()]
    if len(tested):
        clear = tested[tested["p_holm"] < 0.05]
        if clear.empty:
            text += (
                f". None of {words.count_noun(len(tested), 'criterion', 'criteria')} changed by more "
                f"than chance explains"
            )
        else:
            named = [
                f"{row['criterion']} {words.rose_fell(row['change'])} from {share(row['percent_before'])} to "
                f"{share(row['percent'])}"
                for row in clear.to_dict("records")
            ]
            text += (
                f". Of {len(tested)} criteria, {len(clear)} changed by more than chance explains: "
                f"{words.join(named)}"
            )
    return [
        Headline(
            "kpi.audits", f"{text}.", float(weakest["percent"]), "percent", float(weakest["lower"]),
            float(weakest["upper"]), "Clopper-Pearson exact; score or Fisher's test with Holm's correction",
        )
    ]  # fmt: skip


def _slug(name: str) -> str:
    return "_".join(name.lower().split())
