"""Reviews: that follow a transfer on the month grid, and that fall due by a ledger's dates."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.workload.assumptions import in_force
from s75lib.workload.reviews import (
    delay_shares,
    expected_reviews,
    open_a_year,
    reviews_due,
    transfer_need,
    transfer_reviews,
)
from s75lib.workload.transfers import people_moving

few = settings(max_examples=50, deadline=None)


def due_dates(start, until, *, last_review=None, light_touch_days=None, interval_months=12, closes=None):
    """List one package's reviews by exact dates, with their kind."""

    def later(day, turn):
        return (pd.Timestamp(day) + pd.DateOffset(months=turn * interval_months)).date()

    last = min(until, closes) if closes else until
    made = []
    if light_touch_days is not None:
        made.append((start + timedelta(days=light_touch_days), "light touch"))
    anchor = last_review or start
    if later(anchor, 1) < start:
        anchor = start
        made.append((start, "overdue"))
    turn = 1
    while (day := later(anchor, turn)) <= last:
        made.append((day, "yearly"))
        turn += 1
    return sorted(item for item in made if item[0] <= last)


def test_one_package_by_exact_dates():
    found = due_dates(date(2020, 3, 2), date(2022, 3, 1), last_review=date(2019, 6, 15), light_touch_days=49)
    assert [f"{day} {kind}" for day, kind in found] == [
        "2020-04-20 light touch",
        "2020-06-15 yearly",
        "2021-06-15 yearly",
    ]
    late = due_dates(date(2020, 3, 2), date(2021, 12, 31), last_review=date(2018, 1, 10))
    assert late == [(date(2020, 3, 2), "overdue"), (date(2021, 3, 2), "yearly")]
    leap = due_dates(date(2020, 2, 29), date(2024, 12, 31))
    assert [day.day for day, _ in leap] == [28, 28, 28, 29]


