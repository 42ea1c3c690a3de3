"""Print the exact coverage of the intervals over a grid, as the tables of docs/methods.md.

Run with ``python tests/benchmarks/interval_coverage.py``; it takes some seconds and draws no random numbers.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy import stats

from s75lib.stats.intervals import (
    byar_bounds,
    clopper_pearson_bounds,
    exact_poisson_bounds,
    newcombe_bounds,
    wilson_bounds,
)

SHARES = (np.arange(200) + 0.5) / 200
PAIR_SHARES = (np.arange(40) + 0.5) / 40


def binomial_coverage(bounds, n, shares=SHARES):
    """Chance that the interval holds the true share, for each true share."""
    events = np.arange(n + 1)
    lower, upper = bounds(events, n)
    chance = stats.binom.pmf(events, n, shares[:, None])
    return (chance * ((lower <= shares[:, None]) & (shares[:, None] <= upper))).sum(axis=1)


def poisson_coverage(bounds, means):
    """Chance that the interval holds the true mean, for each true mean."""
    events = np.arange(int(means.max() + 12 * np.sqrt(means.max()) + 40))
    lower, upper = bounds(events)
    chance = stats.poisson.pmf(events, means[:, None])
    return (chance * ((lower <= means[:, None]) & (means[:, None] <= upper))).sum(axis=1)


def newcombe_coverage(n_before, n_after, shares=PAIR_SHARES):
    """Chance that the interval holds the true difference, for each pair of true shares."""
    before, after = np.meshgrid(np.arange(n_before + 1), np.arange(n_after + 1), indexing="ij")
    lower, upper = newcombe_bounds(before, n_before, after, n_after)
    coverage = []
    for first, second in itertools.product(shares, shares):
        covered = (lower <= second - first) & (second - first <= upper)
        before_chance = stats.binom.pmf(np.arange(n_before + 1), n_before, first)
        after_chance = stats.binom.pmf(np.arange(n_after + 1), n_after, second)
        coverage.append(before_chance @ covered @ after_chance)
    return np.array(coverage)


def row(*cells):
    """One line of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def percent(coverage):
    """Mean and least coverage, in percent."""
    return f"{coverage.mean() * 100:.1f}", f"{coverage.min() * 100:.1f}"


def main():
    """Print the three tables."""
    print(row("n", "Wilson mean %", "Wilson least %", "Clopper-Pearson mean %", "Clopper-Pearson least %"))
    print(row(*["---:"] * 5))
    for n in (5, 10, 20, 45, 100, 250, 500, 1000):
        wilson, exact = binomial_coverage(wilson_bounds, n), binomial_coverage(clopper_pearson_bounds, n)
        print(row(n, *percent(wilson), *percent(exact)))
    print()
    print(row("n before", "n after", "Newcombe mean %", "Newcombe least %"))
    print(row(*["---:"] * 4))
    for n_before, n_after in ((5, 5), (10, 10), (10, 30), (30, 30), (45, 100), (100, 100), (100, 300)):
        print(row(n_before, n_after, *percent(newcombe_coverage(n_before, n_after))))
    print()
    print(
        row("expected events", "Byar mean %", "Byar least %", "exact Poisson mean %", "exact Poisson least %")
    )
    print(row(*["---:"] * 5))
    for low, high in ((0.5, 5), (5, 10), (10, 20), (20, 50), (50, 200)):
        means = np.linspace(low, high, 400)
        byar, exact = poisson_coverage(byar_bounds, means), poisson_coverage(exact_poisson_bounds, means)
        print(row(f"{low:g} to {high:g}", *percent(byar), *percent(exact)))


if __name__ == "__main__":
    main()
