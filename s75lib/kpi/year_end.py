"""Whether the running year's target will be met: the chance, from the months so far."""

from __future__ import annotations

__all__ = ["chance_of_meeting", "year_end"]

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy import stats

from s75lib.kpi.comparison import history, series
from s75lib.kpi.phrases import Row, name_of, value_words, written
from s75lib.loaders.indicators import Indicator, find
from s75lib.loaders.period import financial_year_of
from s75lib.present import Column, Headline, Table, table_of, words
from s75lib.stats.control_chart import p_chart

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

# Months of the past that say how the rest of the year may go, and fewest with which it is said.
_PAST, _FEWEST = 12, 6
_COLUMNS = [
    "indicator",
    "group",
    "label",
    "polarity",
    "year",
    "months",
    "so_far",
    "target",
    "needed",
    "left",
    "chance",
]


def chance_of_meeting(
    cases: int,
    base: int,
    left: int,
    target: float,
    *,
    past_cases: int,
    past_base: int,
    spread: float = 1.0,
    higher_is_better: bool = True,
) -> float:
    """Find the chance that a year's percentage will meet its target, from its cases so far.

    From 0 to 1. Beta-binomial: the share behind the cases to come has Jeffreys' posterior of the past ones,
    and chance does the rest. With a `spread` of φ, φ cases count as one, in the past and in what comes, which
    gives both the variance they have shown. Supposes that the rest of the year goes as the past months went:
    no season, no change. Source: Gelman and others (2013) Bayesian Data Analysis, 3rd edition, CRC Press,
    2.4-2.8.

    Parameters
    ----------
    cases, base : int
        Cases that count, and all cases, of the year so far; 0 <= cases <= base.
    left : int
        Cases still to come in the year, >= 0.
    target, higher_is_better : float, bool
        Percent, and which way it is met.
    past_cases, past_base : int
        The same of the months that say how the rest may go.
    spread : float
        Variance of a month's percentage as a multiple of the binomial's, >= 1.

    Examples
    --------
    80 of 100 cases so far against a target of 75%, with 50 to come:

    >>> round(chance_of_meeting(80, 100, 50, 75, past_cases=80, past_base=100), 2)
    0.98
    """
    total = base + left
    # Cases to come that must count at the least, or may at the most; 1e-9 forgives the machine's rounding.
    if higher_is_better:
        wanted = math.ceil(target / 100 * total - 1e-9) - cases
    else:
        wanted = math.floor(target / 100 * total + 1e-9) - cases
    trials = max(round(left / spread), 1 if left else 0)
    law = stats.betabinom(trials, past_cases / spread + 0.5, (past_base - past_cases) / spread + 0.5)
    edge = wanted * trials / left if left else float(wanted)
    return float(law.sf(math.ceil(edge - 1e-9) - 1) if higher_is_better else law.cdf(math.floor(edge + 1e-9)))


def year_end(
    kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None, *, fewest: int = 1
) -> pd.DataFrame:
    """Give the chance that each target of the running year will be met.

    The months to come are supposed to be as large as the mean of the last twelve, and to vary as those did
    (Laney's sigma, squared). Caseloads and means of months are left out: their months are not separate cases.

    Parameters
    ----------
    fewest : int
        Fewest people that a count may show: an indicator with fewer cases, or fewer others, so far is left
        out.

    Returns
    -------
    DataFrame
        A row for each percentage of separate cases whose latest month has a target and lies before March:
        ``year``, ``months`` so far, ``so_far`` and ``target`` in percent, ``needed`` (what the months to come
        must bring, in percent; below 0 or above 100 where nothing can change it), ``left`` (months) and
        ``chance``.

    Examples
    --------
    >>> rows = year_end(load("exampleshire", "2025-12").kpi).set_index("indicator")
    >>> " ".join(str(rows.loc["assessments_in_28_days", name]) for name in ("year", "months", "left"))
    '2025/26 9 3'
    """
    rows = history(kpi)
    rows = rows[(rows["kind"] == "month").to_numpy()].reset_index(drop=True)
    made = []
    for (slug, group), places in series(rows).items():
        one, part = find(slug, registry), rows.iloc[places]
        if (row := _expected(one, part, fewest)) is not None:
            known = {"indicator": slug, "group": group, "label": one.label, "polarity": one.polarity}
            made.append(known | row)
    return pd.DataFrame(made, columns=_COLUMNS)


