"""The synthetic package ledger, and the budget monitor, staffing and transfers that stand beside it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.loaders.schemas import DATASETS
from synthetic.care import (
    CARE_TYPES,
    HOURS_CHANGES,
    LEDGER_MONTHS,
    LEDGER_YEARS,
    PRICE_RISE,
    REISSUED_PERCENT,
    SHARE_FALL,
    TEAMS,
    UPLIFT_DATE,
    UPLIFT_PERMILLE,
    draw_terms,
    month_end,
    price_step,
    to_step,
)

_UPLIFT = pd.Timestamp(UPLIFT_DATE)
_PRICE_RISE = pd.Timestamp(PRICE_RISE.start)
_SHARE_FALL = pd.Timestamp(SHARE_FALL.start)
_ONE_DAY = pd.Timedelta(days=1)
_FNC_PENCE = 24_800
_ALL_REVIEWS = 14
_PRIOR_YEAR_MONTHS = ("2024-05", "2024-07", "2024-08", "2024-11", "2025-02",
                      "2025-05", "2025-06", "2025-08", "2025-09", "2025-11", "2026-01")  # fmt: skip


def draw_lines(rng: np.random.Generator, episodes: pd.DataFrame) -> pd.DataFrame:
    """Turn spells of care into ledger lines: constant terms under one reference."""
    terms = draw_terms(rng, episodes)
    lines = _split_by_changes(rng, terms)
    lines = pd.concat([lines, _prior_year_lines(rng, lines)], ignore_index=True)
    lines = _price_lines(lines)
    lines["package_key"] = _references(lines)
    return lines


def ledger_snapshots(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Take the monthly snapshots of the ledger."""
    reviews = _draw_reviews(rng, lines)
    snapshots = [_one_snapshot(lines, reviews, month) for month in LEDGER_MONTHS]
    return pd.concat(snapshots, ignore_index=True)


def _split_by_changes(rng: np.random.Generator, terms: pd.DataFrame) -> pd.DataFrame:
    """Cut each spell at the days on which its terms change."""
    keeps_key = rng.integers(0, 100, len(terms)) >= REISSUED_PERCENT
    hours, risen = _hours_changes(rng, terms), _price_rises(terms)
    rows: list[dict[Hashable, Any]] = []
    for number, spell in enumerate(terms.to_dict("records")):
        end = spell["end"]
        changes = [_UPLIFT]
        if risen[number]:
            changes.append(_PRICE_RISE)
        if spell["health_funding_type"] in SHARE_FALL.funding_types:
            changes.append(_SHARE_FALL)
        if number in hours:
            changes.append(hours[number][0])
        inside = sorted(day for day in set(changes) if spell["start"] < day and not day > end)
        bounds = [spell["start"], *inside]
        shown_start, key = spell["start"], 0
        for first, after in zip(bounds, [*inside, None], strict=True):
            if first == _UPLIFT:
                key += 0 if keeps_key[number] else 1
            elif first != spell["start"]:
                shown_start, key = first, key + 1
            last = end if after is None else after - _ONE_DAY
            changed_hours = number in hours and first >= hours[number][0]
            rows.append(
                spell
                | {
                    "episode": number,
                    "part": key,
                    "valid_from": first,
                    "valid_to": last,
                    "start_date": shown_start,
                    # The uplift rolls a line over at the year end; the ledger never shows that as an end.
                    "end_date": pd.NaT if after == _UPLIFT else last,
                    "known_to_end": _known_from(last, after, planned=spell["planned"]),
                    "half_units": spell["half_units"] + (hours[number][1] if changed_hours else 0),
                    "prior_year": False,
                    "recorded": first,
                }
            )
    return pd.DataFrame(rows)


