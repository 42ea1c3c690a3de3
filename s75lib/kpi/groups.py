"""Between groups: one indicator's teams or service groups beside each other, and whether they differ."""

from __future__ import annotations

__all__ = ["by_group", "standardised"]

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import stats

from s75lib.kpi.comparison import history
from s75lib.kpi.phrases import Row, lacking, value_words, written
from s75lib.loaders.indicators import Indicator, find
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present import section as assemble
from s75lib.stats.funnel import Kind, differences_from_rest, overdispersion
from s75lib.stats.intervals import Interval, byar
from s75lib.stats.standardisation import directly_standardised, indirectly_standardised

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

_COLUMNS = [
    "indicator",
    "label",
    "unit",
    "period",
    "group",
    "value",
    "rest",
    "difference",
    "lower",
    "upper",
    "p_holm",
    "spread_p",
    "differs",
]
_RATES = ("crude", "direct", "ratio")
_STANDARDISED = [
    "indicator",
    "year",
    "events",
    "people",
    *(f"{rate}{end}" for rate in _RATES for end in ("", "_lower", "_upper")),
]
_PER = {"percent": 100.0, "per_100k": 100_000.0}
# The fewest cases expected in each cell with which chi-squared is trusted (Cochran's rule of thumb).
_EXPECTED = 5
_LEVEL = 0.05


def by_group(kpi: pd.DataFrame, registry: Mapping[str, Indicator] | None = None) -> pd.DataFrame:
    """Set each group of an indicator against the other groups, in the latest period that all have.

    The latest year, else the months that all hold of the latest twelve, added up if they are said to be a
    flow; of all else the latest month, since more may count the same people again. An indicator with a hidden
    group is left out. From five groups on that vary more than chance
    explains, a group is asked whether it differs more than the others differ among themselves.

    Returns
    -------
    DataFrame
        A row for each group of each percentage or rate that two groups or more have with cases and base:
        ``value`` and ``rest`` (all others together) in the unit; ``difference`` with ``lower`` and ``upper``;
        ``p_holm`` (over the groups of the indicator); ``spread_p`` (that all groups are alike: chi-squared;
        NaN where fewer than 5 cases are expected in a cell); ``differs``: p_holm below 0.05.

    Examples
    --------
    >>> rows = [{"indicator": "calls", "group": team, "period": "2024/25", "unit": "percent", "value": share,
    ...          "numerator": share, "denominator": 100} for team, share in (("North", 60), ("South", 80))]
    >>> by_group(pd.DataFrame(rows))["difference"].round(1).tolist()
    [-20.0, 20.0]
    """
    rows = history(kpi)
    rows = rows[rows["group"].fillna("").ne("") & rows["unit"].isin(_PER)]
    made: list[pd.DataFrame] = []
    for slug, own in rows.groupby("indicator", sort=False):
        one = find(str(slug), registry)
        if (part := _latest(own, one)) is not None:
            made.append(_against_others(one, part))
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=_COLUMNS)


def _latest(own: pd.DataFrame, indicator: Indicator) -> pd.DataFrame | None:
    for kind in ["month"] if indicator.is_caseload else ["year", "month"]:
        held = own[own["kind"] == kind]
        latest: pd.DataFrame = held[held["end"] == held["end"].max()]
        adds = kind == "month" and indicator.kind == "flow" and not held.empty
        part = _added(held[held["group"].isin(latest["group"])]) if adds else latest
        cases, base = part["numerator"], part["denominator"]
        whole = cases.notna() & (base > 0) & ((cases <= base) | (part["unit"] != "percent"))
        if len(part) > 1 and len(set(part["unit"])) == 1 and whole.all() and not part["hidden"].any():
            return part
    return None


