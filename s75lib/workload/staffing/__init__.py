"""From expected work to people: the whole and each team, what matters most, and gaps.

- ``required``: the staff that the expected work takes, by the kind of work.
- ``teams``: the same for each team, against its posts and people.
- ``gaps``: need against staff: size, probability, first month.
- ``tornado``: which assumption matters most.
- ``transfer``: the staff that the reviews after a transfer take.
"""

from __future__ import annotations

__all__ = [
    "LEVELS",
    "TASKS",
    "Required",
    "TeamNeed",
    "against",
    "gap",
    "need_by_team",
    "required",
    "tornado",
    "transfer_need",
    "weekly_hours",
    "work_ahead",
]

from s75lib.workload.staffing.gaps import LEVELS, against, gap
from s75lib.workload.staffing.required import TASKS, Required, required, work_ahead
from s75lib.workload.staffing.teams import TeamNeed, need_by_team
from s75lib.workload.staffing.tornado import tornado, weekly_hours
from s75lib.workload.staffing.transfer import transfer_need
