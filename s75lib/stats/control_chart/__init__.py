"""Control charts (XmR, p, u, g) and run charts, with the Making Data Count rules and icons."""

from __future__ import annotations

__all__ = [
    "RULES",
    "ChartOptions",
    "ControlChart",
    "Phase",
    "PhaseFit",
    "Polarity",
    "RebaseProposal",
    "Rule",
    "RunChart",
    "g_chart",
    "gaps_between",
    "p_chart",
    "propose_rebase",
    "run_chart",
    "u_chart",
    "xmr_chart",
]

from s75lib.stats.control_chart.charts import (
    ControlChart,
    Phase,
    g_chart,
    gaps_between,
    p_chart,
    u_chart,
    xmr_chart,
)
from s75lib.stats.control_chart.limits import ChartOptions, PhaseFit, Polarity
from s75lib.stats.control_chart.rebase import RebaseProposal, propose_rebase
from s75lib.stats.control_chart.rules import RULES, Rule
from s75lib.stats.control_chart.run import RunChart, run_chart
