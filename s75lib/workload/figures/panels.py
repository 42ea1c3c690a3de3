"""Parts of the workload charts: grids of small panels, a history with its fan."""

from __future__ import annotations

__all__ = ["fan", "fan_columns", "grid", "history", "month_ticks", "panel_title"]

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from s75lib.present import Column, charts

SMALL = 9.0
# Of a grid, in inches: room for numbers on the left, months below, titles above, and all three between.
_WIDE, _LEFT, _RIGHT, _BOTTOM, _TOP, _GAP = 8.0, 0.5, 0.2, 0.35, 0.3, 0.55


def grid(panels: int, *, columns: int, height: float = 1.75) -> tuple[Drawing, list[Axes]]:
    """Start a grid of small panels and take the empty ones away.

    Parameters
    ----------
    panels : int
    columns : int
        At most.
    height : float
        Of a row, in inches.

    Returns
    -------
    drawing : matplotlib Figure
    axes : list of Axes
        One a panel.
    """
    across = min(columns, panels)
    rows = math.ceil(panels / across)
    tall = 0.35 + height * rows
    sheet, axes = charts.drawing(_WIDE, tall, rows=rows, columns=across, squeeze=False)
    # Panels are all alike, so that their places need no search; it would take more time than the drawing.
    sheet.set_layout_engine(None)
    room = _WIDE - _LEFT - _RIGHT - (across - 1) * _GAP, tall - _TOP - _BOTTOM - (rows - 1) * _GAP
    sheet.subplots_adjust(
        left=_LEFT / _WIDE, right=1 - _RIGHT / _WIDE, bottom=_BOTTOM / tall, top=1 - _TOP / tall,
        wspace=_GAP * across / room[0], hspace=_GAP * rows / room[1],
    )  # fmt: skip
    flat: list[Axes] = list(np.ravel(axes))
    for axis in flat[panels:]:
        sheet.delaxes(axis)
    for axis in flat[:panels]:
        axis.tick_params(labelsize=SMALL)
        axis.yaxis.set_major_locator(MaxNLocator(3))
    return sheet, flat[:panels]


def panel_title(axis: Axes, text: str) -> None:
    """Write a panel's title on the left.

    Parameters
    ----------
    axis : Axes
    text : str
    """
    charts.panel_title(axis, text, size=9.5, pad=4)


def month_ticks(axis: Axes, months: Any, *, most: int = 3) -> None:
    """Mark the Aprils, or the first and last month where there are none.

    Parameters
    ----------
    axis : Axes
    months : array-like of dates
    most : int
        Marks at most.
    """
    every = pd.DatetimeIndex(months)
    marks = every[every.month == 4]
    if len(marks) < 2:
        marks = every[[0, -1]]
    if len(marks) > most:
        marks = marks[:: math.ceil(len(marks) / most)]
    axis.set_xticks(np.asarray(marks), [f"{mark:%b %y}" for mark in marks], fontsize=SMALL)


def history(axis: Axes, past: pd.DataFrame, ahead: pd.DataFrame, *, colour: str = charts.BLUE) -> None:
    """Draw what was counted and what is expected.

    Parameters
    ----------
    axis : Axes
    past : DataFrame
        month and count.
    ahead : DataFrame
        month, central, lower_80 and so on; may have no rows.
    colour : str
    """
    axis.plot(past["month"], past["count"], color=charts.GREY, linewidth=1.2)
    if len(ahead):
        for level, alpha in ((95, 0.16), (80, 0.30)):
            axis.fill_between(
                ahead["month"], ahead[f"lower_{level}"], ahead[f"upper_{level}"],
                color=colour, alpha=alpha, linewidth=0,
            )  # fmt: skip
        axis.plot(ahead["month"], ahead["central"], color=colour, linewidth=1.6, linestyle=(0, (4, 2)))
    axis.set_ylim(bottom=0)
    month_ticks(axis, [*past["month"], *(ahead["month"] if len(ahead) else [])])


def fan(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw a central line with its 80% and 95% bands.

    Parameters
    ----------
    axis : Axes
    rows : DataFrame
        month, central, lower_80, upper_80, lower_95, upper_95.
    """
    bands = [(rows[f"lower_{level}"], rows[f"upper_{level}"], "") for level in (95, 80)]
    charts.fan(axis, rows["month"], rows["central"], bands)


def fan_columns(central: str, unit: str, decimals: int = 1) -> tuple[Column, ...]:
    """Give the columns of a fan's table: month, centre and the ends of both intervals.

    Parameters
    ----------
    central : str
        Head of the centre's column.
    unit : str
    decimals : int

    Returns
    -------
    tuple of Column
    """
    heads = {"central": central, "lower_80": "80% from", "upper_80": "80% to",
             "lower_95": "95% from", "upper_95": "95% to"}  # fmt: skip
    return (
        Column("month", "Month", "date"),
        *(Column(name, head, "number", decimals, unit) for name, head in heads.items()),
    )
