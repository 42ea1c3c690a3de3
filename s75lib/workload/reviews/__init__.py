"""Reviews that fall due: from exact dates, and on a month grid where only numbers are known."""

from __future__ import annotations

__all__ = [
    "curve",
    "delay_shares",
    "due_dates",
    "held_curve",
    "ledger_due",
    "spread_evenly",
    "transfer_reviews",
]

from s75lib.workload.reviews.dates import due_dates, ledger_due
from s75lib.workload.reviews.grid import curve, delay_shares, held_curve, spread_evenly, transfer_reviews
