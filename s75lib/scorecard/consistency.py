"""Whether the six things that a register prints of one risk agree, and which one change would make them."""

from __future__ import annotations

__all__ = ["Entry", "Fault", "contradictions", "entry", "faults", "repairs"]

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from s75lib.present import words
from s75lib.scorecard.days import written
from s75lib.scorecard.scale import (
    CONSEQUENCES,
    LIKELIHOODS,
    SCORES,
    band,
    band_of_word,
    consequence_of_word,
    likelihood_of_word,
)

_FIELDS = {
    "consequence": "consequence",
    "likelihood": "likelihood",
    "score": "score",
    "consequence_label": "word for the consequence",
    "likelihood_label": "word for the likelihood",
    "level": "level",
}


@dataclass(frozen=True)
class Entry:
    """One risk at one review, as recorded; None or empty where nothing is.

    Parameters
    ----------
    consequence, likelihood : int or None
        1 to 5.
    score : int or None
        1 to 25.
    consequence_label, likelihood_label, level : str
        In words.
    """

    consequence: int | None = None
    likelihood: int | None = None
    score: int | None = None
    consequence_label: str = ""
    likelihood_label: str = ""
    level: str = ""

    @property
    def product(self) -> int | None:
        """Consequence times likelihood, where both are recorded."""
        if self.consequence is None or self.likelihood is None:
            return None
        return self.consequence * self.likelihood


@dataclass(frozen=True)
class Fault:
    """One thing recorded that contradicts another.

    Parameters
    ----------
    field : str
        score, level, consequence_label or likelihood_label.
    found, expected : str
        What is recorded, and what the numbers give.
    detail : str
        A sentence.
    """

    field: str
    found: str
    expected: str
    detail: str


def entry(row: Mapping[Hashable, Any]) -> Entry:
    """Read a row of the contract's `risks`.

    Parameters
    ----------
    row : mapping

    Returns
    -------
    Entry
    """
    return Entry(
        consequence=_whole(row["consequence"]),
        likelihood=_whole(row["likelihood"]),
        score=_whole(row["score"]),
        consequence_label=str(row["consequence_label"]),
        likelihood_label=str(row["likelihood_label"]),
        level=str(row["level"]),
    )


def faults(one: Entry) -> tuple[Fault, ...]:
    """Find what contradicts what in one entry of a register.

    Parameters
    ----------
    one : Entry

    Returns
    -------
    tuple of Fault
        Score, level, then the two words. What is not recorded, and words that are not of the scale,
        contradict nothing.

    Notes
    -----
    A level is held against the product of consequence and likelihood; where these are not recorded, against
    the score.

    References
    ----------
    National Patient Safety Agency (2008) A risk matrix for risk managers.

    Examples
    --------
    The Cambridgeshire register of November 2019 prints 2 and 4, "Poss", a score of 6 and "Moderate":

    >>> printed = Entry(2, 4, 6, "Minor", "Poss", "Moderate")
    >>> [(fault.field, fault.found, fault.expected) for fault in faults(printed)]
    [('score', '6', '8'), ('level', 'Moderate', 'High'), ('likelihood_label', 'Poss', 'Likely')]
    """
    return tuple(
        fault
        for fault in (
            _score(one),
            _level(one),
            _word(one, "consequence", consequence_of_word(one.consequence_label), CONSEQUENCES),
            _word(one, "likelihood", likelihood_of_word(one.likelihood_label), LIKELIHOODS),
        )
        if fault is not None
    )


def repairs(one: Entry) -> tuple[str, ...]:
    """Find the single changes after which everything in an entry would agree.

    Parameters
    ----------
    one : Entry

    Returns
    -------
    tuple of str
        Each in words; empty where nothing contradicts, or no single change is enough.

    Notes
    -----
    It says what would fit, not what is true.

    Examples
    --------
    >>> repairs(Entry(2, 4, 6, "Minor", "Poss", "Moderate"))
    ('likelihood 3 in place of 4',)
    """
    if not faults(one):
        return ()
    return tuple(said for said, changed in _changed(one) if not faults(changed))


def contradictions(register: pd.DataFrame) -> pd.DataFrame:
    """List every contradiction of a register.

    Parameters
    ----------
    register : DataFrame
        As `s75lib.scorecard.register.register` gives it.

    Returns
    -------
    DataFrame
        ``risk_id``, ``date``, ``field``, ``found``, ``expected``, ``detail`` and ``repair`` (the single
        changes that would make all agree, in words; empty where there is none), a row for each.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> from s75lib.scorecard.register import register
    >>> contradictions(register(load("peterborough").risks))[["field", "found", "expected"]].values.tolist()
    [['score', '6', '8'], ['level', 'Moderate', 'High'], ['word for the likelihood', 'Poss', 'Likely']]
    """
    columns = ["risk_id", "date", "field", "found", "expected", "detail", "repair"]
    made = []
    for row in register.to_dict("records"):
        one = entry(row)
        keys = {"risk_id": row["risk_id"], "date": written(str(row["date"]))}
        repair = words.join(repairs(one), "or")
        made += [
            {**keys, "field": _FIELDS[f.field], "found": f.found, "expected": f.expected, "detail": f.detail,
             "repair": repair}
            for f in faults(one)
        ]  # fmt: skip
    return pd.DataFrame(made, columns=columns)


def _score(one: Entry) -> Fault | None:
    if one.score is None:
        return None
    if one.product is None:
        if one.score in SCORES:
            return None
        return Fault("score", str(one.score), "", f"No two numbers from 1 to 5 make {one.score}.")
    if one.score == one.product:
        return None
    said = f"{one.consequence} × {one.likelihood} is {one.product}, not {one.score}."
    return Fault("score", str(one.score), str(one.product), said)


def _level(one: Entry) -> Fault | None:
    said, score = band_of_word(one.level), one.score if one.product is None else one.product
    if said is None or score is None or score not in SCORES or said == band(score):
        return None
    detail = f"A score of {score} is {band(score).lower()}, not {said.lower()}"
    fits = one.score is not None and one.score in SCORES and band(one.score) == said
    detail += f"; the recorded score of {one.score} would be {said.lower()}." if fits else "."
    return Fault("level", one.level, band(score), detail)


def _word(one: Entry, field: str, said: int | None, names: tuple[str, ...]) -> Fault | None:
    number: int | None = getattr(one, field)
    if said is None or number is None or said == number:
        return None
    label = getattr(one, f"{field}_label")
    detail = f"“{label}” is {field} {said}, and the number beside it is {number}."
    return Fault(f"{field}_label", label, names[number - 1], detail)


def _changed(one: Entry) -> Iterator[tuple[str, Entry]]:
    """Change one thing at a time: either number, the score, or leave out a word."""
    for number in range(1, 6):
        if one.consequence not in (None, number):
            yield f"consequence {number} in place of {one.consequence}", replace(one, consequence=number)
        if one.likelihood not in (None, number):
            yield f"likelihood {number} in place of {one.likelihood}", replace(one, likelihood=number)
    if None not in (one.score, one.product) and one.score != one.product:
        yield f"score {one.product} in place of {one.score}", replace(one, score=one.product)
    if one.consequence_label:
        yield _another("consequence_label", one.consequence_label), replace(one, consequence_label="")
    if one.likelihood_label:
        yield _another("likelihood_label", one.likelihood_label), replace(one, likelihood_label="")
    if one.level:
        yield _another("level", one.level), replace(one, level="")


def _another(field: str, word: str) -> str:
    return f"another {_FIELDS[field]} than “{word}”"


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
