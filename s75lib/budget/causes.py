"""Why the net cost moved: volume, mix, weeks, intensity, price and social care's share, exactly."""

from __future__ import annotations

__all__ = ["FACTORS", "Causes", "causes", "reversals"]

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from s75lib.budget.ledger import NEEDS
from s75lib.budget.naming import (
    bar_label,
    bars,
    group_name,
    in_sentence,
    largest,
    pounds_signed,
    room_for_labels,
    rose_fell_by,
)
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.stats.decomposition import aggregation_reversal, decompose

if TYPE_CHECKING:
    from s75lib.budget.study import Study

FACTORS = {
    "cases": "Number of cases",
    "mix": "Mix of care types and teams",
    "weeks": "Weeks of care in the year",
    "intensity": "Units of care a week",
    "price": "Price of a unit",
    "share": "Share paid by social care",
}
"""The factors of a net commitment, in the order in which they are shown."""

_CELL = ["care_type", "team"]
_IN_SENTENCE = {
    "cases": "the number of cases",
    "mix": "the mix of care types and teams",
    "weeks": "weeks of care in the year",
    "intensity": "units of care a week",
    "price": "prices",
    "share": "the share paid by social care",
}
_ON_AXIS = FACTORS | {"mix": "Mix", "intensity": "Units a week", "share": "Social care's share"}


@dataclass(frozen=True)
class Causes:
    """A change in net commitment (£ a year or a week, items of earlier years left out) and its causes.

    - `effects`: ``service_group``, ``factor``, ``effect``; a group's effects add up to its change.
    - `cells`: ``service_group``, ``care_type``, ``team``, ``factor``, ``effect``: cases (number and mix
      together), weeks, intensity, price and share of each cell; they add up to the change as well.
    - `groups`: ``service_group``, ``before``, ``after``, ``change``, ``cases_before``, ``cases_after``.
    - `prior_year`: Change in items of earlier years: beside the change, not in it.
    - `priced_as_one`: Lines without usable units, taken as one placement a week.
    - `sides`: Care types and teams of each service group on the two days, with their factors.
    """

    effects: pd.DataFrame
    cells: pd.DataFrame
    groups: pd.DataFrame
    prior_year: float
    priced_as_one: int
    sides: tuple[pd.DataFrame, pd.DataFrame] = field(repr=False)

    @property
    def change(self) -> float:
        """The change of all service groups."""
        return float(self.groups["change"].sum())


def causes(before: pd.DataFrame, after: pd.DataFrame, *, basis: str = "commitment") -> Causes:
    """Split the change in net commitment between two ledger snapshots into its causes.

    Its effects add up to the change exactly.

    Within each service group, net cost is the sum over care types and teams of cases × weeks a case × units a
    week × price of a unit × share paid by social care. A case is a person in a care type: a reference that is
    re-issued at a new price adds no case. Price is gross cost over units, so a price fall within a team may
    be a shift between its providers. The share is net over gross: a contribution of the NHS and one of the
    client both lower it. Each service group is decomposed for itself and the groups add up.

    A new care type or team carries its own price and share, so that its whole cost is an effect of cases and
    mix. Cells without any gross cost carry a share of one; contributions to such cells, which are an error in
    the ledger, stand as a price below zero, so that the effects add up even then.

    Parameters
    ----------
    basis : str
        ``commitment``: the cost for the snapshot's financial year, as known on its day. ``weekly``: the cost
        a week of the packages open on the day, where weeks have no effect.

    Examples
    --------
    >>> found = causes(**held.sides, basis="weekly")
    >>> round(found.change) == round(found.effects["effect"].sum())
    True
    """
    sides = _cells(before, basis), _cells(after, basis)
    groups = sorted({str(group) for side in sides for group in side["service_group"].unique()})
    effects, cells, totals = [], [], []
    for group in groups:
        old, new = (side[side["service_group"] == group] for side in sides)
        factors = ["cases", "weeks", "intensity", "price", "share"]
        result = decompose(old, new, factors, by=_CELL, mix={"mix": _CELL})
        effects.append(result.effects.assign(service_group=group))
        named = result.by_cell["factor"].astype("str").replace("mix", "cases")
        cells.append(result.by_cell.assign(service_group=group, factor=named))
        counted = int(old["cases"].sum()), int(new["cases"].sum())
        totals.append((group, result.before, result.after, result.change, *counted))
    columns = ["service_group", "before", "after", "change", "cases_before", "cases_after"]
    frame = pd.DataFrame(totals, columns=columns)
    return Causes(
        _stacked(effects, ["service_group", "factor"]),
        _stacked(cells, ["service_group", *_CELL, "factor"]),
        frame,
        _prior(after) - _prior(before),
        int(before["priced_as_one"].sum() + after["priced_as_one"].sum()),
        sides,
    )


