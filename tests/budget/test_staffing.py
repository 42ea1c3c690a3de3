"""The staffing position, its phasing, vacancies, and the premium of locums."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib.budget.staffing import headlines, phasing, posts, posts_by_employer, section, staffing_position
from s75lib.present import Missing, Table

DAY = pd.Timestamp("2025-09-30")


def positions(months: int, day: str, amounts: list[int]) -> pd.DataFrame:
    budget = pd.Series(amounts, dtype=float)
    return pd.DataFrame(
        {
            "as_at": pd.to_datetime([day] * len(amounts)), "organisation": "Council",
            "group": [f"group {i}" for i in range(len(amounts))], "budget": budget, "adjusted_budget": budget,
            "adjusted_budget_to_date": (budget * months / 12).round(), "actual_to_date": budget / 2,
            "forecast": budget, "locum_to_date": np.nan,
        }
    )  # fmt: skip


@rounds(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.lists(st.integers(5_000, 900_000), min_size=1, max_size=6))
def test_phasing_finds_the_month_through_the_rounding(months, amounts):
    found = phasing(positions(months, "2024-12-31", amounts))[0]
    assert found.months == months
    assert found.expected_months == 9
    assert found.agrees == (months == 9)


@pytest.mark.parametrize("months", range(1, 13))
def test_months_are_counted_from_april_to_the_day_and_end_with_it(months):
    day = pd.Timestamp("2024-04-30") + pd.offsets.MonthEnd(months - 1)
    (found,) = phasing(positions(months, str(day.date()), [120_000, 240_000]))
    assert (found.months, found.expected_months, found.agrees) == (months, months, True)
    assert found.position_month == day
    (before,) = phasing(positions(max(months - 1, 1), str(day.date()), [120_000, 240_000]))
    assert before.position_month == (day - pd.offsets.MonthEnd(1) if months > 1 else day)


@pytest.mark.parametrize(
    ("to_date", "months"),
    [(60_001.0, 6), (59_999.0, 6), (60_001.01, None), (0.0, None), (130_000.0, None), (120_000.0, 12)],
)
def test_phasing_is_even_to_the_pound_and_of_one_month_to_twelve(to_date, months):
    frame = positions(6, "2024-09-30", [120_000]).assign(adjusted_budget_to_date=to_date)
    assert phasing(frame)[0].months == months


def test_phasing_that_is_not_even_has_no_month():
    frame = positions(8, "2024-11-30", [120_000, 240_000])
    frame.loc[0, "adjusted_budget_to_date"] = 100_000
    assert phasing(frame)[0].months is None


def test_phasing_without_a_budget_has_no_month():
    found = phasing(positions(8, "2024-11-30", [0]))[0]
    assert found.months is found.position_month is None


def test_staffing_with_a_zero_budget_has_no_percentage():
    frame = positions(8, "2024-11-30", [0]).assign(forecast=500.0)
    rows = staffing_position(frame)
    assert rows["variance"].tolist() == [500.0] * 3
    assert rows["variance_percent"].isna().all()


def test_locum_spending_is_unknown_unless_all_state_it():
    frame = positions(8, "2024-11-30", [100_000, 100_000])
    frame.loc[0, "locum_to_date"] = 1_000.0
    rows = staffing_position(frame)
    assert np.isnan(rows[rows["level"] == "all"]["locum_to_date"].item())
    stated = staffing_position(frame.assign(locum_to_date=5_000.0))
    assert stated[stated["level"] == "all"]["locum_percent"].item() == 10.0


def test_empty_staffing(monitor, cambridgeshire, studied):
    assert staffing_position(cambridgeshire.staffing.iloc[:0]).empty
    assert phasing(cambridgeshire.staffing.iloc[:0]) == ()
    assert list(headlines(studied(budget=monitor([1.0])))) == []


def people(**columns: object) -> pd.DataFrame:
    """Two roles at two days of one year."""
    frame = pd.DataFrame(
        {
            "as_at": pd.to_datetime(["2025-06-30", "2025-06-30", "2025-09-30", "2025-09-30"]),
            "role": ["Social worker", "Manager"] * 2,
            "wte_establishment": [8.0, 2.0, 8.0, 2.0],
            "wte_in_post": [7.0, 2.0, 5.0, 2.0],
            "wte_locum": [0.0, 0.0, 2.0, 0.0],
        }
    )
    return frame.assign(**columns)


def money(**columns: object) -> pd.DataFrame:
    """Half of the year's £400,000 to date; £20,000 of £180,000 spent on locums."""
    frame = pd.DataFrame(
        {
            "as_at": [DAY], "organisation": ["Council"], "group": ["All"], "budget": [400_000.0],
            "adjusted_budget": [400_000.0], "adjusted_budget_to_date": [200_000.0],
            "actual_to_date": [180_000.0], "forecast": [380_000.0], "locum_to_date": [20_000.0],
        }
    )  # fmt: skip
    return frame.assign(**columns)


