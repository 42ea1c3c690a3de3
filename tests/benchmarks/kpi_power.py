"""Power and false findings of the indicators' page on simulated months, as Markdown tables; run by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from s75lib.kpi.changes import MARGIN, changes
from s75lib.kpi.comparison import compare, with_adjusted_p
from s75lib.kpi.control_charts import charts
from s75lib.kpi.variation import misdeclared, variations
from s75lib.loaders.indicators import Indicator, Kind
from s75lib.stats.comparison import holm
from s75lib.stats.months import FEWEST_MONTHS, learnt

PAGE = 15
SHARE = 0.8
LEVEL = 0.05
# Share of its indicator's level that a step has.
OF_STEP = 0.15
KINDS: tuple[Kind, ...] = ("flow", "")
SAME = "the same people, autocorrelation 0.4"
# Pages of quiet indicators that falls are put on in turn.
QUIET_PAGES = 20
TEXTS = {"group": "", "unit": "percent", "decimals": np.nan, "target": np.nan, "months_on_target": np.nan}


def same_people(
    rng: np.random.Generator, series: int, months: int, base: int, share: float, persistence: float
) -> np.ndarray:
    """Cases of a caseload: each person keeps their state for a month with this chance, else draws anew."""
    cases = np.empty((series, months), dtype=int)
    cases[:, 0] = rng.binomial(base, share, series)
    for at in range(1, months):
        kept, never = (
            rng.binomial(part, persistence) for part in (cases[:, at - 1], base - cases[:, at - 1])
        )
        cases[:, at] = kept + rng.binomial(base - kept - never, share)
    return cases


def dispersed(rng: np.random.Generator, series: int, months: int, mean: float, times: float) -> np.ndarray:
    """Counts whose variance is so many times Poisson's."""
    if times == 1:
        return rng.poisson(mean, (series, months))
    return rng.negative_binomial(mean / (times - 1), 1 / times, (series, months))


def wandering(
    rng: np.random.Generator, series: int, base: int, share: float, correlation: float, times: float
) -> np.ndarray:
    """Cases of new people each month, whose chance itself wanders so that the variance is so many times."""
    level = np.empty((series, FEWEST_MONTHS))
    level[:, 0] = rng.normal(size=series)
    for at in range(1, FEWEST_MONTHS):
        fresh = np.sqrt(1 - correlation**2) * rng.normal(size=series)
        level[:, at] = correlation * level[:, at - 1] + fresh
    deviation = np.sqrt((times - 1) * share * (1 - share) / base)
    return rng.binomial(base, np.clip(share + deviation * level, 0, 1))


