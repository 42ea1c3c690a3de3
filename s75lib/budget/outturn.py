"""Where the year will end: the commitment to date and to come, a projection, the full-year effect."""

from __future__ import annotations

__all__ = ["Outturn", "RunRate", "project", "run_rate", "scenario"]

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from s75lib.budget.ledger import commitments
from s75lib.budget.naming import bar_label, pounds
from s75lib.errors import MethodError
from s75lib.loaders import financial_year_of
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

FEWEST_MOVEMENTS = 3
_YEAR = 365.25


@dataclass(frozen=True)
class Outturn:
    """A projection of the net commitment (£) at the year end, with the past movements that it rests on."""

    as_at: pd.Timestamp
    year_end: pd.Timestamp
    commitment: float
    projected: float
    lower: float
    upper: float
    confidence: float
    movements: int
    method: str


@dataclass(frozen=True)
class RunRate:
    """The commitment (£) of one ledger snapshot, split at its day, and what open packages cost a full year.

    `full_year` is the net cost of the packages open at the year end for all days of the next year at today's
    prices, `full_year_effect` that less `commitment`.
    """

    as_at: pd.Timestamp
    year: str
    next_year: str
    to_date: float
    to_come: float
    commitment: float
    full_year: float
    full_year_effect: float


def run_rate(rows: pd.DataFrame) -> RunRate:
    """Split a snapshot's commitment at its day and give the full-year effect of what is open at the year end.

    In £ for the year. Days are counted with both ends; the next year's are 365 or 366. Items of earlier years
    are left out. MethodError without a line.

    Examples
    --------
    >>> found = run_rate(held.sides["after"])
    >>> found.year, found.next_year, round(found.to_come)
    ('2025/26', '2026/27', 0)
    """
    if rows.empty:
        raise MethodError("found a ledger without a row; expected at least one snapshot. Supply the dataset.")
    day = rows["snapshot_date"].iloc[0]
    sums = commitments(rows, by=())[["net", "to_date"]].sum()
    this = financial_year_of(day.date())
    after = financial_year_of(this.end + timedelta(days=1))
    goes_on = rows["end_date"].isna() | (rows["end_date"] > pd.Timestamp(this.end))
    stays = rows[~rows["prior"] & (rows["weeks"] > 0) & goes_on]
    until = stays["end_date"].fillna(pd.Timestamp(after.end)).clip(upper=pd.Timestamp(after.end))  # type: ignore[call-overload]
    weeks = ((until - pd.Timestamp(after.start)).dt.days + 1) / 7
    full = float((stays["net"] * weeks).sum())
    net, to_date = float(sums["net"]), float(sums["to_date"])
    return RunRate(day, this.label, after.label, to_date, net - to_date, net, full, full - net)


def project(series: pd.DataFrame, *, confidence: float = 0.8) -> Outturn:
    """Project the net commitment to the last day of the latest snapshot's year from its own past movements.

    The run-rate is taken as a random walk with drift, so that a change of it moves the year's commitment less
    and less; docs/methods.md has the formulae. On the last day nothing is left: the projection is the
    commitment. Costs of earlier years that are still to be billed are beyond this model. MethodError for
    fewer than three movements within a year, an unknown commitment, or a confidence that is not in (0, 1).
    Source: Draper and Smith (1998) Applied Regression Analysis, 3rd edition, chapter 9.

    Parameters
    ----------
    series : DataFrame
        ``as_at`` (day), ``financial_year`` and ``commitment`` (net, £), one row per snapshot, of one or more
        years.
    confidence : float
        Coverage of the prediction interval, in (0, 1).

    Examples
    --------
    Cambridgeshire's net commitments of 2019/20 in £ thousand, April to December:

    >>> series = pd.DataFrame({"as_at": pd.to_datetime(["2019-04-30", "2019-06-30", "2019-09-30",
    ...     "2019-11-30", "2019-12-31"]), "financial_year": "2019/20",
    ...     "commitment": [8971.0, 9170.0, 9547.0, 9608.0, 9602.0]})
    >>> found = project(series)
    >>> round(found.projected), found.lower < 9602 < found.upper
    (9647, True)
    """
    if not 0 < confidence < 1:
        raise MethodError(f"confidence: found {confidence}; expected a number between 0 and 1, such as 0.8.")
    moves = _movements(series)
    if len(moves) < FEWEST_MOVEMENTS:
        raise MethodError(
            f"found {len(moves)} movements of the commitment within a year; expected at least "
            f"{FEWEST_MOVEMENTS}. Supply more snapshots."
        )
    w, v, d = (moves[name].to_numpy() for name in ("w", "v", "d"))
    information = float(np.sum(w**2 / v))
    drift = float(np.sum(w * d / v)) / information
    spread = float(np.sum((d - drift * w) ** 2 / v)) / (len(d) - 1)
    last = series.sort_values("as_at").iloc[-1]
    end = _year_end(pd.Timestamp(last["as_at"]))
    left = (end - pd.Timestamp(last["as_at"])).days / _YEAR
    w_left, v_left = left**2 / 2, left**3 / 3
    error = float(np.sqrt(spread * (v_left + w_left**2 / information)))
    reach = float(stats.t.ppf((1 + confidence) / 2, len(d) - 1)) * error
    now = float(last["commitment"])
    centre = now + drift * w_left
    return Outturn(
        pd.Timestamp(last["as_at"]),
        end,
        now,
        centre,
        centre - reach,
        centre + reach,
        confidence,
        len(d),
        "run-rate as a random walk with drift, from past movements within the year",
    )


