"""Control charts (XmR, p, u, g) with the Making Data Count rules and icons."""

from __future__ import annotations

__all__ = [
    "RULES",
    "ChartOptions",
    "ControlChart",
    "Phase",
    "PhaseFit",
    "Polarity",
    "RebaseProposal",
    "g_chart",
    "gaps_between",
    "overdispersion_p_value",
    "p_chart",
    "propose_rebase",
    "u_chart",
    "xmr_chart",
]

from s75lib.stats.control_chart.attribute import p_chart, u_chart
from s75lib.stats.control_chart.chart import ControlChart, Phase
from s75lib.stats.control_chart.limits import PhaseFit, overdispersion_p_value
from s75lib.stats.control_chart.options import ChartOptions, Polarity
from s75lib.stats.control_chart.rare_events import g_chart, gaps_between
from s75lib.stats.control_chart.rebase import RebaseProposal, propose_rebase
from s75lib.stats.control_chart.rules import RULES
from s75lib.stats.control_chart.xmr import xmr_chart
