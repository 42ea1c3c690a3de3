"""Small counts of people in the wing's datasets: hidden before anything is worked out from them.

What is hidden here is missing in the frames that every table, chart and sentence is made of, so that nothing
in the report rests on it.
"""

from __future__ import annotations

__all__ = ["Suppressed", "check", "may_show", "suppress"]

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.errors import MethodError
from s75lib.kpi.comparison import MONTHS, history
from s75lib.loaders.period import Period
from s75lib.present import Check, words
from s75lib.stats.suppression import suppress_cells

# Rows of the dataset that are hidden with a count, and which count of them it is.
Cell = tuple[tuple[int, ...], str]
Sums = list[tuple[Hashable, Sequence[Hashable]]]
Bound = tuple[dict[Cell, float], Sums, set[Cell]]

_PART_OF_WHOLE = {"top", "base"}
_NOT_SHOWN: Mapping[str, list[str]] = {
    "kpi": ["value", "numerator", "denominator"],
    "survey": ["percent", "count", "base"],
    "audits": ["compliant", "cases"],
}
_QUESTION = ("survey", "period", "question")
_CALLED = {"kpi": "indicators", "survey": "the survey", "audits": "the case-file audit"}


@dataclass(frozen=True, eq=False)
class Suppressed:
    """One of the wing's datasets without what may not be shown.

    Parameters
    ----------
    frame : DataFrame
        The dataset with a column ``hidden``; what is hidden is missing.
    audit : DataFrame or None
        Of each hidden count, whether it is ``protected``, as `s75lib.stats.suppression.suppress_cells` has
        it; None where nothing had to be looked at.
    """

    frame: pd.DataFrame = field(repr=False)
    audit: pd.DataFrame | None = field(default=None, repr=False)


def suppress(dataset: str, frame: pd.DataFrame, fewest: int) -> Suppressed:
    """Hide the figures that rest on too few people, and those that would give them away.

    Parameters
    ----------
    dataset : str
        kpi, survey or audits.
    frame : DataFrame
        The contract's dataset of that name.
    fewest : int
        The fewest people that a count from it may show; below 2 nothing is hidden.

    Returns
    -------
    Suppressed

    Raises
    ------
    MethodError
        If no counts are known of a dataset of that name.

    Notes
    -----
    A figure, an answer or a criterion is hidden whole where a count behind it is from 1 to ``fewest - 1``: a
    count itself, a numerator, a denominator, or the remainder. Zeros are shown. What a reader can add up is
    protected too: groups to the whole, answers to their question's respondents. A monthly series with a month
    to hide is hidden as a whole, zeros included: a chart with gaps would mislead, and the year's total can
    then be shown. So is a series of quarters, and its months with it.

    Of a month's percentage no count is printed, so that its remainder cannot be had from it: it stays where
    numerator and denominator are large enough. If the remainder is small in any month, the counts of the
    whole series are withheld, and its control chart rests on the percentages alone: the limits of a p chart
    would tell the base. A bare percentage tells no count and stays.

    Examples
    --------
    >>> rows = {"indicator": "admissions", "group": ["A", "B", ""], "period": "2024/25", "value": [2, 9, 11],
    ...         "unit": "count", "numerator": np.nan, "denominator": np.nan, "months_reported": np.nan}
    >>> found = suppress("kpi", pd.DataFrame(rows), 5)
    >>> found.frame["hidden"].tolist(), bool(found.audit["protected"].all())
    ([True, True, False], True)
    """
    if dataset not in _BINDS:
        raise MethodError(f"No counts of people are known of a dataset {dataset!r}: add it to _BINDS.")
    frame = frame.reset_index(drop=True)
    if fewest < 2 or frame.empty:
        return Suppressed(frame.assign(hidden=np.zeros(len(frame), dtype=bool)))
    cells, sums, known = _BINDS[dataset](frame)
    labels = pd.Index(list(cells), tupleize_cols=False)
    counts = pd.Series(np.array(list(cells.values()), dtype=float), index=labels)
    try:
        found = suppress_cells(counts, sums, fewest, shown=known)
    except MethodError:  # what readers know gives a count away: then it is hidden too
        found = suppress_cells(counts, sums, fewest)
    gone_with = zip(cells, found.hidden.to_list(), strict=True)
    rows = {row for (own, _), gone in gone_with if gone for row in own}
    hidden = np.isin(np.arange(len(frame)), list(rows))
    if dataset == "kpi":
        hidden = _whole_series(frame, hidden)
    gone = {column: frame[column].mask(hidden) for column in _NOT_SHOWN[dataset]}
    shown = frame.assign(**gone, hidden=hidden)
    return Suppressed(_without_bases(frame, shown, fewest) if dataset == "kpi" else shown, found.audit)


