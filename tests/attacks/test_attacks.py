"""No report gives back a count of people that it hides, and the attacker finds what is planted."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from attacker import (
    JOINED,
    MONEY,
    NOT_PEOPLE,
    Facts,
    Recovered,
    bounds,
    by_adding_up,
    by_adding_up_rounded,
    by_dominance,
    by_intervals,
    by_price,
    by_rounding,
    dominated,
    joined,
    read,
    rows,
)
from editions import WINGS, costs_of_cases, is_small, mean_bases, printed
from money import by_money

import s75lib as s75
from s75lib.errors import ConfigError
from s75lib.loaders import AuthorityData, load
from s75lib.present.disclosure import Register

SEEDS = [100, 104, *range(101, 104), *range(105, 120)][: int(os.environ.get("S75_ATTACKED_AUTHORITIES", "1"))]
"""Drawn authorities, those in which leaks were found first: minutes each, so one unless asked for more.

With more of them go more small ledgers and thresholds too.
"""
Editions = dict[tuple[int, str], dict[str, Any]]
Make = Callable[..., AuthorityData]


def of(facts: Facts, *cell: str) -> tuple[int, int]:
    return bounds(facts)[cell]


def recovered(editions: Editions, data: AuthorityData, fewest: int) -> list[Any]:
    """What an attacker of all editions gets of counts that are small, what he takes for small, and money."""
    facts = read((f"{threshold} {period}", tables) for (threshold, period), tables in editions.items())
    found = [
        *by_adding_up(facts, fewest),
        *by_rounding(facts, mean_bases(data.kpi), fewest),
        *by_intervals(facts, fewest),
        *by_price(facts, fewest),
        *by_dominance(facts, costs_of_cases(data)),
        *by_money(facts),
    ]
    return [
        one
        for one in found
        if one.attack != "percentages" or max(one.candidates) < fewest or is_small(data.kpi, one.cell, fewest)
    ]


@pytest.fixture(scope="module")
def example() -> AuthorityData:
    return load("exampleshire")


@pytest.fixture(scope="module")
def tables(example: AuthorityData) -> dict[str, Any]:
    return printed(example, wings=WINGS)


def test_exampleshire_gives_nothing_back(example: AuthorityData, tables: dict[str, Any]) -> None:
    facts = read([("", tables)])
    assert len(facts.hidden - facts.known.keys()) > 15
    assert of(facts, "cases", "31 March 2026", "care_type", "AMH", "Live In") == (1, 9)
    assert recovered({(5, ""): tables}, example, 5) == []


@pytest.mark.slow
def test_a_report_that_compares_with_another_period_gives_nothing_back_beside_the_full_one(
    example: AuthorityData, tables: dict[str, Any]
) -> None:
    other = printed(load("exampleshire", compare_with="2024/25-Q2"), wings=("budget", "kpi", "workload"))
    assert other["movement.year"] != tables["movement.year"]
    assert recovered({(5, ""): tables, (5, "compared"): other}, example, 5) == []


def test_every_table_that_counts_people_has_joined(tables: dict[str, Any]) -> None:
    """A new table is one that the attacker reads, or one of which somebody said that it counts nobody."""
    assert [id for id in tables if not joined(id)] == []
    assert not joined("cases.by_gender")
    # No table that says to count people may pass for one that counts nobody; a heading's `cases` may be £.
    people = re.compile(r"people|packages|cases(_before|_after)|overdue|in_time|compliant|enquiries|concerns")
    counted = {id for id, one in tables.items() for c in one["columns"] if people.fullmatch(c["name"])}
    assert len(counted) > 10
    assert [id for id in counted - JOINED if NOT_PEOPLE.fullmatch(id) or MONEY.fullmatch(id)] == []


# --- planted leaks ----------------------------------------------------------------------------------------


def shown_again(tables: dict[str, Any], id: str, row: int, **values: float) -> dict[str, Any]:
    """Print cells that were hidden."""
    planted = copy.deepcopy(tables)
    names = [column["name"] for column in planted[id]["columns"]]
    planted[id]["records"][row].update(values)
    planted[id]["hidden"] = [
        [r, at] for r, at in planted[id]["hidden"] if r != row or names[at] not in values
    ]
    return planted


def test_a_hidden_count_left_in_another_table_is_found_and_so_is_its_neighbour(
    tables: dict[str, Any],
) -> None:
    planted = shown_again(tables, "live_in", 1, cases_before=6, cases_after=6)
    cells = {one.cell: one.candidates for one in by_adding_up(read([("", planted)]), 5)}
    assert cells["cases", "31 March 2026", "care_type", "AMH", "Live In"] == (4,)
    assert ("cases", "31 March 2026", "care_type", "AMH", "Other") in cells


def test_a_count_that_another_edition_prints_is_found(tables: dict[str, Any]) -> None:
    other = {"live_in": shown_again(tables, "live_in", 1, cases_before=6, cases_after=6)["live_in"]}
    assert by_adding_up(read([("5", tables)]), 5) == []
    assert by_adding_up(read([("5", tables), ("10", other)]), 5)


def test_the_price_and_the_money_of_few_cases_tell_how_many(tables: dict[str, Any]) -> None:
    """As reports once printed them: the commitment of a line, and the median price of its care type."""
    assert by_price(read([("", tables)]), 5) == []
    planted = shown_again(tables, "unit_costs", 3, p50=1540.5)
    line = {"group": "Adult mental health", "row": "Live In", "before": 338_355.0, "after": 338_355.0}
    planted["movement.year"]["records"].insert(0, line)
    found = {one.cell[1:]: one.candidates for one in by_price(read([("", planted)]), 5)}
    assert found["31 March 2026", "care_type", "AMH", "Live In"] == (4,)
    alone = copy.deepcopy(tables)  # one line alone, had from the total of the others
    rows = [row for row in alone["movement.year"]["records"] if row["group"] == "Adult mental health"]
    joint = next(row for row in rows if row["row"] == "Live In and Other")
    joint |= {"row": "Other", "before": joint["before"] - 338_355.0, "after": joint["after"] - 338_355.0}
    alone["movement.year"]["records"].insert(0, line | {"before": None, "after": None})
    alone["unit_costs"] = planted["unit_costs"]
    assert by_price(read([("", alone)]), 5)


def row_of(tables: dict[str, Any], id: str, **values: str) -> dict[str, Any]:
    """Find the first row of a table that has some values."""
    return next(row for row in tables[id]["records"] if values.items() <= row.items())


def found_by_money(tables: dict[str, Any]) -> set[Any]:
    """Name what is recovered of money by its kind and its last description."""
    return {(one.cell[0], one.cell[4] or one.cell[3]) for one in by_money(read([("", tables)]))}


def test_money_that_totals_rates_or_another_table_tell_is_found(tables: dict[str, Any]) -> None:
    """As reports once printed them: uplifts of two rates, a line of the account, and teams beside a type."""
    uplifts = [row["name"] for row in tables["next_year_uplifts"]["records"]]
    gone = {"Live In", "Other", "Day Care", "Dir Payments"}
    assert gone <= {row["name"] for row in rows(tables["next_year_uplifts"]) if row["base"] is None}
    planted = shown_again(
        tables, "next_year_uplifts", uplifts.index("Dir Payments"), base=950_100.0, adds=38_004.0
    )
    assert found_by_money(planted) == {("base", "Live In"), ("adds", "Live In")}
    planted = copy.deepcopy(tables)
    row_of(planted, "account", row="Live In and Other")["row"] = "Live In"
    assert found_by_money(planted) == {("line", "Live In")}
    planted = copy.deepcopy(tables)
    withdrawn = row_of(planted, "joint_partners", name="The NHS withdraws its joint funding")
    planted["joint_partners"]["records"].append(
        withdrawn | {"name": "The NHS withdraws its CHC funding", "NHS": -5_109.0}
    )
    assert {("health", "chc"), ("health", "fnc")} <= found_by_money(planted)
    planted, paid = tables, {"Alder": 5_530.0, "Beech": 2_234.0, "Cedar": 6_836.0, "Elm": 7_204.0}
    names = [row["name"] for row in tables["joint_expected"]["records"]]
    for team, health in (paid | {"Hazel": 4_758.0, "Maple": 8_971.0}).items():
        planted = shown_again(planted, "joint_expected", names.index(f"Team: {team}"), health=health)
    assert {("paid", "chc"), ("health", "fnc")} <= found_by_money(planted)


def test_a_month_with_a_small_remainder_is_found_and_one_of_many_is_not(tables: dict[str, Any]) -> None:
    id = "control.carers_assessed.all"
    planted = copy.deepcopy(tables[id])
    planted["records"][3]["value"] = 95.0  # of 10 to 30 cases nothing but one can be left over
    found = by_rounding(read([("", {id: planted})]), {id: 20.0}, 5)
    assert {one.cell: one.candidates for one in found}[id, planted["records"][3]["period"], "remainder"] == (
        1,
    )
    assert by_rounding(read([("", {id: tables[id]})]), {id: 1500.0}, 5) == []


def test_a_sum_of_delays_that_the_months_draw_tells_the_reason_left_out() -> None:
    def table(id: str, hidden: list[list[int]], names: list[str], *cells: list[Any]) -> dict[str, Any]:
        records = [dict(zip(names, row, strict=True)) for row in cells]
        columns = [{"name": name} for name in names]
        return {"title": "", "columns": columns, "records": records, "hidden": hidden, "id": id}

    names = ["reason", "NHS", "social care", "every"]
    rows = (["Care home", 0, 40, 40], ["Housing", None, 0, None], ["All reasons", None, 40, None])
    delays = table("delays.people", [[1, 1], [1, 3], [2, 1], [2, 3]], names, *rows)
    months = table(
        "monthly.delayed_people", [], ["when", "All teams"], ["Mar 2026", 43], ["Last 12 months", 500]
    )
    assert by_adding_up(read([("", {"delays.people": delays})]), 5) == []
    found = by_adding_up(read([("", {"delays.people": delays, "monthly.delayed_people": months})]), 5)
    assert {one.cell: one.candidates for one in found}["delays.people", "every", "Housing"] == (3,)


def test_one_dear_case_dominates_a_sum() -> None:
    assert dominated([5000, 100, 90, 80, 70])
    assert not dominated([500, 400, 300, 200, 100])
    assert not dominated([])


def test_an_edition_that_contradicts_itself_is_no_proof(tables: dict[str, Any]) -> None:
    planted = shown_again(tables, "live_in", 1, cases_before=11, cases_after=11)
    with pytest.raises(AssertionError, match="contradicts"):
        bounds(read([("", planted)]))


# --- cuts -------------------------------------------------------------------------------------------------


def beyond(cut: dict[str, Any], whole: dict[str, Any]) -> list[str]:
    """Name the tables of a cut that print a figure, or show a cell, that the whole does not."""
    wrong = []
    for id, payload in cut.items():
        known = list(rows(whole[id])) if id in whole else []
        if not all(any(row.items() <= one.items() for one in known) for row in rows(payload)):
            wrong.append(id)
    return wrong


@pytest.fixture(scope="module")
def cuts(example: AuthorityData) -> dict[str, dict[str, Any]]:
    asked = {"AMH": "service_group", "OPMH": "service_group", "Alder": "team"}
    return {name: printed(example, **{kind: name}) for name, kind in asked.items()}


@pytest.mark.slow
def test_a_cut_tells_nothing_that_the_whole_does_not(
    cuts: dict[str, dict[str, Any]], tables: dict[str, Any]
) -> None:
    for name, cut in cuts.items():
        assert len(cut) >= 4
        assert beyond(cut, tables) == [], name
        planted = copy.deepcopy(cut)
        (first, *_) = planted["causes.team"]["records"]
        first |= dict.fromkeys(first, 7)
        assert beyond(planted, tables) == ["causes.team"]


@pytest.mark.slow
def test_whole_and_cuts_together_give_nothing_back(
    example: AuthorityData, tables: dict[str, Any], cuts: dict[str, dict[str, Any]]
) -> None:
    assert sum(len(payload.get("hidden", ())) for payload in cuts["AMH"].values()) > 5
    assert recovered({(5, ""): tables} | {(5, name): cut for name, cut in cuts.items()}, example, 5) == []


# --- drawn authorities ------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_no_edition_of_a_drawn_authority_gives_a_small_count_back(authority: Make, seed: int) -> None:
    """Two periods and two thresholds, each by itself and all together."""
    editions: Editions = {}
    for threshold in (5, 10):
        for period in ("2024/25", "2025/26"):
            data = authority(seed, threshold=threshold, period=period)
            editions[threshold, period] = printed(data)
    for threshold in (5, 10):
        for period in ("2024/25", "2025/26"):
            assert recovered({(threshold, period): editions[threshold, period]}, data, threshold) == []
        periods = {key: tables for key, tables in editions.items() if key[0] == threshold}
        assert recovered(periods, data, threshold) == []
    # The edition from 5 on shows what that from 10 on hides: together they may tell no count below 5.
    assert [
        one for one in recovered(editions, data, 5) if one.attack != "sums" or min(one.candidates) < 5
    ] == []


# --- ledgers of few people --------------------------------------------------------------------------------

OF_THE_LEDGER = ("budget", "workload", "next_year")


@pytest.mark.slow
@pytest.mark.parametrize("threshold", [5, 10] if len(SEEDS) > 1 else [5])
@pytest.mark.parametrize("people", [24, 40, 60, 120] if len(SEEDS) > 1 else [24])
def test_a_ledger_of_few_people_gives_nothing_back(small_ledger: Make, people: int, threshold: int) -> None:
    data = small_ledger(people, threshold)
    tables = printed(data, wings=(*OF_THE_LEDGER, "account"))
    assert len(read([("", tables)]).hidden) > 50
    assert recovered({(threshold, ""): tables}, data, threshold) == []
    if (people, threshold) != (24, 5):
        return
    # What the NHS pays towards packages of a group, which is hidden, as a line of the monitor.
    planted = copy.deepcopy(tables)
    row_of(planted, "monitor.amh", row="Health Cont and Client Conts")["row"] = "Health Cont"
    assert {one.cell[3] for one in by_money(read([("", planted)])) if one.cell[0] == "health"} == {"AMH"}
    # One setting's money beside that of all, of which the other's is what is left.
    places = [row["setting"] for row in tables["where.setting"]["records"]]
    planted = shown_again(tables, "where.setting", places.index("community"), after=3_000)
    assert [one.cell[1:] for one in by_money(read([("", planted)]))] == [
        ("31 March 2026", "setting", "*", "bed-based")
    ]


# --- rounding ---------------------------------------------------------------------------------------------

COUNTS = re.compile(
    r"people|packages|cases(_before|_after)?|overdue|in_time|due|compliant|now|gains|open|base|enquiries|concerns"
)


@pytest.mark.slow
def test_an_authority_that_rounds_shows_multiples_of_5_and_hides_what_is_small(authority: Make) -> None:
    data = authority(75, more='disclosure = "round"\n')
    found = printed(data)
    wrong, hidden, seen = [], 0, 0
    for id, payload in found.items():
        counted = [c["name"] for c in payload["columns"] if COUNTS.fullmatch(c["name"])]
        for row in rows(payload):
            for name in counted if id not in ("causes.care_type", "causes.team") else counted[:2]:
                hidden += row[name] is None
                seen += 1
                if row[name] is not None and (row[name] % 5 or 1 <= row[name] < 5):
                    wrong.append((id, name, row[name]))
    # Files that an audit would have to read, and the money that uplifts rest on.
    wrong = [one for one in wrong if one[0] not in ("cases_needed", "next_year_uplifts")]
    assert wrong == []
    facts = read([("", found)])
    assert by_adding_up_rounded(facts, 5) == []
    guessed = by_rounding(facts, mean_bases(data.kpi), 5, near_5=True)
    assert [one for one in guessed if is_small(data.kpi, one.cell, 5)] == []
    assert (hidden > 5, seen > 300) == (True, True)
    said = [h.text for wing in ("budget", "workload") for h in getattr(s75, wing).study(data).headlines]
    numbers = re.findall(r"\b(\d[\d,]*) (?:people|cases)\b", " ".join(said))
    counts = [int(number.replace(",", "")) for number in numbers]
    assert counts
    assert [n for n in counts if n % 5] == []
    assert any("rounded to the nearest 5" in n for payload in found.values() for n in payload["notes"])


@pytest.mark.slow
@pytest.mark.parametrize("people", [60, 120, 708] if len(SEEDS) > 1 else [60, 708])
def test_rounded_counts_leave_of_each_hidden_one_as_many_values_as_rounding_does(
    small_ledger: Make, people: int
) -> None:
    """Of 7 shown as 5, of whom 5 are shown, no more than 2 can be hidden: so the 5 are, too."""
    facts = read([("", printed(small_ledger(people, 5, "round"), wings=("budget", "workload")))])
    assert len(facts.hidden) > 5
    assert by_adding_up_rounded(facts, 5) == []


def test_a_rounded_total_and_all_its_parts_but_one_tell_that_one() -> None:
    facts = Facts(
        known={("all",): 5, ("old",): 5}, hidden={("new",)}, sums=[(("all",), [("old",), ("new",)])]
    )
    assert by_adding_up_rounded(facts, 5) == [Recovered("rounded", ("new",), (1, 2))]
    people = Register({"old": 5, "new": 2})
    people.total("all", ["old", "new"])
    assert people.decide(5, rounded=True).hidden == {"old", "new"}


def test_rounding_moves_no_count_far_and_percentages_are_of_rounded_counts(authority: Make) -> None:
    plain, rounded = authority(75), authority(75, more='disclosure = "round"\n')
    for name in ("kpi", "audits", "survey"):
        held, shown = (getattr(s75.kpi.study(data), f"suppressed_{name}").frame for data in (plain, rounded))
        assert len(held) == len(shown)
    audits = s75.kpi.study(rounded).suppressed_audits.frame
    both = rounded.audits[~audits["hidden"].to_numpy()], audits[~audits["hidden"]]
    assert (both[0]["compliant"] - both[1]["compliant"]).abs().max() <= 2
    kpi = s75.kpi.study(rounded).suppressed_kpi.frame
    shares = kpi[kpi["unit"].eq("percent") & ~kpi["hidden"] & kpi["numerator"].notna()]
    assert (shares["numerator"] % 5 == 0).all()
    again = 100 * shares["numerator"] / shares["denominator"]
    assert (again - shares["value"]).abs().max() <= 0.051


def test_an_unknown_way_is_a_fault(authority: Make) -> None:
    with pytest.raises(ConfigError, match="disclosure"):
        authority(75, more='disclosure = "blur"\n')
