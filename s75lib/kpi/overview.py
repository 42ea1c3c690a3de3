"""Overview: every indicator in one row, and a page of its own for each."""

from __future__ import annotations

__all__ = ["matrix", "values_off"]

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.kpi import disclosure
from s75lib.kpi.comparison import earlier, history, series
from s75lib.kpi.control_charts import ends_words, rules_words, span_of
from s75lib.kpi.control_charts import figure as control_chart
from s75lib.kpi.phrases import (
    ASSURANCE,
    NO_INDICATORS,
    VARIATION,
    Row,
    against_words,
    change_words,
    compared_words,
    figure_words,
    interval_words,
    misdeclared_words,
    name_of,
    perhaps_words,
    step_words,
    value_words,
    verdict_words,
    written,
)
from s75lib.kpi.targets import months_words
from s75lib.loaders.indicators import Indicator, find
from s75lib.present import (
    HIDDEN,
    Check,
    Column,
    Figure,
    Heading,
    Headline,
    Missing,
    Section,
    Table,
    table_of,
    words,
)
from s75lib.present import section as assemble
from s75lib.stats.months import FEWEST_MONTHS

if TYPE_CHECKING:
    from s75lib.kpi.study import Study

Facts = list[tuple[str, str]]

# With more of them, the table alone names those that moved.
_NAMED = 3
_TARGET = ["target", "target_period", "met", "against", "months_on_target", "months_reported"]
_CONTROL = ["variation", "assurance", "signals", "step_proposed", "step_from"]


def matrix(changed: pd.DataFrame, targets: pd.DataFrame, control_summary: pd.DataFrame) -> pd.DataFrame:
    """Join what is known of each indicator.

    Parameters
    ----------
    changed, targets, control_summary : DataFrame
        As `s75lib.kpi.changes.changes` and the functions of these names give them.

    Returns
    -------
    DataFrame
        The rows of `changed` with the columns of the latest target (``target``, ``met``, ``against``,
        months) and of the control chart (``variation``, ``assurance``, signals, step); ``variation`` and
        ``assurance`` are empty where there is no monthly series.

    Examples
    --------
    >>> from s75lib.kpi.changes import changes
    >>> from s75lib.kpi.control_charts import charts, control_summary
    >>> from s75lib.kpi.targets import targets
    >>> kpi = load("exampleshire").kpi
    >>> rows = matrix(changes(kpi), targets(kpi), control_summary(charts(kpi))).set_index("indicator")
    >>> rows.loc["reviews_in_12_months", ["met", "variation", "step_from"]].tolist()
    [False, 'concerning', '2025-02']
    """
    own = changed.drop(columns=[name for name in _TARGET if name in changed.columns])
    rows = list(series(changed))
    targets = targets.assign(target_period=targets["period"])
    joined = pd.concat([own, _of(rows, targets, _TARGET), _of(rows, control_summary, _CONTROL)], axis=1)
    texts = ["variation", "assurance", "against", "target_period"]
    return joined.fillna(dict.fromkeys(texts, ""))


