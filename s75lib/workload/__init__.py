"""Workload: what comes in, what is to be expected, and the people that it takes.

A module is a section of the notebook, its metrics first.

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

__all__ = ["Study", "study"]

from s75lib.present import offer_sections
from s75lib.workload.study import Study, study

offer_sections(__name__)
