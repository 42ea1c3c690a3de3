"""How often funnels call an ordinary unit unusual, and find an unusual one; Markdown, run by hand."""

from __future__ import annotations

import sys

import numpy as np

from s75lib.stats.funnel import differences_from_rest, funnel, positions

TITLES = ("Units", "Truth", "Limits", "outside 95%", "outside 99.8%", "spread found", "far unit found")
SHARE, FAR = 0.75, 0.15


def groups(rng: np.random.Generator, units: int, spread: float, far: bool) -> tuple[np.ndarray, np.ndarray]:
    """Events and cases of one group; the last unit lies further down where asked for."""
    sizes = rng.integers(50, 900, units)
    shares = np.full(units, SHARE)
    if spread:
        total = SHARE * (1 - SHARE) / spread**2 - 1
        shares = rng.beta(SHARE * total, (1 - SHARE) * total, units)
    shares[-1] -= FAR if far else 0.0
    return rng.binomial(sizes, np.clip(shares, 0, 1)), sizes


def row(rng: np.random.Generator, repeats: int, units: int, spread: float, dispersion: str, far: bool) -> str:
    """One row of the table."""
    ordinary, caught, found = [], [], []
    for _ in range(repeats):
        made = funnel(*groups(rng, units, spread, far), kind="proportion", dispersion=dispersion)
        places = made.frame["place"].to_numpy()
        ordinary += list(places[:-1] if far else places)
        caught.append(places[-1] != "inside")
        found.append(made.overdispersion.found)
    any_out = np.mean([place != "inside" for place in ordinary])
    far_out = np.mean([str(place).endswith("998") for place in ordinary])
    truth = "all alike" if not spread else f"spread of {100 * spread:.0f} points"
    truth += f", one {100 * FAR:.0f} points lower" if far else ""
    cells = [
        units,
        truth,
        dispersion,
        f"{100 * any_out:.1f}",
        f"{100 * far_out:.2f}",
        f"{100 * np.mean(found):.0f}",
    ]
    return f"| {' | '.join(map(str, [*cells, f'{100 * np.mean(caught):.0f}' if far else '–']))} |"


def main(repeats: int) -> None:
    """Print the tables."""
    rng = np.random.default_rng(75)
    print(f"| {' | '.join(TITLES)} |\n| ---: | --- | --- | ---: | ---: | ---: | ---: |")
    for units in (5, 8, 15, 30):
        print(row(rng, repeats, units, 0.0, "additive", False))
        for dispersion in ("none", "additive", "multiplicative"):
            print(row(rng, repeats, units, 0.04, dispersion, False))
        print(row(rng, repeats, units, 0.0, "additive", True))
    held, level = [], []
    for _ in range(repeats):
        events, sizes = groups(rng, 8, 0.0, False)
        sets = positions(events, sizes, kind="proportion")
        held.append(bool((sets["first"].eq(1) & sets["last"].eq(8)).all()))
        level.append(bool((differences_from_rest(events, sizes, kind="proportion")["p_holm"] < 0.05).any()))
    print(f"\nEight alike: all positions left open in {100 * np.mean(held):.1f}% of groups; ", end="")
    print(f"some difference from the rest significant after Holm in {100 * np.mean(level):.1f}%.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
