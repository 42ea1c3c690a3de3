"""The synthetic authority's audits, risk register, improvement actions and single facts."""

from __future__ import annotations

__all__ = ["draw_audits", "improvement_actions", "risk_register", "single_facts"]

from typing import Final

import numpy as np
import pandas as pd

_CASES: Final = 40
_OPEN_CASES: Final = 1_460
# Criterion, chance of compliance in the first and second round.
_CRITERIA: Final = (
    ("Assessment on file", 0.95, 0.95),
    ("Eligibility decision recorded", 0.85, 0.85),
    ("Person's views recorded", 0.80, 0.80),
    ("Carer identified", 0.70, 0.70),
    ("Risk assessment current", 0.52, 0.92),
    ("Review within twelve months", 0.75, 0.70),
    ("Care plan shared with the person", 0.65, 0.65),
    ("Mental capacity considered", 0.90, 0.90),
)
_CONSEQUENCES: Final = ("", "Negligible", "Minor", "Moderate", "Major", "Catastrophic")
_LIKELIHOODS: Final = ("", "Rare", "Unlikely", "Possible", "Likely", "Almost certain")
_REVIEW_DAYS: Final = ("2024-06-30", "2024-12-31", "2025-06-30", "2025-12-31", "2026-03-31")
# Reference, risk, consequence, likelihood at each review.
_RISKS: Final = (
    ("R01", "Demand for allocation exceeds the teams' capacity", 4, (3, 4, 4, 4, 4)),
    ("R02", "Reviews fall behind and packages are no longer what people need", 3, (2, 3, 4, 4, 4)),
    ("R03", "The pooled budget overspends and the risk share is called on", 4, (2, 2, 3, 4, 4)),
    ("R04", "Too few approved mental health professionals to cover the rota", 5, (3, 3, 2, 2, 2)),
    ("R05", "Health funding of joint packages is withdrawn without agreement", 4, (2, 2, 2, 3, 4)),
    ("R06", "Safeguarding enquiries are not recorded in both systems", 3, (3, 3, 3, 2, 1)),
)
_ACTIONS: Final = (
    ("A01", "Review the dearest packages with both funding panels", "Head of service", "2026-06-30", "open"),
    (
        "A02",
        "Agree a written rule for splitting the cost of joint packages",
        "Finance partner",
        "2026-05-31",
        "open",
    ),
    ("A03", "Clear reviews overdue for more than eighteen months", "Team manager", "2025-12-31", "overdue"),
    (
        "A04",
        "Stop client charges on aftercare packages and refund them",
        "Finance partner",
        "2026-02-28",
        "overdue",
    ),
    ("A05", "Train four social workers as AMHPs", "AMHP lead", "2026-09-30", "open"),
    ("A06", "Report allocation requests by team each month", "Performance analyst", "2024-09-30", "done"),
    ("A07", "Audit risk assessments a second time", "Principal social worker", "2025-11-30", "done"),
    (
        "A08",
        "Ask the residential providers of Alder team for cost evidence",
        "Commissioner",
        "2026-04-30",
        "open",
    ),
)
_FACTS: Final = (
    ("open_cases", "People open to the eight teams", "2026-03", 1_460, "people", None, None, 0),
    (
        "pool",
        "Value of the pooled fund, care packages and staff",
        "2025/26",
        17_900_000,
        "gbp",
        None,
        None,
        -5,
    ),
    ("risk_share_council", "Council's share of an overspend", "2025/26", 60, "percent", None, None, 0),
    ("amhp_trainees", "AMHP trainees who qualify in the coming year", "2026/27", 4, "people", None, None, 0),
    (
        "smi_register",
        "Adults on the register of serious mental illness",
        "2025/26",
        2_750,
        "people",
        2_600,
        2_900,
        -1,
    ),
    ("amhp_shift", "AMHPs on a weekday shift", "2025/26", 3, "people", None, None, 0),
)


def draw_audits(rng: np.random.Generator) -> pd.DataFrame:
    """Draw two rounds of a case-file audit.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        The contract's `audits`; one criterion improves by a planted 40 points, the others not by design.
    """
    rows = []
    for place, day in enumerate(("2024-10-31", "2025-10-31")):
        for criterion, *chances in _CRITERIA:
            rows.append((day, criterion, _CASES, int(rng.binomial(_CASES, chances[place])), _OPEN_CASES))
    return pd.DataFrame(rows, columns=["round", "criterion", "cases", "compliant", "population"])


def risk_register() -> pd.DataFrame:
    """Return six risks at five reviews.

    Returns
    -------
    pandas.DataFrame
        The contract's `risks`; every score is consequence times likelihood.
    """
    rows = []
    for place, day in enumerate(_REVIEW_DAYS):
        for risk, description, consequence, likelihoods in _RISKS:
            likelihood = likelihoods[place]
            score = consequence * likelihood
            words = (_CONSEQUENCES[consequence], _LIKELIHOODS[likelihood], _level(score))
            rows.append((risk, day, description, consequence, likelihood, score, *words))
    columns = ["risk_id", "date", "description", "consequence", "likelihood", "score"]
    return pd.DataFrame(rows, columns=[*columns, "consequence_label", "likelihood_label", "level"])


def _level(score: int) -> str:
    """Return the band of a score out of 25."""
    return next(
        name for most, name in ((3, "Low"), (6, "Moderate"), (12, "High"), (25, "Extreme")) if score <= most
    )


def improvement_actions() -> pd.DataFrame:
    """Return the improvement plan.

    Returns
    -------
    pandas.DataFrame
        The contract's `actions`.
    """
    return pd.DataFrame(_ACTIONS, columns=["action_id", "action", "owner_role", "due", "status"])


def single_facts() -> pd.DataFrame:
    """Return figures that fit no other dataset.

    Returns
    -------
    pandas.DataFrame
        The contract's `facts`.
    """
    columns = ["fact_id", "statement", "period", "value", "unit", "low", "high", "decimals"]
    table = pd.DataFrame(_FACTS, columns=columns)
    return table.astype({"low": "Int64", "high": "Int64"})
