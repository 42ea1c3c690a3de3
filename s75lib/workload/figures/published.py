"""Chart of what yearly published figures say."""

from __future__ import annotations

__all__ = ["means"]

from s75lib.present import Figure, Missing, charts, words
from s75lib.workload.figures.panels import SMALL
from s75lib.workload.naming import capital
from s75lib.workload.needs import NO_MEANS
from s75lib.workload.study import Study
from s75lib.workload.tables.moves import means as means_table


def means(work: Study) -> Figure | Missing:
    """Draw the change of each printed mean a month with its interval.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    data = means_table(work)
    if isinstance(data, Missing):
        return NO_MEANS
    rows = data.frame
    latest = rows[rows["after_period"] == rows["after_period"].max()].reset_index(drop=True)
    sheet, axis = charts.drawing(8.0, 1.0 + 0.6 * len(latest))
    labels = [f"{row['name']}: {row['before_printed']} to {row['after_printed']}" for row in
              latest.to_dict("records")]  # fmt: skip
    charts.dots_with_intervals(
        axis, labels, latest["change_percent"].to_list(), latest["change_lower"].to_list(),
        latest["change_upper"].to_list(), write=lambda value: f"{words.signed(value)}%",
    )  # fmt: skip
    axis.set_xlabel("change, %", fontsize=SMALL)
    clear = latest[(latest["change_lower"] > 0) | (latest["change_upper"] < 0)]
    said = [f"{n[:1].lower()}{n[1:]} {words.rose_fell(c)} by {words.percent(abs(c), 0)}"
            for n, c in zip(clear["name"], clear["change_percent"], strict=True)]  # fmt: skip
    title = words.join(said) if said else "no published mean a month changed by more than chance can explain"
    title = capital(title)
    years = latest["years"].iloc[0]
    alt = f"Dots with 95% intervals of the change of each mean a month, {years}. {title}."
    subtitle = f"Change of the mean a month, {years}, {work.place.name}; 95% interval, rounding allowed for"
    return Figure("means", title, subtitle, alt, sheet, data, f"{work.place.name}, published indicators")
