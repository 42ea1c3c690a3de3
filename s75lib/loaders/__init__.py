"""From an authority's folder to validated frames."""

from __future__ import annotations

__all__ = [
    "Authority",
    "AuthorityData",
    "InputFile",
    "Period",
    "financial_year_of",
    "find_authorities",
    "find_data_dir",
    "load",
    "read_authority",
]

from s75lib.loaders.authority import Authority, find_authorities, find_data_dir, read_authority
from s75lib.loaders.load import AuthorityData, InputFile, load
from s75lib.loaders.period import Period, financial_year_of
