"""Vacancies and the premium of locums, in posts and in money."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib import load
from s75lib.budget import posts, study, tables, wording
from s75lib.present import Missing, Table

DAY = pd.Timestamp("2025-09-30")


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
    found = posts.posts(people(), money())
    assert (found.establishment, found.in_post, found.vacant, found.locum) == (10.0, 7.0, 3.0, 2.0)
    assert found.vacancy_year == pytest.approx(3 * 40_000)
    assert found.roles["wte_vacant"].tolist() == [3.0, 0.0]


def test_the_premium_is_what_as_many_employees_would_not_have_cost():
    """Eight employees on average took £160,000 in half a year, one locum £20,000: £40,000 a year each."""
    found = posts.posts(people(), money())
    assert found.employee_year == pytest.approx(40_000)
    assert found.locum_year == pytest.approx(40_000)
    assert found.premium == pytest.approx(0)
    dear = posts.posts(people(), money(locum_to_date=36_000.0))
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
    assert np.isnan(posts.posts(workforce, staffing).premium)
    assert isinstance(tables.locums(studied(workforce=workforce, staffing=staffing)), Missing)


def test_only_positions_of_the_year_up_to_the_day_count():
    early, late = people(as_at=pd.Timestamp("2025-03-31")), people(as_at=pd.Timestamp("2025-12-31"))
    every = pd.concat([early.assign(wte_in_post=99.0), people(), late.assign(wte_in_post=1.0)])
    found = posts.posts(every, money())
    assert found.employee_year == pytest.approx(40_000)
    assert found.as_at == pd.Timestamp("2025-12-31")


def test_without_posts_vacancies_are_not_told_from_money():
    work = study(load("cambridgeshire"))
    assert work.posts is None
    for part, dataset in ((tables.posts(work), "workforce"), (tables.locums(work), "staffing")):
        assert isinstance(part, Missing)
        assert part.needs[0].dataset == dataset


def test_the_tables_and_the_words_give_the_same_money(studied):
    work = studied(workforce=people(), staffing=money(locum_to_date=36_000.0))
    shown, cost = tables.posts(work), tables.locums(work)
    assert isinstance(shown, Table)
    assert shown.frame["money"].iloc[-1] == pytest.approx(120_000)
    assert cost.frame["value"].tolist() == pytest.approx([36_000, 72_000, 36_000, 18_000])
    said = {h.id: h for h in wording.staffing(work)}
    assert "3.0 of 10.0 posts are vacant (30%), £120k a year" in said["budget.staffing.vacancy"].text
    assert "£18k more than as many employees would have cost" in said["budget.staffing.locum"].text


def test_locums_cheaper_than_employees_are_doubted(studied):
    said = wording.staffing(studied(workforce=people(), staffing=money(locum_to_date=10_000.0)))
    text = next(h.text for h in said if h.id == "budget.staffing.locum")
    assert "less than as many employees" in text
    assert "cover different staff" in text
