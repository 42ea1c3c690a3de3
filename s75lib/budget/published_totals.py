"""Printed totals and rounding: what a report prints, beside what its own lines add up to."""

from __future__ import annotations

__all__ = ["published_totals"]

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.budget.position import ADJUSTMENTS, NET, snapshots
from s75lib.claims.recipe import Recipe, UntestableError, read_recipes
from s75lib.claims.recompute import Estimate, as_printed, recompute
from s75lib.claims.verdicts import rows_of
from s75lib.present import Check, Column, Details, Headline, Missing, Section, Table, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

_KINDS = (*NET, *ADJUSTMENTS)
_OPERATIONS = ("value", "sum", "difference")
_COLUMNS = [
    "claim_id",
    "dataset",
    "reference",
    "statement",
    "in_table",
    "service_group",
    "line",
    "kinds",
    "organisation",
    "group",
    "column",
    "published",
    "recomputed",
    "difference",
    "addends",
    "bound",
    "reading",
]


def published_totals(claims: pd.DataFrame, budget: pd.DataFrame, staffing: pd.DataFrame) -> pd.DataFrame:
    """Recompute every printed total, variance and change of the budget and staffing tables.

    A figure rounded to r differs from what it stands for by at most r/2. A total of n such figures, beside a
    printed total that was rounded on its own to p, differs by at most (n·r + p)/2; by less where an amount is
    nought and can't be less. A variance has two addends for each line, a change of a variance four. Claims
    that can't be recomputed from the rows at hand are left out.

    Returns
    -------
    DataFrame
        ``claim_id``, ``dataset``, ``reference``, ``statement``, ``in_table`` (whether the reference names a
        table), ``service_group``, ``line``, ``kinds`` (in the order of `position`, with ``|`` between; blank:
        all), ``organisation``, ``group``, ``column`` (such as ``commitment``, ``forecast_variance``,
        ``commitment_change``, with ``@2019-12-31`` after it where one snapshot is meant), ``published``,
        ``recomputed``, ``difference`` (published less recomputed, £), ``addends`` (rounded amounts added),
        ``bound`` (the largest difference that rounding can make, £) and ``reading`` (exact, rounding or
        beyond rounding).

    Examples
    --------
    >>> data = load("cambridgeshire")
    >>> found = published_totals(data.claims, data.budget, data.staffing)
    >>> set(found.loc[found["in_table"], "reading"]) == {"exact", "rounding"}
    True
    """
    days = {s.label: s.as_at for s in snapshots(budget)}
    usable = claims[claims["dataset"].isin(["budget", "staffing"]) & claims["operation"].isin(_OPERATIONS)]
    recipes = read_recipes(usable)
    held = rows_of(recipes, {"budget": budget, "staffing": staffing})
    made = []
    for claim in usable.to_dict("records"):
        recipe = recipes[claim["claim_id"]]
        try:
            found = recompute(recipe, held[recipe.dataset])
        except UntestableError:
            continue
        made.append(_row(claim, recipe, found, days))
    return pd.DataFrame(made, columns=_COLUMNS)


def _row(
    claim: dict[Any, Any], recipe: Recipe, found: Estimate, days: dict[str, pd.Timestamp]
) -> dict[str, object]:
    terms = {term.column: term.texts for term in recipe.terms}
    low, high = (float(end) for end in found.bounds)
    difference = float(claim["published"]) - float(found.central)
    agrees = as_printed(claim["published"], claim["decimals"]).overlaps(found.bounds)
    return {
        **{name: claim[name] for name in ("claim_id", "dataset", "reference", "statement", "published")},
        "in_table": "table" in claim["reference"],
        **{
            name: "|".join(terms.get(name, ())) for name in ("service_group", "line", "organisation", "group")
        },
        "kinds": "|".join(kind for kind in _KINDS if kind in terms.get("kind", ())),
        "column": _column(recipe, terms, days),
        "recomputed": float(found.central),
        "difference": difference,
        "addends": found.rows * len(recipe.columns),
        "bound": (high - low + 10.0 ** -float(claim["decimals"])) / 2,
        "reading": "exact" if abs(difference) < 1e-6 else "rounding" if agrees else "beyond rounding",
    }


