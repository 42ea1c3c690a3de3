"""An authority's own files read as the contract has them, by a mapping.toml that says which cell is what.

``layout`` is the mapping, as data and as its file; ``sheets`` reads files as they stand; ``reshape`` turns a
sheet into rows of a dataset, ``doubts`` tells what is doubtful in it; ``tables`` finds a sheet's table and
which dataset it holds; ``proposal`` makes a mapping of such tables; ``synonyms`` are the field's names for
columns and values.
"""

from __future__ import annotations

__all__ = [
    "MAPPING_FILE",
    "Mapped",
    "Mapping",
    "gathered",
    "mapped",
    "propose",
    "read_mapping",
    "written",
]

from s75lib.loaders.mapping.layout import MAPPING_FILE, Mapping, read_mapping, written
from s75lib.loaders.mapping.proposal import propose
from s75lib.loaders.mapping.reshape import Mapped, mapped
from s75lib.loaders.mapping.sheets import gathered
