"""What a notebook shows: headlines, tables, figures, checks; each as HTML, as text, and as data.

The data travel as one custom MIME type in the notebook's outputs, so that plain papermill carries
them to the manifest too.
"""

from __future__ import annotations

__all__ = [
    "HIDDEN",
    "MIME",
    "Checks",
    "Column",
    "Figure",
    "Heading",
    "Headlines",
    "Missing",
    "Need",
    "Part",
    "Shown",
    "Table",
    "plain",
    "records",
]

from s75lib.present.parts.data import plain, records
from s75lib.present.parts.figure import Figure
from s75lib.present.parts.findings import Checks, Headlines
from s75lib.present.parts.heading import Heading
from s75lib.present.parts.missing import Missing, Need
from s75lib.present.parts.shown import MIME, Part, Shown
from s75lib.present.parts.table import HIDDEN, Column, Table
