"""The memorandum account: what the partners pay in, what is spent, and what is left at the end."""

from __future__ import annotations

__all__ = ["due", "expenditure", "statements"]

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.account.naming import exact, roughly
from s75lib.budget.naming import BUDGETS
from s75lib.loaders import Period
from s75lib.loaders.examples import example
from s75lib.loaders.partnership import CARRIED, POOL
from s75lib.loaders.schemas import DATASETS
from s75lib.present import Check, Column, Headline, Missing, Section, Table, table_of, words
from s75lib.stats.sharing import pence, split

if TYPE_CHECKING:
    from s75lib.account.study import Study

QUARTERS = ("q1", "q2", "q3", "q4")
_ROW = ["partner", "service_group", "line", "kind"]
_SPENT = ["part", "row", *QUARTERS, "to_come", "year", "budget", "commitment"]


def quarter_ends(year: Period) -> list[pd.Timestamp]:
    """Give the last days of a financial year's quarters."""
    return [pd.Timestamp(Period.quarter(year.start.year, number).end) for number in (1, 2, 3, 4)]


def statements(contributions: pd.DataFrame, year: Period, funding: str | None) -> pd.DataFrame:
    """Set what each partner had paid against what was agreed and due, line by line at every statement.

    A recharge pays for what another partner did, so it is never pooled.

    Returns
    -------
    DataFrame
        ``as_at``, ``partner``, ``service_group``, ``line``, ``kind``, ``reference``; in pence ``agreed``,
        ``due``, ``paid`` and ``short`` (due less paid, nought at least; all three missing where nothing is
        said to be paid); ``held`` (pooled, aligned or recharged), ``one_off``, and ``latest``, which marks
        each line's last statement. Earliest first, what has no day before all.

    Examples
    --------
    >>> found = statements(load("exampleshire").contributions, Period.parse("2025/26"), "pooled")
    >>> int(found.loc[found["latest"], "agreed"].sum()) / 100, int((found["short"] > 0).sum())
    (17780410.0, 2)
    """
    rows = contributions[contributions["financial_year"] == year.label]
    rows = rows.sort_values("as_at", na_position="first", kind="stable", ignore_index=True)
    told = rows["paid_to_date"].notna() & rows["as_at"].notna()
    agreed = [pence(value) for value in rows["agreed"]]
    paid = [pence(value) if known else None for value, known in zip(rows["paid_to_date"], told, strict=True)]
    owed = [
        due(sum_, year, day) if known else None
        for sum_, day, known in zip(agreed, rows["as_at"], told, strict=True)
    ]
    held = rows["basis"].mask(rows["basis"] == "", funding or "pooled")
    made = rows[["as_at", *_ROW, "reference"]].assign(
        agreed=agreed,
        due=pd.array(owed, "Int64"),
        paid=pd.array(paid, "Int64"),
        held=held.mask(rows["kind"] == "recharge", "recharged"),
        one_off=rows["one_off"].fillna(False).astype(bool),
        latest=~rows.duplicated(_ROW, keep="last"),
    )
    return made.assign(short=(made["due"] - made["paid"]).clip(lower=0))


def due(agreed: int, year: Period, day: pd.Timestamp) -> int:
    """Give what of a year's sum is due by a day, a quarter of it at the end of each quarter.

    Pence; the four quarters add up to the sum.

    Examples
    --------
    >>> due(1_001, Period.parse("2025/26"), pd.Timestamp("2025-12-31"))
    751
    """
    parts = split(agreed, dict.fromkeys(QUARTERS, 1))
    ended = zip(parts.values(), quarter_ends(year), strict=True)
    return sum(part for part, end in ended if end <= day)


