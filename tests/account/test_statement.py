"""The memorandum account: quarters, contributions, what is due, and what is left."""

from __future__ import annotations

import tomllib
from types import SimpleNamespace

import pandas as pd
import pytest

from s75lib import account
from s75lib.account.statement import _unlike_contributions, due, expenditure, section, statements
from s75lib.account.statement import account as account_of
from s75lib.loaders import Period, load
from tests.account.conftest import CONTRIBUTIONS, DATA


def test_quarters_and_rest_add_up_to_the_year(written):
    study = account.study(load("pooled", data_dir=written()))
    rows = account_of(study).set_index("row")
    columns = ["q1", "q2", "q3", "q4", "to_come"]
    homes = rows.loc["Homes"]
    # No snapshot at the end of September: what was spent then stands in the third quarter.
    assert homes[["q1", "q3", "to_come", "year"]].tolist() == [26_000, 54_000, 35_001, 115_001]
    assert pd.isna(homes["q2"])
    for name in ("Homes", "Client income", "Contribution: A Council", "Surplus, or deficit (−)"):
        assert rows.loc[name, columns].sum() == rows.loc[name, "year"], name
    assert rows.loc["Surplus, or deficit (−)", "year"] == -14_001
    assert rows.loc["Carried forward", "year"] == 0
    assert all(check.passed for check in study.checks)


@pytest.mark.parametrize("period", ["2024/25", "2025-09", "2025/26-Q3", "2025/26"])
def test_exampleshires_account_closes_in_every_period(study_of, period):
    study = study_of("exampleshire", period)
    rows = account_of(study).set_index("row")
    year = rows["year"]
    borne = sum(year[name] for name in rows.index if name.startswith("Borne by"))
    assert year["Funds in all"] - year["Expenditure in all"] == year["Surplus, or deficit (−)"]
    assert year["Surplus, or deficit (−)"] + borne == year["Carried forward"] == 0
    assert all(check.passed for check in study.checks)


def test_the_latest_statement_counts_and_recharges_and_aligned_money_are_not_pooled():
    days = pd.to_datetime([None, "2024-12-31", None, None])
    frame = pd.DataFrame(
        {
            "financial_year": "2024/25",
            "partner": ["A", "A", "B", "B"],
            "service_group": "",
            "line": ["Care", "Care", "Staff", "Offices"],
            "kind": ["cash", "cash", "recharge", "in_kind"],
            "agreed": [600.0, 700.0, 50.0, 20.0],
            "paid_to_date": [None, 100.0, None, None],
            "as_at": days,
            "basis": ["", "", "", "aligned"],
            "one_off": pd.array([None] * 4, "boolean"),
            "reference": "",
        }
    )
    year = Period.parse("2024/25")
    found = statements(frame, year, "pooled").loc[lambda rows: rows["latest"]].set_index("line")
    assert found["agreed"].to_dict() == {"Care": 70_000, "Staff": 5_000, "Offices": 2_000}
    assert found["held"].to_dict() == {"Care": "pooled", "Staff": "recharged", "Offices": "aligned"}
    assert "pooled" not in set(statements(frame, year, "recharged")["held"])
    assert statements(frame, Period.parse("2023/24"), None).empty


def test_who_paid_all_that_is_due_or_more_is_short_of_nothing():
    rows = pd.DataFrame({"line": ["Less", "All", "More"], "paid_to_date": [200.0, 300.0, 300.01]})
    frame = rows.assign(
        financial_year="2024/25", partner="A Council", service_group="", kind="cash", agreed=600.0,
        as_at=pd.Timestamp("2024-09-30"), basis="", one_off=False, reference="",
    )  # fmt: skip
    found = statements(frame, Period.parse("2024/25"), "pooled").set_index("line")
    assert found["short"].to_dict() == {"Less": 10_000, "All": 0, "More": 0}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-06-29", 0),
        ("2024-06-30", 251),
        ("2024-10-15", 501),
        ("2025-03-31", 1_001),
        ("2025-08-01", 1_001),
    ],
)
def test_a_quarter_falls_due_on_its_last_day(day, expected):
    assert due(1_001, Period.parse("2024/25"), pd.Timestamp(day)) == expected


def test_what_was_planted_is_found(study_of):
    truth = tomllib.loads((DATA / "exampleshire" / "truth.toml").read_text("utf-8"))["contributions"]
    study = study_of("exampleshire")
    late = study.statements[study.statements["short"] > 0].set_index(["as_at", "partner", "service_group"])[
        "short"
    ]
    short = truth["short_at_year_end"]
    key = (pd.Timestamp("2026-03-31"), short["partner"], short["service_group"])
    assert late.pop(key) == short["amount"] * 100
    ((day, partner, group),) = late.index
    assert (f"{day:%Y-%m-%d}", partner, group) == tuple(
        truth["late"][name] for name in ("as_at", "partner", "service_group")
    )
    assert study.difference == truth["difference_2025_26"] * 100
    assert [part / 100 for part in study.shared.totals.values()] == list(truth["shares"].values())
    assert "decided" in [gap.kind for gap in study.gaps]
    rule = "They share a difference by the agreement's rule, 60% to 40%, and not as they pay in."
    assert {one.id: one for one in study.headlines}["account.pool"].text.endswith(rule)
    said = " ".join(one.text for one in study.headlines)
    assert "£51k of £17.78m due had not been paid. Late: £51k from Exampleshire Council (Care" in said


