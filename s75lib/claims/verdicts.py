"""Each published figure against its recomputation, what else a false one may be, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from s75lib.claims.recipe import OVER_TIME, Recipe, Rows, Term, UntestableError, read_recipes, snapshots
from s75lib.claims.recompute import (
    Estimate,
    Impossible,
    as_printed,
    impossible_percentage,
    recompute,
    shared_base,
)
from s75lib.claims.terms import SOURCES
from s75lib.loaders.period import last_day
from s75lib.present import words
from s75lib.stats.rounding import Attainable

CONTRADICTIONS = ("inconsistent", "stale", "basis mixed", "wrong unit")
"""Verdicts on statements that their own figures contradict, most serious first."""

VERDICTS = (*CONTRADICTIONS, "consistent only through rounding", "untestable", "consistent")
"""Every verdict, in the order in which they are shown."""

CHECKED_COLUMNS = (
    "claim_id",
    "document",
    "reference",
    "statement",
    "published",
    "unit",
    "decimals",
    "recomputed",
    "low",
    "high",
    "verdict",
    "detail",
    "dataset",
)
"""Columns of `check_claims`."""

_UNITS = {
    "%": "percent",
    "per cent": "percent",
    "percentage points": "percentage_points",
    "points": "percentage_points",
    "pp": "percentage_points",
    "£": "gbp",
}
_AFTER = {
    "per_month": "a month",
    "per_100k": "per 100,000",
    "wte": "WTE",
    "count": "",
    "score": "",
    "rank": "",
}
_CHANGES = {
    "difference": "The change in {} from {} to {}",
    "pp_change": "The change in {} from {} to {}, in percentage points,",
    "pct_change": "The change in {} from {} to {}, in per cent,",
    "ratio": "The ratio of {0} at {2} to that at {1}",
}

_INCOME = ("health_income", "client_income")
_BASES = {
    "gross, before health and client income": ("expenditure",),
    "net of income, without the other finance adjustments": ("expenditure", *_INCOME),
    "net of income, with the other finance adjustments": ("expenditure", *_INCOME, "adjustment"),
}
_SWAPS = {
    "budget": ("commitment", "forecast"),
    "staffing": ("budget", "adjusted_budget"),
    "packages": ("weekly_gross", "net_weekly"),
}
_SCOPES = {
    "budget": ("service_group",),
    "staffing": ("group", "organisation"),
    "packages": ("service_group", "team"),
    "package_transfers": ("team", "service_group"),
    "activity": ("team", "service_group"),
    "workforce": ("role", "team"),
}

Claim = Mapping[str, Any]


def unit_of(name: str) -> str:
    """Give the usual name of a unit.

    >>> unit_of("%"), unit_of("percentage points"), unit_of("people")
    ('percent', 'percentage_points', 'people')
    """
    plain = str(name).strip().lower()
    return _UNITS.get(plain, plain)


def places_of(unit: str, decimals: int) -> int:
    """Say with how many decimals `figure` writes a number; -3 for thousands of pounds."""
    if unit_of(unit) == "gbp":
        return -3 if decimals <= -3 else 0 if decimals <= 0 else 2
    return max(decimals, 0)


def figure(value: float, unit: str, decimals: int) -> str:
    """Write a figure in its unit, as precisely as it was published.

    >>> figure(373000, "gbp", -3), figure(0.7, "percentage_points", 1), figure(1, "people", 0)
    ('£373k', '+0.7 percentage points', '1 person')
    >>> figure(-15, "per_month", 0), figure(8, "score", 0)
    ('−15 a month', '8')
    """
    unit, places = unit_of(unit), places_of(unit, decimals)
    if unit == "gbp":
        return words.money(value, rounded_to=10.0**-places)
    if unit == "percent":
        return words.percent(value, places)
    if unit == "percentage_points":
        return words.points(value, places)
    number = words.number(value, places)
    name = _AFTER.get(unit, unit.replace("_", " "))
    if name == unit and number in ("1", "−1"):
        name = "person" if unit == "people" else unit.removesuffix("s")
    return f"{number} {name}".rstrip()


def gap(value: float, unit: str, decimals: int) -> str:
    """Write the size of a difference between two figures of a unit.

    >>> gap(-13.6, "percent", 1), gap(1, "percentage_points", 0), gap(-113000, "gbp", -3)
    ('13.6 percentage points', '1 percentage point', '£113k')
    """
    if unit_of(unit) not in ("percent", "percentage_points"):
        return figure(abs(value), unit, decimals)
    number = words.number(abs(value), max(decimals, 0))
    return f"{number} percentage point{'' if number == '1' else 's'}"


def finer_than(decimals: int) -> int:
    """Give one place more than a figure has, for the ends of its interval."""
    return max(decimals, -1) + 1


def span(low: float, high: float, unit: str, decimals: int) -> str:
    """Write an interval with one place more than the figure, since its ends lie at halves.

    >>> span(428500, 437500, "gbp", -3), span(-15.5, -14.5, "per_month", 0)
    ('£428,500 to £437,500', '−15.5 to −14.5 a month')
    """
    finer = finer_than(decimals)
    first, last = figure(low, unit, finer), figure(high, unit, finer)
    _, space, name = last.partition(" ")
    if space and first.endswith(space + name):
        first = first.removesuffix(space + name)
    return f"{first} to {last}"


@dataclass(frozen=True)
class Alternative:
    """Another reading of a claim."""

    verdict: str  # what holds if this reading gives the published figure
    recipe: Recipe
    said: str  # in words, to follow "the same recomputation"


def _alternatives(recipe: Recipe, rows: Rows) -> list[Alternative]:
    """List the readings under which a false figure might be true.

    Earlier snapshots: for one period, each that ended before it; for a change, the same start with each
    earlier end, and both ends moved back by the same number of snapshots. Other bases, where all lines are
    added up, as `_BASES` and `_SWAPS` have them. One thing is changed at a time.
    """
    return [*_other_unit(recipe, rows), *_earlier(recipe, rows), *_other_bases(recipe, rows)]


def _wider_scopes(recipe: Recipe) -> list[Alternative]:
    """List the readings in which one part of the filter, such as a service group, is left out."""
    if recipe.operation in ("value", "product"):
        return []
    return [
        Alternative("inconsistent", _with(recipe, {column}), f"for every {column.replace('_', ' ')} together")
        for column in _SCOPES.get(recipe.dataset, ())
        if any(term.column == column for term in recipe.terms)
    ]


def _with(recipe: Recipe, dropped: set[str], *added: Term) -> Recipe:
    kept = tuple(term for term in recipe.terms if term.column not in dropped)
    return replace(recipe, terms=(*kept, *added))


def _other_unit(recipe: Recipe, rows: Rows) -> list[Alternative]:
    swap = {"pct_change": "pp_change", "pp_change": "pct_change", "difference": "pct_change"}
    if recipe.operation not in swap or not _of_percentages(recipe, rows):
        return []
    other = swap[recipe.operation]
    said = "as a change in percentage points" if other == "pp_change" else "as a change in per cent"
    return [Alternative("wrong unit", replace(recipe, operation=other), said)]


def _of_percentages(recipe: Recipe, rows: Rows) -> bool:
    """Whether what a recipe measures are percentages, so that their difference is in percentage points."""
    if recipe.dataset == "survey":
        return recipe.columns == ("percent",)
    if recipe.dataset not in ("kpi", "facts") or recipe.columns != ("value",):
        return False
    return bool((rows.cells("unit", rows.meeting(recipe.terms)) == "percent").all())


def _earlier(recipe: Recipe, rows: Rows) -> list[Alternative]:
    dated = SOURCES[recipe.dataset].dated_by
    if not dated:
        return []
    undated = _with(recipe, {dated, "snapshot_label", "financial_year"})
    try:
        known = _snapshots(rows, dated, undated.terms)
        current = _snapshots(rows, dated, recipe.terms)
    except UntestableError:
        return []
    if recipe.operation in OVER_TIME:
        return _earlier_changes(recipe, known)
    if len(current) != 1:
        return []
    before = known[: known.index(current[0])]
    return [
        Alternative(
            "stale", replace(undated, terms=(*undated.terms, Term(dated, (when,)))), f"at {said(when)}"
        )
        for when in reversed(before)
    ]


def _earlier_changes(recipe: Recipe, known: list[str]) -> list[Alternative]:
    if recipe.period_from not in known or recipe.period_to not in known:
        return []
    first, last = known.index(recipe.period_from), known.index(recipe.period_to)
    pairs = [(first, end) for end in range(last - 1, first, -1)]
    pairs += [(first - back, last - back) for back in range(1, min(first, last) + 1)]
    return [
        Alternative(
            "stale",
            replace(recipe, period_from=known[start], period_to=known[end]),
            f"from {said(known[start])} to {said(known[end])}",
        )
        for start, end in pairs
    ]


def _snapshots(rows: Rows, dated: str, terms: Sequence[Term]) -> list[str]:
    cells = pd.Series(rows.cells(dated, rows.meeting(terms))).dropna().drop_duplicates()
    return sorted({text for text in snapshots(cells, rows.dataset) if text}, key=last_day)


def said(when: str) -> str:
    """Write a snapshot as people do.

    >>> said("2019-11-30"), said("2018/19")
    ('30 November 2019', '2018/19')
    """
    return words.day(date.fromisoformat(when)) if len(when) == 10 and when[4] == "-" else when


def _other_bases(recipe: Recipe, rows: Rows) -> list[Alternative]:
    found = []
    if recipe.dataset == "budget" and any(term.column == "line" for term in recipe.terms):
        found.append(
            Alternative("basis mixed", _with(recipe, {"line"}), "with all lines, those left out too,")
        )
    elif recipe.dataset == "budget":
        kinds = set(rows.cells("kind", rows.meeting(recipe.terms)))
        there = set(rows.cells("kind", rows.meeting(_with(recipe, {"kind"}).terms)))
        found = [
            Alternative(
                "basis mixed", _with(recipe, {"kind"}, Term("kind", basis)), f"on another basis, {name},"
            )
            for name, basis in _BASES.items()
            if "expenditure" in kinds and set(basis) & there != kinds
        ]
    pair = _SWAPS.get(recipe.dataset, ())
    for column, other in (pair, pair[::-1]) if pair else ():
        if column in recipe.columns and other not in recipe.columns:
            columns = tuple(other if name == column else name for name in recipe.columns)
            label = f"with {other.replace('_', ' ')} in place of {column.replace('_', ' ')}"
            found.append(Alternative("basis mixed", replace(recipe, columns=columns), label))
    return found


def _explained(
    claim: Claim, recipe: Recipe, estimate: Estimate, reading: Alternative, otherwise: Estimate
) -> str:
    """Say that a figure is false as stated, and how it came about."""
    decimals, unit = int(claim["decimals"]), str(claim["unit"])
    if reading.verdict == "wrong unit":
        unit = "percentage_points" if reading.recipe.operation == "pp_change" else "percent"
    gives = figure(float(otherwise.central), unit, decimals)
    exact = gives == figure(float(claim["published"]), unit, decimals)
    close = "" if exact else ", which the published figure fits once rounding is allowed for"
    return f"{_differs(claim, recipe, estimate)} The same recomputation {reading.said} gives {gives}{close}."


def _inconsistent(
    claim: Claim, recipe: Recipe, estimate: Estimate, hint: tuple[Alternative, Estimate] | None
) -> str:
    """Say that a figure is not borne out, and whether a wider scope would explain it."""
    low, high = estimate.bounds
    rounding = "" if low == high else f" Rounding leaves room for no more than {_span(claim, estimate)}."
    wider = f" It is the figure {hint[0].said}." if hint else ""
    return f"{_differs(claim, recipe, estimate)}{rounding}{wider}"


def _impossible(found: Impossible) -> str:
    near, decimals = found.near, found.decimals
    fitting = words.join([words.number(base) for base in found.fitting], "or")
    others = f" With {fitting} answers it could be." if fitting else " No smaller number of answers gives it."
    printed = words.percent(found.percent, decimals)
    return (
        f"No whole number of {words.number(found.base)} respondents is {printed}: "
        f"{near.count_below} are {words.percent(near.percent_below, decimals + 1)} and "
        f"{near.count_above} are {words.percent(near.percent_above, decimals + 1)}.{others}"
    )


def _shared(found: Sequence[Impossible], base: int | None) -> str:
    fits = "No one smaller base fits" if base is None else f"A base of {base} fits"
    percentages = words.join([words.percent(one.percent, one.decimals) for one in found])
    return f"{fits} all of the impossible percentages of this survey ({percentages})."


def _figure(claim: Claim, value: Any) -> str:
    return figure(float(value), str(claim["unit"]), int(claim["decimals"]))


def _span(claim: Claim, estimate: Estimate) -> str:
    low, high = (float(end) for end in estimate.bounds)
    return span(low, high, str(claim["unit"]), int(claim["decimals"]))


def _differs(claim: Claim, recipe: Recipe, estimate: Estimate) -> str:
    """Say what the recomputation gives, and how far that is from the published figure."""
    distance = float(estimate.central) - float(claim["published"])
    decimals = int(claim["decimals"])
    size = gap(distance, str(claim["unit"]), decimals)
    if not any(digit in size for digit in "123456789"):
        size = gap(distance, str(claim["unit"]), decimals + 1 if decimals >= 0 else 0)
    gives = f"{_what(recipe)} gives {_figure(claim, estimate.central)}"
    side = "above" if distance > 0 else "below"
    printed = _figure(claim, claim["published"])
    return f"{gives}, {size} {side} the published {printed}. {_used(recipe, estimate)}"


def _what(recipe: Recipe) -> str:
    sign = {"-": " less ", "+": " plus ", "*": " times "}.get(recipe.sign, "")
    measure = sign.join(recipe.columns).replace("_", " ")
    match recipe.operation:
        case "value" | "product":
            lead = f"{measure[:1].upper()}{measure[1:]}"
        case "sum":
            lead = f"The sum of {measure}"
        case "count":
            lead = f"The number of different values of {measure}" if measure else "The number of rows"
        case change:
            lead = _CHANGES[change].format(measure, said(recipe.period_from), said(recipe.period_to))
    dataset = "KPI" if recipe.dataset == "kpi" else recipe.dataset.replace("_", " ")
    return f"{lead} in the {dataset} data"


def _used(recipe: Recipe, estimate: Estimate) -> str:
    rows = [words.count_noun(estimate.rows, "row")] if recipe.operation not in ("value", "product") else []
    return f"Rows used: {'; '.join([*map(_condition, recipe.terms), *rows])}."


def _condition(term: Term) -> str:
    blank = "all" if term.column in ("group", "service_group", "team") else "blank"
    values = words.join([said(text.replace("_", " ")) if text else blank for text in term.texts], "or")
    return f"{term.column.replace('_', ' ')} {values}"


@dataclass(frozen=True)
class _Finding:
    verdict: str
    detail: str
    estimate: Estimate | None = None
    impossible: Impossible | None = None


def check_claims(claims: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Recompute every published figure and give a verdict on it.

    `frames` are the other datasets by name. One row per claim, in their order: `CHECKED_COLUMNS`, of which
    low and high say what the recomputation can have been before its inputs were rounded (NaN where
    untestable). DataError holds every fault in how the claims are written. docs/methods.md says in which
    order the verdicts are sought. Source: Brown and Heathers (2017) Social Psychological and Personality
    Science 8, 363-369.

    >>> import s75lib.loaders
    >>> data = s75lib.loaders.load("islington", "2018/19")
    >>> checked = check_claims(data.claims, data.frames).set_index("claim_id")
    >>> checked.loc["kpi-cpa-employment-rise", "verdict"]
    'wrong unit'
    """
    return judged(claims, read_recipes(claims), frames)


