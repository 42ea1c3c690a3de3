"""The synthetic budget monitor, staffing position and package transfers, which follow from the ledger."""

from __future__ import annotations

__all__ = ["budget_from_ledger", "draw_staffing", "transfers_from_ledger"]

import numpy as np
import pandas as pd

from s75lib.loaders.synthetic.settings import CARE_TYPES, LEDGER_YEARS, TEAMS, UPLIFT_PERMILLE

_LABELS = ("Apr", "May", "Q1", "Jul", "Aug", "Q2", "Oct", "Nov", "Q3", "Jan", "Feb", "Q4")
_BUDGET_COLUMNS = [
    "financial_year", "as_at", "service_group", "line", "kind", "budget", "commitment", "forecast",
    "snapshot_label", "actual_to_date", "rounded_to",
]  # fmt: skip
_INFLATION_BUDGET = {"2024/25": 240_000, "2025/26": 180_000}
_INCOME_LINES = {
    "Health Cont": ("health_income", "health_weekly"),
    "Client Conts": ("client_income", "client_weekly"),
}
_STAFF = (
    ("Council", "Management", 284_000, 0.99),
    ("Council", "AMH", 1_486_000, 0.97),
    ("Council", "OPMH", 742_000, 0.98),
    ("Council", "AMHP", 518_000, 1.06),
    ("Trust", "Management", 391_000, 0.93),
    ("Trust", "AMH", 604_000, 0.84),
    ("Trust", "OPMH", 322_000, 0.88),
)


def budget_from_ledger(packages: pd.DataFrame) -> pd.DataFrame:
    """Build the monthly budget monitor whose commitments are the ledger's.

    Parameters
    ----------
    packages : pandas.DataFrame
        The contract's `packages`, monthly snapshots of two financial years.

    Returns
    -------
    pandas.DataFrame
        The contract's `budget`. Commitment: for each snapshot, the weekly amounts over seven times the days
        of the financial year in which each line holds (both ends counted, open ends to 31 March), prior-year
        items left out and shown as an adjustment. The budget is set once a year, from the packages open at
        its start; the forecast moves from the budget to the commitment as the year goes by.
    """
    budgets = _set_budgets(packages)
    days = packages["snapshot_date"].drop_duplicates()
    frames = [_monitor(day, packages[packages["snapshot_date"] == day], budgets) for day in days]
    return pd.concat(frames, ignore_index=True)


def _year_of(day: pd.Timestamp) -> tuple[str, pd.Timestamp, pd.Timestamp]:
    """Return the financial year's name, first and last day."""
    first = day.year - (day.month < 4)
    return f"{first}/{(first + 1) % 100:02d}", pd.Timestamp(first, 4, 1), pd.Timestamp(first + 1, 3, 31)


