"""The figures that a report prints, beside what its own lines add up to, and what rounding can explain."""

from __future__ import annotations

__all__ = ["printed"]

from dataclasses import dataclass

import pandas as pd

from s75lib.budget.position import ADJUSTMENTS, NET
from s75lib.budget.snapshots import snapshots

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


@dataclass(frozen=True)
class _Recomputed:
    """A sum of rounded amounts, how many there are, and their rounding."""

    value: float
    addends: int
    rounded_to: float


def printed(claims: pd.DataFrame, budget: pd.DataFrame, staffing: pd.DataFrame) -> pd.DataFrame:
    """Recompute every printed total, variance and change of the budget and staffing tables.

    Parameters
    ----------
    claims : DataFrame
        The contract's `claims`; those of `budget` and `staffing` with a value, sum or difference are used.
    budget, staffing : DataFrame
        The contract's datasets.

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

    Notes
    -----
    A figure rounded to r differs from what it stands for by at most r/2. A total of n such figures, beside a
    printed total that was rounded on its own to p, differs by at most (n·r + p)/2. A variance has two
    addends for each line, a change of a variance four. Claims whose rows are not there are left out.
    """
    made = []
    days = {s.label: s.as_at for s in snapshots(budget)}
    frames = {"budget": budget, "staffing": staffing}
    usable = claims[claims["dataset"].isin(list(frames)) & claims["operation"].isin(_OPERATIONS)]
    for row in usable.to_dict("records"):
        claim = {str(name): value for name, value in row.items()}
        terms = _terms(claim["filter"])
        found = _recompute(frames[claim["dataset"]], claim, terms)
        if found is not None:
            made.append(_row(claim, terms, found, days))
    return pd.DataFrame(made, columns=_COLUMNS)


def _terms(text: str) -> dict[str, list[str]]:
    """Read ``column=value|value;column=value``."""
    pairs = (part.partition("=") for part in text.split(";") if part)
    return {name.strip(): values.split("|") for name, _, values in pairs}


def _recompute(frame: pd.DataFrame, claim: dict[str, str], terms: dict[str, list[str]]) -> _Recomputed | None:
    """Evaluate one claim; nothing where its rows or columns are not there."""
    rows = frame
    for name, values in terms.items():
        if name not in frame.columns:
            return None
        rows = rows[rows[name].astype(str).isin(values)]
    first, _, second = claim["measure"].partition("-")
    if first not in frame.columns or (second and second not in frame.columns):
        return None
    signs = {first: 1.0} | ({second: -1.0} if second else {})
    if claim["operation"] == "difference":
        sides = [_added(_at(rows, claim[end]), signs) for end in ("period_from", "period_to")]
        if sides[0] is None or sides[1] is None:
            return None
        old, new = sides[0], sides[1]
        return _Recomputed(
            new.value - old.value, old.addends + new.addends, max(old.rounded_to, new.rounded_to)
        )
    latest = rows if "snapshot_label" in terms else rows[rows["as_at"] == rows["as_at"].max()]
    return _added(latest, signs)


def _at(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    return rows[rows["as_at"] == pd.Timestamp(day)]


def _added(rows: pd.DataFrame, signs: dict[str, float]) -> _Recomputed | None:
    if rows.empty:
        return None
    total = sum(sign * float(rows[name].sum(skipna=False)) for name, sign in signs.items())
    stated = rows["rounded_to"].max() if "rounded_to" in rows else 1.0
    return _Recomputed(total, len(rows) * len(signs), float(stated) if pd.notna(stated) else 1.0)


def _row(
    claim: dict[str, str], terms: dict[str, list[str]], found: _Recomputed, days: dict[str, pd.Timestamp]
) -> dict[str, object]:
    difference = float(claim["published"]) - found.value
    bound = (found.addends * found.rounded_to + 10.0 ** -float(claim["decimals"])) / 2
    reading = (
        "exact" if abs(difference) < 1e-6 else "rounding" if abs(difference) <= bound else "beyond rounding"
    )
    return {
        **{name: claim[name] for name in ("claim_id", "dataset", "reference", "statement", "published")},
        "in_table": "table" in claim["reference"],
        **{
            name: "|".join(terms.get(name, [])) for name in ("service_group", "line", "organisation", "group")
        },
        "kinds": "|".join(kind for kind in _KINDS if kind in terms.get("kind", [])),
        "column": _column(claim, terms, days),
        "recomputed": found.value,
        "difference": difference,
        "addends": found.addends,
        "bound": bound,
        "reading": reading,
    }


def _column(claim: dict[str, str], terms: dict[str, list[str]], days: dict[str, pd.Timestamp]) -> str:
    """Name the column of the position that a claim prints."""
    first, _, second = claim["measure"].partition("-")
    name = f"{first}_variance" if second else first
    if claim["operation"] == "difference":
        return f"{name}_change"
    day = days.get("|".join(terms.get("snapshot_label", [])))
    # A budget is the same at every snapshot of its year, so its printed column belongs to none of them.
    return f"{name}@{day:%Y-%m-%d}" if day is not None and name != "budget" else name