def scenario(series: pd.DataFrame) -> dict[str, float]:
    """Repeat what the commitment did from the same month to the end in each earlier year.

    Returns
    -------
    dict of str to float
        Earlier financial year to the outturn (£) if the same relative movement came again; empty where no
        earlier year holds a snapshot of the same month and one of March.

    Examples
    --------
    >>> series = pd.DataFrame({"as_at": pd.to_datetime(["2023-12-31", "2024-03-31", "2024-12-31"]),
    ...     "financial_year": ["2023/24", "2023/24", "2024/25"], "commitment": [100.0, 95.0, 200.0]})
    >>> scenario(series)
    {'2023/24': 190.0}
    """
    ordered = series.sort_values("as_at")
    last = ordered.iloc[-1]
    month = pd.Timestamp(last["as_at"]).month
    found = {}
    for year, rows in ordered[ordered["financial_year"] != last["financial_year"]].groupby("financial_year"):
        then, end = rows[rows["as_at"].dt.month == month], rows[rows["as_at"].dt.month == 3]
        if len(then) and len(end) and float(then["commitment"].iloc[-1]) != 0:
            ratio = float(end["commitment"].iloc[-1]) / float(then["commitment"].iloc[-1])
            found[str(year)] = float(last["commitment"]) * ratio
    return found


def _movements(series: pd.DataFrame) -> pd.DataFrame:
    ordered = series.sort_values(["financial_year", "as_at"])
    if ordered["commitment"].isna().any():
        raise MethodError(
            "found a snapshot without a commitment; expected one for each. Leave the snapshot out."
        )
    old = ordered.groupby("financial_year")[["as_at", "commitment"]].shift()
    end = ordered["as_at"].map(_year_end)
    first, last = ((end - day).dt.days / _YEAR for day in (old["as_at"], ordered["as_at"]))
    w, v = (first**2 - last**2) / 2, (first**3 - last**3) / 3
    return pd.DataFrame({"w": w, "v": v, "d": ordered["commitment"] - old["commitment"]}).dropna()


def _year_end(day: pd.Timestamp) -> pd.Timestamp:
    return pd.Timestamp(financial_year_of(day.date()).end)


_FULL_YEAR = "Full-year effect: more than this year's commitment"


def headlines(study: Study) -> Iterator[Headline]:
    """Say where the year is heading, and what the packages will cost in a full year."""
    found, rate = study.pace, study.run_rate
    if found is not None:
        yield _projection(found, study)
        yield from _scenarios(study, found)
    if rate is not None:
        word = "more" if rate.full_year_effect >= 0 else "less"
        yield Headline(
            "budget.full_year",
            f"Packages open at the end of {rate.year} cost {pounds(rate.full_year)} net in a full "
            f"{rate.next_year}, {pounds(rate.full_year_effect)} {word} than this year's commitment. "
            "That is at today's prices.",
            rate.full_year_effect,
            "£",
            method="open packages × days of the next year, less the commitment",
            see=("run_rate",),
            stake="money",
            cell=("run_rate", _FULL_YEAR, "value"),
            course=(rate.full_year - rate.full_year_effect, rate.full_year),
        )


def _projection(found: Outturn, study: Study) -> Headline:
    forecast, tied = float(study.net["forecast"].iloc[-1]), study.year_end and f" {study.year_end}"
    beside, apart = "", forecast - found.projected
    if not isnan(forecast):
        side = f"{pounds(apart, study.rounded)} {'more' if apart > 0 else 'less'} than at that pace"
        beside = f" The budget monitor forecasts {pounds(forecast)} for care packages, {side}."
    return Headline(
        "budget.outturn",
        f"At the pace of past movements, the net commitment ends the year near {pounds(found.projected)} "
        f"({100 * found.confidence:.0f}% prediction interval {pounds(found.lower)} to "
        f"{pounds(found.upper)}).{beside}{tied} It stands at {pounds(found.commitment)} now. The pace is "
        f"that of {words.count_noun(found.movements, 'past movement')}, and other adjustments are left out.",
        found.projected,
        "£",
        found.lower,
        found.upper,
        found.method,
        see=("outturn",),
        cell=("outturn", f"{found.year_end:%Y-%m-%d}", "commitment"),
        # The page opens with one year end: the monitor's where it has one.
        stake="context" if beside else "money",
        against=found.commitment,
        line="now",
    )


