"""Rates by age made comparable: against plain sums, and where a year is left out."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from s75lib.kpi import study
from s75lib.kpi.groups import section, standardised
from s75lib.loaders import AuthorityData

YEARS = {"2023/24": ((30, 40_000), (90, 12_000)), "2024/25": ((33, 41_000), (110, 16_000))}


def told(rows: Callable[..., pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    kpi = rows(
        *(
            {"group": band, "period": year, "value": float(events), "unit": "count"}
            for year, bands in YEARS.items()
            for band, (events, _) in zip(("18-64", "65+"), bands, strict=True)
        )
    )
    people = [
        {"financial_year": year, "age_band": band, "people": count}
        for year, bands in YEARS.items()
        for band, (_, count) in zip(("18-64", "65+"), bands, strict=True)
    ]
    return kpi, pd.DataFrame(people)


def test_the_rates_are_those_of_plain_sums(rows: Callable[..., pd.DataFrame]) -> None:
    found = standardised(*told(rows)).set_index("year")
    assert found.loc["2023/24", "crude"] == pytest.approx(120 / 52_000 * 1e5)
    by_hand = (30 / 40_000 * 41_000 + 90 / 12_000 * 16_000) / 57_000 * 1e5
    assert found.loc["2023/24", "direct"] == pytest.approx(by_hand)
    assert found.loc["2024/25", "direct"] == pytest.approx(found.loc["2024/25", "crude"])
    expected = 30 / 40_000 * 41_000 + 90 / 12_000 * 16_000
    assert found.loc["2024/25", "ratio"] == pytest.approx(143 / expected)


@pytest.mark.parametrize("fault", ["hidden", "band"])
def test_a_year_with_a_hidden_or_a_missing_band_is_left_out(
    rows: Callable[..., pd.DataFrame], fault: str
) -> None:
    kpi, people = told(rows)
    kpi = kpi.assign(hidden=[True, False, False, False]) if fault == "hidden" else kpi.iloc[1:]
    assert standardised(kpi, people)["year"].tolist() == ["2024/25"]


def test_the_page_shows_them_and_nothing_without_a_population(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    kpi, people = told(rows)
    shown = section(study(made(kpi=kpi, population=people))).tables["standardised"]
    assert "Rates by age" in shown.html()
    assert "standardised" not in section(study(made(kpi=kpi, slug="other"))).tables
