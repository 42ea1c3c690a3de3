"""Demand: who starts and who leaves, by care type and age band, with intervals."""

from __future__ import annotations

__all__ = ["rates"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.next_year.history import Array, Flows
from s75lib.present import Column, Headline, Missing, Protected, Section, TableOf, table_of, words
from s75lib.present.disclosure import ROUNDED, Decisions, Register, as_decided, nearest_5

if TYPE_CHECKING:
    from s75lib.next_year.study import Study

_DRAWS = 2_000
SEED = 75
ALL = "All"


def rates(found: Flows, cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """Give starters a year and leavers of a hundred cases a year, with intervals.

    A percentile bootstrap over months (Efron and Tibshirani 1993, 13.3) from seeded draws.

    Returns
    -------
    DataFrame
        `by`, ``open`` (mean cases open as a month began), ``started`` and ``left`` (in all months held), and
        ``starting`` and ``leaving`` (a year; of a hundred open) with ``_lower`` and ``_upper`` (95%). The
        last row is all.

    Examples
    --------
    >>> found = rates(held.flows, held.history.cells, "care_type").iloc[-1]
    >>> bool(found["starting_lower"] < found["starting"] < found["starting_upper"])
    True
    """
    codes, values = pd.factorize(cells[by], sort=True)
    together = np.eye(len(values) + 1)[codes]
    together[:, -1] = 1.0
    n = len(found.months)
    months = {name: counts @ together for name, counts in found.counts.items()}
    picks = np.random.Generator(np.random.PCG64(SEED)).integers(0, n, (_DRAWS, n))

    def yearly(sums: dict[str, Array]) -> dict[str, Array]:
        return {"starting": sums["started"] * 12 / n, "leaving": 1200 * sums["left"] / sums["stock"]}

    held = {name: counts.sum(axis=0) for name, counts in months.items()}
    table = {by: [*values, ALL], "open": np.round(held["stock"] / n)}
    table |= {name: held[name] for name in ("started", "left")}
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = yearly({name: counts[picks].sum(axis=1) for name, counts in months.items()})
        ends = {
            f"{name}_{end}": np.nanquantile(part, q, axis=0)
            for name, part in drawn.items()
            for end, q in (("lower", 0.025), ("upper", 0.975))
        }
        return pd.DataFrame(table | yearly(held) | ends)


def _table(by: str, label: str) -> TableOf:
    return table_of(
        f"next_year_rates_{by}",
        Column(by, label),
        Column("started", "Started", "number"),
        Column("left", "Left", "number"),
        Column("starting", "Start in a year", "number", 1),
        Column("starting_interval", "95% interval"),
        Column("leaving", "Leave in a year, of 100", "number", 1),
        Column("leaving_interval", "95% interval"),
        notes=(
            "Cases, a person in a care type. Intervals: bootstrap over the months held.",
            "Start in a year: as in the months held. The number expected next year is a forecast, which "
            "follows the trend and the season of all cases too.",
        ),
        totals=1,
    )


_FLOWS = {"starting": "started", "leaving": "left"}
_TABLES = {"care_type": _table("care_type", "Care type"), "age_band": _table("age_band", "Age band")}


def protected_rates(study: Study, by: str) -> Protected:
    """Set out the rates by care type or age band, small counts hidden with what goes with them."""
    rows = rates(study.flows, study.history.cells, by)
    if study.fewest("packages") > 1:
        # The months held grow with each edition: exact counts of two would tell who came in between.
        near = {name: nearest_5(rows[of]) / rows[of].where(rows[of] > 0) for name, of in _FLOWS.items()}
        rows = rows.assign(
            **{name: rows[name] * near[name] for name in near},
            **{of: nearest_5(rows[of]) for of in _FLOWS.values()},
        )
    shown = {
        f"{name}_interval": [
            words.interval(low, high) if np.isfinite(low) else "–"
            for low, high in zip(rows[f"{name}_lower"], rows[f"{name}_upper"], strict=True)
        ]
        for name in ("starting", "leaving")
    }
    months = words.count_noun(len(study.flows.months), "month")
    note = () if study.fewest("packages") < 2 else (ROUNDED,)
    title = f"Starters and leavers by {by.replace('_', ' ')}, over {months}"
    table = _TABLES[by].of(rows.assign(**shown), title, notes=note)
    goes = {f"{name}{end}": (of,) for name, of in _FLOWS.items() for end in ("", "_interval")}
    cells = {of: [(of, by, value) for value in (*rows[by][:-1], ALL)] for of in _FLOWS.values()}
    return as_decided(table, cells, study.decided_flows, study.fewest("packages"), with_counts=goes)


def decided_flows(study: Study) -> Decisions:
    """Decide which counts of starters and leavers may be shown, by care type and by age band together."""
    made = Register()
    for by in _TABLES:
        rows = rates(study.flows, study.history.cells, by)
        for of in _FLOWS.values():
            own = {(of, by, value): int(n) for value, n in zip(rows[by][:-1], rows[of][:-1], strict=True)}
            made.counts |= own
            made.total((of, by, ALL), own, shown=True)
    for of in _FLOWS.values():
        first, *others = [(of, by, ALL) for by in _TABLES]
        made.sums += [(first, [other]) for other in others]
    return made.decide(study.fewest("packages"))


NO_RATES = Missing.of(
    "The ledger shows too few months of starters and leavers for rates; six are needed.",
    "packages",
    ("snapshot_date", "start_date", "end_date"),
    "earlier snapshots, or ended packages",
)


def headlines(study: Study) -> Iterator[Headline]:
    """Say how many start and leave, and how many are expected."""
    if study.bridge is None or study.model.counts is None:
        return
    ahead = study.model.year == 1
    expected = float(study.model.counts.table["mean"].to_numpy()[ahead].sum())
    if (few := study.fewest("packages")) > 1:
        if 0 < expected < few or ("started", "care_type", ALL) in study.decided_flows.hidden:
            return
        expected = nearest_5(expected)  # as starters are, of which it tells the number
    usual = study.protected_rates["care_type"].table.frame["starting"].iloc[-1]
    mean = f"; all months held come to {words.number(usual)} a year" if pd.notna(usual) else ""
    yield Headline(
        "next_year.demand",
        f"From the months held, {words.number(expected)} cases are expected to start in {study.next_year}"
        f"{mean}.{' Later months weigh more in the forecast.' if mean else ''}",
        expected,
        "cases",
        method=study.model.counts.method,
        see=("next_year_rates_care_type",),
        cell=("next_year_levers", "Fewer placements", "expected"),
    )


def section(study: Study) -> Section:
    """Set out starters and leavers by care type and by age band."""
    if study.bridge is None:
        return Section.of(study.no_ledger)
    if study.model.counts is None:
        return Section.of(NO_RATES)
    return Section.of(headlines(study), *(study.protected_rates[by] for by in _TABLES))
