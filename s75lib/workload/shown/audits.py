"""What the audits of hidden counts found."""

from __future__ import annotations

__all__ = ["audits"]

from s75lib.present import Check
from s75lib.workload.shown.events import concerns, monthly
from s75lib.workload.shown.people import due, moves, open_packages
from s75lib.workload.study import Study


def audits(work: Study) -> list[Check]:
    """Gather what the audits of hidden counts found.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Check
        Of the months, those of the measures with anything to hide.

    Examples
    --------
    Of 12, 3 and 15 complaints, the 3 are hidden where counts below five are:

    >>> from dataclasses import replace
    >>> import pandas as pd
    >>> from s75lib.loaders import load
    >>> from s75lib.workload import study, totals
    >>> months = pd.date_range("2025-04-01", periods=3, freq="MS")
    >>> activity = pd.DataFrame({"month": months, "measure": "complaints", "service_group": "", "team": "",
    ...                          "count": [12, 3, 15]})
    >>> work = replace(study(load("cambridgeshire")), totals=totals(activity))
    >>> [(check.id, check.passed) for check in audits(work)]
    [('monthly.complaints.disclosure', True)]
    >>> audits(work)[0].detail.partition(". ")[0]
    '“Complaints by month”: 1 of 3 counts are hidden'
    """
    held = [monthly(work, str(measure)) for measure in sorted(set(work.totals["measure"]))]
    held = [item for item in held if item.table.hidden]
    held += [moves(work)] if len(work.moves) else []
    held += [due(work)] if len(work.ledger) else []
    held += [open_packages(work)] if work.caseload else []
    held += [concerns(work)] if len(work.concerns) else []
    return [check for item in held for check in item.checks]
