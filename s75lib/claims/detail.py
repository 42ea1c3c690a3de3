"""The sentences that say what was recomputed from what, and by how much it differs."""

from __future__ import annotations

__all__ = [
    "consistent",
    "explained",
    "impossible",
    "inconsistent",
    "misnamed",
    "shared",
    "through_rounding",
]

from collections.abc import Mapping, Sequence
from typing import Any

from s75lib.claims.alternatives import Alternative, said
from s75lib.claims.inputs import Estimate
from s75lib.claims.possible import Impossible
from s75lib.claims.recipe import Recipe
from s75lib.claims.rows import Term
from s75lib.claims.units import figure, gap, span
from s75lib.present import words

Claim = Mapping[str, Any]

_SIGNS = {"-": "less", "+": "plus", "*": "times"}
_CHANGES = {
    "difference": "The change in {} from {} to {}",
    "pp_change": "The change in {} from {} to {}, in percentage points,",
    "pct_change": "The change in {} from {} to {}, in per cent,",
}


def consistent(claim: Claim, recipe: Recipe, estimate: Estimate) -> str:
    """Say that a figure is borne out."""
    return f"{_what(recipe, estimate)} gives {_figure(claim, estimate)}, as published."


def through_rounding(claim: Claim, recipe: Recipe, estimate: Estimate) -> str:
    """Say that a figure is possible although the recomputation prints another."""
    return (
        f"{_differs(claim, recipe, estimate)} It rests on rounded figures, which may stand for anything from "
        f"{_span(claim, estimate)}: the published figure can be right."
    )


def misnamed(claim: Claim, recipe: Recipe, estimate: Estimate, meant: str) -> str:
    """Say that the number is right and its unit is not."""
    right = figure(float(estimate.central), meant, int(claim["decimals"]))
    return f"{_what(recipe, estimate)} is {right}: the number is right, but printed as {_published(claim)}."


def explained(
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


def inconsistent(
    claim: Claim, recipe: Recipe, estimate: Estimate, hint: tuple[Alternative, Estimate] | None
) -> str:
    """Say that a figure is not borne out, and whether a wider scope would explain it."""
    low, high = estimate.bounds
    rounding = "" if low == high else f" Rounding leaves room for no more than {_span(claim, estimate)}."
    wider = f" It is the figure {hint[0].said}." if hint else ""
    return f"{_differs(claim, recipe, estimate)}{rounding}{wider}"


def impossible(found: Impossible) -> str:
    """Say that no whole number of people gives a percentage, and which bases would."""
    near, decimals = found.near, found.decimals
    fitting = words.join([words.number(base) for base in found.fitting], "or")
    others = f" With {fitting} answers it could be." if fitting else " No smaller number of answers gives it."
    printed = words.percent(found.percent, decimals)
    return (
        f"No whole number of {words.number(found.base)} respondents is {printed}: "
        f"{near.count_below} are {words.percent(near.percent_below, decimals + 1)} and "
        f"{near.count_above} are {words.percent(near.percent_above, decimals + 1)}.{others}"
    )


def shared(found: Sequence[Impossible], base: int | None) -> str:
    """Say which base would fit all impossible percentages of a survey."""
    percentages = words.join([words.percent(one.percent, one.decimals) for one in found])
    if base is None:
        return f"No one smaller base fits all of the impossible percentages of this survey ({percentages})."
    return f"A base of {base} fits all of the impossible percentages of this survey ({percentages})."


def _figure(claim: Claim, estimate: Estimate) -> str:
    return figure(float(estimate.central), str(claim["unit"]), int(claim["decimals"]))


def _published(claim: Claim) -> str:
    return figure(float(claim["published"]), str(claim["unit"]), int(claim["decimals"]))


def _span(claim: Claim, estimate: Estimate) -> str:
    low, high = (float(end) for end in estimate.bounds)
    return span(low, high, str(claim["unit"]), int(claim["decimals"]))


def _differs(claim: Claim, recipe: Recipe, estimate: Estimate) -> str:
    gives = f"{_what(recipe, estimate)} gives {_figure(claim, estimate)}"
    return f"{gives}, {_apart(claim, estimate)} the published {_published(claim)}."


def _apart(claim: Claim, estimate: Estimate) -> str:
    distance = float(estimate.central) - float(claim["published"])
    decimals = int(claim["decimals"])
    size = gap(distance, str(claim["unit"]), decimals)
    if not any(digit in size for digit in "123456789"):
        size = gap(distance, str(claim["unit"]), decimals + 1 if decimals >= 0 else 0)
    return f"{size} {'above' if distance > 0 else 'below'}"


def _what(recipe: Recipe, estimate: Estimate) -> str:
    """Name the recomputation: operation, measure, dataset, rows."""
    measure = f" {_SIGNS[recipe.sign]} ".join(recipe.columns) if recipe.sign else "".join(recipe.columns)
    measure = measure.replace("_", " ")
    match recipe.operation:
        case "value" | "product":
            lead = f"{measure[:1].upper()}{measure[1:]}"
        case "sum":
            lead = f"The sum of {measure}"
        case "count":
            lead = f"The number of different values of {measure}" if measure else "The number of rows"
        case "ratio":
            lead = f"The ratio of {measure} at {said(recipe.period_to)} to that at {said(recipe.period_from)}"
        case _:
            template = _CHANGES[recipe.operation]
            lead = template.format(measure, said(recipe.period_from), said(recipe.period_to))
    rows = [words.count_noun(estimate.rows, "row")] if recipe.operation not in ("value", "product") else []
    inside = "; ".join([*map(_condition, recipe.terms), *rows])
    return f"{lead} in the {_data(recipe.dataset)} data ({inside})"


def _data(dataset: str) -> str:
    return {"kpi": "KPI"}.get(dataset, dataset.replace("_", " "))


def _condition(term: Term) -> str:
    blank = "all" if term.column in ("group", "service_group", "team") else "blank"
    values = words.join([said(text.replace("_", " ")) if text else blank for text in term.texts], "or")
    return f"{term.column.replace('_', ' ')} {values}"