def _added(months: pd.DataFrame) -> pd.DataFrame:
    """Add each group's cases and bases of the months that all groups hold, of the latest twelve."""
    every = months.groupby("end")["group"].transform("nunique") == months["group"].nunique()
    part = months[every & (months["end"] > months["end"].max() - pd.DateOffset(years=1))]
    by_group = part.groupby("group", sort=False)
    sums = by_group[["numerator", "denominator"]].agg(lambda counts: counts.sum(skipna=False))
    ends = sorted(set(part["period"].astype(str)))
    span = f"{ends[0]} to {ends[-1]}" if len(ends) > 1 else "".join(ends)
    made: pd.DataFrame = by_group[["indicator", "unit", "hidden"]].max().assign(period=span, **sums)
    value = made["unit"].map(_PER).astype(float) * made["numerator"] / made["denominator"]
    return made.assign(value=value).reset_index()


def _against_others(indicator: Indicator, part: pd.DataFrame) -> pd.DataFrame:
    cases, base = (part[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    unit = str(part["unit"].iloc[0])
    kind: Kind = "proportion" if unit == "percent" else "rate"
    spread = overdispersion(cases, base, kind=kind)
    found = differences_from_rest(cases, base, kind=kind, between=spread.between if spread.found else 0.0)
    scaled = {name: found[name].to_numpy() * _PER[unit] for name in ("rest", "difference", "lower", "upper")}
    p_holm = found["p_holm"].to_numpy()
    judged: dict[str, Any] = {
        "p_holm": p_holm,
        "spread_p": _alike(cases, base, kind),
        "differs": p_holm < _LEVEL,
    }
    own = part.assign(label=indicator.label, **scaled, **judged)
    return own[_COLUMNS].reset_index(drop=True)


def _alike(cases: np.ndarray, base: np.ndarray, kind: Kind) -> float:
    """P-value of all groups having the same share or rate; NaN where too few cases are expected."""
    expected = base * cases.sum() / base.sum()
    smallest = np.minimum(expected, base - expected) if kind == "proportion" else expected
    if smallest.min() < _EXPECTED:
        return math.nan
    parts = (cases - expected) ** 2 / expected
    if kind == "proportion":
        parts += (cases - expected) ** 2 / (base - expected)
    return float(stats.chi2.sf(parts.sum(), len(cases) - 1))


def standardised(kpi: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Standardise the events of each year whose age bands are those of the population held for it.

    An age band is a group; its events are the ``numerator``, or the ``value`` where the unit is count. A year
    with a hidden band, or without one of the bands, is left out: its sum would be of other people. The direct
    rate needs ten events.

    Returns
    -------
    DataFrame
        A row an indicator and year: ``events`` and ``people`` in all; per 100,000 the ``crude`` rate (Byar)
        and the ``direct`` one, standardised to the latest year's ages (Dobson); ``ratio``: events over those
        that the first year's rates by age would give (Byar). Each with ``_lower`` and ``_upper``, 95%.

    Examples
    --------
    >>> kpi = pd.DataFrame({"indicator": "admissions", "group": ["18-64", "65+"] * 2, "unit": "count",
    ...     "period": ["2023/24"] * 2 + ["2024/25"] * 2, "value": [20, 60, 20, 90], "numerator": None,
    ...     "denominator": None})
    >>> people = pd.DataFrame({"financial_year": kpi["period"], "age_band": kpi["group"],
    ...     "people": [40_000, 10_000, 40_000, 15_000]})
    >>> standardised(kpi, people)[["crude", "direct", "ratio"]].round(2).values.tolist()
    [[160.0, 200.0, 1.0], [200.0, 200.0, 1.0]]
    """
    rows = history(kpi)
    rows = rows[(rows["kind"] == "year").to_numpy()]
    counted = rows["unit"].eq("count") & rows["numerator"].isna()
    rows = rows.assign(events=rows["numerator"].where(~counted, rows["value"]).astype(float))
    held = rows.merge(
        population[["financial_year", "age_band", "people"]],
        left_on=["period", "group"],
        right_on=["financial_year", "age_band"],
    )
    bands = population.groupby("financial_year")["age_band"].agg(set)
    made: list[dict[str, Any]] = []
    for slug, own in held.groupby("indicator", sort=False):
        years = {
            str(year): part.set_index("group")
            for year, part in own.groupby("period")
            if set(part["group"]) == bands[year] and part["events"].notna().all() and not part["hidden"].any()
        }
        alike = {
            year: part for year, part in years.items() if set(part.index) == set(years[max(years)].index)
        }
        made += [_standardised_year(str(slug), year, part, alike) for year, part in sorted(alike.items())]
    return pd.DataFrame(made, columns=_STANDARDISED)


def _standardised_year(
    slug: str, year: str, part: pd.DataFrame, years: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    first, last = (years[which(years)].loc[part.index] for which in (min, max))
    events, people = part["events"], part["people"]
    found: dict[str, Interval] = {
        "crude": byar(int(events.sum()), float(people.sum()), 1e5),
        "direct": directly_standardised(events, people, last["people"], per=1e5),
        "ratio": indirectly_standardised(events, people, first["events"], first["people"]),
    }
    limits = {
        f"{rate}{end}": getattr(one, name)
        for rate, one in found.items()
        for end, name in (("", "estimate"), ("_lower", "lower"), ("_upper", "upper"))
    }
    return {"indicator": slug, "year": year, "events": events.sum(), "people": people.sum()} | limits


def headlines(study: Study) -> list[Headline]:
    """Word which groups differ from the others."""
    found = study.by_group
    apart = found[found["differs"].astype(bool)]
    if found.empty:
        return []
    counted = words.count_noun(found["indicator"].nunique(), "indicator")
    if apart.empty:
        text = f"No group is shown to differ from the others in the {counted} that have groups."
        return [Headline("kpi.groups", text, 0.0, "groups", method=_METHOD)]
    named = [
        f"{row['group']} in {row['label']} ({_figure(row, 'value')} against {_figure(row, 'rest')})"
        for row in apart.sort_values("p_holm").head(3).to_dict("records")
    ]
    more = f", and {len(apart) - 3} more" if len(apart) > 3 else ""
    text = f"More than chance explains, {words.join(named)}{more} {'differ' if len(named) > 1 else 'differs'}"
    text += " from the other groups."
    return [Headline("kpi.groups", text, float(len(apart)), "groups", method=_METHOD, stake="change")]


def _figure(row: Row, of: str) -> str:
    return value_words(round(row[of], 1), row["unit"])


_METHOD = "exact tests of each group against the others, Holm's correction over an indicator's groups"


# What is drawn

_MONTHS = 6


def figures(study: Study) -> list[Figure]:
    """Draw the months of each indicator's groups as small multiples on one scale."""
    rows = study.kpi[study.kpi["kind"] == "month"]
    made = []
    for slug, found in study.by_group.groupby("indicator", sort=False):
        own = rows[(rows["indicator"] == slug) & rows["group"].isin(found["group"])]
        if own["hidden"].any() or own.groupby("group")["period"].nunique().min() < _MONTHS:
            continue
        made.append(_multiples(study, str(slug), found, own))
    return made


def _multiples(study: Study, slug: str, found: pd.DataFrame, own: pd.DataFrame) -> Figure:
    wide = own.assign(period=own["period"].astype(str)).pivot_table(
        index="period", columns="group", values="value"
    )
    whole, across = wide.mean(axis=1), min(3, wide.shape[1])
    down = math.ceil(wide.shape[1] / across)
    sheet, axes = charts.drawing(1.9 * down + 0.4, rows=down, columns=across, sharex=True, sharey=True)
    panels = np.atleast_1d(axes).ravel()
    for axis, group in zip(panels, wide.columns, strict=False):
        axis.plot(range(len(wide)), whole, color=charts.LIGHT, linewidth=1.6)
        axis.plot(range(len(wide)), wide[group], color=charts.BLUE, linewidth=1.6)
        charts.panel_title(axis, str(group))
        axis.set_xticks([0, len(wide) - 1], [wide.index[0], wide.index[-1]], fontsize=8.5)
    for axis in panels[wide.shape[1] :]:
        axis.set_visible(False)
    label = found["label"].iloc[0]
    apart = found.loc[found["differs"].astype(bool), "group"].tolist()
    said = f"{words.join(apart)} stand apart" if len(apart) > 1 else f"{words.join(apart)} stands apart"
    when = words.when(str(found["period"].iloc[0]))
    title = f"{label}: {said if apart else 'no group is shown to stand apart'} in {when}"
    columns = (Column("period", "Month"), *(Column(str(g), str(g), "number", 1) for g in wide.columns))
    data = table_of(f"groups.{slug}.data", *columns).of(wide.reset_index(), f"Months by group: {label}")
    alt = f"Small charts, one for each of {words.count_noun(wide.shape[1], 'group')}, on one scale. {title}."
    subtitle = f"Month by month, {study.place}. Blue: the group; grey: the mean of the groups"
    source = f"{study.place}, performance indicators"
    return Figure(f"groups.{slug}", title, subtitle, alt, sheet, data, source)


# What is tabled

NO_GROUPS = lacking(
    "No percentage or rate is held for two groups or more with cases and base.",
    "kpi",
    ("indicator", "group", "period", "value", "numerator", "denominator"),
    "a row for each team or service group: whether they differ by more than chance",
)
GROUPS = table_of(
    "groups",
    Column("indicator", "Indicator"),
    Column("group", "Group"),
    Column("period", "Period"),
    Column("own", "Its figure"),
    Column("others", "All other groups"),
    Column("apart", "Difference, 95% interval"),
    Column("verdict", "Does it differ?"),
    notes=(
        "Each group is set against all others together, with Holm's correction over the groups of an "
        "indicator. From five groups on, one differs where it does so by more than the others differ among "
        "themselves.",
    ),
)


def _table(study: Study) -> Table | Missing:
    found = study.by_group
    if found.empty:
        return NO_GROUPS
    rows = written(
        found,
        indicator=lambda row: str(row["label"]),
        period=lambda row: words.when(str(row["period"]), "%b"),
        own=lambda row: _figure(row, "value"),
        others=lambda row: _figure(row, "rest"),
        apart=_apart,
        verdict=lambda row: "yes" if row["differs"] else "not shown",
    )
    return GROUPS.of(rows, "Groups beside each other", notes=_spread(found))


def _apart(row: Row) -> str:
    limits = f"{words.signed(row['lower'], 1)} to {words.signed(row['upper'], 1)}"
    return f"{words.signed(row['difference'], 1)} ({limits})"


def _spread(found: pd.DataFrame) -> list[str]:
    """Say of which indicators the groups as a whole are more apart than chance explains."""
    whole = found.drop_duplicates("indicator")
    apart = whole.loc[whole["spread_p"] < _LEVEL, "label"].tolist()
    untested = whole.loc[whole["spread_p"].isna(), "label"].tolist()
    said = [f"As a whole the groups vary more than chance explains in {words.join(apart)}."] if apart else []
    few = f"Too few cases to test the spread as a whole in {words.join(untested)}."
    return [*said, few] if untested else said


STANDARDISED = table_of(
    "standardised",
    Column("label", "Indicator"),
    Column("year", "Year"),
    Column("crude_said", "Crude rate per 100,000"),
    Column("direct_said", "At the latest year's ages"),
    Column("ratio_said", "Events as a multiple of the first year's rates"),
    notes=(
        "With 95% intervals. At the latest year's ages the rates compare from year to year; the crude ones "
        "move with the ages of the population as well.",
    ),
)


def _standardised_table(study: Study) -> Table | None:
    found = study.standardised
    if found.empty:
        return None
    rows = written(
        found,
        label=lambda row: find(row["indicator"], study.registry).label,
        crude_said=lambda row: _rate_words(row, "crude", 1),
        direct_said=lambda row: _rate_words(row, "direct", 1),
        ratio_said=lambda row: _rate_words(row, "ratio", 2),
    )
    return STANDARDISED.of(rows, "Rates by age, made comparable")


def _rate_words(row: Row, rate: str, decimals: int) -> str:
    if math.isnan(row[rate]):
        return "too few events"
    limits = [words.number(row[f"{rate}{end}"], decimals) for end in ("", "_lower", "_upper")]
    return f"{limits[0]} ({limits[1]} to {limits[2]})"


def section(study: Study) -> Section:
    """Show groups that differ in words, months as small charts, and the table."""
    return assemble(headlines(study), figures(study), _table(study), _standardised_table(study))
