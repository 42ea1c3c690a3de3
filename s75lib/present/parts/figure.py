"""Charts, each with its finding, its text alternative and its data."""

from __future__ import annotations

__all__ = ["Figure"]

from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure as Drawing

from s75lib.present import html
from s75lib.present.parts.shown import Shown
from s75lib.present.parts.table import Table
from s75lib.present.svg import drawn_svg


@dataclass(frozen=True, repr=False)
class Figure(Shown):
    """A chart with its finding, its text alternative and its data.

    Parameters
    ----------
    id : str
        Stable name in the manifest.
    title : str
        The finding, as a sentence.
    subtitle : str
        Measure, place and period.
    alt : str
        What the chart shows, for those who don't see it.
    drawing : matplotlib Figure
    data : Table
        The numbers drawn, one click away.
    source : str
        Where they come from.
    """

    id: str
    title: str
    subtitle: str
    alt: str
    drawing: Drawing = field(repr=False)
    data: Table = field(repr=False)
    source: str = ""

    def payload(self) -> dict[str, Any]:
        """Give the figure's words and data, not its picture."""
        own = {
            "kind": "figure",
            "id": self.id,
            "title": self.title,
            "subtitle": self.subtitle,
            "alt": self.alt,
            "source": self.source,
        }
        return self.data.payload() | own

    def html(self) -> str:
        """Give the picture as SVG in the page, with title, alternative and data table."""
        svg, width, height = drawn_svg(self.drawing)
        return html.figure(
            self.title, self.subtitle, self.alt, self.source, svg, width, height, self.data.html()
        )

    def text(self) -> str:
        """Give the figure's words."""
        return f"{self.title}\n{self.subtitle}\n{self.alt}"
