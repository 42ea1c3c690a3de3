"""Charts of what waits and what is open: backlog, caseload, the rota, vacancies filled."""

from __future__ import annotations

__all__ = ["backlog", "caseload", "recruitment", "rota"]


from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.workload import shown
from s75lib.workload.figures.panels import SMALL, fan, fan_columns, history, month_ticks
from s75lib.workload.needs import NO_CASELOAD, NO_ROTA, NO_STAFFING, NO_WORKFORCE
from s75lib.workload.study import Study


def backlog(work: Study) -> Figure | Missing:
    """Draw the work that piles up if those in post, with locums, stay as many as they are.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    if work.pile.empty:
        return NO_STAFFING if work.needed.is_empty else NO_WORKFORCE
    months = work.needed.months.loc[work.needed.months["pool"] == "casework", "month"]
    rows = work.pile.assign(month=months.to_numpy())
    sheet, axis = charts.drawing(8.0, 3.2)
    fan(axis, rows)
    axis.set_ylim(bottom=0)
    month_ticks(axis, rows["month"], most=4)
    axis.set_ylabel("weeks of work waiting", fontsize=SMALL)
    last = rows.iloc[-1]
    title = (
        f"In one case in ten at least {words.number(last['upper_80'], 1)} weeks of work would wait after "
        f"{words.count_noun(len(rows), 'month')}"
    )
    alt = f"Line of the median backlog by month with 80% and 95% bands. {title}."
    subtitle = (
        "Casework that waits if those in post, with locums, stay as many: median (dashed), 80% and 95% "
        f"intervals, in weeks of the whole staff's work, {work.place.name}"
    )
    data = Table("backlog.data", "Weeks of work waiting by month", rows, fan_columns("Median", "weeks"))
    return Figure("backlog", title, subtitle, alt, sheet, data,
                  f"{work.place.name}, activity, assumptions, workforce")  # fmt: skip


def caseload(work: Study) -> Figure | Missing:
    """Draw the open packages of the last twelve months and of the next.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    found = work.caseload
    if found is None:
        return NO_CASELOAD
    past = shown.open_packages(work).table.frame.rename(columns={"open": "count"})
    sheet, axis = charts.drawing(8.0, 3.0)
    history(axis, past, found.ahead)
    now, last = float(found.months["open"].iloc[-1]), found.ahead.iloc[-1]
    middle = words.number(last["central"])
    title = f"{words.number(now)} packages are open; at these rates {middle} would be in twelve months"
    alt = f"Line of open packages by month with a fan for the next twelve. {title}."
    subtitle = (
        f"Open care packages at month end (grey) and as stock and flow ahead, 80% and 95% intervals, "
        f"{work.place.name}"
    )
    columns = fan_columns("Open", "packages", 0)
    data = Table("caseload.data", "Open packages ahead, by month", found.ahead, columns)
    return Figure("caseload", title, subtitle, alt, sheet, data, f"{work.place.name}, package ledger")


def recruitment(work: Study) -> Figure | list[Figure]:
    """Draw the casework staff in post if every vacancy is advertised now.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or list
        An empty list without posts and people, of which the posts' table tells.
    """
    found = work.recruitment
    if found is None:
        return []
    rows = found.months
    sheet, axis = charts.drawing(8.0, 3.0)
    fan(axis, rows)
    axis.axhline(found.establishment, color=charts.PURPLE, linewidth=1.6)
    axis.axhline(found.in_post, color=charts.ORANGE, linewidth=1.6, linestyle=(0, (2, 2)))
    left = float(rows["month"].iloc[0])
    for level, text, colour in (
        (found.establishment, "funded", charts.PURPLE), (found.in_post, "in post now", "#B3400B"),
    ):  # fmt: skip
        axis.annotate(text, (left, level), (0, 3), textcoords="offset points", fontsize=SMALL, color=colour)
    axis.set_xticks(rows["month"])
    axis.set_xlabel("months from now", fontsize=SMALL)
    axis.set_ylabel("WTE (axis does not start at 0)", fontsize=SMALL)
    vacant = max(found.establishment - float(rows["central"].iloc[-1]), 0.0)
    title = (
        f"Even with every vacancy advertised now, about {words.number(vacant, 1)} WTE would be vacant in "
        f"{words.count_noun(len(rows), 'month')}"
    )
    alt = f"Line of casework staff in post by month with 80% and 95% bands, below the funded posts. {title}."
    subtitle = f"Casework WTE in post at month end if all vacancies are advertised now, {work.place.name}"
    columns = (Column("month", "Month", "number"), *fan_columns("In post", "WTE")[1:])
    data = Table("recruitment.data", "Casework WTE in post, by month", rows, columns)
    return Figure("recruitment", title, subtitle, alt, sheet, data,
                  f"{work.place.name}, workforce, assumptions")  # fmt: skip


def rota(work: Study) -> Figure | Missing:
    """Draw how often a day's demand exceeds the people on duty.

    Parameters
    ----------
    work : Study

    Returns
    -------
    Figure or Missing
    """
    found = work.rota
    if found is None:
        return NO_ROTA
    rows = found.chances.assign(percent=100 * found.chances["probability"])
    sheet, axis = charts.drawing(8.0, 3.0)
    here = rows["on_duty"] == round(found.on_duty)
    colours = [charts.BLUE if mine else charts.LIGHT for mine in here]
    axis.bar(rows["on_duty"], rows["percent"], color=colours, width=0.7)
    for people, share in zip(rows["on_duty"], rows["percent"], strict=True):
        axis.annotate(words.percent(share, 1 if share < 10 else 0), (people, share), (0, 3),
                      textcoords="offset points", ha="center", fontsize=SMALL)  # fmt: skip
    ticks = [f"{n}\nas now" if mine else f"{n}" for n, mine in zip(rows["on_duty"], here, strict=True)]
    axis.set_xticks(rows["on_duty"], ticks, fontsize=SMALL)
    axis.set_xlabel("AMHPs on duty", fontsize=SMALL)
    axis.set_ylabel("% of days short", fontsize=SMALL)
    axis.set_ylim(0, float(rows["percent"].max()) * 1.12)
    now = found.cases.iloc[0]
    title = (
        f"With {words.number(found.on_duty)} AMHPs on duty, demand would exceed them on "
        f"{words.percent(100 * now['probability'], 0)} of days"
    )
    alt = f"Columns of the share of days on which assessments exceed AMHPs on duty, by their number. {title}."
    columns = (
        Column("on_duty", "On duty", "number", unit="people"),
        Column("percent", "Days short", "percent", 1, "percent"),
    )
    data = Table("rota.data", "Days on which demand exceeds those on duty", rows, columns)
    subtitle = (
        f"{words.number(found.daily_mean, 2)} Mental Health Act assessments a day expected, {work.place.name}"
    )
    return Figure("rota", title, subtitle, alt, sheet, data, f"{work.place.name}, activity; assumptions")
