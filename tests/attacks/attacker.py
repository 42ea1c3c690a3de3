"""An attacker who reads what reports print, and works out counts of people that they hide.

He knows the rule (zeros are shown, so that a hidden count is at least 1), that totals are the sums of their
parts, and the payloads of every table, in as many reports as he can get. He is given no true count but the
mean base of a monthly percentage, of which he supposes each month's to lie within a band.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from s75lib.stats.intervals import wilson_bounds
from s75lib.stats.rounding import attainable

Cell = tuple[Hashable, ...]
Payload = Mapping[str, Any]
ALL, MOST = "*", 100_000
NARROW, WIDE = (0.5, 1.5), (0.25, 2.0)
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}")
_GROUPS = {"Adult mental health": "AMH", "Older people's mental health": "OPMH", "All services": ALL}
_BED_BASED = ("Residential", "Nursing")
_NO_LINES = ("Expenditure total", "Health Cont", "Client Conts", "Income total", "Total")
_ALONE = "Social care alone"
"""Cases that the NHS pays nothing for."""
_A_PLACEMENT = 300
"""Pounds a unit from which a unit is a week of one person's care."""


@dataclass(frozen=True)
class Recovered:
    """A count that a reader can work out: by which attack, which, and what it can only be."""

    attack: str
    cell: Cell
    candidates: tuple[int, ...]


@dataclass
class Facts:
    """Counts as printed, those that are hidden, and the sums that bind them."""

    known: dict[Cell, float] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    sums: list[tuple[Cell, list[Cell]]] = field(default_factory=list)
    tables: dict[tuple[str, str], Payload] = field(default_factory=dict)
    """By edition and id."""
    edition: str = ""
    day: str = ""
    """The edition that is being read, and the latest day of its ledger."""

    def see(self, cell: Cell, value: float | None) -> None:
        """Take a cell up as it is printed; None where it is hidden."""
        if value is None:
            self.hidden.add(cell)
        else:
            self.known[cell] = float(value)


def rows(payload: Payload) -> Iterator[dict[str, Any]]:
    """Give the records of a table, None where a cell is hidden or is a text that says so."""
    names = [column["name"] for column in payload["columns"]]
    gone = {(row, names[at]) for row, at in payload.get("hidden", ())}
    for at, record in enumerate(payload["records"]):
        yield {n: None if (at, n) in gone or v == "c" else v for n, v in record.items()}


def read(editions: Iterable[tuple[str, Mapping[str, Payload]]]) -> Facts:
    """Read the tables of reports, of one authority: each edition a name and its tables by id."""
    facts = Facts()
    for name, tables in editions:
        facts.edition = name
        facts.day = next(iter(_DAY.findall(tables.get("unit_costs", {"title": ""})["title"])), "")
        for id, payload in tables.items():
            if "records" in payload:
                facts.tables[name, id] = payload
                _take(facts, id, payload)
    for day in {cell[1] for cell in facts.known | dict.fromkeys(facts.hidden) if cell[0] == "cases"}:
        _add_up(facts, day)
    facts.sums = list({(total, tuple(parts)): (total, parts) for total, parts in facts.sums}.values())
    return facts


# --- what each table counts: one that is in neither list has not joined ------------------------------------

_BY = {
    "causes.care_type": "care_type",
    "causes.team": "team",
    "live_in": "live_in",
    "one_to_one": "one_to_one",
    "joint_funding": "funding",
    "where.setting": "setting",
    "where.team": "team",
    "where.age_band": "age_band",
    "where.provider": "provider",
}
_AT = {"unit_costs": "care_type", "unit_costs.spread": "care_type", "length_of_stay": "care_type"}
_MONTHS_OF = {"monthly.delayed_days": "delays.days", "monthly.delayed_people": "delays.people"}
_MONTH = re.compile(r"[A-Z][a-z]{2} \d{4}")
_CONSTANT = {"live_in": "Live In", "one_to_one": "One To One"}
JOINED = {*_BY, *_AT, "charges", "reviews", "cohort-2", "bands", "outliers", "due", "transfers",
          "transfers-2", "concerns", "audits", "audit_compliance", "answers", "survey_answers",
           "caseload-2", "delays.days", "delays.people", "joint_expected", "joint_register", "joint_bands",
           "known_changes", "published_figures", *_MONTHS_OF}  # fmt: skip
