"""Functions and roles, money beside outcomes, next year, and the study as a whole."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import s75lib as s75
from s75lib.account.functions import section as functions
from s75lib.account.functions import unsaid
from s75lib.account.next_year import contributions_needed
from s75lib.account.next_year import section as next_year
from s75lib.account.outcomes import section as outcomes
from s75lib.account.outcomes import side_by_side
from s75lib.loaders import find_authorities


@pytest.mark.parametrize("slug", find_authorities("data"))
def test_everything_that_is_transcribed_of_an_agreement_is_shown(study_of, slug):
    study = study_of(slug)
    page = "\n".join(repr(module.section(study)) for module in study.sections)
    who = study.data.authority
    held = [who.governance, who.agreement]
    texts = []
    for part in held:
        for value in part.model_dump(exclude_defaults=True, exclude={"reference"}).values():
            values = (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value]
            )
            texts += [one for one in values if isinstance(one, str)]
    texts += [line for role in who.governance.roles for line in (role.role, role.of, *role.leads)]
    for text in texts:
        if not text[:4].isdigit():  # days are written as people do
            assert text in page, text
    for statement in study.data.facts["statement"]:
        assert statement in page


def test_published_figures_of_few_people_are_hidden_where_they_are_not_public(study_of):
    data = study_of("exampleshire").data
    asked = data.facts["fact_id"].eq("amhp_trainees")
    of_care = data.facts.assign(unit=data.facts["unit"].mask(asked, "people"))
    for facts, shown in ((data.facts, "4 staff"), (of_care, "c")):
        frames = type(data.frames)(dict(data.frames.untracked()) | {"facts": facts})
        study = s75.account.study(replace(data, frames=frames))
        cells = {row[0]: row[2] for row in functions(study).tables["published_figures"].cells()}
        assert cells["People open to the eight teams"] == "1,460 people"
        assert cells["AMHP trainees who qualify in the coming year"] == shown  # 4 of staff tell of nobody
    public = functions(study_of("cambridgeshire")).tables["published_figures"]
    assert "c" not in {row[2] for row in public.cells()}


def test_islingtons_money_stands_in_its_budget_and_its_account(study_of):
    data = study_of("islington").data
    for wing, prefix in ((s75.budget, "budget"), (s75.account, "account")):
        study = wing.study(data)
        said = {one.id: one for one in study.headlines}
        assert said[f"{prefix}.published.partnership_overspend_2018_19"].value == 30_000
        assert said[f"{prefix}.published.purchasing_overspend_2019_10"].value == 500_000
        assert study.missing == []
    claims = s75.claims.section(s75.account.study(data)).parts[-1].checked
    assert {"text-overspend-2018-19", "text-purchasing-overspend-2019-10"} <= set(claims["claim_id"])


def test_what_the_documents_do_not_say(study_of):
    gone = unsaid(study_of("islington").data.authority, contributions=False)
    assert "when it ends" in gone
    assert "which functions are delegated" not in gone
    assert unsaid(study_of("exampleshire").data.authority, contributions=True) == []
    (few,) = [one for one in study_of("cambridgeshire").headlines if one.id == "account.unsaid"]
    assert few.sentence == (
        "The documents held don't say the period of notice, when it is reviewed or which functions stay."
    )
    (many,) = [one for one in study_of("islington").headlines if one.id == "account.unsaid"]
    assert many.sentence.endswith(f" or {len(gone) - 3} things more.")


def test_a_budget_whose_payers_no_file_gives_says_so_first(study_of):
    said = [one for one in s75.summary(study_of("cambridgeshire")).headlines if one.stake == "money"]
    assert (said[0].id, said[0].large) == ("account.contributions", "Not held")
    assert "It is the adjusted net budget of £9.55m and the staff budget of £3.14m." in said[0].text
    assert "account.contributions" not in [one.id for one in study_of("exampleshire").headlines]


def test_cost_and_indicators_are_of_the_same_group_and_years(study_of):
    study = study_of("exampleshire")
    rows = study.beside
    assert set(rows["before_period"]) == {"2024/25"}
    assert set(rows["period"]) == {"2025/26"}
    net = study.budget.trend
    last = net[(net["as_at"] == "2026-03-31") & (net["service_group"] == "AMH") & (net["level"] == "net")]
    cost = rows[(rows["indicator"] == "") & (rows["service_group"] == "AMH")]
    assert cost["value"].item() == last["forecast"].item()
    kpi = study.kpi.kpi.set_index(["indicator", "group", "period"])["value"]
    for row in rows[rows["indicator"] != ""].to_dict("records"):
        assert row["value"] == kpi[row["indicator"], row["service_group"], "2025/26"]
    assert list(outcomes(study).tables) == ["outcomes"]


def test_nothing_is_set_beside_a_cost_without_its_group_and_years(study_of):
    cambridgeshire = study_of("cambridgeshire")  # one year of budget
    assert cambridgeshire.beside.empty
    assert "over the same two years are not held" in repr(outcomes(cambridgeshire))
    empty = study_of("coventry")
    assert side_by_side(empty.budget.trend, empty.kpi.kpi).empty


def test_next_year_splits_the_full_cost_as_this_years_cash(study_of):
    study = study_of("exampleshire")
    rows, rate = study.contributions_needed, study.budget.run_rate
    assert rows["needed"].sum() == round(rate.full_year * 100)
    assert (rows["needed"] - rows["planned"] == rows["gap"]).all()
    assert rows["agreed"].sum() == 13_291_000_00
    assert next_year(study).tables["next_year"].frame["gap"].iloc[-1] == rows["gap"].sum() / 100
    assert contributions_needed(study.statements, study.statements, None).empty
    nothing = study.statements.iloc[:0]
    assert contributions_needed(nothing, nothing, 1).empty


def test_without_anything_of_an_agreement_the_notebook_is_a_request(made):
    frame = pd.DataFrame({"indicator": ["a"], "period": ["2024/25"], "value": [1.0], "unit": ["count"]})
    data = made(kpi=frame)
    bare = data.authority.model_copy(update={"agreement": type(data.authority.agreement)()})
    study = s75.account.study(type(data)(bare, data.period, data.frames))
    assert [gap.whole for gap in study.missing] == [False, True]
    for module in study.sections:
        assert repr(module.section(study))
