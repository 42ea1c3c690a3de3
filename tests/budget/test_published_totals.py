"""Cambridgeshire's tables of 12 March 2020, typed from the report (3.2.1 to 3.3.1), in £ thousand."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib.budget import movement, position, staffing
from s75lib.budget.published_totals import published_totals
from s75lib.present import Table

# Budget, then commitment and forecast at Apr, Q1, Q2, Nov and Q3; variances; changes from November.
AMH = """
Residential|2178 2195 2178 2224 2212 2337 2331 2442 2439 2329 2327 151 149 -113 -112
Nursing|544 548 544 489 486 511 509 529 528 530 529 -14 -15 1 1
Dom Care|586 590 586 622 618 550 548 543 542 549 549 -37 -37 6 6
Live In|0 0 0 0 0 26 26 58 58 26 26 26 26 -32 -33
Supp Living|1041 1113 1041 1093 1044 884 860 811 798 835 827 -206 -214 24 29
Day Care|8 8 8 12 12 9 9 10 10 10 10 2 2 0 0
Dir Payments|167 175 167 218 218 236 220 236 230 240 235 73 67 4 5
Other|8 8 8 8 8 19 19 20 20 17 17 9 9 -3 -3
Health Cont|-22 -22 -22 0 0 0 0 0 0 0 0 22 22 0 0
Client Conts|-396 -440 -396 -422 -396 -390 -392 -396 -335 -476 -406 -80 -10 -80 -71
"""
OPMH = """
Residential|1339 1293 1339 1397 1428 1577 1593 1503 1511 1660 1665 321 326 157 154
Nursing|3912 3814 3912 3717 3785 3925 3958 3885 3902 3902 3913 -10 1 17 11
Dom Care|406 377 406 367 387 387 397 400 405 403 406 -3 1 3 1
Live In|95 97 95 230 229 263 263 263 263 278 278 183 183 15 15
Supp Living|55 55 55 55 55 102 102 105 105 104 104 49 48 -1 -1
Day Care|4 4 4 4 4 4 4 3 3 3 3 -1 -1 0 0
Dir Payments|149 135 149 135 142 136 144 119 122 121 124 -28 -25 2 1
Other|7 0 7 0 0 12 25 24 24 19 19 12 12 -5 -4
Health Cont|0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
Client Conts|-852 -979 -852 -979 -852 -1041 -837 -947 -857 -948 -927 -96 -75 -1 -70
"""
TOTALS = {
    (
        "AMH",
        "Expenditure total",
        "3.2.2 AMH table",
    ): "4532 4637 4532 4666 4598 4572 4522 4649 4626 4536 4519 4 -13 -113 -107",
    (
        "AMH",
        "Income total",
        "3.2.2 AMH table",
    ): "-418 -462 -418 -422 -396 -390 -392 -396 -335 -476 -406 -58 12 -80 -71",
    (
        "AMH",
        "Total",
        "3.2.2 AMH table",
    ): "4114 4175 4114 4244 4202 4182 4130 4253 4291 4060 4113 -54 -1 -193 -178",
    (
        "OPMH",
        "Expenditure total",
        "3.2.3 OPMH table",
    ): "5968 5775 5967 5905 6030 6406 6486 6302 6335 6490 6513 522 545 188 177",
    (
        "OPMH",
        "Income total",
        "3.2.3 OPMH table",
    ): "-852 -979 -852 -979 -852 -1041 -837 -947 -857 -948 -927 -96 -75 -1 -70",
    (
        "OPMH",
        "Total",
        "3.2.3 OPMH table",
    ): "5116 4796 5115 4926 5178 5365 5649 5355 5479 5542 5586 426 470 187 107",
}
OVERVIEW = {
    "Adult mental health": "4114 4176 4114 4244 4202 4182 4130 4253 4291 4060 4113 -54 -1",
    "Older people's mental health": "5116 4795 5116 4925 5177 5366 5650 5355 5479 5543 5586 427 470",
    "Total": "9230 8971 9230 9169 9379 9548 9780 9608 9770 9603 9699 373 469",
    "Inflation": "318 318 318 318 318 259 259 206 206 206 206 -112 -112",
    "VL Backdating Risk": "0 0 0 0 119 0 0 0 0 0 0 0 0",
    "Prior Year Liabilities": "0 0 0 0 0 0 75 0 75 0 75 0 75",
    "Adjusted total": "9548 9289 9548 9487 9816 9807 10114 9814 10051 9809 9980 261 432",
}
STAFFING = """
CCC AP|100294 100294 66863 39153 108877 8583
CCC Mgmt|224452 284252 189501 201588 306467 22215
CCC AMH|1160438 1176938 784626 765508 1157281 -19657
CCC OPMH|483126 483126 322084 302208 474112 -9014
CPFT Mgmt|413004 363574 242383 180950 322828 -40746
CPFT AMH|492000 451130 300753 190110 360367 -90763
CPFT OPMH|270100 284100 189400 133624 234369 -49731
CCC Adjs CCC Adjs|0 0 0 12086 14856 14856
"""
STAFFING_TOTALS = {
    "CCC total": "1968310 2044610 1363074 1308457 2046736 2126",
    "CPFT total": "1175104 1098804 732536 504685 917564 -181240",
    "CCC Adjs total": "0 0 0 12086 14856 14856",
    "Grand total": "3143414 3143414 2095610 1825229 2979157 -164258",
}
COLUMNS = [
    "budget",
    "adjusted_budget",
    "adjusted_budget_to_date",
    "actual_to_date",
    "forecast",
    "forecast_variance",
]


def numbers(text: str) -> list[float]:
    return [float(figure) for figure in text.split()]


def in_thousands(row: pd.Series) -> list[float]:
    """Give a row's figures in the order in which the report prints them: snapshots before variances."""
    snapshots = sorted((name for name in row.index if "@" in name), key=lambda name: name.split("@")[1])
    printed = [*snapshots, "commitment_variance", "forecast_variance", "commitment_change", "forecast_change"]
    return [round(float(row[name]) / 1000, 3) for name in ["budget", *printed] if name in row.index]


