from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from s75lib.kpi.changes import changes
from s75lib.kpi.survey import answers, survey_changes
from s75lib.loaders import find_authorities, load
from s75lib.loaders.data import AuthorityData


def council(folder: Path, extra: str = "", **files: str) -> AuthorityData:
    place = folder / "north"
    place.mkdir()
    place.joinpath("authority.toml").write_text(f'name = "North"\n{extra}', encoding="utf-8")
    for name, text in files.items():
        place.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return load("north", data_dir=folder)


def told(data: AuthorityData) -> str:
    return "\n".join(str(warning) for warning in data.warnings)


KPI = "indicator,group,period,value,unit,numerator,denominator\n"
BUDGET = "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"


def test_a_value_that_contradicts_its_counts_is_told_and_not_compared(tmp_path: Path) -> None:
    rows = "reviews,,2023/24,71,percent,42,200\nreviews,,2024/25,52,percent,104,200\n"
    data = council(tmp_path, kpi=KPI + rows)
    assert "row 2, column value: found figures that contradict numerator and denominator" in told(data)
    found = changes(data.kpi).iloc[0]
    assert found["basis"] == "contradicted"
    assert np.isnan(found["change"])
    assert np.isnan(found["p_value"])


def test_a_share_is_asked_about_as_a_share(tmp_path: Path) -> None:
    data = council(tmp_path, kpi=KPI + "reviews,,2023/24,0.71,percent,142,200\n")
    assert "a share, not a percentage?" in told(data)


def test_a_value_as_rounded_agrees(tmp_path: Path) -> None:
    rows = "reviews,,2023/24,71,percent,143,201\nreviews,,2024/25,33.3,percent,1,3\n"
    assert "contradict" not in told(council(tmp_path, kpi=KPI + rows))


def test_a_small_count_that_contradicts_its_figure_is_not_printed(tmp_path: Path) -> None:
    data = council(tmp_path, kpi=KPI + "reviews,,2023/24,71,percent,3,200\n")
    assert "contradict" in told(data)
    assert "3 of 200" not in told(data)


def test_an_answer_that_contradicts_its_count_gets_no_interval_and_no_test(tmp_path: Path) -> None:
    header = "survey,period,question,answer,percent,count,base\n"
    rows = "s,2023/24,q,yes,71,42,200\ns,2024/25,q,yes,50,100,200\n"
    data = council(tmp_path, survey=header + rows)
    assert "contradict count and base" in told(data)
    assert np.isnan(answers(data.survey).iloc[0]["lower"])
    assert survey_changes(data.survey).empty


def test_amounts_of_a_package_that_disagree_are_told(tmp_path: Path) -> None:
    header = (
        "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross,units_per_week,"
        "unit_price,health_weekly,client_weekly,net_weekly\n"
    )
    rows = (
        "2024-12-31,a1,p1,Nursing,2024-01-01,,1000,1,1000,200,100,700\n"
        "2024-12-31,a2,p2,Nursing,2024-01-01,,1000,1,1000,200,100,700\n"
        "2024-12-31,a3,p3,Dom Care,2024-01-01,,500,10,20,,,500\n"
    )
    text = told(council(tmp_path, packages=header + rows))
    assert "not units_per_week × unit_price, in rows 4;" in text


def test_labelled_totals_and_grand_totals_are_never_added_in(tmp_path: Path) -> None:
    rows = [
        f"2024/25,2024-12-31,{group},{line},expenditure,{cost},{cost},{cost}"
        for group, line, cost in (
            ("AMH", "Residential", 100),
            ("AMH", "All ages day care", 50),
            ("AMH", "Total AMH", 150),
            ("OPMH", "Residential", 10),
            ("OPMH", "Sub-total", 10),
            ("LD", "Total", 7),
            ("", "Grand total", 167),
        )
    ]
    data = council(tmp_path, budget=BUDGET + "\n".join(rows))
    assert data.budget["line"].tolist() == [
        "Residential",
        "All ages day care",
        "Residential",
        "Total (as recorded)",
    ]
    assert data.budget["budget"].sum() == 167
    assert "in rows 4, 6, 8" in told(data)


