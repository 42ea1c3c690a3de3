"""Position against budget: commitment and forecast of every line, and the totals that follow from them."""

from __future__ import annotations

__all__ = ["ADJUSTMENTS", "EXPENDITURE", "INCOME", "NET", "Snapshot", "comparisons", "snapshots", "trend"]

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.budget.naming import (
    BUDGETS,
    bars,
    direction,
    group_name,
    in_sentence,
    largest,
    line_name,
    no_finer,
    pounds,
    pounds_signed,
    room_for_labels,
    unit_for,
    unit_of,
)
from s75lib.claims.published_figures import published_figures, published_money
from s75lib.loaders import Period
from s75lib.present import Check, Column, Figure, Headline, Missing, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

EXPENDITURE = ("expenditure",)
INCOME = ("health_income", "client_income")
NET = (*EXPENDITURE, *INCOME)
ADJUSTMENTS = ("adjustment",)

_STEPS = {"line": 0, "expenditure": 1, "income": 3, "net": 4, "adjustments": 5, "adjusted": 6}
_SNAPSHOT = ["as_at", "label", "financial_year"]
_MONEY = ["budget", "commitment", "forecast"]
_KEYS = ["scope", "service_group", "line", "kind", "level"]
_TOTALS = {"expenditure": EXPENDITURE, "income": INCOME, "net": NET}
_WITH_ADJUSTMENTS = _TOTALS | {"adjustments": ADJUSTMENTS, "adjusted": (*NET, *ADJUSTMENTS)}
# The totals that a line of each kind is an addend of.
_ADDEND_OF = pd.DataFrame(
    [
        (kind, scope, level)
        for scope, totals in (("group", _TOTALS), ("all", _WITH_ADJUSTMENTS))
        for level, kinds in totals.items()
        for kind in kinds
    ],
    columns=["kind", "scope", "level"],
    dtype="str",
)
TOTAL_NAMES = {
    "expenditure": "Expenditure total",
    "income": "Income total",
    "net": "Total",
    "adjustments": "Other adjustments",
    "adjusted": "Adjusted total",
}
_MOST_SNAPSHOTS = 5


@dataclass(frozen=True, order=True)
class Snapshot:
    """One issue of the budget monitor.

    - `as_at`: Its day.
    - `label`: Its printed name, such as Q1; else the month.
    - `financial_year`: Year of the budget, such as 2019/20.
    """

    as_at: pd.Timestamp
    label: str
    financial_year: str

    @property
    def day(self) -> str:
        """The day as people write it."""
        return f"{self.as_at.day} {self.as_at:%B %Y}"

    @property
    def name(self) -> str:
        """Its name in a sentence, such as Q3 (31 December 2019)."""
        return self.day if self.label == f"{self.as_at:%b %Y}" else f"{self.label} ({self.day})"


def snapshots(budget: pd.DataFrame) -> tuple[Snapshot, ...]:
    """List the snapshots of a budget monitor.

    Earliest first.

    Examples
    --------
    >>> monitor = pd.DataFrame({"as_at": pd.to_datetime(["2019-06-30"]), "snapshot_label": ["Q1"],
    ...                         "financial_year": ["2019/20"]})
    >>> snapshots(monitor)[0].name
    'Q1 (30 June 2019)'
    """
    first = budget.drop_duplicates("as_at").sort_values("as_at")
    rows = first[["as_at", "snapshot_label", "financial_year"]].itertuples(index=False)
    return tuple(Snapshot(day, label or f"{day:%b %Y}", year) for day, label, year in rows)


def of_latest_year(budget: pd.DataFrame) -> tuple[Snapshot, ...]:
    """List the snapshots of the latest financial year alone, earliest first.

    A commitment is the cost for one year, so snapshots of two years do not make one movement.
    """
    every = snapshots(budget)
    return tuple(s for s in every if s.financial_year == every[-1].financial_year)