def _price_rises(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Say which rows belong to the team whose prices rise."""
    same = rows[["group", "care_type", "team"]] == [PRICE_RISE.group, PRICE_RISE.care_type, PRICE_RISE.team]
    return same.all(axis=1).to_numpy()


def _known_from(last: pd.Timestamp, after: pd.Timestamp | None, *, planned: bool) -> pd.Timestamp:
    """Return the day from which a snapshot shows the end: three months before it, on it, or once replaced."""
    if after is not None:
        return after
    return last - pd.Timedelta(days=92) if planned else last


def _hours_changes(rng: np.random.Generator, terms: pd.DataFrame) -> dict[int, tuple[pd.Timestamp, int]]:
    """Choose home care spells whose hours change within a year, as often up as down."""
    stable = terms["end"].isna() & (terms["start"] < "2024-04-01") & (terms["half_units"] > 20)
    candidates = np.flatnonzero((stable & (terms["care_type"] == "Dom Care")).to_numpy())
    chosen = rng.choice(candidates, HOURS_CHANGES, replace=False)
    months = np.delete(LEDGER_MONTHS, [0, 12])  # never April: that is the uplift's
    days = rng.choice(months, HOURS_CHANGES).astype("datetime64[s]")
    sizes = 2 * rng.integers(1, 5, HOURS_CHANGES // 2)
    return {
        int(number): (pd.Timestamp(day), int(size))
        for number, day, size in zip(chosen, days, np.concatenate([sizes, -sizes]), strict=True)
    }


def _prior_year_lines(rng: np.random.Generator, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw care of the year before that is billed in this one."""
    unfunded = lines[(lines["health_funding_type"] == "") & ~lines["s117"] & ~lines["short"]]
    old = unfunded[unfunded["start_date"] < "2023-10-01"].drop_duplicates("episode")
    chosen = old.iloc[rng.choice(len(old), len(_PRIOR_YEAR_MONTHS), replace=False)].copy()
    recorded = pd.to_datetime(list(_PRIOR_YEAR_MONTHS), format="%Y-%m")
    year_start = pd.to_datetime([f"{day.year - (day.month < 4)}-04-01" for day in recorded])
    ends = year_start - pd.to_timedelta(rng.integers(20, 150, len(chosen)), unit="D")
    chosen["start_date"] = (ends - pd.to_timedelta(rng.integers(14, 120, len(chosen)), unit="D")).to_numpy()
    chosen["end_date"] = ends.to_numpy()
    chosen["valid_from"] = chosen["recorded"] = recorded.to_numpy()
    chosen["valid_to"] = (year_start + pd.DateOffset(years=1) - _ONE_DAY).to_numpy()
    chosen["known_to_end"] = chosen["end_date"]
    chosen["prior_year"] = True
    chosen["part"] = 100 + np.arange(len(chosen))
    return chosen


def _price_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Work out every line's money in whole pence, halves rounded up."""
    lines = lines.copy()
    first_day = lines["valid_from"].where(~lines["prior_year"], lines["start_date"])
    uplifted = (first_day >= _UPLIFT).to_numpy()
    risen = _price_rises(lines) & (first_day >= _PRICE_RISE).to_numpy()
    permille = np.where(uplifted, 1_000 + UPLIFT_PERMILLE, 1_000)
    percent = np.where(risen, 100 + PRICE_RISE.percent, 100)
    price = lines["base_price"].to_numpy() * permille * percent
    lines["unit_price"] = to_step(price, 100_000 * price_step(lines)) // 100_000
    lines["weekly_gross"] = (lines["unit_price"] * lines["half_units"] + 1) // 2
    fallen = lines["health_funding_type"].isin(SHARE_FALL.funding_types) & (first_day >= _SHARE_FALL)
    lines["health_share"] = lines["health_share"] - np.where(fallen, SHARE_FALL.points, 0)
    nursing_rate = to_step(_FNC_PENCE * permille, 100_000) // 1_000
    lines["health_weekly"] = np.where(
        lines["health_funding_type"] == "FNC",
        nursing_rate,
        (lines["weekly_gross"] * lines["health_share"] + 50) // 100,
    )
    contribution = to_step(lines["base_client"].to_numpy() * permille, 100_000) // 1_000
    lines["client_weekly"] = np.minimum(contribution, lines["weekly_gross"] - lines["health_weekly"])
    lines["net_weekly"] = lines["weekly_gross"] - lines["health_weekly"] - lines["client_weekly"]
    return lines


def _references(lines: pd.DataFrame) -> pd.Series:
    """Give each line its reference, numbered in the order in which the ledger gave them."""
    first = lines.groupby(["episode", "part"])["recorded"].transform("min")
    order = (
        pd.DataFrame({"episode": lines["episode"], "part": lines["part"], "first": first})
        .drop_duplicates()
        .sort_values(["first", "episode", "part"])
    )
    names = {
        (episode, part): f"K{number:04d}"
        for number, (episode, part) in enumerate(zip(order["episode"], order["part"], strict=True), start=1)
    }
    pairs = zip(lines["episode"], lines["part"], strict=True)
    return pd.Series([names[pair] for pair in pairs], index=lines.index)


def _draw_reviews(rng: np.random.Generator, lines: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    """Draw each spell's review days (spells × reviews): first after about seven weeks, then about yearly."""
    starts = lines.groupby("episode")["start"].first()
    usual = rng.integers(300, 400, (len(starts), _ALL_REVIEWS))
    late = rng.integers(450, 700, (len(starts), _ALL_REVIEWS))
    gaps = np.where(rng.integers(0, 100, usual.shape) < 45, late, usual)
    gaps[:, 0] = rng.integers(42, 57, len(starts))
    days = starts.to_numpy().astype("datetime64[D]")[:, None] + gaps.cumsum(axis=1).astype("timedelta64[D]")
    return np.asarray(days)


def _one_snapshot(
    lines: pd.DataFrame, reviews: npt.NDArray[np.datetime64], month: np.datetime64
) -> pd.DataFrame:
    """Show the ledger as it stood on the last day of a month."""
    day = pd.Timestamp(month_end(month))
    year_start = pd.Timestamp(year=day.year - (day.month < 4), month=4, day=1)
    begun = lines["valid_from"] <= day
    in_year = lines["valid_to"].isna() | (lines["valid_to"] >= year_start)
    # Each line's terms belong to the year in which they hold; the uplift's cut separates the years.
    seen = lines[begun & in_year].sort_values("package_key")
    done = reviews[seen["episode"].to_numpy()]
    done = np.where(done <= np.datetime64(day.date()), done, np.datetime64("NaT"))
    last_review = pd.DataFrame(done.astype("datetime64[s]")).max(axis=1).to_numpy()
    money = ["weekly_gross", "unit_price", "health_weekly", "client_weekly", "net_weekly"]
    shown = seen.rename(columns={"group": "service_group"}).assign(
        snapshot_date=day,
        person_key=[f"P{number + 1:04d}" for number in seen["person"]],
        end_date=seen["end_date"].where(seen["known_to_end"] <= day),
        units_per_week=seen["half_units"] / 2,
        last_review_date=last_review,
        **{name: seen[name] / 100 for name in money},
    )
    return shown[[name for name in DATASETS["packages"].column_names if name in shown]]


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
    """Build the monthly budget monitor whose commitments are the ledger's."""
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
        amounts = {care_type: float(spend.get((group, care_type), 0.0)) for care_type in CARE_TYPES}
        here = rows["service_group"] == group
        for line, (_, column) in _INCOME_LINES.items():
            amounts[line] = -float((rows[column] * weeks)[here].sum())
        frames.append(
            pd.DataFrame({"service_group": group, "line": amounts.keys(), "amount": amounts.values()})
        )
    table = pd.concat(frames, ignore_index=True)
    kinds = {line: kind for line, (kind, _) in _INCOME_LINES.items()}
    return table.assign(kind=table["line"].map(kinds).fillna("expenditure"))


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
    """Draw the staffing position at each quarter end of two years."""
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
            to_date = round(adjusted * phased / 12)
            rows.append((day, organisation, group, budget, adjusted, to_date, actual, forecast, locum))
    columns = ["as_at", "organisation", "group", "budget", "adjusted_budget", "adjusted_budget_to_date"]
    return pd.DataFrame(rows, columns=[*columns, "actual_to_date", "forecast", "locum_to_date"])


def transfers_from_ledger(packages: pd.DataFrame) -> pd.DataFrame:
    """Count the people of each team by who holds their packages."""
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
