"""Figures, changes and verdicts of an indicator in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from s75lib.kpi.comparison import COMPARISONS, earlier
from s75lib.loaders.indicators import Indicator
from s75lib.present import HIDDEN, Missing, Need, words
from s75lib.stats import control_chart

Row = Mapping[Any, Any]


def compared_words(row: Row) -> str:
    """Say which figures of an indicator are set against which, of quarters as of months.

    >>> compared_words({"comparison": "year", "kind": "quarters"})
    'year on year, quarters added'
    """
    said = COMPARISONS[row["comparison"]]
    by_quarter = str(row["kind"]).startswith("quarter") and row["comparison"] != "twelve_months"
    return said.replace("month", "quarter") if by_quarter else said


def against_words(row: Row, form: str = "%b") -> str:
    """Name the two periods that are compared, or the one that is held."""
    return words.when(" against ".join(filter(None, (row["period"], row["period_before"]))), form)


def lacking(reason: str, dataset: str, columns: tuple[str, ...], gives: str) -> Missing:
    """Say why an analysis can't be done, and which columns of a dataset would let it run."""
    return Missing(reason, (Need(dataset, columns, gives),))


NO_INDICATORS = lacking(
    "No performance indicator is held.",
    "kpi",
    ("indicator", "group", "period", "value", "unit", "numerator", "denominator"),
    "each indicator's change with interval and test",
)

VARIATION: Mapping[str, str] = {
    "improving": "▲ Unusual: better",
    "concerning": "▼ Unusual: worse",
    "high": "◆ Unusual: high",
    "low": "◆ Unusual: low",
    "mixed": "◆ Unusual both ways",
    "common_cause": "● Routine",
    "not_assessed": "Too little data",
    "": "–",
}
ASSURANCE: Mapping[str, str] = {
    "passing": "✓ Reliably met",
    "failing": "✗ Reliably missed",
    "hit_or_miss": "? Hit or miss",
    "no_target": "No target",
    "not_assessed": "Not assessed",
    "": "–",
}
# With more of them, the table names the rest; a name of more words makes a sentence too long.
_NAMED = 3
RULES: Mapping[str, str] = {name: rule.words for name, rule in control_chart.RULES.items()}
_ENDINGS = {"per_month": " a month", "per_100k": " per 100,000"}
_WHY_UNTESTED = {
    "stock": "Not tested: mostly the same people each time",
    "clustered": "Not tested: many events a person",
    "rate_only": "Not tested: a rate without usable counts",
    "monthly_values": "Not tested: too few months to tell how much they vary",
    "contradicted": "Not compared: the figures contradict each other",
}


def title(label: str, group: str) -> str:
    """Name an indicator and its group."""
    return f"{label}, {group}" if group else label


def name_of(row: Row) -> str:
    """Name the indicator of a row, with its group."""
    return title(row["label"], row["group"])


def written(found: pd.DataFrame, **cells: Callable[[Row], str]) -> pd.DataFrame:
    """Add columns to a frame, each written by a function of its rows."""
    records = found.to_dict("records")
    return found.assign(**{name: [write(row) for row in records] for name, write in cells.items()})


def figure_words(row: Row, end: str = "") -> str:
    """Write the latest figure of an indicator, or with the ending ``_before`` the earlier one."""
    if row[f"hidden{end}"]:
        return HIDDEN
    return value_words(row[f"value{end}"], row["unit"], row[f"decimals{end}"])


def value_words(value: float, unit: str, decimals: float = math.nan) -> str:
    """Write a figure, with one decimal where it is not whole and its decimals as published are not known.

    >>> value_words(5.6, "percent", 1), value_words(34, "per_month", 0), value_words(3, "count")
    ('5.6%', '34 a month', '3')
    """
    if math.isnan(value):
        return "–"
    known = 0 if float(value).is_integer() else 1
    places = known if math.isnan(decimals) else int(decimals)
    return words.number(value, places) + ({"percent": "%"} | _ENDINGS).get(unit, "")


def change_words(row: Row, *, relative: bool = True) -> str:
    """Write a change in its own unit, with its relative size, of points only if `relative`."""
    change = row["change"]
    if row["verdict"] == "hidden":
        return HIDDEN
    if math.isnan(change):
        return "–"
    size, share = words.signed(change, _places(row)), row["relative"]
    tells = change != 0 and not math.isnan(share)
    if row["unit"] == "percent":
        size = f"{size} percentage point{'' if size in ('+1', '−1') else 's'}"
        return f"{size} ({_relative(share)})" if tells and relative else size
    size += _ENDINGS.get(row["unit"], "")
    return f"{size} ({words.signed(share)}%)" if tells else size


def interval_words(row: Row) -> str:
    """Write the interval of a change, in its own unit; a dash where there is none."""
    if row["verdict"] == "hidden":
        return HIDDEN
    if math.isnan(row["lower"]):
        return "–"
    places = max(_places(row), 1) if row["unit"] == "percent" else _places(row)
    low, high = (words.signed(row[name], places) for name in ("lower", "upper"))
    return f"{low} to {high}" + (" points" if row["unit"] == "percent" else "")