def comparisons(budget: pd.DataFrame, compared: Period | None = None) -> dict[str, tuple[Snapshot, Snapshot]]:
    """Pair the snapshots whose movement a board asks about.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.
    compared : Period, optional
        An earlier period from which ``year`` begins: at its snapshot of the latest one's month, or else at
        its last.

    Returns
    -------
    dict of str to tuple of Snapshot
        ``year`` from the latest year's first snapshot to its latest, ``last`` from the one before the
        latest. Empty for fewer than two snapshots in the year; ``last`` is left out where both are the same.

    Examples
    --------
    >>> found = comparisons(load("cambridgeshire").budget)
    >>> {which: (old.label, new.label) for which, (old, new) in found.items()}
    {'year': ('Apr', 'Q3'), 'last': ('Nov', 'Q3')}
    """
    here = of_latest_year(budget)
    pairs = {} if len(here) < 2 else {"year": (here[0], here[-1])}
    if len(here) > 2 or (compared and here[1:]):
        pairs["last"] = (here[-2], here[-1])
    if compared:
        pairs.pop("year", None)
        if held := [one for one in snapshots(budget)[:-1] if compared.includes(one.as_at)]:
            wanted = compared.matching(here[-1].as_at)
            alike = [one for one in held if (one.as_at.year, one.as_at.month) == (wanted.year, wanted.month)]
            old, new = (alike or held)[-1], here[-1]
            if old.financial_year != new.financial_year:
                old, new = (replace(one, label=f"{one.label}, {one.financial_year}") for one in (old, new))
            pairs = {"year": (old, new)} | pairs
    return pairs


def rounding(budget: pd.DataFrame) -> float:
    """Give the coarsest rounding of a monitor's money in £; 1 where nothing is said or held."""
    stated = budget["rounded_to"].max()
    return float(stated) if pd.notna(stated) and stated > 0 else 1.0


def trend(budget: pd.DataFrame) -> pd.DataFrame:
    """Set commitment and forecast against the budget, line by line and in total, at every snapshot.

    A variance above zero is an overspend, or income short of its budget. ``net`` leaves the adjustments out,
    ``adjusted`` takes them in. A total with an unknown addend is unknown. An empty monitor gives no rows.

    Returns
    -------
    DataFrame
        ``as_at``, ``label``, ``financial_year``, ``scope`` (group or all), ``service_group``, ``line``,
        ``kind``, ``level`` (line, expenditure, income, net, adjustments or adjusted), ``addends`` (lines in
        the row), ``budget``, ``commitment``, ``forecast``, ``commitment_variance``, ``forecast_variance``
        (less the budget, £), ``commitment_percent``, ``forecast_percent`` (of the budget's size; NaN for a
        budget of zero). Earliest snapshot first; lines in the order of the monitor, each total after its
        lines, those of all groups last.

    Examples
    --------
    >>> monitor = pd.DataFrame({"as_at": pd.to_datetime(["2019-12-31"] * 2), "snapshot_label": "Q3",
    ...     "financial_year": "2019/20", "service_group": "AMH", "line": ["Residential", "Client Conts"],
    ...     "kind": ["expenditure", "client_income"], "budget": [2178.0, -396.0],
    ...     "commitment": [2329.0, -476.0], "forecast": [2327.0, -406.0]})
    >>> rows = trend(monitor)
    >>> rows.loc[(rows["scope"] == "group") & (rows["level"] == "net"), "commitment_variance"].item()
    71.0
    """
    rows = budget.assign(scope="group", level="line", addends=1, row=np.arange(len(budget)))
    adjusting = rows["kind"] == "adjustment"
    rows["scope"] = rows["scope"].mask(adjusting, "all")
    columns = ["as_at", *_KEYS, "addends", *_MONEY, "row"]
    blocks = [rows[columns], _totals(rows)[columns]]
    whole = _in_order(pd.concat(blocks, ignore_index=True), rows.loc[~adjusting, "service_group"].unique())
    named = {s.as_at: s for s in snapshots(budget)}
    seen = [named[day] for day in whole["as_at"]]
    whole = whole.assign(label=[s.label for s in seen], financial_year=[s.financial_year for s in seen])
    return _variances(whole[[*_SNAPSHOT, *columns[1:-1]]])


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the lines of each total's kinds at each snapshot; unknown addends make an unknown total."""
    keys = ["as_at", "scope", "service_group", "level"]
    addends = rows[["as_at", "service_group", "kind", "addends", *_MONEY]].merge(_ADDEND_OF, on="kind")
    addends["service_group"] = addends["service_group"].where(addends["scope"] == "group", "")
    sums = addends.groupby(keys)[[*_MONEY, "addends"]].sum(skipna=False)
    # A group without lines of these kinds has a total of nought, and so have all groups together.
    held = pd.concat(
        [rows.loc[rows["scope"] == "group", keys[:3]], rows[keys[:3]].assign(scope="all", service_group="")]
    )
    least = held.drop_duplicates().merge(pd.DataFrame({"level": list(_TOTALS)}, dtype="str"), how="cross")
    every = sums.index.union(pd.MultiIndex.from_frame(least))
    return sums.reindex(every, fill_value=0).reset_index().assign(line="", kind="", row=len(rows))