def ledger(rows):
    frame = pd.DataFrame(rows, columns=["team", "start_date", "end_date", "last_review_date"])
    for name in ("start_date", "end_date", "last_review_date"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.assign(
        snapshot_date=pd.Timestamp("2020-03-31"),
        service_group="AMH",
        prior_year=pd.array([False] * len(frame)),
    )


def test_the_ledger_by_hand():
    found = reviews_due(
        ledger(
            [
                ("A", "2018-05-01", None, "2019-06-10"),  # due 10 June 2020 and 2021
                ("A", "2019-09-05", None, None),  # never reviewed: due 5 September 2020 and 2021
                ("B", "2015-01-01", None, "2018-12-01"),  # overdue: April 2020, then April 2021
                ("B", "2015-01-01", "2020-05-31", "2019-08-01"),  # closes before its review
                ("B", "2015-01-01", "2020-03-01", "2019-05-01"),  # closed before the snapshot
            ]
        ),
        months=24,
    )
    due = found[found["due"] > 0]
    assert [(f"{r.month:%Y-%m}", r.due, r.overdue) for r in due.itertuples()] == [
        ("2020-04", 1, 1), ("2020-06", 1, 0), ("2020-09", 1, 0),
        ("2021-04", 1, 0), ("2021-06", 1, 0), ("2021-09", 1, 0),
    ]  # fmt: skip
    assert len(found) == 24


def test_a_ledger_without_reviews_says_nothing():
    assert reviews_due(ledger([("A", "2018-05-01", None, None)])).empty
    assert reviews_due(ledger([]).iloc[:0]).empty


def held(**values):
    """The defaults, with one package for one person, none of which ends, and further values without range."""
    own = {"packages_per_person": 1.0, "annual_closure_share": 0.0, "transfer_months": 1.0} | values
    rows = [(name, value, value, value, "", "test") for name, value in own.items()]
    return in_force(pd.DataFrame(rows, columns=["assumption", "low", "central", "high", "unit", "source"]))


def test_everybody_who_moves_gets_one_light_touch_review():
    table = expected_reviews(273, held(transfer_months=3))
    assert table["light_touch"].sum() == pytest.approx(273)
    assert table["moved"].iloc[-1] == pytest.approx(273)


def test_kept_anniversaries_by_hand():
    # 120 packages in month 0, there for half of it on average, then a twelfth of them each month.
    table = expected_reviews(120, held(), months=4)
    assert table["yearly"].tolist() == pytest.approx([5, 10, 10, 10])


def test_anniversaries_anew_come_a_year_after_the_move():
    table = expected_reviews(90, held(transfer_months=3), anniversaries="anew")
    assert table.loc[table["yearly"] > 0, "month"].tolist() == [12, 13, 14]
    assert table["yearly"].sum() == pytest.approx(90)


def test_closures_thin_out_later_reviews():
    table = expected_reviews(100, held(annual_closure_share=0.36), months=13)
    assert table["yearly"].iloc[12] == pytest.approx(100 / 12 * 0.64)


def test_no_packages_no_reviews():
    assert expected_reviews(0, held())["due"].sum() == 0


@given(st.floats(0, 4), st.floats(0, 3))
@few
def test_delay_shares_sum_to_one_and_keep_their_mean(low, width):
    shares = delay_shares(low, low + width, 12)
    assert shares.sum() == pytest.approx(1)
    # The month index is the floor of start and delay; its mean lies within one of their mean.
    mean = float(shares @ np.arange(12))
    assert low + width / 2 - 0.5 - 1e-9 <= mean + 0.5 <= low + width / 2 + 1.5


@pytest.mark.parametrize("width", [1e-15, 2.7e-11, 1e-6, 1.1e-6])
def test_a_hardly_uncertain_delay_is_a_fixed_one(width):
    assert delay_shares(1.5, 1.5 + width, 5) == pytest.approx([0, 0.5, 0.5, 0, 0], abs=1e-5)
    assert delay_shares(0.0, width, 5).sum() == pytest.approx(1)


def test_the_month_grid_is_the_mean_of_exact_dates():
    rng = np.random.default_rng(4)
    counts = np.zeros(24)
    first = date(2021, 1, 1)
    n = 8_000
    for offset, weeks_days, anniversary in zip(
        rng.integers(0, 90, n), rng.integers(42, 57, n), rng.integers(1, 366, n), strict=True
    ):
        start = first + timedelta(days=int(offset))
        dates = due_dates(
            start, date(2022, 12, 31), last_review=start - timedelta(days=int(anniversary)),
            light_touch_days=int(weeks_days),
        )  # fmt: skip
        for day, _ in dates:
            counts[(day.year - 2021) * 12 + day.month - 1] += 1
    table = expected_reviews(n, held(transfer_months=3))
    # Calendar months differ in length, so months agree within a tenth and quarters within a fiftieth.
    assert table["due"].to_numpy() == pytest.approx(counts, rel=0.15, abs=0.05 * n / 12)
    quarters = table["due"].to_numpy().reshape(8, 3).sum(axis=1)
    assert quarters == pytest.approx(counts.reshape(8, 3).sum(axis=1), rel=0.05)


@pytest.mark.parametrize(
    ("known", "interval", "months"), [("2025-03-31", 12, 24), ("2025-01-30", 6, 13), ("2024-02-28", 5, 7)]
)
def test_the_ledger_counts_the_dates_of_each_package(known, interval, months):
    rng = np.random.default_rng(interval)
    day, n = pd.Timestamp(known), 150

    def days(low):
        return pd.to_timedelta(rng.integers(low, 900, n), "D")

    packages = pd.DataFrame(
        {
            "snapshot_date": day,
            "service_group": "AMH",
            "team": rng.choice(["Alder", "Beech"], n),
            "start_date": day - days(0),
            "end_date": (day + days(1)).where(rng.random(n) < 0.5),
            "last_review_date": (day - days(0)).where(rng.random(n) < 0.7),
            "prior_year": False,
        }
    )
    start = (day + pd.Timedelta(days=1)).date()
    until = (pd.Timestamp(start) + pd.DateOffset(months=months) - pd.Timedelta(days=1)).date()
    counts = Counter()
    for row in packages.itertuples():
        before = row.start_date if pd.isna(row.last_review_date) else row.last_review_date
        closes = None if pd.isna(row.end_date) else row.end_date.date()
        for due, kind in due_dates(
            start, until, last_review=before.date(), interval_months=interval, closes=closes
        ):
            month = pd.Timestamp(due.year, due.month, 1)
            counts[month, "due"] += 1
            counts[month, "overdue"] += kind == "overdue"
    found = reviews_due(packages, months=months, interval_months=interval)
    for row in found.itertuples():
        for name in ("due", "overdue"):
            assert getattr(row, name) == counts.pop((row.month, name), 0)
    # Where the snapshot is not at a month's end, the last month is there in part, and not counted.
    assert all(month > found["month"].max() for month, _ in +counts)


@pytest.mark.parametrize(
    ("people", "own", "options"),
    [
        (-1, {}, {}), (1, {}, {"months": 0}), (1, {"review_interval_months": 0.0}, {}),
        (1, {"annual_closure_share": 1.0}, {}), (1, {}, {"anniversaries": "lost"}),
    ],
)  # fmt: skip
def test_a_schedule_that_makes_no_sense_is_refused(people, own, options):
    with pytest.raises(MethodError, match="expected"):
        expected_reviews(people, held(**own), **options)


def test_the_273_people_of_cambridgeshire(data_dir):
    frame = pd.read_csv(data_dir / "cambridgeshire" / "package_transfers.csv", parse_dates=["as_at"])
    found = transfer_reviews(people_moving(frame), in_force())
    whole = found.groupby("month")[["moved", "light_touch", "present"]].sum()
    assert whole["moved"].iloc[-1] == pytest.approx(273 * 1.1)
    assert whole["present"].iloc[0] == pytest.approx(331 * 1.1 / 12)
    # Each light-touch review is due some 49 days after the move: 0.8^(49/365) of the packages are still open.
    assert whole["light_touch"].sum() == pytest.approx(273 * 1.1 * 0.8 ** (49 / 365.25))
    team = found[found["team"] == "Cambridge Sth (CALT)"]
    assert team["moved"].iloc[-1] == pytest.approx(64 * 1.1)


def test_the_reviews_of_a_transfer_as_staff(fixed):
    reviews = pd.DataFrame(
        {"month": [0, 1, 12], "light_touch": [10.0, 10.0, 99.0], "yearly": [0.0, 5.0, 99.0]}
    )
    found = transfer_need(reviews, fixed(hours_per_light_touch_review=2, hours_per_review=6))
    assert found["central"] == pytest.approx((20 * 2 + 5 * 6) / (37 * 42 * 0.7))
    assert (found["light_touch"], found["yearly"]) == (20, 5)


@pytest.mark.parametrize(
    ("start", "end", "prior", "open_for_a_year"),
    [
        ("2024-03-31", None, False, True),  # a year to the day
        ("2024-04-01", None, False, False),
        ("2020-01-01", "2025-04-01", False, True),
        ("2020-01-01", "2025-03-31", False, False),  # its last day is over
        ("2020-01-01", None, True, False),
        ("2025-04-01", None, False, False),
    ],
)
def test_a_package_is_open_for_a_year_from_its_anniversary_until_its_last_day(
    start, end, prior, open_for_a_year
):
    row = {"snapshot_date": "2025-03-31", "start_date": start, "end_date": end}
    frame = pd.DataFrame([row]).apply(pd.to_datetime).assign(prior_year=pd.array([prior], "boolean"))
    assert open_a_year(frame) == open_for_a_year
    earlier = frame.assign(snapshot_date=pd.Timestamp("2025-02-28"))
    assert open_a_year(pd.concat([frame, earlier])) == open_for_a_year
