"""The years ahead as one model: what is open, what prices do, who starts and leaves, by month and cell."""

from __future__ import annotations

__all__ = ["Model", "Projection", "model", "project"]

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from s75lib.loaders import financial_year_of
from s75lib.next_year.history import MONEY, Array, Codes, Flows, History
from s75lib.stats.forecasting import Forecast, forecast

YEARS = 3
"""Years ahead: the next, and two after it."""
FEWEST_MONTHS = 6
"""Fewest months of starters and leavers from which a demand is worked out."""
_AT_ONCE = 1000


@dataclass(frozen=True, eq=False)
class Model:
    """What the years ahead are worked out from.

    - `year`: Of each month: 0 for what is left of this year, 1 for the next, and so on.
    - `weeks`: Days of each month, over seven.
    - `known` (months, groups, money): Cost in the month of what is open now, to its known end, at today's
      prices, £.
    - `group_cell` (groups,): Cell of each group: those of one cell whose prices rise alike.
    - `group_rules`, `cell_rules` (groups or cells, years): Row of `uplifts` for each year ahead; −1 for none.
      A cell's are those of its new packages.
    - `stock`, `ending` (months, cells, money): Weekly cost of what is open now and still runs as the month
      begins, and of what is known to end in it.
    - `counts`: Starters a month; None where too few months are held.
    - `share_spread`, `cost_spread`: As in `History`: points and share of the cost.
    - `cases` (groups,): Cases with a package in the group.
    """

    day: pd.Timestamp
    labels: tuple[str, ...]
    months: pd.DatetimeIndex
    year: Codes
    weeks: Array
    cells: pd.DataFrame
    known: Array
    group_cell: Codes
    group_rules: Codes
    cell_rules: Codes
    stock: Array
    ending: Array
    uplifts: pd.DataFrame
    flows: Flows
    counts: Forecast | None
    share_spread: float
    cost_spread: float
    cases: Codes


@dataclass(frozen=True, eq=False)
class Projection:
    """Cost of the years ahead, for each draw: arrays (draws, years, parts, money) of £.

    - `today`: What is open now, at today's prices.
    - `price`: What prices add to that, the NHS bearing today's share, and clients what their charges add.
    - `starters`, `leavers`: What those add and take off, at the prices of the day.
    """

    today: Array
    price: Array
    starters: Array
    leavers: Array

    @property
    def total(self) -> Array:
        """All of it."""
        return self.today + self.price + self.starters + self.leavers


def years_ahead(day: pd.Timestamp) -> tuple[str, ...]:
    """Give the financial year of a day, and those ahead.

    >>> years_ahead(pd.Timestamp("2026-03-31"))
    ('2025/26', '2026/27', '2027/28', '2028/29')
    """
    year = financial_year_of(day.date())
    found = [year]
    for _ in range(YEARS):
        found.append(financial_year_of(found[-1].end + timedelta(days=1)))
    return tuple(one.label for one in found)


