"""A heading that the data give."""

from __future__ import annotations

__all__ = ["Heading"]

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    r"""A heading among parts, for what the notebook cannot know beforehand, such as an indicator's name.

    Parameters
    ----------
    title : str
    level : int
        3 stands below the notebook's sections.

    Examples
    --------
    >>> Heading("Reviews *in* 12 months")._repr_mimebundle_()["text/markdown"]
    '### Reviews \\*in\\* 12 months'
    """

    title: str
    level: int = 3

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        line = " ".join(self.title.split())
        safe = re.sub(r"([\\`*_{}\[\]()<>#&|~!])", r"\\\1", line)
        return {"text/markdown": f"{'#' * self.level} {safe}", "text/plain": line}