def verdict_words(row: Row) -> str:
    """Say whether a change could be chance, and where nothing is found, what would have shown.

    >>> row = {"verdict": "unclear", "unit": "count", "detectable_fall": -14.0, "detectable_rise": 19.0}
    >>> verdict_words(row)
    'Could be chance; a change of 19 would show'
    """
    verdict = row["verdict"]
    if verdict == "hidden":
        return "Not shown: too few people"
    if verdict == "one_period":
        return f"Nothing of {earlier(row.get('comparison', ''))} to compare with"
    if verdict in ("untested", "contradicted"):
        return _WHY_UNTESTED.get(row["basis"], "Not tested")
    if verdict == "no_base":
        return f"No base published: {base_words(row)}"
    if not math.isnan(row.get("flow_after", math.nan)):
        return "More than chance only if its months count new cases"
    if verdict == "changed":
        return "More than chance" if row["clear"] else "More than chance only when taken alone"
    if verdict == "steady":
        least = f"{row['margin']:g}{' points' if row['unit'] == 'percent' else '%'}"
        return f"Steady: any change is smaller than {least}"
    return "Could be chance" + _could_have_shown(row)


def misdeclared_words(found: Sequence[Indicator]) -> str:
    """Say of which indicators the months contradict that they are a flow; empty where there is none."""
    if not found:
        return ""
    its = "its" if len(found) == 1 else "their"
    tables = words.join([f"[{one.slug}]" for one in found])
    return (
        f"{words.join([one.label for one in found])}: declared a flow, but {its} months look like a "
        f"caseload's, which can make chance look like change. If they count mostly the same people, say "
        f'kind = "caseload" under {tables} in indicators.toml.'
    )


def perhaps_words(changes: pd.DataFrame) -> tuple[str, str]:
    """Say what may have moved if its months count new cases: for a sentence's end, and at length."""
    rows = changes[changes["flow_after"].notna()].to_dict("records")
    if not rows:
        return "", ""
    end = f"{len(rows)} may have"
    if len(rows) == 1 and len(name_of(rows[0]).split()) <= _NAMED:
        way = "risen" if rows[0]["flow_after"] > rows[0]["flow_before"] else "fallen"
        end = f"{name_of(rows[0])} may have {way}"
    said = []
    for row in rows[:_NAMED]:
        before, after = (value_words(row[f"flow_{side}"], row["unit"], 1) for side in ("before", "after"))
        said.append(f"{name_of(row)} went from {before} to {after}.")
    more = f" {len(rows) - _NAMED} more stand in the table." if len(rows) > _NAMED else ""
    its = "its" if len(rows) == 1 else "their"
    why = f"That is more than chance if {its} months count new cases: say whether they do"
    return f"; {end}", f"{' '.join(said)}{more} {why}"


def _could_have_shown(row: Row) -> str:
    """Say the smallest change that the data would have shown, in points or in the indicator's own unit."""
    ways = {way: abs(row[f"detectable_{way}"]) for way in ("fall", "rise")}
    known = {way: size for way, size in ways.items() if math.isfinite(size)}
    if not known:
        return ""
    way = max(known, key=lambda one: known[one])
    places = 0 if row["unit"] == "count" else 1
    ending = ({"percent": " points"} | _ENDINGS).get(row["unit"], "")
    said = "change" if len(known) > 1 else way
    return f"; a {said} of {words.number(known[way], places)}{ending} would show"


def levels_words(before: float, after: float, unit: str) -> list[str]:
    """Say the levels before and after a step, whole where that tells them apart, for they are no year's."""
    is_plain = min(abs(before), abs(after)) >= 10 and abs(before - after) >= 2
    return [value_words(level, unit, 0 if is_plain else 1) for level in (before, after)]


def step_words(row: Row) -> str:
    """Say the step or trend of an indicator's months.

    >>> step_words({"shift_from": "2025-10", "shift_before": 80.2, "shift_after": 70.1, "unit": "percent"})
    'lower since October 2025, 70% on average against 80% before'
    """
    before, after = levels_words(row["shift_before"], row["shift_after"], row["unit"])
    rose = row["shift_after"] > row["shift_before"]
    if row["shift_from"] == "trend":
        return f"{'rising' if rose else 'falling'} steadily, from {before} to {after}"
    way, since = "higher" if rose else "lower", words.when(row["shift_from"])
    return f"{way} since {since}, {after} on average against {before} before"


def base_words(row: Row) -> str:
    """Say from how many people a change of bare percentages would be significant.

    >>> base_words({"change": 0.7, "kind": "year", "base_least": 6000.0, "base_central": 7800.0,
    ...     "base_most": 10486.0})
    'chance could explain it below about 6,000 people a year, not above about 10,500'
    """
    if row["change"] == 0:
        return "the same as printed"
    each = f"a {row['kind']}"
    least, most = row["base_least"], row["base_most"]
    if math.isnan(least):
        return "chance could explain it with any base"
    if math.isnan(most):
        return f"chance could explain it below about {people(least)} {each}, and rounding with any number"
    if most - least <= 0.05 * least:
        return f"chance could explain it below about {people(row['base_central'])} {each}, not above"
    highest = people(most).removesuffix(" people")
    return f"chance could explain it below about {people(least)} {each}, not above about {highest}"


def people(count: float) -> str:
    """Write a number of people to three figures.

    >>> people(10_486), people(82)
    ('10,500 people', '82 people')
    """
    step = 10 ** max(len(str(int(count))) - 3, 0)
    return words.count_noun(math.floor(count / step + 0.5) * step, "person", "people")


def _places(row: Row) -> int:
    """Decimals of a change: the most that either figure was published with."""
    known = [d for d in (row["decimals"], row["decimals_before"]) if not math.isnan(d)]
    if known:
        return int(max(known))
    return 0 if row["unit"] == "count" else 1


def _relative(share: float) -> str:
    body = words.number(abs(share), 0 if abs(share) >= 1 else 1)
    return f"a relative {'rise' if share > 0 else 'fall'} of {body}%"