def _expected(one: Indicator, part: pd.DataFrame, fewest: int) -> dict[str, Any] | None:
    """Work one indicator out; none where it has no target, no separate cases or a year that is over."""
    latest, past = part.iloc[-1], part.tail(_PAST)
    end, target = latest["end"], latest["target"]
    top, whole = (past[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    separate = not (one.is_caseload or one.is_mean_of_months or one.is_clustered)
    aimed = one.polarity != "neither" and latest["unit"] == "percent" and not math.isnan(target)
    held = len(past) >= _FEWEST and not past["hidden"].any()
    if end.month == 3 or not (separate and aimed and held and ((top <= whole) & (whole > 0)).all()):
        return None
    year = financial_year_of(end)
    own = part[part["end"] > pd.Timestamp(year.start)]
    cases, base = int(own["numerator"].sum()), int(own["denominator"].sum())
    if any(0 < count < fewest for count in (cases, base - cases)):
        return None
    months_left = (15 - end.month) % 12
    left = round(whole.mean() * months_left)
    sigma = p_chart(top, whole).phases[-1].fit.sigma_z
    chance = chance_of_meeting(
        cases,
        base,
        left,
        target,
        past_cases=int(top.sum()),
        past_base=int(whole.sum()),
        spread=max(1.0, sigma**2) if math.isfinite(sigma) else 1.0,
        higher_is_better=one.polarity == "higher_is_better",
    )
    return {
        "year": year.label,
        "months": len(own),
        "so_far": 100 * cases / base,
        "target": target,
        "needed": 100 * (target / 100 * (base + left) - cases) / left,
        "left": months_left,
        "chance": chance,
    }


def headlines(study: Study) -> list[Headline]:
    """Word which targets of the running year are rather missed than met."""
    found = study.year_end
    if found.empty:
        return []
    short = found[found["chance"] < 0.5].sort_values("chance")
    counted = words.count_noun(len(found), "target")
    if short.empty:
        text = f"{counted} of the running year: each is likelier met than missed"
    else:
        named = [f"{name_of(row)} ({_odds(row['chance'])})" for row in short.head(3).to_dict("records")]
        text = f"{len(short)} of {counted} of the running year are likelier missed than met. "
        text += f"Least likely: {words.join(named)}{f' and {len(short) - 3} more' if len(short) > 3 else ''}"
    method = "beta-binomial from the last twelve months"
    return [Headline("kpi.year_end", f"{text}.", float(len(short)), "targets", method=method, stake="target")]


def _odds(chance: float) -> str:
    """Write a chance as a board reads it.

    >>> _odds(0.004), _odds(0.62), _odds(0.999)
    ('less than 1 in 20', 'about 12 in 20', 'more than 19 in 20')
    """
    if chance < 0.05:
        return "less than 1 in 20"
    return "more than 19 in 20" if chance > 0.95 else f"about {round(20 * chance)} in 20"


YEAR_END = table_of(
    "year_end",
    Column("indicator", "Indicator"),
    Column("year", "Year"),
    Column("months", "Months so far", "number"),
    Column("so_far", "So far", "percent", 1),
    Column("target", "Target"),
    Column("needed", "Needed in the months to come"),
    Column("chance", "Chance of meeting it"),
    notes=(
        "The chance supposes that the rest of the year goes as the last twelve months went, and allows for "
        "the spread that they have shown.",
    ),
)


def table(study: Study) -> Table | None:
    """Set out the running year's targets: so far, needed, and the chance of meeting each."""
    found = study.year_end
    if found.empty:
        return None
    rows = written(
        found,
        indicator=name_of,
        target=lambda row: value_words(row["target"], "percent"),
        needed=_needed,
        chance=lambda row: _odds(row["chance"]),
    )
    return YEAR_END.of(rows, "The running year: will its targets be met?")


def _needed(row: Row) -> str:
    higher = row["polarity"] == "higher_is_better"
    if row["needed"] <= 0 or row["needed"] > 100:
        return "met whatever comes" if higher == (row["needed"] <= 0) else "out of reach"
    return f"{words.percent(row['needed'])} or {'more' if higher else 'less'}"
