"""The notebook's section on other authorities, in the order in which it is read."""

from __future__ import annotations

__all__ = ["sections"]

from s75lib.present import Figure, Missing, Table
from s75lib.scorecard.comparison import figures, tables
from s75lib.scorecard.comparison.findings import Findings

_MOST = 4


def sections(found: Findings, *, most: int = _MOST) -> list[Figure | Table | Missing]:
    """Show the place among others: positions, funnels, table, what is not compared, files.

    Parameters
    ----------
    found : Findings
    most : int
        Funnels drawn: of the indicators whose figures are least likely by chance.

    Returns
    -------
    list of parts

    Examples
    --------
    >>> import s75lib as s75
    >>> from s75lib.scorecard.comparison import findings
    >>> found = findings(s75.peers(s75.load("islington", "2018/19"), s75.kpi.may_show))
    >>> [part.id for part in sections(found)][:3]
    ['between_authorities', 'place_among_others', 'basis_of_comparison']
    """
    left = tables.left_out(found)
    if not found.standings:
        return [tables.NOBODY, *([left] if left is not None else [])]
    tested = [one for one in found.standings if one.funnel is not None]
    tested.sort(key=lambda one: float(one.own["p_value"]))
    return [
        figures.positions(found),
        tables.place(found),
        *(figures.funnel(one, name=found.peers.name) for one in tested[:most]),
        tables.basis(found),
        *([left] if left is not None else []),
        tables.sources(found),
    ]