def test_a_line_that_adds_up_its_siblings_is_a_total_whatever_its_name(tmp_path: Path) -> None:
    lines = (("Residential", 100, 101, 103), ("Nursing", 50, 52, 55), ("Community", 150, 153, 158))
    rows = [f"2024/25,2024-12-31,AMH,{name},expenditure,{b},{c},{f}" for name, b, c, f in lines]
    data = council(tmp_path, budget=BUDGET + "\n".join(rows))
    assert data.budget["line"].tolist() == ["Residential", "Nursing"]
    assert "whose numbers are the sums of the others: AMH Community, in rows 4" in told(data)


def test_staff_totals_of_each_organisation_are_left_out(tmp_path: Path) -> None:
    header = (
        "as_at,organisation,group,budget,adjusted_budget,adjusted_budget_to_date,actual_to_date,forecast\n"
    )
    rows = [
        f"2024-12-31,{who},{group},{n},{n},{n},{n},{n}"
        for who in ("Council", "Trust")
        for group, n in (("Social workers", 10), ("Support", 5), ("Total", 15))
    ]
    data = council(tmp_path, staffing=header + "\n".join(rows))
    assert data.staffing["budget"].sum() == 30


def test_a_team_of_all_teams_is_not_added_in_unless_it_is_all_there_is(tmp_path: Path) -> None:
    header = "month,measure,count,team\n"
    rows = (
        "2024-04,reviews,20,Oak\n2024-04,reviews,10,Elm\n2024-04,reviews,30,All teams\n"
        "2024-04,assessments,9,All teams\n"
    )
    data = council(tmp_path, activity=header + rows)
    assert data.activity["team"].tolist() == ["Oak", "Elm", "All teams (as recorded)"]
    assert data.activity["count"].sum() == 39


LEDGER = (
    "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross,service_group\n"
    + "".join(f"2024-12-31,a{n},p{n},Nursing,2024-01-01,,1000,AMH\n" for n in range(20))
)


@pytest.mark.parametrize(
    ("commitment", "factor"), [(1043, "1,000"), (20_000, "52"), (86_900, "12"), (1_043_000, "")]
)
def test_a_monitor_that_its_ledger_contradicts_is_told(tmp_path: Path, commitment: int, factor: str) -> None:
    line = f"2024/25,2024-12-31,AMH,Nursing,expenditure,{commitment},{commitment},{commitment}\n"
    text = told(council(tmp_path, budget=BUDGET + line, packages=LEDGER))
    assert (f"a factor near {factor} (" in text) == bool(factor)
    assert bool(factor) or "does not fit the ledger" not in text


def test_a_monitor_declared_in_thousands_is_read_in_pounds(tmp_path: Path) -> None:
    line = "2024/25,2024-12-31,AMH,Nursing,expenditure,1043,1043,1043\n"
    declared = '[sources]\nbudget = {unit = "£000"}\n'
    data = council(tmp_path, declared, budget=BUDGET + line, packages=LEDGER)
    assert data.budget["budget"].tolist() == [1_043_000]
    assert "does not fit the ledger" not in told(data)


@pytest.mark.parametrize("slug", find_authorities("data"))
def test_no_shipped_row_is_taken_for_a_total(slug: str) -> None:
    data = load(slug)
    assert "totals among the rows" not in told(data)
    assert "in several spellings" not in told(data)
    assert isinstance(data.kpi, pd.DataFrame)


def test_one_team_in_several_spellings_is_one_and_is_told(tmp_path: Path) -> None:
    teams = ["Oak Team", "Oak  Team", "OAK TEAM", "Oak-Team", "Oak Team", "Elm Team"]
    rows = [f"2024-{month:02d},reviews,{month},{team}\n" for month, team in enumerate(teams, start=4)]
    data = council(tmp_path, activity="month,measure,count,team\n" + "".join(rows))
    assert data.activity["team"].tolist() == ["Oak Team"] * 5 + ["Elm Team"]
    assert "one name in several spellings: 'Oak Team'" in told(data)


