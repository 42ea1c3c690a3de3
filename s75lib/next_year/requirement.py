"""What next year costs: from this year's outturn to next year's requirement, in steps that add up."""

from __future__ import annotations

__all__ = ["STEPS", "Bridge", "bridge", "bridge_of_totals", "outturn_and_effects"]

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.ledger import CASE
from s75lib.budget.naming import amount_label, group_name, pounds, pounds_signed
from s75lib.next_year.history import MONEY
from s75lib.next_year.model import Model, Projection
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.next_year.study import Study

STEPS = {
    "prior": "Items of earlier years out",
    "one_off": "One-off items out",
    "started": "Started in the year, in full",
    "ended": "Ended in the year or known to end",
    "changed": "Terms changed in the year, in full",
    "days": "Days in the year",
    "price": "Prices",
    "charges": "Clients' charges",
    "starters": "New starters",
    "leavers": "Leavers",
    "known": "Known moves",
    "savings": "Savings",
}
"""The steps of the bridge, in order."""
_TO_OPEN_NOW = ("prior", "one_off", "started", "ended", "changed", "days")
_IN_CHART = {
    "prior": "Earlier years",
    "one_off": "One-off",
    **dict.fromkeys(("started", "ended", "changed", "days"), "Full-year effect"),
    "charges": "Clients pay",
    "starters": "Starters",
    "known": "Known moves",
}
NAMES = [*MONEY, "net"]
_OF_YEAR = ["started", "ended", "changed", "days"]
_FEW = "Changes in the year, in full, of few cases"


@dataclass(frozen=True, eq=False)
class Bridge:
    """Outturn of this year, requirement of the next, and the steps between.

    - `steps`: ``step`` (``outturn``, those of `STEPS`, ``requirement``), ``service_group``, and ``gross``,
      ``health``, ``client`` and ``net`` of each, £, with the ``cases`` of the ledger that a change in the
      year is of. Blank group: all.
    - `outturn`, `requirement`: Net, £.
    """

    steps: pd.DataFrame
    outturn: float
    requirement: float

    @property
    def open_now(self) -> float:
        """What the packages open now cost next year at today's prices, net, £."""
        return float(self.whole["net"][["outturn", *_TO_OPEN_NOW]].sum())

    @property
    def whole(self) -> pd.DataFrame:
        """The steps of all services together, by their name."""
        return self.steps[self.steps["service_group"] == ""].set_index("step")