def judged(
    claims: pd.DataFrame, recipes: Mapping[str, Recipe], frames: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Give a verdict on each of some claims; only the datasets that these name are looked at."""
    records = [{str(name): value for name, value in row.items()} for row in claims.to_dict("records")]
    own = {name: recipes[name] for name in (str(claim["claim_id"]) for claim in records) if name in recipes}
    held = rows_of(own, frames)
    findings = [_judge(claim, own.get(str(claim["claim_id"])), held) for claim in records]
    rows = [
        {**claim, **_numbers(finding), "verdict": finding.verdict, "detail": finding.detail}
        for claim, finding in zip(records, _with_shared_bases(findings), strict=True)
    ]
    checked = pd.DataFrame(rows, columns=list(CHECKED_COLUMNS))
    return checked.astype(dict.fromkeys(("published", "recomputed", "low", "high"), "float64"))


def _numbers(finding: _Finding) -> dict[str, float | None]:
    if finding.estimate is None:
        return {"recomputed": None, "low": None, "high": None}
    low, high = finding.estimate.bounds
    return {"recomputed": float(finding.estimate.central), "low": float(low), "high": float(high)}


def rows_of(recipes: Mapping[str, Recipe], frames: Mapping[str, pd.DataFrame]) -> dict[str, Rows]:
    """Take the datasets that recipes name."""
    names = {recipe.dataset for recipe in recipes.values()}
    return {name: Rows(name, frames.get(name, pd.DataFrame())) for name in names}


def _judge(claim: Claim, recipe: Recipe | None, held: Mapping[str, Rows]) -> _Finding:
    if recipe is None:
        return _Finding("untestable", "No dataset that the reports know holds this figure.")
    if bool(pd.isna(claim["published"])):
        return _Finding("untestable", "The published figure itself is missing.")
    rows = held[recipe.dataset]
    try:
        estimate = _in_unit(claim, recipe, rows)
    except UntestableError as gap:
        return _Finding("untestable", str(gap))
    printed = as_printed(claim["published"], claim["decimals"])
    if printed.overlaps(estimate.bounds):
        return _agreeing(claim, recipe, rows, printed, estimate)
    fitting = _first_fitting(claim, _alternatives(recipe, rows), rows, printed)
    if fitting:
        return _Finding(fitting[0].verdict, _explained(claim, recipe, estimate, *fitting), estimate)
    hint = _first_fitting(claim, _wider_scopes(recipe), rows, printed, exactly=True)
    return _Finding("inconsistent", _inconsistent(claim, recipe, estimate, hint), estimate)


def _agreeing(claim: Claim, recipe: Recipe, rows: Rows, printed: Attainable, estimate: Estimate) -> _Finding:
    impossible = impossible_percentage(recipe, rows, claim["published"], int(claim["decimals"]))
    if impossible:
        return _Finding("inconsistent", _impossible(impossible), estimate, impossible)
    meant = {"pp_change": "percentage_points", "pct_change": "percent"}.get(recipe.operation, "")
    if recipe.operation == "difference" and _of_percentages(recipe, rows):
        meant = "percentage_points"
    given = unit_of(claim["unit"])
    if meant and given != meant and given in ("percent", "percentage_points"):
        right = figure(float(estimate.central), meant, int(claim["decimals"]))
        wrong = _figure(claim, claim["published"])
        text = f"{_what(recipe)} is {right}: the number is right, but printed as {wrong}."
        return _Finding("wrong unit", f"{text} {_used(recipe, estimate)}", estimate)
    if printed.contains(estimate.central):
        text = f"{_what(recipe)} gives {_figure(claim, estimate.central)}, as published."
        return _Finding("consistent", f"{text} {_used(recipe, estimate)}", estimate)
    text = (
        f"{_differs(claim, recipe, estimate)} It rests on rounded figures, which may stand for anything from "
        f"{_span(claim, estimate)}: the published figure can be right."
    )
    return _Finding("consistent only through rounding", text, estimate)


def _in_unit(claim: Claim, recipe: Recipe, rows: Rows) -> Estimate:
    """Recompute in the claim's unit: a ratio may be published in per cent."""
    estimate = recompute(recipe, rows)
    in_percent = recipe.operation == "ratio" and unit_of(claim["unit"]) == "percent"
    return estimate.times(100) if in_percent else estimate


def _first_fitting(
    claim: Claim,
    readings: list[Alternative],
    rows: Rows,
    printed: Attainable,
    *,
    exactly: bool = False,
) -> tuple[Alternative, Estimate] | None:
    """Find a reading that gives the figure: as the inputs stand, or else allowing for their rounding."""
    through_rounding = None
    for reading in readings:
        try:
            estimate = _in_unit(claim, reading.recipe, rows)
        except UntestableError:
            continue
        if printed.contains(estimate.central):
            return reading, estimate
        if through_rounding is None and not exactly and printed.overlaps(estimate.bounds):
            through_rounding = reading, estimate
    return through_rounding


def _with_shared_bases(findings: list[_Finding]) -> list[_Finding]:
    """Add to each impossible percentage the base that would fit all of its survey's."""
    surveys: dict[tuple[str, str, int], list[Impossible]] = {}
    for found in (finding.impossible for finding in findings if finding.impossible):
        surveys.setdefault((found.survey, found.period, found.base), []).append(found)
    done = []
    for finding in findings:
        one = finding.impossible
        group = surveys[one.survey, one.period, one.base] if one else []
        if len(group) > 1:
            finding = replace(finding, detail=f"{finding.detail} {_shared(group, shared_base(group))}")
        done.append(finding)
    return done