def test_vacancies_are_posts_less_people_at_the_mean_budget():
    found = posts(people(), money())
    assert (found.establishment, found.vacant) == (10.0, 3.0)
    assert found.roles[["wte_in_post", "wte_locum"]].sum().tolist() == [7.0, 2.0]
    assert found.vacancy_year == pytest.approx(3 * 40_000)
    assert found.roles["wte_vacant"].tolist() == [3.0, 0.0]


def test_the_premium_is_what_as_many_employees_would_not_have_cost():
    """Eight employees on average took £160,000 in half a year, one locum £20,000: £40,000 a year each."""
    found = posts(people(), money())
    assert found.employee_year == pytest.approx(40_000)
    assert found.locum_year == pytest.approx(40_000)
    assert found.premium == pytest.approx(0)
    dear = posts(people(), money(locum_to_date=36_000.0))
    assert dear.employee_year == pytest.approx(36_000)
    assert dear.premium == pytest.approx(36_000 - 18_000)


@pytest.mark.parametrize(
    ("workforce", "staffing"),
    [
        (people(), money(locum_to_date=np.nan)),
        (people(wte_locum=np.nan), money()),
        (people(wte_locum=0.0), money()),
        (people(), money(adjusted_budget_to_date=266_667.0)),
        (people(as_at=pd.Timestamp("2024-09-30")), money()),
        (people(), money().iloc[:0]),
    ],
)
def test_without_all_of_it_no_premium_is_said(workforce, staffing, studied):
    assert np.isnan(posts(workforce, staffing).premium)
    shown = section(studied(workforce=workforce, staffing=staffing))
    assert "locums" not in shown.tables
    assert "beyond an employee" in shown.parts[-1].reason


def test_only_positions_of_the_year_up_to_the_day_count():
    early, late = people(as_at=pd.Timestamp("2025-03-31")), people(as_at=pd.Timestamp("2025-12-31"))
    every = pd.concat([early.assign(wte_in_post=99.0), people(), late.assign(wte_in_post=1.0)])
    found = posts(every, money())
    assert found.employee_year == pytest.approx(40_000)
    assert found.as_at == pd.Timestamp("2025-12-31")


def test_without_posts_vacancies_are_not_told_from_money(published):
    assert published.posts is None
    for part, dataset in zip(section(published).parts[-2:], ("workforce", "staffing"), strict=True):
        assert isinstance(part, Missing)
        assert part.needs[0].dataset == dataset


def test_the_tables_and_the_words_give_the_same_money(studied):
    work = studied(workforce=people(), staffing=money(locum_to_date=36_000.0))
    shown, cost = (section(work).tables[name] for name in ("posts", "locums"))
    assert isinstance(shown, Table)
    assert shown.frame["money"].iloc[-1] == pytest.approx(120_000)
    assert cost.frame["value"].tolist() == pytest.approx([36_000, 72_000, 36_000, 18_000])
    said = {h.id: h for h in headlines(work)}
    assert "3.0 of 10.0 posts are vacant (30%), £120k a year" in said["budget.staffing.vacancy"].text
    assert "£18k more than as many employees would have cost" in said["budget.staffing.locum"].text


def test_locums_cheaper_than_employees_are_doubted(studied):
    said = headlines(studied(workforce=people(), staffing=money(locum_to_date=10_000.0)))
    text = next(h.text for h in said if h.id == "budget.staffing.locum")
    assert "less than as many employees" in text
    assert "cover different staff" in text


def test_the_position_with_the_wrong_phasing_is_noticed(example, example_study):
    wrong = [found for found in phasing(example.staffing) if not found.agrees]
    assert [(found.as_at, found.months, found.expected_months) for found in wrong] == [
        (pd.Timestamp("2025-12-31"), 8, 9)
    ]
    said = [h.id for h in headlines(example_study)]
    assert "budget.phasing.2025-12-31" in said


def test_the_staffing_position_is_that_of_november_while_the_report_speaks_of_december(published):
    found = phasing(published.data.staffing)[-1]
    assert found.months == 8
    said = [h.text for h in headlines(published)]
    assert any(
        "eight twelfths" in text and "November 2019" in text and "December 2019" in text for text in said
    )


def test_a_variance_in_per_cent_is_of_the_adjusted_budget():
    """£15,000 under £300,000 is 5%, whatever the first budget was; £30,000 of £120,000 spent is a quarter."""
    frame = positions(6, "2024-09-30", [100_000, 200_000]).assign(
        budget=999_999.0, actual_to_date=60_000.0, locum_to_date=15_000.0
    )
    rows = staffing_position(frame.assign(forecast=[95_000.0, 190_000.0])).set_index("level")
    assert rows.loc["all", ["variance", "variance_percent", "locum_percent"]].tolist() == [-15_000, -5, 25]
    assert rows.loc["line", "variance_percent"].tolist() == [-5, -5]
    assert rows.loc["all", "addends"] == 2


def test_only_the_latest_position_is_set_against_its_budget():
    frame = pd.concat([positions(6, "2024-09-30", [100]), positions(8, "2024-11-30", [300])])
    assert staffing_position(frame)["adjusted_budget"].tolist() == [300.0, 300.0, 300.0]