def test_spellings_that_would_make_rows_double_are_told_and_left(tmp_path: Path) -> None:
    rows = "2024-04,reviews,4,Oak Team\n2024-04,reviews,5,OAK TEAM\n"
    data = council(tmp_path, activity="month,measure,count,team\n" + rows)
    assert data.activity["count"].tolist() == [4, 5]
    assert data.activity["team"].nunique() == 2
    assert "would make rows double" in told(data)


def test_a_total_is_told_once(tmp_path: Path) -> None:
    head = "as_at,organisation,group,budget,adjusted_budget,adjusted_budget_to_date,actual_to_date,forecast\n"
    rows = [("Council", "Social workers", 100), ("Council", "Admin", 50), ("Council", "Total", 150),
            ("Trust", "Nurses", 150), ("Trust", "Total", 150)]  # fmt: skip
    text = "".join(f"2024-12-31,{who},{group},{n},{n},{n},{n},{n}\n" for who, group, n in rows)
    data = council(tmp_path, staffing=head + text)
    assert data.staffing["budget"].sum() == 300
    assert "kept as a row of its own" not in told(data)
    assert told(data).count("totals among the rows") == 1


CONTRIBUTIONS = "financial_year,partner,service_group,line,kind,agreed,paid_to_date,as_at\n"
POOL = CONTRIBUTIONS + "2024/25,Council,,Pool,cash,1250000,,\n"
SAVINGS = "saving_id,saving,month,planned,delivered\n"


@pytest.mark.parametrize(
    ("dataset", "text", "said"),
    [
        ("contributions", POOL + "2024/25,ICB,,Pool,cash,850,,\n", "if they were in £000s, in rows 3"),
        ("contributions", CONTRIBUTIONS + "2024/25,Council,,Pool,cash,1250000,650,2024-09-30\n",
         "a thousand times another of the same line"),
        ("contributions", POOL + "2025/26,Council,,Pool,cash,1290,,\n", "thousandth of, those before,"),
        ("contributions", POOL + "2024/25,ICB,,Pool,cash,91000,,\n", ""),
        ("savings", SAVINGS + "S1,Reviews,2024-04,9000,\nS2,Homes,2024-04,12,\n", "if they were in £000s"),
        ("savings", SAVINGS + "S1,Reviews,2024-04,9000,\nS1,Reviews,2024-05,12,\n", "if they were in £000s"),
        ("savings", SAVINGS + "S1,Reviews,2024-04,9000,\nS2,Homes,2024-04,1200,\n", ""),
        ("budget", BUDGET + "2024/25,2024-12-31,AMH,Nursing,expenditure,900000,910000,920000\n"
         "2024/25,2024-12-31,AMH,Day Care,expenditure,130,131,132\n", "in £000s, in rows 3"),
    ],
)  # fmt: skip
def test_pounds_beside_thousands_are_told_in_every_file_of_money(
    tmp_path: Path, dataset: str, text: str, said: str
) -> None:
    data = council(tmp_path, "[agreement]\nstart = 2025-04-01\n", **{dataset: text})
    found = "\n".join(line for line in told(data).splitlines() if "thousand" in line or "000s" in line)
    assert (said in found) if said else not found


def test_contributions_a_thousandth_of_their_budget_are_told(tmp_path: Path) -> None:
    budget = BUDGET + "2024/25,2024-12-31,,Nursing,expenditure,2000000,2000000,2000000\n"
    agreed = CONTRIBUTIONS + "2024/25,Council,,Pool,cash,1250,,\n2024/25,ICB,,Pool,cash,850,,\n"
    assert "a thousand times the budget, or a thousandth" in told(
        council(tmp_path, budget=budget, contributions=agreed)
    )


def test_a_score_that_its_parts_do_not_give_is_told(tmp_path: Path) -> None:
    text = "risk_id,date,description,consequence,likelihood,score\nR1,2024-06,Staff,4,4,12\n"
    assert "scores that are not consequence × likelihood" in told(council(tmp_path, risks=text))