def reversals(found: Causes) -> pd.DataFrame:
    """Compare the movement of each service group's average cost a week with that of its care types.

    `found` is on the basis ``weekly``.

    Returns
    -------
    DataFrame
        ``service_group`` (blank: all) and the fields of `s75lib.stats.decomposition.AggregationReversal`:
        averages are the gross cost a week of a case (£), their parts the care types.

    Examples
    --------
    >>> reversals(held.causes["weekly"])["service_group"].tolist()
    ['AMH', 'OPMH', '']
    """
    groups = found.groups["service_group"].tolist()
    several = len(groups) > 1
    rows = []
    for group in [*groups, ""] if several else groups:
        chosen = [
            side if group == "" and several else side[side["service_group"] == group] for side in found.sides
        ]
        old, new = (_average(side) for side in chosen)
        moved = aggregation_reversal(old, new, size="cases", price="average", by="care_type")
        rows.append({"service_group": group, **vars(moved)})
    return pd.DataFrame(rows)


def _cells(rows: pd.DataFrame, basis: str) -> pd.DataFrame:
    """Sum one snapshot's lines into cells and give each cell its factors."""
    keys = ["service_group", *_CELL]
    counted = rows["open"] if basis == "weekly" else rows["weeks"] > 0
    rows = rows.loc[counted, [*keys, "person_key", "weeks", "units", "gross", "net"]]
    weeks = 1.0 if basis == "weekly" else rows["weeks"]
    by_cell = rows.assign(
        weeks=weeks,
        unit_weeks=rows["units"] * weeks,
        gross_cost=rows["gross"] * weeks,
        net_cost=rows["net"] * weeks,
    ).groupby(keys)
    cells = by_cell[["weeks", "unit_weeks", "gross_cost", "net_cost"]].sum()
    cells = cells.assign(cases=by_cell["person_key"].nunique()).reset_index()
    # Contributions to what costs nothing gross have no share: they stand as a price below zero.
    free = (cells["gross_cost"] == 0) & (cells["net_cost"] != 0)
    cost = cells["gross_cost"].mask(free, cells["net_cost"])
    run = cells["cases"] if basis == "weekly" else cells["weeks"]
    return cells[keys].assign(
        cases=cells["cases"].astype(float),
        weeks=run / cells["cases"],
        intensity=cells["unit_weeks"] / run,
        price=(cost / cells["unit_weeks"].where(cells["unit_weeks"] > 0)).fillna(0.0),
        share=(cells["net_cost"] / cells["gross_cost"].where(cells["gross_cost"] > 0)).fillna(1.0),
        gross_cost=cells["gross_cost"],
    )


def _average(cells: pd.DataFrame) -> pd.DataFrame:
    sums = cells.groupby("care_type")[["cases", "gross_cost"]].sum().reset_index()
    return sums.assign(average=sums["gross_cost"] / sums["cases"])


def _prior(rows: pd.DataFrame) -> float:
    rows = rows[rows["prior"]]
    weeks = ((rows["end_date"] - rows["start_date"]).dt.days + 1).clip(lower=0).fillna(0) / 7
    return float(np.sum(rows["net"] * weeks))


