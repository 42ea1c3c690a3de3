"""Sentences on what came in, what shifted and what is expected."""

from __future__ import annotations

__all__ = ["accuracy", "expected", "others_expected", "searched", "steps"]

import math

from s75lib.present import Headline, words
from s75lib.workload import shown
from s75lib.workload.naming import capital, measure_name, month_name
from s75lib.workload.shifts import Shift
from s75lib.workload.study import Study

_FIRST = ("case_allocation_requests", "assessments", "reviews", "mha_assessments")
_MOST = 3


def expected(work: Study) -> list[Headline]:
    """Say what the main measure is expected to come to.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
        One, or none without a forecast.
    """
    return _expected(work, slice(1))


def others_expected(work: Study) -> list[Headline]:
    """Say what the next main measures are expected to come to.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
        At most two.
    """
    return _expected(work, slice(1, _MOST))


def _expected(work: Study, which: slice) -> list[Headline]:
    """Say what some measures are expected to come to, the main measures of social work first."""
    rows = work.ahead.years
    if rows.empty:
        return []
    rows = rows[rows["team"] == ""]
    order = [m for m in _FIRST if m in set(rows["measure"])]
    order += [m for m in rows["measure"] if m not in order]
    held = {row["measure"]: row for row in rows.to_dict("records")}
    return [
        _total(held[m] | dict.fromkeys(shown.hidden_years(work, m), math.nan), work.ahead.horizon)
        for m in order[which]
    ]


def _total(row: dict[object, object], horizon: int) -> Headline:
    value, low, high, last = (float(str(row[k])) for k in ("next_12", "lower_95", "upper_95", "last_12"))
    name = measure_name(str(row["measure"]))
    ahead = f"the next {words.number(horizon)} months" if horizon > 1 else "the next month"
    what = "average" if row["is_stock"] else "come to"
    text = (
        f"{capital(name)} are expected to {what} {words.number(value)} over {ahead} "
        f"(95% interval {words.interval(low, high, 0)})"
    )
    if not math.isnan(last) and horizon == 12:
        text += f", against {words.number(last)} in the last twelve"
        if low <= last <= high:
            text += ": no clear change"
    return Headline(
        f"workload.forecast.{row['measure']}", f"{text}.", value, "count",
        low, high, "combination of smoothing models, teams made to add up, 2,000 joint sample paths; error "
        f"of the central figure {row['error']:.1f}",
    )  # fmt: skip


def accuracy(work: Study) -> list[Headline]:
    """Say how many forecasts did no better than last year's figure.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    tests = work.ahead.tests
    tried = tests[tests["origins"] > 0] if len(tests) else tests
    if tried.empty:
        return []
    worse = tried[~tried["better"]]
    pooled = float((tried["coverage_95"] * tried["origins"]).sum() / tried["origins"].sum())
    count = words.count_noun(len(tried), "forecast")
    if worse.empty:
        every = "all " if len(tried) > 1 else ""
        text = f"Tested on past months, {every}{count} did better than last year's figure"
    else:
        names = words.join([measure_name(m) for m in worse["measure"]])
        text = f"Tested on past months, the forecast of {names} was no better than last year's figure"
        text += f"; {words.number(len(tried) - len(worse))} of {words.number(len(tried))} did better"
    text += f". {words.percent(100 * pooled, 0)} of the months fell within the 95% intervals"
    crossed = tried[tried["unseen_step"].notna()]
    if len(crossed):
        names = words.join([measure_name(m) for m in crossed["measure"]])
        text += f"; the forecasts of {names} were tested across a step that they could not know of"
    return [
        Headline("workload.accuracy", f"{text}.", float(len(worse)), "forecasts",
                 method="rolling origins against last year's figure")
    ]  # fmt: skip


def steps(work: Study) -> list[Headline]:
    """Say what shifted in all teams together, at a given month or at one found by search.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    whole = [shift for shift in work.shifts.found if not shift.team]
    return [*map(_given, work.given), *map(_found, whole)]


def searched(work: Study) -> list[Headline]:
    """Say which teams show a step, how many series were searched, and how many steps chance would give.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
    """
    tried = int(work.shifts.searched["is_searched"].sum())
    if not tried:
        return []
    said = []
    teams = [s for s in work.shifts.found if s.team]
    if teams:
        names = [f"{measure_name(s.measure)} in {s.team} ({_size(s)}, {month_name(s.month)})" for s in teams]
        text = f"By team, lasting steps stand out in {words.join(names)}."
        said.append(Headline("workload.steps.teams", text, float(len(teams)), "series", method=_METHOD))
    rate = f"by chance alone no more than {words.number(work.shifts.by_chance, 1)} would, simulations say"
    count = words.number(len(work.shifts.found))
    series = words.count_noun(tried, "series", "series")
    show = "shows" if len(work.shifts.found) == 1 else "show"
    if work.shifts.found:
        text = f"Of {series} searched for lasting steps, {count} {show} one; {rate}."
    else:
        text = f"No lasting step was found in the {series} searched."
    said.append(Headline("workload.steps", text, float(len(work.shifts.found)), "steps", method=_METHOD))
    return said


_METHOD = "Bayes factor of 6 or more for a step at an unknown month; size by segmented count regression"


def _found(shift: Shift) -> Headline:
    when = month_name(shift.month)
    if shift.earliest != shift.latest:
        when += f" (between {month_name(shift.earliest)} and {month_name(shift.latest)})"
    name = capital(measure_name(shift.measure))
    text = f"{name} {_verb(shift)} by {_interval(shift)} from {when}, {_excess(shift)}."
    return Headline(
        f"workload.step.{shift.measure}", text, 100 * (shift.ratio - 1), "percent",
        100 * (shift.lower - 1), 100 * (shift.upper - 1), _METHOD,
    )  # fmt: skip


def _given(shift: Shift) -> Headline:
    name, since = capital(measure_name(shift.measure)), month_name(shift.month)
    if math.isnan(shift.ratio):
        text = (
            f"Whether {measure_name(shift.measure)} changed since {since} can't be told: one side has none."
        )
    elif shift.is_clear:
        text = f"{name} {_verb(shift)} since {since}, by {_interval(shift)}, {_excess(shift)}."
    else:
        text = f"{name} show no clear change since {since}: {_interval(shift)}, which includes none."
    return Headline(
        f"workload.since.{shift.measure}", text, 100 * (shift.ratio - 1), "percent",
        100 * (shift.lower - 1), 100 * (shift.upper - 1),
        "segmented regression of the monthly counts at the given month",
    )  # fmt: skip


def _interval(shift: Shift) -> str:
    size, low, high = (100 * (value - 1) for value in (shift.ratio, shift.lower, shift.upper))
    if shift.is_clear and size < 0:
        size, low, high = -size, -high, -low
    return f"{words.percent(size, 0)} (95% interval {words.interval(low, high, 0, '%')})"


def _excess(shift: Shift) -> str:
    side = "more" if shift.excess >= 0 else "fewer"
    months = words.count_noun(shift.months_since, "month")
    return f"about {words.number(abs(shift.excess))} {side} in {months} than would have been"


def _verb(shift: Shift) -> str:
    return words.rose_fell(shift.ratio - 1)


def _size(shift: Shift) -> str:
    return f"{words.signed(100 * (shift.ratio - 1))}%"
