"""An authority's place in every indicator that others have too, and what is not compared."""

from __future__ import annotations

__all__ = ["Findings", "findings"]

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.loaders.peers import Peers
from s75lib.scorecard.comparison.choosing import chosen
from s75lib.scorecard.comparison.standing import Standing, standing
from s75lib.stats.comparison import benjamini_hochberg, holm


@dataclass(frozen=True, eq=False)
class Findings:
    """The comparison of one authority with others.

    Parameters
    ----------
    peers : Peers
        What was compared.
    standings : tuple of Standing
        One for each indicator and group.
    own : DataFrame
        The authority's row of each standing, in the same order, with ``indicator``, ``label``, ``group``,
        ``period``, ``unit``, ``polarity``, ``basis``, ``p_holm`` and ``p_bh`` (adjusted for all its tests)
        and ``tests`` (how many there were).
    left : DataFrame
        What was not compared: ``indicator``, ``label``, ``group``, ``reason``.
    """

    peers: Peers
    standings: tuple[Standing, ...]
    own: pd.DataFrame = field(repr=False)
    left: pd.DataFrame = field(repr=False)

    @property
    def others(self) -> int:
        """Authorities that any indicator is compared with."""
        names = {name for one in self.standings for name in one.frame["authority"]}
        return len(names - {self.peers.authority})


def findings(peers: Peers, *, confidence: float = 0.95) -> Findings:
    """Compare an authority with the others of its data folder.

    Parameters
    ----------
    peers : Peers
        As `s75lib.peers` gives it.
    confidence : float
        Of intervals and positions, in (0, 1).

    Returns
    -------
    Findings

    Examples
    --------
    Two authorities printed the same measure for 2018/19, both without the number of people behind it:

    >>> import s75lib as s75
    >>> found = findings(s75.peers(s75.load("islington", "2018/19"), s75.kpi.may_show))
    >>> found.own[["indicator", "position", "of", "basis"]].to_numpy().tolist()
    [['cpa_employment', 2.0, 2.0, 'percentage_only']]
    """
    choices, left = chosen(peers)
    made = tuple(standing(choice, confidence=confidence) for choice in choices)
    if not made:
        return Findings(peers, made, pd.DataFrame(), left)
    own = pd.DataFrame([one.own for one in made]).reset_index(drop=True)
    p_values = own["p_value"].to_numpy(dtype=float)
    described = pd.DataFrame(
        {
            "indicator": [one.indicator.slug for one in made],
            "label": [one.indicator.label for one in made],
            "group": [one.group for one in made],
            "period": [one.period for one in made],
            "unit": [one.unit for one in made],
            "polarity": [one.indicator.polarity for one in made],
            "basis": [one.basis for one in made],
            "p_holm": holm(p_values),
            "p_bh": benjamini_hochberg(p_values),
            "tests": int(np.isfinite(p_values).sum()),
        }
    )
    return Findings(peers, made, pd.concat([own, described], axis=1), left)
