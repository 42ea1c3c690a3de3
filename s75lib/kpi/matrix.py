"""The summary matrix: change, target and control chart of each indicator in one row."""

from __future__ import annotations

__all__ = ["matrix"]

import pandas as pd

from s75lib.kpi.pairs import series

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
    own = changed.drop(columns=[name for name in _TARGET if name in changed.columns])
    rows = list(series(changed))
    joined = pd.concat([own, _of(rows, aimed, _TARGET), _of(rows, controlled, _CONTROL)], axis=1)
    return joined.assign(
        variation=joined["variation"].fillna(""),
        assurance=joined["assurance"].fillna(""),
        against=joined["against"].fillna(""),
    )


def _of(rows: list[tuple[str, str]], frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Take what a frame tells of each indicator and group; missing where it has no row."""
    at = {key: places[0] for key, places in series(frame).items()}
    return frame[names].reindex([at.get(key, -1) for key in rows]).reset_index(drop=True)
