"""Datasets that were left out for their faults: said at the top of a report, and as checks that failed."""

from __future__ import annotations

__all__ = ["left_out", "soundness"]

from s75lib.loaders import AuthorityData
from s75lib.loaders.data import LEFT_OUT, datasets_read
from s75lib.loaders.schemas import DATASETS
from s75lib.present.headline import Check
from s75lib.present.parts import Missing, Need


def left_out(data: AuthorityData) -> list[Missing]:
    """Say of each dataset at fault that what needs it is missing.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    list of Missing
        With the columns that the dataset must have and what it would give.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> left_out(load("islington", "2018/19"))
    []
    """
    return [
        Missing(f"{_said(data, name)} What needs it is missing from this page.", _needs(name))
        for name in data.faulty
    ]


def soundness(data: AuthorityData) -> list[Check]:
    """Fail a check for each dataset at fault that this notebook has looked at.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    list of Check
        None where every dataset looked at is sound.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> soundness(load("islington", "2018/19"))
    []
    """
    looked_at = datasets_read() or []
    return [Check(f"{LEFT_OUT}{name}", False, _said(data, name)) for name in data.faulty if name in looked_at]


def _said(data: AuthorityData, name: str) -> str:
    faults = data.count_faults(name)
    return f"{name} has {faults} and is not used; “s75 check {data.authority.slug}” lists them."


def _needs(name: str) -> tuple[Need, ...]:
    dataset = DATASETS.get(name)
    return (Need(name, dataset.required, dataset.gives),) if dataset else ()