def _column(recipe: Recipe, terms: dict[str, tuple[str, ...]], days: dict[str, pd.Timestamp]) -> str:
    name = f"{recipe.columns[0]}_variance" if len(recipe.columns) > 1 else recipe.columns[0]
    if recipe.operation == "difference":
        return f"{name}_change"
    day = days.get("|".join(terms.get("snapshot_label", ())))
    # A budget is the same at every snapshot of its year, so its printed column belongs to none of them.
    return f"{name}@{day:%Y-%m-%d}" if day is not None and name != "budget" else name


def headlines(study: Study) -> Iterator[Headline]:
    """Say how many printed totals and changes the lines confirm."""
    tables = _in_tables(study)
    if tables.empty:
        return
    counts = tables["reading"].value_counts()
    exact, near, far = (int(counts.get(name, 0)) for name in ("exact", "rounding", "beyond rounding"))
    many = words.count_noun(len(tables), "printed total or change", "printed totals and changes")
    explained = ""
    if near:
        rounded = tables[tables["reading"] == "rounding"]
        largest = rounded["difference"].abs().groupby(rounded["dataset"]).max()
        sizes = [f"£{words.number(size)} in the {name} tables" for name, size in largest.items()]
        explained = (
            f" and {near} differ by no more than rounding can make. That is at most {words.join(sizes)}"
        )
    beyond = f". Rounding cannot explain {far}." if far else "."
    yield Headline(
        "budget.printed",
        f"Of {many}, {exact} come out exactly{explained}{beyond}",
        float(far),
        "figures",
        method="largest difference (n·r + p)/2",
        see=("printed.differences",),
        cell=("printed.differences", "", "says"),
        stake="certainty" if far else "context",
    )


def checks(study: Study) -> Iterator[Check]:
    """Check that rounding explains what differs in print."""
    tables = _in_tables(study)
    if tables.empty or study.data.budget.empty:
        return
    far = int((tables["reading"] == "beyond rounding").sum())
    figures = words.count_noun(len(tables), "figure")
    detail = (
        f"{figures} of the published tables beside their recomputation: "
        f"{words.count_noun(far, 'difference')} larger than rounding can make."
    )
    yield Check("budget.printed", not far, detail)


def _in_tables(study: Study) -> pd.DataFrame:
    rows = study.published_totals
    return rows[rows["in_table"]]


_NO_TOTALS = Missing.of(
    "No published totals are held to compare with.",
    "claims",
    ("reference", "published", "dataset", "filter", "measure", "operation"),
    "each printed total beside the recomputed one",
)
_DIFFERENCES = table_of(
    "printed.differences",
    Column("statement", "Printed figure"),
    Column("reference", "Where"),
    Column("published", "Printed, £", "money", unit="£"),
    Column("recomputed", "Recomputed, £", "money", unit="£"),
    Column("recomputed_less_printed", "Difference, £", "change", unit="£"),
    Column("addends", "Rounded amounts added", "number"),
    Column("bound", "Most that rounding can make, £", "money", unit="£"),
    Column("says", "Rounding"),
)


def _table(study: Study) -> Table | Missing:
    """List the printed figures that differ from their recomputation, with what rounding can explain."""
    tables = _in_tables(study)
    if tables.empty:
        return _NO_TOTALS
    differ = tables[tables["reading"] != "exact"].sort_values("reading", kind="stable", ignore_index=True)
    frame = differ.assign(
        recomputed_less_printed=-differ["difference"],
        says=differ["reading"].map({"rounding": "can explain it", "beyond rounding": "cannot explain it"}),
    )
    exact = words.count_noun(len(tables) - len(frame), "printed figure")
    notes = (
        f"{exact} of {len(tables)} come out exactly and are not listed.",
        "Each amount rounded to r is off by at most r/2, and so is the printed total, which was rounded on "
        "its own.",
    )
    title = "Printed totals, variances and changes that differ from the recomputed"
    return _DIFFERENCES.of(frame, title, notes=notes)


def section(study: Study) -> Section:
    """Show every printed figure that differs from what its lines add up to."""
    return Section.of(headlines(study), Details(), _table(study))