def _in_order(rows: pd.DataFrame, groups: Iterable[str]) -> pd.DataFrame:
    """Put each total after its lines, groups in the order of the monitor, those of all groups last."""
    places = {group: place for place, group in enumerate(groups)}
    received = (rows["level"] == "line") & rows["kind"].isin(INCOME)
    order = rows.assign(
        block=rows["service_group"].map(places).where(rows["scope"] == "group", len(places)),
        step=rows["level"].map(_STEPS).mask(received, _STEPS["expenditure"] + 1),
    )
    ordered = order.sort_values(["as_at", "block", "step", "row"], kind="stable", ignore_index=True)
    return ordered[rows.columns]


def _variances(rows: pd.DataFrame) -> pd.DataFrame:
    size = rows["budget"].abs().where(rows["budget"] != 0)
    gaps = {name: rows[name] - rows["budget"] for name in ("commitment", "forecast")}
    return rows.assign(
        **{f"{name}_variance": gap for name, gap in gaps.items()},
        **{f"{name}_percent": 100 * gap / size for name, gap in gaps.items()},
    )


def row_names(rows: pd.DataFrame) -> list[str]:
    return [
        line if level == "line" else TOTAL_NAMES[level]
        for line, level in zip(rows["line"], rows["level"], strict=True)
    ]


def headlines(study: Study) -> Iterator[Headline]:
    """Say where commitment and forecast stand against the budget, or what is published of it."""
    if study.data.budget.empty:
        yield from published_money(study, "budget")
        return
    rounded, latest, rows = study.rounded, study.snapshots[-1], study.position
    overall = {row["level"]: row for row in rows[rows["scope"] == "all"].to_dict("records")}
    last = "adjusted" if "adjusted" in overall else "net"
    net, final = overall["net"], overall[last]
    (tied, with_staff), doubt = study.tie, _doubt(study)
    counted = "They count only the packages agreed by then; the forecast adds what is expected."
    if net["commitment"] == net["forecast"]:
        counted = "The forecast for care packages is the same."
    of, made = "for the year end", ""
    if is_last_day(latest.as_at):
        of = f"of {latest.day}{'' if doubt else ', before the accounts close,'}"
        made = f" {NOT_CLOSED}"
    if not pd.isna(final["forecast_variance"]):
        yield Headline(
            "budget.position.forecast",
            f"The forecast {of} is {_against(final, 'forecast', rounded)}{doubt or with_staff}.{made}"
            f"{tied and f' {tied}'}{_as_printed(study, latest.as_at)}",
            float(final["forecast_variance"]),
            "£",
            method="forecast less budget, summed over the lines",
            see=("monitor.overview",),
            stake="money",
            cell=("monitor.overview", TOTAL_NAMES[last], "forecast_variance"),
            course=study.course(last, "forecast_variance"),
        )
    if not pd.isna(net["commitment_variance"]):
        yield Headline(
            "budget.position.commitment",
            f"Commitments at {latest.day} stood {_against(net, 'commitment', rounded)}. {counted}",
            float(net["commitment_variance"]),
            "£",
            method="commitment less budget, summed over the lines",
            see=("monitor.overview",),
            cell=("monitor.overview", TOTAL_NAMES["net"], "commitment_variance"),
        )
    groups = rows[(rows["scope"] == "group") & (rows["level"] == "net")]
    if len(groups) > 1 and groups["forecast_variance"].notna().any():
        parts = [
            f"{_variance(gap, rounded)} in {in_sentence(group)}"
            for group, gap in zip(groups["service_group"], groups["forecast_variance"], strict=True)
        ]
        furthest = groups.sort_values("forecast_variance").dropna(subset="forecast_variance").iloc[-1]
        yield Headline(
            "budget.position.groups",
            f"Before adjustments, the forecast is {words.join(parts)}.",
            float(furthest["forecast_variance"]),
            "£",
            method="forecast less budget, largest group",
            see=("monitor.overview",),
            cell=("monitor.overview", group_name(furthest["service_group"]), "forecast_variance"),
        )


