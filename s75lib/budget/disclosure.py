"""Which counts of cases the wing may show: hidden together, because its tables share their totals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.cases import COMPONENTS, CaseBridge
from s75lib.budget.ledger import CASE, funded
from s75lib.errors import MethodError
from s75lib.loaders.schemas import CARE_TYPES
from s75lib.present import Check, words
from s75lib.present.disclosure import Decisions, Register, dominated

if TYPE_CHECKING:
    from s75lib.budget.study import Study

SIDES = ("before", "after")
ALL = "*"
"""Stands for every service group, or every value of a description."""

Cell = tuple[str, str, str, str]
"""Side (``before``, ``after`` or ``bridge``), description, service group, value."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of open cases, and which of them may be shown.

    - `cells` (int, bool): The count, and whether it must not be shown, nor anything that goes with it.
    - `checks`: The audit, if any is hidden.
    - `bare`: Cells of which no money may be shown: see `s75lib.present.disclosure.Register`.
    """

    cells: dict[Cell, tuple[int, bool]] = field(repr=False)
    checks: tuple[Check, ...] = ()
    bare: frozenset[Cell] = frozenset()

    def of(self, side: str, description: str, group: str = ALL, value: str = ALL) -> int:
        """Give a count; 0 for a value that nobody has."""
        return self._cell(side, description, group, value)[0]

    def hidden(self, side: str, description: str, group: str = ALL, value: str = ALL) -> bool:
        """Say whether a count must not be shown, nor anything that goes with it."""
        return self._cell(side, description, group, value)[1]

    def without_money(self, side: str, description: str, group: str = ALL, value: str = ALL) -> bool:
        """Say whether no sum, mean or share of money may be shown of a count, though itself it may be."""
        return self.hidden(side, description, group, value) or (side, description, group, value) in self.bare

    def said(self, side: str, description: str, group: str = ALL, value: str = ALL) -> str:
        """Write a count in a sentence, or that it is not told."""
        count, hidden = self._cell(side, description, group, value)
        return "some" if hidden else words.number(count)

    def join(self, rows: pd.DataFrame, description: str, value: str, group: str = "") -> pd.DataFrame:
        """Put the counts of both days beside rows, and what is hidden of them.

        `value` and `group` are columns of `rows`; no group: all. Added are ``cases_before``, ``cases_after``,
        ``hidden_before`` and ``hidden_after``, and for money ``bare_before`` and ``bare_after``.
        """
        groups = rows[group].tolist() if group else [ALL] * len(rows)
        keys = list(zip(groups, rows[value].tolist(), strict=True))
        cells = {side: [self._cell(side, description, *key) for key in keys] for side in SIDES}
        counted = {f"cases_{side}": [count for count, _ in found] for side, found in cells.items()}
        hidden = {f"hidden_{side}": [gone for _, gone in found] for side, found in cells.items()}
        bare = {
            f"bare_{side}": [self.without_money(side, description, *key) for key in keys] for side in SIDES
        }
        return rows.assign(**counted, **hidden, **bare)

    def beside(self, rows: pd.DataFrame, value: str, **descriptions: str) -> pd.DataFrame:
        """Put counts of the latest day beside rows, each with a column that says whether it is hidden.

        `descriptions` name what each column counts: ``cases="due"`` adds ``cases`` and ``hidden_cases``, of
        the values in the column `value`.
        """
        for name, description in descriptions.items():
            cells = [self._cell("after", description, ALL, one) for one in rows[value]]
            found = pd.DataFrame(cells, columns=[name, f"hidden_{name}"], index=rows.index)
            rows = rows.drop(columns=name, errors="ignore").join(found.astype({f"hidden_{name}": bool}))
        return rows

    def steps(self, bridge: CaseBridge) -> pd.DataFrame:
        """Give the steps of the bridge as they may be shown, those of few cases in one.

        ``name``, ``cases`` (a change of care type counts once; NaN for steps put together) and ``effect``
        (£ a week), which add up to the change. A single step that must be hidden is put together with the
        one that has the fewest cases, since the rest would give it away.
        """
        ends = {"switches": ("switches", "switched_from", "switched_to")}
        names = bridge.steps["component"].tolist()
        rows = bridge.steps.assign(
            name=[COMPONENTS[name] for name in names], cases=[self.of("bridge", name) for name in names]
        )
        few = pd.Series(
            [any(self.hidden("bridge", part) for part in ends.get(name, (name,))) for name in names]
        )
        if few.sum() == 1:
            known = rows.loc[~few & (rows["cases"] > 0), "cases"]
            few |= few.index == (known.idxmin() if len(known) else -1)
        other = {
            "name": "Other steps, of few cases",
            "cases": np.nan,
            "effect": rows.loc[few, "effect"].sum(),
        }
        kept = rows.loc[~few, ["name", "cases", "effect"]].astype({"cases": float})
        return pd.concat([kept, pd.DataFrame([other])], ignore_index=True) if few.any() else kept

    def _cell(self, side: str, description: str, group: str, value: str) -> tuple[int, bool]:
        """Look a cell up; what nobody counted is an error, for it must not pass as nobody."""
        if found := self.cells.get((side, description, group, value)):
            return found
        if (side, description) not in self._counted:
            raise MethodError(
                f"no counts of cases by {description!r} {side}: found "
                f"{', '.join(sorted(' '.join(reversed(pair)) for pair in self._counted)) or 'none'}. "
                "Add it to s75lib.budget.disclosure.counts, which hides its small counts."
            )
        if group not in self._groups[description]:
            raise MethodError(
                f"no counts of cases by {description!r} in the service group {group!r}: found "
                f"{', '.join(sorted(map(repr, self._groups[description])))}. Name one of these."
            )
        return 0, False

    @cached_property
    def _counted(self) -> set[tuple[str, str]]:
        return {(side, description) for side, description, *_ in self.cells}

    @cached_property
    def _groups(self) -> dict[str, set[str]]:
        """The service groups by which each description is counted on either day."""
        held: dict[str, set[str]] = {}
        for _, description, group, _ in self.cells:
            held.setdefault(description, set()).add(group)
        return held


def counts(study: Study) -> Counts:
    """Count the open cases in every way that the wing shows, and hide what would disclose a person.

    A case with packages of two teams (or funding types) counts in both, and a total is the sum of its rows.
    All that is counted of a day is counted of each day alike, so that a day is decided the same in the report
    in which it is the latest and in the next one. Totals over all values are printed by several tables and
    stay shown.
    """
    people, money = Register(), Register()
    amounts: dict[Cell, list[float]] = {}
    for side, lines in study.sides.items():
        rows = funded(lines[lines["open"]])
        for one in (
            _by_care_type(rows, side),
            _by_team(rows, side, study.reviews_at[side], study.cost_bands_at[side], study.fewest_cases),
            _by_group(rows, side, "funding"),
            _by_age_band(rows, side),
            _aftercare(rows, side),
            _joint(rows, study.expected_lines["short"], side),
        ):
            people.include(one)
        amounts |= _amounts(rows, side)
        under = study.expected_lines["expected"].loc[rows.index].notna()
        money.include(_under_rules(rows[under], amounts, side))
    if "provider" in study.cost_by:
        for side in SIDES:
            people.include(_by_provider(study.cost_by["provider"], side))
    if study.case_bridge is not None:
        people.include(_bridge(study.case_bridge))
    _bind_totals(people)
    fewest = study.fewest_cases
    found = people.decide(fewest, rounded=study.data.rounds("packages"))
    cells = {cell: (int(count), cell in found.hidden) for cell, count in found.counts.items()}
    single = {cell for cell, of in amounts.items() if fewest > 1 and dominated(of)} & cells.keys()
    _add_money(money, people, amounts)
    bare: set[Cell] = set()
    for hidden in (*found.levels, found.hidden):
        bare = people.without_money(hidden | single | bare)
        # A row that hides how many are below their rule shows no money either.
        beside = {(side, f"paid_{n.split('_')[-1]}", *of) for side, n, *of in hidden if "below_" in n}
        bare |= money.out_of_reach(bare | beside)
    bare |= {(side, "paid_funding", group, value) for side, name, group, value in bare if name == "funding"}
    checks = (_check(found, fewest),) if found.hidden else ()
    return Counts(cells, checks, frozenset(bare))


def _bind_totals(people: Register) -> None:
    """Bind the totals of a group that are one number in all descriptions, as readers take them."""
    for side, name, group, value in [*people.counts]:
        total, other = (side, "funding", group, ALL), (side, name, group, value)
        if value == ALL and name in _EVERY and people.counts.get(total) == people.counts[other]:
            people.sums.append((total, [other]))


def _add_money(money: Register, people: Register, amounts: dict[Cell, list[float]]) -> None:
    """Add what cases cost a week, bound as their counts are wherever that adds up to the penny."""
    money.counts |= {cell: sum(of) for cell, of in amounts.items() if cell in people.counts}
    money.shown, money.last = people.shown, people.last
    for total, parts in people.sums:
        held = [part for part in parts if part in money.counts]
        if total[1].startswith("paid") or len(held) < sum(people.counts[part] > 0 for part in parts):
            continue
        if total not in money.counts:
            money.total(total, held)
        elif abs(money.counts[total] - sum(money.counts[part] for part in held)) < 0.01:
            money.sums.append((total, held))


def _under_rules(rows: pd.DataFrame, amounts: dict[Cell, list[float]], side: str) -> Register:
    """Add up what the NHS pays for packages under a rule, by type and by team, which come to the same.

    Of a type that is all under rules it is what the NHS pays for the type.
    """
    made, whole = Register(), (side, "paid_funding", ALL, ALL)
    for name, column in {"paid_funding": "health_funding_type", "paid_team": "team"}.items():
        cells = []
        for value, paid in rows.groupby(column)["health"].sum().items():
            cell, every = ((side, one, ALL, str(value)) for one in (name, "funding"))
            if name == "paid_funding" and abs(paid - sum(amounts.get(every, ()))) < 0.01:
                cell = every
            made.counts[cell] = float(paid)
            cells.append(cell)
        made.total(whole, cells)
    made.free = {whole}  # what all cost together is no secret
    return made


def _check(found: Decisions, fewest: int) -> Check:
    counted = words.count_noun(len(found.counts), "linked count")
    said = "Others are rounded." if found.audit.empty else found.said()
    return Check(
        "budget.disclosure",
        found.passed,
        f"Counts of cases in all tables together: {len(found.hidden)} of {counted} are hidden, for some are "
        f"below {fewest}. {said}",
    )


def _amounts(rows: pd.DataFrame, side: str) -> dict[Cell, list[float]]:
    """Give what each case behind a sum costs a week: net, or what the NHS pays where that is the sum."""
    found: dict[Cell, list[float]] = {}
    for name in ("care_type", "team", "funding", "age_band", "provider"):
        keys, paid = ["service_group", name], "health" if name == "funding" else "net"
        cost = rows.groupby(list(dict.fromkeys([*keys, *CASE])))[paid].sum().reset_index()
        for group, value, amount in zip(*(cost[key].tolist() for key in (*keys, paid)), strict=True):
            for one in (group, ALL):
                found.setdefault((side, name, one, value), []).append(amount)
    return found


def lines_of_few(study: Study) -> dict[str, str]:
    """Name for each line of the monitor that would price the cases of a hidden count what it is shown as.

    A line is the commitment of a care type, and so the sum of those cases. It is put together with others of
    its setting, else of any, the smallest first, in all service groups alike, until there are cases enough.
    """
    spent = study.data.budget[study.data.budget["kind"] == "expenditure"]
    if study.fewest("budget") < 2 or study.day is None or spent.empty:
        return {}
    rows = pd.concat([lines[lines["open"]] for lines in study.sides.values()])
    # Of each service group by itself, even where the ledger's are put together for being small.
    rows = rows.assign(service_group=study.data.packages["service_group"].reindex(rows.index))
    by = ["snapshot_date", "service_group", "care_type"]
    sizes = rows.drop_duplicates([*by, *CASE]).groupby(by).size().unstack(fill_value=0)  # noqa: PD010
    hidden = {
        value
        for (_, name, group, value), (_, gone) in study.counts.cells.items()
        if gone and name == "care_type" and ALL not in (group, value)
    }

    def is_few(kinds: list[str]) -> bool:
        count = sizes[[kind for kind in kinds if kind in sizes]].sum(axis=1)
        return bool(count.between(1, study.fewest_cases - 1).any())

    def put_together(kinds: list[str]) -> list[str]:
        few = [kind for kind in kinds if kind in hidden or is_few([kind])]
        others = [kind for kind in kinds if kind not in few]
        while few and others and (len(few) < 2 or is_few(few)):
            few.append(others.pop(0))
        return few

    size = spent[spent["as_at"] == spent["as_at"].max()].groupby("line")["commitment"].sum().abs()
    known = [str(line) for line in size.sort_values().index if line in CARE_TYPES]
    pools = [[kind for kind in known if CARE_TYPES[kind] == s] for s in dict.fromkeys(CARE_TYPES.values())]
    joint = [put_together(pool) for pool in pools]
    if any(len(kinds) == 1 or is_few(kinds) for kinds in joint):
        joint = [put_together(known)]
    order = spent["line"].unique().tolist()
    return {kind: words.join(sorted(kinds, key=order.index)) for kinds in joint for kind in kinds}


def income_is_few(study: Study) -> bool:
    """Say whether income of the monitor is shown as one: a line of it is of few cases in a service group."""
    if study.fewest("budget") < 2 or study.day is None:
        return False
    for side, lines in study.sides.items():
        for group, rows in lines[lines["open"]].groupby("service_group"):
            sizes = [len(rows[rows[paid] >= 0.01].drop_duplicates(CASE)) for paid in ("health", "client")]
            if any(0 < size < study.fewest_cases for size in sizes):
                return True
            if study.counts.without_money(side, "funding", str(group)):
                return True
    return False


def of_any(order: list[str], *reports: dict[str, str]) -> dict[str, str]:
    """Put together the lines that any of some reports puts together."""
    pools: list[set[str]] = []
    for joint in reports:
        for label in dict.fromkeys(joint.values()):
            pool = {kind for kind, name in joint.items() if name == label}
            pool = pool.union(*(other for other in pools if other & pool))
            pools = [*(other for other in pools if not other & pool), pool]
    return {kind: words.join(sorted(pool, key=order.index)) for pool in pools for kind in pool}


def _sizes(rows: pd.DataFrame, *columns: str) -> dict[tuple[str, ...], int]:
    cases = set(zip(*(rows[name].tolist() for name in [*columns, *CASE]), strict=True))
    return dict(sorted(Counter(case[: len(columns)] for case in cases).items()))


_EVERY = ("care_type", "team", "age_band", "provider", "setting")
"""Descriptions that every case has, beside its funding."""
_SHARED = ("joint", "s117")
"""Funding types that partners share, the subject of every review: other types are hidden first."""


def _by_group(rows: pd.DataFrame, side: str, column: str) -> Register:
    """Count by a description within service groups, with totals over either."""
    made = Register()
    sizes = _sizes(rows, "service_group", column)
    made.counts = {(side, column, group, value): size for (group, value), size in sizes.items()}
    groups = sorted({group for group, _ in sizes})
    values = sorted({value for _, value in sizes})
    for group in groups:
        parts: list[Cell] = [(side, column, group, value) for value in values]
        made.total((side, column, group, ALL), parts, shown=True)
    for value in values:
        made.total((side, column, ALL, value), [(side, column, group, value) for group in groups])
    made.total((side, column, ALL, ALL), [(side, column, group, ALL) for group in groups], shown=True)
    made.sums.append(((side, column, ALL, ALL), [(side, column, ALL, value) for value in values]))
    made.free = {cell for cell in made.counts if cell[1] == "funding" and cell[3] == "none"}
    made.last = {cell for cell in made.counts if cell[1] == "funding" and cell[3] in _SHARED}
    return made


def _by_care_type(rows: pd.DataFrame, side: str) -> Register:
    """Count by care type within service groups, and by setting."""
    made = _by_group(rows, side, "care_type")
    for setting in sorted(set(CARE_TYPES.values())):
        kinds = [kind for kind, where in CARE_TYPES.items() if where == setting]
        parts: list[Cell] = [(side, "care_type", ALL, kind) for kind in kinds]
        made.counts[side, "setting", ALL, setting] = 0
        if any(part in made.counts for part in parts):
            made.total((side, "setting", ALL, setting), parts)
    made.total(
        (side, "setting", ALL, ALL),
        [(side, "setting", ALL, one) for one in set(CARE_TYPES.values())],
        shown=True,
    )
    return made


def _joint(rows: pd.DataFrame, short: pd.Series, side: str) -> Register:
    """Count cases that the NHS pays for, and those below their rule, by funding type and by team."""
    made = Register()
    paid = rows[rows["funding"] != "none"]
    below = paid[short.loc[paid.index] >= 0.01]

    def cell(name: str, value: str = ALL) -> Cell:
        return side, name, ALL, value

    for column in ("funding", "team"):
        whole, part, rest = f"paid_{column}", f"below_{column}", f"not_below_{column}"
        # Of each service group by itself, as the other tables count: a case of two groups is in both.
        sizes, under = (Counter[str]() for _ in range(2))
        for found, of in ((sizes, paid), (under, below)):
            for (_, value), size in _sizes(of, "service_group", column).items():
                found[value] += size
        for value, size in sizes.items():
            made.counts |= {cell(whole, value): size, cell(part, value): under[value]}
            made.rest(cell(rest, value), cell(whole, value), cell(part, value))
        if column == "funding":
            made.sums += [(cell("funding", value), [cell(whole, value)]) for value in sizes]
        for name in (whole, part):
            made.total(cell(name), [cell(name, value) for value in sizes])
        made.rest(cell(rest), cell(whole), cell(part))
    for name in ("paid", "below"):
        one, two = cell(f"{name}_funding"), cell(f"{name}_team")
        if made.counts[one] == made.counts[two]:
            made.sums.append((one, [two]))
    return made


def _by_team(
    rows: pd.DataFrame, side: str, reviews: pd.DataFrame, bands: pd.DataFrame, fewest: int
) -> Register:
    """Count by team within service groups, and each team's and cost band's cases due a review."""
    made = _by_group(rows, side, "team")

    def cell(name: str, team: str) -> Cell:
        return side, name, ALL, team

    for band, *sizes in bands[["band", "cases", "due", "overdue"]].itertuples(index=False):
        made.counts |= {
            cell(f"band_{n}", band): int(s) for n, s in zip(("cases", "due", "overdue"), sizes, strict=True)
        }
        made.rest(cell("band_younger", band), cell("band_cases", band), cell("band_due", band))
        made.rest(cell("band_reviewed", band), cell("band_due", band), cell("band_overdue", band))
    for name in ("cases", "due", "overdue"):
        made.total(cell(f"band_{name}", ALL), [cell(f"band_{name}", band) for band in bands["band"]])
    if reviews.empty:
        return made
    for team, due, overdue in zip(*(reviews[n].tolist() for n in ("team", "cases", "overdue")), strict=True):
        made.counts |= {cell("due", team): int(due), cell("overdue", team): int(overdue)}
        made.rest(cell("reviewed", team), cell("due", team), cell("overdue", team))
        if made.counts.get(cell("team", team), 0) >= due:
            made.rest(cell("younger", team), cell("team", team), cell("due", team))
    for name in ("due", "overdue", "reviewed"):
        made.total(cell(name, ALL), [cell(name, team) for team in reviews["team"]])
    made.sums.append((cell("due", ALL), [cell("overdue", ALL), cell("reviewed", ALL)]))
    made.free = {cell for cell in made.counts if cell[1] != "team" and cell[1] != "band_cases"}
    # The workload notebook shows both: see `s75lib.workload.disclosure.decided_ledger`.
    few = 0 < made.counts[cell("reviewed", ALL)] < fewest
    made.shown |= {cell("due", ALL)} if few else {cell("due", ALL), cell("overdue", ALL)}
    made.sums += [(cell(name, ALL), [cell(f"band_{name}", ALL)]) for name in ("due", "overdue")]
    return made


def _by_age_band(rows: pd.DataFrame, side: str) -> Register:
    made = Register()
    made.counts = {(side, "age_band", ALL, band): size for (band,), size in _sizes(rows, "age_band").items()}
    made.total((side, "age_band", ALL, ALL), list(made.counts), shown=True)
    return made


def _by_provider(rows: pd.DataFrame, side: str) -> Register:
    """Count by provider as far as providers are not put together, with the total."""
    sizes = zip(rows["provider"], rows[f"cases_{side}"], strict=True)
    made = Register({(side, "provider", ALL, name): int(size) for name, size in sizes})
    made.total((side, "provider", ALL, ALL), list(made.counts), shown=True)
    return made


def _aftercare(rows: pd.DataFrame, side: str) -> Register:
    """Count people with section 117 aftercare, and those who are charged for it."""
    made = Register()
    free = rows[rows["s117"].fillna(False).astype(bool)]
    entitled, charged = ((side, name, ALL, ALL) for name in ("s117", "charged"))
    made.counts[entitled] = free["person_key"].nunique()
    made.counts[charged] = free.loc[free["client"] > 0, "person_key"].nunique()
    made.rest((side, "not_charged", ALL, ALL), entitled, charged)
    paid = rows[rows["funding"] == "s117"]
    whole, missing = ((side, name, ALL, ALL) for name in ("s117_funded", "not_entitled"))
    made.counts[whole] = paid["person_key"].nunique()
    made.counts[missing] = paid.loc[~paid["s117"].fillna(False).astype(bool), "person_key"].nunique()
    made.rest((side, "s117_funded_entitled", ALL, ALL), whole, missing)
    return made


def _bridge(found: CaseBridge) -> Register:
    """Count the steps of the bridge: who stayed and left make the first day, who stayed and came the last."""
    made = Register()

    def cell(name: str) -> Cell:
        return "bridge", name, ALL, ALL

    status = found.cases["status"]
    switched = found.cases[status == "switch"]
    sizes = {
        "stayers": found.stayers,
        "leavers": int((status == "leaver").sum()),
        "starters": int((status == "starter").sum()),
        "switched_from": int((switched["before"] != 0).sum()),
        "switched_to": int((switched["before"] == 0).sum()),
        "switches": int(switched["person_key"].nunique()),
        "short": found.short_cases,
        "reissued": found.reissued,
    }
    steps = found.steps.set_index("component")["cases"]
    sizes |= {name: int(steps[name]) for name in ("quantity", "price", "funding", "client")}
    made.counts = {cell(name): size for name, size in sizes.items()}
    made.total(cell("before"), [cell("stayers"), cell("leavers"), cell("switched_from")])
    made.total(cell("after"), [cell("stayers"), cell("starters"), cell("switched_to")])
    for name in ("reissued", "quantity", "price", "funding", "client"):
        made.rest(cell(f"not_{name}"), cell("stayers"), cell(name))
    made.shown |= {one for one in (cell("before"), cell("after")) if made.counts[one]}
    return made
