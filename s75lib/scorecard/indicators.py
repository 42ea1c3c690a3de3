"""The indicators' area: how many moved beyond chance, how many targets are met, and which ones stand out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.kpi.changes import top_changes
from s75lib.kpi.control_charts import span_of
from s75lib.kpi.overview import checks as overview_checks
from s75lib.kpi.overview import headlines as overview_headlines
from s75lib.kpi.phrases import Row, change_words, figure_words, interval_words, name_of, title, value_words
from s75lib.kpi.safeguarding import headlines as safeguarding_headlines
from s75lib.kpi.targets import checks as targets_checks
from s75lib.kpi.targets import figure as targets_figure
from s75lib.kpi.targets import headlines as targets_headlines
from s75lib.loaders.period import last_day
from s75lib.present import Check, Details, Headline, Missing, Section, words
from s75lib.scorecard.card import Judged, Measure, Status, brief, counted_elsewhere, first_of
from s75lib.workload.activity import measure_name

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

NO_INDICATORS = Missing.of(
    "No performance indicator is held.",
    "kpi",
    ("indicator", "group", "period", "value", "unit", "numerator", "denominator", "target"),
    "which indicators moved beyond chance, and which targets are met",
)
_MOST = 5
_WAYS = {"worse": "worse", "better": "better", "": "neither better nor worse"}
_DIRECTION = {"better": "Clearly better", "worse": "Clearly worse", "": "Clearly changed"}
_VERDICTS = {
    "changed": "Change may be chance",
    "unclear": "Change may be chance",
    "steady": "Steady",
    "no_base": "No base to test it",
    "untested": "Change not tested",
    "contradicted": "Figures contradict each other",
    "hidden": "Too few people to show",
    "one_period": "Nothing earlier to compare with",
}


def measures(study: Study) -> list[Measure | None]:
    """Count what moved and the targets met, then name five at most that moved or miss their target."""
    rows = study.kpi.matrix
    if rows.empty:
        return []
    clear = rows[rows["clear"] | rows["stepped"]]
    order = clear["direction"].map({"worse": 0, "": 1, "better": 2})
    clear = clear.loc[order.sort_values(kind="stable").index]
    missed = rows[(rows["against"] == "missed") & ~rows.index.isin(clear.index)]
    if clear.empty and missed.empty:
        missed = rows[rows["met"].eq(False)]
    ratios = study.kpi.enquiries_per_concern
    latest = ratios[ratios["ratio"].notna()].groupby("group", sort=False).tail(1)
    named = pd.concat([clear, missed]).head(_MOST)
    moved, aims = [_moved(rows, clear)], [_targets(study.kpi.targets)]
    # The rows of those named are judged, and not the counts that hold them.
    below = "the indicators named below"
    return [
        *(moved if clear.empty else counted_elsewhere(*moved, under=below)),
        *(counted_elsewhere(*aims, under=below) if named["met"].eq(False).any() else aims),
        *(_once(study, row) for row in named.to_dict("records")),
        *(_enquiries(row) for row in latest.to_dict("records")),
    ]


def _moved(rows: pd.DataFrame, clear: pd.DataFrame) -> Measure:
    tested = int((rows["p_value"].notna() | rows["shift_p"].notna()).sum())
    counts = clear["direction"].value_counts()
    said = [f"{counts[way]} {word}" for way, word in _WAYS.items() if way in counts]
    perhaps = int(rows["flow_after"].notna().sum())
    verdict = words.join(said).capitalize() or "None shown to have moved beyond chance"
    verdict += f"; {perhaps} may have" if perhaps else ""
    compared = int(rows["verdict"].ne("one_period").sum())
    latest, held = f"{len(clear)} of {compared}", f"{tested} could be tested"
    status: Status = "bad" if "worse" in counts else "level" if clear.empty and not perhaps else "watch"
    if list(counts.index) == ["better"]:
        status = "good"
    if not tested:
        held = f"{words.count_noun(len(rows), 'indicator')} held"
        latest, status, verdict = "none tested", "unknown", "None can be tested"
    moved, day = float(len(clear)), _latest(rows)
    return Measure(
        "moved by more than chance", latest, held, status, verdict, day, value=moved, finding="kpi.tally"
    )


def _targets(aimed: pd.DataFrame) -> Measure | None:
    known = aimed[aimed["met"].notna()]
    if known.empty:
        return None
    met = int(known["met"].astype(bool).sum())
    surely = int((known["against"] == "missed").sum())
    judged: Judged = ("good", "All met")
    if met < len(known):
        judged = "bad", f"{len(known) - met} missed{f', {surely} surely' if surely else ''}"
    latest, of = f"{met} of {len(known)}", words.count_noun(len(known), "target")
    return Measure(
        "targets met", latest, of, *judged, _latest(known), value=float(met), finding="kpi.targets"
    )


def _latest(rows: pd.DataFrame) -> str:
    return brief(max(rows["period"], key=last_day))


def _once(study: Study, row: Row) -> Measure | None:
    """Give an indicator's row, which counts nothing where the workload's row of the same work is judged.

    A missed target counts here, since the workload's row tells nothing of it.
    """
    work, one = study.year_on_year, _indicator(study, row)
    name = row["indicator"].removesuffix("_per_month")
    if (
        row["met"] is False
        or row["group"]
        or name == row["indicator"]
        or name not in set(work.loc[work["is_clear"], "measure"])
    ):
        return one
    return counted_elsewhere(one, under=f"workload, {measure_name(name)}")[0]


def _indicator(study: Study, row: Row) -> Measure:
    before, met = row["period_before"], row["met"]
    target = "" if math.isnan(row["target"]) else f"target {value_words(row['target'], row['unit'])}"
    earlier = f"{brief(before)}: {figure_words(row, '_before')}" if before else ""
    moved, by_step = row["clear"] or row["stepped"], row["stepped"] and not row["clear"]
    said = [_DIRECTION[row["direction"]] if moved else "" if met is False else _VERDICTS[row["verdict"]]]
    said[0] += f" {_since(row)}" if by_step else ""
    aimed = "" if row["target_period"] in ("", row["period"]) else f" in {brief(row['target_period'])}"
    if met is False:
        said.append(("surely missed" if row["against"] == "missed" else "missed") + aimed)
    elif met is True and moved:
        said.append(f"met{aimed}")
    verdict = ", ".join(filter(None, said))
    bad = met is False or (moved and row["direction"] == "worse")
    return Measure(
        name_of(row),
        figure_words(row),
        (earlier or target) if study.data.compared else (target or earlier),
        "bad" if bad else "good" if moved and row["direction"] == "better" else "watch",
        words.capital(verdict),
        brief(row["period"]),
        _step_of(row) if by_step else _change_of(row),
        "" if by_step else interval_words(row).removesuffix(" points"),
        None if math.isnan(row["change"]) else float(row["change"]),
        *_course(study, row),
        finding=f"kpi.{'step' if by_step else 'change'}.{row['indicator']}.{row['group'] or 'all'}",
    )


def _change_of(row: Row) -> str:
    size = change_words(row, relative=False).replace("percentage point", "point").split(" (")[0]
    told = size and row["verdict"] != "hidden"
    return f"{size} since {brief(row['period_before'])}" if told else size


def _step_of(row: Row) -> str:
    """Write the step of the months that the verdict is of, and its month."""
    rise = words.signed(row["shift_after"] - row["shift_before"], 1)
    unit = " points" if row["unit"] == "percent" else ""
    return f"{rise}{unit} {'' if row['shift_from'] == 'trend' else 'on average '}{_since(row)}"


def _since(row: Row) -> str:
    """Say from which month on an indicator stands at another level, or that it drifts."""
    return "as a trend" if row["shift_from"] == "trend" else f"since {brief(row['shift_from'])}"


def _course(study: Study, row: Row) -> tuple[tuple[float, ...], str]:
    """Give an indicator's months as its control chart has them, which leaves out those of few people."""
    charts = [c for c in study.kpi.charts if (c.indicator.slug, c.group) == (row["indicator"], row["group"])]
    if not charts:
        return (), ""
    points = charts[0].chart.points
    return tuple(map(float, points["value"])), f"by {span_of(str(points['period'].iloc[-1]))}"