NOT_CLOSED = "It was made on the year's last day and may still change when the accounts are closed."


def is_last_day(day: pd.Timestamp) -> bool:
    """Say whether a day is the last of a financial year."""
    return (day.month, day.day) == (3, 31)


def _against(row: dict[Hashable, Any], measure: str, rounded: float) -> str:
    variance, percent = row[f"{measure}_variance"], row[f"{measure}_percent"]
    budget = f"the {BUDGETS[row['level']]} of {pounds(row['budget'], rounded)}"
    if variance == 0:
        return f"exactly on {budget}"
    share = "" if pd.isna(percent) or abs(percent) < 0.05 else f" ({words.percent(abs(percent))})"
    return f"{pounds(variance, rounded)}{share} {direction(variance)} {budget}"


def tie(
    care: float,
    adjustments: float | None,
    staff: float | None,
    rounded: float = 1.0,
    *,
    committed: float = np.nan,
) -> tuple[str, str]:
    """Tie what pages tell of the forecast less the budget, £: of care packages, adjusted, and with staff.

    A sentence, and how another ends that gives the forecast alone; none where care packages are all that
    there is. Of care packages, `committed` may be as much as forecast.

    >>> print(*tie(905_161.0, -135_000.0, None, committed=905_161.0))
    Against their budgets, care packages are committed and forecast £905k over, adjustments £135k under:
    together £770k over.
    >>> print(*tie(650_000.0, None, -40_000.0), sep="|")
    Against their budgets, care packages are forecast £650k over and staff £40k under:
    £610k over in all.|; with staff, £610k over
    """
    alike, whole = care == committed, care
    said = f"Against their budgets, care packages are {'committed and ' * alike}forecast "
    said += _variance(care, rounded)
    if adjustments is not None:
        whole += adjustments
        said += f"{',' if alike else ' and'} adjustments {_variance(adjustments, rounded)}"
        said += f": together {_variance(whole, rounded)}"
    if staff is None:
        return (f"{said}." if adjustments is not None else ""), ""
    in_all = _variance(whole + staff, rounded)
    ties = (" and", ":") if adjustments is None else ("; with", ",")
    return f"{said}{ties[0]} staff {_variance(staff, rounded)}{ties[1]} {in_all} in all.", (
        f"; with staff, {in_all}"
    )


def year_end(care: float, adjustments: float, against: float, *, opens: bool, rounded: float = 1.0) -> str:
    """Tie the monitor's forecast of care packages, £, to the whole and to what next year's page opens with.

    None without adjustments; `against`: they less their budget. `opens`: whether it opens with that forecast.

    >>> print(year_end(9_699_000.0, 281_000.0, -37_000.0, opens=True))
    Next year opens with the forecast for care packages alone. Adjustments, forecast at £281k
    (£37k under their budget of £318k), make this year's forecast £9.98m in all.
    >>> print(year_end(14_016_000.0, 45_000.0, 0.0, opens=False))
    Adjustments, forecast at £45k (on budget), make this year's forecast £14.06m in all.
    """
    if not adjustments:
        return ""
    size, budget = (pounds_signed(one).removeprefix("+") for one in (adjustments, adjustments - against))
    their = f"{_variance(against, rounded)}{f' their budget of {budget}' * bool(against)}"
    whole = f"make this year's forecast {pounds(care + adjustments)} in all."
    opening = "Next year opens with the forecast for care packages alone. " * opens
    return f"{opening}Adjustments, forecast at {size} ({their}), {whole}"


def _doubt(study: Study) -> str:
    """Say of a monitor that differs from the ledger that its variance is in doubt too."""
    rows = study.reconciliation.dropna(subset=["commitment", "ledger"])
    apart = int(rows["apart"].sum())
    if not apart:
        return ""
    differ = "differs" if apart == 1 else "differ"
    return f", but {apart} of {words.count_noun(len(rows), 'line')} {differ} from the ledger"


def _variance(value: float, rounded: float) -> str:
    if value == 0:
        return "on budget" if rounded <= 1 else f"on budget to the nearest {pounds(rounded, rounded)}"
    return f"{pounds(value, rounded)} {direction(value)}"


