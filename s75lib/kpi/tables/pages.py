"""What is known of one indicator, a line each, with its definition and caveats below."""

from __future__ import annotations

__all__ = ["indicator"]

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from s75lib.kpi.tables.indicators import HIDDEN_NOTE
from s75lib.kpi.wording.phrases import (
    ASSURANCE,
    RULES,
    VARIATION,
    change_words,
    figure_words,
    interval_words,
    title,
    value_words,
    verdict_words,
)
from s75lib.loaders.indicators import Indicator
from s75lib.present import Column, Table, words

Row = Mapping[Any, Any]
Facts = list[tuple[str, str]]

_BETTER = {"higher_is_better": "Higher is better", "lower_is_better": "Lower is better",
           "neither": "Neither way is better, or nobody has said which"}  # fmt: skip


def indicator(row: Row, control: Row | None, entry: Indicator, *, margin: float) -> Table:
    """Set out one indicator: latest figure, change, target and months, with its caveats.

    Parameters
    ----------
    row : mapping
        A row of `s75lib.kpi.matrix.matrix`.
    control : mapping or None
        Its row of `s75lib.kpi.control.control_summary`; None without a chart.
    entry : Indicator
        Its entry in the registry.
    margin : float
        Percentage points below which a change does not matter.

    Returns
    -------
    Table
    """
    facts = [*_change(row, margin), *_target(row), *(_months(control) if control else [])]
    frame = pd.DataFrame(facts, columns=["fact", "figure"])
    columns = (Column("fact", "Of this indicator"), Column("figure", "What the data say"))
    name = title(row["label"], row["group"])
    id = f"indicator.{row['indicator']}.{row['group'] or 'all'}"
    return Table(id, f"{name}: figures, tests and caveats", frame, columns, _notes(row, control, entry))


def _change(row: Row, margin: float) -> Facts:
    """Give the latest figure and its change."""
    facts = [(f"Latest, {row['period']}", figure_words(row))]
    if not row["period_before"]:
        return [*facts, ("Change", "one period only: nothing to compare")]
    facts += [
        (f"Before, {row['period_before']}", figure_words(row, "_before")),
        ("Change", change_words(row)),
        ("95% interval of the change", interval_words(row)),
        ("Could it be chance?", verdict_words(row, margin=margin)),
    ]
    if row["direction"]:
        facts.append(("Better or worse", row["direction"].capitalize()))
    shows = [
        f"a {way} of {_size(abs(row[f'detectable_{way}']), row['unit'])}"
        for way in ("fall", "rise")
        if math.isfinite(row[f"detectable_{way}"])
    ]
    if shows:
        facts.append(("Smallest change that such data would show", words.join(shows, "or")))
    if row["tipping_factor"] == row["tipping_factor"]:
        said = f"{words.number(row['tipping_factor'], 1)} times the variation of chance"
        facts.append(("Clustering that would undo the finding", said))
    return facts


def _size(change: float, unit: str) -> str:
    """Write the size of a change."""
    if unit == "percent":
        return f"{words.number(change, 1)} points"
    return value_words(math.ceil(change) if unit == "count" else round(change, 1), unit)


def _target(row: Row) -> Facts:
    """Give the target, whether it was met, and in how many months."""
    if math.isnan(row["target"]):
        return []
    said = value_words(row["target"], row["unit"])
    if isinstance(row["met"], bool):
        sure = {"met": ", surely", "missed": ", surely", "either": ", not surely"}.get(row["against"], "")
        said += f": {'met' if row['met'] else 'missed'}{sure}"
    facts = [("Target", said)]
    if row["months_on_target"] == row["months_on_target"] and row["months_reported"] > 0:
        months = f"{row['months_on_target']:.0f} of {row['months_reported']:.0f}"
        facts.append(("Months on target", months))
    return facts


def _months(control: Row) -> Facts:
    """Give what the control chart says of the latest month."""
    latest, mean, low, high = (
        value_words(round(control[name], 1), control["unit"]) for name in ("value", "mean", "lower", "upper")
    )
    fires = words.join([RULES[name] for name in control["variation_rules"].split(", ") if name])
    known = control["mean"] == control["mean"]
    facts = [
        (f"Latest month, {control['period']}", latest),
        ("Is it routine?", VARIATION[control["variation"]] + (fires and f": {fires}")),
        ("Routine variation of a month", f"{low} to {high}, mean {mean}" if known else "–"),
        ("Target, month by month", ASSURANCE[control["assurance"]]),
        ("Months with a special cause", f"{control['signal_months']} of {control['months']}"),
    ]
    if control["step_proposed"]:
        ends = [value_words(round(control[f"step_{end}"], 1), control["unit"]) for end in ("before", "after")]
        facts.append(("Step, proposed and not applied", f"{control['step_from']}: {ends[0]} to {ends[1]}"))
    return facts


def _notes(row: Row, control: Row | None, entry: Indicator) -> tuple[str, ...]:
    """Give what a reader has to know."""
    counted = ", of ".join(filter(None, (entry.numerator, entry.denominator)))
    codes = ", ".join(f"{code.framework} {code.code}" for code in entry.codes)
    said = {"Counted": counted, "National code": codes, "Source": entry.source}
    known = "".join(f" {name}: {what}." for name, what in said.items() if what)
    method = row["method"] and f"Test and interval: {row['method']}."
    limits = control and f"Limits: {control['method']}. {control['note']}".strip()
    notes = (
        f"{entry.name}. {_BETTER[entry.polarity]}.{known}",
        *entry.breaks,
        *entry.caveats,
        row["note"],
        method,
        limits,
        HIDDEN_NOTE if row["hidden"] or row["hidden_before"] else "",
    )
    return tuple(note for note in notes if note)
