"""Person identifiers into keyed hashes, so that a ledger can be analysed without knowing whose it is."""

from __future__ import annotations

__all__ = ["MIN_KEY", "Pseudonymised", "age_band", "day_of", "find_key", "pseudonymise"]

from s75lib.loaders.pseudonyms.ages import age_band, day_of
from s75lib.loaders.pseudonyms.hashing import Pseudonymised, pseudonymise
from s75lib.loaders.pseudonyms.keys import MIN_KEY, find_key