"""Tables of counts of people that the attacker reads."""
SERIES = re.compile(
    r"cost_and_packages\.\w+|control\..+|teams\.\w+(-2)?|indicator\..+|forecasts(-2)?|shifts(-2)?"
)
"""Tables of series of counts, of which he reads those with a rule of hiding months."""
MONEY = re.compile(
    r"monitor\.\w+|movement\.year|bridge\.\w+\.\w+|settings\.year|heat_map|variances|trend|averages|cohort"
    r"|causes\.(weekly|commitment)(-2)?|run_rate|concentration|reconciliation|joint_(partners|movement)"
    r"|next_year(_uplifts|_steps|_groups|_partners|_bridge|_fan|_years|_tornado|_levers)?|savings|liability.*|rules|account"
    r"|contributions(\.\w+)?|outcomes"
)
"""Tables of money, from which he infers counts by price."""
ROUNDED = re.compile(r"next_year_rates_\w+")
"""Tables whose counts are rounded, since the next edition's hold them and more."""
NOT_PEOPLE = re.compile(
    r"sources|staffing(-2)?|posts|locums|employers|matrix|changes(_in_points|_of_counts)?|targets(_met)?|control|cases_needed"
    r"|survey_changes|scorecard|risk.*|actions|accuracy|reviews(-2|_by_team)?|means(-2)?|need|parts|tornado|team_need.*"
    r"|backlog|piles|stretch|caseload|recruitment(-2)?|rota|cover|desk|scenarios.*|assumptions|outturn.*|ledger\.limits"
    r"|claims.*|phasing|corrections|published_totals.*|disagreements|rounding|list.*|peers.*|place.*|benchmark.*"
    r"|timeline|events|conditions|functions|roles|governance|sharing"
)
"""Tables of staff, of percentages of years and their tests, of forecasts, documents and risks."""


def joined(id: str) -> bool:
    """Whether the attacker knows what a table counts."""
    return id in JOINED or any(known.fullmatch(id) for known in (SERIES, MONEY, ROUNDED, NOT_PEOPLE))


def _take(facts: Facts, id: str, payload: Payload) -> None:
    days = _DAY.findall(payload["title"])
    told = list(rows(payload))
    if id in _BY and len(days) == 2:
        _two_days(facts, id, told, days)
    elif id in _AT and days:
        for row in told:
            facts.see(("cases", days[0], "care_type", ALL, row["care_type"]), row["cases"])
    elif id == "charges":
        whole, part = (("cases", days[0], name, ALL, ALL) for name in ("s117", "charged"))
        for cell, row in zip((whole, part), told, strict=True):
            facts.see(cell, row["people"])
        facts.sums.append((whole, [part, ("cases", days[0], "not charged", ALL, ALL)]))
    elif id == "reviews" and days:
        for row in told:
            due, late, rest = (
                ("cases", days[0], name, ALL, row["team"]) for name in ("due", "overdue", "reviewed")
            )
            facts.see(due, row["cases"])
            facts.see(late, row["overdue"])
            facts.sums.append((due, [late, rest]))
    elif id == "due":
        for row in told:
            cells = {name: ("due", name, row["when"]) for name in ("in_time", "overdue", "due")}
            for name, cell in cells.items():
                facts.see(cell, row[name])
            facts.sums.append((cells["due"], [cells["in_time"], cells["overdue"]]))
        for name in ("in_time", "overdue", "due"):
            parts = [("due", name, row["when"]) for row in told if row["when"] != "All months"]
            facts.sums.append((("due", name, "All months"), parts))
    elif id in ("transfers", "transfers-2"):
        _transfers(facts, told)
    elif id.startswith("delays."):
        _delays(facts, id, told)
    elif id in _MONTHS_OF:
        _months_of_delays(facts, _MONTHS_OF[id], told)
    elif id in ("audits", "audit_compliance"):
        for row in told:
            whole, met, rest = (("audit", name, row["criterion"]) for name in ("cases", "met", "rest"))
            facts.see(whole, row["cases"])
            facts.see(met, row["compliant"])
            facts.sums.append((whole, [met, rest]))
    elif id.startswith("joint_") and id in JOINED:
        _joint(facts, id, told)
    elif id == "known_changes":
        for at, row in enumerate(told):
            facts.see(("moves", facts.edition, at), row["people"])
    elif id.startswith("cost_and_packages"):
        group = _GROUPS.get(payload["title"].split(":")[0], "")
        for row in told:
            day = datetime.fromisoformat(row["snapshot_date"])  # as good as all cases hold one package
            cell = ("cases", f"{day.day} {day:%B %Y}", "care_type", group, row["care_type"])
            facts.see(cell, row["packages"])