def rules_ahead(uplifts: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
    """Choose the uplifts of the years ahead; a year that has none takes those of the year before it.

    With ``ahead`` (1 for the next year) and ``carried`` (the year that it comes from, if another); no first
    year's are made up.

    >>> from s75lib.loaders import load
    >>> found = rules_ahead(load("exampleshire").uplifts, ("2025/26", "2026/27", "2027/28", "2028/29"))
    >>> found.groupby("ahead")["carried"].first().tolist()
    ['', '', '2027/28']
    """
    found, last = [], uplifts.iloc[:0]
    for ahead, label in enumerate(labels[1:], start=1):
        own = uplifts[uplifts["financial_year"] == label]
        carried = own.empty and not last.empty
        begins = pd.Timestamp(int(label[:4]), 4, 1)
        last = (
            own
            if len(own)
            else last.assign(effective_from=pd.Series(pd.NaT, index=last.index, dtype="datetime64[s]"))
        )
        since = last["effective_from"].fillna(begins)
        year = str(last["financial_year"].iloc[0]) if carried else ""
        found.append(last.assign(ahead=ahead, carried=year, since=since))
    return pd.concat(found, ignore_index=True)


def fitting(
    rows: pd.DataFrame, rules: pd.DataFrame, repriced: Callable[[float, pd.Timestamp], Array]
) -> Codes:
    """Find the rule of one year for each package: the most specific that fits, −1 for none.

    - `rows`: Lines of packages: ``care_type``, ``service_group``, ``provider``, ``gross`` (£ a week).
    - `rules`: Uplifts of prices in one year, their index being what is given back.
    - `repriced`: Given months and the day of a new price: which rows have had a rise in that time already.

    A limit outweighs a provider, a provider a care type, a care type a service group.

    >>> names = ["care_type", "service_group", "provider", "above_weekly", "repriced_within", "since"]
    >>> rules = pd.DataFrame([["", "", "", np.nan, np.nan, None], ["Nursing", "", "", np.nan, np.nan, None]],
    ...                      columns=names)
    >>> rows = pd.DataFrame({"care_type": ["Nursing", "Dom Care"], "service_group": "", "provider": "",
    ...                      "gross": 900.0})
    >>> fitting(rows, rules, lambda months, day: np.zeros(2, dtype=bool)).tolist()
    [1, 0]
    """
    found, best = np.full(len(rows), -1), np.full(len(rows), -1)
    names = ["care_type", "service_group", "provider"]
    kept = [rows[name].to_numpy() for name in names]
    gross = rows["gross"].to_numpy(dtype=float)
    for at, *wanted, above, within, since in rules[
        [*names, "above_weekly", "repriced_within", "since"]
    ].itertuples():
        weight = sum(w for value, w in zip(wanted, (2, 1, 4), strict=True) if value) + (8 if above > 0 else 0)
        fits = (best < weight) & (gross > above if above > 0 else True)
        for value, cells in zip(wanted, kept, strict=True):
            fits &= (cells == value) if value else True
        done = repriced(within, since) if within > 0 else False
        found = np.where(fits, np.where(done, -1, at), found)
        best = np.where(fits, weight, best)
    return found


def model(held: History, found: Flows, uplifts: pd.DataFrame) -> Model:
    """Put together what the years ahead are worked out from.

    A package's cost in a month is its weekly cost times the days of the month that it runs, both ends
    counted, over seven; so a year has 365 or 366 days, 52 and one or two sevenths weeks.

    Examples
    --------
    >>> made = model(held.history, held.flows, held.data.uplifts)
    >>> made.labels[1], f"{made.weeks[made.year == 1].sum():.4f} weeks"
    ('2026/27', '52.1429 weeks')
    """
    day = held.days[-1]
    labels = years_ahead(day)
    first = day + pd.Timedelta(days=1)
    months = pd.date_range(
        first if first.day == 1 else first + pd.offsets.MonthBegin(),
        f"{int(labels[-1][:4]) + 1}-03-01",
        freq="MS",
    )
    lasts = months + pd.offsets.MonthEnd()
    year = np.asarray(months.to_period("Q-MAR").qyear) - int(labels[0][:4]) - 1
    latest = held.snapshot == len(held.days) - 1
    lines = held.rows[latest]
    ahead = (lines["weeks"] > 0) & ~(lines["end_date"] < months[0])
    lines, at = lines[ahead], np.flatnonzero(latest)[ahead.to_numpy()]
    rules = rules_ahead(uplifts, labels)
    prices = rules[rules["basis"] != "client_income"].reset_index(drop=True)
    charges = rules[rules["basis"] == "client_income"]

    def repriced(within: float, since: pd.Timestamp) -> Array:
        return np.asarray(held.repriced(since - pd.DateOffset(months=round(within)))[held.case[at]])

    def by_year(rows: pd.DataFrame, done: Callable[[float, pd.Timestamp], Array]) -> Codes:
        chosen = [fitting(rows, prices[prices["ahead"] == y], done) for y in range(1, YEARS + 1)]
        return np.stack(chosen, axis=1)

    line_rules = by_year(lines, repriced)
    keys = np.column_stack([held.cell[at], line_rules])
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    cell, size = held.cell[at], len(held.cells)
    start, end = lines["start_date"].to_numpy(), lines["end_date"].to_numpy()
    money = lines[list(MONEY)].to_numpy(dtype=float)
    known = np.zeros((len(months), len(groups), len(MONEY)))
    stock, ending = np.zeros((2, len(months), size, len(MONEY)))
    for t, (begins, ends) in enumerate(zip(months.to_numpy(), lasts.to_numpy(), strict=True)):
        until = np.where(np.isnat(end), ends, np.minimum(end, ends))
        days = (until - np.maximum(start, begins)).astype("timedelta64[D]").astype(float) + 1
        weeks = np.maximum(days, 0) / 7
        runs = (start <= begins) & ~(end < begins)
        stops = (end >= begins) & (end <= ends)
        for k in range(len(MONEY)):
            known[t, :, k] = np.bincount(group, money[:, k] * weeks, minlength=len(groups))
            stock[t, :, k] = np.bincount(cell[runs], money[runs, k], minlength=size)
            ending[t, :, k] = np.bincount(cell[stops], money[stops, k], minlength=size)
    nobody = np.zeros(size, dtype=bool)
    new = held.cells.assign(provider="", gross=0.0)
    counts = found.counts["started"].sum(axis=1)
    return Model(
        day,
        labels,
        months,
        year,
        ((lasts - months).days.to_numpy() + 1) / 7,
        held.cells,
        known,
        groups[:, 0],
        groups[:, 1:],
        by_year(new, lambda within, since: nobody),
        stock,
        ending,
        pd.concat([prices, charges], ignore_index=True),
        found,
        forecast(counts, len(months)) if len(counts) >= FEWEST_MONTHS else None,
        held.share_spread(),
        held.cost_spread(),
        np.bincount(np.unique(np.column_stack([group, held.case[at]]), axis=0)[:, 0], minlength=len(groups)),
    )


@dataclass(frozen=True, eq=False)
class Draws:
    """Values of what is uncertain, one row a draw; a single row of expected values is the central case.

    - `percent` (draws, uplifts): Rise of each row of `Model.uplifts`.
    - `starting`: Given a month's place and some draws: weekly cost of those who start in it, (draws, cells,
      money).
    - `leaving`: Likewise: share of the weekly cost that leaves in it.
    - `count`: Draws.
    """

    percent: Array
    starting: Callable[[int, slice], Array]
    leaving: Callable[[int, slice], Array]
    count: int = 1


def central_draws(made: Model) -> Draws:
    """Give the single draw of central uplifts and mean rates."""
    found = made.flows
    percent = made.uplifts["central"].to_numpy(dtype=float)[None]
    if made.counts is None:
        nothing = np.zeros((1, len(made.cells), len(MONEY)))
        return Draws(percent, lambda t, some: nothing, lambda t, some: nothing)
    profile = found.started.sum(axis=0) / max(found.counts["started"].sum(), 1)
    rate = _hazards(found).mean(axis=0)
    mean = made.counts.table["mean"].to_numpy()
    return Draws(percent, lambda t, some: (mean[t] * profile)[None], lambda t, some: rate[None])


def random_draws(made: Model, n: int, rng: np.random.Generator, vary: frozenset[str] | None = None) -> Draws:
    """Draw uplifts, starters and leavers jointly; what `vary` does not name keeps its central value.

    All uplifts of a year take the same quantile of their PERT distributions, for they have the same causes.
    Starters are drawn by the forecaster's joint paths of monthly counts, each month with the costs of a
    month held; leavers' shares are those of a month held. Months are drawn twice, first a set for each draw
    and then from it, so that what few months tell of the mean is uncertain too.

    Davison and Hinkley (1997) Bootstrap Methods and their Application, Cambridge, 2.3 and 3.
    """
    central = central_draws(made)
    percent, starting, leaving = central.percent, central.starting, central.leaving
    found, months = made.flows, len(made.flows.months)
    if vary is None or "prices" in vary:
        chance = rng.uniform(size=(n, YEARS))[:, made.uplifts["ahead"].to_numpy(dtype=int) - 1]
        percent = pert(made.uplifts, chance)
    sets, places = (
        rng.integers(0, months or 1, (n, months or 1)),
        rng.integers(0, months or 1, (n, len(made.months))),
    )
    if made.counts is not None and (vary is None or "leavers" in vary):
        rates, chosen = _spread_out(_hazards(found)), np.take_along_axis(sets, places, axis=1)
        leaving = partial(_picked, rates, chosen)

    if made.counts is not None and (vary is None or "starters" in vary) and found.counts["started"].any():
        began = found.counts["started"].sum(axis=1)
        each = _spread_out(found.started / np.maximum(began, 1)[:, None, None], began)
        costs = np.searchsorted(np.cumsum(began) / began.sum(), rng.uniform(size=(n, months)), side="right")
        picked = np.take_along_axis(costs, places, axis=1)
        paths = made.counts.simulate(n, rng)
        starting = partial(_picked, each, picked, times=paths)

    return Draws(percent, starting, leaving, n)


def pert(rows: pd.DataFrame, chance: Array) -> Array:
    """Give quantiles of each row's PERT distribution of low, central and high; no range is a fixed value."""
    low, central, high = (rows[name].to_numpy(dtype=float) for name in ("low", "central", "high"))
    width = np.where(high > low, high - low, 1.0)
    rise = 4 * np.where(high > low, central - low, 0.5) / width
    return np.where(high > low, low + width * stats.beta.ppf(chance, 1 + rise, 5 - rise), central)


def _picked(months: Array, chosen: Codes, t: int, some: slice, times: Array | None = None) -> Array:
    """Give for each draw the month chosen for one ahead, times a number of its own."""
    found = months[chosen[some, t]]
    return np.asarray(found if times is None else times[some, t, None, None] * found)


def _spread_out(months: Array, weights: Array | None = None) -> Array:
    """Move months away from their mean by √(n / (n − 1)), for a bootstrap of n is too narrow by that."""
    n = len(months)
    mean = np.average(months, axis=0, weights=weights)
    return np.asarray(mean + (months - mean) * np.sqrt(n / max(n - 1, 1)))


def _hazards(found: Flows) -> Array:
    """Share of the weekly cost that left in each month: what left over the mean cost that was open."""
    mean = found.stock.mean(axis=0) if len(found.months) else np.zeros(found.stock.shape[1:])
    return np.divide(found.left, mean, out=np.zeros_like(found.left), where=mean > 0)


def project(made: Model, draws: Draws, parts: Codes | None = None) -> Projection:
    """Work the years ahead out for each draw.

    The stock of a cell follows from month to month: what is open now less its known ends, and starters less
    leavers. Known ends are among the usual leavers; those that are more than usual end all the same. Those
    who start or leave in a month count for half of it.

    Parameters
    ----------
    parts : array of int, (cells,), optional
        Part to which each cell is added up; all are one by default.

    Examples
    --------
    >>> made = held.model
    >>> each = np.arange(len(made.cells))
    >>> whole, alone = (project(made, central_draws(made), parts) for parts in (None, each))
    >>> bool(np.allclose(whole.total.sum(axis=2), alone.total.sum(axis=2)))
    True
    """
    part = np.zeros(len(made.cells), dtype=int) if parts is None else parts
    shape = (YEARS, int(part.max()) + 1, len(MONEY))
    # A few hundred draws at a time stay in the processor's cache.
    some = [slice(at, min(at + _AT_ONCE, draws.count)) for at in range(0, draws.count, _AT_ONCE)]
    found = [_projected(made, draws, rows, part, shape) for rows in some]
    return Projection(*(np.concatenate(each) for each in zip(*found, strict=True)))


def _projected(
    made: Model, draws: Draws, rows: slice, part: Codes, shape: tuple[int, ...]
) -> tuple[Array, Array, Array, Array]:
    """Work the years ahead out for some of the draws: what the fields of a projection hold."""
    n, of_group, ahead = rows.stop - rows.start, part[made.group_cell], made.uplifts["ahead"].to_numpy()
    today, price, came, gone = np.zeros((4, n, *shape))
    short = made.flows.short.mean(axis=0) if made.counts is not None else 0.0
    rules = {"group": made.group_rules, "cell": made.cell_rules}
    # The last column stands for no rule; so does place −1.
    percent = draws.percent[rows if len(draws.percent) > 1 else slice(None)] / 100
    percent = np.concatenate([percent, np.zeros((len(percent), 1))], axis=1)
    charges = made.uplifts["basis"].to_numpy() == "client_income"
    begun: dict[str, Array] = {name: np.ones((1, 1)) for name in (*rules, "client")}
    arrived, left, usual = np.zeros((3, n, *made.stock.shape[1:]))
    ended = made.ending.cumsum(axis=0)
    for t, y in enumerate(made.year):
        begins, starts = left, draws.starting(t, rows)
        # Known ends are facts, and are among the usual leavers: only those beyond them leave besides.
        usual += draws.leaving(t, rows) * (made.stock[t] + arrived + left)
        left = np.minimum(ended[t] - usual, np.maximum(-usual, 0.0))
        flows = (arrived + starts / 2) * made.weeks[t] + short, (begins + left) / 2 * made.weeks[t]
        arrived = arrived + starts
        if y < 1:
            continue
        if y > 1 and made.year[t - 1] != y:
            begun = _risen(begun, percent, rules, np.flatnonzero(charges & (ahead == y - 1)), y - 1)
        ends = made.months[t] + pd.offsets.MonthEnd()
        running = ((ends - made.uplifts["since"]).dt.days.to_numpy() + 1) / (7 * made.weeks[t])
        rise = percent * np.append(np.clip(running, 0, 1), 0.0)
        now = _risen(begun, rise, rules, np.flatnonzero(charges & (ahead == y)), y)
        for p in range(shape[1]):
            here, cells = (of_group == p, part == p) if shape[1] > 1 else (slice(None), slice(None))
            known = made.known[t][here]
            today[:, y - 1, p] += known.sum(axis=0)
            price[:, y - 1, p, :2] += now["group"][:, here] @ known[:, :2] - known[:, :2].sum(axis=0)
            price[:, y - 1, p, 2] += (now["client"] - 1)[:, 0] * known[:, 2].sum()
            for flow, into in zip(flows, (came, gone), strict=True):
                cost = flow[:, cells]
                into[:, y - 1, p, :2] += np.einsum("dc,dck->dk", now["cell"][:, cells], cost[:, :, :2])
                into[:, y - 1, p, 2] += now["client"][:, 0] * np.einsum("dc->d", cost[:, :, 2])
    return today, price, came, gone


def _risen(
    begun: dict[str, Array], rise: Array, rules: dict[str, Codes], charges: Codes, y: int
) -> dict[str, Array]:
    """Let prices rise by the rules of a year, and clients' charges by theirs."""
    risen = {of: begun[of] * (1 + rise[:, rows[:, y - 1]]) for of, rows in rules.items()}
    return risen | {"client": begun["client"] * (1 + rise[:, charges].sum(axis=1, keepdims=True))}
