"""Survey: answers with intervals, percentages that their base cannot give, and changes between rounds."""

from __future__ import annotations

__all__ = ["answers", "checks", "headlines", "section", "survey_changes"]

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.kpi import disclosure
from s75lib.kpi.comparison import change_of_shares, hidden_rows, with_adjusted_p
from s75lib.kpi.phrases import lacking, written
from s75lib.loaders.agreement import contradicted
from s75lib.loaders.period import Period
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.intervals import Interval, wilson, wilson_finite
from s75lib.stats.rounding import (
    grim_consistent,
    grim_denominators,
    nearest_possible,
    share_interval_from_percent,
)

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

NAN = math.nan
# How far below the stated number of respondents another is looked for.
_REACH = 10
Row = Mapping[Any, Any]
_ANSWERS = [
    "survey",
    "period",
    "question",
    "answer",
    "percent",
    "decimals",
    "count",
    "base",
    "population",
    "weighted",
    "lower",
    "upper",
    "method",
    "hidden",
    "fits",
    "nearest_below",
    "nearest_above",
    "bases",
    "note",
]
_CHANGES = [
    "survey",
    "question",
    "answer",
    "period_before",
    "period",
    "percent_before",
    "percent",
    "base_before",
    "base",
    "change",
    "lower",
    "upper",
    "p_value",
    "p_holm",
    "p_bh",
    "tests",
]


def answers(survey: pd.DataFrame) -> pd.DataFrame:
    """Give each answer's percentage its interval, and test whether its base can give it.

    Wilson's interval, with the correction for a finite population where one is given; from the count, or
    from all counts that print as the percentage. A weighted percentage gets no interval, for its design
    effect is not published, and no test of its base, for it can take any value.

    Returns
    -------
    DataFrame
        The answers with ``decimals`` (most that are printed in that survey and period); ``lower`` and
        ``upper`` in percent, ``method``; ``fits`` (whether some whole number of the base prints as the
        percentage; None where not tested), ``nearest_below`` and ``nearest_above`` (what the base can give
        instead), ``bases`` (smaller bases that fit, largest first, as text), ``note``.

    Examples
    --------
    Of 45 people, 38 are 84% and 39 are 87%: none are 86%.

    >>> row = answers(load("barking-and-dagenham").survey).set_index("answer").loc["Some control"]
    >>> int(row["percent"]), int(row["base"]), bool(row["fits"]), row["bases"]
    (86, 45, False, '44, 43, 42, 37, 36, 35')
    """
    decimals = survey["percent"].map(_decimals).astype("float64")
    most = decimals.groupby([survey["survey"], survey["period"]]).transform("max")
    rows = survey.assign(decimals=most, hidden=hidden_rows(survey))
    told = rows.assign(contradicted=contradicted(survey, "percent", "count", "base")).to_dict("records")
    made = [_answer(row) for row in told if row["hidden"] or not math.isnan(row["percent"])]
    return pd.DataFrame(made, columns=_ANSWERS)


def common_bases(found: pd.DataFrame) -> list[int]:
    """Find the bases, up to ten below the stated one, that fit all percentages which that cannot give.

    >>> common_bases(answers(load("barking-and-dagenham").survey))
    [43, 42, 35]
    """
    odd = found[found["fits"].eq(False)]
    if odd.empty:
        return []
    base = int(odd["base"].max())
    fitting = [
        set(_bases(percent, int(places), base))
        for percent, places in zip(odd["percent"], odd["decimals"], strict=True)
    ]
    return sorted(set.intersection(*fitting), reverse=True)


def _bases(percent: float, places: int, base: int) -> list[int]:
    """Give the bases, up to ten below the stated one, of which some number prints as a percentage."""
    return [n for n in grim_denominators(_printed(percent), places, base) if n >= base - _REACH]


