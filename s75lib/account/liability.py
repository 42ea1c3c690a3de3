"""Who bears the difference: the rule step by step, on every basis, and under every other rule."""

from __future__ import annotations

__all__ = ["Basis", "bases", "rule_of", "shares_of"]

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.account.naming import bearers, exact, roughly
from s75lib.budget.naming import BUDGETS, amount_label
from s75lib.budget.outturn import Outturn
from s75lib.budget.position import NOT_CLOSED, is_last_day
from s75lib.loaders.partnership import CARRIED, POOL, Sharing
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present.parts import Style
from s75lib.stats.sharing import Amounts, Band, Cap, Own, Rule, Shared, pence, share

if TYPE_CHECKING:
    from s75lib.account.study import Study

_ILLUSTRATED = 0.01  # of the budget: the size of the bands, caps and pools that are compared
_NAMES = {
    "shares": "in fixed shares",
    "contributions": "by contribution",
    "own_lines": "each its own lines",
    "risk_pool": "from the risk pool",
    "carried_forward": "carried forward",
}


@dataclass(frozen=True)
class Basis:
    """A difference from the budget, in pence.

    - `name`: On what it is: commitment, forecast, or an end of the outturn's interval.
    - `difference`: Above zero is an overspend.
    - `lines`: ``part``, ``row`` and ``difference`` of each line, as far as it is known by line; what is not
      goes to the rule's other steps.
    """

    name: str
    difference: int
    lines: pd.DataFrame = field(repr=False)


def bases(expenditure: pd.DataFrame, net: pd.DataFrame, outturn: Outturn | None) -> dict[str, Basis]:
    """Give the difference from the budget at commitment, at forecast, and over the outturn's interval.

    The projection is of care packages, net of income. Adjustments and staff are at their forecast with it,
    and what it expects beyond the commitment belongs to no line. It is taken in whole pounds, for pence would
    say more than a projection knows.

    Returns
    -------
    dict of str to Basis
        ``commitment``, ``forecast`` and, with a projection, ``lower``, ``projected`` and ``upper``. Empty
        where an amount is unknown.

    Examples
    --------
    >>> from s75lib import account
    >>> found = account.study(load("exampleshire", "2025-12"))
    >>> list(found.bases)
    ['commitment', 'forecast', 'lower', 'projected', 'upper']
    """
    if expenditure.empty or expenditure[["year", "budget", "commitment"]].isna().any(axis=None):
        return {}
    said = expenditure[["part", "row"]]
    at = {
        "commitment": said.assign(difference=expenditure["commitment"] - expenditure["budget"]),
        "forecast": said.assign(difference=expenditure["year"] - expenditure["budget"]),
    }
    found = {name: Basis(name, int(lines["difference"].sum()), lines) for name, lines in at.items()}
    if outturn is None or net.empty:
        return found
    beside = said["part"].isin(["adjustments", "staff"])
    lines = pd.concat([at["commitment"][~beside], at["forecast"][beside]])
    held = int(lines["difference"].sum())
    for name in ("lower", "projected", "upper"):
        beyond = pence(round(getattr(outturn, name) - outturn.commitment))
        found[name] = Basis(name, held + beyond, lines)
    return found


def rule_of(sharing: Sharing, contributions: Mapping[str, int], lines: pd.DataFrame) -> Rule | None:
    """Turn a rule as authority.toml holds it into one that can be worked out.

    None where a step goes by contribution and none is held.

    Parameters
    ----------
    sharing : Sharing
        Steps and caps, in £.
    contributions : mapping of str to int
        Pooled contributions by partner, pence.
    lines : DataFrame
        ``row`` and ``difference`` (pence) of each line, for a step by own lines.

    Examples
    --------
    >>> steps = ({"kind": "shares", "shares": {"A Council": 60, "A Trust": 40}},)
    >>> lines = pd.DataFrame({"row": ["Residential"], "difference": [100]})
    >>> rule_of(Sharing(steps=steps), {}, lines).steps[0].name
    'in fixed shares'
    """
    steps: list[Band | Own] = []
    for step in sharing.steps:
        most = None if step.up_to is None else pence(step.up_to)
        name = _NAMES[step.kind] if most is None else f"{_NAMES[step.kind]}, up to {exact(most)}"
        if step.kind == "own_lines":
            steps.append(Own(name, _own(sharing.lines, lines)))
        elif step.kind == "contributions":
            if not contributions:
                return None
            steps.append(Band(name, contributions, most, step.of))
        elif step.kind == "risk_pool":
            steps.append(Band(name, {POOL: 1}, most, "over"))
        else:
            steps.append(Band(name, step.shares or {CARRIED: 1}, most, step.of))
    caps = {cap.partner: Cap(pence(cap.at_most), cap.then) for cap in sharing.caps}
    return Rule(tuple(steps), caps)