def _scenarios(study: Study, found: Outturn) -> Iterator[Headline]:
    """State what earlier years' last months would mean, or that none is held."""
    repeated = scenario(study.net)
    if not repeated:
        yield Headline(
            "budget.scenario",
            "Last year's snapshots are not held, so its course to the year end can't be compared.",
        )
    for year, value in repeated.items():
        yield Headline(
            f"budget.scenario.{year}",
            f"If the commitment moved to the year end as in {year}, it would end at {pounds(value)}, "
            f"{pounds(value - found.commitment)} {'more' if value > found.commitment else 'less'} than now.",
            value,
            "£",
            method="relative movement from the same month to the year end",
            see=("outturn",),
        )


_TOO_FEW_MOVEMENTS = Missing.of(
    "A projection needs three movements of the net commitment within a year; fewer are held.",
    "budget",
    ("as_at", "commitment"),
    "the outturn, with an interval from past movements",
)
_OUTTURN = table_of(
    "outturn.data",
    Column("as_at", "Day", "date"),
    Column("commitment", "Net commitment, £", "money", unit="£"),
    Column("lower", "Lower", "money", unit="£"),
    Column("upper", "Upper", "money", unit="£"),
)
_RUN_RATE = table_of(
    "run_rate",
    Column("name", "Amount"),
    Column("value", "£", "money", unit="£"),
    notes=(
        "Days are counted with both ends. Next year's prices, starters and leavers are not in the full-year "
        "effect.",
    ),
)


def _figure(study: Study) -> Figure | Missing:
    found, rows, place = study.outturn, study.net, study.place
    if found is None:
        return _TOO_FEW_MOVEMENTS
    if found.as_at == found.year_end:
        return Missing(f"The year ended on {words.day(found.year_end)}: nothing is left to project.")
    here = rows[rows["financial_year"] == rows["financial_year"].iloc[-1]]
    limit, label = float(here["budget"].iloc[-1]), bar_label(1000)
    sheet, axis = charts.drawing(3.8)
    axis.plot(here["as_at"], here["commitment"], color=charts.BLUE, linewidth=2, marker="o", markersize=5)
    band = ([found.commitment, found.lower], [found.commitment, found.upper], "")
    charts.fan(axis, [found.as_at, found.year_end], [found.commitment, found.projected], [band])
    axis.axhline(limit, color=charts.GREY, linewidth=1.2, linestyle=(0, (1, 2)))
    charts.note(axis, "budget", (here["as_at"].iloc[0], limit), (0, 4), color=charts.GREY)
    span = [found.lower, found.upper, limit, float(here["commitment"].min()), float(here["commitment"].max())]
    reach = max(span) - min(span)
    axis.set_ylim(min(span) - 0.1 * reach, max(span) + 0.15 * reach)
    for value in (found.upper, found.projected, found.lower):
        charts.note(axis, label(value, False), (found.year_end, value), (5, -3), annotation_clip=False)
    ends = here.iloc[[0, -1]]
    axis.set_xticks([*ends["as_at"], found.year_end], [*ends["label"], "Year end"], fontsize=9)
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    over = found.projected - limit
    title = (
        f"If packages go on as before, the year ends near {pounds(found.projected)}, "
        f"{pounds(over)} {'over' if over > 0 else 'under'} budget, in a range from "
        f"{pounds(found.lower)} to {pounds(found.upper)}"
    )
    projected = (found.year_end, found.projected, found.lower, found.upper)
    last = pd.DataFrame([projected], columns=["as_at", "commitment", "lower", "upper"])
    frame = pd.concat([here[["as_at", "commitment"]], last])
    chance = f"{100 * found.confidence:.0f}%"
    return Figure(
        "outturn",
        title,
        f"Net commitment, {place}, with an {chance} prediction interval; other adjustments are left out",
        f"{title}.",
        sheet,
        _OUTTURN.of(frame, "Net commitment by snapshot, and the projection"),
        f"{place}, budget monitor",
    )


def _table(study: Study) -> Table | Missing:
    found = study.run_rate
    if found is None:
        return study.no_ledger
    day = words.day(found.as_at)
    rows = [
        (f"Net commitment from 1 April to {day}", found.to_date),
        (f"Net commitment from then to the end of {found.year}", found.to_come),
        (f"Net commitment for {found.year}", found.commitment),
        (f"The packages open at the end of {found.year}, for all of {found.next_year}", found.full_year),
        (_FULL_YEAR, found.full_year_effect),
    ]
    title = f"Commitment at {day} and what it costs in a full year, £"
    return _RUN_RATE.of(pd.DataFrame(rows, columns=["name", "value"]), title, strong=(2,))


def section(study: Study) -> Section:
    """Show the projection to the year end and the full-year effect."""
    return Section.of(headlines(study), _figure(study), _table(study))
