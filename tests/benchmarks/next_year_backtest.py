"""Does last year's ledger predict this year's commitment? Backtest on generated authorities; by hand.

``uv run python tests/benchmarks/next_year_backtest.py [authorities]`` draws authorities whose packages start,
end and change hours at random, cuts each ledger after its first year, gives the true uplifts, and sets the
prediction against what the second year cost. It prints coverage of the 80% and 95% intervals and the mean
absolute error against "this year's outturn + uplift", and against one who knows the rates that the authority
was drawn with; then exampleshire, with events no ledger foretells.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from scipy import stats

from s75lib.budget.ledger import commitments, lines
from s75lib.loaders import load
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import empty_frame
from s75lib.next_year.history import flows, history
from s75lib.next_year.model import model
from s75lib.next_year.outlook import outlook
from s75lib.next_year.savings import planned_savings

FIRST, LAST = pd.Timestamp("2024-04-01"), pd.Timestamp("2026-03-31")
TURN = pd.Timestamp("2025-03-31")
KINDS = ("Residential", "Nursing", "Dom Care", "Supp Living", "Dir Payments")
STRATA = [(group, kind) for group in ("AMH", "OPMH") for kind in KINDS]
BANDS = {"AMH": ["18-34", "35-64"], "OPMH": ["65-84", "85+"]}
LABELS = ("2024/25", "2025/26", "2026/27", "2027/28")
ENDS = ["central", "lower_80", "upper_80", "lower_95", "upper_95"]
NO_SAVINGS = planned_savings(empty_frame(DATASETS["savings"]), LABELS, TURN)


def authority(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Draw terms of care, a row each with constant terms, true uplifts in per cent, and rates drawn with."""
    rng = np.random.default_rng([20, seed])
    rows: list[dict[str, object]] = []
    uplifts, rates = [], []
    days = int((LAST - FIRST).days) + 1
    turn = int((TURN - FIRST).days) + 1
    for group, kind in STRATA:
        stock, leaving = int(rng.integers(15, 80)), rng.uniform(0.010, 0.025)
        growth, level, rise = rng.uniform(-0.06, 0.14), rng.uniform(300, 1_300), round(rng.uniform(2, 7), 2)
        uplifts.append((kind, group, rise))
        rates.append((group, kind, leaving / 30.4, stock * (12 * leaving + growth) / 365.25, level))
        came = np.concatenate(
            [
                -rng.integers(1, 1_500, stock),
                rng.integers(0, days, rng.poisson(stock * (12 * leaving + growth) * days / 365.25)),
            ]
        )
        for start in came.tolist():
            end = max(start, 0) + int(rng.exponential(30.4 / leaving))
            weekly, share = level * rng.lognormal(0, 0.35), rng.choice([0.0, 0.0, 0.0, 0.5])
            key, at = f"P{len(rows)}", start
            cuts = [d for d in np.cumsum(rng.exponential(2_000, 4)).astype(int).tolist() if start < d <= end]
            for until in [*cuts, end + 1]:
                for lo, hi, price in ((at, min(until, turn), 1.0), (max(at, turn), until, 1 + rise / 100)):
                    if lo < hi and lo < days:
                        rows.append(
                            {
                                "person_key": key,
                                "care_type": kind,
                                "service_group": group,
                                "start": at,
                                "first": lo,
                                "last": hi - 1,
                                "ends": until - 1,
                                "gross": round(weekly * price, 2),
                                "share": share,
                                "age_band": BANDS[group][len(rows) % 2],
                            }
                        )
                at, weekly = until, weekly * rng.lognormal(0, 0.15)
    frame = pd.DataFrame(uplifts, columns=["care_type", "service_group", "central"])
    frame = frame.assign(financial_year="2025/26", basis="price", low=frame["central"], high=frame["central"])
    frame = pd.concat([empty_frame(DATASETS["uplifts"]), frame.assign(provider="")], ignore_index=True)
    drawn = pd.DataFrame(rates, columns=["service_group", "care_type", "leaving", "starting", "level"])
    return pd.DataFrame(rows), frame.astype({"effective_from": "datetime64[s]"}), drawn


def expected(terms: pd.DataFrame, uplifts: pd.DataFrame, rates: pd.DataFrame) -> float:
    """Net cost to expect of the second year, knowing the rates a day and what is open as it begins."""
    turn, end = int((TURN - FIRST).days) + 1, int((LAST - FIRST).days)
    both, total = rates.merge(uplifts[["service_group", "care_type", "central"]]), 0.0
    now = terms[(terms["first"] < turn) & (terms["ends"] >= turn) & (terms["last"] == turn - 1)]
    net = (now["gross"] * (1 - now["share"])).groupby([now["service_group"], now["care_type"]]).sum()
    grows = (np.exp(0.15**2 / 2) - 1) / 2_000  # what a change of hours adds on average, a day
    for row in both.itertuples():
        stays = np.exp((grows - row.leaving) * (np.arange(end - turn + 1) + 0.5))
        new = row.starting * row.level * np.exp(0.35**2 / 2) * (1 - 0.5 / 4)  # one in four is half the NHS's
        there = net.get((row.service_group, row.care_type), 0.0) * stays.sum()
        total += (1 + row.central / 100) * (there + new * stays.cumsum().sum()) / 7
    return float(total)


