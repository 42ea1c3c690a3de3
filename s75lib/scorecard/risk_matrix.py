"""The risk matrix of five by five, and whether all that a register prints of a risk agrees with it."""

from __future__ import annotations

__all__ = ["band", "contradictions", "faults", "rank_of_word", "repairs"]

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import MethodError

# The names of 1 to 5, the lowest and highest score of each band, and what scores there can be.
CONSEQUENCES = ("Negligible", "Minor", "Moderate", "Major", "Catastrophic")
LIKELIHOODS = ("Rare", "Unlikely", "Possible", "Likely", "Almost certain")
BANDS = {"Low": (1, 3), "Moderate": (4, 6), "High": (8, 12), "Extreme": (15, 25)}
LEVELS = tuple(BANDS)
SCORES = frozenset(c * l for c in range(1, 6) for l in range(1, 6))  # noqa: E741

SOURCE = "National Patient Safety Agency (2008), A risk matrix for risk managers"

_LEAST_LETTERS = 3
_OTHER_WORDS = {
    CONSEQUENCES: {"insignificant": "negligible", "none": "negligible"},
    LIKELIHOODS: {"certain": "almost certain"},
    LEVELS: {"medium": "moderate"},
}
_WORDS = {"consequence_label": CONSEQUENCES, "likelihood_label": LIKELIHOODS, "level": LEVELS}
_NAMES = {
    "score": "score",
    "level": "level",
    "consequence_label": "word for the consequence",
    "likelihood_label": "word for the likelihood",
}


# The matrix and its words


def band(score: float) -> str:
    """Name the band of a risk score.

    Source: National Patient Safety Agency (2008) A risk matrix for risk managers, model matrix.

    Parameters
    ----------
    score : float
        Consequence times likelihood, each 1 to 5; MethodError if it is no such product.

    Examples
    --------
    A minor consequence that is likely:

    >>> band(2 * 4)
    'High'
    """
    if score not in SCORES:
        raise MethodError(
            f"score: found {score:g}; expected a product of two numbers from 1 to 5. Correct the score."
        )
    return next(name for name, (_, highest) in BANDS.items() if score <= highest)


def rank_of_word(word: str, names: Sequence[str]) -> int | None:
    """Read a consequence, a likelihood or a level in words.

    From 1; None where the word is none of the scale's.

    Parameters
    ----------
    word : str
        As recorded; an abbreviation of three letters or more is enough where only one name begins so. A level
        may be followed by "risk".
    names : sequence of str
        `CONSEQUENCES`, `LIKELIHOODS` or `LEVELS`.

    Examples
    --------
    >>> [rank_of_word(word, CONSEQUENCES) for word in ("Minor", "CATAST.", "Grave")]
    [2, 5, None]
    >>> rank_of_word("Poss", LIKELIHOODS), rank_of_word("moderate risk", LEVELS)
    (3, 2)
    """
    plain = " ".join(re.findall(r"[a-z]+", word.lower()))
    if names == LEVELS:
        plain = plain.removesuffix("risk").strip()
    plain = _OTHER_WORDS[tuple(names)].get(plain, plain)
    known = [name.lower() for name in names]
    if plain in known:
        return known.index(plain) + 1
    begun = [n for n, name in enumerate(known, 1) if len(plain) >= _LEAST_LETTERS and name.startswith(plain)]
    return begun[0] if len(begun) == 1 else None


# Whether what is recorded of a risk agrees


@dataclass(frozen=True)
class Entry:
    """One risk at one review, as recorded: numbers 1 to 5, their product, words; None or empty if missing."""

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
    """A field of an entry that contradicts another: what is recorded, what the numbers give, and why."""

    field: str
    found: str
    expected: str
    detail: str


def faults(entry: Entry) -> tuple[Fault, ...]:
    """Find what contradicts what in one entry of a register.

    Of the score, the level, the word for the consequence and that for the likelihood. A level is held against
    the product of consequence and likelihood; where these are not recorded, against the score.

    Parameters
    ----------
    entry : Entry
        What is not recorded, and words that are not of the scale, contradict nothing.

    Examples
    --------
    The Cambridgeshire register of November 2019 prints 2 and 4, "Poss", a score of 6 and "Moderate":

    >>> printed = Entry(2, 4, 6, "Minor", "Poss", "Moderate")
    >>> [(fault.field, fault.found, fault.expected) for fault in faults(printed)]
    [('score', '6', '8'), ('level', 'Moderate', 'High'), ('likelihood_label', 'Poss', 'Likely')]
    """
    words = (("consequence", CONSEQUENCES), ("likelihood", LIKELIHOODS))
    found = (_score_fault(entry), _level_fault(entry), *(_word_fault(entry, *word) for word in words))
    return tuple(fault for fault in found if fault is not None)


