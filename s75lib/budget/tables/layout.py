"""The budget monitor as a report prints it: snapshots side by side, printed totals below the recomputed."""

from __future__ import annotations

__all__ = ["monitor", "overview"]

import math
from typing import Any

import pandas as pd

from s75lib.budget.naming import group_name, row_name, style
from s75lib.budget.position import ADJUSTMENTS, EXPENDITURE, INCOME, NET
from s75lib.budget.snapshots import Snapshot
from s75lib.budget.study import Study
from s75lib.present import Column, Missing, Need, Table, words

_KINDS = {
    "expenditure": EXPENDITURE,
    "income": INCOME,
    "net": NET,
    "adjustments": ADJUSTMENTS,
    "adjusted": (),
}
_MOST_SNAPSHOTS = 5
NO_MONITOR = Missing(
    "No budget monitor is held.",
    (
        Need(
            "budget",
            ("as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"),
            "commitment and forecast against the budget, line by line",
        ),
    ),
)


def monitor(study: Study) -> list[Table | Missing]:
    """Set out each service group's lines with all snapshots, variances and the latest change.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Table or Missing
        One table for each service group.

    Notes
    -----
    At most five snapshots stand side by side: the year's first and its last four. A line's printed variance
    or change is shown as printed, for it was rounded from figures finer than the table's.
    """
    if study.budget.empty:
        return [NO_MONITOR]
    spent = study.trend[study.trend["scope"] == "group"]
    return [
        _table(
            f"monitor.{str(group).lower() or 'all'}",
            f"{group_name(str(group))}: budget, commitment and forecast by line, {{}}",
            part,
            study,
        )
        for group, part in spent.groupby("service_group", sort=False)
    ]


def overview(study: Study) -> Table | Missing:
    """Set out the service groups' totals, the other adjustments and the adjusted total.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Table or Missing
    """
    if study.budget.empty:
        return NO_MONITOR
    rows = study.trend
    groups = (rows["scope"] == "group") & (rows["level"] == "net")
    whole = (rows["scope"] == "all") & rows["level"].isin(["net", "line", "adjusted"])
    chosen = pd.concat(
        [rows[groups], rows[whole & (rows["level"] == "net")], rows[whole & (rows["level"] != "net")]]
    )
    title = "All services, net of income: budget, commitment and forecast, {}"
    return _table("monitor.overview", title, chosen, study)


def _table(table_id: str, title: str, rows: pd.DataFrame, study: Study) -> Table:
    every = study.issues
    shown = every if len(every) <= _MOST_SNAPSHOTS else (every[0], *every[1 - _MOST_SNAPSHOTS :])
    columns = _columns(shown, study.rounded)
    cells = _cells(rows, shown)
    frame, strong, as_printed = _with_printed(cells, study.printed, shown, [c.name for c in columns[1:]])
    unit = "£ thousand" if study.rounded >= 1000 else "£"
    notes = ["Variance: less the budget; above zero is an overspend, or income short of its budget."]
    if len(shown) < len(every):
        notes.append(f"The year's first snapshot and its last {len(shown) - 1} are shown, of {len(every)}.")
    if strong and len(strong) < len(frame) and any("as printed" in str(name) for name in frame["row"]):
        notes.append(
            "Totals are recomputed from the lines; the printed total and the difference stand below each."
        )
    if as_printed:
        notes.append(
            f"{words.count_noun(as_printed, 'variance or change', 'variances and changes')} of single lines "
            f"{'is' if as_printed == 1 else 'are'} shown as printed, where the difference of the "
            "rounded figures "
            "would be another: see the list of differences."
        )
    caption = title.format(f"{every[-1].financial_year}, {unit}")
    return Table(table_id, caption, frame, columns, tuple(notes), tuple(strong))


def _columns(shown: tuple[Snapshot, ...], rounded: float) -> tuple[Column, ...]:
    money, change = style(rounded), style(rounded, change=True)
    made = [Column("row", "Line"), Column("budget", "Budget", money, unit="£")]
    for s in shown:
        made += [
            Column(f"commitment@{s.as_at:%Y-%m-%d}", f"{s.label} commitment", money, unit="£"),
            Column(f"forecast@{s.as_at:%Y-%m-%d}", f"{s.label} forecast", money, unit="£"),
        ]
    made += [
        Column("commitment_variance", "Variance, commitment", change, unit="£"),
        Column("forecast_variance", "Variance, forecast", change, unit="£"),
    ]
    if len(shown) > 1:
        since = shown[-2].label
        made += [
            Column("commitment_change", f"Change from {since}, commitment", change, unit="£"),
            Column("forecast_change", f"Change from {since}, forecast", change, unit="£"),
        ]
    return tuple(made)