def ledger(terms: pd.DataFrame) -> pd.DataFrame:
    """Show the first year's ledger at each month end: what ran in the year so far, ends once past."""
    shown = []
    for day in pd.date_range(FIRST, TURN, freq="ME"):
        at = int((day - FIRST).days)
        seen = terms[(terms["first"] <= at) & (terms["last"] >= 0) & (terms["start"] <= at)]
        ended = seen["ends"] < at + 1
        shown.append(
            pd.DataFrame(
                {
                    "snapshot_date": day,
                    "person_key": seen["person_key"],
                    "package_key": seen["person_key"] + "/" + seen["start"].astype("str"),
                    "care_type": seen["care_type"],
                    "start_date": FIRST + pd.to_timedelta(seen["start"], unit="D"),
                    "end_date": (FIRST + pd.to_timedelta(seen["ends"], unit="D")).where(ended),
                    "weekly_gross": seen["gross"],
                    "service_group": seen["service_group"],
                    "health_weekly": seen["gross"] * seen["share"],
                    "client_weekly": 0.0,
                    "age_band": seen["age_band"],
                }
            )
        )
    frame = pd.concat(
        [empty_frame(DATASETS["packages"]), pd.concat(shown, ignore_index=True)], ignore_index=True
    )
    dates = dict.fromkeys(("snapshot_date", "start_date", "end_date", "last_review_date"), "datetime64[s]")
    return frame.astype(dates | {"prior_year": "boolean", "s117": "boolean"}).drop_duplicates(
        ["snapshot_date", "package_key"], keep="last", ignore_index=True
    )


def truth(terms: pd.DataFrame) -> float:
    """Net cost of the second year, from the terms themselves."""
    turn, end = int((TURN - FIRST).days) + 1, int((LAST - FIRST).days)
    days = (terms["last"].clip(upper=end) - terms["first"].clip(lower=turn) + 1).clip(lower=0)
    return float((terms["gross"] * (1 - terms["share"]) * days / 7).sum())


def predicted(packages: pd.DataFrame, uplifts: pd.DataFrame) -> tuple[pd.Series, float]:
    """The outlook's next year, and this year's outturn with the uplift."""
    rows = lines(packages)
    held = history(rows)
    made = model(held, flows(held), uplifts)
    share = pd.Series(held.share(), index=held.days)
    found = outlook(made, np.zeros(3), NO_SAVINGS, share)
    latest = rows[rows["snapshot_date"] == rows["snapshot_date"].max()]
    by_kind = commitments(latest, by=("care_type", "service_group"))
    merged = by_kind.merge(uplifts[["care_type", "service_group", "central"]], how="left")
    percent = merged["central"].fillna(float(uplifts["central"].iloc[0]))
    return found.table.iloc[0], float((merged["net"] * (1 + percent / 100)).sum())


def main(count: int) -> None:
    """Print a line for each authority and the summary."""
    rows = []
    for seed in range(count):
        terms, uplifts, rates = authority(seed)
        known = expected(terms, uplifts, rates)
        rows.append((f"authority {seed}", truth(terms), *predicted(ledger(terms), uplifts), known))
    data = load("exampleshire", "2024/25")
    both = load("exampleshire")
    real = commitments(lines(both.packages), by=())["net"].iloc[-1]
    given = both.uplifts[(both.uplifts["financial_year"] == "2025/26") & (both.uplifts["care_type"] != "")]
    outlook_of = predicted(data.packages, given.assign(low=3.5, high=3.5))
    rows.append(("exampleshire", float(real), *outlook_of, np.nan))
    frame = pd.DataFrame(
        [(name, true, *table[ENDS], naive, known) for name, true, table, naive, known in rows],
        columns=["name", "true", *ENDS, "naive", "known"],
    )
    if count <= 30:
        print(frame.round(-3).to_string())
    drawn = frame.iloc[:count]
    for level in (80, 95):
        for name, some in (("generated", drawn), ("with exampleshire", frame)):
            inside = int(some["true"].between(some[f"lower_{level}"], some[f"upper_{level}"]).sum())
            exact = stats.binomtest(inside, len(some), level / 100)
            ends = exact.proportion_ci(0.95, method="exact")
            print(
                f"{level}% interval, {name}: {inside} of {len(some)}, {100 * inside / len(some):.1f}% "
                f"(95% interval {100 * ends.low:.0f}% to {100 * ends.high:.0f}%; so far from {level}% by "
                f"chance: {exact.pvalue:.2f})"
            )
    for name, some in (("generated", drawn), ("with exampleshire", frame)):
        ours, naive = ((some[n] / some["true"] - 1).abs().mean() for n in ("central", "naive"))
        bias = (some["central"] / some["true"] - 1).mean()
        print(
            f"{name}: mean absolute error {100 * ours:.2f}%, outturn + uplift {100 * naive:.2f}%, "
            f"{100 * (1 - ours / naive):.0f}% less; bias {100 * bias:+.2f}%"
        )
    least = (drawn["known"] / drawn["true"] - 1).abs().mean()
    print(f"generated: mean absolute error of one who knows the rates {100 * least:.2f}%")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
