"""The synthetic partners' contributions, quarter by quarter, some of them paid late or not in full."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

COUNCIL: Final = "Council"
TRUST: Final = "Mental Health NHS Trust"
_QUARTERS: Final = ("06-30", "09-30", "12-31", "03-31")
_TRUSTS_PART: Final = 0.12  # of care packages, net
_GROWTH: Final = 1.03
_COLUMNS: Final = [
    "financial_year", "partner", "service_group", "line", "kind", "agreed", "paid_to_date", "as_at",
    "basis", "one_off",
]  # fmt: skip


def draw_contributions(
    rng: np.random.Generator, name: str, budget: pd.DataFrame, staffing: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Draw what each partner agreed and paid, equal to the budget in all; give what was planted too."""
    late_group, late_quarter = ("AMH", "OPMH")[rng.integers(2)], int(rng.integers(1, 3))
    short_group, short = ("AMH", "OPMH")[rng.integers(2)], int(rng.integers(20, 80)) * 1_000
    rows: list[tuple[object, ...]] = []
    for year in sorted(budget["financial_year"].unique()):
        first = int(year[:4])
        for quarter, day in enumerate(_QUARTERS, start=1):
            as_at = f"{first + (quarter == 4)}-{day}"
            for who, group, line, kind, agreed, one_off in _agreed(name, as_at, budget, staffing):
                paid = agreed * quarter / 4
                last = year == "2025/26"
                if last and who.endswith(TRUST) and group == late_group and quarter == late_quarter + 1:
                    paid -= agreed / 4
                if last and who.endswith(COUNCIL) and group == short_group and quarter == 4:
                    paid -= short
                rows.append((year, who, group, line, kind, agreed, paid, as_at, "pooled", one_off))
    for who, group, line, kind, agreed, one_off in _agreed(name, "2026-03-31", budget, staffing):
        if not one_off:
            planned = round(agreed * _GROWTH / 1_000) * 1_000.0
            rows.append(("2026/27", who, group, line, kind, planned, np.nan, "", "pooled", one_off))
    planted = {
        "difference_2025_26": 549_072,
        "shares": {COUNCIL.lower(): 329_443.20, "trust": 219_628.80},
        "late": {
            "partner": f"{name} {TRUST}",
            "service_group": late_group,
            "as_at": f"2025-{_QUARTERS[late_quarter]}",
        },
        "short_at_year_end": {
            "partner": f"{name} {COUNCIL}",
            "service_group": short_group,
            "amount": short,
        },
        "gap_found": "the extension is decided after the agreement ends",
    }
    return pd.DataFrame(rows, columns=_COLUMNS), planted


def _agreed(
    name: str, as_at: str, budget: pd.DataFrame, staffing: pd.DataFrame
) -> list[tuple[str, str, str, str, float, bool]]:
    """Give partner, group, line, kind, sum and whether it is for one year; all together are the budget."""
    council, trust = f"{name} {COUNCIL}", f"{name} {TRUST}"
    held = budget[budget["as_at"] == as_at]
    rows: list[tuple[str, str, str, str, float, bool]] = []
    for group in ("AMH", "OPMH"):
        net = float(held.loc[held["service_group"] == group, "budget"].sum())
        part = round(net * _TRUSTS_PART / 1_000) * 1_000.0
        rows.append((council, group, "Care packages", "cash", net - part, False))
        rows.append((trust, group, "Care packages", "cash", part, False))
    reserve = float(held.loc[held["kind"] == "adjustment", "budget"].sum())
    rows.append((council, "", "Inflation reserve", "cash", reserve, False))
    staff = staffing[staffing["as_at"] == as_at].groupby("organisation")[["budget", "adjusted_budget"]].sum()
    rows.append((council, "", "Social work staff", "in_kind", float(staff["budget"]["Council"]), False))
    more = float((staff["adjusted_budget"] - staff["budget"]).sum())
    if more:
        rows.append((council, "", "AMHP posts", "in_kind", more, True))
    rows.append((trust, "", "Clinical staff", "in_kind", float(staff["budget"]["Trust"]), False))
    return rows
