"""What can't be shown without which data: one note for each kind of gap."""

from __future__ import annotations

__all__ = [
    "NOTHING",
    "NO_ACTIVITY",
    "NO_CASELOAD",
    "NO_CONCERNS",
    "NO_LEDGER",
    "NO_MEANS",
    "NO_REQUESTS",
    "NO_ROTA",
    "NO_STAFFING",
    "NO_TEAMS",
    "NO_TEAM_NEED",
    "NO_TRANSFERS",
    "NO_WORKFORCE",
]

from s75lib.present import Missing, Need

_ACTIVITY = Need(
    "activity",
    ("month", "measure", "count", "service_group", "team"),
    "forecasts of demand by team, and steps",
)
_TRANSFERS = Need(
    "package_transfers", ("as_at", "service_group", "team", "social_work", "healthcare_professional"),
    "how many people each team gains, and the reviews that follow",
)  # fmt: skip
_WORKFORCE = Need(
    "workforce", ("as_at", "team", "role", "wte_establishment", "wte_in_post", "wte_locum"),
    "vacancies, locums, and the staff needed against the staff there",
)  # fmt: skip

NO_ACTIVITY = Missing("No monthly activity is held, so nothing can be forecast.", (_ACTIVITY,))
NO_TEAMS = Missing("Activity is not held by team.", (Need("activity", ("team",), "each team's series"),))
NO_TRANSFERS = Missing("No count of people whose packages are to move is held.", (_TRANSFERS,))
NO_LEDGER = Missing(
    "Without the dates of the last reviews the reviews that fall due can't be listed.",
    (Need("packages", ("snapshot_date", "start_date", "end_date", "last_review_date", "team"),
          "reviews due and overdue by team and month"),),
)  # fmt: skip
NO_MEANS = Missing(
    "No mean a month is published for two years in a row.",
    (Need("kpi", ("indicator", "group", "period", "value", "unit", "decimals"),
          "reviews and assessments a month, each year against the last"),),
)  # fmt: skip
NO_CONCERNS = Missing(
    "Safeguarding concerns and completed enquiries are not both published for two years in a row.",
    (Need("kpi", ("indicator", "group", "period", "value", "unit"),
          "counts named safeguarding_concerns and safeguarding_enquiries_completed, set against each "
          "other"),),
)  # fmt: skip
NO_REQUESTS = Missing(
    "Whether more work came to the social work teams, or fears of it were not borne out, can't be tested: "
    "no monthly series of Care Act case allocation requests is held. A statement that concerns have not been "
    "realised can be neither upheld nor refuted without the months before and after the change.",
    (Need("activity", ("month", "measure", "count", "team"),
          "rows with measure case_allocation_requests, at least six months on either side of the change: "
          "whether requests rose and by how much; team shows where"),),
)  # fmt: skip
NO_STAFFING = Missing(
    "The staff that the work takes can't be worked out: no series of work that takes hours is held.",
    (_ACTIVITY, Need("assumptions", ("assumption", "low", "central", "high", "unit", "source"),
                     "local hours for each assessment, review, enquiry and case in place of the defaults")),
)  # fmt: skip
NO_TEAM_NEED = Missing(
    "The staff that each team's work takes can't be worked out: no work that takes hours is held by team.",
    (Need("activity", ("month", "measure", "count", "team"), "each team's expected work as staff"),),
)  # fmt: skip
NO_WORKFORCE = Missing("Posts and people in post are not held.", (_WORKFORCE,))
NO_ROTA = Missing(
    "Whether the rota of approved mental health professionals holds can't be tested: the number of Mental "
    "Health Act assessments is not held.",
    (Need("activity", ("month", "measure", "count"), "rows with measure mha_assessments"),
     Need("workforce", ("role", "wte_in_post", "wte_locum"), "rows for AMHPs: who joins and leaves")),
)  # fmt: skip
NO_CASELOAD = Missing(
    "Thirteen monthly snapshots of the ledger in a row are needed to see packages start and end.",
    (Need("packages", ("snapshot_date", "person_key", "care_type", "start_date", "end_date"),
          "how long packages stay open, and where their number is heading"),),
)  # fmt: skip
NOTHING = Missing(
    "Nothing about workload is published in a form that can be counted: no activity, no packages, no posts. "
    "Each section below says which data would let it run.",
    (_ACTIVITY, _TRANSFERS, _WORKFORCE),
    whole=True,
)