@pytest.fixture(scope="module")
def layout(published):
    parts = position(published).tables
    return {group: parts[f"monitor.{group.lower()}"].frame for group in ("AMH", "OPMH")}


@pytest.mark.parametrize(
    ("group", "line", "wanted"),
    [
        (group, *row.split("|"))
        for group, text in (("AMH", AMH), ("OPMH", OPMH))
        for row in text.strip().splitlines()
    ],
)
def test_every_printed_line_comes_out_cell_by_cell(layout, group, line, wanted):
    frame = layout[group]
    assert in_thousands(frame[frame["row"] == line].iloc[0]) == numbers(wanted)


@pytest.mark.parametrize(("key", "wanted"), TOTALS.items())
def test_every_printed_total_stands_below_the_recomputed_one(layout, key, wanted):
    group, total, reference = key
    frame = layout[group]
    at = frame.index[frame["row"] == total][0]
    below = frame.loc[at + 1 :]
    shown = below[below["row"] == f"as printed, {reference}"].iloc[0]
    assert in_thousands(shown) == numbers(wanted)
    recomputed = in_thousands(frame.loc[at])
    assert all(abs(a - b) <= 2 for a, b in zip(recomputed, numbers(wanted), strict=True))


@pytest.mark.parametrize(("row", "wanted"), OVERVIEW.items())
def test_the_overview_comes_out_cell_by_cell(published, row, wanted):
    frame = position(published).tables["monitor.overview"].frame
    at = frame.index[frame["row"] == row][0]
    if (frame["row"] == row).any() and not str(frame.loc[at + 1 :, "row"].head(1).squeeze()).startswith(
        "as printed"
    ):
        assert in_thousands(frame.loc[at])[:13] == numbers(wanted)
    else:
        assert frame.loc[at + 1, "row"] == "as printed, 3.2.1 overview table"
        assert in_thousands(frame.loc[at + 1])[:13] == numbers(wanted)


def test_totals_are_the_sums_of_the_printed_lines(published):
    lines = {row.split("|")[0]: numbers(row.split("|")[1]) for row in AMH.strip().splitlines()}
    spent = [sum(lines[name][i] for name in list(lines)[:8]) for i in (0, 9, 10)]
    rows = published.position
    own = rows[
        (rows["scope"] == "group") & (rows["service_group"] == "AMH") & (rows["level"] == "expenditure")
    ]
    assert own[["budget", "commitment", "forecast"]].to_numpy()[0].tolist() == [1000 * x for x in spent]


@pytest.mark.parametrize("row", STAFFING.strip().splitlines())
def test_every_staffing_line_comes_out(published, row):
    name, wanted = row.split("|")
    frame = next(part.frame for part in staffing(published).parts if isinstance(part, Table))
    assert frame.loc[frame["name"] == name, COLUMNS].to_numpy()[0].tolist() == numbers(wanted)


@pytest.mark.parametrize(("name", "wanted"), STAFFING_TOTALS.items())
def test_every_printed_staffing_total_stands_below_the_recomputed_one(published, name, wanted):
    frame = next(part.frame for part in staffing(published).parts if isinstance(part, Table))
    at = frame.index[frame["name"] == name][0]
    assert frame.loc[at + 1, "name"] == "as printed"
    assert frame.loc[at + 1, COLUMNS].astype(float).tolist() == numbers(wanted)
    gaps = frame.loc[at, COLUMNS].astype(float) - frame.loc[at + 1, COLUMNS].astype(float)
    assert gaps.abs().max() <= 2


def test_rounding_explains_every_difference_of_the_tables(published):
    in_tables = published.published_totals[published.published_totals["in_table"]]
    assert len(in_tables) > 200
    assert set(in_tables["reading"]) == {"exact", "rounding"}


def test_a_statement_of_the_text_that_no_rounding_explains_is_told_apart(published):
    """3.2.2 says that adult gross commitments are £117k over budget; its table says £4k."""
    said = published.published_totals.set_index("claim_id").loc["text-amh-over-budget"]
    assert (said["published"], said["recomputed"], said["reading"]) == (117_000, 4_000, "beyond rounding")


def test_a_wrong_printed_total_is_not_excused_by_rounding(cambridgeshire):
    claims = cambridgeshire.claims.query("claim_id == 'table-amh-expenditure-total-q3-commitment'")
    off = claims.assign(published=claims["published"] + 6_000)
    for printed, reading in ((claims, "exact"), (off, "beyond rounding")):
        found = published_totals(printed, cambridgeshire.budget, cambridgeshire.staffing)
        assert found["reading"].tolist() == [reading]


def test_the_overview_and_the_group_table_contradict_each_other_in_print(layout):
    frame = layout["AMH"]
    april = frame[frame["row"].str.startswith("as printed")].set_index("row")["commitment@2019-04-30"]
    assert april["as printed, 3.2.1 overview table"] == 4_176_000
    assert set(april["as printed, 3.2.2 AMH table"]) == {4_637_000, -462_000, 4_175_000}


def test_the_headlines_say_what_the_report_says(published):
    said = " ".join(h.text for h in [*position(published).headlines, *movement(published).headlines])
    assert "£373k (4.0%) over the net budget" in said
    assert "The report prints £432k; rounding explains the difference" in said
    assert "commitments for all care rose by £715k, £455k of it bed-based" in said
    assert "bed-based commitments rose by £116k, while those for all care fell by £101k" in said
