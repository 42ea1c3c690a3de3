"""The predictive distribution of the months ahead, in the units of the series."""

from __future__ import annotations

__all__ = ["COUNT_OFFSET", "Predictive", "from_root", "to_root"]

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from s75lib.stats.forecasting.smoothing import Array

# Anscombe's offset: the variance of twice the root of a Poisson count is then near one.
COUNT_OFFSET = 0.375


def to_root(values: Array, integer: bool) -> Array:
    """Twice the square root, of counts plus 3/8: the scale on which models work.

    Parameters
    ----------
    values : array
        >= 0; NaN stays.
    integer : bool
        Whether they are counts.

    Returns
    -------
    array

    References
    ----------
    Anscombe, F. J. (1948) Biometrika 35, 246-254.

    Examples
    --------
    >>> to_root(np.array([4.0, 9.0]), False)
    array([4., 6.])
    """
    return np.asarray(2.0 * np.sqrt(values + (COUNT_OFFSET if integer else 0.0)))


def from_root(z: Array, integer: bool) -> Array:
    """Undo `to_root`; nothing falls below nought, and counts are not rounded.

    Parameters
    ----------
    z : array
        On the scale of `to_root`; what is negative counts as nought.
    integer : bool
        Whether the values are counts.

    Returns
    -------
    array

    Examples
    --------
    >>> from_root(np.array([4.0, -1.0]), False)
    array([4., 0.])
    """
    return np.maximum(np.maximum(z, 0.0) ** 2 / 4.0 - (COUNT_OFFSET if integer else 0.0), 0.0)


@dataclass(frozen=True)
class Predictive:
    """Joint distribution of the months ahead.

    Parameters
    ----------
    location : array, (horizon,)
        Centre on the scale of `to_root`.
    scale : array, (horizon, horizon)
        Scale matrix of the multivariate Student-t on that scale.
    degrees : float
        Degrees of freedom, above 2.
    integer : bool
        Whether the series holds counts.
    rare_mean : array, (horizon,), optional
        Expected counts, for counts so few that their square root is far from normal.

    Notes
    -----
    Student-t on the root scale, taken back and rounded for counts. Rare counts are negative-binomial in each
    month, with `rare_mean` and the variance that the root scale gives, and move together over months as the
    Student-t does (its copula).

    References
    ----------
    Cameron, A. C. and Trivedi, P. K. (2013) Regression Analysis of Count Data, 2nd edition, Cambridge, 3.3.

    Examples
    --------
    >>> law = Predictive(np.array([20.0]), np.array([[1.0]]), 30.0, True)
    >>> law.quantile(0.025), law.quantile(0.975)
    (array([80.]), array([121.]))
    """

    location: Array
    scale: Array
    degrees: float
    integer: bool
    rare_mean: Array | None = None

    @cached_property
    def spread(self) -> Array:
        """Scale of each month on the root scale, (horizon,)."""
        return np.asarray(np.sqrt(np.diag(self.scale)))

    @cached_property
    def _root_variance(self) -> Array:
        """Variance of each month on the root scale."""
        return self.spread**2 * self.degrees / (self.degrees - 2.0)

    @cached_property
    def mean(self) -> Array:
        """Expected value of each month, (horizon,)."""
        if self.rare_mean is not None:
            return self.rare_mean
        square = np.maximum(self.location, 0.0) ** 2 + self._root_variance
        return np.maximum(square / 4.0 - (COUNT_OFFSET if self.integer else 0.0), 0.0)

    @property
    def is_rare(self) -> bool:
        """Whether these are rare counts, which are negative-binomial."""
        return self.rare_mean is not None

    @property
    def centre(self) -> Array:
        """Median of each month, (horizon,); a whole number for rare counts alone."""
        return self.quantile(0.5) if self.is_rare else from_root(self.location, self.integer)

    def quantile(self, probability: float) -> Array:
        """Quantile of each month.

        Parameters
        ----------
        probability : float
            In (0, 1).

        Returns
        -------
        array, (horizon,)
            Whole numbers for counts.
        """
        if self.is_rare:
            return np.asarray((self._distribution < probability).sum(axis=1), dtype=float)
        z = self.location + float(special.stdtrit(self.degrees, probability)) * self.spread
        return self._rounded(from_root(z, self.integer))

    def months(self, levels: Sequence[float]) -> dict[str, npt.NDArray[Any]]:
        """Centre and intervals of each month.

        Parameters
        ----------
        levels : sequence of float
            Coverage of the intervals, each in (0, 1).

        Returns
        -------
        dict of str to array, (horizon,)
            step (1..horizon), mean, central (median), lower_80, upper_80 and so on for each level.

        Examples
        --------
        >>> list(Predictive(np.array([20.0]), np.array([[1.0]]), 30.0, True).months((0.8,)))
        ['step', 'mean', 'central', 'lower_80', 'upper_80']
        """
        step = np.arange(1, self.location.size + 1)
        told: dict[str, npt.NDArray[Any]] = {"step": step, "mean": self.mean, "central": self.centre}
        for level in levels:
            told[f"lower_{100 * level:g}"] = self.quantile(0.5 - level / 2.0)
            told[f"upper_{100 * level:g}"] = self.quantile(0.5 + level / 2.0)
        return told

    def draw(self, normal: Array, rng: np.random.Generator) -> Array:
        """Draw joint paths.

        Parameters
        ----------
        normal : array, (n, horizon)
            Standard normal draws; one row per path.
        rng : numpy.random.Generator
            For the heavy tail, which a path's months share.

        Returns
        -------
        array, (n, horizon)
        """
        mixing = np.sqrt(self.degrees / rng.chisquare(self.degrees, size=(len(normal), 1)))
        z = (normal @ _symmetric_root(self.scale).T) * mixing
        if not self.is_rare:
            return self._rounded(from_root(self.location + z, self.integer))
        # Where the t passes the probability of each count: far fewer than there are draws.
        ends = special.stdtrit(self.degrees, self._distribution)
        columns = zip(ends, (z / self.spread).T, strict=True)
        return np.column_stack([np.searchsorted(known, wanted) for known, wanted in columns]).astype(float)

    @cached_property
    def _distribution(self) -> Array:
        """P(count <= k) of each month, k from nought to where nothing is left; negative-binomial."""
        mean = self.mean
        root_mean = np.maximum(self.location, 0.0)
        variance = (2.0 * root_mean**2 + self._root_variance) * self._root_variance / 8.0
        # Never less scattered than Poisson, which is the limit as the excess goes to nought.
        excess = np.maximum(variance - mean, 1e-6 * mean)
        most = int(np.max(mean + 12.0 * np.sqrt(mean + excess))) + 10
        size, success = mean**2 / excess, mean / (mean + excess)
        return np.asarray(special.betainc(size[:, None], np.arange(1.0, most + 2.0), success[:, None]))

    def _rounded(self, values: Array) -> Array:
        """Round counts to the nearest whole number."""
        return np.rint(values) if self.integer else values


def _symmetric_root(scale: Array) -> Array:
    """Find the symmetric square root of `scale`, which may be singular."""
    # Symmetric, so that equal draws mean equal surprises in every series that moves together.
    values, vectors = np.linalg.eigh(scale)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