def repairs(entry: Entry) -> tuple[str, ...]:
    """Find the single changes, in words, after which everything in an entry would agree.

    It says what would fit, not what is true; nothing where no single change is enough.

    Examples
    --------
    >>> repairs(Entry(2, 4, 6, "Minor", "Poss", "Moderate"))
    ('likelihood 3 in place of 4',)
    """
    if not faults(entry):
        return ()
    return tuple(said for said, changed in _changed(entry) if not faults(changed))


def contradictions(register: pd.DataFrame) -> pd.DataFrame:
    """List every contradiction of a register.

    Returns
    -------
    DataFrame
        ``risk_id``, ``date``, ``field``, ``found``, ``expected``, ``detail`` (a sentence) and ``repairs`` (as
        `repairs` gives them for the entry), a row for each.

    Examples
    --------
    >>> from s75lib.scorecard.risks import register
    >>> contradictions(register(load("peterborough").risks))[["field", "found", "expected"]].values.tolist()
    [['score', '6', '8'], ['level', 'Moderate', 'High'], ['word for the likelihood', 'Poss', 'Likely']]
    """
    made = []
    for row in register.to_dict("records"):
        entry = _entry(row)
        mended = repairs(entry)
        made += [
            (row["risk_id"], row["date"], _NAMES[one.field], one.found, one.expected, one.detail, mended)
            for one in faults(entry)
        ]
    names = ["risk_id", "date", "field", "found", "expected", "detail", "repairs"]
    return pd.DataFrame(made, columns=names)


def unread_words(register: pd.DataFrame) -> tuple[str, ...]:
    """List the words of a register that are none of a scale's, each once: nothing is held against them."""
    told = [(str(word), names) for column, names in _WORDS.items() for word in register[column].unique()]
    return tuple(dict.fromkeys(word for word, names in told if word and rank_of_word(word, names) is None))


def _entry(row: Mapping[Hashable, Any]) -> Entry:
    read: dict[str, Any] = {name: str(row[name]) for name in _WORDS}
    for name in ("consequence", "likelihood", "score"):
        read[name] = None if np.isnan(row[name]) else int(row[name])
    return Entry(**read)


def _score_fault(entry: Entry) -> Fault | None:
    if entry.score is None or entry.score == entry.product:
        return None
    if entry.product is not None:
        said = f"{entry.consequence} × {entry.likelihood} is {entry.product}, not {entry.score}."
        return Fault("score", str(entry.score), str(entry.product), said)
    if entry.score in SCORES:
        return None
    return Fault("score", str(entry.score), "", f"No two numbers from 1 to 5 make {entry.score}.")


def _level_fault(entry: Entry) -> Fault | None:
    rank, score = rank_of_word(entry.level, LEVELS), entry.score if entry.product is None else entry.product
    if rank is None or score not in SCORES or LEVELS[rank - 1] == band(score):
        return None
    said = LEVELS[rank - 1]
    detail = f"A score of {score} is {band(score).lower()}, not {said.lower()}"
    fits = entry.score in SCORES and band(entry.score) == said
    detail += f"; the recorded score of {entry.score} would be {said.lower()}." if fits else "."
    return Fault("level", entry.level, band(score), detail)


def _word_fault(entry: Entry, field: str, names: Sequence[str]) -> Fault | None:
    number: int | None = getattr(entry, field)
    label: str = getattr(entry, f"{field}_label")
    said = rank_of_word(label, names)
    if said is None or number is None or said == number:
        return None
    detail = f"“{label}” is {field} {said}, and the number beside it is {number}."
    return Fault(f"{field}_label", label, names[number - 1], detail)


def _changed(entry: Entry) -> Iterator[tuple[str, Entry]]:
    """Change one thing at a time: either number, the score, or leave out a word."""
    for number in range(1, 6):
        if entry.consequence not in (None, number):
            said = f"consequence {number} in place of {entry.consequence}"
            yield said, replace(entry, consequence=number)
        if entry.likelihood not in (None, number):
            yield f"likelihood {number} in place of {entry.likelihood}", replace(entry, likelihood=number)
    if None not in (entry.score, entry.product) and entry.score != entry.product:
        yield f"score {entry.product} in place of {entry.score}", replace(entry, score=entry.product)
    for field in _WORDS:
        if word := getattr(entry, field):
            blank: dict[str, Any] = {field: ""}
            yield f"another {_NAMES[field]} than “{word}”", replace(entry, **blank)