def _stacked(frames: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    """Put the groups' effects together, summed by their keys, factors in order."""
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*keys, "effect"])
    whole["factor"] = pd.Categorical(whole["factor"].astype("str"), categories=list(FACTORS))
    return whole.groupby(keys, observed=True)["effect"].sum().reset_index()


def headlines(study: Study) -> Iterator[Headline]:
    """Say what drove the net cost between the ledger's two snapshots, by service group."""
    if study.pair is None:
        return
    found = study.causes["weekly"]
    before, after = (float(found.groups[side].sum()) for side in ("before", "after"))
    share = f" ({words.percent(abs(100 * found.change / before))})" if before else ""
    yield Headline(
        "budget.causes",
        f"The weekly net cost of all open packages {rose_fell_by(found.change, tolerance=0.5)}{share} "
        f"between {' and '.join(map(words.day, study.pair))}, by the package ledger.",
        found.change,
        "£ a week",
        method=_METHOD,
        see=("causes.weekly",),
        stake="money",
        cell=("causes.weekly", "Change", "all"),
        course=(before, after),
    )
    effects = found.effects.set_index(["service_group", "factor"])["effect"]
    for group, change in zip(found.groups["service_group"], found.groups["change"], strict=True):
        yield _group(str(group), effects.loc[group], float(change))
    yield from _misleading_averages(study)


_MOST_CAUSES = 3
_METHOD = "Shapley decomposition (Das Gupta 1993) over care types and teams, within each service group"


def _moved(change: float) -> str:
    return rose_fell_by(change, per=" a week", tolerance=0.5)


def _group(code: str, part: pd.Series, change: float) -> Headline:
    """Name the causes that pushed a service group's cost up and down, the largest first."""
    part = part[part.abs() >= max(0.05 * part.abs().sum(), 0.5)]
    up, down = part[part > 0].sort_values(ascending=False), part[part < 0].sort_values()
    clauses = []
    for side, verb in ((up, "pushed it up"), (down, "held it down")):
        named = [f"{_IN_SENTENCE[str(name)]} ({pounds_signed(effect)})" for name, effect in side.items()]
        said = words.join(named[:_MOST_CAUSES])
        clauses += [f" {words.capital(said)} {verb}."] if named else []
    most = str(part.abs().idxmax()) if len(part) else ""
    return Headline(
        f"budget.causes.{code.lower() or 'all'}",
        f"{group_name(code)}: net cost {_moved(change)}.{''.join(clauses)}",
        float(part[most]) if most else 0.0,
        "£ a week",
        method=_METHOD,
        see=("causes.weekly",),
        stake="money",
        cell=("causes.weekly", f"{group_name(code)}, {FACTORS[most]}", "effect") if most else None,
        about=code,
    )


def _misleading_averages(study: Study) -> Iterator[Headline]:
    """Name the service groups whose average cost moved against that of every care type."""
    rows = study.reversals
    rows = rows[rows["reversal"].astype(bool)]
    for code, change in zip(rows["service_group"], rows["change"], strict=True):
        verb, other = ("rose", "fell") if change > 0 else ("fell", "rose")
        yield Headline(
            f"budget.reversal.{code.lower() or 'all'}",
            f"{group_name(code)}: the average cost of a case {verb} although that of every care type "
            f"{other}. People moved between care types.",
            float(change),
            "£ a week",
            method="aggregation reversal (Simpson 1951)",
            see=("averages",),
            cell=("averages", group_name(code), "change"),
            about=code,
        )


def checks(study: Study) -> Iterable[Check]:
    """Audit which counts of the ledger's cases are hidden, over all sections."""
    return study.counts.checks if study.day is not None else ()