def _two_days(facts: Facts, id: str, told: list[dict[str, Any]], days: list[str]) -> None:
    by = _BY[id]
    for row in told:
        group = _GROUPS.get(row.get("group", "All services"), ALL)
        kind, value = by, row.get(by)
        if id in _CONSTANT:
            kind, value = "care_type", _CONSTANT[id]
        elif id == "joint_funding":
            value = ALL if row["why"] == "All packages" else row["why"]
        for day, side in zip(days, ("before", "after"), strict=True):
            facts.see(("cases", day, kind, group, value), row[f"cases_{side}"])


def _joint(facts: Facts, id: str, told: list[dict[str, Any]]) -> None:
    """Take up the latest day's reviews by cost, cases below their rule, and records to look into."""
    day = facts.day
    if id == "joint_bands":
        for name in ("due", "overdue"):
            parts = [("cases", day, name, ALL, row["band"]) for row in told]
            for cell, row in zip(parts, told, strict=True):
                facts.see(cell, row[name])
            facts.sums.append((("cases", day, f"{name} of all", ALL, ALL), parts))
            teams = [
                c for c in {*facts.known, *facts.hidden} if c[:3] == ("cases", day, name) and c not in parts
            ]
            if teams:
                facts.sums.append((("cases", day, f"{name} of all", ALL, ALL), teams))
    elif id == "joint_register":
        for what, row in zip(("charged", "not_entitled", "overdue of all"), told, strict=True):
            facts.see(("cases", day, what, ALL, ALL), row["count"])
    else:
        for kind in ("Type", "Team"):
            own = [row for row in told if row["name"].startswith(f"{kind}: ")]
            for name in ("cases", "below"):
                parts = [("cases", day, f"{name} paid", ALL, row["name"]) for row in own]
                for cell, row in zip(parts, own, strict=True):
                    facts.see(cell, row[name])
                # Types without a rule have no row, though they count in the total of cases: see `_add_up`.
                if (kind, name) != ("Type", "cases"):
                    facts.sums.append((("cases", day, f"{name} paid", ALL, ALL), parts))
            for row in own:
                whole, part, rest = (
                    ("cases", day, n, ALL, row["name"]) for n in ("cases paid", "below paid", "not")
                )
                facts.sums.append((whole, [part, rest]))
        for name in ("cases", "below"):
            facts.see(("cases", day, f"{name} paid", ALL, ALL), told[-1][name])


def _transfers(facts: Facts, told: list[dict[str, Any]]) -> None:
    teams: dict[str, list[str]] = defaultdict(list)
    for row in told:
        if not row["name"].startswith("All "):
            teams[row["group"]].append(row["name"])
    for row in told:
        cells = {n: ("transfer", n, row["group"], row["name"]) for n in ("now", "gains", "after")}
        for name, cell in cells.items():
            facts.see(cell, row[name])
        facts.sums.append((cells["after"], [cells["now"], cells["gains"]]))
        if row["name"].startswith("All "):
            parts = teams[row["group"]] if row["group"] else [t for own in teams.values() for t in own]
            group_of = {team: group for group, own in teams.items() for team in own}
            for name in cells:
                facts.sums.append((cells[name], [("transfer", name, group_of[t], t) for t in parts]))


def _delays(facts: Facts, id: str, told: list[dict[str, Any]]) -> None:
    """Bind delays: whose they are to the reason, and reasons to the sum of all, as the months have it too."""
    whose = [name for name in told[0] if name not in ("reason", "every")]
    for row in told:
        for name in (*whose, "every"):
            facts.see((id, name, row["reason"]), row[name])
        facts.sums.append(((id, "every", row["reason"]), [(id, name, row["reason"]) for name in whose]))
    reasons = [row["reason"] for row in told if row["reason"] != "All reasons"]
    for name in (*whose, "every"):
        facts.sums.append(((id, name, "All reasons"), [(id, name, reason) for reason in reasons]))


def _months_of_delays(facts: Facts, id: str, told: list[dict[str, Any]]) -> None:
    """Bind the sum of all reasons to the months drawn: the last twelve, or the last one where people wait."""
    months = [row for row in told if _MONTH.fullmatch(row["when"])]
    rows = months if id == "delays.people" else [row for row in told if row["when"] == "Last 12 months"]
    if rows and rows[-1]["All teams"] is not None:
        facts.see((id, "every", "All reasons"), rows[-1]["All teams"])