def survey_changes(survey: pd.DataFrame) -> pd.DataFrame:
    """Compare each answer of a survey's latest round with the round before.

    Only unweighted answers with count and base in both rounds, hidden in neither. The rounds are taken as
    separate samples of an endless population, so p errs on the large side.

    Returns
    -------
    DataFrame
        ``change`` in percentage points with Newcombe's interval, ``p_value``, and p adjusted for all answers
        compared (``tests``).

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
    counted &= ~contradicted(survey, "percent", "count", "base")
    rows = survey.assign(hidden=hidden_rows(survey), moment=survey["period"].map(Period.parse))
    rows = rows[counted | rows["hidden"]]
    made = []
    for _, asked in rows.groupby(["survey", "question", "answer"], sort=False):
        ordered = sorted(asked.to_dict("records"), key=lambda row: row["moment"])
        ordered = [row for row in ordered if row["moment"].kind == ordered[-1]["moment"].kind]
        if len(ordered) > 1 and not any(row["hidden"] for row in ordered[-2:]):
            before, row = ordered[-2:]
            earlier = {f"{name}_before": before[name] for name in ("period", "percent", "base")}
            made.append(row | earlier | change_of_shares(before, row, "count", "base"))
    return with_adjusted_p(pd.DataFrame(made, columns=_CHANGES))


_WITHOUT_BASE = {
    "lower": NAN,
    "upper": NAN,
    "method": "",
    "fits": None,
    "nearest_below": NAN,
    "nearest_above": NAN,
    "bases": "",
    "note": "",
}


def _answer(row: Row) -> dict[str, Any]:
    kept = {name: row[name] for name in _ANSWERS if name in row} | _WITHOUT_BASE
    if row["hidden"]:
        return kept | {"note": "Not shown: too few people."}
    if row["weighted"] is True:
        return kept | {"note": "Weighted: no interval without its design effect."}
    if not row["base"] > 0:
        return kept | {"note": "No base published: no interval."}
    if row["contradicted"]:
        return kept | {"note": "The percentage contradicts its count and base: no interval."}
    printed, places, base = _printed(row["percent"]), int(row["decimals"]), int(row["base"])
    found, near = _interval(row).scaled(100), nearest_possible(printed, base)
    fits = grim_consistent(printed, places, base)
    others = [] if fits else _bases(printed, places, base)
    return kept | {
        "lower": found.lower,
        "upper": found.upper,
        "method": found.method,
        "fits": fits,
        "nearest_below": near.percent_below,
        "nearest_above": near.percent_above,
        "bases": ", ".join(str(n) for n in sorted(others, reverse=True)),
    }


def _interval(row: Row) -> Interval:
    base, population = int(row["base"]), row["population"]
    people = None if math.isnan(population) or population < base else int(population)
    if math.isnan(row["count"]):
        return share_interval_from_percent(
            _printed(row["percent"]), int(row["decimals"]), base, population=people
        )
    if people is None:
        return wilson(int(row["count"]), base)
    return wilson_finite(int(row["count"]), base, people)


def _printed(percent: float) -> float:
    return round(float(percent), 6)


def _decimals(percent: float) -> int:
    """Decimals that a percentage shows; a trailing zero can't be seen."""
    return 0 if math.isnan(percent) else len(f"{percent:.6f}".rstrip("0").split(".")[1])


# What is said and checked


_FITS = ("answers", "", "fits")


def headlines(study: Study) -> list[Headline]:
    """Word the answers that changed, how precise a survey is, and the percentages that can't be true."""
    found = study.answers
    return [*_precision(found), *_changed(study.survey_changes), *_impossible(found)]


def _precision(found: pd.DataFrame) -> list[Headline]:
    """Word how precise the latest round of each survey is, by its widest interval."""
    made = []
    for (name, period), part in found[found["lower"].notna()].groupby(["survey", "period"], sort=False):
        if period != found.loc[found["survey"] == name, "period"].iloc[-1]:
            continue
        widest = part.assign(width=part["upper"] - part["lower"]).sort_values("width").iloc[-1].to_dict()
        interval = (widest["lower"], widest["upper"])
        text = (
            f"With {words.number(widest['base'])} respondents the {name} of {period} is precise to about "
            f"{words.number(widest['width'] / 2)} points either way at most. The answer “{widest['answer']}” "
            f"({widest['question']}) is {_percent(widest)}, "
            f"with a 95% interval of {words.interval(*interval, 0, '%')}."
        )
        id = f"kpi.survey.{_slug(name)}"
        answer = ", ".join(str(widest[name]) for name in ("question", "answer", "survey", "period"))
        cell = ("answers", answer, "percent")
        made.append(Headline(id, text, widest["percent"], "percent", *interval, widest["method"], cell=cell))
    return made