_NO_TOTALS = Missing(
    "No package ledger is held. From totals alone, more people and dearer care can't be told apart. So no "
    "statement on which of the two drove a movement can be checked here.",
    NEEDS,
)
_RETURN_ALONE = Missing.of(
    "The ledger was made from the Client Level Data return, which can't tell everything that follows from a "
    "finance system's ledger.",
    "packages",
    ("service_group", "team", "health_weekly", "health_funding_type", "client_weekly", "s117"),
    "joint funding, client contributions and findings by group and team, from the finance system",
)
_LIMITS = table_of("ledger.limits", Column("limit", "What it can't tell"))
_EFFECTS = table_of(
    "causes.weekly.data",
    Column("group", "Service group"),
    Column("cause", "Cause"),
    Column("effect", "Effect, £ a week", "change", unit="£"),
)
_CAUSES = table_of(
    "causes",
    Column("name", "Cause"),
    Column("all", "All services", "money", unit="£"),
    notes=("The effects add up to the change exactly. A case is a person in a care type.",),
)
_EITHER_DAY = ("bare_before", "bare_after")
_CAUSES_BY = table_of(
    "causes.by",
    Column("by", "By"),
    Column("group", "Service group"),
    Column("cases_before", "Cases before", "number", hides=("hidden_before",)),
    Column("cases_after", "Cases after", "number", hides=("hidden_after",)),
    Column("cases", "Number of cases", "change", unit="£", hides=_EITHER_DAY),
    Column("intensity", "Units a week", "change", unit="£", hides=_EITHER_DAY),
    Column("price", "Price", "change", unit="£", hides=_EITHER_DAY),
    Column("share", "Social care share", "change", unit="£", hides=_EITHER_DAY),
    Column("change", "Change", "change", unit="£", hides=_EITHER_DAY),
    counted="cases",
)
_AVERAGES = table_of(
    "averages",
    Column("group", "Service group"),
    Column("average_before", "Average before", "money", unit="£ a week"),
    Column("average_after", "Average after", "money", unit="£ a week"),
    Column("change", "Change", "change", unit="£ a week"),
    Column("price_effect", "By the care types' own costs", "change", unit="£ a week"),
    Column("mix_effect", "By people in dearer or cheaper types", "change", unit="£ a week"),
    Column("risen", "Care types dearer", "number"),
    Column("fallen", "Care types cheaper", "number"),
    Column("against", "Average against all its parts"),
)
_COST_AND_PACKAGES = table_of(
    "cost_and_packages.data",
    Column("care_type", "Care type"),
    Column("snapshot_date", "Snapshot", "date"),
    Column("packages", "Open packages", "number"),
    Column("weekly_gross", "Gross, £ a week", "money", unit="£"),
)


def _figure(study: Study) -> Figure:
    found, place, write = study.causes["weekly"], study.place, bar_label()
    effects = found.effects[found.effects["factor"] != "weeks"]
    effects = effects.assign(short=effects["factor"].astype("str").map(_ON_AXIS))
    changes = found.groups.set_index("service_group")["change"]
    by_group = dict(list(effects.groupby("service_group", sort=False)))
    panels = max(len(by_group), 1)
    sheet, axes = charts.drawing(2.2 * panels, rows=panels, sharex=True, squeeze=False)
    pushes, parts = [], []
    for axis, (group, part) in zip(axes[:, 0], by_group.items(), strict=False):
        bars(axis, list(part["short"]), part["effect"].to_numpy())
        charts.panel_title(axis, f"{group_name(group)} {write(changes[group], True)}")
        top = largest(part, part["effect"])
        pushes += [f"{top['short'].lower()} in {in_sentence(group)}"] if top["effect"] > 0 else []
        amounts = zip(part["short"], part["effect"], strict=True)
        parts.append(
            f"{group_name(group)}: {words.join([f'{s.lower()} {write(e, True)}' for s, e in amounts])}"
        )
    room_for_labels(axes[0][0], effects["effect"].to_numpy())
    most = f". What pushed it up most: {words.join(pushes)}" if pushes else ""
    title = f"Net cost {rose_fell_by(found.change, per=' a week')}{most}"
    frame = effects.assign(
        group=effects["service_group"].map(group_name), cause=effects["factor"].astype("str").map(FACTORS)
    )
    return Figure(
        "causes.weekly",
        title,
        f"Effects on the net cost of open packages, £ a week, {place}, {study.days_compared}",
        ". ".join([title, *parts]) + ".",
        sheet,
        _EFFECTS.of(frame, "Effects on the net cost, £ a week"),
        f"{place}, package ledger",
    )