def _add_up(facts: Facts, day: str) -> None:
    """Bind a day's counts of cases: descriptions to their groups, groups to the whole, types to settings."""
    cells = {c for c in {*facts.known, *facts.hidden} if c[0] == "cases" and c[1] == day}
    for by in ("care_type", "team", "funding", "age_band", "provider", "setting"):
        here = [c for c in cells if c[2] == by]
        groups = sorted({c[3] for c in here} - {ALL})
        values = sorted({c[4] for c in here} - {ALL})
        for group in groups:
            whole = ("cases", day, "funding", group, ALL)
            parts = [("cases", day, by, group, v) for v in values if ("cases", day, by, group, v) in cells]
            facts.sums.append((whole, parts))
        for value in values:
            parts = [("cases", day, by, g, value) for g in groups if ("cases", day, by, g, value) in cells]
            if parts:
                facts.sums.append((("cases", day, by, ALL, value), parts))
        if not groups and values and by != "setting":
            facts.sums.append(
                (("cases", day, "funding", ALL, ALL), [("cases", day, by, ALL, v) for v in values])
            )
    paid = {
        str(c[4]).removeprefix("Type: ").casefold(): c
        for c in cells
        if c[2] == "cases paid" and str(c[4]).startswith("Type: ")
    }
    funding = {
        str(c[4]).casefold(): c for c in cells if c[2:4] == ("funding", ALL) and c[4] not in (ALL, _ALONE)
    }
    if paid and funding:
        facts.sums += [(funding[name], [cell]) for name, cell in paid.items() if name in funding]
        parts = list((funding | paid).values())
        facts.sums.append((("cases", day, "cases paid", ALL, ALL), parts))
    kinds = sorted({c[4] for c in cells if c[2] == "care_type"} - {ALL})
    for setting, inside in (("bed-based", True), ("community", False)):
        parts = [("cases", day, "care_type", ALL, k) for k in kinds if (k in _BED_BASED) == inside]
        facts.sums.append((("cases", day, "setting", ALL, setting), parts))


# --- (a) linear programming over all tables together ------------------------------------------------------


def bounds(facts: Facts, rounded_from: int = 0) -> dict[Cell, tuple[int, int]]:
    """Give the least and the greatest that each hidden count can be, from all tables together.

    Where all from some threshold on are shown to the nearest 5, a shown one is what may be rounded so.
    """
    near = {cell: n for cell, n in facts.known.items() if n and rounded_from}
    exact = facts.known.keys() - near.keys()
    unknown = sorted({c for t, parts in facts.sums for c in (t, *parts)} - exact, key=str)
    unknown += sorted(facts.hidden - facts.known.keys() - set(unknown), key=str)
    place = {cell: at for at, cell in enumerate(unknown)}
    if not place:
        return {}
    matrix, right = [], []
    for total, parts in facts.sums:
        row, level = np.zeros(len(unknown)), 0.0
        for cell, sign in [(total, -1.0), *((part, 1.0) for part in parts)]:
            if cell in place:
                row[place[cell]] += sign
            else:
                level -= sign * facts.known[cell]
        if row.any():
            matrix.append(row)
            right.append(level)
    lower = np.array(
        [max(near[c] - 2, rounded_from) if c in near else 1.0 * (c in facts.hidden) for c in unknown]
    )
    upper = np.array([near[c] + 2 if c in near else MOST for c in unknown])
    holds = [LinearConstraint(np.array(matrix), right, right)] if matrix else []
    found = {}
    for cell in facts.hidden - facts.known.keys():
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(unknown))
            goal[place[cell]] = sign
            answer = milp(
                goal, constraints=holds, bounds=Bounds(lower, upper), integrality=np.ones(len(unknown))
            )
            if answer.x is None:
                raise AssertionError(f"what is printed contradicts itself around {cell}")
            ends.append(round(answer.x[place[cell]]))
        found[cell] = (ends[0], ends[1])
    return found


def by_adding_up_rounded(facts: Facts, threshold: int) -> list[Recovered]:
    """Give the hidden counts of rounded tables of which fewer values are left than rounding to 5 leaves.

    Nearly all that is hidden there is small, as the rule says; how many, it must not tell. What is surely not
    small tells of nobody.
    """
    found = bounds(facts, threshold).items()
    return [
        Recovered("rounded", cell, (low, high))
        for cell, (low, high) in found
        if high - low < 3 and low < threshold
    ]