def _own(owners: Mapping[str, Sequence[str]], lines: pd.DataFrame) -> dict[str, int]:
    """Add up the differences of each partner's own lines."""
    return {
        name: int(lines.loc[lines["row"].isin(list(rows)), "difference"].sum())
        for name, rows in owners.items()
    }


def shares_of(basis: Basis, rule: Callable[[pd.DataFrame], Rule | None]) -> Shared | None:
    """Share the difference on a basis.

    None without a rule.

    Examples
    --------
    >>> basis = Basis("forecast", 101, pd.DataFrame({"part": [], "row": [], "difference": []}))
    >>> shares_of(basis, lambda lines: Rule((Band("equal", {"a": 1, "b": 1}),), {})).totals
    {'a': 51, 'b': 50}
    """
    found = rule(basis.lines)
    return None if found is None else share(basis.difference, found)


def alternatives(study: Study) -> dict[str, Shared]:
    """Work out the forecast difference under the agreement's rule and each other kind of rule."""
    names = study.data.authority.partner_names
    basis, sharing = study.bases["forecast"], study.data.authority.sharing
    size = max(round(_ILLUSTRATED * int(study.expenditure["budget"].sum()) / 100_000), 1) * 100_000
    weights = study.pooled or dict.fromkeys(names, 1)
    by = "by contribution" if study.pooled else "in equal parts"
    rest, then = Band(by, weights), f"the rest {by}"
    rules: list[tuple[str, Rule | None]] = [
        ("The agreement's rule", study.rule(basis.lines)),
        ("In equal parts", Rule((Band("equal", dict.fromkeys(names, 1)),), {})),
        ("By contribution", Rule((rest,), {}) if study.pooled else None),
    ]
    if sharing is not None and sharing.lines:
        own = Own("own", _own(sharing.lines, basis.lines))
        rules.append((f"Each bears its own lines, {then}", Rule((own, rest), {})))
    for name in names:
        first = Band("first", {name: 1}, size)
        rules.append((f"The first {roughly(size)} by {name}, {then}", Rule((first, rest), {})))
    for name in names:
        other = max((n for n in names if n != name), key=lambda n: (weights.get(n, 0), n))
        capped = Rule((rest,), {name: Cap(size, other)})
        rules.append((f"{by.capitalize()}, {name} capped at {roughly(size)}", capped))
    pool = Band("pool", {POOL: 1}, size, "over")
    rules.append((f"A risk pool of {roughly(size)} first, {then}", Rule((pool, rest), {})))
    rules.append(("Carried forward in full", Rule((Band("carried", {CARRIED: 1}),), {})))
    return {name: share(basis.difference, rule) for name, rule in rules if rule is not None}