def expenditure(budget: pd.DataFrame, staffing: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Give a year's spending and income by line and quarter, from the monitor and the staffing position.

    A quarter is what was spent from the snapshot at the end of the quarter before to the one at its own end;
    where a snapshot is missing the next quarter holds both. What is still to come is the forecast less what
    was spent, so quarters and rest add up to the year. Without ``actual_to_date`` all is still to come. The
    budget of staff is the adjusted one; it has no commitment but the forecast.

    Returns
    -------
    DataFrame
        In pence: ``part`` (client income, other income, care, adjustments or staff), ``row``, ``q1`` to
        ``q4``, ``to_come``, ``year`` (the latest forecast), ``budget``, ``commitment``. Income is below zero
        and stands first.

    Examples
    --------
    >>> data = load("exampleshire")
    >>> found = expenditure(data.budget, data.staffing, data.period)
    >>> int((found["year"] - found["budget"]).sum()) / 100
    549072.0
    """
    part = {"client_income": "client income", "health_income": "other income", "adjustment": "adjustments"}
    money = budget.assign(part=budget["kind"].map(part).fillna("care"), row=budget["line"])
    money = money[money["financial_year"] == year.label]
    staff = staffing.assign(
        part="staff",
        row=staffing["organisation"],
        budget=staffing["adjusted_budget"],
        commitment=staffing["forecast"],
    )
    within = staff["as_at"].between(pd.Timestamp(year.start), pd.Timestamp(year.end))
    blocks = [_by_quarter(rows, year) for rows in (money, staff[within]) if len(rows)]
    if not blocks:
        return pd.DataFrame(columns=_SPENT)
    whole: pd.DataFrame = pd.concat(blocks, ignore_index=True)
    order = ["client income", "other income", "care", "adjustments", "staff"]
    place = whole["part"].map({part: at for at, part in enumerate(order)})
    return whole.iloc[place.argsort(kind="stable")].reset_index(drop=True)[_SPENT]


def _by_quarter(rows: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Cut the lines of one dataset into the quarters of a year."""
    last = rows[rows["as_at"] == rows["as_at"].max()]
    keys = ["part", "row"]
    money = last.groupby(keys, sort=False)[["forecast", "budget", "commitment"]].sum(skipna=False)
    table: pd.DataFrame = money.rename(columns={"forecast": "year"}).map(_pence)
    spent = rows.groupby(["as_at", *keys], sort=False)["actual_to_date"].sum(min_count=1)
    before = pd.Series(0, index=table.index)
    for name, end in zip(QUARTERS, quarter_ends(year), strict=True):
        held = spent.get(end) if end in spent.index.get_level_values(0) else None
        if held is None or held.isna().any():
            table[name] = pd.NA
            continue
        now = held.map(_pence).reindex(table.index).fillna(0)
        table[name], before = now - before, now
    table = table.assign(to_come=table["year"] - before)
    whole: pd.DataFrame = table.astype("Int64").reset_index()
    return whole


def _pence(value: float) -> int | None:
    return None if pd.isna(value) else pence(round(value, 2))


# The account as it is shown


def account(study: Study) -> pd.DataFrame:
    """Set out the account in pence: funds, spending, what is left, who bears it, what is carried forward."""
    spent, columns = study.expenditure, [*QUARTERS, "to_come", "year", "budget"]
    rows: list[dict[str, object]] = []

    def add(name: str, values: Mapping[Any, Any] | pd.Series, strong: bool = False) -> None:
        rows.append({"row": name, "strong": strong} | dict(values))

    def total(parts: pd.DataFrame) -> pd.Series:
        known = parts[columns].notna().any()
        return parts[columns].sum(min_count=1).where(known)

    ended = [name for name in QUARTERS if spent[name].notna().any()]
    brought = study.brought_forward
    add("Brought forward", dict.fromkeys([*ended[:1], "year", "budget"], brought))
    funds = pd.DataFrame([rows[0]], columns=columns)
    paid_in = {f"Contribution: {partner}": agreed for partner, agreed in study.pooled.items()}
    if study.uncovered:
        paid_in["Other funds of the budget" if paid_in else "Funds of the budget"] = study.uncovered
    for source, agreed in paid_in.items():
        parts = split(agreed, dict.fromkeys(QUARTERS, 1))
        known = {quarter: part for quarter, part in parts.items() if quarter in ended}
        rest = agreed - sum(known.values())
        add(source, known | {"to_come": rest, "year": agreed, "budget": agreed})
        funds = pd.concat([funds, pd.DataFrame([rows[-1]], columns=columns)])
    of_income = spent["part"].isin(["client income", "other income"])
    for part, name in (("client income", "Client income"), ("other income", "Other income")):
        if (spent["part"] == part).any():
            add(name, -total(spent[spent["part"] == part]))
    in_all = pd.concat([funds, -spent[of_income][columns]])
    add("Funds in all", total(in_all), True)
    names = {"adjustments": "Adjustment: ", "staff": "Staff of "}
    # Lines of few cases stand together, as the deep dive has them.
    named = spent["row"].replace(study.budget.joint_lines).where(spent["part"] == "care", spent["row"])
    lines = spent[~of_income].assign(row=named).groupby(["part", "row"], sort=False)[columns].sum(min_count=1)
    for line in lines.reset_index().to_dict("records"):
        add(f"{names.get(line['part'], '')}{line['row']}", {name: line[name] for name in columns})
    add("Expenditure in all", total(spent[~of_income]), True)
    net = pd.concat([in_all, -spent[~of_income][columns]])
    add("Surplus, or deficit (−)", total(net), True)
    borne = {n: sum_ for n, sum_ in (study.shared.totals if study.shared else {}).items() if n != CARRIED}
    for bearer, sum_ in borne.items():
        add("Met from the risk pool" if bearer == POOL else f"Borne by {bearer}", {"year": sum_})
    last = "Carried forward" if study.shared else "Not shared: which partner bears it isn't known"
    add(last, {"year": sum(borne.values()) - study.difference}, True)
    frame = pd.DataFrame(rows, columns=["row", "strong", *columns])
    to_date = frame[list(QUARTERS)].sum(axis=1, min_count=1)
    return frame.assign(to_date=to_date, to_come=frame["to_come"].where(frame["to_come"] != 0))


NO_CONTRIBUTIONS = Missing.of(
    "No contributions of the partners are held, so nothing is known of what was agreed, due and paid.",
    "contributions",
    ("financial_year", "partner", "service_group", "line", "kind", "agreed", "paid_to_date", "as_at"),
    "the account of the partnership, and payments against what is due",
)
_REQUEST = table_of(
    "account.request",
    Column("column", "Column of contributions"),
    Column("meaning", "What it holds"),
    Column("who", "Ask"),
    Column("example", "Example row"),
    notes=("One row for each line of the schedule of contributions; a new row for each later statement.",),
)
_ACCOUNT = table_of(
    "account",
    Column("row", "£"),
    *(Column(name, name.upper(), "money", unit="£") for name in QUARTERS),
    Column("to_date", "Quarters so far", "money", unit="£"),
    Column("to_come", "Still to come", "money", unit="£"),
    Column("year", "Year", "money", unit="£"),
    Column("budget", "Budget", "money", unit="£"),
    notes=(
        "A working paper, not the published account. The year is the latest forecast; contributions fall due "
        "a quarter of the sum at a time.",
        "Quarters and what is still to come add up to the year. Spending of a quarter without a snapshot at "
        "its end stands in the next one.",
    ),
)
_CONTRIBUTIONS = table_of(
    "contributions",
    Column("as_at", "Statement", "date"),
    Column("partner", "Partner"),
    Column("what", "For"),
    Column("kind", "Kind"),
    Column("held", "Money"),
    Column("agreed", "Agreed for the year", "money", unit="£"),
    Column("due", "Due", "money", unit="£"),
    Column("paid", "Paid", "money", unit="£"),
    Column("short", "Short", "money", unit="£"),
    notes=("Aligned money and recharges stay with the organisation that holds them: no share arises.",),
)


def _in_pounds(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    made = {name: pd.to_numeric(frame[name]).astype("Float64") / 100 for name in names}
    return frame.assign(**made)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    what = (frame["line"] + ", " + frame["service_group"]).str.removesuffix(", ")
    kind = frame["kind"].str.replace("_", " ") + frame["one_off"].map({True: ", this year alone", False: ""})
    return frame.assign(what=what, kind=kind)


def _account_table(study: Study) -> Table | Missing:
    if study.expenditure.empty:
        return Missing.of(
            f"No budget or staffing position of {study.year.label} is held, so no account can be drawn up.",
            "budget",
            DATASETS["budget"].required,
            "expenditure and income by line",
        )
    frame = _in_pounds(account(study), *QUARTERS, "to_date", "to_come", "year", "budget")
    idle = [name for name in (*QUARTERS, "to_come") if frame[name].isna().all()]
    if {"to_come", QUARTERS[0]} & set(idle):  # the year is over, or nothing of it is known by quarter
        idle.append("to_date")
    if set(QUARTERS) <= set(idle):
        idle.append("to_come")
    kept = tuple(column for column in _ACCOUNT.columns if column.name not in idle)
    days = [
        f"{name} of {words.day(held['as_at'].max())}"
        for name, held in (("monitor", study.data.budget), ("staffing position", study.data.staffing))
        if len(held)
    ]
    coarse = "; the monitor is printed in whole thousands" if study.budget.rounded >= 1000 else ""
    return replace(_ACCOUNT, columns=kept).of(
        frame,
        f"The account for {study.year.label}, {study.place}, £",
        notes=(f"From the {words.join(days)}{coarse}.",),
        strong=frame.index[frame["strong"]].tolist(),
    )


def _contributions_table(study: Study) -> Table | None:
    """Show each line's latest statement, and of earlier ones what was short."""
    rows = study.statements
    if rows.empty:
        return None
    shown = rows[rows["latest"] | (rows["short"] > 0).fillna(False)]
    frame = _named(_in_pounds(shown, "agreed", "due", "paid", "short"))
    title = (
        f"Contributions agreed, due and paid, {study.year.label}: the latest statements, and what was late, £"
    )
    source = () if (frame["reference"] == "").all() else (Column("reference", "Source"),)
    return replace(_CONTRIBUTIONS, columns=(*_CONTRIBUTIONS.columns, *source)).of(frame, title)


_COMPARED = table_of(
    "contributions.compared",
    Column("partner", "Partner"),
    Column("held", "Money"),
    Column("agreed_before", "{before}", "money", unit="£"),
    Column("agreed", "{year}", "money", unit="£"),
    Column("change", "Change", "change", unit="£"),
    notes=("The latest statement of each line, one-off contributions included.",),
)


def _compared_table(study: Study) -> Table | None:
    """Set what each partner agreed for the year beside another year's, where that was asked for."""
    year = study.compared_year
    if year is None or (before := study.stated(year)).empty:
        return None
    sums = [
        rows[rows["latest"]].groupby(["partner", "held"], sort=False)["agreed"].sum()
        for rows in (study.statements, before)
    ]
    both = pd.concat(sums, axis=1, keys=["agreed", "agreed_before"]).fillna(0).astype("int64")
    frame = _in_pounds(both.assign(change=both["agreed"] - both["agreed_before"]), *both, "change")
    heads = {"before": year.label, "year": study.year.label}
    columns = tuple(replace(c, label=c.label.format(**heads)) for c in _COMPARED.columns)
    title = f"Contributions agreed, {year.label} and {study.year.label}, £"
    return replace(_COMPARED, columns=columns).of(frame.reset_index(), title)


_YEARS = table_of(
    "contributions.years",
    Column("partner", "Partner"),
    Column("kind", "Kind"),
    Column("held", "Money"),
    notes=("The latest statement of each line, one-off contributions included. “–”: none is held.",),
)


def _years_table(study: Study) -> Table | None:
    """Set out what each partner agreed for every year held, so that a grant that tapers is seen."""
    years = sorted(set(study.data.contributions["financial_year"]))
    if len(years) < 2:
        return None
    stated = [study.stated(Period.parse(year)) for year in years]
    sums = [rows[rows["latest"]].groupby(["partner", "kind", "held"])["agreed"].sum() for rows in stated]
    frame = (pd.concat(sums, axis=1, keys=years).astype("Float64") / 100).reset_index()
    frame["kind"] = frame["kind"].str.replace("_", " ")
    columns = (*_YEARS.columns, *(Column(year, year, "money", unit="£") for year in years))
    return replace(_YEARS, columns=columns).of(frame, f"Contributions agreed, year by year, {study.place}, £")


def request(study: Study) -> Table:
    """Ask for contributions: which columns, from whom, with an example row."""
    dataset = DATASETS["contributions"]
    ask = {
        "agreed": "finance lead of each partner, from the schedule of contributions",
        "paid_to_date": "finance lead of the partner who holds the pool",
        "as_at": "finance lead of the partner who holds the pool",
        "basis": "whoever keeps the agreement",
    }
    names = study.data.authority.partner_names
    rows = [
        {
            "column": column.name + (" *" if column.required else ""),
            "meaning": column.meaning,
            "who": ask.get(column.name, "whoever keeps the agreement and its schedules"),
            "example": names[0] if column.name == "partner" and names else example(dataset, column),
        }
        for column in dataset.columns
    ]
    note = "* needed in every row."
    return _REQUEST.of(pd.DataFrame(rows), "What to ask for, and of whom", notes=(note,))


def headlines(study: Study) -> Iterator[Headline]:
    """Say what the pool is, and what was paid of what is due."""
    pooled = study.pooled
    if pooled:
        whole = sum(pooled.values())
        parts = [
            f"{name} {roughly(sum_)} ({words.percent(100 * sum_ / whole)})" for name, sum_ in pooled.items()
        ]
        what = "in all" if study.uncovered else f"for the {BUDGETS['whole']}, staff included"
        rule = _unlike_contributions(study)
        yield Headline(
            "account.pool",
            f"For {study.year.label} the partners agreed {roughly(whole)} {what}: {words.join(parts)}.{rule}",
            whole / 100,
            "£",
            method="sum of the contributions agreed, pooled ones alone",
            see=("account",),
            cell=("account", "", "year"),
            stake="money",
        )
    elif study.funding_words and study.data.authority.agreement.funding and not study.bases:
        how = study.data.authority.agreement.funding.capitalize()
        yield Headline("account.funding", study.funding_words, stake="money", figure=how)
    elif study.bases and not study.data.has("contributions"):
        parts_of = study.expenditure.groupby("part")["budget"].sum()
        whole, staff = int(parts_of.sum()), int(parts_of.get("staff", 0))
        text = f"No file gives what each partner pays in, so who pays the {BUDGETS['whole']} of "
        text += f"{roughly(whole)} can't be said."
        if 0 < staff < whole:
            care = BUDGETS["adjusted" if "adjustments" in parts_of else "net"]
            text += f" It is the {care} of {roughly(whole - staff)} and the {BUDGETS['staff']} of "
            text += f"{roughly(staff)}."
        yield Headline(
            "account.contributions",
            text,
            whole / 100,
            "£",
            stake="money",
            figure="Not held",
            see=("account",),
            cell=("account", "", "budget"),
        )
    told = study.statements[study.statements["paid"].notna()]
    for day, rows in told.groupby("as_at"):
        late = rows[rows["short"] > 0]
        if late.empty and day != told["as_at"].max():
            continue
        owed, paid, short = (int(rows[name].sum()) for name in ("due", "paid", "short"))
        who = [
            f"{roughly(int(row['short']))} from {row['partner']} ({row['what']})"
            for row in _named(late).to_dict("records")
        ]
        by = f"By {words.day(pd.Timestamp(str(day)))}, "
        text = f"{by}{roughly(paid)} had been paid of {roughly(owed)} due."
        if who:
            text = f"{by}{roughly(short)} of {roughly(owed)} due had not been paid. Late: {words.join(who)}."
        yield Headline(
            f"account.paid.{pd.Timestamp(str(day)):%Y-%m-%d}",
            text,
            short / 100,
            "£",
            method="due by whole quarters, less paid",
            see=("contributions",),
            cell=("contributions", f"{pd.Timestamp(str(day)):%Y-%m-%d}", "short"),
            stake="money" if short and day == told["as_at"].max() else "context",
        )


def _unlike_contributions(study: Study) -> str:
    """Say that a difference is shared otherwise than the partners pay in, where it is."""
    if study.shared is None or not study.difference:
        return ""
    whole = sum(study.pooled.values())
    pairs = [
        (100 * study.shared.totals.get(name, 0) / study.difference, 100 * agreed / whole)
        for name, agreed in study.pooled.items()
    ]
    if max(abs(borne - paid) for borne, paid in pairs) < 1:
        return ""
    borne = [words.percent(part, 0) for part, _ in pairs]
    named = [f"{name} {part}" for name, part in zip(study.pooled, borne, strict=True)]
    shares = words.join(named) if len(pairs) > 2 else " to ".join(borne)
    return f" They share a difference by the agreement's rule, {shares}, and not as they pay in."


def checks(study: Study) -> Iterator[Check]:
    """Check that quarters add up to the year, and that contributions meet the budget."""
    spent = study.expenditure
    if spent.empty:
        return
    columns = [*QUARTERS, "to_come"]
    gap = int((spent[columns].sum(axis=1, min_count=1) - spent["year"]).abs().sum())
    yield Check(
        "account.quarters",
        gap == 0,
        "Each line's quarters and what is still to come add up to its year, to the penny.",
    )
    if study.pooled:
        yield Check(
            "account.funded",
            study.uncovered == 0,
            "Contributions and what was brought forward meet the budget; what they leave open is "
            f"{exact(study.uncovered)}.",
        )


def section(study: Study) -> Section:
    """Show the account, and contributions against what was due."""
    gap: list[object] = [] if study.data.has("contributions") else [NO_CONTRIBUTIONS, request(study)]
    return Section.of(
        headlines(study),
        _account_table(study),
        _compared_table(study),
        _contributions_table(study),
        _years_table(study),
        gap,
    )
