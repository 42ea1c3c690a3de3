"""The registry of indicators: what each measures, which way is better, where its series break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from s75lib.errors import ConfigError
from s75lib.loaders.authority import Decision
from s75lib.loaders.toml import read_settings, settings_at_fault, wrong_settings
from s75lib.loaders.values import slug_of

Polarity = Literal["higher_is_better", "lower_is_better", "neither"]

Kind = Literal["flow", "caseload", ""]

POLARITIES: tuple[str, ...] = ("higher_is_better", "lower_is_better", "neither")


def _month(value: Any) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", str(value)):
        raise ValueError(f"found {str(value)[:40]!r}; expected a month, such as 2025-02")
    return str(value)


def _kind(value: Any) -> Any:
    if value not in ("flow", "caseload", ""):
        raise ValueError(f"found {str(value)[:40]!r}; expected flow or caseload")
    return value


def _said(value: str) -> str:
    if not re.search(r"\w", value):
        raise ValueError(f"found {value[:40]!r}; expected words")
    return value


_Month = Annotated[str, BeforeValidator(_month)]
_Words = Annotated[str, AfterValidator(_said)]
_Flag = Annotated[bool, Field(strict=True)]
_Size = Annotated[float, Field(strict=True, gt=0)]
_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True)
class Rebase:
    """From which month an indicator's limits are computed anew, why, and whose choice it was."""

    __pydantic_config__ = _STRICT

    month: Annotated[_Month, Field(alias="from")]
    reason: _Words
    who: str = ""


def _once_a_month(rebases: tuple[Rebase, ...]) -> tuple[Rebase, ...]:
    if len({one.month for one in rebases}) < len(rebases):
        raise ValueError("found a month twice; expected one rebase a month")
    return tuple(sorted(rebases, key=lambda one: one.month))


_Rebases = Annotated[tuple[Rebase, ...], AfterValidator(_once_a_month)]


@dataclass(frozen=True)
class Event:
    """What happened in a month that a reader of the chart has to know: a new policy, a new way to record."""

    __pydantic_config__ = _STRICT

    month: _Month
    what: _Words


