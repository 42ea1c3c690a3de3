"""Who an event is about, as a pseudonym that nobody can turn back, and the age band on a day."""

from __future__ import annotations

__all__ = ["age_bands", "identities", "pseudonyms", "secret_key"]

import hmac
import os
import secrets

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.privacy import is_nhs_number

_ENVIRONMENT = "S75_KEY"
_SHORTEST_KEY = 16
_HEX_DIGITS = 20
_BANDS = (
    (18, "under 18"),
    (65, "18-64"),
    (75, "65-74"),
    (85, "75-84"),
    (1000, "85 and over"),
)


def secret_key() -> bytes:
    """Give the key of this run's pseudonyms.

    Returns
    -------
    bytes
        The environment variable S75_KEY if it is set, else 32 random bytes that are kept nowhere.

    Raises
    ------
    ConfigError
        If S75_KEY is shorter than 16 characters.
    """
    given = os.environ.get(_ENVIRONMENT, "")
    if given and len(given) < _SHORTEST_KEY:
        raise ConfigError(
            f"{_ENVIRONMENT}: found {len(given)} characters; expected {_SHORTEST_KEY} or more. Use a longer "
            "secret, or unset it: then the pseudonyms of each run are new."
        )
    return given.encode() if given else secrets.token_bytes(32)


def identities(nhs_number: pd.Series, local: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Say which events are about the same person.

    Parameters
    ----------
    nhs_number, local : Series of str
        NHS Number and LA Person Unique Identifier of every row of the return, blank where not known.

    Returns
    -------
    identity : Series of str
        Names a person within the return; holds the identifier itself, so it must be made a pseudonym
        before it is kept. Empty where no usable identifier is there.
    doubtful : Series of bool
        Where the link is not certain: the local identifier goes with several NHS numbers, or the only
        identifier is an NHS number whose check digit is wrong.

    Notes
    -----
    In this order: a valid NHS number; the one NHS number that the local identifier goes with elsewhere in
    the return; the local identifier; an NHS number that is not valid, unless it is one digit repeated.

    Examples
    --------
    >>> who, doubtful = identities(pd.Series(["999 000 0018", "", ""]), pd.Series(["A1", "A1", "B2"]))
    >>> who.nunique(), bool(who[0] == who[1])
    (2, True)
    """
    digits = nhs_number.str.replace(r"[\s-]", "", regex=True)
    valid = digits.map({cell: is_nhs_number(cell) for cell in digits.unique()}).astype("bool")
    linked = pd.DataFrame({"local": local, "nhs": digits})[valid & (local != "")].drop_duplicates()
    of_local = linked.groupby("local")["nhs"].agg(["first", "size"])
    single = of_local.loc[of_local["size"] == 1, "first"].to_dict()
    several = local.isin(of_local.index[of_local["size"] > 1])
    repeated = digits.str.fullmatch(r"(.)\1*")
    identity = ("other " + digits).where((digits != "") & ~repeated, "")
    identity = identity.mask(local != "", "local " + local)
    through = local.map({cell: single.get(cell, "") for cell in local.unique()}).astype("str")
    identity = identity.mask(through != "", "nhs " + through)
    identity = identity.mask(valid, "nhs " + digits)
    doubtful = (several & ~valid) | identity.str.startswith("other ")
    return identity.astype("str"), doubtful.astype("bool")


def pseudonyms(identity: pd.Series, key: bytes, letter: str) -> pd.Series:
    """Replace identities by a keyed hash, HMAC-SHA-256.

    Parameters
    ----------
    identity : Series of str
    key : bytes
        Secret; without it a pseudonym can't be recomputed from a list of identifiers.
    letter : str
        Put in front, so that a key is never taken for a number.

    Returns
    -------
    Series of str
        The letter and the hash's first 80 bits: two of a million keys coincide with a chance under 10⁻¹².

    Examples
    --------
    >>> keys = pseudonyms(pd.Series(["nhs 1", "nhs 2", "nhs 1"]), b"a key of the example", "P")
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1]), len(keys[0])
    (True, False, 21)
    """
    codes, unique = pd.factorize(identity)
    hashed = [letter + hmac.digest(key, cell.encode(), "sha256").hex()[:_HEX_DIGITS] for cell in unique]
    return pd.Series(np.asarray(hashed, dtype=object)[codes], index=identity.index, dtype="str")


def age_bands(born: pd.Series, day: pd.Timestamp) -> pd.Series:
    """Give each person's age band on a day.

    Parameters
    ----------
    born : Series of datetime64
        Dates of birth; missing where not known.
    day : Timestamp

    Returns
    -------
    Series of str
        Empty where the date of birth is missing or after the day.

    Notes
    -----
    Who was born on 29 February is a year older on 1 March of other years.

    Examples
    --------
    >>> born = pd.Series(pd.to_datetime(["1960-04-30", "1960-05-01", None]))
    >>> age_bands(born, pd.Timestamp("2025-04-30")).tolist()
    ['65-74', '18-64', '']
    """
    before = (born.dt.month > day.month) | ((born.dt.month == day.month) & (born.dt.day > day.day))
    age = day.year - born.dt.year - before
    known = born.notna() & (born <= day)
    below = [known & (age < limit) for limit, _ in _BANDS]
    return pd.Series(np.select(below, [band for _, band in _BANDS], ""), index=born.index, dtype="str")