def by_adding_up(facts: Facts, threshold: int) -> list[Recovered]:
    """Give the hidden counts whose range is no wider than the rule's own, or that are surely small."""
    return [
        Recovered("sums", cell, tuple(range(low, high + 1)))
        for cell, (low, high) in bounds(facts).items()
        if high - low <= threshold - 2 or high < threshold
    ]


# --- (b) the counts behind a printed percentage -----------------------------------------------------------


def counts_behind(percent: float, decimals: int, bases: range) -> list[tuple[int, int]]:
    """Give every numerator and denominator that print as a percentage."""
    low, high = (float(end) / 100 for end in attainable(round(percent, decimals), decimals))
    found = []
    for base in bases:
        least, most = int(np.ceil(low * base - 1e-9)), int(np.floor(high * base + 1e-9))
        found += [(count, base) for count in range(max(least, 0), min(most, base) + 1)]
    return found


def by_rounding(
    facts: Facts,
    means: Mapping[str, float],
    threshold: int,
    *,
    band: tuple[float, float] = NARROW,
    decimals: int = 1,
    near_5: bool = False,
) -> list[Recovered]:
    """Give the counts behind months' percentages that are left with too few candidates, or are surely small.

    `means` has the mean base of each chart that shows a percentage of people, a quarter counting for three.
    Where counts are rounded to the nearest 5 first, two people more or fewer print the same.
    """
    found: dict[Cell, Recovered] = {}
    for (_, id), payload in facts.tables.items():
        if id not in means:
            continue
        for row in rows(payload):
            if row["value"] is None:
                continue
            months = 3 if " to " in row["period"] else 1
            bases = range(
                max(1, int(np.ceil(band[0] * means[id] * months))), int(band[1] * means[id] * months) + 1
            )
            pairs = counts_behind(row["value"], decimals, bases)
            if near_5:
                pairs = [
                    (k + more, n + others)
                    for k, n in pairs
                    if k % 5 == n % 5 == 0
                    for more in range(-2, 3)
                    for others in range(-2, 3)
                    if 0 <= k + more <= n + others
                ]
            for name, values in (
                ("numerator", {k for k, _ in pairs}),
                ("denominator", {n for _, n in pairs}),
                ("remainder", {n - k for k, n in pairs}),
            ):
                cell = (id, row["period"], name)
                if _gives_away(values, threshold):
                    found[cell] = Recovered("percentages", cell, tuple(sorted(values)))
    return list(found.values())


def _gives_away(values: set[int], threshold: int) -> bool:
    """Whether candidates are all small, or too few with a small one among them; nought is no secret."""
    small = {value for value in values if 1 <= value < threshold}
    return bool(small) and (values <= small or len(values) < threshold - 1)


# --- (c) inversion of intervals ---------------------------------------------------------------------------


def by_intervals(facts: Facts, threshold: int, *, most: int = 400, decimals: int = 1) -> list[Recovered]:
    """Give the counts that a printed Wilson interval of a percentage leaves too few candidates for."""
    found = []
    for (_, id), payload in facts.tables.items():
        if id != "targets_met":
            continue
        for row in rows(payload):
            ends = row["value_lower"], row["value_upper"]
            if row["value"] is None or None in ends:
                continue
            pairs = [
                (k, n)
                for k, n in counts_behind(row["value"], decimals, range(1, most))
                if all(abs(100 * end - seen) <= 0.5 * 10**-decimals + 1e-9
                       for end, seen in zip(wilson_bounds(float(k), n, 0.95), ends, strict=True))
            ]  # fmt: skip
            for name, values in (
                ("numerator", {k for k, _ in pairs}),
                ("remainder", {n - k for k, n in pairs}),
            ):
                if values and _gives_away(values, threshold):
                    found.append(Recovered("intervals", (id, row["name"], name), tuple(sorted(values))))
    return found


# --- (d) prices --------------------------------------------------------------------------------------------