def _of(rows: list[tuple[str, str]], frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Take what a frame tells of each indicator and group; missing where it has no row."""
    at = {key: places[0] for key, places in series(frame).items()}
    return frame[names].reindex([at.get(key, -1) for key in rows]).reset_index(drop=True)


def values_off(kpi: pd.DataFrame) -> pd.DataFrame:
    """Compare published figures with their numerators and denominators.

    Returns
    -------
    DataFrame
        The rows of `s75lib.kpi.comparison.history` that have both, with ``off``: whether numerator and
        denominator do not round to the figure.

    Examples
    --------
    Of 80 people 38 are 47.5%; of 81 they are not:

    >>> row = {"indicator": "calls", "group": "", "unit": "percent", "value": 47.5, "decimals": 1}
    >>> counts = {"numerator": 38, "denominator": [80, 81], "period": ["2023/24", "2024/25"]}
    >>> values_off(pd.DataFrame(row | counts))["off"].tolist()
    [False, True]
    """
    rows = history(kpi)
    per = rows["unit"].map({"percent": 100.0, "per_100k": 100_000.0, "per_month": 1.0}).astype("float64")
    both = rows[(rows["denominator"] > 0) & rows["numerator"].notna() & per.notna()]
    exact = per[both.index] * both["numerator"] / both["denominator"]
    half = 0.5 * 10.0 ** -both["decimals"].fillna(1)
    return both.assign(off=(both["value"] - exact).abs() > half + 1e-9)


# What is said and checked


def headlines(study: Study) -> list[Headline]:
    """Count what can and cannot be said of the indicators."""
    changes = study.changes
    if changes.empty:
        return []
    counts = changes["verdict"].value_counts()
    compared = len(changes) - int(counts.get("one_period", 0))
    if not compared:
        text = f"{len(changes)} indicators are published, each for one period only"
        if len(changes) == 1:
            text = "One indicator is published, for one period only"
        text += ": no change can be worked out, so none can be tested."
        held = float(len(changes))
        cell = ("matrix", "", "latest")
        return [Headline("kpi.tally", text, held, "indicators", method="count", stake="change", cell=cell)]
    ways = changes["direction"].where(changes["polarity"] != "", "unsaid")
    ways = ways[changes["clear"] | changes["stepped"]].value_counts()
    firm = int(changes["clear"].sum())
    alone = int(changes["verdict"].eq("changed").sum()) - firm
    by_year = f"{firm or 'none'} did with all comparisons taken together"
    by_year += f", and {alone} only when taken alone" if alone else ""
    rest = [f"{counts[verdict]} {said}" for verdict, said in _VERDICTS.items() if verdict in counts]
    stepped = int((changes["stepped"] & ~changes["clear"]).sum())
    moved = firm + stepped
    may, perhaps = perhaps_words(changes)
    if not (moved or may or changes["verdict"].isin(_TESTED).any()):
        text = (
            f"None of the {compared} indicators with an earlier figure could be tested: {words.join(rest)}."
        )
        if compared == 1:
            why = _VERDICTS[changes.loc[changes["verdict"] != "one_period", "verdict"].iloc[0]]
            text = f"The one indicator with an earlier figure {why}."
        none = "None tested"
        return [
            Headline(
                "kpi.tally",
                text,
                0.0,
                "indicators",
                method="count",
                stake="change",
                figure=none,
                cell=("matrix", "", "chance"),
            )
        ]
    which = f"{moved or 'None'} of the {compared} indicators" if compared > 1 else "The one indicator"
    opening = f"{which} with an earlier figure {'moved' if moved else 'is shown to have moved'}"
    if compared == 1 and not moved:
        opening = f"{which} with an earlier figure is not shown to have moved"
    text = f"{opening} by more than chance explains{_ways(ways)}{may}"
    here = changes["clear"] | changes["stepped"]
    named = [name_of(row) for row in changes[here].to_dict("records")]
    directions = changes.loc[here, "direction"].tolist()
    went = {
        way: words.join([name for name, its in zip(named, directions, strict=True) if its == way])
        for way in directions
    }
    told = "; ".join(f"{said}: {went[way]}" for way, said in _SHORT_WAYS.items() if way in went)
    every = f"{moved} of {compared} indicators moved more than chance explains; {told}{may}"
    short, all_named = every, moved <= _NAMED and words.one_sentence(every)
    if not all_named:
        short = (
            f"{which} compared moved by more than chance explains; for the worse: {went.get('worse')}{may}"
        )
        all_named = set(went) == {"worse"}
    if "worse" in went and compared > 1 and words.one_sentence(short):
        text = short if all_named else f"{short}. Of the {moved}{_ways(ways).replace(', ', ': ', 1)}"
    else:
        all_named = False
    if 0 < moved <= _NAMED and not all_named and compared > 1:
        text += f". {'It is' if moved == 1 else 'They are'} {words.join(named)}"
    text += f". {perhaps}" if perhaps else ""
    if compared > 1:
        text += f". By the comparison with {earlier(changes['comparison'].iloc[0])}, {by_year}."
        of = "Of the others" if firm + alone else "Of them"
        text += f" {of}, {words.join(rest)}." if rest else ""
        if stepped:
            noun = words.count_noun(stepped, "indicator")
            text += f" The months of {noun} step or drift, which the comparison of years does not show."
    elif not moved:
        said = rest[0].removeprefix("1 ") if rest else "is more than chance only when taken alone"
        text += f". Its change {said}."
    else:
        text += ". Its months step or drift; the comparison of years does not show it." if stepped else "."
    method = "two-sided tests at 5%; Holm over all comparisons and steps of the indicators"
    figure = f"{moved or 'None'} of {compared}" if moved or not may else "Some may have moved"
    return [
        Headline(
            "kpi.tally",
            text,
            float(moved),
            "indicators",
            method=method,
            stake="change",
            figure=figure,
            cell=("matrix", "", "chance"),
        )
    ]


_SHORT_WAYS = {"worse": "worse", "better": "better", "": "not judged"}
_WAYS = {
    "worse": "for the worse",
    "better": "for the better",
    "": "not judged better or worse",
    "unsaid": "with the better way not said",
}


def _ways(counts: pd.Series) -> str:
    """Say which way those that moved went; nothing of none.

    >>> _ways(pd.Series({"worse": 3})), _ways(pd.Series({"worse": 1, "": 4}))
    (', for the worse', ', 1 for the worse and 4 not judged better or worse')
    """
    said = [(counts[way], way_said) for way, way_said in _WAYS.items() if counts.get(way, 0)]
    if len(said) == 1:
        return f", {said[0][1]}"
    return f", {words.join([f'{count} {way_said}' for count, way_said in said])}" if said else ""


_TESTED = ["changed", "unclear", "steady"]
_VERDICTS = {
    "unclear": "could be chance",
    "steady": "stayed within a margin too small to matter",
    "no_base": "can't be tested without a base",
    "untested": "can't be tested (the table says why)",
    "contradicted": "can't be compared because the figures contradict each other",
    "hidden": "can't be shown because too few people are behind the figures",
}


def checks(study: Study) -> list[Check]:
    """Check figures against their counts, and that no hidden count can be worked out."""
    rows = values_off(study.data.kpi)
    made = disclosure.check("kpi", study.suppressed_kpi, study.fewest("kpi"))
    if flows := sum(one.kind == "flow" for one in study.variations.values()):
        alike, held = misdeclared_words(study.misdeclared), words.count_noun(flows, "flow")
        told = f"{held} with {FEWEST_MONTHS} months or more: none whose months look like a caseload's."
        made.append(Check("kpi.kind", not alike, alike or told))
    if rows.empty:
        return made
    off = int(rows["off"].sum())
    figures = words.count_noun(len(rows), "figure")
    detail = f"{figures} with numerator and denominator: {off} that they do not round to."
    return [Check("kpi.value", off == 0, detail), *made]


# Every indicator in one row

MATRIX = table_of(
    "matrix",
    Column("indicator", "Indicator"),
    Column("period", "Compared"),
    Column("latest", "Latest", hides=("hidden",)),
    Column("change", "Change", hides=("few",)),
    Column("interval", "95% interval of the change", hides=("few",)),
    Column("chance", "Could it be chance?"),
    Column("step", "In the months"),
    Column("good", "Better or worse"),
    Column("target", "Target"),
    Column("variation", "Latest month"),
    Column("assurance", "Target, month by month"),
)
_OF_MONTHS = {"variation", "assurance"}
_NOTE_OF_MONTHS = (
    "Latest month: routine is within the variation of its own series (common cause), unusual is not (special "
    "cause), by the rules under the control charts. Target, month by month: hit or miss means that routine "
    "variation alone meets it in one month and misses it in another."
)
_NOTE_OF_BASES = (
    "No base published: the number of people behind a percentage is not known. The fewest and the most that "
    "are named allow for the rounding of both percentages and suppose the same number in both periods."
)


def _matrix(study: Study) -> Table | Missing:
    joined = study.matrix
    if joined.empty:
        return NO_INDICATORS
    rows = written(
        joined.assign(few=joined["verdict"].eq("hidden")),
        indicator=name_of,
        period=_compared,
        latest=_latest,
        change=lambda row: change_words(row, relative=False),
        interval=interval_words,
        chance=verdict_words,
        step=_step,
        good=_good,
        target=_aim,
        variation=lambda row: VARIATION[row["variation"]],
        assurance=lambda row: ASSURANCE[row["assurance"]],
    )
    monthly = joined["variation"].ne("").any()
    left_out = set() if monthly else _OF_MONTHS
    if not joined["shift_p"].notna().any():
        left_out = left_out | {"step"}
    caption = f"Latest figure of every indicator against {earlier(joined['comparison'].iloc[0])}"
    if len(spans := set(rows["period"])) == 1:
        caption = f"Every indicator, {spans.pop()}"
        left_out = left_out | {"period"}
    unsure, bare = joined["against"].eq("either"), joined["basis"].eq("percentage_only")
    apart = [
        f"{name_of(row)} ({words.when(row['other_kind'])})"
        for row in joined[joined["other_kind"] != ""].to_dict("records")
    ]
    of_months = joined.loc[~joined["comparison"].isin(["", "years", "asked_years"]), "indicator"].unique()
    entries = [find(slug, study.registry) for slug in of_months]
    unsaid = [one.slug for one in entries if one.kind == "" and not one.is_caseload]
    notes = (
        _multiplicity(joined),
        _kinds_unsaid(unsaid),
        misdeclared_words(study.misdeclared),
        _NOTE_OF_MONTHS if monthly else "",
        "Not surely: the interval of the latest figure has the target within it." if unsure.any() else "",
        _NOTE_OF_BASES if bare.any() else "",
        f"Held, and not compared with figures of another length: {words.join(apart)}." if apart else "",
    )
    table = replace(MATRIX, columns=tuple(c for c in MATRIX.columns if c.name not in left_out))
    return table.of(rows, caption, notes=notes, fewest=study.fewest("kpi"))


def _compared(row: Row) -> str:
    """Name the two periods, and how they are compared where months are added or set a year apart."""
    plain = not row["period_before"] or row["comparison"] in ("years", "asked_years")
    return against_words(row) + ("" if plain else f" ({compared_words(row)})")


def _latest(row: Row) -> str:
    said, apart = figure_words(row), row["target_period"] not in ("", row["period"])
    return f"{said} in {words.when(row['period'], '%b')}" if apart and said != HIDDEN else said


def _step(row: Row) -> str:
    return words.capital(step_words(row)) if row["stepped"] else "–"


def _good(row: Row) -> str:
    """Say better or worse of what is more than chance, of a step since when; a dash for all else."""
    if not (row["clear"] or row["stepped"]):
        return "–"
    neither = "Neither way is better" if row["polarity"] else "Better way not said"
    said = str(row["direction"]).capitalize() or neither
    if row["clear"]:
        return said
    trend = row["shift_from"] == "trend"
    return f"{said}, month by month" if trend else f"{said} since {words.when(row['shift_from'])}"


def _aim(row: Row) -> str:
    """Say the target, whether it was met, and whether surely."""
    if math.isnan(row["target"]):
        return "–"
    said = value_words(row["target"], row["unit"])
    if not isinstance(row["met"], bool):
        return f"{said}: not judged"
    sure = ", not surely" if row["against"] == "either" else ""
    when = "" if row["target_period"] in ("", row["period"]) else f" in {words.when(row['target_period'])}"
    return f"{said}: {'met' if row['met'] else 'missed'}{when}{sure}"


def _kinds_unsaid(slugs: list[str]) -> str:
    """Say of which indicators a line would let smaller changes show.

    >>> _kinds_unsaid([]), _kinds_unsaid(["calls"])[-59:]
    ('', 'under [calls] in indicators.toml lets smaller changes show.')
    """
    if not slugs:
        return ""
    return (
        "Nobody has said whether the months of some indicators count new cases or the same people: their "
        f'tests allow for both. If they are new, kind = "flow" under {words.join([f"[{s}]" for s in slugs])} '
        "in indicators.toml lets smaller changes show."
    )


def _multiplicity(changes: pd.DataFrame) -> str:
    """Say what many tests on one page mean; empty without a test."""
    if not (tests := int(changes["tests"].iloc[0])):
        return ""
    alone, strict = int((changes["p_value"] < 0.05).sum()), int(changes["clear"].sum())
    made = "One comparison was tested" if tests == 1 else f"{tests} comparisons were tested"
    steps = int(changes["shift_p"].notna().sum())
    looked = (
        f", and the months of {words.count_noun(steps, 'indicator')} searched for a step" if steps else ""
    )
    does, still = ("do" if number > 1 else "does" for number in (alone, strict))
    return (
        f"{made}{looked}. If nothing had changed, about {words.number(0.05 * tests, 1)} of the comparisons "
        f"would look changed by chance. Taken alone, {alone or 'none'} {does}. With the chance of any false "
        f"finding among them held at 5% (Holm), {strict or 'none'} still {still}."
    )


def section(study: Study) -> Section:
    """Show how many indicators moved, and what is known of each in one row."""
    return assemble(headlines(study), _matrix(study))


# Each indicator on a page of its own

PAGE = table_of(
    "indicator", Column("fact", "Of this indicator"), Column("figure", "What the data say", hides=("few",))
)
_OUT_OF_ROUTINE_FIRST = (
    "concerning",
    "mixed",
    "high",
    "low",
    "improving",
    "common_cause",
    "not_assessed",
    "",
)
_BETTER = {
    "higher_is_better": "Higher is better",
    "lower_is_better": "Lower is better",
    "neither": "Neither way is better",
}


def indicator_pages(study: Study) -> Section:
    """Show each indicator: heading, control chart, figures, caveats; those unusual first."""
    drawn = {(one.indicator.slug, one.group): one for one in study.charts}
    summed = {(row["indicator"], row["group"]): row for row in study.control_summary.to_dict("records")}
    rows = study.matrix.to_dict("records")
    parts: list[Heading | Figure | Table] = []
    for row in sorted(rows, key=lambda row: _OUT_OF_ROUTINE_FIRST.index(row["variation"])):
        key = (row["indicator"], row["group"])
        parts.append(Heading(name_of(row)))
        if key in drawn:
            parts.append(control_chart(drawn[key], study.place))
        parts.append(_page(study, row, summed.get(key)))
    return assemble(parts or NO_INDICATORS)


def _page(study: Study, row: Row, control: Row | None) -> Table:
    """Set out one indicator: latest figure, change, target and months, with its caveats."""
    facts = [*_change(row), *_target(row), *(_months(control) if control else [])]
    table = replace(PAGE, id=f"indicator.{row['indicator']}.{row['group'] or 'all'}")
    caption = f"{name_of(row)}: figures, tests and caveats"
    notes = _caveats(row, control, find(row["indicator"], study.registry))
    rows = pd.DataFrame(facts, columns=["fact", "figure"])
    rows = rows.assign(few=rows["figure"].eq(HIDDEN))
    page = table.of(rows, caption, notes=notes, fewest=study.fewest("kpi"))
    return replace(page, about=row["group"])


def _change(row: Row) -> Facts:
    facts = [(f"Latest, {words.when(row['period'])}", figure_words(row))]
    if not row["period_before"]:
        return [*facts, ("Change", f"nothing of {earlier(row['comparison'])} to compare with")]
    facts += [
        (f"Before, {words.when(row['period_before'])}", figure_words(row, "_before")),
        ("Change", change_words(row)),
        ("Interval of the change", interval_words(row)),
        ("How they are compared", compared_words(row)),
        ("Could it be chance?", verdict_words(row)),
    ]
    if not math.isnan(row["p_value"]):
        facts.append(
            ("p, alone and for the family", f"{words.chance(row['p_value'])}; {words.chance(row['p_holm'])}")
        )
    if row["stepped"]:
        facts.append(("In the months", _step(row)))
    if row["direction"]:
        facts.append(("Better or worse", _good(row)))
    shows = [
        f"a {way} of {_size(abs(row[f'detectable_{way}']), row['unit'])}"
        for way in ("fall", "rise")
        if math.isfinite(row[f"detectable_{way}"])
    ]
    if shows:
        facts.append(("Smallest change that such data would show", words.join(shows, "or")))
    if not math.isnan(row["tipping_factor"]):
        said = f"{words.number(row['tipping_factor'], 1)} times the variation of chance"
        facts.append(("Clustering that would undo the finding", said))
    return facts


def _size(change: float, unit: str) -> str:
    if unit == "percent":
        return f"{words.number(change, 1)} points"
    return value_words(math.ceil(change) if unit == "count" else round(change, 1), unit)


def _target(row: Row) -> Facts:
    if math.isnan(row["target"]):
        return []
    said = value_words(row["target"], row["unit"])
    if isinstance(row["met"], bool):
        sure = {"met": ", surely", "missed": ", surely", "either": ", not surely"}.get(row["against"], "")
        said += f": {'met' if row['met'] else 'missed'} in {words.when(row['target_period'])}{sure}"
    facts = [("Target", said)]
    if not math.isnan(row["months_on_target"]) and row["months_reported"] > 0:
        facts.append(("Months on target", months_words(row)))
    return facts


def _months(control: Row) -> Facts:
    latest, mean, low, high = (
        value_words(round(control[name], 1), control["unit"]) for name in ("value", "mean", "lower", "upper")
    )
    span = span_of(control["period"])
    fires = words.join(rules_words(control))
    routine = "–" if math.isnan(control["mean"]) else f"{low} to {high}, mean {mean}"
    if math.isnan(control["lower"]):
        routine = f"no limits; mean {mean}"
    facts = [
        (f"Latest {span}, {words.when(control['period'])}", latest),
        ("Is it routine?", VARIATION[control["variation"]] + (fires and f" ({fires})")),
        (f"Routine variation of a {span}", routine),
        (f"Target, {span} by {span}", ASSURANCE[control["assurance"]]),
        (f"Unusual {span}s", f"{control['signals']} of {control['months']}"),
    ]
    if control["step_proposed"]:
        facts.append(
            ("Step, proposed and not applied", f"{words.when(control['step_from'])}: {ends_words(control)}")
        )
    return facts


def _caveats(row: Row, control: Row | None, entry: Indicator) -> list[str]:
    counted = ", of ".join(filter(None, (entry.numerator, entry.denominator)))
    said = {"Counted": counted, "National code": ", ".join(entry.codes), "Source": entry.source}
    known = "".join(f" {name}: {what}." for name, what in said.items() if what)
    method = f"Test and interval: {row['method']}." if row["method"] else ""
    limits = f"Limits: {control['method']}. {control['note']}".strip() if control else ""
    opening = f"{entry.name}. {_BETTER[entry.polarity]}.{known}" if entry.is_known else entry.name + "."
    return [opening, *entry.breaks, *entry.caveats, row["note"], method, limits]
