"""Sentences on the outturn: the projection, earlier years' course as a scenario, the full-year effect."""

from __future__ import annotations

__all__ = ["outturn"]

from s75lib.budget import outturn as outturns
from s75lib.budget.naming import pounds
from s75lib.budget.study import Study
from s75lib.present import Headline, words


def outturn(study: Study) -> list[Headline]:
    """Say where the year is heading.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty where none of it can be had.
    """
    said: list[Headline] = []
    found = study.outturn
    if found is not None and found.as_at < found.year_end:
        said = [_projection(found), *_scenarios(study, found)]
    rate = study.run_rate
    if rate is not None:
        word = "more" if rate.full_year_effect >= 0 else "less"
        said.append(
            Headline(
                "budget.full_year",
                f"The packages that will be open at the end of {rate.year} cost {pounds(rate.full_year)} "
                "net in a "
                f"full {rate.next_year} at today's prices, {pounds(rate.full_year_effect)} {word} than this "
                "year's commitment.",
                rate.full_year_effect,
                "£",
                method="open packages × days of the next year, less the commitment",
                see=("run_rate",),
            )
        )
    return said


def _projection(found: outturns.Outturn) -> Headline:
    return Headline(
        "budget.outturn",
        "If packages go on starting, stopping and changing price as before, the net commitment of "
        f"{pounds(found.commitment)} ends the year near {pounds(found.projected)} "
        f"({100 * found.confidence:.0f}% prediction interval {pounds(found.lower)} to {pounds(found.upper)}, "
        f"from {words.count_noun(found.movements, 'past movement')}), other adjustments left out.",
        found.projected,
        "£",
        found.lower,
        found.upper,
        found.method,
        see=("outturn",),
    )


def _scenarios(study: Study, found: outturns.Outturn) -> list[Headline]:
    """State what earlier years' last months would mean, or that none is held."""
    repeated = outturns.scenario(study.net)
    if not repeated:
        return [
            Headline(
                "budget.scenario",
                "Whether last year's course to the year end would repeat can't be computed: last year's "
                "snapshots are not held.",
            )
        ]
    return [
        Headline(
            f"budget.scenario.{year}",
            f"If the commitment moved to the year end as in {year}, it would end at {pounds(value)}, "
            f"{pounds(value - found.commitment)} {'more' if value > found.commitment else 'less'} than now.",
            value,
            "£",
            method="relative movement from the same month to the year end",
            see=("outturn",),
        )
        for year, value in repeated.items()
    ]
