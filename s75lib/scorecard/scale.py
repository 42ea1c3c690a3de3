"""The risk matrix of five by five: its words for consequence and likelihood, its products, its bands."""

from __future__ import annotations

__all__ = [
    "BANDS",
    "CONSEQUENCES",
    "LIKELIHOODS",
    "SCORES",
    "band",
    "band_of_word",
    "consequence_of_word",
    "likelihood_of_word",
]

import re
from collections.abc import Mapping, Sequence

from s75lib.errors import MethodError

CONSEQUENCES = ("Negligible", "Minor", "Moderate", "Major", "Catastrophic")
"""Names of the consequences 1 to 5."""

LIKELIHOODS = ("Rare", "Unlikely", "Possible", "Likely", "Almost certain")
"""Names of the likelihoods 1 to 5."""

BANDS = {"Low": (1, 3), "Moderate": (4, 6), "High": (8, 12), "Extreme": (15, 25)}
"""Lowest and highest score of each band."""

SCORES = frozenset(c * l for c in range(1, 6) for l in range(1, 6))  # noqa: E741
"""The fourteen scores that a consequence and a likelihood can give."""

_LEAST_LETTERS = 3
_OTHER_CONSEQUENCES = {"insignificant": 1, "none": 1}
_OTHER_LIKELIHOODS = {"certain": 5}
_OTHER_BANDS = {"medium": "Moderate"}


def band(score: float) -> str:
    """Name the band of a risk score.

    Parameters
    ----------
    score : float
        Consequence times likelihood, each 1 to 5.

    Returns
    -------
    str
        Low, Moderate, High or Extreme.

    Raises
    ------
    MethodError
        If no consequence and likelihood have this product.

    References
    ----------
    National Patient Safety Agency (2008) A risk matrix for risk managers, model matrix: 1-3 low, 4-6
    moderate, 8-12 high, 15-25 extreme.

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


def consequence_of_word(word: str) -> int | None:
    """Read a consequence in words.

    Parameters
    ----------
    word : str
        As recorded; an abbreviation of three letters or more is enough where only one name begins so.

    Returns
    -------
    int or None
        1 to 5; None where the word is none of the scale's.

    Examples
    --------
    >>> consequence_of_word("Minor"), consequence_of_word("CATAST."), consequence_of_word("Grave")
    (2, 5, None)
    """
    return _number(word, CONSEQUENCES, _OTHER_CONSEQUENCES)


def likelihood_of_word(word: str) -> int | None:
    """Read a likelihood in words.

    Parameters
    ----------
    word : str
        As recorded; abbreviations as in `consequence_of_word`.

    Returns
    -------
    int or None

    Examples
    --------
    >>> likelihood_of_word("Poss"), likelihood_of_word("almost certain"), likelihood_of_word("")
    (3, 5, None)
    """
    return _number(word, LIKELIHOODS, _OTHER_LIKELIHOODS)


def band_of_word(word: str) -> str | None:
    """Read a risk level in words.

    Parameters
    ----------
    word : str
        As recorded, with or without "risk" behind it; abbreviations as in `consequence_of_word`.

    Returns
    -------
    str or None
        A key of `BANDS`; None where the word is none of the scale's.

    Examples
    --------
    >>> band_of_word("Moderate risk"), band_of_word("medium"), band_of_word("amber")
    ('Moderate', 'Moderate', None)
    """
    plain = _letters(word).removesuffix("risk").strip()
    place = _place(plain, tuple(BANDS))
    return list(BANDS)[place] if place is not None else _OTHER_BANDS.get(plain)


def _number(word: str, names: Sequence[str], others: Mapping[str, int]) -> int | None:
    """Place of a word in the scale, from 1."""
    plain = _letters(word)
    place = _place(plain, names)
    return place + 1 if place is not None else others.get(plain)


def _place(plain: str, names: Sequence[str]) -> int | None:
    """Position of the one name that a word is, or abbreviates."""
    known = [name.lower() for name in names]
    if plain in known:
        return known.index(plain)
    begun = [i for i, name in enumerate(known) if len(plain) >= _LEAST_LETTERS and name.startswith(plain)]
    return begun[0] if len(begun) == 1 else None


def _letters(word: str) -> str:
    return " ".join(re.findall(r"[a-z]+", word.lower()))