def test_of_more_than_two_partners_each_is_named_with_its_share_of_a_difference():
    shared = SimpleNamespace(totals={"A": 500, "B": 300, "C": 200})
    study = SimpleNamespace(shared=shared, difference=1_000, pooled={"A": 10, "B": 10, "C": 10})
    said = " They share a difference by the agreement's rule, A 50%, B 30% and C 20%, and not as they pay in."
    assert _unlike_contributions(study) == said


def test_a_partner_who_has_made_no_statement_since_is_not_late(written):
    more = "2024/25,B NHS Trust,,Staff,in_kind,100,50,2024-09-30,,\n"
    study = account.study(load("pooled", data_dir=written(contributions=CONTRIBUTIONS + more)))
    short = study.statements.dropna(subset=["paid"]).set_index(["line", "partner"])["short"]
    assert short.tolist() == [0, 0, 2_500]  # the trust's £200 of the £225 due in December alone
    assert short["Staff", "B NHS Trust"] == 0


def test_without_a_year_of_budget_there_is_no_account(written):
    study = account.study(load("pooled", data_dir=written(budget="")))
    assert study.expenditure.empty
    assert study.difference == 0
    assert "No budget or staffing position of 2024/25 is held" in repr(section(study))


GROUPS = (("AMH", ""), ("OPMH", "1150"))


def test_a_line_of_which_one_groups_forecast_is_unknown_has_no_year(written):
    head = "financial_year,as_at,service_group,line,kind,budget,commitment,forecast,actual_to_date\n"
    told = [f"2024/25,2024-12-31,{group},Homes,expenditure,1000,1200,{f},800\n" for group, f in GROUPS]
    data = load("pooled", data_dir=written(budget=head + "".join(told)))
    row = expenditure(data.budget, data.staffing, data.period).set_index("row").loc["Homes"]
    assert row[["year", "to_come"]].isna().all()
    assert row["budget"] == 200_000


def test_spending_without_actuals_is_all_still_to_come(study_of):
    data = study_of("cambridgeshire").data
    found = expenditure(data.budget, data.staffing.iloc[:0], data.period)
    assert found[["q1", "q2", "q3", "q4"]].isna().all(axis=None)
    assert (found["to_come"] == found["year"]).all()


def test_money_brought_forward_is_a_fund_of_the_year(written):
    brought = '[sharing.brought_forward]\n"2024/25" = 40.5\n'
    sharing = (
        '[sharing]\nreference = "schedule 3"\n' + brought + '\n[[sharing.steps]]\nkind = "carried_forward"\n'
    )
    study = account.study(load("pooled", data_dir=written(sharing=sharing)))
    rows = account_of(study).set_index("row")["year"]
    assert rows["Brought forward"] == 4_050
    assert rows["Other funds of the budget"] == -4_050  # the contributions meet the budget already
    assert rows["Carried forward"] == rows["Surplus, or deficit (−)"] == -14_001
    assert not next(check for check in study.checks if check.id == "account.funded").passed


def test_an_authority_without_contributions_gets_a_request(study_of):
    table = section(study_of("islington")).tables["account.request"].frame
    assert set(table["column"].str.removesuffix(" *")) >= {"partner", "agreed", "paid_to_date", "as_at"}
    assert (table["who"] != "").all()
    assert table.set_index("column").loc["partner *", "example"] == "London Borough of Islington"


def test_a_quarters_report_shows_the_quarter_and_the_year_so_far(study_of):
    study = study_of("exampleshire", "2025/26-Q3")
    table = section(study).tables["account"]
    heads = [column.label for column in table.columns]
    assert heads == ["£", "Q1", "Q2", "Q3", "Quarters so far", "Still to come", "Year", "Budget"]
    rows = table.frame.set_index("row")
    assert rows.loc["Residential", ["q1", "q2", "q3"]].sum() == rows.loc["Residential", "to_date"]
    assert max(study.data.contributions["as_at"].dropna()) == pd.Timestamp("2025-12-31")
    year = study_of("exampleshire")
    assert (study.expenditure["q3"] == year.expenditure["q3"]).all()


def test_a_grant_that_tapers_is_seen_year_by_year(written):
    more = "2025/26,B NHS Trust,,Change,grant,90,,,,yes\n2026/27,B NHS Trust,,Change,grant,40,,,,\n"
    study = account.study(load("pooled", data_dir=written(contributions=CONTRIBUTIONS + more)))
    table = section(study).tables["contributions.years"].frame.set_index(["partner", "kind"])
    years = ["2024/25", "2025/26", "2026/27"]
    assert table.loc[("B NHS Trust", "grant"), years[1:]].tolist() == [90, 40]
    assert table.loc[("A Council", "cash"), years].isna().tolist() == [False, True, True]


def test_what_is_for_this_year_alone_and_where_it_stands_is_shown(written):
    rows = CONTRIBUTIONS.replace("one_off\n", "one_off,reference\n").replace("31,,\n", "31,,yes,schedule 3\n")
    frame = section(account.study(load("pooled", data_dir=written(contributions=rows)))).tables
    held = frame["contributions"].frame
    assert set(held["kind"]) == {"cash, this year alone"}
    assert set(held["reference"]) == {"schedule 3"}
