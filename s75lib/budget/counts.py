"""The counts of cases that the wing shows, hidden together, because its tables share their totals."""

from __future__ import annotations

__all__ = ["ALL", "Counts", "counts", "shown_steps"]

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.budget.cohort import COMPONENTS, Cohort
from s75lib.budget.funding import funded
from s75lib.budget.linked import ALL, Cell, Linked, aftercare, alone, bridge, by_care_type, by_group, by_team
from s75lib.present import Check, words

SIDES = ("before", "after")


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of open cases, and which of them may be shown.

    Parameters
    ----------
    fewest : int
        Fewest cases that may be shown; below 2 all are.
    cells : dict of tuple to (int, bool)
        By side, description, service group and value: the count, and whether it is hidden.
    checks : tuple of Check
        The audit of every set of counts of which any is hidden.
    """

    fewest: int
    cells: dict[Cell, tuple[int, bool]] = field(repr=False)
    checks: tuple[Check, ...] = ()

    def of(self, side: str, description: str, group: str = ALL, value: str = ALL) -> int:
        """Give a count; 0 for what is not there."""
        return self._cell(side, description, group, value)[0]

    def hidden(self, side: str, description: str, group: str = ALL, value: str = ALL) -> bool:
        """Whether a count must not be shown, nor anything that goes with it."""
        return self._cell(side, description, group, value)[1]

    def _cell(self, *cell: str) -> tuple[int, bool]:
        return self.cells.get(cell, (0, False))

    def join(self, rows: pd.DataFrame, description: str, value: str, group: str = "") -> pd.DataFrame:
        """Put the counts of both days beside rows, and whether each is hidden.

        Parameters
        ----------
        rows : DataFrame
        description : str
            As in `cells`.
        value, group : str
            Columns of `rows` that hold the value and the service group; no group: all.

        Returns
        -------
        DataFrame
            With ``cases_before``, ``cases_after``, ``hidden_before`` and ``hidden_after``.
        """
        groups = rows[group].tolist() if group else [ALL] * len(rows)
        keys = list(zip(groups, rows[value].tolist(), strict=True))
        made = {f"cases_{side}": [self.of(side, description, *key) for key in keys] for side in SIDES}
        gone = {f"hidden_{side}": [self.hidden(side, description, *key) for key in keys] for side in SIDES}
        return rows.assign(**made, **gone)

    def said(self, side: str, description: str, group: str = ALL, value: str = ALL) -> str:
        """Write a count in a sentence, or that it is not told."""
        if self.hidden(side, description, group, value):
            return "an undisclosed number of"
        return words.number(self.of(side, description, group, value))


def counts(
    sides: Mapping[str, pd.DataFrame],
    fewest: int,
    cohort: Cohort | None,
    reviews: pd.DataFrame,
) -> Counts:
    """Count the open cases in every way that the wing shows, and hide what would disclose a person.

    Parameters
    ----------
    sides : mapping of str to DataFrame
        Lines of ``before`` and ``after``, or of ``after`` alone, as `s75lib.budget.ledger.lines` gives them.
    fewest : int
        Fewest cases that may be shown; below 2 nothing is hidden.
    cohort : Cohort or None
        The bridge between the two days.
    reviews : DataFrame
        As `s75lib.budget.funding.reviews` gives it.

    Returns
    -------
    Counts

    Notes
    -----
    A case with packages of two teams (or funding types, or providers) counts in both, and a total is the sum
    of its rows. Counts that share a total are one set: by care type, with setting, within service group; by
    team, with the reviews; by funding type; by age band; charges for aftercare; the bridge by
    case. Totals over all values are printed by several tables and stay shown; where a set can't be protected
    so, all of its other counts are hidden. Not covered: a comparison with earlier reports of the same ledger.
    """
    sets: list[Linked] = []
    for side, lines in sides.items():
        rows = funded(lines[lines["open"]])
        sets += [
            by_care_type(rows, side),
            by_team(rows, side, reviews if side == "after" else reviews.iloc[:0]),
            by_group(rows, side, "funding"),
            alone(rows, side, "age_band"),
        ]
    sets.append(aftercare(rows))
    if cohort is not None:
        sets.append(bridge(cohort))
    cells: dict[Cell, tuple[int, bool]] = {}
    checks = []
    for one in sets:
        hidden, check = one.protected(fewest)
        cells |= {cell: (count, hidden[cell]) for cell, count in one.counts.items()}
        checks += [check] if check is not None else []
    return Counts(fewest, cells, tuple(checks))


def shown_steps(found: Cohort, counted: Counts) -> pd.DataFrame:
    """Give the steps of the bridge as they may be shown: those of few cases in one.

    Parameters
    ----------
    found : Cohort
    counted : Counts

    Returns
    -------
    DataFrame
        ``name``, ``cases`` (a change of care type counts once; NaN for steps put together) and ``effect``
        (£ a week); the effects add up to the change. A single step that must be hidden is put together with
        the one that has the fewest cases, since the rest would give it away.
    """
    sides = {"switches": ("switches", "switched_from", "switched_to")}
    rows = found.steps.assign(
        name=found.steps["component"].map(COMPONENTS),
        cases=[counted.of("bridge", name) for name in found.steps["component"]],
    )
    few = pd.Series(
        [
            any(counted.hidden("bridge", part) for part in sides.get(name, (name,)))
            for name in rows["component"]
        ]
    )
    if few.sum() == 1:
        known = rows.loc[~few & (rows["cases"] > 0), "cases"]
        few |= few.index == (known.idxmin() if len(known) else -1)
    other = {"name": "Other steps, of few cases", "cases": np.nan, "effect": rows.loc[few, "effect"].sum()}
    kept = rows.loc[~few, ["name", "cases", "effect"]].astype({"cases": float})
    return pd.concat([kept, pd.DataFrame([other])], ignore_index=True) if few.any() else kept
