"""Power and false findings of the indicators' page on simulated months, as Markdown tables; run by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd

from s75lib.kpi.changes import changes
from s75lib.kpi.control_charts import charts
from s75lib.kpi.variation import variations
from s75lib.loaders.indicators import Indicator, Kind
from s75lib.stats.comparison import holm
from s75lib.stats.months import FEWEST_MONTHS

PAGE = 15
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


def judged(cases: np.ndarray, base: int, kind: Kind) -> pd.DataFrame:
    """Compare one page as the notebook does; ``alarm``: the latest month out of routine."""
    frame = page(cases, base)
    registry = {name: Indicator(name, name, kind=kind) for name in frame["indicator"].unique()}
    months = variations(frame, registry)
    alarms = [one.chart.variation != "common_cause" for one in charts(frame, registry, months=months)]
    return changes(frame, registry, months=months).assign(alarm=alarms)


def headlined(found: pd.DataFrame) -> np.ndarray:
    """Whether each indicator of a page is headlined."""
    return (found["clear"] | found["stepped"]).to_numpy()


def exact(cases: np.ndarray, base: int, *, family: bool) -> np.ndarray:
    """Whether Fisher's exact test of the added counts finds each, in a family (Holm) or alone."""
    from scipy.stats import fisher_exact

    added = [(row[-24:-12].sum(), row[-12:].sum()) for row in cases]
    whole = 12 * base
    p_values = [fisher_exact([[a, whole - a], [b, whole - b]]).pvalue for a, b in added]
    return (holm(p_values) if family else np.array(p_values)) < 0.05


def falls(rng: np.random.Generator, pages: int) -> list[tuple[object, ...]]:
    """Share of falls that are headlined, alone on a page and as one of fifteen, beside the exact test."""
    rows: list[tuple[object, ...]] = []
    for where, at in (("turn of the year", 12), ("mid-year", 18)):
        for base in (20, 60, 200, 400):
            for fall in (0.05, 0.1, 0.2):
                share = np.full((PAGE, FEWEST_MONTHS), 0.8)
                share[0, at:] -= fall
                ours, theirs, alone, test = [], [], [], []
                for _ in range(pages):
                    cases = rng.binomial(base, share)
                    ours.append(headlined(judged(cases, base, "flow"))[0])
                    theirs.append(exact(cases, base, family=True)[0])
                    alone.append(headlined(judged(cases[:1], base, "flow"))[0])
                    test.append(exact(cases[:1], base, family=False)[0])
                shares = (np.mean(found) for found in (test, alone, theirs, ours))
                rows.append((where, base, f"{100 * fall:.0f}", *shares))
    return rows


def quiet(rng: np.random.Generator, pages: int) -> list[tuple[object, ...]]:
    """Share of pages of fifteen on which nothing changed and something is headlined, by kind of series."""
    wave = 0.1 * np.sin(2 * np.pi * np.arange(FEWEST_MONTHS) / 12)
    size = (PAGE, FEWEST_MONTHS)
    made: dict[str, Callable[[], np.ndarray]] = {
        "independent": lambda: rng.binomial(60, 0.8, size),
        "season of ±10 points": lambda: rng.binomial(60, 0.75 + wave, size),
        "autocorrelation 0.4": lambda: same_people(rng, *size, 60, 0.8, 0.4),
    }
    rows: list[tuple[object, ...]] = []
    for name, draw in made.items():
        for kind in ("flow", ""):
            found = [headlined(judged(draw(), 60, kind)).any() for _ in range(pages)]  # type: ignore[arg-type]
            rows.append((name, kind or "not said", np.mean(found)))
    return rows


def grid(rng: np.random.Generator, series: int) -> list[tuple[object, ...]]:
    """Of unchanged series, each on a page of its own: found changed, found stepped, latest month alarms."""
    wave = 1 + 0.25 * np.sin(2 * np.pi * np.arange(FEWEST_MONTHS) / 12)
    made: list[tuple[str, int, tuple[Kind, ...], np.ndarray]] = [
        (f"persistence {100 * p:.0f}%", 60, ("", "caseload"), same_people(rng, series, 24, 60, 0.8, p))
        for p in (0, 0.5, 0.8, 0.92, 0.93, 0.97)
    ]
    made += [
        (f"variance {times} × Poisson's", 0, ("", "flow"), dispersed(rng, series, 24, 40, times))
        for times in (1, 2, 3, 5)
    ]
    made.append(("season of ±25%", 0, ("", "flow"), rng.poisson(60 * wave, (series, 24))))
    rows: list[tuple[object, ...]] = []
    for name, base, kinds, cases in made:
        for kind in kinds:
            found = pd.concat([judged(one[None], base, kind) for one in cases])
            shares = (found["verdict"].eq("changed").mean(), found["stepped"].mean(), found["alarm"].mean())
            rows.append((name, kind or "not said", *shares))
    return rows


def table(titles: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print rows as Markdown."""
    print("| " + " | ".join(titles) + " |\n|" + " --- |" * len(titles))
    for row in rows:
        cells = [f"{100 * cell:.1f}%" if isinstance(cell, np.floating) else str(cell) for cell in row]
        print("| " + " | ".join(cells) + " |")
    print()


def main(repeats: int) -> None:
    """Print the three tables."""
    rng = np.random.default_rng(2026)
    print(f"{repeats} pages or series a row; standard errors are at most {50 / repeats**0.5:.1f} points.\n")
    table(("Unchanged", "kind", "changed", "stepped", "latest month"), grid(rng, repeats))
    table(("Fifteen quiet indicators", "kind", "pages with a headline"), quiet(rng, repeats))
    titles = ("Fall", "base", "points", "exact test", "headlined", "exact, Holm of 15", "headlined of 15")
    table(titles, falls(rng, repeats))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
