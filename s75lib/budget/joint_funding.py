"""Section 117 and joint funding, case by case: what each partner should bear, and what it bears."""

from __future__ import annotations

__all__ = [
    "ReviewYield",
    "backdated_claim",
    "change_of_rules",
    "expected_and_actual",
    "expected_shares",
    "review_yield",
    "reviews_by_cost",
    "share_movement",
    "withdrawn_funding",
]

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.budget.disclosure import ALL
from s75lib.budget.ledger import CASE, reviewed_cases
from s75lib.budget.naming import pounds
from s75lib.present import Check, Column, Headline, Missing, Need, Section, Table, table_of, words
from s75lib.present.disclosure import nearest_5
from s75lib.stats.decomposition import path_effects

if TYPE_CHECKING:
    from s75lib.budget.study import Study

CAUSES = {
    "new": "New cases",
    "leavers": "Leavers",
    "split": "Changed split",
    "price": "Changed price or hours",
}
"""Why the NHS's share moves, in order."""
_YEAR = 365
_DRAWS = 2_000
_PENNY = 0.01
_SAME = 0.0005  # of a share: less is the rounding of pennies
_SIDES = ("old", "new")
_BANDS = (0.0, 500.0, 1_000.0, 1_500.0, 2_000.0, np.inf)


def expected_shares(rows: pd.DataFrame, packages: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    """Give for each line what the NHS should pay by the rule that it is under.

    The rule that its package names, else that of its funding type, its service group's before the general
    one; of these, the one in force on the snapshot's day. A rule by hours gives the NHS its hours' part of
    the package's units. Whether a person is entitled to anything is not judged.

    Returns
    -------
    DataFrame
        `rows` with ``rule`` (blank: none), ``expected`` (£ a week, to the penny; missing without a rule) and
        ``short`` (expected less actual).

    Examples
    --------
    >>> found = expected_shares(held.sides["after"], held.data.packages, held.data.funding_rules)
    >>> f"{found.loc[found['open'], 'short'].sum():.2f}"
    '12102.88'
    """
    named = packages.loc[rows.index, "funding_rule"].to_numpy()
    seen = rows["snapshot_date"]
    health, rule = np.full(len(rows), np.nan), np.full(len(rows), "", dtype=object)
    taken = np.zeros(len(rows), dtype=int)
    gross = rows["gross"].to_numpy(dtype=float)
    units = rows["units"].where(~rows["priced_as_one"]).to_numpy(dtype=float)
    for one in rules.to_dict("records"):
        begun = seen >= one["effective_from"] if not pd.isna(one["effective_from"]) else True
        over = seen > one["effective_to"] if not pd.isna(one["effective_to"]) else False
        group, kind = one["service_group"], one["funding_type"]
        of_type = (named == "") & (rows["health_funding_type"] == kind) & (kind != "")
        of_type &= (rows["service_group"] == group) | (group == "")
        weight = np.where(named == one["rule"], 3, np.where(of_type, 2 if group else 1, 0))
        fits = begun & ~np.asarray(over) & (weight > taken)
        share: Any = 1.0 if one["basis"] == "all_health" else one["health_percent"] / 100
        if one["basis"] == "hours":
            share = np.clip(one["health_hours"] / np.where(units > 0, units, np.nan), 0, 1)
        health = np.where(fits, gross * share, health)
        rule = np.where(fits, one["rule"], rule)
        taken = np.where(fits, weight, taken)
    expected = np.floor(health * 100 + 0.5 + 1e-6) / 100
    return rows.assign(rule=rule, expected=expected, short=expected - rows["health"])


def expected_and_actual(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up open packages that the NHS pays for, by funding type and by team.

    Returns
    -------
    DataFrame
        ``by`` (``funding``, ``team``, ``all`` or ``crossed``), ``value`` (a pair of team and type where they
        are crossed), and of those under a rule ``gross``, ``expected``, ``health`` and ``short`` (£ a week)
        and ``year`` (``short`` over the weeks that each line runs in the financial year, £).

    Examples
    --------
    >>> found = expected_and_actual(held.joint)
    >>> {by: f"{rows['short'].sum():.2f}" for by, rows in found.groupby("by") if by != "team"}
    {'all': '12102.88', 'crossed': '12102.88', 'funding': '12102.88'}
    """
    under = rows[rows["open"] & rows["expected"].notna()]
    under = under.assign(funding=under["health_funding_type"], year=under["short"] * under["weeks"], all="")
    under = under.assign(crossed=pd.MultiIndex.from_frame(under[["team", "funding"]]).to_flat_index())
    names = ("funding", "team", "all", "crossed")
    parts = [
        under.groupby(by)[["gross", "expected", "health", "short", "year"]]
        .sum()
        .rename_axis("value")
        .reset_index()
        for by in names
    ]
    return pd.concat(parts, keys=names, names=["by"]).reset_index("by").reset_index(drop=True)


def change_of_rules(rows: pd.DataFrame) -> float:
    """Say what the NHS would pay more, £ a week, if every open package of a snapshot followed its rule.

    The rules are those that `expected_shares` was given: in force, or others.

    Examples
    --------
    >>> change_of_rules(held.joint)
    12102.88
    """
    return round(float(rows.loc[rows["open"], "short"].sum()), 2)


def withdrawn_funding(rows: pd.DataFrame, funding: str) -> float:
    """Say what the NHS would pay more, £ a week, if it stopped funding a type: less than nought.

    Examples
    --------
    >>> withdrawn_funding(held.joint, "s117") < 0
    True
    """
    gone = rows["open"] & (rows["health_funding_type"] == funding)
    return -round(float(rows.loc[gone, "health"].sum()), 2)


def backdated_claim(rows: pd.DataFrame, since: pd.Timestamp) -> float:
    """Say what the NHS owes for packages below their rule, £, from a day to the latest snapshot.

    `rows` are of every snapshot, as `expected_shares` gives them. Of each financial year the last one counts,
    which shows the year's lines; days with both ends. What the NHS pays beyond its rule is no part.

    Examples
    --------
    >>> backdated_claim(held.expected_lines, pd.Timestamp("2025-10-01"))
    307553.28
    """
    seen = rows["snapshot_date"]
    last = rows[seen == seen.groupby(seen.dt.to_period("Q-MAR").dt.qyear).transform("max")]
    ends = last["snapshot_date"]
    begins = pd.to_datetime((ends.dt.to_period("Q-MAR").dt.qyear - 1).astype(str) + "-04-01")
    until = last["end_date"].fillna(seen.max()).clip(upper=ends)
    start = last["start_date"].clip(lower=begins.clip(lower=since))
    weeks = ((until - start).dt.days + 1).clip(lower=0) / 7
    owed = last["short"].where((last["short"] >= _PENNY) & ~last["prior"], 0.0)
    return round(float((owed * weeks).sum()), 2)


def share_movement(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Split the movement of the NHS's share of jointly funded packages by its causes.

    With S the earlier share, the later share is S plus the sum of (share − S) × gross over the later cases,
    by the later gross cost. A new case brings its own term, a leaver takes its own away, and that of one that
    stays moves by the Shapley effects of its share and of its gross cost (`path_effects`).

    Returns
    -------
    DataFrame
        ``cause`` (one of `CAUSES`), ``points`` (of the gross cost), which add up to the movement, ``weekly``
        (what that is of the later gross cost, £ a week) and ``cases``.

    Examples
    --------
    >>> found = share_movement(**held.sides).set_index("cause")["points"]
    >>> f"{found['split']:.1f} of {found.sum():.1f} points"
    '-7.5 of -9.3 points'
    """
    sides = []
    for rows in (before, after):
        funded = rows[rows["open"] & ~rows["health_funding_type"].isin(["", "CHC", "FNC"])]
        sides.append(funded.groupby(CASE)[["gross", "health"]].sum())
    old, new = sides
    totals = [side.sum() for side in sides]
    if any(total["gross"] <= 0 for total in totals):
        return pd.DataFrame({"cause": list(CAUSES), "points": np.nan, "weekly": np.nan, "cases": 0})
    share = totals[0]["health"] / totals[0]["gross"]
    both = old.add_suffix("_old").join(new.add_suffix("_new"), how="outer")
    stays = both["gross_old"].notna() & both["gross_new"].notna()
    kept, rest = both[stays], both[~stays].fillna(0.0)
    first, last = (kept[f"health_{s}"] / kept[f"gross_{s}"].where(kept[f"gross_{s}"] > 0) for s in _SIDES)
    first, last = first.fillna(last).fillna(share), last.fillna(first).fillna(share)
    split, price = path_effects(
        np.array([first - share, kept["gross_old"]]), np.array([last - share, kept["gross_new"]])
    ).sum(axis=1)
    moved = [
        ("new", (rest["health_new"] - share * rest["gross_new"]).sum(), both["gross_old"].isna().sum()),
        ("leavers", (share * rest["gross_old"] - rest["health_old"]).sum(), both["gross_new"].isna().sum()),
        ("split", split, ((last - first).abs() > _SAME).sum()),
        ("price", price, ((kept["gross_new"] - kept["gross_old"]).abs() >= _PENNY).sum()),
    ]
    frame = pd.DataFrame(moved, columns=["cause", "weekly", "cases"])
    return frame.assign(points=100 * frame["weekly"] / totals[1]["gross"])


@dataclass(frozen=True)
class ReviewYield:
    """What past reviews of the dearest tenth of cases changed in the gross cost, £ a week, with 95% interval.

    `reviews` are past reviews that it rests on, `changed` those of them that changed the cost, `a_year` such
    reviews in a year, `overdue` the cases of the dearest tenth without one in twelve months.
    """

    reviews: int
    changed: int
    mean: float
    lower: float
    upper: float
    a_year: float
    overdue: int

    def yearly(self, change: float) -> float:
        """Give what reviewing those overdue saves in 365 days at a change of so many £ a week."""
        return -change * self.overdue * _YEAR / 7


def review_yield(rows: pd.DataFrame) -> ReviewYield | None:
    """Find what a review of the dearest tenth of cases changed in the past.

    None for fewer than ten such reviews. The change is from the snapshot before the review to the first one
    two months or more after the snapshot that shows it, both in one financial year, so that no uplift in
    April is part of it; for cases that are open at both. The interval is a percentile bootstrap over the
    reviews (Efron and Tibshirani 1993, An Introduction to the Bootstrap, 13.3), from seeded draws.

    Examples
    --------
    >>> found = review_yield(held.lines)
    >>> found.lower <= found.mean <= found.upper
    True
    """
    live = rows[rows["open"]]
    if live.empty:
        return None
    at, days = pd.factorize(live["snapshot_date"], sort=True)
    people, kinds = (pd.factorize(live[name])[0] for name in CASE)
    case, keys = pd.factorize(people * (kinds.max() + 1) + kinds)
    place, size = at * len(keys) + case, len(days) * len(keys)
    gross = np.bincount(place, live["gross"], minlength=size).reshape(len(days), -1)
    seen = np.full(size, np.datetime64("1900-01-01", "s"))
    reviewed = live["last_review_date"].fillna(pd.Timestamp("1900-01-01")).to_numpy().astype("datetime64[s]")
    np.maximum.at(seen, place, reviewed)
    seen = seen.reshape(gross.shape)
    day = pd.DatetimeIndex(days)
    year = np.asarray(day.to_period("Q-MAR").qyear)
    dear = np.array([cost >= np.quantile(cost[cost > 0], 0.9) for cost in gross if (cost > 0).any()])
    found, usable = [], 0.0
    for s in range(1, len(day) if len(dear) == len(day) else 0):
        later = np.flatnonzero((day >= day[s] + pd.Timedelta(days=59)) & (year == year[s - 1]))
        if later.size:
            new = (seen[s] > day[s - 1].to_numpy()) & (seen[s] <= day[s].to_numpy())
            both = new & dear[s - 1] & (gross[later[0]] > 0)
            found.append(gross[later[0]][both] - gross[s - 1][both])
            usable += (day[s] - day[s - 1]).days / _YEAR
    changes = np.concatenate(found) if found else np.zeros(0)
    if len(changes) < 10:
        return None
    rng = np.random.Generator(np.random.PCG64(75))
    means = changes[rng.integers(0, len(changes), (_DRAWS, len(changes)))].mean(axis=1)
    late = dear[-1] & (seen[-1] < (day[-1] - pd.DateOffset(years=1)).to_numpy())
    lower, upper = np.quantile(means, [0.025, 0.975])
    return ReviewYield(
        reviews=len(changes),
        changed=int((np.abs(changes) >= _PENNY).sum()),
        mean=float(changes.mean()),
        lower=float(lower),
        upper=float(upper),
        a_year=len(changes) / usable,
        overdue=int(late.sum()),
    )


def reviews_by_cost(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Count open cases and their reviews by what they cost a week.

    Returns
    -------
    DataFrame
        ``band``, ``cases``, ``health_percent`` (of the gross cost), ``due`` (open for twelve months or more)
        and ``overdue`` (of these, no review in the last twelve), for bands that have cases.

    Examples
    --------
    >>> reviews_by_cost(held.data.packages, held.sides["after"])["cases"].tolist()
    [240, 164, 126, 23]
    """
    cases = reviewed_cases(packages, rows)
    cases["place"] = np.searchsorted(_BANDS, cases["gross"], side="right") - 1
    by_band = cases.groupby("place")
    sums = by_band[["gross", "health", "due", "overdue"]].sum().assign(cases=by_band.size()).reset_index()
    share = 100 * sums["health"] / sums["gross"].where(sums["gross"] > 0)
    return sums.assign(band=sums["place"].map(_band), health_percent=share)


def _band(place: int) -> str:
    low, high = _BANDS[place : place + 2]
    return f"£{low:,.0f} a week or more" if high == np.inf else f"£{low:,.0f} to under £{high:,.0f} a week"


def headlines(study: Study) -> Iterator[Headline]:
    """Say what the rules held would move between the partners, why the share moved, what reviews yield."""
    if study.day is None:
        return
    weekly = float(study.joint.loc[study.joint["open"], "short"].sum())
    if study.joint["expected"].notna().any() and abs(weekly) >= 1 and not study.type_is_hidden:
        who = "more" if weekly > 0 else "less"
        yield Headline(
            "budget.joint.expected",
            f"If every package followed its rule, the NHS would pay {pounds(weekly)} a week {who}, "
            f"{pounds(weekly * _YEAR / 7)} in 365 days. Nobody's entitlement is judged here.",
            weekly,
            "£ a week",
            method="gross cost × share of the rule, less what the NHS pays",
            see=("joint_expected", "joint_partners"),
            cell=("joint_expected", "Together", "short"),
            stake="money" if weekly > 0 else "context",
        )
    moved = study.share_movement
    if len(moved) and moved["points"].notna().all() and abs(moved["points"].sum()) >= 1:
        moved = moved.sort_values("cases")
        few, at = _few(moved, study.fewest_cases), int(np.argmax(moved["points"].abs()))
        top, cause = moved.iloc[at], ""
        if not few.iloc[at]:
            cause = f" The largest cause is {CAUSES[top['cause']].lower()} ({words.points(top['points'])})."
        yield Headline(
            "budget.joint.movement",
            f"The NHS's share of jointly funded packages {words.rose_fell(moved['points'].sum())} by "
            f"{words.number(abs(moved['points'].sum()), 1)} percentage points.{cause}",
            float(moved["points"].sum()),
            "percentage points",
            method="Shapley effects of share and cost; terms of new cases and leavers",
            see=("joint_movement",),
            cell=("joint_movement", "Together", "points"),
        )
    yield from _reviewing(study)


def _reviewing(study: Study) -> Iterator[Headline]:
    """Say what reviewing the dearest cases would yield at their own past change."""
    found = study.review_yield
    if found is None or 0 < found.overdue < study.fewest_cases:
        return
    saves = found.yearly(found.mean) >= 0
    sums = (found.mean, found.lower, found.upper)
    mean, *ends = (found.yearly(one) if saves else -found.yearly(one) for one in sums)
    ends = sorted(ends)
    told = f"{words.amount(ends[0])} to {words.amount(ends[1])}"
    rounds = study.data.rounds("packages")
    overdue = nearest_5(found.overdue) if rounds else found.overdue
    yield Headline(
        "budget.joint.reviews",
        f"Of the dearest tenth, {words.number(overdue)} cases had no review in twelve months. If reviews "
        f"change costs as past ones did, reviewing them would {'save' if saves else 'add'} "
        f"{words.amount(mean)} a year (95% interval {told}).",
        mean,
        "£",
        ends[0],
        ends[1],
        method=f"mean change of cost after {found.reviews} reviews, bootstrap over reviews",
        see=("joint_bands",),
    )


_EXPECTED = table_of(
    "joint_expected",
    Column("name", "Packages that the NHS pays for"),
    Column("cases", "Cases", "number", hides=("hidden_cases",)),
    Column("below", "NHS pays less than the rule", "number", hides=("hidden_below",)),
    Column("expected", "Expected of the NHS", "money", unit="£ a week", hides=("bare",)),
    Column("health", "NHS pays", "money", unit="£ a week", hides=("bare",)),
    Column("short", "Expected less paid", "change", unit="£ a week", hides=("hidden",)),
    Column("year", "In the financial year", "change", unit="£", hides=("hidden",)),
    notes=(
        "Money is of packages under a rule; cases are all that the NHS pays for. Rules say who should pay; "
        "they judge nobody's entitlement.",
    ),
    counted="cases",
)
_CROSSED = table_of(
    "joint_crossed",
    Column("team", "Team"),
    Column("type", "Type"),
    Column("cases", "Cases", "number"),
    *(replace(column, hides=()) for column in _EXPECTED.columns if column.unit),
    notes=("Packages under a rule. For use inside the partnership alone: most of these counts are small.",),
)
_PARTNERS = table_of(
    "joint_partners",
    Column("name", "If …"),
    Column("per", "Amount"),
    *(Column(name, name, "change", unit="£") for name in ("NHS", "Council", "People cared for")),
    notes=("What each partner pays more (+) or less (−); each row adds up to nought.",),
)
_MOVEMENT = table_of(
    "joint_movement",
    Column("name", "Cause"),
    Column("points", "NHS share, points", "points", 1, "percentage points"),
    Column("weekly", "NHS pays, £ a week", "change", unit="£ a week"),
    notes=("Packages that the NHS funds in full, or with the nursing rate, are left out.",),
    totals=1,
)
_REGISTER = table_of(
    "joint_register",
    Column("name", "To look into"),
    Column("count", "Number", "number", hides=("hidden",)),
    Column("what", "Of"),
    notes=("What the ledger records; a record may be wrong.",),
)
_BAND_TABLE = table_of(
    "joint_bands",
    Column("band", "Gross cost of the case"),
    Column("cases", "Cases", "number", hides=("hidden_cases",)),
    Column("health_percent", "NHS share", "percent", 1, "percent", ("hidden_cases",)),
    Column("due", "Open for a year or more", "number", hides=("hidden_due",)),
    Column("overdue", "No review in twelve months", "number", hides=("hidden_overdue",)),
    counted="cases",
)
_DEAREST = table_of(
    "joint_dearest",
    Column("rank", "Rank", "number"),
    Column("care_type", "Care type"),
    Column("team", "Team"),
    Column("gross", "Gross", "money", unit="£ a week"),
    Column("health", "NHS pays", "money", unit="£ a week"),
    Column("last_review_date", "Last review", "date"),
    notes=("For use inside the partnership alone.",),
)
_NO_RULES = Missing(
    "Which share each partner should bear is not held, so expected and actual can't be compared.",
    (
        Need("funding_rules", ("rule", "basis", "health_percent", "council_percent"), "expected NHS share"),
        Need("packages", ("funding_rule",), "the rule that each package is under"),
    ),
)


def _expected_table(study: Study) -> Table | Missing:
    """Set out expected against actual NHS contributions, by funding type and team."""
    if study.data.funding_rules.empty or study.joint["expected"].isna().all():
        return _NO_RULES
    every, counts, shown = study.expected_and_actual, study.counts, []
    for by, label in (("funding", "Type: "), ("team", "Team: "), ("all", "")):
        rows, of = every[every["by"] == by], by if label else "funding"
        names = f"{label}" + rows["value"].replace("", "not recorded") if label else "Together"
        rows = rows.assign(name=names, value=rows["value"] if label else ALL)
        parts = {"cases": f"paid_{of}", "below": f"below_{of}", "not_below": f"not_below_{of}"}
        rows = counts.beside(rows, "value", **parts)
        gone = rows[[f"hidden_{name}" for name in parts]].any(axis=1)
        bare = gone | rows["value"].map(
            {value: counts.without_money("after", f"paid_{of}", value=value) for value in rows["value"]}
        )
        # The money of a type that is hidden is what all others leave over.
        left = gone | (bare & (study.type_is_hidden and by != "funding"))
        shown.append(rows.assign(hidden=left, bare=bare))
    frame = pd.concat(shown, ignore_index=True)
    title = f"Expected and actual NHS contributions, {words.day(study.joint['snapshot_date'].iloc[0])}"
    return _EXPECTED.of(frame, title, totals=1, fewest=study.fewest_cases)


def _crossed_table(study: Study) -> Table | None:
    """Set out expected against actual contributions by team and type at once, on internal pages alone."""
    sums = study.expected_and_actual
    sums = sums[sums["by"] == "crossed"]
    if not study.data.internal or sums.empty:
        return None
    rows = study.joint[study.joint["open"] & study.joint["expected"].notna()]
    cases = rows.drop_duplicates(["team", "health_funding_type", *CASE])
    sizes = cases.groupby(["team", "health_funding_type"]).size()
    team, kind = zip(*sums["value"], strict=True)
    crossed = sums.assign(team=team, type=kind, cases=[int(sizes[key]) for key in sums["value"]])
    return _CROSSED.of(crossed, "Expected and actual NHS contributions by team and type")


def partner_effects(study: Study) -> pd.DataFrame:
    """Give what each partner pays more or less if rules are followed or changed, or funding is withdrawn."""
    rules, lines = study.data.funding_rules, study.joint
    day = lines["snapshot_date"].iloc[0]
    begins = pd.Timestamp(day.year - (day.month < 4), 4, 1)
    told = not study.type_is_hidden
    found = {"Every package follows its rule": change_of_rules(lines)} if told else {}
    shared = rules["basis"] == "percent"
    if told and shared.any():
        half = rules.assign(health_percent=rules["health_percent"].mask(shared, 50.0))
        halved = expected_shares(lines, study.data.packages, half)
        found["Every shared package is split 50/50"] = change_of_rules(halved)
    for kind in sorted(set(lines.loc[lines["open"], "health_funding_type"]) - {""}):
        if not study.counts.without_money("after", "funding", value=kind):
            found[f"The NHS withdraws its {kind} funding"] = withdrawn_funding(lines, kind)
    rows = [
        (name, *amount)
        for name, weekly in found.items()
        for amount in (("£ a week", weekly), ("£ in 365 days", round(weekly * _YEAR / 7, 2)))
    ]
    if told:
        owed = backdated_claim(study.expected_lines, begins)
        rows.append((f"The NHS pays what it is short of since {words.day(begins)}", "£ once", owed))
    frame = pd.DataFrame(rows, columns=["name", "per", "NHS"])
    frame["Council"], frame["People cared for"] = 0.0 - frame["NHS"], 0.0
    return frame


def _few(rows: pd.DataFrame, fewest: int) -> pd.Series:
    """Say which causes, in order of their cases, are shown together: those of few, and the next if alone."""
    few = rows["cases"].between(1, fewest - 1)
    if few.any():  # with the next larger, for the total would give a single one away
        first = rows.index[0] in rows.index[few]
        few |= rows.index == rows.index[min(int(few.sum()), len(rows) - 1) if first else 0]
    return few


def _movement_table(study: Study) -> Table | Missing:
    """Set out why the NHS's share moved; causes of few cases are put together."""
    if study.pair is None:
        return study.no_ledger
    rows = study.share_movement.assign(name=study.share_movement["cause"].map(CAUSES)).sort_values("cases")
    few = _few(rows, study.fewest_cases)
    other = rows[few][["points", "weekly"]].sum().to_frame().T.assign(name="Other causes, of few cases")
    shown = pd.concat(
        [rows[~few].sort_index(), other] if few.any() else [rows.sort_index()], ignore_index=True
    )
    total = shown[["points", "weekly"]].sum().to_frame().T.assign(name="Together")
    title = f"Why the NHS's share of jointly funded packages moved, {study.days_compared}"
    return _MOVEMENT.of(pd.concat([shown, total], ignore_index=True), title)


def _register_table(study: Study) -> Table | None:
    """Set out what the records of joint funding give cause to look into, of what the ledger records."""
    packages = study.data.packages
    entitled = packages["s117"].notna().any()
    asked = (
        (entitled, "Entitled under section 117, and charged", "people", "charged"),
        (
            entitled and (packages["health_funding_type"] != "").any(),
            "Section 117 funding, no entitlement recorded",
            "people",
            "not_entitled",
        ),
        (len(study.reviews), "Open for a year, no review in twelve months", "cases", "overdue"),
    )
    rows = [row for held, *row in asked if held]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["name", "what", "cell"])
    shown = frame.assign(
        count=[study.counts.of("after", cell) for cell in frame["cell"]],
        hidden=[study.counts.hidden("after", cell) for cell in frame["cell"]],
    )
    return _REGISTER.of(shown, "Records to look into", fewest=study.fewest_cases)


def _bands_table(study: Study) -> Table:
    names = {name: f"band_{name}" for name in ("cases", "due", "overdue")}
    rows = study.counts.beside(study.cost_bands, "band", **names)
    table, title = _BAND_TABLE, "Cases and reviews by cost"
    if not len(study.reviews):  # no date of a review is held, which is not to have had none
        columns = tuple(column for column in table.columns if column.name not in ("due", "overdue"))
        table, title = replace(table, columns=columns), "Cases by cost"
    return table.of(rows, title, fewest=study.fewest_cases)


def _dearest_table(study: Study) -> Table | None:
    """Set out the ten dearest cases that the NHS helps to fund, on internal pages alone."""
    if not study.data.internal:
        return None
    live = study.joint[study.joint["open"] & (study.joint["health_funding_type"] != "")]
    by_case = live.groupby(CASE)
    cases = by_case[["gross", "health"]].sum().join(by_case["team"].first())
    cases = cases.join(by_case["last_review_date"].max())
    top = cases.sort_values("gross", ascending=False, kind="stable").head(10).reset_index()
    title = "The ten dearest cases that the NHS helps to fund"
    return _DEAREST.of(top.assign(rank=range(1, len(top) + 1)), title)


def checks(study: Study) -> Iterator[Check]:
    """Check that the partners' effects add up to nought."""
    if study.day is None or study.data.funding_rules.empty:
        return
    sums = partner_effects(study)[["NHS", "Council", "People cared for"]].sum(axis=1).round(2)
    detail = f"What partners pay more and less adds up to nought in all {len(sums)} rows, to the penny."
    yield Check("budget.joint.partners", bool((sums == 0).all()), detail)


def section(study: Study) -> Section:
    """Show expected and actual shares, what changes mean for each partner, and what to look into."""
    if study.day is None:
        return Section.of(study.no_ledger)
    if study.data.packages["health_weekly"].isna().all():
        return Section.of(
            Missing.of(
                "The ledger holds no NHS contributions, so joint funding can't be shown.",
                "packages",
                ("health_weekly", "health_funding_type"),
                "joint funding",
            )
        )
    expected = _expected_table(study)
    effects = pd.DataFrame() if isinstance(expected, Missing) else partner_effects(study)
    partners = None if effects.empty else _PARTNERS.of(effects, "What changes mean for each partner, £")
    return Section.of(
        headlines(study),
        expected,
        None if isinstance(expected, Missing) else _crossed_table(study),
        partners,
        _movement_table(study),
        _register_table(study),
        _bands_table(study),
        _dearest_table(study),
    )
