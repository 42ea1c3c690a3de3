"""Claims are read as data: filters, measures, periods, and every fault at once."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib.claims.recipe import Rows, Term, read_recipes
from s75lib.errors import DataError

GOOD = {
    "dataset": "budget",
    "filter": "kind=expenditure|client_income;service_group=",
    "measure": "commitment-budget",
    "operation": "difference",
    "period_from": "2019-11-30",
    "period_to": "31/12/2019",
}


def test_a_recipe_is_read(claims_of):
    recipe = read_recipes(claims_of(GOOD))["it"]
    assert recipe.terms == (Term("kind", ("expenditure", "client_income")), Term("service_group", ("",)))
    assert (recipe.columns, recipe.sign) == (("commitment", "budget"), "-")
    assert (recipe.period_from, recipe.period_to) == ("2019-11-30", "2019-12-31")


def test_a_claim_without_a_dataset_has_no_recipe(claims_of):
    assert read_recipes(claims_of({})) == {}


@pytest.mark.parametrize("measure", ["commitment − budget", "commitment-budget", "commitment - budget"])
def test_minus_signs_are_alike(claims_of, measure):
    assert read_recipes(claims_of({**GOOD, "measure": measure}))["it"].sign == "-"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"dataset": "ledger"}, "dataset"),
        ({"dataset": "claims"}, "dataset"),
        ({"dataset": ""}, "filter"),
        ({"filter": "colour=red"}, "filter"),
        ({"filter": "kind"}, "filter"),
        ({"filter": "=expenditure"}, "filter"),
        ({"filter": "kind=expenditure;"}, "filter"),
        ({"filter": "kind=expenditure;kind=adjustment"}, "filter"),
        ({"filter": "as_at=yesterday"}, "filter"),
        ({"filter": "budget=many"}, "filter"),
        ({"measure": "commitment/budget"}, "measure"),
        ({"measure": "commitment-budget-forecast"}, "measure"),
        ({"measure": "__import__('os')"}, "measure"),
        ({"measure": "commitment-cost"}, "measure"),
        ({"measure": "line"}, "measure"),
        ({"measure": ""}, "measure"),
        ({"operation": ""}, "operation"),
        ({"operation": "sum"}, "period_from"),
        ({"operation": "product", "period_from": "", "period_to": ""}, "measure"),
        ({"period_to": ""}, "period_to"),
        ({"period_to": "2019/20"}, "period_to"),
        ({"dataset": "assumptions", "filter": "", "measure": "high-low"}, "period_from"),
        ({"decimals": ""}, "decimals"),
        ({"decimals": "1.5"}, "decimals"),
        ({"published": 1_234_567}, "published"),
    ],
)
def test_faults_name_row_column_and_claim(claims_of, changed, column):
    with pytest.raises(DataError) as error:
        read_recipes(claims_of({**GOOD, "claim_id": "sound"}, {**GOOD, "claim_id": "bad", **changed}))
    fault = error.value.faults[0]
    assert (fault.file, fault.row, fault.column) == ("claims.csv", 3, column)
    assert fault.found.endswith("in claim bad")
    assert fault.expected
    assert fault.remedy


def test_every_fault_is_reported_at_once(claims_of):
    bad = {**GOOD, "filter": "colour=red;as_at=soon", "measure": "cost", "period_to": ""}
    with pytest.raises(DataError) as error:
        read_recipes(claims_of({**bad, "claim_id": "one"}, {**GOOD, "claim_id": "two", "dataset": "x"}))
    found = [(fault.row, fault.column) for fault in error.value.faults]
    assert found == [(2, "measure"), (2, "period_to"), (2, "filter"), (2, "filter"), (3, "dataset")]


@pytest.fixture
def survey(typed) -> pd.DataFrame:
    answers = [("Yes", 40, "true"), ("No", 60, "false"), ("Other, or = none", 5, "")]
    return typed(
        "survey",
        [
            {"survey": "S", "period": "2018/19", "question": "Q", "answer": a, "percent": p, "weighted": w}
            for a, p, w in answers
        ],
    )


@pytest.mark.parametrize(
    ("terms", "percents"),
    [
        ([], [40, 60, 5]),
        ([("answer", "Yes", "No")], [40, 60]),
        ([("answer", "Other, or = none")], [5]),
        ([("weighted", "yes")], [40]),
        ([("weighted", "false", "")], [60, 5]),
        ([("percent", "60.0")], [60]),
        ([("base", "")], [40, 60, 5]),
        ([("period", "2018-19")], [40, 60, 5]),
        ([("answer", "yes")], []),
        ([("answer", "")], []),
        ([("answer", "Yes"), ("weighted", "no")], []),
    ],
)
def test_selecting(survey, terms, percents):
    rows = Rows("survey", survey)
    found = rows.meeting([Term(column, tuple(values)) for column, *values in terms])
    assert rows.cells("percent", found).tolist() == percents


def test_an_equals_sign_may_stand_in_a_value(claims_of):
    row = {"dataset": "survey", "filter": "answer=a = b", "measure": "percent", "operation": "value"}
    assert read_recipes(claims_of(row))["it"].terms == (Term("answer", ("a = b",)),)
