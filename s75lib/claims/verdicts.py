"""Hold each published figure against its recomputation."""

from __future__ import annotations

__all__ = ["CHECKED_COLUMNS", "CONTRADICTIONS", "VERDICTS", "check_claims", "judged", "rows_of"]

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from s75lib.claims import detail
from s75lib.claims.alternatives import Alternative, alternatives, of_percentages, wider_scopes
from s75lib.claims.inputs import Estimate
from s75lib.claims.possible import Impossible, impossible_percentage, shared_base
from s75lib.claims.recipe import Recipe, read_recipes
from s75lib.claims.recompute import as_printed, recompute
from s75lib.claims.rows import Rows, UntestableError
from s75lib.claims.units import unit_of
from s75lib.stats.rounding import Attainable

CONTRADICTIONS = ("inconsistent", "stale", "basis mixed", "wrong unit")
"""Verdicts on statements that their own figures contradict, most serious first."""

VERDICTS = (*CONTRADICTIONS, "consistent only through rounding", "untestable", "consistent")
"""Every verdict, in the order in which they are shown."""

CHECKED_COLUMNS = (
    "claim_id", "document", "reference", "statement", "published", "unit", "decimals", "recomputed", "low",
    "high", "verdict", "detail", "dataset",
)  # fmt: skip
"""Columns of `check_claims`."""


@dataclass(frozen=True)
class _Finding:
    verdict: str
    detail: str
    estimate: Estimate | None = None
    impossible: Impossible | None = field(default=None)


def check_claims(claims: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Recompute every published figure and give a verdict on it.

    Parameters
    ----------
    claims : DataFrame
        The contract's `claims`.
    frames : mapping of str to DataFrame
        The other datasets by name, typed as the loader gives them.

    Returns
    -------
    DataFrame
        One row per claim, in their order: claim_id, document, reference, statement, published, unit and
        decimals as given; recomputed, low, high (in the claim's unit; NaN where untestable), the interval
        being what the recomputation can have been before its inputs were rounded; verdict, one of
        `VERDICTS`; detail, a sentence or more; dataset.

    Raises
    ------
    DataError
        With every fault in how the claims are written.

    Notes
    -----
    The published figure stands for what rounds to it, half a unit of its last place to either side, both
    ends included. *Consistent*: the recomputation from the inputs as they stand lies in it. *Consistent only
    through rounding*: it does not, but some inputs that round to those at hand would. Otherwise another
    unit, an earlier snapshot and another basis are tried in this order, first as the inputs stand and then
    allowing for rounding; what fits none of them is *inconsistent*. A figure that matches though its unit
    and operation disagree (per cent for a change in points, or the reverse) is of the *wrong unit*. A survey
    percentage that its unweighted base cannot give is *inconsistent* even where the data repeat it.
    *Untestable*: no dataset is named, or the data at hand lack what it takes. All of it in exact fractions.

    References
    ----------
    Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychological and Personality Science 8, 363-369.

    Examples
    --------
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
    """Give a verdict on each of some claims; only the datasets that these name are looked at.

    Parameters
    ----------
    claims : DataFrame
        The contract's `claims`, or a part of them; of a survey, all or none.
    recipes : mapping of str to Recipe
        From `read_recipes`; those of other claims are not used.
    frames : mapping of str to DataFrame
        As for `check_claims`.

    Returns
    -------
    DataFrame
        As from `check_claims`.

    Examples
    --------
    >>> import s75lib.loaders
    >>> data = s75lib.loaders.load("islington", "2018/19")
    >>> own = data.claims[data.claims["claim_id"] == "kpi-cpa-employment-rise"]
    >>> judged(own, read_recipes(data.claims), data.frames)["verdict"].tolist()
    ['wrong unit']
    """
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
    """Take the datasets that recipes name.

    Parameters
    ----------
    recipes : mapping of str to Recipe
    frames : mapping of str to DataFrame
        Datasets by name; one that is not there has no rows.

    Returns
    -------
    dict of str to Rows
    """
    names = {recipe.dataset for recipe in recipes.values()}
    return {name: Rows(name, frames.get(name, pd.DataFrame())) for name in names}


def _judge(claim: dict[str, Any], recipe: Recipe | None, held: Mapping[str, Rows]) -> _Finding:
    if recipe is None:
        return _Finding("untestable", "No dataset that the reports know holds this figure.")
    if pd.isna(claim["published"]):
        return _Finding("untestable", "The published figure itself is missing.")
    rows = held[recipe.dataset]
    try:
        estimate = _in_unit(claim, recipe, rows)
    except UntestableError as gap:
        return _Finding("untestable", str(gap))
    printed = as_printed(claim["published"], claim["decimals"])
    if printed.overlaps(estimate.bounds):
        return _agreeing(claim, recipe, rows, printed, estimate)
    fitting = _first_fitting(claim, alternatives(recipe, rows), rows, printed)
    if fitting:
        text = detail.explained(claim, recipe, estimate, *fitting)
        return _Finding(fitting[0].verdict, text, estimate)
    hint = _first_fitting(claim, wider_scopes(recipe), rows, printed, exactly=True)
    return _Finding("inconsistent", detail.inconsistent(claim, recipe, estimate, hint), estimate)


def _agreeing(
    claim: dict[str, Any], recipe: Recipe, rows: Rows, printed: Attainable, estimate: Estimate
) -> _Finding:
    impossible = impossible_percentage(recipe, rows, claim["published"], int(claim["decimals"]))
    if impossible:
        return _Finding("inconsistent", detail.impossible(impossible), estimate, impossible)
    meant = {"pp_change": "percentage_points", "pct_change": "percent"}.get(recipe.operation, "")
    if recipe.operation == "difference" and of_percentages(recipe, rows):
        meant = "percentage_points"
    given = unit_of(claim["unit"])
    if meant and given != meant and given in ("percent", "percentage_points"):
        return _Finding("wrong unit", detail.misnamed(claim, recipe, estimate, meant), estimate)
    if printed.contains(estimate.central):
        return _Finding("consistent", detail.consistent(claim, recipe, estimate), estimate)
    text = detail.through_rounding(claim, recipe, estimate)
    return _Finding("consistent only through rounding", text, estimate)


def _in_unit(claim: dict[str, Any], recipe: Recipe, rows: Rows) -> Estimate:
    """Recompute in the claim's unit: a ratio may be published in per cent."""
    estimate = recompute(recipe, rows)
    in_percent = recipe.operation == "ratio" and unit_of(claim["unit"]) == "percent"
    return estimate.times(100) if in_percent else estimate


def _first_fitting(
    claim: dict[str, Any],
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
    for one in (finding.impossible for finding in findings if finding.impossible):
        surveys.setdefault((one.survey, one.period, one.base), []).append(one)
    done = []
    for finding in findings:
        one_of = finding.impossible
        if one_of:
            group = surveys[one_of.survey, one_of.period, one_of.base]
            if len(group) > 1:
                text = f"{finding.detail} {detail.shared(group, shared_base(group))}"
                finding = replace(finding, detail=text)
        done.append(finding)
    return done