def _changed(moved: pd.DataFrame) -> list[Headline]:
    """Word which answers changed between the last two rounds."""
    if moved.empty:
        return []
    clear = moved[moved["p_holm"] < 0.05]
    rounds = f"{moved['period_before'].iloc[0]} and {moved['period'].iloc[0]}"
    counted = f"the {words.count_noun(len(moved), 'answer')} in both surveys"
    if clear.empty:
        text = f"None of {counted} is shown to have changed between {rounds} by more than chance explains."
        return [Headline("kpi.survey_changes", text, 0.0, "answers", method="Holm's correction")]
    named = [
        f"“{row['answer']}” ({row['question']}) from {row['percent_before']:.0f}% to {row['percent']:.0f}%"
        for row in clear.to_dict("records")
    ]
    text = (
        f"{len(clear)} of {counted} changed by more than chance explains between {rounds}. "
        f"{'They are' if len(named) > 1 else 'It is'} {words.join(named)}."
    )
    first = clear.sort_values("p_value").iloc[0]
    method = "pooled score test with Holm's correction; Newcombe's interval"
    # A picture could show one answer alone: of several there is none.
    alone = len(clear) == 1
    return [
        Headline(
            "kpi.survey_changes",
            text,
            first["change"],
            "percentage points",
            first["lower"] if alone else None,
            first["upper"] if alone else None,
            method,
            stake="change",
            cell=("survey_changes", f"{first['question']}, {first['answer']}", "change"),
            figure=f"{len(clear)} of {len(moved)}",
        )
    ]


def _impossible(found: pd.DataFrame) -> list[Headline]:
    """Word the percentages that the stated base cannot give, and the bases that could."""
    made = []
    odd = found[found["fits"].eq(False)]
    for (name, period), part in odd.groupby(["survey", "period"], sort=False):
        whole = found[(found["survey"] == name) & (found["period"] == period) & found["fits"].notna()]
        listed = [_percent(row) for row in part.to_dict("records")]
        text = (
            f"{len(part)} of {words.count_noun(len(whole), 'percentage')} of the {name} of {period} can't "
            f"come from {int(part['base'].max())} respondents. They are {words.join(listed)}."
        )
        if bases := common_bases(part):
            text += (
                f" A base of {words.join([str(n) for n in bases], 'or')} fits "
                f"{'it' if len(part) == 1 else 'them all'}: perhaps some left the question out. It is no "
                "proof of a mistake."
            )
        id, method = f"kpi.impossible.{_slug(name)}", "GRIM test of unweighted percentages"
        made.append(
            Headline(id, text, float(len(part)), "percentages", method=method, stake="certainty", cell=_FITS)
        )
    return made


def _percent(row: Row) -> str:
    """Write an answer's percentage with the decimals of its survey; nothing where it is hidden."""
    return "" if row["hidden"] else words.percent(row["percent"], int(row["decimals"]))


def _slug(name: object) -> str:
    return "_".join(str(name).lower().split())


def checks(study: Study) -> list[Check]:
    """Check that no hidden answer can be worked out."""
    return disclosure.check("survey", study.suppressed_survey, study.fewest("survey"))


# What is drawn

_ROW = 0.36


def _figure(study: Study) -> Figure | Missing:
    """Draw the answers of the latest survey with their intervals; marked where the base can't give them."""
    found = study.answers
    if found.empty:
        return NO_SURVEY
    last = found.iloc[-1]
    rows = found[(found["survey"] == last["survey"]) & (found["period"] == last["period"])]
    latest = rows[~rows["hidden"].astype(bool)]
    if latest.empty:
        return Missing("The survey's answers are not drawn: too few people are behind them.")
    odd = latest["fits"].eq(False)
    labels = (latest["question"] + ": " + latest["answer"]).map(_cut) + odd.map({True: " ✗", False: ""})
    sheet, axis = charts.drawing(1.0 + _ROW * len(latest))
    limits = [list(latest[name]) for name in ("percent", "lower", "upper")]
    charts.dots_with_intervals(axis, list(labels), *limits, reference=None)
    axis.set_xlim(0, 100)
    axis.set_xlabel("Per cent of respondents, with 95% interval", fontsize=9.5)
    finding = _finding(latest, int(odd.sum()))
    alt = f"Dots with intervals, one for each answer, from 0 to 100 per cent. {finding}."
    subtitle = f"{last['survey']}, {study.place}, {last['period']}"
    if odd.any():
        subtitle += "; ✗ marks a percentage that the stated number of respondents can't give"
    data = _answers(latest, study.fewest("survey"))
    return Figure("survey_answers", finding, subtitle, alt, sheet, data, f"{study.place}, survey")


