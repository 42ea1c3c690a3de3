"""How the wing names service groups and writes amounts: in sentences, in tables, on bars."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from s75lib.present import TableOf, charts, words
from s75lib.present.parts import Style

_THOUSANDS: dict[Style, Style] = {"money": "money_k", "change": "change_k"}
BUDGETS = {
    "expenditure": "gross budget",
    "net": "net budget",
    "adjusted": "adjusted net budget",
    "staff": "staff budget",
    "whole": "whole budget",
}
"""What each page calls a budget: of care packages (gross, net of income, adjusted), of staff, of both."""

_WRITTEN_OUT = {
    "Dom Care": "Home care",
    "Live In": "Live-in care",
    "Supp Living": "Supported living",
    "Dir Payments": "Direct payments",
    "Health Cont": "From the NHS",
    "Client Conts": "From clients",
}


def line_name(printed: str) -> str:
    """Write out a monitor's short words for care and income; others stay as they are printed.

    >>> line_name("Live In and Other"), line_name("Health Cont and Client Conts")
    ('Live-in care and Other', 'From the NHS and from clients')
    """
    for short, written in _WRITTEN_OUT.items():
        printed = re.sub(rf"\b{short}\b", written, printed)
    whole = {"Residential": "Residential care", "Nursing": "Nursing care"}.get(printed, printed)
    return whole.replace(" and From ", " and from ")


def group_name(code: object) -> str:
    """Write a service group out; a blank code is all of them.

    >>> group_name("OPMH"), group_name("Forensic"), group_name("")
    ("Older people's mental health", 'Forensic', 'All services')
    """
    return words.service_group(code) or "All services"


def in_sentence(code: object) -> str:
    """Write a service group out as it stands within a sentence.

    >>> in_sentence("AMH"), in_sentence("Forensic")
    ('adult mental health', 'Forensic')
    """
    name = group_name(code)
    return name if name == code else name[:1].lower() + name[1:]


def pounds(value: float, rounded_to: float = 1.0) -> str:
    """Write an amount without its sign, no finer than its source.

    >>> pounds(-5000, 1000), pounds(9_602_000, 1000), pounds(870.4)
    ('£5k', '£9.60m', '£870')
    """
    size = abs(value)
    if size < 999_500 <= 1e3 * rounded_to:
        return words.money(size, rounded_to=rounded_to)
    return words.amount(size)


def pounds_signed(value: float) -> str:
    """Write an amount with its sign, none where it is less than half a pound."""
    return f"{'−' if value < -0.5 else '+' if value > 0.5 else ''}{pounds(value)}"


def direction(variance: float) -> str:
    """Choose the word for the side of a variance: over, under or on the budget."""
    return "over" if variance > 0 else "under" if variance < 0 else "on"


def rose_fell_by(change: float, rounded_to: float = 1.0, *, per: str = "", tolerance: float = 0.0) -> str:
    """Say that an amount rose or fell, and by how much.

    >>> rose_fell_by(455_000, 1000), rose_fell_by(-3, per=" a week"), rose_fell_by(0)
    ('rose by £455k', 'fell by £3 a week', 'did not change')
    """
    verb = words.rose_fell(change, tolerance)
    return verb if abs(change) <= tolerance else f"{verb} by {pounds(change, rounded_to)}{per}"


def unit_of(rounded_to: float) -> str:
    """Name the unit in which a table writes money that is rounded so."""
    return "£ thousand" if rounded_to >= 1000 else "£"


def largest(rows: pd.DataFrame, sizes: pd.Series) -> dict[Hashable, Any]:
    """Give the row with the largest of some numbers, to name it in a sentence."""
    return rows.iloc[int(np.nanargmax(sizes))].to_dict()


def no_finer(table: TableOf, rounded_to: float) -> TableOf:
    """Let a table write its money in thousands where its source is rounded to them."""
    if rounded_to < 1000:
        return table
    columns = tuple(replace(c, style=_THOUSANDS.get(c.style, c.style)) for c in table.columns)
    return replace(table, columns=columns)


def amount_label(value: float, change: bool, rounded_to: float = 1.0) -> str:
    """Label a bar with its amount to three digits, no finer than its source, told whether that is a change.

    >>> amount_label(14_061_026.0, False), amount_label(1_477_459.0, True), amount_label(-44_951.0, True)
    ('£14.06m', '+£1.48m', '−£45k')
    >>> amount_label(17.0, True, 1000), amount_label(-870.0, True)
    ('£0', '−£870')
    """
    text = pounds(value, rounded_to)
    if not any(digit in text for digit in "123456789"):
        return "£0"
    return f"{'−' if value < 0 else '+' if change else ''}{text}"


def bar_label(rounded_to: float = 1.0) -> Callable[[float, bool], str]:
    """Give the function that labels bars of a source that is rounded so."""
    return partial(amount_label, rounded_to=rounded_to)


def unit_for(values: ArrayLike, rounded_to: float = 1.0) -> float:
    """Give the rounding that lets amounts that stand below one another share a unit: thousands, or pounds.

    >>> unit_for([433.0, -170_241.0]), unit_for([433.0, 2_026.0])
    (1000.0, 1.0)
    """
    return max(rounded_to, 1000.0 if np.nanmax(np.abs(np.asarray(values)), initial=0.0) >= 9_999.5 else 1.0)


def bars(
    axis: Axes,
    names: Sequence[str],
    values: np.ndarray,
    rounded_to: float = 1.0,
    *,
    under: str = charts.GOOD,
) -> None:
    """Draw horizontal bars from zero, each with its amount, the first on top; `under` colours those below."""
    label, places = bar_label(rounded_to), charts.name_rows(axis, names)
    colours = [charts.BAD if value > 0 else under for value in values]
    drawn = axis.barh(places, values, color=colours, height=0.62)
    for bar, value, at in zip(drawn, values, places, strict=True):
        if value < 0:
            bar.set_hatch("///")
            bar.set_edgecolor("white")
            bar.set_linewidth(0)
        charts.note(axis, label(value, True), (max(value, 0.0), at), (4, 0), va="center")
    axis.axvline(0, color="#222222", linewidth=1)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)


def room_for_labels(axis: Axes, values: np.ndarray, share: float = 0.3) -> None:
    """Leave room for the amounts beside the longest bars."""
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    axis.set_xlim(low, high + share * ((high - low) or 1.0))
