"""Marks that several charts of the wing share: labelled bars and lines of commitments."""

from __future__ import annotations

__all__ = [
    "bars",
    "line_panel",
    "room",
]

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from s75lib.budget.figures.bridges import write
from s75lib.present import charts


def bars(axis: Axes, names: list[str], values: np.ndarray, rounded: float) -> None:
    """Draw horizontal bars from zero, each with its amount, the first on top."""
    places = np.arange(len(names))[::-1]
    colours = [charts.ORANGE if value > 0 else charts.TEAL for value in values]
    bars = axis.barh(places, values, color=colours, height=0.62)
    for bar, value in zip(bars, values, strict=True):
        if value < 0:
            bar.set_hatch("///")
            bar.set_edgecolor("white")
            bar.set_linewidth(0)
        axis.annotate(
            write(rounded)(value, True),
            (value, bar.get_y() + bar.get_height() / 2),
            (4 if value >= 0 else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if value >= 0 else "right",
            fontsize=9,
        )
    axis.axvline(0, color="#222222", linewidth=1)
    axis.set_yticks(places, names, fontsize=9.5)
    axis.set_xticks([])
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.tick_params(axis="y", length=0)


def room(axis: Axes, values: np.ndarray, share: float = 0.3) -> None:
    """Leave room for the amounts beside the longest bars."""
    low, high = min(0.0, float(np.nanmin(values))), max(0.0, float(np.nanmax(values)))
    room = share * ((high - low) or 1.0)
    axis.set_xlim(low - room, high + room)


def line_panel(axis: Axes, part: pd.DataFrame, rounded: float) -> None:
    """Draw one group's gross commitments with its budget."""
    when, values, limit = part["as_at"], part["commitment"].to_numpy(), part["budget"].to_numpy()
    axis.plot(when, values, color=charts.BLUE, linewidth=2, marker="o", markersize=5)
    axis.plot(when, limit, color=charts.GREY, linewidth=1.3, linestyle=(0, (4, 3)))
    low, high = float(np.nanmin([values, limit])), float(np.nanmax([values, limit]))
    room = (high - low) or abs(high) or 1.0
    axis.set_ylim(low - 0.18 * room, high + 0.22 * room)
    for i, beside in ((0, 1), (len(values) - 1, -2)):
        below = values[i] < values[beside]
        axis.annotate(
            write(rounded)(values[i], False),
            (when.iloc[i], values[i]),
            (0, -14 if below else 7),
            textcoords="offset points",
            ha="left" if i == 0 else "right",
            fontsize=9,
            color=charts.BLUE,
        )
    axis.annotate(
        "budget",
        (when.iloc[0], limit[0]),
        (0, -12 if limit[0] < values[0] else 4),
        textcoords="offset points",
        ha="left",
        fontsize=9,
        color=charts.GREY,
    )
    days = (when - when.iloc[0]).dt.days.to_numpy()
    wanted = [len(days) - 1]
    for i in range(len(days) - 2, -1, -1):
        if days[wanted[-1]] - days[i] >= 0.2 * days[-1]:
            wanted.append(i)
    axis.set_xticks(when.iloc[wanted], part["label"].iloc[wanted], fontsize=9)
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    axis.tick_params(axis="y", labelsize=9)