def _enquiries(row: Row) -> Measure:
    """Enquiries for each concern are a rate of two counts, so fewer is not simply worse."""
    low, high = (100 * (row[f"ratio_{end}"] - 1) for end in ("lower", "upper"))
    judged: Judged = ("level", "Change could be chance")
    if low > 0 or high < 0:
        judged = "watch", "Changed, beyond chance"
    return Measure(
        title("enquiries completed for each 100 concerns", row["group"]),
        words.number(row["per_100"], 1),
        f"{row['period_before']}: {words.number(row['per_100_before'], 1)}",
        *judged,
        row["period"],
        f"{words.signed(100 * (row['ratio'] - 1))}%",
        f"{words.signed(low)}% to {words.signed(high)}%",
        float(row["per_100"]),
        finding=f"kpi.enquiries_per_concern.{row['group'] or 'all'}",
    )


def headlines(study: Study) -> list[Headline]:
    """Say the change that matters most, targets and how many moved, in the KPI wing's words."""
    found = study.kpi
    return first_of(
        study,
        [
            *top_changes(found.changes, 1),
            *safeguarding_headlines(found),
            *(one for one in targets_headlines(found) if one.id == "kpi.targets"),
            *overview_headlines(found),
        ],
    )


def checks(study: Study) -> list[Check]:
    """Give the KPI wing's checks of the indicators."""
    return [*overview_checks(study.kpi), *targets_checks(study.kpi)]


def section(study: Study) -> Section:
    """Show what moved beyond chance and the targets."""
    if not study.measures["Indicators"]:
        return Section.of(NO_INDICATORS)
    return Section.of(headlines(study), Details(), targets_figure(study.kpi))
