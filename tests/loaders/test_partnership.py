"""Partners, agreement, governance and rule in authority.toml, and contributions: old forms and faults."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from s75lib.errors import ConfigError
from s75lib.loaders import load, read_authority
from s75lib.loaders.mapping.synonyms import column_for
from s75lib.loaders.partnership import Agreement, Governance, Sharing, Step

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = 'partners = ["A Council", "B NHS Trust"]\n'
SHARES = 'shares = { "A Council" = 60, "B NHS Trust" = 40 }\n'
STEP = '[[sharing.steps]]\nkind = "shares"\n'
RULE = STEP + SHARES


def read(tmp_path: Path, text: str):
    folder = tmp_path / "data" / "smallshire"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.toml").write_text('name = "Smallshire"\n' + text, encoding="utf-8")
    return read_authority("smallshire", folder.parent)


def test_an_old_form_still_loads(tmp_path):
    old = PARTNERS + (
        '[agreement]\nstart = 2025-04-01\nend = "2028-03-31"\nfunding = "pooled"\n'
        'risk_share = "Shared equally"\n'
        '[governance]\nboard = "A board"\nmeets = "quarterly"\n'
    )
    who = read(tmp_path, old)
    assert who.partner_names == ("A Council", "B NHS Trust")
    assert [one.kind for one in who.partners] == ["council", "trust"]
    assert (who.agreement.end, who.agreement.risk_share) == (date(2028, 3, 31), "Shared equally")
    assert who.governance.board == "A board"
    assert who.sharing is None


def test_any_number_of_partners_of_each_kind(tmp_path):
    who = read(
        tmp_path,
        'partners = ["X County Council", "Y Borough", "NHS Z Integrated Care Board", "A Hospice", '
        '{ name = "City", kind = "council" }]\n',
    )
    kinds = ["council", "council", "integrated care board", "other", "council"]
    assert [one.kind for one in who.partners] == kinds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PARTNERS + STEP + 'shares = { "A Council" = 60, "B NHS Trust" = 30 }\n', "add to 90; expected 100"),
        (PARTNERS + STEP + 'shares = { "A Council" = 100 }\n', "no share of B NHS Trust in the last step"),
        (PARTNERS + STEP + 'shares = { "A Council" = 60, "C Trust" = 40 }\n', "'C Trust', who is no partner"),
        (PARTNERS + '[[sharing.steps]]\nkind = "carried_forward"\n' + RULE, "found nothing left for step 2"),
        (PARTNERS + '[sharing]\nsteps = []\n', "found no step"),
        ('partners = ["A Council", "a council"]\n', "'A Council' twice"),
        (
            PARTNERS + RULE + '[sharing.lines]\n"A Council" = ["Other"]\n"B NHS Trust" = ["other"]\n',
            "the line 'Other' as two partners' own",
        ),
        (PARTNERS + STEP + 'shares = { "A Council" = 140, "B NHS Trust" = -40 }\n', "a share below 0"),
        (PARTNERS + RULE + "up_to = 100\n", "a last step that need not take all"),
        (PARTNERS + '[[sharing.steps]]\nkind = "by_moonlight"\n', "sharing.steps.0.kind"),
        (PARTNERS + "[sharing]\nformula = 1\n" + RULE, "sharing.formula: found a name that is not known"),
        (PARTNERS + '[[sharing.steps]]\nkind = "risk_pool"\n' + RULE, "a risk pool without up_to"),
        (PARTNERS + '[[sharing.steps]]\nkind = "own_lines"\n' + RULE, "own_lines without [sharing.lines]"),
        (
            PARTNERS + RULE + '[[sharing.caps]]\npartner = "A Council"\nat_most = 5\n',
            "sharing.caps.0.then: found nothing",
        ),
        (
            PARTNERS
            + RULE
            + '[[sharing.caps]]\npartner = "A Council"\nat_most = 5\nthen = "B NHS Trust"\n'
            + '[[sharing.caps]]\npartner = "B NHS Trust"\nat_most = 5\nthen = "A Council"\n',
            "caps that lead back to each other",
        ),
        (
            PARTNERS + 'agreement.funding = "recharged"\n' + RULE,
            "a rule beside funding = 'recharged'; expected one for pooled money",
        ),
        ('partners = ["A Council", "A Council"]\n', "'A Council' twice"),
        ('[agreement]\nstart = 2026-04-01\nend = 2025-03-31\n', "ends before it starts"),
        ('[agreement]\nreview_dates = ["next spring"]\n', "a day such as 2026-03-31 or a month"),
        ('[governance]\ncolour = "blue"\n', "found colour; expected some of board"),
    ],
)  # fmt: skip
def test_each_fault_of_the_settings_is_told_with_its_place_and_remedy(tmp_path, text, told):
    with pytest.raises(ConfigError, match=re.escape(told)) as caught:
        read(tmp_path, text)
    assert "smallshire/authority.toml" in str(caught.value)


HEAD = "financial_year,partner,service_group,line,kind,agreed,paid_to_date,as_at\n"


def contributions(tmp_path: Path, *rows: str, budget: str = "2024/25"):
    read(tmp_path, PARTNERS)
    folder = tmp_path / "data" / "smallshire"
    (folder / "contributions.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    if budget:
        (folder / "budget.csv").write_text(
            "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
            f"{budget},{budget[:4]}-09-30,,Homes,expenditure,9,9,9\n",
            encoding="utf-8",
        )
    return load("smallshire", data_dir=folder.parent, allow_faulty=True)


SOUND = "2024/25,A Council,,Care,cash,100,50,2024-09-30"


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("2024/25,B NHS Trus,,Care,cash,100,,", "partner", "'B NHS Trus', who is no partner"),
        ("2024/25,B NHS Trust,,Care,cash,100,50,2199-09-30", "as_at", "a day that is still to come"),
        ("2024/25,B NHS Trust,,Care,cash,-100,,", "agreed", "'-100'"),
        ("2024/25,B NHS Trust,,Care,gift,100,,", "kind", "'gift'"),
        (SOUND, "financial_year", "duplicate"),
    ],
)
def test_each_fault_of_a_contribution_is_one_with_place_and_remedy(tmp_path, row, column, found):
    data = contributions(tmp_path, SOUND, row)
    (fault,) = data.faults
    assert (fault.file, fault.row) == ("smallshire/contributions.csv", 3)
    assert column in fault.column
    assert found in str(fault)
    assert fault.remedy
    assert not data.has("contributions")
    assert data.has("budget")


MOVE = "change_id,date,kind,care_type,service_group,people,weekly_gross,source\n"
SAVED = "saving_id,saving,month,planned,delivered\n"
LEDGER = "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross,funding_rule\n"
RISES = "financial_year,care_type,basis,low,central,high,source\n"
RULES = "rule,basis,health_percent,council_percent,source\nHalf,percent,50,50,protocol\n"


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("known_changes", MOVE + "M1,2036-09-01,turns_18,Nursing,,7,900,list\n", "date"),
        ("known_changes", MOVE + "M1,2016-09-01,turns_18,Nursing,,7,900,list\n", "date"),
        ("savings", SAVED + "S1,Reviews,2036-05,100,\n", "month"),
    ],
)
def test_moves_and_savings_of_another_time_are_one_fault(tmp_path, name: str, text: str, column: str):
    contributions(tmp_path)
    folder = tmp_path / "data" / "smallshire"
    (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    data = load("smallshire", data_dir=folder.parent, allow_faulty=True)
    (fault,) = data.faults
    assert (fault.file, fault.row, fault.column) == (f"smallshire/{name}.csv", 2, column)
    assert "from 2024-04-01 to 2028-03-31" in fault.expected
    assert fault.remedy
    assert not data.has(name)
    (folder / f"{name}.csv").write_text(
        text.replace("2036", "2027").replace("2016", "2027"), encoding="utf-8"
    )
    assert load("smallshire", data_dir=folder.parent).has(name)


def test_a_saving_is_not_delivered_before_its_month(tmp_path, monkeypatch):
    class Today(date):
        @classmethod
        def today(cls) -> date:
            return date(2025, 5, 20)

    monkeypatch.setattr("s75lib.loaders.contributions.date", Today)
    contributions(tmp_path)
    file = tmp_path / "data" / "smallshire" / "savings.csv"
    rows = "S1,Reviews,2025-05,100,40\nS1,Reviews,2025-06,100,\nS1,Reviews,2025-07,100,0\n"
    file.write_text(SAVED + rows, encoding="utf-8")
    assert load("smallshire", data_dir=tmp_path / "data").has("savings")
    file.write_text(SAVED + rows + "S1,Reviews,2025-08,100,9\n", encoding="utf-8")
    (fault,) = load("smallshire", data_dir=tmp_path / "data", allow_faulty=True).faults
    assert (fault.row, fault.column) == (5, "delivered")
    assert "still to come" in fault.found


def test_a_package_that_names_an_unknown_rule_is_told_once_and_the_rule_alone(tmp_path):
    contributions(tmp_path)
    folder = tmp_path / "data" / "smallshire"
    rows = ("P1,K1", "P2,K2", "P3,K3")
    cells = "".join(f"2024-09-30,{row},Nursing,2024-05-01,,900,Third\n" for row in rows)
    (folder / "packages.csv").write_text(LEDGER + cells, encoding="utf-8")
    (folder / "funding_rules.csv").write_text(RULES, encoding="utf-8")
    data = load("smallshire", data_dir=folder.parent)
    (warning,) = [one for one in data.warnings if one.column == "funding_rule"]
    assert (warning.row, warning.expected) == (2, "one of Half, or a blank")


def test_contributions_for_a_year_without_a_budget_are_told_once(tmp_path):
    data = contributions(
        tmp_path, SOUND, "2022/23,A Council,,Care,cash,90,,", "2022/23,B NHS Trust,,Care,cash,9,,"
    )
    (warning,) = [one for one in data.warnings if one.column == "financial_year"]
    assert (warning.row, warning.found) == (3, "contributions for 2022/23, of which no budget is held")
    assert data.has("contributions")


def test_what_is_agreed_for_a_later_year_needs_no_budget_yet(tmp_path):
    later = ("2025/26,A Council,,Care,cash,110,,", "2027/28,A Council,,Care,cash,110,,")
    data = contributions(tmp_path, SOUND, *later)
    assert not [one for one in data.warnings if one.column == "financial_year"]


def test_what_is_agreed_for_a_year_far_ahead_is_told(tmp_path):
    data = contributions(tmp_path, SOUND, "2028/29,A Council,,Care,cash,110,,")
    (warning,) = [one for one in data.warnings if one.column == "financial_year"]
    assert warning.found.startswith("contributions for 2028/29")


def test_statements_after_the_period_are_cut_and_what_has_no_day_is_kept(tmp_path):
    contributions(
        tmp_path,
        SOUND,
        "2024/25,A Council,,Care,cash,100,75,2024-12-31",
        "2024/25,B NHS Trust,,Care,cash,9,,",
    )
    data = load("smallshire", "2024-10", data_dir=tmp_path / "data")
    assert data.contributions["as_at"].isna().tolist() == [False, True]
    assert data.known_to == date(2024, 9, 30)


def test_the_way_to_an_authority_names_every_key():
    text = (ROOT / "docs" / "authority.md").read_text(encoding="utf-8")
    for model in (Agreement, Governance, Sharing, Step):
        for key in model.model_fields:
            assert f"`{key}`" in text, f"{model.__name__}.{key}"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("Agreed Contribution (£)", "agreed"), ("Received to date", "paid_to_date"), ("Scheme name", "line")],
)
def test_other_names_of_the_columns_are_known(theirs, ours):
    assert column_for(theirs, "contributions") == (ours, 1.0)


def test_each_cause_in_the_settings_is_told_once_and_in_plain_words(tmp_path):
    text = PARTNERS + STEP + 'up_to = "a lot"\nshares = { "A Council" = 60, "C Trust" = 40 }\n'
    text += '[sharing.caps]\n"A Council" = 5\n'
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert str(caught.value).splitlines() == [
        "smallshire/authority.toml: 2 to correct:",
        "  sharing.steps.0.up_to: found 'a lot'; expected a number",
        "  sharing.caps: found a table; expected a list, in square brackets",
    ]
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, PARTNERS + STEP + 'shares = { "A Council" = 60, "B NHS Trsut" = 40 }\n')
    assert str(caught.value).count("found") == 1


def test_more_paid_than_agreed_is_pointed_out(tmp_path):
    data = contributions(tmp_path, SOUND, "2024/25,B NHS Trust,,Care,cash,9,9.5,2024-09-30")
    (warning,) = [one for one in data.warnings if one.column == "paid_to_date"]
    assert (warning.row, warning.found) == (3, "more paid than was agreed")


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("savings", SAVED[:-1] + ",confidence\nS1,Reviews,2024-05,100,,70\nS2,Homes,2024-05,100,,0.7\n", [3]),
        ("savings", SAVED[:-1] + ",confidence\nS1,Reviews,2024-05,100,,70\nS2,Homes,2024-05,100,,1\n", []),
        ("uplifts", RISES + "2025/26,Nursing,price,0.03,0.035,0.04,letter\n", [2]),
        ("uplifts", RISES + "2025/26,Nursing,price,0,0.5,3.5,letter\n", []),
    ],
)
def test_shares_given_for_percentages_are_pointed_out(tmp_path, name: str, text: str, rows: list[int]):
    contributions(tmp_path)
    folder = tmp_path / "data" / "smallshire"
    (folder / f"{name}.csv").write_text(text, "utf-8")
    told = [one for one in load("smallshire", data_dir=folder.parent).warnings if "percentage?" in one.found]
    assert [one.row for one in told] == rows