def _table(study: Study, basis: str) -> Table:
    """Set out what each cause added to the net cost, by service group, a week or for the year."""
    found, weekly = study.causes[basis], basis == "weekly"
    factors = [name for name in FACTORS if not (weekly and name == "weeks")]
    wide = found.effects.pivot_table(
        index="factor", columns="service_group", values="effect", observed=True
    ).reindex(factors)
    groups = [str(name) for name in wide.columns]
    ends = found.groups.set_index("service_group")[["change", "before", "after"]].T.reindex(columns=groups)
    rows = pd.concat([wide, ends])
    labels = FACTORS | {"change": "Change", "before": "Before", "after": "After"}
    frame = rows.assign(all=rows[groups].sum(axis=1), name=[labels[str(name)] for name in rows.index])
    name, whole = _CAUSES.columns
    of_groups = [replace(whole, name=group, label=group_name(group)) for group in groups]
    columns = (name, *of_groups, *([whole] if len(groups) > 1 else []))
    prior = f"Items of earlier years changed by {words.money(found.prior_year, sign=True)} beside this."
    as_one = words.count_noun(found.priced_as_one, "line")
    notes = (
        "" if weekly else prior,
        f"{as_one} without usable units count as one placement a week." if found.priced_as_one else "",
    )
    what, unit = ("Net cost of open packages", "a week") if weekly else ("Net commitment", "for the year")
    title = f"{what}, {study.days_compared}, by cause, £ {unit}"
    table = replace(_CAUSES, id=f"causes.{basis}", columns=columns)
    return table.of(frame, title, notes=notes, strong=(len(factors),))


def _table_by(study: Study, by: str) -> Table:
    factors = ["cases", "intensity", "price", "share"]
    wide = study.causes["weekly"].cells.pivot_table(
        index=["service_group", by], columns="factor", values="effect", aggfunc="sum", observed=True
    )
    wide.columns = pd.Index([str(name) for name in wide.columns])
    rows = wide.reindex(columns=factors).fillna(0.0).reset_index()
    rows["change"] = rows[factors].sum(axis=1)
    rows = rows.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    rows = study.counts.join(rows, by, by, "service_group")
    name = "Care type" if by == "care_type" else "Team"
    table = replace(_CAUSES_BY, id=f"causes.{by}", columns=(Column(by, name), *_CAUSES_BY.columns[1:]))
    title = f"Net cost of open packages by {name.lower()} and cause, {study.days_compared}, £ a week"
    return table.of(
        rows.assign(group=rows["service_group"].map(group_name)), title, fewest=study.fewest_cases
    )


def _averages(study: Study) -> Table:
    """Set out how the average cost of a case moved, by its care types' own costs and by their mix."""
    rows = study.reversals
    said = {True: "Yes: read the care types, not the average", False: "No"}
    frame = rows.assign(
        group=rows["service_group"].map(group_name), against=rows["reversal"].astype(bool).map(said)
    )
    return _AVERAGES.of(frame, f"Average gross cost of a case, {study.days_compared}, £ a week")


