"""Every indicator in one row, and on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from s75lib.kpi import Study, indicator_pages, study
from s75lib.kpi.overview import checks, headlines, section, values_off
from s75lib.loaders import AuthorityData
from s75lib.present import Figure, Heading, Table

Rows = Callable[..., pd.DataFrame]
PERCENT = {"unit": "percent", "denominator": 60}


def test_one_period_each_is_said(of: Callable[..., Study]) -> None:
    (said,) = headlines(of("cambridgeshire"))
    assert "2 indicators are published, each for one period only" in said.text


def test_a_single_indicator_of_one_period(rows: Rows, made: Callable[..., AuthorityData]) -> None:
    (said,) = headlines(study(made(kpi=rows({"value": 40}))))
    assert said.text.startswith("One indicator is published, for one period only")


def test_the_tally_counts_those_that_hold_with_all_tests_together(of: Callable[..., Study]) -> None:
    (said,) = headlines(of("islington", "2018/19"))
    assert said.text.startswith(
        "5 of the 15 indicators with an earlier figure moved by more than chance explains, "
        "not judged better or worse."
    )
    assert said.value == 5


def test_what_many_tests_mean_stands_below_the_table(of: Callable[..., Study]) -> None:
    note = section(of("islington", "2018/19")).tables["matrix"].notes[0]
    assert note.startswith("9 comparisons were tested")
    assert "With the chance of any false finding among them held at 5% (Holm), 5 still do" in note
    assert "were tested" not in "".join(section(of("cambridgeshire")).tables["matrix"].notes)


def test_columns_of_months_stand_only_where_there_are_months(of: Callable[..., Study]) -> None:
    of_years, of_months = (
        [column.name for column in section(of(authority)).tables["matrix"].columns]
        for authority in ("islington", "exampleshire")
    )
    assert "variation" not in of_years
    assert "variation" in of_months


@pytest.mark.parametrize(("kind", "contradicted"), [("flow", True), ("caseload", False)])
def test_months_that_contradict_a_declared_flow_fail_a_check_and_are_noted(
    rows: Rows, made: Callable[..., AuthorityData], kind: str, contradicted: bool
) -> None:
    cases = [48] * 4 + [49] * 4 + [47] * 4 + [46] * 4 + [48] * 3 + [49] * 2 + [50] * 3
    months = pd.period_range("2024-04", periods=24, freq="M").astype(str)
    told = zip(months, cases, strict=True)
    data = made(kpi=rows(*(PERCENT | {"period": month, "numerator": case} for month, case in told)))
    entry = f'[calls]\nname = "Calls"\nkind = "{kind}"\n'
    (Path(data.authority.folder) / "indicators.toml").write_text(entry, "utf-8")
    found = study(data)
    (failed,) = [check.detail for check in checks(found) if not check.passed] or [""]
    said = "Calls: declared a flow, but its months look like a caseload's"
    assert failed.startswith(said) == contradicted
    notes = section(found).tables["matrix"].notes
    assert any(note.startswith(said) for note in notes) == contradicted


@pytest.mark.parametrize(("kind", "seed"), [("", 35), ("", 181), ("caseload", 181)])
def test_a_large_fall_is_named_where_only_new_cases_would_make_it_more_than_chance(
    rows: Rows, made: Callable[..., AuthorityData], kind: str, seed: int
) -> None:
    cases = np.random.default_rng(seed).binomial(60, np.repeat([0.8, 0.6], 12))
    months = pd.period_range("2024-04", periods=24, freq="M").astype(str)
    told = zip(months, cases.tolist(), strict=True)
    data = made(kpi=rows(*(PERCENT | {"period": month, "numerator": case} for month, case in told)))
    entry = f'[calls]\nname = "Calls"\nkind = "{kind}"\n'
    (Path(data.authority.folder) / "indicators.toml").write_text(entry, "utf-8")
    found = study(data)
    assert not (found.changes["clear"] | found.changes["stepped"]).any()
    before, after = (100 * cases[year].sum() / 720 for year in (slice(12), slice(12, None)))
    first, said = headlines(found)[0].text.split(". ", 1)
    assert first.endswith("by more than chance explains; Calls may have fallen")  # all that the summary shows
    assert said.startswith(f"Calls went from {before:.1f}% to {after:.1f}%. That is more than chance if its")
    table = section(found).tables["matrix"]
    at = [column.name for column in table.columns].index("chance")
    assert table.cells()[0][at] == "More than chance only if its months count new cases"


def test_a_figure_that_its_counts_do_not_round_to_fails_the_check(
    rows: Rows, made: Callable[..., AuthorityData]
) -> None:
    row = {"indicator": "carers_assessed", "unit": "percent", "value": 47.5, "decimals": 1, "numerator": 38}
    sound, wrong = (study(made(kpi=rows(row | {"denominator": base}), threshold=1)) for base in (80, 81))
    assert [check.passed for check in checks(sound)] == [True]
    assert [check.passed for check in checks(wrong)] == [False]


def test_every_indicator_has_a_page_with_its_caveats_unusual_ones_first(
    of: Callable[..., Study],
) -> None:
    found = of("exampleshire")
    shown = indicator_pages(found).parts
    names = [part.title for part in shown if isinstance(part, Heading)]
    assert len(names) == len(set(names)) == len(found.matrix)
    assert set(names[:2]) == {"Reviews in 12 months", "Assessments in 28 days"}
    pages = {part.title.split(":")[0]: part for part in shown if isinstance(part, Table)}
    facts = dict(pages["Reviews in 12 months"].cells())
    assert facts["Latest, March 2026"] == "64.4%"
    assert facts["Better or worse"] == "Worse since February 2025"
    row = found.matrix.set_index("indicator").loc["reviews_in_12_months"]
    assert row["stepped"]
    assert not row["clear"]
    table = section(found).tables["matrix"].frame.set_index("indicator")
    cells = table.loc["Reviews in 12 months"]
    assert (cells["latest"], cells["target"]) == ("64.4% in Mar 2026", "75%: missed in 2025/26")
    assert cells["good"] == "Worse since February 2025"
    assert facts["Target"].startswith("75%: missed")
    assert facts["Step, proposed and not applied"].startswith("February 2025")
    assert any(note.startswith("Mostly the same people") for note in pages["Reviews in 12 months"].notes)
    assert len([part for part in shown if isinstance(part, Figure)]) == len(found.charts)


def test_the_tally_of_one_indicator_is_a_sentence(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    years = ({"period": "2023/24", "value": 50.0}, {"period": "2024/25", "value": 52.0})
    (said,) = headlines(study(made(kpi=rows(*years))))
    assert said.text.startswith(
        "The one indicator with an earlier figure is not shown to have moved by more than chance explains."
    )


def test_figures_that_contradict_each_other_are_not_said_to_stand_still(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    year = {"numerator": 42, "denominator": 200}
    held = rows(year | {"period": "2023/24", "value": 71.0}, year | {"period": "2024/25", "value": 21.0})
    said = headlines(study(made(kpi=pd.concat([held, held.assign(indicator="b")]))))[0]
    assert said.text == (
        "None of the 2 indicators with an earlier figure could be tested: "
        "2 can't be compared because the figures contradict each other."
    )


def test_a_rate_is_checked_against_its_counts_to_the_printed_decimal(rows: Rows) -> None:
    rate = {"period": "2024/25", "unit": "per_100k", "numerator": 1, "denominator": 2, "decimals": 1}
    assert values_off(rows(rate | {"value": 50_000.0}))["off"].tolist() == [False]
    assert values_off(rows(rate | {"value": 50_000.1}))["off"].tolist() == [True]