def _cut(label: str, width: int = 52) -> str:
    return label if len(label) <= width else f"{label[: width - 1].rstrip()}…"


def _finding(latest: pd.DataFrame, odd: int) -> str:
    known = latest[latest["lower"].notna()]
    if known.empty:
        return "The survey's percentages come without what an interval needs"
    width = float((known["upper"] - known["lower"]).max()) / 2
    finding = (
        f"With {words.number(int(known['base'].max()))} respondents each figure is uncertain by up to "
        f"{words.number(width)} points"
    )
    return f"{finding}, and {odd} of {len(latest)} can't come from that number" if odd else finding


# What is tabled

NO_SURVEY = lacking(
    "No survey is held.",
    "survey",
    ("survey", "period", "question", "answer", "percent", "base"),
    "answers with intervals",
)
_FEW = ("hidden",)
ANSWERS = table_of(
    "answers",
    Column("question", "Question"),
    Column("answer", "Answer"),
    Column("survey", "Survey"),
    Column("period", "Period"),
    Column("percent", "Published", hides=_FEW),
    Column("base", "Respondents", "number", hides=_FEW),
    Column("lower", "Lower", "percent", 1, "%", hides=_FEW),
    Column("upper", "Upper", "percent", 1, "%", hides=_FEW),
    Column("fits", "Can the base give it?"),
)
CHANGES = table_of(
    "survey_changes",
    Column("question", "Question"),
    Column("answer", "Answer"),
    Column("percent_before", "Before", "percent", 0, "%"),
    Column("percent", "Latest", "percent", 0, "%"),
    Column("change", "Change, points", "points", 1, "percentage points"),
    Column("lower", "Lower", "points", 1, "percentage points"),
    Column("upper", "Upper", "points", 1, "percentage points"),
    Column("p_value", "p", "p"),
    Column("p_holm", "p, Holm", "p"),
)
NO_SECOND_ROUND = lacking(
    "No survey has two rounds with counts, so no change can be tested.",
    "survey",
    ("count", "base"),
    "for two periods: change of each answer with interval and test",
)


def _answers(found: pd.DataFrame, fewest: int) -> Table:
    """Set out answers with their intervals, and what the base can't give."""
    finite = found["population"].notna().any()
    corrected = ", corrected for a finite population where its size is given" if finite else ""
    notes = (
        "95% Wilson intervals, from the count or from all counts that print as the percentage"
        f"{corrected}. They cover chance in who answered, not what those who did not answer would have said.",
        "Where it is not said whether a percentage is weighted, it is taken as unweighted."
        if found["weighted"].isna().any()
        else "",
        "A percentage that the base can't give is no proof of a mistake. Those who left the question out "
        "make a smaller base; bases near the stated one that fit are named."
        if found["fits"].eq(False).any()
        else "",
    )
    rows = written(found, percent=_percent, fits=_fits)
    return ANSWERS.of(rows, "Survey answers with their intervals", notes=notes, fewest=fewest)


def _fits(row: Row) -> str:
    if row["fits"] is None:
        return str(row["note"])
    if row["fits"]:
        return "yes"
    near = f"{row['nearest_below']:.1f}% or {row['nearest_above']:.1f}%"
    fitting = f"; bases that fit: {row['bases']}" if row["bases"] else ""
    return f"no, it gives {near}{fitting}"


def _changes(moved: pd.DataFrame) -> Table | Missing:
    """Set out the change of each answer between the last two rounds of a survey."""
    if moved.empty:
        return NO_SECOND_ROUND
    rounds = f"{moved['period_before'].iloc[0]} and {moved['period'].iloc[0]}"
    note = (
        f"{len(moved)} answers were compared; p by Holm allows for that. The rounds are taken as separate "
        "samples."
    )
    return CHANGES.of(moved, f"Survey answers of {rounds} compared", notes=(note,))


def section(study: Study) -> Section:
    """Show the survey: findings, chart, answers, change since the round before."""
    if study.answers.empty:
        return assemble(NO_SURVEY)
    tables = (_answers(study.answers, study.fewest("survey")), _changes(study.survey_changes))
    return assemble(headlines(study), _figure(study), *tables)