def _figure_cost_and_packages(study: Study, service_group: str) -> Figure | Missing:
    """Draw the cost of open packages beside their number as indices, one panel for each care type.

    Care types with few packages at any snapshot are left out, and those whose count is hidden elsewhere.
    """
    place, name, rows = study.place, group_name(service_group), study.by_care_type
    rows = rows[rows["service_group"] == service_group]
    rows = rows.groupby(["care_type", "snapshot_date"])[["weekly_gross", "packages"]].sum().reset_index()
    span = rows.groupby("care_type").agg(low=("packages", "min"), count=("packages", "size"))
    many = span.index[(span["low"] >= max(study.fewest_cases, 1)) & (span["count"] == span["count"].max())]
    types = [kind for kind in many if not study.hidden_either_day("care_type", kind, service_group)]
    rows = rows[rows["care_type"].isin(types)]
    if rows.empty:
        return Missing("Too few packages of each care type are open to be shown by number.")
    first = rows.groupby("care_type")[["weekly_gross", "packages"]].transform("first")
    rows = rows.assign(
        cost=100 * rows["weekly_gross"] / first["weekly_gross"],
        number=100 * rows["packages"] / first["packages"],
    )
    wide = min(3, len(types))
    high = -(-len(types) // wide)
    sheet, axes = charts.drawing(
        0.5 + 1.7 * high, rows=high, columns=wide, sharey=True, sharex=True, squeeze=False
    )
    for axis, care_type in zip(axes.ravel(), types, strict=False):
        _index_panel(axis, rows[rows["care_type"] == care_type], care_type)
    for axis in axes.ravel()[len(types) :]:
        axis.set_visible(False)
    for axis in axes.ravel()[len(types) - wide : len(types)]:
        axis.tick_params(labelbottom=True)  # the lowest of its column, though others share its axis
    low, top = rows[["cost", "number"]].min().min(), rows[["cost", "number"]].max().max()
    axes[0][0].set_ylim(low - 0.32 * (top - low + 1), top + 0.05 * (top - low + 1))
    last = rows[rows["snapshot_date"] == rows["snapshot_date"].max()].set_index("care_type")
    moved = last["weekly_gross"] - rows.groupby("care_type")["weekly_gross"].first()
    most = moved.abs().idxmax()
    cost, number = last.loc[most, "cost"] - 100, last.loc[most, "number"] - 100
    ends = [f"{t}: cost {last.loc[t, 'cost']:.0f}, number {last.loc[t, 'number']:.0f}" for t in types]
    return Figure(
        f"cost_and_packages.{service_group.lower() or 'all'}",
        f"{name}: the cost that moved most is {most}, {words.signed(cost)}%, with {words.signed(number)}% "
        "packages"
        if abs(moved[most]) >= 0.5
        else f"{name}: costs did not move",
        f"Gross cost a week (solid) and number (dashed) of open packages, first snapshot = 100, {place}",
        f"Two lines for each of {words.count_noun(len(types), 'care type')}, first snapshot = 100. At the "
        f"end, {'; '.join(ends)}.",
        sheet,
        _COST_AND_PACKAGES.of(rows, f"{name}: open packages and their gross cost a week"),
        f"{place}, package ledger",
        about=service_group,
    )


def _index_panel(axis: Axes, part: pd.DataFrame, title: str) -> None:
    """Draw one care type's cost and number of packages, the first snapshot at 100."""
    when = part["snapshot_date"]
    axis.plot(when, part["cost"], color=charts.PURPLE, linewidth=2)
    axis.plot(when, part["number"], color=charts.BLUE, linewidth=1.6, linestyle=(0, (4, 2)))
    axis.axhline(100, color=charts.LIGHT, linewidth=0.8, zorder=0)
    charts.panel_title(axis, title)
    for height, name, colour in ((0.11, "cost", charts.PURPLE), (0.0, "number", charts.BLUE)):
        axis.text(
            0.98,
            height,
            f"{name} {part[name].iloc[-1]:.0f}",
            transform=axis.transAxes,
            ha="right",
            va="bottom",
            fontsize=9,
            color=colour,
        )
    ends = [when.iloc[0], when.iloc[-1]]
    axis.set_xticks(ends, [f"{day:%b %y}" for day in ends], fontsize=9)


def section(study: Study) -> Section:
    """Show the causes of the movement, by service group, care type and team, and what can't be told."""
    gap = _RETURN_ALONE if study.limits else _NO_TOTALS if study.data.packages.empty else None
    limits = pd.DataFrame({"limit": study.limits})
    opening = headlines(study), gap, _LIMITS.of(limits, "Limits of the ledger") if study.limits else None
    if study.pair is None:
        return Section.of(*opening, study.no_ledger)
    return Section.of(
        *opening,
        _figure(study),
        _table(study, "weekly"),
        _table_by(study, "care_type"),
        _table_by(study, "team"),
        _averages(study),
        [_figure_cost_and_packages(study, g) for g in sorted(study.ledger["service_group"].unique())],
        _table(study, "commitment"),
    )
