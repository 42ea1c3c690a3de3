"""Where the methods that a report names are published."""

from __future__ import annotations

__all__ = ["references_of"]

from collections.abc import Iterable

_REFERENCES = {
    "Clopper": "Clopper, C. J. and Pearson, E. S. (1934) Biometrika 26, 404-413.",
    "Wilson": "Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.",
    "Newcombe": "Newcombe, R. G. (1998) Statistics in Medicine 17, 873-890.",
    "Garwood": "Garwood, F. (1936) Biometrika 28, 437-442.",
    "Byar": "Breslow, N. E. and Day, N. E. (1987) Statistical Methods in Cancer Research, vol. II. IARC.",
    "Fisher": "Fisher, R. A. (1935) J. R. Statist. Soc. 98, 39-82.",
    "Shapley": "Shapley, L. S. (1953) Contributions to the Theory of Games II, 307-317. Princeton.",
    "Das Gupta": "Das Gupta, P. (1993) Standardization and Decomposition of Rates. US Census Bureau P23-186.",
    "Lorenz": "Lorenz, M. O. (1905) Publications of the American Statistical Association 9, 209-219.",
    "Tukey": "Tukey, J. W. (1977) Exploratory Data Analysis. Addison-Wesley.",
    "Holm": "Holm, S. (1979) Scandinavian Journal of Statistics 6, 65-70.",
    "Benjamini": "Benjamini, Y. and Hochberg, Y. (1995) J. R. Statist. Soc. B 57, 289-300.",
    "XmR": "Wheeler, D. J. (2000) Understanding Variation. SPC Press.",
    "Erlang": "Erlang, A. K. (1917) Elektroteknikeren 13, 5-13.",
    "bootstrap": "Efron, B. (1979) Annals of Statistics 7, 1-26.",
    "exact conditional": "Przyborowski, J. and Wilenski, H. (1940) Biometrika 31, 313-323.",
    "Koopman": "Koopman, P. A. R. (1984) Biometrics 40, 513-517.",
    "GRIM": "Brown, N. J. L. and Heathers, J. A. J. (2017) Social Psychol. Pers. Sci. 8, 363-369.",
    "Making Data Count": "NHS England (2019) Making Data Count: Strengthening your decisions.",
    "Pettitt": "Pettitt, A. N. (1979) Applied Statistics 28, 126-135.",
    "Bayes factor": "Kass, R. E. and Raftery, A. E. (1995) J. Am. Statist. Assoc. 90, 773-795.",
    "smoothing models": "Hyndman, R. J. et al. (2008) Forecasting with Exponential Smoothing. Springer.",
    "made to add up": "Panagiotelis, A. et al. (2023) European Journal of Operational Research 306, 693-706.",
    "Little's law": "Little, J. D. C. (1961) Operations Research 9, 383-387.",
    "Patient Safety Agency": "National Patient Safety Agency (2008) A risk matrix for risk managers.",
    "funnel": "Spiegelhalter, D. J. (2005) Statistics in Medicine 24, 1185-1202.",
    "suppression": "Hundepool, A. et al. (2012) Statistical Disclosure Control. Wiley, chapter 4.",
}


def references_of(methods: Iterable[str]) -> list[tuple[str, str]]:
    """List methods, each once, with where it is published.

    Parameters
    ----------
    methods : iterable of str
        As headlines name them.

    Returns
    -------
    list of (method, reference)
        In alphabetical order; a plain sum or difference has no reference.

    Examples
    --------
    >>> references_of(["Wilson interval", "forecast less budget", "Wilson interval"])[-1]
    ('Wilson interval', 'Wilson, E. B. (1927) Journal of the American Statistical Association 22, 209-212.')
    """
    return [
        (method, " ".join(cited for name, cited in _REFERENCES.items() if name.lower() in method.lower()))
        for method in sorted(set(methods), key=str.casefold)
    ]
