"""From work to people: staff needed by hand and by simulation, rota, caseload, scenarios."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import ConfigError
from s75lib.stats.queueing import exceedance
from s75lib.workload.assumptions import DEFAULTS, Assumption, Assumptions, assumptions
from s75lib.workload.caseload import caseload, pile_up, stretch
from s75lib.workload.outlook import Outlook, outlook
from s75lib.workload.rota import Staff, rota, rota_days, shortfall
from s75lib.workload.scenarios import EXAMPLES, Scenario, read, run
from s75lib.workload.series import totals
from s75lib.workload.staffing import TASKS, required, tornado, transfer_need, weekly_hours
from s75lib.workload.workforce import pool_of, position, redeployment

NONE = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])
LAST = pd.Timestamp("2025-03-01")


def fixed(**values):
    """The defaults without any range, some set to a value."""
    return Assumptions(
        {
            d.name: replace(d, low=v, central=v, high=v)
            for d in DEFAULTS
            for v in [values.get(d.name, d.central)]
        }
    )


def flat(counts, n=200, horizon=12, last=None):
    """An outlook that expects the same each month."""
    ends = last or {}
    years = pd.DataFrame([{"measure": m, "team": "", "last_month": ends.get(m, LAST)} for m in counts])
    paths = {m: np.full((n, horizon), float(c)) for m, c in counts.items()}
    return Outlook(pd.DataFrame(), years, pd.DataFrame(), pd.DataFrame(), paths, {}, horizon)


def test_staff_needed_by_hand():
    held = fixed(hours_per_review=6, hours_per_week=37, weeks_available=42, non_contact_share=0.3)
    found = required(flat({"reviews": 100}), held)
    assert found.year("casework")["central"] == pytest.approx(600 / (37 * 42 * 0.7 / 12))
    assert found.year("casework")["error"] == pytest.approx(0, abs=1e-12)
    assert found.months["month"].tolist() == list(pd.date_range("2025-04-01", periods=12, freq="MS"))


def test_open_cases_take_hours_every_month():
    held = fixed(hours_per_case_per_month=1.5)
    one = required(flat({"reviews": 100}), held).year("casework")["central"]
    both = required(flat({"reviews": 100}), held, open_cases=1000).year("casework")["central"]
    assert both - one == pytest.approx(1500 / (37 * 42 * 0.7 / 12))


def test_mental_health_act_work_is_not_casework():
    found = required(flat({"reviews": 10, "mha_assessments": 10}), fixed())
    assert set(found.draws) == {"casework", "amhp"}


def test_a_series_that_ended_long_ago_is_left_out():
    old = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp("2024-03-01")})
    found = required(old, fixed())
    assert found.left_out == ("reviews",)


def test_a_series_one_month_late_shortens_what_is_seen():
    late = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp("2025-02-01")})
    found = required(late, fixed())
    assert found.draws["casework"].shape == (200, 11)
    assert found.months["month"].iloc[0] == pd.Timestamp("2025-04-01")


def test_nothing_that_takes_hours_needs_nobody():
    found = required(flat({"complaints": 10}), fixed())
    assert found.is_empty
    assert found.parts.empty


def test_the_tornado_moves_one_assumption_at_a_time():
    held = assumptions(NONE)
    ahead = flat({"reviews": 100, "assessments": 10})
    table = tornado(required(ahead, held), held, ahead).set_index("name")
    month = 37 * 42 * 0.7 / 12
    assert table.loc["hours_per_review", "low"] == pytest.approx((100 * 4 + 10 * 11) / month)
    assert table.loc["hours_per_review", "high"] == pytest.approx((100 * 9 + 10 * 11) / month)
    assert table.loc["non_contact_share", "high"] == pytest.approx((600 + 110) / (37 * 42 * 0.6 / 12))
    assert table.loc["demand", "width"] == pytest.approx(0)
    assert table["width"].is_monotonic_decreasing


def test_weekly_hours_by_hand():
    assert weekly_hours(fixed()) == pytest.approx(37 * 42 * 0.7 / (365.25 / 7))


@pytest.mark.slow
def test_the_interval_of_the_staff_needed_covers_what_comes(monkeypatch):
    """Poisson demand and assumptions drawn from their ranges: 95% intervals hold 93 to 97% of outcomes."""
    # Without backtests, for speed; the module's name is that of its function too.
    monkeypatch.setattr(sys.modules[outlook.__module__], "_TESTS", ())
    rng = np.random.default_rng(20)
    held = assumptions(NONE)
    months = pd.date_range("2022-04-01", periods=36, freq="MS")
    trials, inside = 400, 0
    for _ in range(trials):
        levels = {"reviews": rng.uniform(15, 200), "assessments": rng.uniform(15, 150)}
        came = {m: rng.poisson(level, 48) for m, level in levels.items()}
        frame = pd.concat(
            [
                pd.DataFrame(
                    {
                        "month": months,
                        "measure": m,
                        "count": c[:36].astype(float),
                        "service_group": "",
                        "team": "",
                    }
                )
                for m, c in came.items()
            ]
        )
        year = required(outlook(frame), held).year("casework")
        truth = {name: float(item.draw(1, rng)[0]) for name, item in held.items()}
        hours = sum(c[36:].mean() * truth[TASKS[m][0]] for m, c in came.items())
        post = truth["hours_per_week"] * truth["weeks_available"] * (1 - truth["non_contact_share"]) / 12
        inside += year["lower_95"] <= hours / post <= year["upper_95"]
    assert 0.93 <= inside / trials <= 0.97


def test_the_reviews_of_a_transfer_as_staff():
    reviews = pd.DataFrame(
        {"month": [0, 1, 12], "light_touch": [10.0, 10.0, 99.0], "yearly": [0.0, 5.0, 99.0]}
    )
    held = fixed(hours_per_light_touch_review=2, hours_per_review=6)
    found = transfer_need(reviews, held)
    assert found["central"] == pytest.approx((20 * 2 + 5 * 6) / (37 * 42 * 0.7))
    assert (found["light_touch"], found["yearly"]) == (20, 5)


@pytest.mark.parametrize(
    ("role", "pool"),
    [("AMHP", "amhp"), ("Senior social worker", "casework"), ("Team manager", "management"),
     ("Head of service", "management"),
     ("Approved Mental Health Professional", "amhp"), ("Leading practitioner", "casework")],
)  # fmt: skip
def test_roles_by_their_names(role, pool):
    assert pool_of(role) == pool


def test_posts_by_hand():
    frame = pd.DataFrame(
        {
            "as_at": pd.Timestamp("2025-03-31"), "team": ["A", "A", "B"],
            "role": ["Social worker", "AMHP", "Support worker"], "wte_establishment": [6.0, 2.0, 2.0],
            "wte_in_post": [5.0, 2.0, 1.0], "wte_locum": [1.0, np.nan, 0.5],
        }
    )  # fmt: skip
    found = position(frame).set_index("pool").loc["casework"]
    assert (found["establishment"], found["in_post"], found["staffed"], found["vacancy"]) == (8, 6, 7.5, 2)
    assert found["vacancy_percent"] == 25
    assert found["locum_percent"] == 20
    assert np.isnan(position(frame).set_index("pool").loc["amhp", "locum_percent"])


def test_nineteen_redeployed():
    found = redeployment(19, fixed())
    assert found.hours == pytest.approx(19 * 37 * 42 * 0.7)
    assert found.hours_low == pytest.approx(found.hours)
    assert found.reviews == pytest.approx(found.hours / 6)


def mha(level=30.4375):
    ahead = flat({"mha_assessments": level})
    history = pd.DataFrame({"measure": "mha_assessments", "month": range(24), "count": [30.0, 31.0] * 12})
    return ahead, history


def test_the_rota_by_hand():
    ahead, history = mha()
    found = rota(ahead, history, fixed(), Staff(6.0, 1.0, 3.0), on_duty=3)
    assert found.daily_mean == pytest.approx(1)
    assert found.variance_ratio == 1  # less scatter than Poisson is taken as Poisson
    cases = found.cases.set_index("case")
    assert cases.loc["As now", "probability"] == pytest.approx(exceedance(3, 1))
    share = 42 / (365.25 / 7)
    joined = 3 + 3 * 1 / 7 * share
    assert cases.loc["Trainees join", "on_duty"] == pytest.approx(joined)
    assert cases.loc["Locums leave", "on_duty"] == pytest.approx(3 - 5 / 7 * share * 0.5)
    assert cases.loc["Locums leave", "probability"] > cases.loc["As now", "probability"]
    assert cases.loc["As now", "days_short"] == pytest.approx(365.25 * exceedance(3, 1))
    assert found.desk.utilisation == pytest.approx(1 / 3)


def test_the_rota_of_nobody_new_has_no_such_case():
    ahead, history = mha()
    found = rota(ahead, history, fixed(), Staff())
    assert found.cases["case"].tolist() == ["As now", "Holiday fortnight, one fewer on duty"]


def test_no_assessments_no_rota():
    assert rota(flat({"reviews": 3}), pd.DataFrame(), fixed(), Staff()) is None


def test_a_part_person_on_duty_is_a_mixture_of_days():
    assert shortfall(2.25, 1.5, 1.3) == pytest.approx(
        0.75 * exceedance(2, 1.5, 1.3) + 0.25 * exceedance(3, 1.5, 1.3)
    )
    assert rota_days(2, fixed()) == pytest.approx(2 * 5 / 7 * 42 / (365.25 / 7) * 0.5)


def snapshots(counts):
    """A ledger whose packages P0, P1 … are open from their start to their end month."""
    rows = []
    for month in range(13):
        day = pd.Timestamp("2024-03-31") + pd.offsets.MonthEnd(month)
        for key, (first, last) in enumerate(counts):
            if first <= month < last:
                start = (
                    pd.Timestamp("2020-01-01")
                    if first == 0
                    else day - pd.DateOffset(months=month - first, days=5)
                )
                rows.append((day, f"P{key}", "Nursing", start, pd.NaT, False))
    frame = pd.DataFrame(
        rows, columns=["snapshot_date", "person_key", "care_type", "start_date", "end_date", "prior_year"]
    )
    return frame.assign(prior_year=frame["prior_year"].astype("boolean"))


def test_stock_and_flow_of_a_small_ledger():
    # Ten open throughout, one a month starts and stays for good.
    found = caseload(snapshots([(0, 99)] * 10 + [(m, 99) for m in range(1, 13)]))
    assert found.months["open"].tolist() == list(range(11, 23))
    assert (found.starts, found.leaving_share) == (1, 0)
    assert found.in_a_year == pytest.approx(34)
    assert found.settles_at == np.inf


def test_a_steady_ledger_stays_where_it_is():
    # Each month one of twelve ends and another starts.
    keep = [(max(m - 12, 0), m) for m in range(1, 25)]
    found = caseload(snapshots(keep))
    assert set(found.months["open"]) == {found.months["open"].iloc[0]}
    assert found.in_a_year == pytest.approx(found.months["open"].iloc[-1], rel=1e-6)
    assert found.settles_at == pytest.approx(found.months["open"].iloc[-1])


def test_a_ledger_with_a_month_missing_has_no_flow():
    frame = snapshots([(0, 99)] * 3)
    assert caseload(frame[frame["snapshot_date"] != pd.Timestamp("2024-06-30")]) is None
    assert caseload(frame.iloc[:0]) is None


def test_work_piles_up_by_what_is_short():
    table = pile_up(np.full((5, 12), 11.0), 10.0)
    # A tenth of the staff's month short each month, in weeks.
    assert table["central"].iloc[-1] == pytest.approx(12 * 0.1 * 365.25 / 7 / 12)
    assert (table["p_any"] == 1).all()
    assert (pile_up(np.full((5, 12), 9.0), 10.0)["upper_95"] == 0).all()


def test_more_use_leaves_more_waiting():
    table = stretch(100)
    assert table["upper_80"].is_monotonic_increasing
    assert table["p_clear"].is_monotonic_decreasing


def test_scenarios_change_what_they_say_and_no_more():
    held = fixed()
    ahead = flat({"reviews": 100})
    base = 600 / (37 * 42 * 0.7 / 12)
    found = run(
        (
            Scenario("more", demand={"all": 1.2}),
            Scenario("later", demand={"reviews": 1.2}, demand_from=7),
            Scenario("posts", posts_filled=2.0, posts_from=7),
            Scenario("locums", locums=-1.0),
        ),
        ahead, held, establishment=8.0, staffed=base + 0.5,
    ).table.set_index("scenario")  # fmt: skip
    assert found.loc["As forecast", "required"] == pytest.approx(base)
    assert found.loc["more", "required"] == pytest.approx(1.2 * base)
    assert found.loc["later", "required"] == pytest.approx(1.1 * base)
    assert found.loc["posts", "staffed"] == pytest.approx(base + 1.5)
    assert found.loc["locums", "gap"] == pytest.approx(0.5)
    assert found.loc["later", "first_gap"] == pd.Timestamp("2025-10-01")
    assert pd.isna(found.loc["As forecast", "first_gap"])
    assert found["p_gap"].to_dict() == {"As forecast": 0, "more": 1, "later": 1, "posts": 0, "locums": 1}


def test_people_who_move_bring_reviews_and_cases():
    held = fixed(transfer_months=1, annual_closure_share=0.0, packages_per_person=1.0)
    ahead = flat({"reviews": 100})
    found = run((Scenario("move", people_moved=120),), ahead, held, establishment=9, staffed=9)
    months = found.months[found.months["scenario"] == "move"]["central"].to_numpy()
    post = 37 * 42 * 0.7 / 12
    # From the fourth month on: a twelfth of 120 yearly reviews, and 120 open cases.
    assert months[-1] == pytest.approx((600 + 10 * 6 + 120 * 1.5) / post)


def test_without_a_file_the_examples_are_used(tmp_path):
    assert read(tmp_path / "scenarios.toml") == EXAMPLES


def test_scenarios_are_read(tmp_path):
    path = tmp_path / "scenarios.toml"
    path.write_text(
        '[[scenario]]\nname = "a"\ndemand = {reviews = 1.5}\nlocums = -1\nlocums_from = 3\n', encoding="utf-8"
    )
    assert read(path) == (Scenario("a", demand={"reviews": 1.5}, locums=-1, locums_from=3),)


@pytest.mark.parametrize(
    "text",
    [
        "[[scenario]\n", '[[scenario]]\nlocums = 1\n', '[[scenario]]\nname = "a"\nlocum = 1\n',
        '[[scenario]]\nname = "a"\ndemand = {parcels = 2}\n', '[[scenario]]\nname = "a"\nlocums = "two"\n',
        '[[scenario]]\nname = "a"\nlocums_from = 0\n', '[[scenario]]\nname = "a"\ndemand = {reviews = -1}\n',
        '[[scenario]]\nname = "a"\nposts_filled = true\n',
    ],
)  # fmt: skip
def test_a_faulty_scenario_is_refused_with_its_place(tmp_path, text):
    path = tmp_path / "scenarios.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"scenarios\.toml.*expected"):
        read(path)


def test_totals_feed_the_rota():
    months = pd.date_range("2024-01-01", periods=3, freq="MS")
    frame = pd.DataFrame(
        {
            "month": months,
            "measure": "mha_assessments",
            "count": [1.0, 2.0, 3.0],
            "service_group": "",
            "team": "",
        }
    )
    found = rota(outlook(frame), totals(frame), fixed(), Staff())
    assert 0 < found.daily_mean < 1


def test_an_assumption_is_its_own_stream():
    held = assumptions(NONE)
    ahead = flat({"reviews": 100})
    first = required(ahead, held).draws["casework"]
    changed = dict(held)
    changed["hours_per_enquiry"] = Assumption("hours_per_enquiry", "x", 1, 2, 3, "hours", "test")
    assert (required(ahead, Assumptions(changed)).draws["casework"] == first).all()
