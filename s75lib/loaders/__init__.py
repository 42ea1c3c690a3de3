"""From an authority's folder to validated frames."""

from __future__ import annotations

__all__ = [
    "Authority",
    "AuthorityData",
    "InputFile",
    "Peers",
    "Period",
    "Scenario",
    "financial_year_of",
    "find_authorities",
    "find_data_dir",
    "load",
    "peers",
    "read_authority",
]

from s75lib.loaders.authority import Authority, find_authorities, find_data_dir, read_authority
from s75lib.loaders.data import AuthorityData, InputFile
from s75lib.loaders.load import load
from s75lib.loaders.peers import Peers, peers
from s75lib.loaders.period import Period, financial_year_of
from s75lib.loaders.scenarios import Scenario
