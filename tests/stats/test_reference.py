"""The field's own tools on the same inputs: NHSRplotthedots, qicharts2, FunnelPlotR and PHEindicatormethods.

The tables were made once by tests/benchmarks/reference_tables.py. Each deviation stands in docs/methods.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from s75lib.stats import control_chart
from s75lib.stats.control_chart import ChartOptions, ControlChart
from s75lib.stats.funnel import funnel
from s75lib.stats.intervals import byar
from s75lib.stats.standardisation import directly_standardised, indirectly_standardised

HELD = Path(__file__).parent / "reference"
POLARITY = {"increase": "higher_is_better", "decrease": "lower_is_better"}
ASSURANCE = {"consistent_pass": "passing", "consistent_fail": "failing", "inconsistent": "hit_or_miss"}
POINT = {
    "common_cause": "common_cause",
    "special_cause_improvement": "improving",
    "special_cause_concern": "concerning",
}


def parts(name: str) -> list[tuple[str, pd.DataFrame]]:
    frame = pd.read_csv(HELD / f"{name}.csv")
    return [(str(key), part.reset_index(drop=True)) for key, part in frame.groupby("series")]


XMR, ATTRIBUTE, RUNS, FUNNELS, AGES = (
    parts(name) for name in ("xmr", "attribute", "runs", "funnel", "standardised")
)


def without_width(part: pd.DataFrame) -> bool:
    """Whether their limits are the mean itself, or none."""
    return bool((~(part["upper"] > part["lower"])).all())


def as_there(part: pd.DataFrame) -> ControlChart:
    """Draw an XmR chart with the options of NHSRplotthedots."""
    options = ChartOptions(
        screen_moving_ranges=bool(part["screen"][0]),
        near_includes_outside=False,
        almost_constant_share=1.0,
        conflict="improving",
    )
    return control_chart.xmr_chart(
        part["value"],
        polarity=POLARITY[part["direction"][0]],  # type: ignore[arg-type]
        target=float(part["target"][0]),
        options=options,
    )


@pytest.mark.parametrize(("name", "part"), XMR, ids=[name for name, _ in XMR])
def test_means_limits_flags_and_icons_are_those_of_nhsrplotthedots(name: str, part: pd.DataFrame) -> None:
    chart = as_there(part)
    points = chart.points
    np.testing.assert_allclose(points["mean"], part["mean"])
    if without_width(part):
        # Limits of no width call every change special: ours are declined, or rest on all moving ranges.
        assert chart.variation == "not_assessed" or (points["upper"] > points["lower"]).all()
        return
    # They divide by 1.128 where Making Data Count multiplies by 2.66.
    for line in ("lower", "upper"):
        np.testing.assert_allclose(
            points[line], part[line], atol=2e-4 * np.ptp(part["value"]) + 1e-9, rtol=2e-4
        )
    fires = points[list(control_chart.RULES)].any(axis=1)
    assert fires.tolist() == (part["special"] != "Common Cause").tolist()
    assert points["variation"].tolist() == part["point"].map(POINT).tolist()
    assert chart.assurance == ASSURANCE[part["assurance"][0]]


def test_the_reference_has_constant_series_and_ones_that_step() -> None:
    assert sum(without_width(part) for _, part in XMR) >= 5
    assert sum((part["special"] != "Common Cause").any() for _, part in XMR) >= 15


@pytest.mark.parametrize(("name", "part"), ATTRIBUTE, ids=[name for name, _ in ATTRIBUTE])
def test_attribute_charts_are_those_of_qicharts2(name: str, part: pd.DataFrame) -> None:
    kind = part["chart"][0]
    events, bases = part["numerator"], part["denominator"]
    if kind == "g":
        points = control_chart.g_chart(events, limits="three_sigma").points
        mean = float(events.mean())
        # Their centre is the median of the gaps seen, ours that of the geometric distribution.
        assert part["centre"][0] == events.median()
        assert points["mean"][0] == pytest.approx(-np.log(2) / np.log1p(-1 / (1 + mean)) - 0.5)
        unit = 1.0
    else:
        chart = control_chart.p_chart if kind.startswith("p") else control_chart.u_chart
        points = chart(events, bases, dispersion="always" if len(kind) == 2 else "never").points
        unit = 100.0 if kind.startswith("p") else 1.0
        np.testing.assert_allclose(points["mean"], part["centre"] * unit)
    np.testing.assert_allclose(points["upper"], part["upper"] * unit, rtol=1e-6)
    np.testing.assert_allclose(points["lower"], part["lower"] * unit, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "part"), RUNS, ids=[name for name, _ in RUNS])
def test_runs_are_judged_as_by_qicharts2(name: str, part: pd.DataFrame) -> None:
    made, given = control_chart.run_chart(part["value"]), part.iloc[0]
    for field in ("median", "useful", "longest", "longest_allowed", "crossings", "fewest_allowed"):
        assert getattr(made, field) == given[field]
    # Theirs judges any number of values, ours ten or more.
    assert made.signal == (bool(given["signal"]) and given["useful"] >= 10)


def place(share: pd.Series, part: pd.DataFrame, wide: str) -> np.ndarray:
    """Place each unit by the limits of FunnelPlotR."""
    return np.select(
        [
            share < part[f"{wide}lower998"],
            share < part[f"{wide}lower95"],
            share > part[f"{wide}upper998"],
            share > part[f"{wide}upper95"],
        ],
        ["below_998", "below_95", "above_998", "above_95"],
        "inside",
    )


@pytest.mark.parametrize("kind", ["PR", "SR"])
def test_funnels_place_units_as_funnelplotr_does(kind: str) -> None:
    """Theirs are of an arcsine or a logarithm, ours exact: a unit at a limit may differ."""
    units = alike = 0
    for name, part in FUNNELS:
        if not name.startswith(kind):
            continue
        ours = funnel(
            part["numerator"],
            part["denominator"],
            kind="proportion" if kind == "PR" else "rate",
            target=None if kind == "PR" else 1.0,
        )
        share = part["numerator"] / part["denominator"]
        theirs = place(share, part, "wide_" if ours.overdispersion.found else "")
        units += len(part)
        alike += int((theirs == ours.frame["place"].to_numpy()).sum())
    assert alike / units >= {"PR": 0.99, "SR": 0.95}[kind]


@pytest.mark.parametrize(("name", "part"), FUNNELS, ids=[name for name, _ in FUNNELS])
def test_funnels_find_over_dispersion_where_funnelplotr_does(name: str, part: pd.DataFrame) -> None:
    made = funnel(
        part["numerator"], part["denominator"], kind="proportion" if name.startswith("PR") else "rate"
    ).overdispersion
    assert made.found == (part["phi"][0] > 1.5)


@pytest.mark.parametrize(("name", "part"), AGES, ids=[name for name, _ in AGES])
def test_standardised_rates_are_those_of_pheindicatormethods(name: str, part: pd.DataFrame) -> None:
    given = part.iloc[0]
    direct = directly_standardised(part["events"], part["people"], part["standard"])
    ratio = indirectly_standardised(
        part["events"], part["people"], part["reference_events"], part["reference_people"]
    )
    per = 1e5 * part["reference_events"].sum() / part["reference_people"].sum()
    crude = byar(int(part["events"].sum()), float(part["people"].sum()), 1e5)
    for made, label in (
        (direct, "direct"),
        (ratio, "ratio"),
        (ratio.scaled(per), "indirect"),
        (crude, "crude"),
    ):
        named = (given[label], given[f"{label}_lower"], given[f"{label}_upper"])
        assert (made.estimate, made.lower, made.upper) == pytest.approx(named, rel=1e-9)
