"""Queues and stocks: waiting at a desk, work waiting month by month, cover for uneven demand.

- ``erlang``: a desk with several people (M/M/c) and without a queue (Erlang B), Little's law.
- ``backlog``: work that waits when a month brings more than can be done; its whole distribution.
- ``overdispersed``: counts that vary more than by chance alone, and the cover that they need.
"""

from __future__ import annotations

__all__ = [
    "Desk",
    "Dispersion",
    "Flow",
    "backlog",
    "backlog_distribution",
    "cover_needed",
    "dispersion",
    "erlang_b",
    "erlang_c",
    "exceedance",
    "littles_law",
    "mmc",
    "months_to_clear",
    "servers_needed",
    "stock_and_flow",
]

from s75lib.stats.queueing.backlog import backlog, backlog_distribution, months_to_clear, stock_and_flow
from s75lib.stats.queueing.erlang import Desk, Flow, erlang_b, erlang_c, littles_law, mmc, servers_needed
from s75lib.stats.queueing.overdispersed import Dispersion, cover_needed, dispersion, exceedance
