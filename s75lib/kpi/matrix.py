"""The summary matrix: change, target and control chart of each indicator in one row."""

from __future__ import annotations

__all__ = ["matrix"]

import pandas as pd

_TARGET = ["target", "met", "against", "months_on_target", "months_reported"]
_CONTROL = ["variation", "assurance", "signal_months", "first_signal", "step_proposed", "step_from"]


def matrix(changed: pd.DataFrame, aimed: pd.DataFrame, controlled: pd.DataFrame) -> pd.DataFrame:
    """Join what is known of each indicator.

    Parameters
    ----------
    changed : DataFrame
        As `s75lib.kpi.changes.changes` gives it.
    aimed : DataFrame
        As `s75lib.kpi.targets.targets` gives it.
    controlled : DataFrame
        As `s75lib.kpi.control.control_summary` gives it.

    Returns
    -------
    DataFrame
        The rows of `changed` with the columns of the latest target (``target``, ``met``, ``against``,
        months) and
        of the control chart (``variation``, ``assurance``, signals, step); ``variation`` and ``assurance``
        are
        empty where there is no monthly series.

    Examples
    --------
    >>> from s75lib.kpi import changes, charts, control_summary, targets
    >>> from s75lib.loaders import load
    >>> kpi = load("exampleshire").kpi
    >>> rows = matrix(changes(kpi), targets(kpi), control_summary(charts(kpi))).set_index("indicator")
    >>> rows.loc["reviews_in_12_months", ["met", "variation", "step_from"]].tolist()
    [False, 'concerning', '2025-02']
    """
    keys = ["indicator", "group"]
    own = changed.drop(columns=[name for name in _TARGET if name in changed.columns])
    joined = own.merge(aimed[[*keys, *_TARGET]], on=keys, how="left")
    joined = joined.merge(controlled[[*keys, *_CONTROL]], on=keys, how="left")
    return joined.assign(
        variation=joined["variation"].fillna(""),
        assurance=joined["assurance"].fillna(""),
        against=joined["against"].fillna(""),
    )