@dataclass(frozen=True)
class Indicator:
    """What an indicator is.

    - `polarity`: higher_is_better, lower_is_better or neither; ``neither`` also where nobody has said.
    - `numerator`, `denominator`: What is counted, and in what.
    - `codes`: What national frameworks call it or have called it, such as ``ASCOF 1F``.
    - `breaks`: Where figures before and after can't be compared.
    - `is_mean_of_months`: Whether the year's figure is the mean of twelve monthly percentages.
    - `kind`: flow (each month's cases are new), caseload (of those open then, mostly the same people each
      month) or empty: nobody has said.
    - `margin`: Change that does not matter, in percentage points, of counts and rates in percent of the
      earlier one; None: the page's.
    - `is_stock`: Whether a count is of those present on a day: mostly the same people each time.
    - `is_clustered`: Whether one person gives many events, so that counts vary more than Poisson's.
    - `is_known`: False where nobody has said which way is better.
    - `tolerance`: How far short of its target a figure may fall and be called near it, in its unit.
    - `rebase`, `events`: Where the control chart starts anew, and what is marked on it, in order of time.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    slug: str
    name: str
    short: str = ""
    polarity: Polarity = "neither"
    numerator: str = ""
    denominator: str = ""
    source: str = ""
    codes: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    is_mean_of_months: _Flag = False
    kind: Annotated[Kind, BeforeValidator(_kind)] = ""
    margin: _Size | None = None
    is_stock: _Flag = False
    is_clustered: _Flag = False
    is_known: bool = True
    tolerance: _Size | None = None
    rebase: _Rebases = ()
    events: tuple[Event, ...] = ()

    @property
    def label(self) -> str:
        """The short name, or the full one where there is none."""
        return self.short or self.name

    @property
    def is_caseload(self) -> bool:
        """Whether its months count mostly the same people."""
        return self.kind == "caseload" or self.is_stock


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


_LOCAL_RECORD = (
    ("assessments_in_28_days", "Assessments completed within 28 days", "Assessments in 28 days"),
    ("complaints_on_time", "Complaints answered on time", "Complaints on time"),
    ("information_requests_on_time", "Information requests answered on time", "Information requests on time"),
    (
        "mha_assessments_in_24_hours",
        "Mental Health Act assessments within 24 hours of request",
        "MHA assessments in 24 hours",
    ),
    ("section_117_reviews", "Section 117 aftercare reviews done when due", "Section 117 reviews"),
    ("supervision_held", "Supervision sessions held when due", "Supervision held"),
    ("advocacy_offered", "People offered an advocate where there was a duty", "Advocacy offered"),
)
_ENTRIES = (
    Indicator(
        "cpa_employment",
        "Adults on the Care Programme Approach in paid employment",
        "Paid employment (CPA)",
        polarity="higher_is_better",
        numerator="people aged 18 to 69 on the Care Programme Approach who are in paid employment",
        denominator="people aged 18 to 69 on the Care Programme Approach",
        source="Mental Health Services Data Set; local figures may follow other rules than the national ones",
        codes=("ASCOF 1F",),
        breaks=_CPA_BREAK,
        caveats=(_MEAN_OF_MONTHS,),
        is_mean_of_months=True,
        kind="caseload",
    ),
    Indicator(
        "independent_living",
        "Adults on the Care Programme Approach living independently",
        "Living independently (CPA)",
        polarity="higher_is_better",
        numerator="people aged 18 to 69 on the Care Programme Approach in settled accommodation",
        denominator="people aged 18 to 69 on the Care Programme Approach",
        source="Mental Health Services Data Set; local figures may follow other rules than the national ones",
        codes=("ASCOF 1H",),
        breaks=_CPA_BREAK,
        caveats=(_MEAN_OF_MONTHS,),
        is_mean_of_months=True,
        kind="caseload",
    ),
    Indicator(
        "permanent_admissions",
        "New permanent admissions to residential or nursing care",
        "Permanent admissions",
        polarity="lower_is_better",
        numerator="people newly admitted for good",
        source=_SALT,
        breaks=_SALT_BREAK,
        caveats=("Fewer admissions are read as better; for a single person an admission can be right.",),
    ),
    Indicator(
        "permanent_admissions_18_64",
        "Permanent admissions to care homes, aged 18 to 64, per 100,000",
        "Admissions aged 18 to 64",
        polarity="lower_is_better",
        numerator="people aged 18 to 64 whose long-term support needs are met by admission to a care home",
        denominator="residents aged 18 to 64",
        source=_SALT,
        codes=("ASCOF 2A(1)", "ASCOF 2B"),
        breaks=("Figures of 2018/19 were recalculated without 12-week disregards in 2020.", *_SALT_BREAK),
    ),
    Indicator(
        "permanent_admissions_65_over",
        "Permanent admissions to care homes, aged 65 and over, per 100,000",
        "Admissions aged 65 and over",
        polarity="lower_is_better",
        numerator="people aged 65 and over whose long-term support needs are met by admission to a care home",
        denominator="residents aged 65 and over",
        source=_SALT,
        codes=("ASCOF 2A(2)", "ASCOF 2C"),
        breaks=("Figures of 2018/19 were recalculated without 12-week disregards in 2020.", *_SALT_BREAK),
    ),
    Indicator(
        "delayed_transfers",
        "Delayed transfers of care from hospital, per 100,000",
        "Delayed transfers",
        polarity="lower_is_better",
        denominator="residents aged 18 and over",
        source="Monthly delayed transfers return of NHS trusts",
        codes=("ASCOF 2C",),
        breaks=(
            "A count on one Thursday of the month to 2016/17, mean beds a day since.",
            "The collection was paused in March 2020 and did not return.",
        ),
        is_clustered=True,
    ),
    Indicator(
        "delayed_days_per_100k",
        "Days of delayed discharge per 100,000 adults",
        "Delayed days",
        polarity="lower_is_better",
        numerator="days that people ready to leave hospital stayed on",
        denominator="residents aged 18 and over",
        source="Trust's record of discharges",
        breaks=("Delayed transfers of care were no longer collected after February 2020.",),
        caveats=("One person stays many days: days are no independent events.",),
        is_clustered=True,
    ),
    Indicator(
        "clinically_ready_for_discharge",
        "People in hospital who are clinically ready for discharge",
        "Clinically ready for discharge",
        polarity="lower_is_better",
        source="Trust's record of discharges; Mental Health Services Data Set",
        breaks=("Follows the delayed transfers of care, paused in March 2020; not comparable with them.",),
        is_clustered=True,
        is_stock=True,
    ),
    Indicator(
        "carers_assessed",
        "Carers assessed or reviewed in the year",
        "Carers assessed",
        polarity="higher_is_better",
        numerator="carers who had an assessment or a review",
        denominator="carers known to the service",
        source=_SALT,
        breaks=_SALT_BREAK,
    ),
    Indicator(
        "safeguarding_concerns",
        "Safeguarding concerns raised",
        "Safeguarding concerns",
        numerator="concerns raised in the period",
        source="Safeguarding Adults Collection (SAC)",
        caveats=(_CONCERNS, "One event can bring several concerns: chance moves the count more than tested."),
    ),
    Indicator(
        "safeguarding_enquiries_completed",
        "Safeguarding enquiries completed",
        "Enquiries completed",
        numerator="enquiries concluded in the period",
        source="Safeguarding Adults Collection (SAC)",
        caveats=("An enquiry may begin in one year and end in the next.",),
    ),
    Indicator(
        "safeguarding_enquiries_started",
        "Safeguarding enquiries started",
        "Enquiries started",
        numerator="enquiries begun in the period",
        source="Safeguarding Adults Collection (SAC)",
    ),
    Indicator(
        "safeguarding_outcomes_met",
        "Safeguarding enquiries in which the person's outcomes were met",
        "Safeguarding outcomes met",
        polarity="higher_is_better",
        source="Safeguarding Adults Collection (SAC)",
    ),
    Indicator(
        "community_support",
        "Service users who live in the community",
        "Community support",
        polarity="higher_is_better",
        is_stock=True,
        caveats=("People on a day, mostly the same ones each time: no test of independent events applies.",),
    ),
    Indicator(
        "reviews_per_month",
        "Care and support reviews completed, mean of a month",
        "Reviews a month",
        source="Local record",
        caveats=(
            "As with all counts of work, more is neither good nor bad unless it is said how many were due.",
        ),
    ),
    Indicator(
        "assessments_per_month",
        "Care Act assessments completed, mean of a month",
        "Assessments a month",
        source="Local record",
    ),
    Indicator(
        "reviews_in_12_months",
        "People reviewed within twelve months",
        "Reviews in 12 months",
        polarity="higher_is_better",
        source="Local record",
        kind="caseload",
    ),
    Indicator(
        "crisis_plans",
        "People with a crisis plan",
        "Crisis plans",
        polarity="higher_is_better",
        source="Local record",
        kind="caseload",
    ),
    Indicator(
        "sickness_absence",
        "Working days lost to sickness",
        "Sickness absence",
        polarity="lower_is_better",
        source="Staff record",
        is_clustered=True,
        caveats=("One person's absence takes many days: days are no independent events.",),
    ),
    Indicator(
        "follow_up_72_hours",
        "People followed up within 72 hours of discharge",
        "Follow-up in 72 hours",
        polarity="higher_is_better",
        source="Mental Health Services Data Set",
    ),
    *(Indicator(*local, polarity="higher_is_better", source="Local record") for local in _LOCAL_RECORD),
)

REGISTRY: Mapping[str, Indicator] = {
    entry.slug: replace(entry, kind=entry.kind or ("caseload" if entry.is_stock else "flow"))
    for entry in _ENTRIES
}
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


FILE = "indicators.toml"


def find(slug: str, registry: Mapping[str, Indicator] | None = None, label: str = "") -> Indicator:
    """Look an indicator up in a registry (default: the toolkit's own), or give a generic entry.

    `label` is what that is called, as its file has it.

    >>> find("cpa_employment").polarity, find("calls_answered").is_known
    ('higher_is_better', False)
    """
    known = REGISTRY if registry is None else registry
    if slug in known:
        return known[slug]
    name = " ".join(label.split()) or slug.replace("_", " ").strip()
    caveat = f"Nobody has said which way is better, nor whether it is a flow or a caseload: say so in {FILE}."
    return Indicator(slug, name[:1].upper() + name[1:], caveats=(caveat,), is_known=False)


def read_indicators(folder: Path) -> Mapping[str, Indicator]:
    """Read the registry: the toolkit's entries, replaced or added to by the authority's own.

    Those stand in the folder's ``indicators.toml``, or under ``indicators`` in its ``authority.toml``; of one
    in both the first is taken. Keys are the names of Indicator's parameters but for slug, codes and is_known.
    An entry that is described again keeps what the authority leaves out. ConfigError names every fault in
    the file.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, FILE).write_text("crisis_calls = { name = 'Calls to the crisis team' }")
    ...     read_indicators(Path(folder))["crisis_calls"].name
    'Calls to the crisis team'
    """
    known = dict(REGISTRY)
    for name in ("authority.toml", FILE):
        if not (folder / name).is_file():
            continue
        place = f"{folder.name}/{name}"
        held = read_settings(folder / name, place)
        entries = held if name == FILE else held.get("indicators", {})
        try:
            content = {slug_of(slug): (slug_of(slug), entry) for slug, entry in entries.items()}
            known |= _reader(_Described).validate_python(content)
        except ValidationError as error:
            raise settings_at_fault(place, error) from error
    return known


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def rebases_of(slug: str, entries: Any) -> tuple[Rebase, ...]:
    """Read rebases as in ``indicators.toml``; ConfigError if a month is none, or a reason is missing.

    >>> rebases_of("crisis_plans", [{"from": "2025-02", "reason": "New template for plans"}])[0].month
    '2025-02'
    """
    try:
        return _reader(_Rebases).validate_python(entries)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise ConfigError("\n".join(f"{slug}.rebase: {line}" for line in wrong_settings(error))) from error


def decisions(registry: Mapping[str, Indicator], held: Iterable[str]) -> tuple[Decision, ...]:
    """Word each rebase of the indicators held, for the report's log of decisions."""
    return tuple(
        Decision(
            date=date.fromisoformat(f"{why.month}-01"),
            decision=f"Control limits of {registry[slug].label} start anew in {why.month}: {why.reason}",
            who=why.who,
        )
        for slug in sorted(set(held) & set(registry))
        for why in registry[slug].rebase
    )


def _described(named: tuple[str, Any]) -> Any:
    """Lay an authority's description of an indicator over the toolkit's, or over a blank one."""
    slug, entry = named
    if not isinstance(entry, dict):
        return entry
    if ours := {"slug", "codes", "is_known"} & set(entry):
        raise ValueError(f"found {min(ours)}, which is not an authority's to say; leave it out")
    if "is_caseload" in entry and not isinstance(entry["is_caseload"], bool):
        raise ValueError(f"found is_caseload = {str(entry['is_caseload'])[:40]!r}; expected true or false")
    said = {"short": ""} | entry if "name" in entry else {"name": find(slug).name} | entry
    if isinstance(entry.get("is_caseload"), bool):  # as it was written before there were kinds
        if entry.get("kind", "caseload") != "caseload":
            raise ValueError("found is_caseload beside kind = 'flow'; expected one of them")
        said["kind"] = "caseload" if said.pop("is_caseload") else "flow"
    base = REGISTRY.get(slug)
    blank = {"slug": slug, "is_known": "polarity" in entry}
    known = {one.name: getattr(base, one.name) for one in fields(base)} if base else blank
    return known | said


_Described = dict[str, Annotated[Indicator, BeforeValidator(_described)]]
