"""What every part has: three forms, for the page, for a terminal, and for the manifest."""

from __future__ import annotations

__all__ = ["MIME", "Part", "Shown"]

from typing import Any, Protocol

MIME = "application/vnd.s75+json"


class Part(Protocol):
    """Anything that a notebook can show."""

    def payload(self) -> dict[str, Any]:
        """Give the part as JSON-able data."""

    def html(self) -> str:
        """Give the part as an HTML fragment without style or script."""

    def text(self) -> str:
        """Give the part as plain text."""


class Shown:
    """Gives a part its three forms in a notebook."""

    def __repr__(self: Part) -> str:
        return self.text()

    def _repr_mimebundle_(self: Part, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.payload(), "text/html": self.html(), "text/plain": self.text()}