def _as_printed(study: Study, day: pd.Timestamp) -> str:
    """Give the printed figure of the forecast's variance where it differs from the recomputed one."""
    rows = study.published_totals
    of_all = (rows[["service_group", "line", "kinds"]] == "").all(axis=1)
    same = rows[rows["in_table"] & of_all & (rows["column"] == f"forecast_variance@{day:%Y-%m-%d}")]
    same = same[same["dataset"] == "budget"]
    if same.empty or same["difference"].iloc[0] == 0:
        return ""
    explains = "explains" if same["reading"].iloc[0] == "rounding" else "cannot explain"
    figure = pounds(same["published"].iloc[0], study.rounded)
    return f" The report prints {figure}; rounding {explains} the difference."


def checks(study: Study) -> Iterator[Check]:
    """Check that each line keeps its budget and that the service groups add up."""
    budget, rows = study.data.budget, study.position
    if budget.empty:
        return
    # Within a year a virement may move a line's budget, which the reader should know.
    spread = budget.groupby(["financial_year", "service_group", "line", "kind"])["budget"].agg(["min", "max"])
    changed = int((spread["max"] > spread["min"]).sum())
    net = rows[rows["level"] == "net"].set_index("scope")["commitment"]
    gap = abs(float(net.drop("all").sum(skipna=False)) - float(net["all"]))
    yield Check(
        "budget.one_budget",
        changed == 0,
        "Each line keeps one budget through a year's snapshots: "
        f"{words.count_noun(changed, 'line')} with more.",
    )
    yield Check(
        "budget.groups_add_up",
        bool(gap < 0.005),
        "The service groups' net commitments add up to the total of all lines.",
    )