def by_price(facts: Facts, threshold: int, *, within: float = 0.1) -> list[Recovered]:
    """Give the hidden counts of cases for which their money and a price leave too few values."""
    found: dict[Cell, Recovered] = {}
    amounts, prices = _amounts(facts), _prices(facts)
    for cell in facts.hidden - facts.known.keys():
        if cell[0] != "cases" or cell[2] != "care_type" or ALL in (cell[3], cell[4]):
            continue
        for amount in amounts.get((cell[3], cell[4]), ()):
            for price in prices.get(str(cell[4]), ()):
                values = {n for n in range(1, 200) if abs(amount / n - price) <= within * price}
                if values and _gives_away(values, threshold):
                    found[cell] = Recovered("prices", cell, tuple(sorted(values)))
    return list(found.values())


def _amounts(facts: Facts) -> dict[tuple[str, str], list[float]]:
    """Give what types of care cost a week: as printed, or one line alone by subtraction from the total."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for (_, id), payload in facts.tables.items():
        told = list(rows(payload))
        if id == "live_in":
            for row in told:
                amounts = [row[side] for side in ("before", "after") if row[side] is not None]
                found[_GROUPS.get(row["group"], ALL), "Live In"] += amounts
        if id == "reconciliation":
            for row in told:
                for name in ("commitment", "ledger"):
                    if row[name] is not None:
                        found[_GROUPS.get(row["group"], ALL), row["line"]].append(row[name] * 7 / 365)
        if id not in ("movement.year", "monitor.amh", "monitor.opmh"):
            continue
        own = {"monitor.amh": "AMH", "monitor.opmh": "OPMH"}.get(id)
        for group in {own or _GROUPS.get(row["group"], ALL) for row in told}:
            lines = [row for row in told if own or _GROUPS.get(row["group"], ALL) == group]
            for name in told[0]:
                if name in ("before", "after") or name.startswith(("commitment@", "forecast@")):
                    for line, amount in _lines({row["row"]: row[name] for row in lines}).items():
                        found[group, line].append(amount * 7 / 365)
    return found


def _lines(column: Mapping[str, float | None]) -> dict[str, float]:
    """Give the lines of expenditure with their amounts, and one that is left out as what is left over."""
    total = column.get("Expenditure total")
    lines = {line: amount for line, amount in column.items() if line not in _NO_LINES}
    blank = [line for line, amount in lines.items() if amount is None]
    shown = {line: amount for line, amount in lines.items() if amount is not None}
    if len(blank) == 1 and total is not None:
        shown[blank[0]] = total - sum(shown.values())
    return shown


def _prices(facts: Facts) -> dict[str, list[float]]:
    """Give what a case of each type of care costs a week: medians of placements, means of all services."""
    found: dict[str, list[float]] = defaultdict(list)
    counts = {
        c[4]: n for c, n in facts.known.items() if c[0] == "cases" and c[2:4] == ("care_type", ALL) and n
    }
    for (_, id), payload in facts.tables.items():
        for row in rows(payload):
            if id == "unit_costs" and row["p50"] is not None and row["p50"] >= _A_PLACEMENT:
                found[row["care_type"]].append(row["p50"])
            if id == "bridge.line.year" and row["after"] is not None and row["line"] in counts:
                found[row["line"]].append(row["after"] * 7 / 365 / counts[row["line"]])
    return found


# --- (e) one case that makes up most of a sum --------------------------------------------------------------


def dominated(values: Sequence[float], percent: float = 10.0) -> bool:
    """Whether the second largest contributor could put the largest within so many per cent (p% rule)."""
    ordered = sorted((v for v in values if v > 0), reverse=True)
    return bool(ordered) and sum(ordered[2:]) < percent / 100 * ordered[0]


def by_dominance(facts: Facts, costs: Mapping[Cell, Sequence[float]]) -> list[Recovered]:
    """Give the printed sums of money in which one case can be told: `costs` has the cases' true amounts."""
    found = []
    for (_, id), payload in facts.tables.items():
        days = _DAY.findall(payload["title"])
        if id not in _BY or len(days) != 2:
            continue
        for row in rows(payload):
            group, by = _GROUPS.get(row.get("group", "All services"), ALL), _BY[id]
            value = {"live_in": "Live In", "joint_funding": row.get("why")}.get(id, row.get(by))
            kind = "care_type" if id in _CONSTANT else by
            for day, side in zip(days, ("before", "after"), strict=True):
                amount = row.get(side, row.get(f"health_{side}", row.get("change")))
                cell = ("cases", day, kind, group, value)
                if amount and dominated(costs.get(cell, ())):
                    found.append(Recovered("dominance", cell, (len(costs[cell]),)))
    return found
