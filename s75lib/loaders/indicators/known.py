"""The indicators that the toolkit knows, with what was confirmed of their codes."""

from __future__ import annotations

__all__ = ["REGISTRY"]

from collections.abc import Mapping
from typing import Any

from s75lib.loaders.indicators.entry import FrameworkCode, Indicator

_MEAN_OF_MONTHS = (
    "The year's figure is the mean of twelve monthly percentages of much the same people: a test of two "
    "samples is an approximation."
)
_CPA_BREAK = (
    "Since 2013/14 the year is a mean of monthly figures, before that it was an annual total.",
    "The national figures of 2016/17 were suspended over the quality of the data.",
    "It counts people on the Care Programme Approach, which services have left since 2021: the series ends.",
)
_CONCERNS = (
    "Practice on what counts as a concern differs between places and years: a rise can be better reporting."
)
_SALT = "Short and Long Term Support return (SALT) to 2023/24, client level data from April 2024"
_SALT_BREAK = ("Client level data replaced the SALT return in April 2024.",)


def _known(slug: str, name: str, short: str = "", **facts: Any) -> Indicator:
    return Indicator(slug, name, short, **facts)


_ENTRIES = (
    _known(
        "cpa_employment", "Adults on the Care Programme Approach in paid employment", "Paid employment (CPA)",
        polarity="higher_is_better",
        numerator="people aged 18 to 69 on the Care Programme Approach who are in paid employment",
        denominator="people aged 18 to 69 on the Care Programme Approach",
        source="Mental Health Services Data Set; local figures may follow other rules than the national ones",
        codes=(FrameworkCode("ASCOF", "1F", "2011/12"),),
        breaks=_CPA_BREAK, caveats=(_MEAN_OF_MONTHS,), is_mean_of_months=True, is_caseload=True,
    ),
    _known(
        "independent_living", "Adults on the Care Programme Approach living independently",
        "Living independently (CPA)",
        polarity="higher_is_better",
        numerator="people aged 18 to 69 on the Care Programme Approach in settled accommodation",
        denominator="people aged 18 to 69 on the Care Programme Approach",
        source="Mental Health Services Data Set; local figures may follow other rules than the national ones",
        codes=(FrameworkCode("ASCOF", "1H", "2011/12"),),
        breaks=_CPA_BREAK, caveats=(_MEAN_OF_MONTHS,), is_mean_of_months=True, is_caseload=True,
    ),
    _known(
        "permanent_admissions", "New permanent admissions to residential or nursing care",
        "Permanent admissions", polarity="lower_is_better",
        numerator="people newly admitted for good", source=_SALT, breaks=_SALT_BREAK,
        caveats=("Fewer admissions are read as better; for a single person an admission can be right.",),
    ),
    _known(
        "permanent_admissions_18_64", "Permanent admissions to care homes, aged 18 to 64, per 100,000",
        "Admissions aged 18 to 64", polarity="lower_is_better",
        numerator="people aged 18 to 64 whose long-term support needs are met by admission to a care home",
        denominator="residents aged 18 to 64", source=_SALT,
        codes=(
            FrameworkCode("ASCOF", "2A(1)", "2011/12", "2022/23"),
            FrameworkCode("ASCOF", "2B", "2023/24"),
        ),
        breaks=("Figures of 2018/19 were recalculated without 12-week disregards in 2020.", *_SALT_BREAK),
    ),
    _known(
        "permanent_admissions_65_over", "Permanent admissions to care homes, aged 65 and over, per 100,000",
        "Admissions aged 65 and over", polarity="lower_is_better",
        numerator="people aged 65 and over whose long-term support needs are met by admission to a care home",
        denominator="residents aged 65 and over", source=_SALT,
        codes=(
            FrameworkCode("ASCOF", "2A(2)", "2011/12", "2022/23"),
            FrameworkCode("ASCOF", "2C", "2023/24"),
        ),
        breaks=("Figures of 2018/19 were recalculated without 12-week disregards in 2020.", *_SALT_BREAK),
    ),
    _known(
        "delayed_transfers", "Delayed transfers of care from hospital, per 100,000", "Delayed transfers",
        polarity="lower_is_better", denominator="residents aged 18 and over",
        source="Monthly delayed transfers return of NHS trusts",
        codes=(FrameworkCode("ASCOF", "2C", "2011/12", "2019/20"),),
        breaks=(
            "A count on one Thursday of the month to 2016/17, mean beds a day since.",
            "The collection was paused in March 2020 and did not return.",
        ),
        is_clustered=True,
    ),
    _known(
        "delayed_days_per_100k", "Days of delayed discharge per 100,000 adults", "Delayed days",
        polarity="lower_is_better", numerator="days that people ready to leave hospital stayed on",
        denominator="residents aged 18 and over", source="Trust's record of discharges",
        breaks=("Delayed transfers of care were no longer collected after February 2020.",),
        caveats=("One person stays many days: days are no independent events.",), is_clustered=True,
    ),
    _known(
        "clinically_ready_for_discharge", "People in hospital who are clinically ready for discharge",
        "Clinically ready for discharge", polarity="lower_is_better",
        source="Trust's record of discharges; Mental Health Services Data Set",
        breaks=("Follows the delayed transfers of care, paused in March 2020; not comparable with them.",),
        is_clustered=True, is_stock=True,
    ),
    _known(
        "carers_assessed", "Carers assessed or reviewed in the year", "Carers assessed",
        polarity="higher_is_better", numerator="carers who had an assessment or a review",
        denominator="carers known to the service", source=_SALT, breaks=_SALT_BREAK,
    ),
    _known(
        "safeguarding_concerns", "Safeguarding concerns raised", "Safeguarding concerns",
        numerator="concerns raised in the period", source="Safeguarding Adults Collection (SAC)",
        caveats=(_CONCERNS, "One event can bring several concerns: chance moves the count more than tested."),
    ),
    _known(
        "safeguarding_enquiries_completed", "Safeguarding enquiries completed", "Enquiries completed",
        numerator="enquiries concluded in the period", source="Safeguarding Adults Collection (SAC)",
        caveats=("An enquiry may begin in one year and end in the next.",),
    ),
    _known(
        "safeguarding_enquiries_started", "Safeguarding enquiries started", "Enquiries started",
        numerator="enquiries begun in the period", source="Safeguarding Adults Collection (SAC)",
    ),
    _known(
        "safeguarding_outcomes_met", "Safeguarding enquiries in which the person's outcomes were met",
        "Safeguarding outcomes met", polarity="higher_is_better",
        source="Safeguarding Adults Collection (SAC)",
    ),
    _known(
        "community_support", "Service users who live in the community", "Community support",
        polarity="higher_is_better", is_stock=True,
        caveats=("People on a day, mostly the same ones each time: no test of independent events applies.",),
    ),
    _known("reviews_per_month", "Care and support reviews completed, mean of a month", "Reviews a month",
           polarity="higher_is_better", source="Local record"),
    _known("assessments_per_month", "Care Act assessments completed, mean of a month", "Assessments a month",
           source="Local record"),
    _known("reviews_in_12_months", "People reviewed within twelve months", "Reviews in 12 months",
           polarity="higher_is_better", source="Local record", is_caseload=True),
    _known("assessments_in_28_days", "Assessments completed within 28 days", "Assessments in 28 days",
           polarity="higher_is_better", source="Local record"),
    _known("complaints_on_time", "Complaints answered on time", "Complaints on time",
           polarity="higher_is_better", source="Local record"),
    _known("information_requests_on_time", "Information requests answered on time",
           "Information requests on time", polarity="higher_is_better", source="Local record"),
    _known("mha_assessments_in_24_hours", "Mental Health Act assessments within 24 hours of request",
           "MHA assessments in 24 hours", polarity="higher_is_better", source="Local record"),
    _known("crisis_plans", "People with a crisis plan", "Crisis plans", polarity="higher_is_better",
           source="Local record", is_caseload=True),
    _known("section_117_reviews", "Section 117 aftercare reviews done when due", "Section 117 reviews",
           polarity="higher_is_better", source="Local record"),
    _known("supervision_held", "Supervision sessions held when due", "Supervision held",
           polarity="higher_is_better", source="Local record"),
    _known("sickness_absence", "Working days lost to sickness", "Sickness absence",
           polarity="lower_is_better", source="Staff record", is_clustered=True,
           caveats=("One person's absence takes many days: days are no independent events.",)),
    _known("advocacy_offered", "People offered an advocate where there was a duty", "Advocacy offered",
           polarity="higher_is_better", source="Local record"),
    _known("follow_up_72_hours", "People followed up within 72 hours of discharge", "Follow-up in 72 hours",
           polarity="higher_is_better", source="Mental Health Services Data Set"),
)  # fmt: skip

REGISTRY: Mapping[str, Indicator] = {entry.slug: entry for entry in _ENTRIES}
"""The indicators that the toolkit knows.

Notes
-----
Confirmed: for 1H, ages, the Care Programme Approach and the mean of monthly scores since 2013/14 (LG
Inform Plus, metric 10675); the suspension of 1F and 1H in 2016/17 (Bury Council's note on its measure);
2A in two parts, its figures of 2018/19 recalculated, and 2C as delayed transfers in that year (NHS
Digital, ASCOF 2018-19); 2C for the older 2A(2), with 2B beside it, in 2023/24 (NHS England, SALT sources
for ASCOF 2023-24 and central transformation principles); the end of the Thursday count in April 2017 and
the pause of delayed transfers in March 2020 (NHS England; answers to Parliament 96758 and 146569); client
level data from April 2024 (DHSC, ASCOF 2024 to 2025). Not confirmed: that 1F follows the same rule of
means as 1H, the first year of each code, the year in which services left the Care Programme Approach and
the last year of 1F and 1H (left open), and that 2A(1) became 2B by name.
"""
