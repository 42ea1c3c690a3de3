"""Workload: what comes in, what is to be expected, and the people that it takes.

The map of the wing, a module for each section of its notebook, each with its metrics first:

- ``demand``: what came in and what is expected, in all and by team, and how good such forecasts were.
- ``shifts``: lasting steps. ``transfers``, ``reviews``: packages that move, and the reviews that fall due.
- ``published``: what yearly figures say.
- ``staff``: from work to people, in all and by team. ``backlog``: what waits, and open packages.
- ``posts``: vacancies, locums, recruitment and redeployment. ``rota``: AMHPs on duty against a day's demand.
- ``scenarios``, ``assumptions``: changes side by side; every number that the data don't give.

``study`` holds what they share; ``activity`` the monthly series, their names, and how months are shown.

Everywhere `activity` are the monthly series (`monthly`; a frame is the contract's), `outlook` is what
`expected_demand` gives, `assumptions` are those in force (`in_force`), `wte` the staff that the work takes
(draws by months), `months` those forecast or followed, `horizon` how many lie ahead (>= 1), and `open_cases`
the cases open throughout where no series says so (NaN leaves their work out). `totals` are the series of all
teams together that `monthly`
gives, `compared` is the period set beside the latest (left out: the one before), `anniversaries` are
``kept`` or ``anew`` as in `reviews.expected_reviews`. `fewest` is the fewest people that a count may show
(below 2 nothing is hidden), `rounded` whether counts are rounded to the nearest 5, `data` what `s75lib.load`
gives. Intervals are the columns lower_80, upper_80, lower_95 and upper_95 about central, the median. In
examples, `hundred_reviews` is the activity of eight months with a hundred reviews each.
"""

from __future__ import annotations

__all__ = [
    "Study",
    "accuracy",
    "assumptions",
    "backlog",
    "demand",
    "due",
    "posts",
    "published",
    "reviews",
    "rota",
    "scenarios",
    "shifts",
    "staff",
    "study",
    "team_need",
    "teams",
    "transfers",
]

from s75lib.present import focus_sections
from s75lib.workload.assumptions import section as assumptions
from s75lib.workload.backlog import section as backlog
from s75lib.workload.demand import accuracy, teams
from s75lib.workload.demand import section as demand
from s75lib.workload.posts import section as posts
from s75lib.workload.published import section as published
from s75lib.workload.reviews import due
from s75lib.workload.reviews import section as reviews
from s75lib.workload.rota import section as rota
from s75lib.workload.scenarios import section as scenarios
from s75lib.workload.shifts import section as shifts
from s75lib.workload.staff import section as staff
from s75lib.workload.staff import team_need
from s75lib.workload.study import Study, study
from s75lib.workload.transfers import section as transfers

focus_sections(__name__)