def _cells(rows: pd.DataFrame, shown: tuple[Snapshot, ...]) -> list[dict[str, object]]:
    """One record per row of the table, keyed by the columns' names."""
    keys = ["scope", "service_group", "line", "kind", "level"]
    here = rows[rows["as_at"].isin([s.as_at for s in shown])]
    # The latest snapshot's order first, then what only earlier ones hold.
    latest_first = here.sort_values("as_at", ascending=False, kind="stable").astype(object)
    held: dict[tuple[str, ...], dict[Any, Any]] = {}
    for row in latest_first.itertuples():
        held.setdefault(tuple(getattr(row, name) for name in keys), {})[row.as_at] = row
    days = [s.as_at for s in shown]
    made = []
    for of_row in held.values():
        found = {day: of_row.get(day) for day in days}
        last, before = found[days[-1]], found[days[-2]] if len(days) > 1 else None
        key = next(iter(of_row.values()))
        record: dict[str, object] = {"key": key, "budget": _value(last, "budget")}
        for name in ("commitment", "forecast"):
            record |= {f"{name}@{day:%Y-%m-%d}": _value(row, name) for day, row in found.items()}
            record[f"{name}_variance"] = _value(last, f"{name}_variance")
            if last is not None and before is not None:
                record[f"{name}_change"] = _value(last, name) - _value(before, name)
        made.append(record)
    return made


def _value(row: Any, name: str) -> float:
    return math.nan if row is None else float(getattr(row, name))


def _with_printed(
    cells: list[dict[str, object]], printed: pd.DataFrame, shown: tuple[Snapshot, ...], names: list[str]
) -> tuple[pd.DataFrame, list[int], int]:
    """Put each printed total and its difference below the recomputed, and printed cells in the lines."""
    tables = _printed(printed, f"@{shown[-1].as_at:%Y-%m-%d}")
    out: list[dict[str, object]] = []
    strong: list[int] = []
    as_printed = 0
    several = len({getattr(c["key"], "service_group", "") for c in cells}) > 1
    for record in cells:
        key: Any = record.pop("key")
        name = row_name(key)
        if several and key.scope == "group":
            name = group_name(key.service_group)
        if key.level == "line":
            claimed = tables.get((key.service_group, key.line, ""), {}).get("", {})
            changed = {c: v for c, v in claimed.items() if c in names and record.get(c) not in (None, v)}
            as_printed += len(changed)
            out.append({"row": name, **record, **changed})
            continue
        strong.append(len(out))
        out.append({"row": name, **record})
        of_total = tables.get((key.service_group, "", "|".join(_KINDS[key.level])), {})
        for reference, values in of_total.items():
            gaps = {c: float(record[c]) - v for c, v in values.items() if c in record}  # type: ignore[arg-type]
            where = reference.split(", ")[-1]
            out.append({"row": f"as printed, {where}", **{c: values.get(c, math.nan) for c in names}})
            if any(gaps.values()):
                out.append({"row": "recomputed less printed", **{c: gaps.get(c, math.nan) for c in names}})
    return pd.DataFrame(out, columns=["row", *names]), strong, as_printed


def _printed(printed: pd.DataFrame, latest: str) -> dict[tuple[str, str, str], dict[str, dict[str, float]]]:
    """Gather printed figures by row, reference and column; a line has no kinds, its references make one."""
    tables = printed[printed["in_table"] & (printed["dataset"] == "budget")]
    names = ["service_group", "line", "kinds", "reference", "column", "published"]
    made: dict[tuple[str, str, str], dict[str, dict[str, float]]] = {}
    for group, line, kinds, reference, column, value in zip(
        *(tables[name].tolist() for name in names), strict=True
    ):
        # A variance and a change belong to the latest snapshot; elsewhere the day stays in the name.
        name = column.replace(f"_variance{latest}", "_variance").replace("budget" + latest, "budget")
        of_row = made.setdefault((group, line, "" if line else kinds), {})
        of_row.setdefault("" if line else reference, {})[name] = float(value)
    return made