def may_show(kpi: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Take out what an authority may not show others of its indicators, and put the rest in order of time.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi` of one authority; further columns are kept.
    fewest : int
        The fewest people that a count may show, by what that authority says; 1 where they are published.

    Returns
    -------
    DataFrame
        The columns of `s75lib.kpi.comparison.history`; hidden as in the authority's own report.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = may_show(load("islington", "2018/19").kpi, 5)
    >>> len(rows), int(rows["hidden"].sum())
    (31, 0)
    """
    return history(suppress("kpi", kpi, fewest).frame)


def check(dataset: str, found: Suppressed, fewest: int) -> list[Check]:
    """Word the audit of one dataset; nothing where nothing had to be looked at."""
    if found.audit is None:
        return []
    id, rows = f"kpi.disclosure.{dataset}", found.frame
    figures = f"{words.count_noun(len(rows), 'figure')} of {_CALLED[dataset]}"
    if found.audit.empty:
        return [Check(id, True, f"{figures}: none rests on a count of people below {fewest}.")]
    open_to = int((~found.audit["protected"]).sum())
    said = (
        f"{words.count_noun(open_to, 'count')} could still be worked out too closely."
        if open_to
        else f"For each, a reader who knows the rule is left with more than {fewest - 1} possible values."
    )
    detail = (
        f"{words.number(int(rows['hidden'].sum()))} of {figures} are hidden, since a count of people from 1 "
        f"to {fewest - 1} is in them or could be worked out from them. {said}"
    )
    return [Check(id, open_to == 0, detail)]


def _lengths(kpi: pd.DataFrame) -> NDArray[np.int_]:
    """How many months each figure is of: one, three or twelve."""
    codes, periods = pd.factorize(kpi["period"])
    return np.array([MONTHS[Period.parse(text).kind] for text in periods], dtype=int)[codes]


def _series_of(kpi: pd.DataFrame, figures: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark every figure of an indicator and group of which one is marked."""
    series = list(zip(kpi["indicator"].tolist(), kpi["group"].tolist(), strict=True))
    marked = {series[row] for row in np.flatnonzero(figures)}
    return np.array([one in marked for one in series])


def _whole_series(kpi: pd.DataFrame, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hide all quarters of a series of which one is hidden, then all months of one with either hidden."""
    length = _lengths(kpi)
    quarter, month = length == 3, length == 1
    hidden |= quarter & _series_of(kpi, quarter & hidden)
    hidden |= month & _series_of(kpi, (quarter | month) & hidden)
    return hidden


def _without_bases(kpi: pd.DataFrame, shown: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Withhold the counts of monthly percentages that come near to one or all in any month."""
    share = (_lengths(kpi) == 1) & kpi["unit"].eq("percent").to_numpy(dtype=bool)
    rest = (kpi["denominator"] - kpi["numerator"]).to_numpy()
    series = share & _series_of(kpi, share & (rest >= 1) & (rest < fewest))
    return shown.assign(
        numerator=shown["numerator"].mask(series), denominator=shown["denominator"].mask(series)
    )


def _kpi(kpi: pd.DataFrame) -> Bound:
    """Gather the counts behind the indicators, with the sums that readers can make."""
    cells: dict[Cell, float] = {}
    sums: Sums = []
    names = ["unit", "value", "numerator", "denominator", "months_reported"]
    figures = zip(_lengths(kpi).tolist(), *(kpi[name].tolist() for name in names), strict=True)
    for row, figure in enumerate(figures):
        _add(cells, sums, row, _parts(*figure))
    _add_groups(kpi, cells, sums)
    return cells, sums, set()


def _parts(
    length: int, unit: str, value: float, numerator: float, denominator: float, reported: float
) -> dict[str, float]:
    """Give the counts of people behind one figure; the base is one only of a percentage."""
    if unit == "percent":
        names = ("top", "base") if length > 1 else ("numerator", "denominator")
        return dict(zip(names, (numerator, denominator), strict=True))
    if not math.isnan(numerator):
        return {"top": numerator}
    if unit == "per_month":
        return {"top": value * (reported if reported > 0 and length > 1 else length)}
    return {"top": value} if unit == "count" else {}


def _add(cells: dict[Cell, float], sums: Sums, row: int, parts: Mapping[str, float]) -> None:
    """Take up the counts of one figure; with its base, also the remainder."""
    known = {name: float(round(count, 0)) for name, count in parts.items() if count >= 0}
    if known.keys() >= _PART_OF_WHOLE and known["top"] <= known["base"]:
        known["rest"] = known["base"] - known["top"]
        sums.append((((row,), "base"), [((row,), "top"), ((row,), "rest")]))
    for name, count in known.items():
        cells[(row,), name] = count


def _adds_up(cells: Mapping[Cell, float], total: Cell, parts: Sequence[Cell]) -> bool:
    """Whether all counts are held and the parts make the total."""
    held = total in cells and all(part in cells for part in parts)
    return held and cells[total] == sum(cells[part] for part in parts)


def _add_groups(kpi: pd.DataFrame, cells: dict[Cell, float], sums: Sums) -> None:
    """Add up an indicator's groups where they make the whole."""
    group, alike = kpi["group"].tolist(), defaultdict(list)
    for row, key in enumerate(zip(kpi["indicator"].tolist(), kpi["period"].tolist(), strict=True)):
        alike[key].append(row)
    for rows in alike.values():
        whole, groups = [row for row in rows if group[row] == ""], [row for row in rows if group[row] != ""]
        if len(whole) != 1 or len(groups) < 2:
            continue
        for name in ("top", "rest", "base", "numerator", "denominator"):
            own: list[Cell] = [((row,), name) for row in groups]
            total: Cell = ((whole[0],), name)
            if _adds_up(cells, total, own):
                sums.append((total, own))


def _survey(survey: pd.DataFrame) -> Bound:
    """Respondents behind each answer: all answers add up to those asked, or each stands alone."""
    cells: dict[Cell, float] = {}
    sums: Sums = []
    known: set[Cell] = set()
    counts = survey["count"].fillna(survey["percent"] * survey["base"] / 100).round().tolist()
    bases, alike = survey["base"].tolist(), defaultdict(list)
    for row, question in enumerate(zip(*(survey[name].tolist() for name in _QUESTION), strict=True)):
        alike[question].append(row)
    for rows in alike.values():
        asked = bases[rows[0]]
        if all(bases[row] == asked for row in rows) and sum(counts[row] for row in rows) == asked:
            whole: Cell = (tuple(rows), "base")
            parts: list[Cell] = [((row,), "top") for row in rows]
            cells |= {part: counts[row] for part, row in zip(parts, rows, strict=True)} | {whole: asked}
            sums.append((whole, parts))
            known.add(whole)
        else:
            for row in rows:
                _add(cells, sums, row, {"top": counts[row], "base": bases[row]})
    return cells, sums, known


def _audits(audits: pd.DataFrame) -> Bound:
    """Files that meet each criterion, and those that do not."""
    cells: dict[Cell, float] = {}
    sums: Sums = []
    for row, (cases, compliant) in enumerate(zip(audits["cases"], audits["compliant"], strict=True)):
        _add(cells, sums, row, {"top": compliant, "base": cases})
    return cells, sums, set()


_BINDS: Mapping[str, Callable[[pd.DataFrame], Bound]] = {"kpi": _kpi, "survey": _survey, "audits": _audits}
"""How the counts behind each dataset hang together."""