def page(cases: np.ndarray, base: int = 0) -> pd.DataFrame:
    """Lay series out as indicators from April 2024 (the last month March); a base of 0: counts."""
    count, months = cases.shape
    numbers = 2026 * 12 + 3 - months + np.arange(months)
    periods = [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
    frame = pd.DataFrame(
        {
            "indicator": np.repeat([f"i{at}" for at in range(count)], months),
            "period": periods * count,
            "value": cases.ravel() * (100 / base if base else 1.0),
            "numerator": cases.ravel().astype(float) if base else np.nan,
            "denominator": float(base) if base else np.nan,
            "months_reported": np.nan,
        }
    )
    return frame.assign(**TEXTS | {"unit": "percent" if base else "count"})


def judged(cases: np.ndarray, base: int, kind: Kind, *, charted: bool = False) -> pd.DataFrame:
    """Compare each series on a page of its own; ``alarm``: the latest month out of routine, where charted.

    What a series' own months say depends on no other's, so all are given at once.
    """
    frame = page(cases, base)
    registry = {name: Indicator(name, name, kind=kind) for name in frame["indicator"].unique()}
    months = variations(frame, registry)
    made = charts(frame, registry, months=months) if charted else ()
    alarms = [one.chart.variation != "common_cause" for one in made]
    found = changes(frame, registry, months=months)
    pairs = found[["p_value", "shift_p"]].to_numpy()
    told = [min(holm(pair, (1 - OF_STEP, OF_STEP))) < LEVEL for pair in pairs]
    varies = [months.get((name, "")) for name in found["indicator"]]
    return found.assign(alarm=alarms if charted else False, headlined=told, varies=varies)


def headlined(found: pd.DataFrame, cases: np.ndarray, base: int, kind: Kind, pages: np.ndarray) -> np.ndarray:
    """Whether each indicator is headlined on pages of the series numbered, of the shape of `pages`.

    `found`, as `judged` gives it, holds what a series' own months say; of a page only the family is left,
    judged as `changes` does it, which the first page is held against.
    """
    rows, entry, made = found.to_dict("records"), Indicator("", "", kind=kind), []
    for numbers in pages:
        own = [rows[at] for at in numbers]
        p, step_p = (np.array([row[name] for row in own]) for name in ("p_value", "shift_p"))
        if not (p < LEVEL).any() and not (step_p < LEVEL).any():
            made.append(np.zeros(len(own), dtype=bool))
            continue
        judged_again = learnt([row["varies"] for row in own])
        shared = [
            compare(row, entry, margin=MARGIN, variation=one).p_value if row["p_value"] < LEVEL else 1.0
            for row, one in zip(own, judged_again, strict=True)
        ]
        steps = [one.step.p_value for one in judged_again]
        family = with_adjusted_p(pd.DataFrame({"p_value": shared, "shift_p": steps}))
        clear = np.maximum(family["p_holm"], p) < LEVEL
        made.append((clear | (np.maximum(family["shift_holm"], step_p) < LEVEL)).to_numpy())
    shown = page(cases[pages[0]], base)
    whole = changes(shown, {name: replace(entry, slug=name) for name in shown["indicator"].unique()})
    if not np.array_equal(whole["clear"] | whole["stepped"], made[0]):
        raise RuntimeError("headlined: found another verdict than the page's own.")
    return np.array(made)


def exact(cases: np.ndarray, base: int) -> np.ndarray:
    """P-values of Fisher's exact test of the added counts, year against year."""
    whole = 12 * base
    added = [(row[-24:-12].sum(), row[-12:].sum()) for row in cases]
    return np.array([fisher_exact([[a, whole - a], [b, whole - b]]).pvalue for a, b in added])


def falls(rng: np.random.Generator, runs: int) -> Iterator[tuple[object, ...]]:
    """Share of falls that are headlined, alone on a page and as one of fifteen, beside the exact test."""
    for base in (20, 60, 200, 400):
        quiet = rng.binomial(base, SHARE, (QUIET_PAGES * (PAGE - 1), FEWEST_MONTHS))
        theirs = exact(quiet, base).reshape(-1, PAGE - 1)
        for at, fall in product((12, 18), (0.05, 0.1, 0.2)):
            share = np.full(FEWEST_MONTHS, SHARE)
            share[at:] -= fall
            cases = rng.binomial(base, share, (runs, FEWEST_MONTHS))
            tested, both = exact(cases, base), np.vstack([cases, quiet])
            found = {kind: judged(both, base, kind) for kind in KINDS}
            places = np.arange(runs // 2) % QUIET_PAGES
            others = runs + places[:, None] * (PAGE - 1) + np.arange(PAGE - 1)
            pages = np.hstack([np.arange(runs // 2)[:, None], others])
            family = [holm([p, *theirs[place]])[0] for p, place in zip(tested, places, strict=False)]
            yield (
                f"{100 * fall:.0f} points, month {at + 1}, base {base}",
                np.mean(tested < LEVEL),
                *(found[kind]["headlined"][:runs].mean() for kind in KINDS),
                np.mean(np.array(family) < LEVEL),
                *(headlined(found[kind], both, base, kind, pages)[:, 0].mean() for kind in KINDS),
            )


def quiet(rng: np.random.Generator, pages: int) -> Iterator[tuple[object, ...]]:
    """Of pages of fifteen on which nothing changed: those with a headline, and with a flow named."""
    wave = 0.1 * np.sin(2 * np.pi * np.arange(FEWEST_MONTHS) / 12)
    series, base = pages * PAGE, 60
    size = (series, FEWEST_MONTHS)
    made = {
        "independent": rng.binomial(base, SHARE, size),
        "season of ±10 points": rng.binomial(base, 0.75 + wave, size),
        SAME: same_people(rng, *size, base, SHARE, 0.4),
        "level wanders by AR(1) of 0.4, variance × 2": wandering(rng, series, base, SHARE, 0.4, 2),
        "level wanders by AR(1) of 0.4, variance × 3": wandering(rng, series, base, SHARE, 0.4, 3),
    }
    # Pages on which some wander and the rest are independent.
    for wander in (1, 7):
        mixed = made["independent"].copy()
        mixed[np.arange(series) % PAGE < wander] = made[SAME][np.arange(series) % PAGE < wander]
        made[f"{wander} of the same people, the rest independent"] = mixed
    numbers = np.arange(series).reshape(-1, PAGE)
    for (name, cases), kind in product(made.items(), KINDS):
        found = judged(cases, base, kind)
        told, varies = headlined(found, cases, base, kind, numbers), found["varies"].tolist()
        named = [bool(misdeclared({(str(at), ""): varies[at] for at in page})) for page in numbers.tolist()]
        yield name, kind or "not said", told.any(axis=1).mean(), np.mean(named)


def grid(rng: np.random.Generator, series: int) -> Iterator[tuple[object, ...]]:
    """Of unchanged series, each on a page of its own: found changed, headlined, latest month alarms."""
    wave = np.sin(2 * np.pi * np.arange(FEWEST_MONTHS) / 12)
    size = (series, FEWEST_MONTHS)
    made: list[tuple[str, int, tuple[Kind, ...], np.ndarray]] = [
        (f"persistence {100 * p:.0f}%", 60, ("", "caseload"), same_people(rng, *size, 60, SHARE, p))
        for p in (0, 0.5, 0.8, 0.93, 0.97)
    ]
    made += [
        (f"persistence 50%, base {base}", base, ("",), same_people(rng, *size, base, SHARE, 0.5))
        for base in (20, 200)
    ]
    made += [
        (f"variance {times} × Poisson's", 0, ("", "flow"), dispersed(rng, *size, 40, times))
        for times in (1, 2, 3, 5)
    ]
    made.append(("season of ±25%", 0, ("", "flow"), rng.poisson(60 * (1 + wave / 4), size)))
    made.append(("season of ±10 points", 60, ("", "flow"), rng.binomial(60, 0.75 + wave / 10, size)))
    made += [
        (f"variance {times} × binomial", 60, ("", "flow"), wandering(rng, series, 60, SHARE, 0, times))
        for times in (2, 3)
    ]
    for name, base, kinds, cases in made:
        for kind in kinds:
            found = judged(cases, base, kind, charted=True)
            shares = (found["verdict"].eq("changed").mean(), found["headlined"].mean())
            yield name, kind or "not said", *shares, found["alarm"].mean()


def table(titles: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Print rows as Markdown, each as soon as it is known."""
    print("| " + " | ".join(titles) + " |\n|" + " --- |" * len(titles))
    for row in rows:
        cells = [f"{100 * cell:.1f}%" if isinstance(cell, np.floating) else str(cell) for cell in row]
        print("| " + " | ".join(cells) + " |", flush=True)
    print(flush=True)


def main(runs: int, wanted: str) -> None:
    """Print the tables wanted, each from a seed of its own: a quarter as many pages as series."""
    print(f"{runs} series a row; standard error at most {50 / runs**0.5:.1f} points.\n")
    if "grid" in wanted:
        titles = ("Unchanged", "kind", "changed", "headlined", "latest month")
        table(titles, grid(np.random.default_rng(90210), runs))
    if "falls" in wanted:
        titles = (
            "Fall",
            "exact test",
            "headlined",
            "kind not said",
            "exact, Holm",
            "of 15",
            "of 15, not said",
        )
        table(titles, falls(np.random.default_rng(61702), runs))
    if "quiet" in wanted:
        titles = ("Fifteen quiet indicators", "kind", "pages with a headline", "like a caseload")
        table(titles, quiet(np.random.default_rng(61703), runs // 4))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400, " ".join(sys.argv[2:]) or "grid falls quiet")