def headlines(study: Study) -> Iterator[Headline]:
    """Say what each partner would bear, on what basis, and how far that may move."""
    if not study.bases:
        return
    difference, shared = study.difference, study.shared
    place = (
        f"{roughly(abs(difference))} {'over' if difference > 0 else 'under'}" if difference else "exactly on"
    )
    alone = "" if shared or not difference else "; which partner bears it isn't known"
    how = study.funding_words or "The rule goes by contribution, and no contribution is held."
    if shared is not None:
        verb = "would bear" if difference > 0 else "would be due"
        how = (
            f"By the agreement's rule the partners {verb}: {bearers(shared.totals, roughly)}."
            if difference
            else ""
        )
    staff = ", staff included" if study.data.has("staffing") else ""
    budget = f"the {BUDGETS['whole']}"
    tied = f" {study.tie}" if study.tie else ""
    text = f"The forecast for {study.year.label} is {place} {budget}{staff}{alone}.{tied} {how}".strip()
    if shared is not None and difference and len(shared.totals) == 2:  # short enough for one sentence
        shares = {name: words.percent(100 * part / difference, 0) for name, part in shared.totals.items()}
        first, second = (f"{name} {verb} {roughly(p)} ({shares[name]})" for name, p in shared.totals.items())
        second = second.replace(f" {verb}", "")
        rule = study.data.authority.agreement.risk_share
        short = f"The forecast is {place} {budget}: by the agreement's rule, {first}, "
        if words.one_sentence(f"{short}{second}"):
            text = f"{short}{second}.{tied}{f' The rule: “{rule}”.' if rule else ''}"
    if is_last_day(study.data.budget["as_at"].max()):
        text += f" {NOT_CLOSED.replace('It', 'The forecast')}"
    ends = [found for name in ("lower", "upper") if (found := study.liabilities.get(name))]
    low, high = (found.amount / 100 for found in ends) if ends else (None, None)
    yield Headline(
        "account.borne",
        text,
        difference / 100,
        "£",
        low,
        high,
        method="forecast less budget, shared by the rule to the penny",
        see=("liability", "sharing"),
        cell=("liability", "Forecast", "difference"),
        stake="money" if difference else "context",
    )
    if study.outturn is None or not ends:
        return
    parts = [
        f"{name} {words.join([roughly(found.totals.get(name, 0)) for found in ends], 'to')}"
        for name in ends[1].totals
    ]
    yield Headline(
        "account.interval",
        "If packages go on as before, the difference ends between "
        f"{words.join([roughly(found.amount) for found in ends])} "
        f"({100 * study.outturn.confidence:.0f}% prediction interval). "
        f"Shares by the rule: {words.join(parts)}.",
        low,
        "£",
        low,
        high,
        study.outturn.method,
        see=("liability",),
        figure=words.join([roughly(found.amount) for found in ends], "to"),
    )


def checks(study: Study) -> Iterator[Check]:
    """Check that every line that the rule calls a partner's own is in the account."""
    sharing = study.data.authority.sharing
    if sharing is None or not sharing.lines or not study.bases:
        return
    named = {line for lines in sharing.lines.values() for line in lines}
    gone = sorted(named - set(study.expenditure["row"]))
    text = f"Every line that the rule calls a partner's own is in the account: {len(gone)} are not."
    yield Check("account.own_lines", not gone, f"{text[:-1]} ({words.join(gone)})." if gone else text)


_BASES = {
    "commitment": "Commitments held",
    "forecast": "Forecast",
    "lower": "Outturn, lower end",
    "projected": "Outturn, projected",
    "upper": "Outturn, upper end",
}
_LABELS = {"liability": "Basis", "liability.quarters": "Quarter's end", "rules": "Rule"}
_NOTES = {
    "liability": ("Above zero is an overspend to bear, below zero an underspend that is due.",),
    "liability.quarters": (),
    "rules": (
        "Bands, caps and pools are of 1% of the budget, to show their working: no agreement names them.",
        "Above a cap, the other partner with the larger contribution bears the rest.",
    ),
}
_SHARING = table_of("sharing.data", Column("step", "Step"), Column("amount", "£", "money_p", unit="£"))
NO_BUDGET = Missing.of(
    "Without a budget and its forecast no difference arises that anyone could bear.",
    "budget",
    ("line", "kind", "budget", "commitment", "forecast"),
    "who bears the difference",
)