NO_MONITOR = Missing.of(
    "No budget monitor is held.",
    "budget",
    ("as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
    "commitment and forecast against the budget, line by line",
)
_VARIANCES = table_of(
    "variances.data",
    Column("group", "Service group"),
    Column("line", "Line"),
    Column("budget", "Budget", "money", unit="£"),
    Column("forecast", "Forecast", "money", unit="£"),
    Column("forecast_variance", "Variance", "change", unit="£"),
)
_MONITOR = table_of(
    "monitor",
    Column("row", "Line"),
    Column("budget", "Budget", "money", unit="£"),
    Column("commitment_variance", "Variance, commitment", "change", unit="£"),
    Column("forecast_variance", "Variance, forecast", "change", unit="£"),
    notes=("Variance: less the budget; above zero is an overspend, or income short of its budget.",),
)


def joint_note(study: Study) -> str:
    """Say that lines are shown together, if any are."""
    names = words.join(sorted({*study.joint_lines.values(), study.joint_income} - {""}))
    return f"{names} share a line: alone, each would show what the care of few people costs." if names else ""


def figure_variances(study: Study) -> Figure | Missing:
    """Draw the forecast variance of every line, one panel for each service group."""
    if study.data.budget.empty:
        return NO_MONITOR
    latest, rounded, place, rows = study.snapshots[-1], study.rounded, study.place, study.position
    lines = rows[(rows["scope"] == "group") & (rows["level"] == "line") & rows["forecast_variance"].notna()]
    if lines.empty:
        return Missing("The monitor holds no forecast.")
    groups, unit = list(lines["service_group"].unique()), unit_for(lines["forecast_variance"], rounded)
    most = lines.groupby("service_group").size().max()
    sheet, axes = charts.drawing(0.9 + 0.34 * most, columns=len(groups), sharex=True, squeeze=False)
    named: list[str] = []
    for axis, group in zip(axes[0], groups, strict=True):
        part = lines[lines["service_group"] == group]
        income = part["kind"].isin(INCOME) & ~part["line"].str.contains("income", case=False)
        names = part["line"].map(line_name)
        names = names.mask(income, "Income short: " + names.str[:1].str.lower() + names.str[1:])
        bars(axis, list(names), part["forecast_variance"].to_numpy(), unit)
        if list(names) == named:  # once is enough, and leaves the bars their room
            axis.tick_params(axis="y", labelleft=False)
        named = list(names)
        charts.panel_title(axis, charts.wrapped(group_name(group), 16))
    gaps = lines["forecast_variance"]
    room_for_labels(axes[0][0], gaps.to_numpy(), 0.55)
    worst, best = (_line(largest(lines, size), rounded) for size in (gaps, -gaps))
    title = words.capital(f"{worst}; {best.replace(' is forecast ', ', ')}")
    whole = rows[(rows["scope"] == "all") & rows["level"].isin(["net", "adjusted"])].set_index("level")
    sums = [_variance(whole.loc[level, "forecast_variance"], rounded) for level in whole.index]
    basis = f"The bars add up to {sums[0]}{f'; adjustments make it {sums[1]}' if sums[1:] else ''}"
    frame = lines.assign(group=[group_name(g) for g in lines["service_group"]])
    return Figure(
        "variances",
        title,
        f"Forecast less budget for {latest.financial_year} at {latest.day}. {basis}. Plus: more is "
        "spent than budgeted, or income falls short. Minus: less is spent, or more comes in",
        f"Bars of the forecast less the budget for {words.count_noun(len(lines), 'line')}. {title}.",
        sheet,
        no_finer(_VARIANCES, rounded).of(frame, f"Forecast against budget by line, {latest.day}"),
        f"{place}, budget monitor",
    )


def _line(row: dict[Hashable, Any], rounded: float) -> str:
    """Say how a line's forecast stands; of income, whether less or more of it comes in."""
    name, gap = f"{line_name(row['line'])} in {in_sentence(row['service_group'])}", row["forecast_variance"]
    if row["kind"] in INCOME and gap:
        side = "less" if gap > 0 else "more"
        return f"income {name[:1].lower()}{name[1:]} is forecast {pounds(gap, rounded)} {side} than budgeted"
    return f"{name} is forecast {f'{pounds(gap, rounded)} ' if gap else ''}{direction(gap)} budget"


def _overview(study: Study) -> Table:
    """Set out the service groups' totals, the other adjustments and the adjusted total."""
    rows = study.trend
    net = rows[rows["level"] == "net"]
    adjusted = rows[(rows["scope"] == "all") & rows["level"].isin(["line", "adjusted"])]
    chosen = pd.concat([net[net["scope"] == "group"], net[net["scope"] == "all"], adjusted])
    title = "All services, net of income: budget, commitment and forecast"
    return _monitor_table(study, "monitor.overview", title, chosen)


def _by_group(study: Study) -> list[Table]:
    """Set out each service group's lines with their snapshots, variances and the latest change."""
    spent = study.trend[study.trend["scope"] == "group"]
    made = []
    for group, part in spent.groupby("service_group", sort=False):
        title = f"{group_name(group)}: budget, commitment and forecast by line"
        table = _monitor_table(study, f"monitor.{str(group).lower() or 'all'}", title, part)
        made.append(replace(table, about=str(group)))
    return made


def _monitor_table(study: Study, table_id: str, title: str, rows: pd.DataFrame) -> Table:
    """Set the year's first snapshot and its last four side by side, printed totals below the recomputed."""
    every = study.snapshots
    shown = every if len(every) <= _MOST_SNAPSHOTS else (every[0], *every[1 - _MOST_SNAPSHOTS :])
    table = replace(_MONITOR, id=table_id, columns=_columns(shown))
    wide = _side_by_side(rows, [s.as_at for s in shown])
    names = [c.name for c in table.columns[1:]]
    frame, strong, replaced = _with_printed(study, wide, names, shown[-1].as_at)
    left_out = f"The year's first snapshot and its last {len(shown) - 1} are shown, of {len(every)}."
    recomputed = (
        "Totals are recomputed from the lines; the printed total and the difference stand below each."
    )
    replacing = (
        f"{words.count_noun(replaced, 'variance or change', 'variances and changes')} of single lines "
        f"{'is' if replaced == 1 else 'are'} shown as printed, where the difference of the rounded figures "
        "would be another: see the list of differences."
    )
    printed = frame["row"].str.contains("as printed", regex=False).any()
    notes = (
        left_out if len(shown) < len(every) else "",
        recomputed if strong and printed else "",
        replacing if replaced else "",
        joint_note(study)
        if frame["row"].isin([*study.joint_lines.values(), study.joint_income or None]).any()
        else "",
    )
    caption = f"{title}, {every[-1].financial_year}, {unit_of(study.rounded)}"
    return no_finer(table, study.rounded).of(frame, caption, notes=notes, strong=strong)


def _columns(shown: tuple[Snapshot, ...]) -> tuple[Column, ...]:
    """Put the variances and the latest change behind the budget, then the snapshots, the latest first."""
    amounts = [
        Column(f"{name}@{s.as_at:%Y-%m-%d}", f"{s.label} {name}", "money", unit="£")
        for s in reversed(shown)
        for name in ("commitment", "forecast")
    ]
    changes = [
        Column(f"{name}_change", f"Change from {shown[-2].label}, {name}", "change", unit="£")
        for name in ("commitment", "forecast")
        if len(shown) > 1
    ]
    # What may be out of sight is the oldest.
    return (*_MONITOR.columns, *changes, *amounts)


def _side_by_side(rows: pd.DataFrame, days: list[pd.Timestamp]) -> pd.DataFrame:
    """Give one row for each line and total, in the order of the latest snapshot that holds it."""
    here = rows[rows["as_at"].isin(days)].sort_values("as_at", ascending=False, kind="stable")
    keys = pd.MultiIndex.from_frame(here[_KEYS].drop_duplicates())
    held = [here[here["as_at"] == day].set_index(_KEYS).reindex(keys) for day in days]
    wide = held[-1][["budget", "commitment_variance", "forecast_variance"]]
    for name in ("commitment", "forecast"):
        amounts = {f"{name}@{day:%Y-%m-%d}": side[name] for day, side in zip(days, held, strict=True)}
        change = {f"{name}_change": held[-1][name] - held[-2][name]} if len(days) > 1 else {}
        wide = wide.assign(**amounts, **change)
    return wide.reset_index()


def _with_printed(
    study: Study, wide: pd.DataFrame, names: list[str], latest: pd.Timestamp
) -> tuple[pd.DataFrame, list[int], int]:
    """Put each printed total and its difference below the recomputed, and printed cells in the lines."""
    printed = _printed(study.published_totals, latest)
    several = len(wide["service_group"].unique()) > 1
    out: list[dict[Any, Any]] = []
    strong: list[int] = []
    replaced = 0
    for row in wide.to_dict("records"):
        group, level = row["service_group"], row["level"]
        if level == "line":
            claimed = printed.get((group, row["line"], ""), {}).get("", {})
            changed = {c: v for c, v in claimed.items() if c in names and row[c] != v}
            replaced += len(changed)
            out.append({"row": row["line"]} | row | changed)
            continue
        strong.append(len(out))
        name = group_name(group) if several and row["scope"] == "group" else TOTAL_NAMES[level]
        out.append({"row": name} | row)
        kinds = "|".join(_WITH_ADJUSTMENTS[level]) if level != "adjusted" else ""
        for reference, values in printed.get((group, "", kinds), {}).items():
            gaps = {c: row[c] - v for c, v in values.items() if c in names}
            out.append({"row": f"as printed, {reference.split(', ')[-1]}"} | values)
            if any(gaps.values()):
                out.append({"row": "recomputed less printed"} | gaps)
    return pd.DataFrame(out, columns=["row", *names]), strong, replaced


def _printed(
    totals: pd.DataFrame, latest: pd.Timestamp
) -> dict[tuple[str, str, str], dict[str, dict[str, float]]]:
    """Gather printed figures by row, reference and column; a line has no kinds, its references make one."""
    rows = totals[totals["in_table"] & (totals["dataset"] == "budget")]
    names = ["service_group", "line", "kinds", "reference", "column", "published"]
    made: dict[tuple[str, str, str], dict[str, dict[str, float]]] = {}
    for group, line, kinds, reference, column, value in zip(*(rows[n].tolist() for n in names), strict=True):
        # A variance belongs to the latest snapshot; elsewhere the day stays in the name.
        name = column.replace(f"_variance@{latest:%Y-%m-%d}", "_variance")
        of_row = made.setdefault((group, line, "" if line else kinds), {})
        of_row.setdefault("" if line else reference, {})[name] = float(value)
    return made


def section(study: Study) -> Section:
    """Show where the money stands: the groups' totals, the variances, each group's lines."""
    if study.data.budget.empty:
        return Section.of(headlines(study), published_figures(study, money=True), NO_MONITOR)
    figure = study.unless_opening(figure_variances(study))
    return Section.of(headlines(study), _overview(study), figure, _by_group(study))