def _lines_of(rows: pd.DataFrame, weeks: pd.Series) -> pd.DataFrame:
    """Sum weekly amounts over weeks by service group and budget line; income is negative."""
    spend = (rows["weekly_gross"] * weeks).groupby([rows["service_group"], rows["care_type"]]).sum()
    frames = []
    for group in TEAMS:
        amounts = [float(spend.get((group, care_type), 0.0)) for care_type in CARE_TYPES]
        kinds = ["expenditure"] * len(CARE_TYPES)
        here = rows["service_group"] == group
        for kind, column in _INCOME_LINES.values():
            amounts.append(-float((rows[column] * weeks)[here].sum()))
            kinds.append(kind)
        frames.append(
            pd.DataFrame(
                {
                    "service_group": group,
                    "line": [*CARE_TYPES, *_INCOME_LINES],
                    "kind": kinds,
                    "amount": amounts,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _days_over_seven(rows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    """Return the weeks of each line between two days, both counted."""
    until = rows["end_date"].where(rows["end_date"] < last, last)
    since = rows["start_date"].where(rows["start_date"] > first, first)
    weeks: pd.Series = ((until - since).dt.days + 1).clip(lower=0) / 7
    return weeks


def _set_budgets(packages: pd.DataFrame) -> dict[str, pd.Series]:
    """Set each year's budget to the thousand, from the packages open as it begins."""
    first_rows = packages[packages["snapshot_date"] == packages["snapshot_date"].min()]
    at_start = first_rows[~first_rows["prior_year"] & (first_rows["start_date"] < "2024-04-01")]
    year_end = packages[(packages["snapshot_date"] == "2025-03-31") & ~packages["prior_year"]]
    carried = year_end[year_end["end_date"].isna() | (year_end["end_date"] > "2025-03-31")]
    uplift = 1 + UPLIFT_PERMILLE / 1_000
    budgets = {}
    for year, rows, price in zip(LEDGER_YEARS, (at_start, carried), (1.0, uplift), strict=True):
        weeks = pd.Series(365 / 7 * price, index=rows.index)
        budgets[year] = (_lines_of(rows, weeks)["amount"] / 1_000).round() * 1_000
    return budgets


def _monitor(day: pd.Timestamp, rows: pd.DataFrame, budgets: dict[str, pd.Series]) -> pd.DataFrame:
    """Build one month's budget monitor."""
    year, first, last = _year_of(day)
    month = (day.month - 4) % 12 + 1
    current = rows[~rows["prior_year"]]
    table = _lines_of(current, _days_over_seven(current, first, last))
    table["commitment"] = table.pop("amount").round()
    table["budget"] = budgets[year]
    trust_in_ledger = min(1.0, month / 9)
    table["forecast"] = (table["budget"] + trust_in_ledger * (table["commitment"] - table["budget"])).round()
    table["actual_to_date"] = _lines_of(current, _days_over_seven(current, first, day))["amount"].round()
    table = pd.concat([table, _adjustments(rows[rows["prior_year"]], year, month)], ignore_index=True)
    table = table.assign(financial_year=year, as_at=day, snapshot_label=_LABELS[month - 1], rounded_to=1)
    return table[_BUDGET_COLUMNS]


def _adjustments(prior: pd.DataFrame, year: str, month: int) -> pd.DataFrame:
    """Return inflation held back, released by quarter, and what is owed for earlier years."""
    budget = _INFLATION_BUDGET[year]
    held = budget * (4 - (month // 3)) / 4
    days = (prior["end_date"] - prior["start_date"]).dt.days + 1
    owed = round(float((prior["net_weekly"] * days / 7).sum()))
    return pd.DataFrame(
        {
            "service_group": "",
            "line": ["Inflation", "Prior Year Liabilities"],
            "kind": "adjustment",
            "budget": [float(budget), 0.0],
            "commitment": [held, 0.0],
            "forecast": [held, float(owed)],
            "actual_to_date": [0.0, float(owed)],
        }
    )


def draw_staffing(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the staffing position at each quarter end of two years.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        The contract's `staffing`. Every budget to date is phased evenly, except at 31 December 2025, where
        eight twelfths stand in place of nine: a planted fault for the phasing check.
    """
    rows = []
    for day in pd.date_range("2024-06-30", "2026-03-31", freq="QE"):
        months = (day.month - 4) % 12 + 1
        phased = 8 if day == pd.Timestamp("2025-12-31") else months
        pay_award = 1.0 if day < pd.Timestamp("2025-04-01") else 1.03
        for organisation, group, base, spent in _STAFF:
            budget = round(base * pay_award)
            adjusted = budget + (12_000 if group == "AMHP" and months > 6 else 0)
            year_end = round(adjusted * spent * (1 + rng.integers(-15, 16) / 1_000))
            actual = round(year_end * months / 12 * (1 + rng.integers(-20, 21) / 1_000))
            forecast = actual if months == 12 else year_end
            locum = round(actual * int(rng.integers(2, 9)) / 100) if group != "Management" else 0
            rows.append(
                (
                    day,
                    organisation,
                    group,
                    budget,
                    adjusted,
                    round(adjusted * phased / 12),
                    actual,
                    forecast,
                    locum,
                )
            )
    columns = ["as_at", "organisation", "group", "budget", "adjusted_budget", "adjusted_budget_to_date"]
    return pd.DataFrame(rows, columns=[*columns, "actual_to_date", "forecast", "locum_to_date"])


def transfers_from_ledger(packages: pd.DataFrame) -> pd.DataFrame:
    """Count the people of each team by who holds their packages.

    Parameters
    ----------
    packages : pandas.DataFrame
        The contract's `packages`.

    Returns
    -------
    pandas.DataFrame
        The contract's `package_transfers` at two year ends; the two counts of a team add up to the people
        with an open package in the ledger on that day. A fifth fewer are with health staff in the second.
    """
    frames = []
    for day, with_health in ((pd.Timestamp("2025-03-31"), 0.45), (pd.Timestamp("2026-03-31"), 0.36)):
        ledger = packages[(packages["snapshot_date"] == day) & ~packages["prior_year"]]
        open_now = ledger[ledger["end_date"].isna() | (ledger["end_date"] >= day)]
        people = (
            open_now.groupby(["service_group", "team"])["person_key"].nunique().reset_index(name="people")
        )
        people["healthcare_professional"] = (people["people"] * with_health).round().astype(int)
        people["social_work"] = people["people"] - people["healthcare_professional"]
        people.insert(0, "as_at", day)
        frames.append(people[["as_at", "service_group", "team", "social_work", "healthcare_professional"]])
    return pd.concat(frames, ignore_index=True)