def _shares(study: Study, name: str, title: str, rows: Sequence[tuple[object, int, Amounts]]) -> Table:
    """Set out differences, each with a label, and who bears them: partners in their order, then the rest."""
    order = dict.fromkeys([*study.data.authority.partner_names, *study.pooled, POOL, CARRIED])
    who = [bearer for bearer in order if any(bearer in totals for _, _, totals in rows)]
    made = [
        {"label": label, "difference": amount / 100}
        | {f"by {bearer}": totals.get(bearer, 0) / 100 for bearer in who}
        for label, amount, totals in rows
    ]
    style: Style = (
        "money_p" if any(part % 100 for _, _, totals in rows for part in totals.values()) else "money"
    )
    label = Column("label", _LABELS[name], "date" if name == "liability.quarters" else "text")
    money = [("difference", "Difference"), *((f"by {bearer}", words.capital(bearer)) for bearer in who)]
    columns = (label, *(Column(column, head, style, unit="£") for column, head in money))
    return table_of(name, *columns, notes=_NOTES[name]).of(pd.DataFrame(made), title)


def _tables(study: Study) -> list[Table]:
    """Set out who bears the difference on every basis, as each quarter knew it, and under other rules."""
    year, difference = study.year.label, study.difference
    held = [
        (_BASES[name], basis.difference, found.totals if (found := study.liabilities[name]) else {})
        for name, basis in study.bases.items()
    ]
    made = [_shares(study, "liability", f"Difference from the budget of {year} and who bears it, £", held)]
    ends = [(day, found.amount, found.totals) for day, found in study.by_quarter.items()]
    if ends:
        title = f"Forecast less budget of {year} as each quarter's end knew it, £"
        made.append(_shares(study, "liability.quarters", title, ends))
    aligned = study.data.authority.agreement.funding in ("aligned", "recharged")
    if not aligned and len(study.data.authority.partners) > 1 and difference:
        title = f"The forecast difference of {exact(difference)} under each kind of rule, £"
        others = [(rule, found.amount, found.totals) for rule, found in study.alternatives.items()]
        made.append(_shares(study, "rules", title, others))
    return made


def figure(study: Study) -> Figure | None:
    """Draw how the difference comes about and who bears it, step by step, down to what is left."""
    if study.shared is None or not study.difference:
        return None
    lines = study.bases["forecast"].lines
    beside = lines["part"].isin(["adjustments", "staff"])
    start = int(lines.loc[~beside, "difference"].sum())
    steps = [
        (words.capital(str(part)), int(rows["difference"].sum()))
        for part, rows in lines[beside].groupby("part", sort=False)
    ]
    before, several = len(steps), len(study.shared.steps) > 1
    for step, parts in study.shared.steps:
        steps += [
            (f"{name}, {step}" if several else name, -part)
            for name, part in parts.items()
            if part and name != CARRIED
        ]
    sheet = charts.bridge(
        [name for name, _ in steps],
        [amount / 100 for _, amount in steps],
        start=("Care packages, net", start / 100),
        end="Carried forward",
        write=amount_label,
        payers=len(steps) - before,
    )
    left = start + sum(amount for _, amount in steps)
    rows = [("Care packages, net", start), *steps, ("Carried forward", left)]
    frame = pd.DataFrame(rows, columns=["step", "amount"]).assign(amount=lambda f: f["amount"] / 100)
    side = "over" if study.difference > 0 else "under"
    whole = roughly(abs(study.difference))
    title = f"Who bears the {whole} {side} budget: {bearers(study.shared.totals, roughly)}"
    return Figure(
        "sharing",
        title,
        f"How the forecast difference of {study.year.label} comes about and who bears it, {study.place}",
        "A waterfall from the difference of care packages through adjustments and staff, then each "
        f"partner's part taken off, to {exact(left)} left. {title}.",
        sheet,
        _SHARING.of(frame, "Steps of the waterfall, £"),
        f"{study.place}, budget monitor, staffing position and agreement",
    )


def section(study: Study) -> Section:
    """Show the rule at work, the liability on every basis and by quarter, and every other rule."""
    if not study.bases:
        return Section.of(NO_BUDGET)
    return Section.of(headlines(study), study.unless_opening(figure(study)), _tables(study))