def outturn_and_effects(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the latest snapshot's outturn apart: earlier years' items, and the full-year effect by cause.

    A case with lines that began and lines that ended in the year has changed terms. Items of earlier years
    cost their own weeks.

    Returns
    -------
    DataFrame
        ``step`` (``outturn``, ``prior``, ``started``, ``ended``, ``changed``, ``days``), ``service_group``,
        amounts, £, and ``cases``. The effects add up to `s75lib.budget.outturn.run_rate`'s.

    Examples
    --------
    >>> ledger = held.deep_dive
    >>> found = outturn_and_effects(ledger.sides["after"]).groupby("step")["net"].sum()
    >>> round(found.drop(["outturn", "prior"]).sum()) == round(ledger.run_rate.full_year_effect)
    True
    """
    day = rows["snapshot_date"].iloc[0]
    first = pd.Timestamp(day.year - (day.month < 4), 4, 1)
    last, begins = first + pd.DateOffset(years=1, days=-1), first + pd.DateOffset(years=1)
    ends = first + pd.DateOffset(years=2, days=-1)
    until = rows["end_date"].fillna(ends)
    until = until.where(until < ends, ends)
    runs = (rows["weeks"] > 0) & ~rows["prior"]
    next_weeks = (((until - begins).dt.days + 1).clip(lower=0) / 7).where(runs, 0.0)
    own = (((rows["end_date"].fillna(day) - rows["start_date"]).dt.days + 1) / 7).where(rows["prior"], 0.0)
    began, ended = runs & (rows["start_date"] > first), runs & (until < ends)
    of_case = pd.DataFrame({"began": began, "over": runs & (until <= last), "stays": runs & (until > last)})
    changed = of_case.groupby([rows[name] for name in CASE]).transform("any").all(axis=1) & (began | ended)
    cause = np.select([changed, began & ~ended, ended], ["changed", "started", "ended"], "days")
    weeks = {"outturn": rows["weeks"] + own, "prior": -own}
    parts = [_amounts(rows, by, pd.Series(step, index=rows.index)) for step, by in weeks.items()]
    parts.append(_amounts(rows, next_weeks - rows["weeks"], pd.Series(cause, index=rows.index)))
    return pd.concat(parts, ignore_index=True)


def _amounts(rows: pd.DataFrame, weeks: pd.Series, step: pd.Series) -> pd.DataFrame:
    money = pd.DataFrame({name: rows[name] * weeks for name in NAMES})
    keys = [step.rename("step"), rows["service_group"]]
    case = rows.groupby(CASE).ngroup().where(money.ne(0).any(axis=1))
    sums = money.groupby(keys, sort=False).sum()
    return sums.assign(cases=case.groupby(keys, sort=False).nunique()).reset_index()


def bridge(
    rows: pd.DataFrame,
    made: Model,
    central: Projection,
    groups: list[str],
    *,
    one_off: float = 0.0,
    known: pd.DataFrame | None = None,
    savings: pd.DataFrame | None = None,
) -> Bridge:
    """Bridge this year's outturn to next year's requirement.

    The steps add up to the change, for all services and for each group.

    Examples
    --------
    >>> rows = held.deep_dive.lines
    >>> rows = rows[rows["snapshot_date"] == held.deep_dive.day]
    >>> found = bridge(rows, held.model, held.central, ["All"])
    >>> steps = found.whole["net"].drop(["outturn", "requirement"])
    >>> bool(np.isclose(found.outturn + steps.sum(), found.requirement))
    True
    """
    parts = [outturn_and_effects(rows)]
    if one_off:
        sides = pd.DataFrame({"step": ["outturn", "one_off"], "gross": [one_off, -one_off]})
        parts.append(sides.assign(service_group="", net=sides["gross"]))
    price = central.price[0, 0]
    charged = price * [0, 0, 1]
    flows = {"price": price - charged, "charges": charged}
    flows |= {"starters": central.starters[0, 0], "leavers": central.leavers[0, 0]}
    for step, money in flows.items():
        frame = pd.DataFrame(money, columns=list(MONEY)).assign(step=step, service_group=groups)
        parts.append(frame.assign(net=frame["gross"] - frame["health"] - frame["client"]))
    if known is not None and len(known):
        added = known[known["added"]].assign(step="known")
        parts.append(added[["step", "service_group", *NAMES]])
    if savings is not None and len(savings):
        worth = -(savings["planned_1"] * savings["confidence"] * savings["added"])
        parts.append(savings[["service_group"]].assign(step="savings", gross=worth, net=worth))
    every = pd.concat(parts, ignore_index=True)
    every = pd.concat([every.assign(group=every["service_group"]), every.assign(group="*")])
    sums = every.groupby(["group", "step"])[[*NAMES, "cases"]].sum()
    order = ["outturn", *STEPS, "requirement"]
    # What belongs to no group of the ledger is in the total alone.
    shown = ["*", *(name for name in groups if name)]
    sums = sums.reindex(pd.MultiIndex.from_product([shown, order], names=["group", "step"]), fill_value=0.0)
    found = sums.reset_index()
    every_step = sums[NAMES].groupby("group", sort=False).sum().to_numpy()
    found.loc[found["step"] == "requirement", NAMES] = every_step
    found = found.rename(columns={"group": "service_group"}).replace({"service_group": {"*": ""}})
    whole = found[found["service_group"] == ""].set_index("step")["net"]
    return Bridge(found, float(whole["outturn"]), float(whole["requirement"]))


def one_off_items(budget: pd.DataFrame) -> float:
    """Add up the forecast of the latest monitor's adjustments that are of no earlier year, £.

    Items of earlier years are the ledger's own.
    """
    latest = budget[budget["as_at"] == budget["as_at"].max()]
    old = latest["line"].str.contains("prior|previous|earlier", case=False)
    return float(latest.loc[(latest["kind"] == "adjustment") & ~old, "forecast"].sum())


def bridge_of_totals(budget: pd.DataFrame, uplifts: pd.DataFrame, next_label: str) -> pd.DataFrame:
    """Make the bridge that totals allow: forecast, adjustments out, price rise of each line that has one.

    Returns
    -------
    DataFrame
        ``step`` (``outturn``, ``one_off``, ``price``, ``requirement``; a step of nothing is left out) and
        ``net``, £.

    Examples
    --------
    >>> data = load("cambridgeshire", "2019/20")
    >>> found = bridge_of_totals(data.budget, data.uplifts, "2020/21").set_index("step")["net"]
    >>> list(found.index), round(found["requirement"] - found["outturn"] - found["one_off"])
    (['outturn', 'one_off', 'requirement'], 0)
    """
    rows = budget[budget["as_at"] == budget["as_at"].max()]
    amount = rows["forecast"].fillna(rows["commitment"])
    adjusts = rows["kind"] == "adjustment"
    own = uplifts[(uplifts["financial_year"] == next_label) & uplifts["above_weekly"].isna()]
    own = own[(own["provider"] == "") & (own["service_group"] == "")]
    prices = (
        own[own["basis"] != "client_income"].drop_duplicates("care_type").set_index("care_type")["central"]
    )
    charges = own.loc[own["basis"] == "client_income", "central"].sum()
    percent = rows["line"].map(prices).fillna(prices.get("", 0.0)).where(rows["kind"] == "expenditure", 0.0)
    percent = percent.mask(rows["kind"] == "client_income", charges)
    steps = {
        "outturn": amount.sum(),
        "one_off": -amount[adjusts].sum(),
        "price": (amount * percent / 100)[~adjusts].sum(),
    }
    steps = {step: net for step, net in steps.items() if step == "outturn" or net}
    steps["requirement"] = sum(steps.values())
    return pd.DataFrame({"step": list(steps), "net": [float(value) for value in steps.values()]})


def shown_steps(found: Bridge, fold_known: bool, fewest: int) -> pd.DataFrame:
    """Give the steps of all services that are not nought, those of few people within others."""
    steps, cases = found.whole[NAMES].copy(), found.whole["cases"][_OF_YEAR]
    ordered = cases[cases > 0].sort_values()
    # What they come to together is the deep dive's full-year effect: so two at least, of enough cases.
    few = int((ordered < fewest).sum())
    if 0 < found.whole["cases"]["prior"] < fewest:  # the deep dive's commitment is without them
        steps.loc["outturn"] += steps.loc["prior"]
        steps.loc["prior"] = 0.0
    if few:
        few = max(few, 2, int((ordered.cumsum() < fewest).sum()) + 1)
        first, *others = ordered.index[:few]
        steps.loc[first] += steps.loc[others].sum()
        steps.loc[others] = 0.0
    if fold_known:
        steps.loc["starters"] += steps.loc["known"]
        steps.loc["known"] = 0.0
    names = {"outturn": "Forecast outturn", "requirement": "Requirement"} | STEPS
    names |= {first: _FEW} if few else {}
    names["starters"] = "New starters and known moves" if fold_known else STEPS["starters"]
    steps = steps[(steps.abs() >= 0.005).any(axis=1) | steps.index.isin(["outturn", "requirement"])]
    return steps.assign(name=[names[step] for step in steps.index]).reset_index()


def headlines(study: Study) -> Iterator[Headline]:
    """Say what next year costs and which step moves it most; without a ledger, what totals allow."""
    if study.bridge is None:
        if not study.totals.empty:
            yield _of_totals(study)
            text = "What would balance next year can't be told without a package ledger."
            yield Headline("next_year.balance", text, figure="Not held", stake="certainty")
        return
    found, steps = study.bridge, study.steps[1:-1]
    change, known = found.requirement - study.outturn, study.model.counts is not None
    rest = [_in_sentence(name) for name in steps.loc[~steps["step"].isin(_TO_OPEN_NOW), "name"]]
    more = found.requirement - found.open_now
    sign = "plus" if more >= 0 else "less"
    beside = f", {sign} {pounds(more)} for {words.join(rest)}" if rest else ""
    against = (
        f"{pounds(change)} {'more' if change > 0 else 'less'} than" if abs(change) >= 0.5 else "as much as"
    )
    yield Headline(
        "next_year.requirement",
        f"{'Packages' if known else 'Without starters and leavers, packages'} cost "
        f"{pounds(found.requirement)} net in {study.next_year}: {pounds(found.open_now)} for those open now"
        f"{beside}. That is {against} this year's forecast outturn of "
        f"{pounds(study.outturn)}.{_interval(study) if known else ''} The budget deep dive gives the "
        f"{pounds(found.open_now)} as well."
        f"{'' if known else ' Too few months are held to tell who starts and leaves.'}",
        found.requirement,
        "£",
        float(study.outlook.table["lower_80"].iloc[0]) if study.outlook and known else None,
        float(study.outlook.table["upper_80"].iloc[0]) if study.outlook and known else None,
        "outturn, full-year effect, prices, starters and leavers, known moves, savings",
        ("next_year_bridge", "next_year_steps"),
        "money",
        ("next_year_bridge", "Requirement", "net"),
    )
    if len(steps):
        top = steps.iloc[int(np.argmax(steps["net"].abs()))]
        yield Headline(
            "next_year.driver",
            f"The largest step is {_in_sentence(top['name'])} ({pounds_signed(float(top['net']))}).",
            float(top["net"]),
            "£",
            cell=("next_year_steps", str(top["name"]), "net"),
        )


def _interval(study: Study) -> str:
    if not study.outlook:
        return ""
    low, high = study.outlook.table[["lower_80", "upper_80"]].iloc[0]
    return f" The 80% interval is {pounds(low)} to {pounds(high)}."


def _in_sentence(name: str) -> str:
    return name[:1].lower() + name[1:]


def _of_totals(study: Study) -> Headline:
    net, pace = study.totals.set_index("step")["net"], study.deep_dive.pace
    tied = f" {study.deep_dive.year_end}{study.deep_dive.adjusted_by}" if study.deep_dive.year_end else ""
    past = f" At its past pace alone, this year would end at {pounds(pace.projected)}." if pace else ""
    rises = f" and {pounds(net['price'])} for price rises" if "price" in net.index else ""
    return Headline(
        "next_year.totals",
        f"{study.next_year} starts at {pounds(net['requirement'])}, what the budget monitor forecasts for "
        f"this year's care packages{rises}: a start, not a forecast. {_uncounted(study)}{tied}{past}",
        float(net["requirement"]),
        "£",
        method="forecast, less adjustments, plus the uplift of each line",
        see=("next_year_totals",),
        stake="money",
        cell=("next_year_totals", _TOTAL_NAMES["requirement"], "net"),
    )


def _uncounted(study: Study) -> str:
    rises = "" if "price" in set(study.totals["step"]) else "price rises, "
    return f"It does not count {rises}new starters, the full-year cost of packages or leavers."


def checks(study: Study) -> Iterator[Check]:
    """Check that the steps add up, and that the full-year effect is the deep dive's."""
    if study.bridge is None:
        return
    whole = study.bridge.whole["net"]
    off = abs(whole.drop("requirement").sum() - study.independent_requirement)
    effect = whole[["started", "ended", "changed", "days"]].sum()
    rate = study.deep_dive.run_rate
    same = rate is not None and abs(effect - rate.full_year_effect) < 0.01
    yield Check(
        "next_year.adds_up",
        bool(off < 0.01),
        "Outturn and steps add up to the years' model, to the penny.",
    )
    yield Check("next_year.full_year", bool(same), "The full-year effect is that of the budget deep dive.")


_STEP_COLUMNS = (
    Column("name", "Step"),
    *(
        Column(n, label, "money", unit="£")
        for n, label in zip(NAMES, ("Gross", "NHS", "Clients", "Net"), strict=True)
    ),
)
_STEP_TABLE = table_of(
    "next_year_steps",
    *_STEP_COLUMNS,
    notes=(
        "Days are counted with both ends: 365 or 366, that is 52 and one or two sevenths weeks. Net is gross "
        "less what the NHS and clients pay. The NHS bears today's share of each package, of new prices too.",
    ),
)
_BRIDGE_DATA = table_of(
    "next_year_bridge.data",
    Column("name", "Step"),
    Column("net", "Net, £", "change", unit="£"),
)
_GROUPS = table_of(
    "next_year_groups",
    Column("group", "Service group"),
    *(
        Column(name, label, "money", unit="£")
        for name, label in (
            ("outturn", "Forecast outturn"),
            ("out", "One-off and earlier years"),
            ("full_year", "Full-year effect"),
            ("prices", "Prices and charges"),
            ("demand", "Starters, leavers, known moves"),
            ("savings", "Savings"),
            ("requirement", "Requirement"),
        )
    ),
    totals=1,
)
_TOTAL_NAMES = {
    "outturn": "This year's forecast, with adjustments",
    "one_off": "This year's adjustments, as forecast, left out",
    "price": "Price rises",
    "requirement": "Start of next year",
}
_TOTALS = table_of("next_year_totals", Column("name", "Step"), Column("net", "Net, £", "money", unit="£"))
NO_LEDGER = Missing.of(
    "Without a package ledger the full-year effect, demand and mix of next year can't be worked out.",
    "packages",
    (
        "snapshot_date",
        "person_key",
        "package_key",
        "care_type",
        "start_date",
        "end_date",
        "weekly_gross",
    ),
    "full-year effect, starters and leavers, intervals, levers",
)
NOTHING_HERE = Missing("No package ledger is held, so nothing can be said here.")


def figure(study: Study, found: Bridge) -> Figure:
    """Draw the bridge from the outturn to the requirement."""
    named = study.steps[1:-1]
    short = named["step"].map(_IN_CHART).fillna(named["name"])
    rows = named.groupby(short, sort=False)["net"].sum().rename_axis("name").reset_index()
    sheet = charts.bridge(
        list(rows["name"]),
        list(rows["net"]),
        start=(study.labels[0], study.outturn),
        end=study.next_year,
        write=amount_label,
    )
    change = found.requirement - study.outturn
    word = "more" if change >= 0 else "less"
    parts = [
        f"{name} {amount_label(value, True)}" for name, value in zip(rows["name"], rows["net"], strict=True)
    ]
    return Figure(
        "next_year_bridge",
        f"Next year costs {pounds(found.requirement)}, {pounds(change)} {word} than this year's forecast",
        f"Net cost of care packages, {study.place}, {study.labels[0]} to {study.next_year}",
        f"Bridge from {pounds(study.outturn)} to {pounds(found.requirement)}: {words.join(parts)}.",
        sheet,
        _BRIDGE_DATA.of(study.steps, "Steps of the bridge, £"),
        f"{study.place}, package ledger",
    )


def _named(totals: pd.DataFrame) -> pd.DataFrame:
    return totals.assign(name=totals["step"].map(_TOTAL_NAMES))


def _group_table(found: Bridge, fewest: int) -> Table:
    """Set out outturn, steps and requirement by service group, where no step of a group is of few cases."""
    wide = found.steps.set_index(["service_group", "step"])["net"].unstack()  # noqa: PD010
    sums = {
        "out": ["prior", "one_off"],
        "full_year": ["started", "ended", "changed", "days"],
        "prices": ["price", "charges"],
        "demand": ["starters", "leavers", "known"],
    }
    cases = found.steps.set_index(["service_group", "step"])["cases"].unstack()  # noqa: PD010
    columns, notes = _GROUPS.columns, []
    if _is_few(cases["prior"], fewest):
        wide["outturn"], wide["prior"] = wide["outturn"] + wide["prior"], 0.0
        notes.append("The outturn is without items of earlier years, which are of few cases.")
    if _is_few(cases[_OF_YEAR].sum(axis=1), fewest):
        sums["prices"] += sums.pop("full_year")
        columns = tuple(column for column in columns if column.name != "full_year")
        notes.append("Prices and charges hold the full-year effect, which is of few cases.")
    rows = wide.assign(**{name: wide[parts].sum(axis=1) for name, parts in sums.items()})
    named = rows[rows.index != ""].reset_index()
    rest = rows.loc[[""]] - named.drop(columns="service_group").sum()
    apart = len(named) and (rest.abs() >= 0.5).any(axis=None)
    extra = rest.assign(group="Of no one group")[: int(apart)]
    total = rows.loc[[""]].assign(group="All services")
    shown = pd.concat([named.assign(group=named["service_group"].map(group_name)), extra, total])
    title = "Next year's requirement by service group, £"
    return replace(_GROUPS, columns=columns).of(shown, title, notes=notes)


def _is_few(cases: pd.Series, fewest: int) -> bool:
    return bool(cases.between(1, fewest - 1).any())


def section(study: Study) -> Section:
    """Show the bridge to next year's requirement; without a ledger, of totals alone."""
    found = study.bridge
    if found is None:
        if study.data.budget.empty:
            return Section.of(NO_LEDGER)
        last = len(study.totals) - 1
        table = _TOTALS.of(_named(study.totals), f"Bridge of totals to {study.next_year}", strong=(last,))
        return Section.of(headlines(study), table, NO_LEDGER)
    trend = study.outlook.trend if study.outlook else None
    note = ""
    if trend is not None:
        note = "If the NHS's share goes on as over the last twelve months, next year costs "
        note += f"{pounds(trend)} {'more' if trend >= 0 else 'less'} net."
    title = f"From the outturn of {study.labels[0]} to the requirement of {study.next_year}, £"
    steps_table = _STEP_TABLE.of(study.steps, title, notes=(note,), strong=(0, len(study.steps) - 1))
    drawn = study.unless_opening(figure(study, found))
    return Section.of(headlines(study), drawn, steps_table, _group_table(found, study.fewest("packages")))