def test_posts_of_the_first_day_of_the_year_count():
    first = people(as_at=pd.Timestamp("2025-04-01"), wte_in_post=12.0, wte_locum=1.0).iloc[:2]
    found = posts(pd.concat([first, people()]), money())
    # In post 24, nine and seven; locums two, none and two; all in half a year.
    assert found.employee_year == pytest.approx(160_000 / ((24 + 9 + 7) / 3) * 2)
    assert found.locum_year == pytest.approx(20_000 / (4 / 3) * 2)


@pytest.mark.parametrize(
    ("day", "months", "expected", "month"),
    [
        ("2024-04-30", 1, 1, "2024-04-30"),
        ("2024-12-31", 9, 9, "2024-12-31"),
        ("2025-01-31", 9, 10, "2024-12-31"),
        ("2025-03-31", 12, 12, "2025-03-31"),
    ],
)
def test_phasing_counts_months_from_april(day, months, expected, month):
    """A financial year runs from 1 April to 31 March: its tenth month is next January."""
    found = phasing(positions(months, day, [120_000]))[0]
    assert (found.months, found.expected_months) == (months, expected)
    assert found.position_month == pd.Timestamp(month)


@pytest.mark.parametrize(("off", "months"), [(-1.0, 8), (1.0, 8), (1.5, None), (-1.5, None)])
def test_phasing_forgives_a_pound_of_rounding_and_no_more(off, months):
    frame = positions(8, "2024-11-30", [120_000, 240_000])
    frame.loc[1, "adjusted_budget_to_date"] += off
    assert phasing(frame)[0].months == months


@pytest.mark.parametrize(("months", "found"), [(0, None), (13, None), (12, 12)])
def test_phasing_is_of_one_to_twelve_months(months, found):
    assert phasing(positions(months, "2024-11-30", [120_000]))[0].months == found


def test_totals_follow_the_lines_that_add_up_to_them():
    lines = positions(8, "2024-11-30", [120_000, 200_000, 300_000])
    lines = lines.assign(
        organisation=["Trust", "Trust", "Council"], forecast=[90_000.0, 210_000.0, 330_000.0]
    )
    rows = staffing_position(pd.concat([lines.assign(as_at=pd.Timestamp("2024-10-31"), forecast=0.0), lines]))
    assert rows["level"].tolist() == ["line", "line", "organisation", "line", "organisation", "all"]
    assert rows["addends"].tolist() == [1, 1, 2, 1, 1, 3]
    assert rows["variance"].tolist() == [-30_000, 10_000, -20_000, 30_000, 30_000, 10_000]
    assert rows["variance_percent"].tolist() == pytest.approx([-25, 5, -6.25, 10, 10, 100 * 10 / 620])


@pytest.mark.parametrize(("spent", "share"), [(0.0, np.nan), (-1.0, np.nan), (0.5, 50.0)])
def test_locums_are_a_share_of_spending_alone(spent, share):
    frame = positions(8, "2024-11-30", [1_000]).assign(actual_to_date=spent, locum_to_date=0.25)
    assert staffing_position(frame)["locum_percent"].tolist() == pytest.approx([share] * 3, nan_ok=True)


def employed(*rows):
    frame = pd.DataFrame(rows, columns=["employer", "wte_establishment", "wte_in_post", "wte_locum"])
    return frame.assign(as_at=DAY, role="Social worker")


def test_posts_by_employer_are_counted_and_priced_by_hand(data_dir):
    held = pd.read_csv(data_dir / "exampleshire" / "workforce.csv", parse_dates=["as_at"])
    money = pd.read_csv(data_dir / "exampleshire" / "staffing.csv", parse_dates=["as_at"])
    here, paid = (frame[frame["as_at"] == frame["as_at"].max()] for frame in (held, money))
    found = posts_by_employer(held, money).set_index("employer")
    assert set(found.index) == {"Council", "Trust"}
    for name, row in found.iterrows():
        own = here[here["employer"] == name]
        assert row["wte_establishment"] == own["wte_establishment"].sum()
        assert row["wte_vacant"] == (own["wte_establishment"] - own["wte_in_post"]).sum()
        assert row["forecast"] == paid.loc[paid["organisation"] == name, "forecast"].sum()
    assert found["percent"].sum() == pytest.approx(100)


def test_an_employer_of_another_name_has_posts_and_no_money():
    money = positions(6, "2025-09-30", [1000, 500])
    found = posts_by_employer(employed(("COUNCIL", 3, 2, 0), ("", 1, 1, 0), ("Agency", 1, 0, 1)), money)
    assert found["employer"].tolist() == ["COUNCIL", "", "Agency"]
    assert found["adjusted_budget"].tolist()[0] == 1500
    assert found["adjusted_budget"].isna().tolist() == [False, True, True]


def test_without_employers_there_is_nothing_to_show():
    money = positions(6, "2025-09-30", [1000])
    assert posts_by_employer(employed(("", 3, 2, 0)), money).empty
    assert posts_by_employer(employed(), money).empty
    nobody = posts_by_employer(employed(("Council", 0, 0, 0)), money)
    assert nobody["percent"].isna().all()
