"""What the columns and values of the contract are called in councils' and trusts' own files.

Names of columns are from public material on the systems in use (Mosaic, Liquidlogic LAS and ContrOCC, Care
Director, CareFirst), from the Client Level Data specification, and from published monitors and dashboards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache

from s75lib.loaders.schemas import DATASETS

_PERSON = (
    "person key, person id, client id, service user id, su id, customer id, citizen id, adult id, case id, "
    "swift id, mosaic id, las id, liquidlogic id, carefirst id, care director id, system id, social care id, "
    "la person unique id, ssref, paris id, rio id"
)

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "packages": {
        "person_key": _PERSON,
        "package_key": (
            "package key, package id, po id, purchase order, purchase order id, order id, service id, "
            "service line id, purchase id, service agreement id, care package line item, "
            "care package line item id, cpli, cpli id, line item id, element id, provision id, placement id, "
            "commitment id, event id"
        ),
        "care_type": (
            "care type, type of care, service type, placement type, package type, element type, "
            "service element, service category, service component, subjective, subjective desc, "
            "subjective description, care package element, service provided, support type, provision "
            "type, element, care element, service, service description"
        ),
        "start_date": (
            "start date, service start date, service start, package start date, package start, "
            "placement start date, element start date, line start date, commitment start date, actual "
            "start date, provision start, provision start date, date from, start, event start date, begin, "
            "begins, commenced, from"
        ),
        "end_date": (
            "end date, service end date, service end, package end date, package end, placement end "
            "date, element end date, line end date, commitment end date, actual end date, date to, "
            "provision end, provision end date, end, event end date, finish, finishes, cease, ceased, to"
        ),
        "weekly_gross": (
            "weekly gross, gross weekly cost, weekly gross cost, gross cost per week, gross weekly, "
            "weekly cost, cost per week, cost pw, gross pw, gross cost pw, gross p w, weekly rate, "
            "weekly price, total weekly cost, weekly amount, weekly value, weekly commitment, gross "
            "weekly price"
        ),
        "health_weekly": (
            "health weekly, health contribution, health contribution weekly, weekly health "
            "contribution, nhs contribution, nhs weekly contribution, icb contribution, ccg "
            "contribution, chc icb contribution, chc contribution, health funding, health income, icb "
            "weekly, joint funding contribution, icb share"
        ),
        "health_funding_type": (
            "health funding type, funding type, funding stream, joint funding type, health funding "
            "reason, funding source"
        ),
        "client_weekly": (
            "client weekly, client contribution, client contribution weekly, weekly client "
            "contribution, service user contribution, customer contribution, assessed contribution, "
            "assessed charge, client charge, weekly charge, fairer charging contribution, resident "
            "contribution"
        ),
        "net_weekly": (
            "net weekly, net weekly cost, weekly net cost, weekly net, net cost per week, net cost "
            "pw, council weekly cost, la weekly cost"
        ),
        "s117": "s117, section 117, s 117, s117 flag, section 117 aftercare, s117 aftercare, sec 117",
        "team": "team, team name, allocated team, responsible team, case team, worker team, locality team",
        "provider": (
            "provider, provider name, supplier, supplier name, vendor, vendor name, creditor name, "
            "care provider"
        ),
        "service_group": (
            "service group, client group, client category, primary support reason, care group, division"
        ),
        "age_band": "age band, age group, age range",
        "last_review_date": (
            "last review date, last review, date of last review, last reviewed, review completed "
            "date, latest review date"
        ),
        "units_per_week": (
            "units per week, hours per week, weekly hours, weekly units, planned units per week, "
            "units, hours, quantity, no of hours, units hours"
        ),
        "unit_price": "unit price, unit cost, unit rate, hourly rate, rate, price per unit, cost per unit",
        "snapshot_date": "snapshot date, snapshot, extract date, report date, date of extract, position date",
        "prior_year": "prior year, previous year, prior year item",
        "funding_rule": "funding rule, funding agreement, agreed split, funding split",
        "source_ref": "source ref, source reference, system reference",
    },
    "budget": {
        "line": (
            "line, budget line, service area, service, service line, cost type, description, budget "
            "heading, subjective, heading, category, area, budget area, expenditure type, care type"
        ),
        "budget": (
            "budget, annual budget, full year budget, current budget, revised budget, approved "
            "budget, latest budget, total budget, budget for the year, net budget, working budget, "
            "budget full year"
        ),
        "commitment": (
            "commitment, commitments, committed, full year commitment, committed spend, committed "
            "expenditure, total commitment, commitment for the year, commitment full year"
        ),
        "forecast": (
            "forecast, forecast outturn, projected outturn, full year forecast, year end forecast, "
            "outturn forecast, projection, projected spend, forecast spend, estimated outturn, forecast this "
            "month, this month forecast, current forecast, latest forecast, forecast full year"
        ),
        "actual_to_date": (
            "actual to date, actual, actuals, ytd actual, actual ytd, spend to date, year to date "
            "actual, actual spend to date, expenditure to date"
        ),
        "service_group": "service group, client group, care group, division, directorate",
        "as_at": "as at, snapshot date, date, report date, position at",
        "financial_year": "financial year, fin year, fy, budget year",
        "kind": "kind, type, income or expenditure, income expenditure, i e",
        "snapshot_label": "snapshot label, period, accounting period, month, quarter",
    },
    "staffing": {
        "organisation": "organisation, employer, employing organisation, partner, host",
        "group": "group, staff group, staff type, post type, team, cost centre description",
        "budget": "budget, annual budget, original budget",
        "adjusted_budget": "adjusted budget, revised budget, current budget",
        "adjusted_budget_to_date": "adjusted budget to date, budget to date, ytd budget, phased budget",
        "actual_to_date": "actual to date, actual, ytd actual, spend to date",
        "forecast": "forecast, forecast outturn, projected outturn",
        "locum_to_date": "locum to date, agency to date, locum spend, agency spend, locum, agency",
        "as_at": "as at, date, report date, position at",
    },
    "contributions": {
        "financial_year": "financial year, fin year, fy, year",
        "partner": "partner, contributor, organisation, body, funded by, paid by, partner organisation",
        "service_group": "service group, client group, care group, scheme group, division",
        "line": "line, scheme, scheme name, fund, funding line, budget heading, description, purpose",
        "kind": "kind, contribution type, type of contribution, funding type, type",
        "agreed": (
            "agreed, agreed contribution, annual contribution, contribution, planned contribution, "
            "contribution agreed, agreed sum, total contribution, budget contribution, minimum contribution"
        ),
        "paid_to_date": (
            "paid to date, paid, payments to date, received to date, contribution received, received, "
            "invoiced to date, contributions received to date"
        ),
        "as_at": "as at, statement date, date, position at, report date",
        "basis": "basis, pooled or aligned, pooled aligned",
        "one_off": "one off, non recurrent, non recurring, one off funding",
    },
    "kpi": {
        "indicator": (
            "indicator, kpi, kpi name, performance indicator, performance measure, indicator name, "
            "pi, measure name, description, indicator description, title, measure, metric"
        ),
        "group": ("group, team, service, service group, division, locality, area, geography, authority"),
        "period": "period, month, date, reporting period, year, quarter",
        "value": (
            "value, performance, actual, result, outturn, score, percent, percentage, rate, figure, %, "
            "this month, current month, this quarter, current quarter, in month, current performance"
        ),
        "numerator": "numerator, num, count, achieved, number achieved, completed, met, in target, n",
        "denominator": "denominator, den, denom, base, total, eligible, out of, due, cohort",
        "target": "target, target percent, goal, standard, threshold",
        "unit": "unit, units, unit of measure, format",
        "reference": "ref, reference, kpi ref, pi ref, indicator ref, no, number, id, kpi no, code",
    },
    "activity": {
        "month": "month, period, date, reporting month, month ending, month start",
        "measure": "measure, activity, activity type, metric, indicator, type, row labels",
        "count": "count, number, total, value, volume, no, activity count",
        "team": "team, team name, locality, service",
        "service_group": "service group, client group, care group, division",
        "reason": "reason, delay reason, reason for delay, delay code, reason code",
        "attributed_to": (
            "attributed to, attributable to, attribution, responsible organisation, agency responsible, "
            "responsibility"
        ),
    },
    "workforce": {
        "as_at": "as at, date, month, snapshot date, position at",
        "team": "team, team name, locality, service",
        "role": "role, post, post title, job title, grade, staff group, position",
        "wte_establishment": (
            "wte establishment, establishment, funded establishment, establishment wte, establishment "
            "fte, est wte, est fte, budgeted wte, budgeted fte, funded wte, funded fte, fte establishment"
        ),
        "wte_in_post": (
            "wte in post, in post, fte in post, in post wte, in post fte, actual wte, actual fte, "
            "contracted wte, contracted fte, staff in post"
        ),
        "wte_locum": "wte locum, locum wte, locum fte, agency wte, agency fte, locum, agency, locums",
        "employer": "employer, employing organisation, employed by, seconded from, contract held by",
    },
    "risks": {
        "risk_id": "risk id, risk ref, risk reference, risk no, risk number, ref, id, no",
        "date": "date, date of review, review date, last reviewed, date reviewed, last review date, as at",
        "description": "description, risk, risk description, description of risk, risk title",
        "consequence": "consequence, impact, current impact, severity, current consequence, residual impact",
        "likelihood": "likelihood, current likelihood, probability, residual likelihood",
        "score": "score, risk score, current score, current risk score, risk rating, rating, residual score",
        "owner": "owner role, lead role, role",
    },
    "actions": {
        "action_id": "action id, action ref, action reference, action no, action number, ref, id, no",
        "action": "action, action required, description, agreed action, recommendation, task",
        "owner_role": "owner role, lead role, role, responsible role",
        "due": "due, due date, target date, deadline, completion date, date due, target completion date",
        "status": "status, progress status, action status, rag status, state",
        "workstream": "workstream, work stream, theme, programme, area",
        "priority": "priority, urgency",
    },
    "uplifts": {
        "financial_year": "financial year, fin year, uplift year",
        "care_type": "care type, type of care, service type, market, sector",
        "provider": "provider, provider name, supplier, supplier name",
        "low": "low, low uplift, minimum uplift, lower estimate",
        "central": "central, uplift, uplift percent, fee uplift, inflation rate, percentage increase",
        "high": "high, high uplift, maximum uplift, upper estimate",
        "effective_from": "effective from, effective date, uplift date, date of uplift",
        "wage_rise": "wage rise, wage inflation, nlw increase, pay inflation, pay award",
        "staff_share": "staff share, staffing share, pay proportion, staffing proportion",
        "other_inflation": "other inflation, cpi, non pay inflation, non staff inflation",
    },
    "known_changes": {
        "change_id": "change id, transition id, case ref, move id",
        "date": "date, date of move, transition date, date of transition, expected date, date of transfer",
        "kind": "kind, type of change, reason, pathway",
        "care_type": "care type, type of care, service type, placement type, new care type, planned service",
        "people": "people, number of people, clients, young people",
        "weekly_gross": "weekly gross, weekly cost, estimated weekly cost, expected weekly cost",
        "health_percent": "health percent, health share, nhs share, icb share percent",
    },
    "savings": {
        "saving_id": "saving id, saving ref, savings ref, proposal ref, mtfs ref",
        "saving": "saving, proposal, savings proposal, initiative, scheme",
        "month": "month, period, profile month",
        "planned": "planned, target, savings target, profiled saving, planned saving, budgeted saving",
        "delivered": "delivered, achieved, saving achieved, delivered to date, actual saving, realised",
        "confidence": "confidence, likelihood of delivery, deliverability",
        "evidence": "evidence, how evidenced, supporting evidence",
    },
    "funding_rules": {
        "rule": "rule, funding rule, split, agreement, funding agreement",
        "health_percent": "health percent, health share, nhs share, icb share, ccg share, nhs percent",
        "council_percent": "council percent, council share, la share, social care share",
        "health_hours": "health hours, nhs hours, icb hours, hours funded by health",
    },
}
"""By dataset and column of ours: what others call it."""

LEFT_OUT = (
    "budget to date, profiled budget, variance, variation, over under, rag, rag rating, comments, "
    "comment, notes, note, narrative, full year cost, annual cost, cost centre, cost code, gl code, "
    "subjective code, ledger code, previous, change, trend, direction of travel, ytd, year to date, "
    "last month, previous month, last quarter, previous quarter, last year, previous year, "
    "total, grand total, average, worker, allocated worker, status"
)
"""What has no place in the contract and may be left out without asking."""

CARE_TYPES: Mapping[str, str] = {
    "Residential": r"\bres(idential)?\b|care home(?!.*nurs)",
    "Nursing": r"\bnur(s|\b)",
    "Live In": r"\blive[- ]?in\b",
    "One To One": r"\b(one|1)[ :-]*(to|2|:)?[- ]*(one|1)\b",
    "Dom Care": r"\bdom(iciliary)?\b|home ?care|personal care|care at home",
    "Supp Living": r"\bsupp(orted)?\b.*\b(living|accom)|\bsl\b|extra care",
    "Day Care": r"\bday\b",
    "Dir Payments": r"\bdirect payments?\b|\bdps?\b",
}
"""Our care types, and what gives each away, the most telling first."""

MEASURES: Mapping[str, str] = {
    "dols_not_completed": r"(dols|deprivation of liberty).*(not completed|outstanding|backlog|waiting|open)",
    "dols_completed": r"(dols|deprivation of liberty).*(completed|granted|authorised|concluded|closed)",
    "dols_applications": r"\bdols\b|deprivation of liberty",
    "best_interests_assessments": r"best interests?\b.*assess|\bbias?\b",
    "guardianship_new": r"guardianship.*(new|received|accepted|begun|started)|new guardianship",
    "guardianship_open": r"guardianship",
    "waiting_for_assessment": r"(wait|outstanding).*assessment|assessments? (waiting|outstanding|backlog)",
    "waiting_for_care": r"wait\w* (list )?(for )?(an? )?(home ?care|care|package|support|brokerage)",
    "carers_assessments": r"carer",
    "mha_assessments": r"\bmha\b|mental health act|amhp",
    "safeguarding_enquiries_commenced": (
        r"(?=.*(safeguarding|s\.?42|section 42))(?=.*enquir).*(commenced|started|begun|opened|new\b)"
    ),
    "safeguarding_enquiries": r"(safeguarding|s\.?42|section 42).*enquir|enquir.*(safeguarding|s\.?42)",
    "safeguarding_concerns": r"safeguarding",
    "delayed_days": r"(delay|dtoc).*days|bed days",
    "delayed_people": r"delay|dtoc",
    "case_allocation_requests": r"referral|allocation request|new request|contacts? received",
    "assessments": r"assessment",
    "reviews": r"review",
    "complaints": r"complaint",
    "information_requests": r"\bfoi\b|freedom of information|enquiries from members|information request",
    "waiting": r"waiting|unallocated",
    "open_cases": r"caseload|open cases|cases open|cases held",
    "admissions": r"admission",
}
"""Our measures of activity, and what gives each away, the most telling first."""

_ANOTHER = re.compile(
    r"overdue|outstanding|waiting|backlog|\bdue\b|average|\bmean\b|median|%|per ?cent|proportion|\brate\b"
    r"|awaiting|pending|in progress|closed|\bopen\b|\bnot\b|year to date|\bytd\b|cumulative|\bstaff\b"
    r"|last year|\bcosts?\b|\bhours?\b|\bdays?\b|declined|rejected|cancelled|\bover \d|\bwithin\b|target"
    r"|forecast|projected|trajectory|\bper [\d,]+|\bplanned|\bplan\W*$|\bcum\b|rolling|variance|previous"
    r"|\bprior\b|\b[lp]y\b|head ?count|expected|budgeted|unplanned|\b[fw]te\b|minutes|£",
    re.IGNORECASE,
)
_OF_THEIR_OWN = (
    "dols_not_completed",
    "dols_completed",
    "guardianship_open",
    "waiting_for_assessment",
    "waiting_for_care",
    "delayed_days",
    "open_cases",
)


def measure_of(text: str) -> str:
    """Find the measure of activity that a text names; empty for none, or for another thing about it.

    >>> [measure_of(text) for text in ("New referrals", "Reviews overdue", "Delayed days", "Waiting list")]
    ['case_allocation_requests', '', 'delayed_days', 'waiting']
    """
    ours = next((ours for ours, pattern in MEASURES.items() if re.search(pattern, text, re.IGNORECASE)), "")
    another = _ANOTHER.search(text) and not (ours == "waiting" and "review" not in text.casefold())
    return "" if another and ours not in _OF_THEIR_OWN else ours


ROWS: Mapping[str, str] = {
    "numerator": (
        "numerator, num, n, number, count, achieved, completed, met, number achieved, number completed, "
        "number met"
    ),
    "denominator": (
        "denominator, denom, den, d, total, base, out of, eligible, due, total due, number due, "
        "total eligible, number eligible, cohort"
    ),
    "value": "%, percent, percentage, performance, result, value, rate, actual",
    "target": "target, goal, standard",
}
"""What the rows below one another may be, where an indicator has several."""


UNITS: Mapping[str, str] = {
    "per_100k": r"100[, ]?000|100k",
    "per_month": r"(per|a) month",
    "percent": r"%|per ?cent|\bpct\b|\bproportion\b",
    "count": r"^\W*(#|n|nos?\.?|numbers?|counts?|number of .*)\W*$|\b(number|no\.?|count) of\b",
}
"""Units of an indicator, and what gives each away in a column of units or in the indicator's name."""

KINDS: Mapping[str, str] = {
    "health_income": r"\b(health|nhs|icb|ccg|chc)\b",
    "client_income": r"\b(client|customer|service user|resident|fairer charging)s?\b",
    "adjustment": r"adjust|saving|contingency",
    "expenditure": r"expend|spend|\bexp\b|cost|gross",
}
"""Kinds of budget lines, and what gives each away."""


_UNSURE = {
    "gross": "weekly_gross",
    "gross cost": "weekly_gross",
    "cost": "weekly_gross",
    "nhs": "health_weekly",
    "health": "health_weekly",
    "icb": "health_weekly",
    "client": "client_weekly",
    "net": "net_weekly",
    "net cost": "net_weekly",
}
"""Amounts whose names do not say for how long they are; a heading of theirs may."""
_ASKED = 0.9
_SPANS = {
    re.compile(rf"\b({words})\b"): f"weekly from {operation}"
    for words, operation in (
        ("annual(ly|ised)?|yearly|per annum|pa|full year", "annual ÷ 52.142857"),
        ("quarterly|per quarter", "quarterly ÷ 13.035714"),
        ("monthly|per (calendar )?month|pcm|pm|calendar month", "monthly ÷ 4.345238"),
        ("(4|four)[ -]?week(s|ly)?|per (4|four) weeks", "four weeks ÷ 4"),
        ("fortnight(ly)?|(2|two)[ -]?week(s|ly)?", "two weeks ÷ 2"),
        ("daily|per (day|night)|nightly", "daily × 7"),
    )
}
"""What says for how long an amount is that is not for a week."""
_ALIKE = 0.84  # of two names' letters in common, so that a slip of a letter or two is noticed and asked about


_TELLING = re.compile(
    r"[(\[]([^)\]]*(?:\b(?:annual|year|p\.?a\b|per annum|month|pcm|daily|per (?:day|night)|nightly|fortnight"
    r"|(?:4|four|2|two)[ -]?week|quarter|ytd|cum|to date|head ?count|heads\b|hours\b|minutes\b|mins\b|last"
    r"|prior|previous|[lp]y\b|plan|forecast|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)\b)"
    r"|%|per ?cent)[^)\]]*)[)\]]"
)
"""What in brackets makes another thing of what stands before them: another span or day, a share, people."""


def plain_name(text: str) -> str:
    """Write a name without case, brackets, currency and punctuation.

    >>> plain_name("S117 (Y/N)"), plain_name("CHC / ICB\u00a0Contribution (£)"), plain_name("Numerator (n)")
    ('s117', 'chc icb contribution', 'numerator')
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _TELLING.sub(r" \1 ", text)
    bare = re.sub(
        r"\([^)]*\)|\[[^\]]*\]|£?\s?['’]?\b0{3}['’]?s?\b|£\s?['’]?([km]n?\b|thousands?|millions?)", " ", text
    )
    text = bare if bare.strip() else text
    text = re.sub(r"\bp\.\s?([wa])\b\.?", r"p\1", text)  # p.w. and p.a.
    return " ".join(re.findall(r"[0-9a-z%]+", text.replace("_", " ")))


def _as_id(plain: str) -> str:
    """Write the name of a number or a reference in one way: both client id and client identifier."""
    return re.sub(r"(?<=.) (no|num|number|ref|reference|identifier)$", " id", plain)


_EXACT: Mapping[str, Mapping[str, str]] = {
    dataset: {
        name: ours
        for ours, names in reversed(list(columns.items()))
        for own in (plain_name(ours), *names.split(", "))
        for name in (own, _as_id(own))
    }
    | {plain_name(ours): ours for ours in DATASETS[dataset].column_names}
    for dataset, columns in COLUMNS.items()
}
_MONEY = {name: {one.name for one in DATASETS[name].columns if one.kind == "money"} for name in COLUMNS}
_BESIDE = re.compile(
    r"[(\[](?!\W*(?:(?:in|the|full|net|gross|inc|excl?|of|vat|annual|year|pa|revised|current|latest|this|month"
    r"|whole|total|approved|outturn|assessed|chc|nhs|icb|la|gbp|pounds?|thousands?|millions?|mn|k|m|0+s?|to|date"
    r"|ytd|wte|fte|\d+)\b\W*)*[)\]])[^)\]]*(?:[a-z]{2}|[pmq]\d)",
    re.IGNORECASE,
)
"""What in brackets behind an amount's name may make another of it: profiled, best case, number of clients."""
_STAFF = {one.name for one in DATASETS["workforce"].columns if one.unit == "WTE"}
_EVERY_NAME = frozenset(name for names in _EXACT.values() for name in names) | frozenset(LEFT_OUT.split(", "))


def is_known(text: str) -> bool:
    """Whether a cell is the name of a column, of ours or of one that is left out."""
    return plain_name(text) in _EVERY_NAME


def is_left_out(text: str) -> bool:
    """Whether a column may be left out without asking."""
    return plain_name(text) in LEFT_OUT.split(", ")


def is_of_vacancies(text: str) -> bool:
    """Whether a column counts vacant posts."""
    return bool(re.fullmatch(r"((wte|fte) )?vacan(t|cy|cies)( (posts?|wte|fte))*", plain_name(text)))


_DATED = {"month", "period", "as_at", "snapshot_date", "date", "financial_year"}
_OF_ANOTHER = re.compile(r"\b(last|prior|previous|[lp]y|plan|forecast)\b", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")


def _is_in_hours(ours: str | None, name: str) -> bool:
    return ours == "units_per_week" and bool(re.search(r"[(\[]\W*(?:in )?hours\W*[)\]]", name, re.IGNORECASE))


@lru_cache(4096)
def column_for(name: str, dataset: str) -> tuple[str, float]:
    """Find the column of a dataset that a header's name stands for, and how sure that is.

    >>> column_for("Gross Weekly Cost", "packages"), column_for("Gros weekly cost", "packages")[0]
    (('weekly_gross', 1.0), 'weekly_gross')
    """
    plain, known = plain_name(name), _EXACT[dataset]
    bare = plain_name(_IN_BRACKETS.sub(" ", name))
    dated = known.get(bare) in _DATED and not _OF_ANOTHER.search(name)
    if plain not in known and (dated or _is_in_hours(known.get(bare), name)):
        plain = bare
    plain = plain if plain in known else plain.removesuffix("%").strip()
    plain = plain if plain in known else _as_id(plain)
    if dataset == "packages":
        plain = re.sub(r" (pw|p w|per week)$", "", plain) if plain not in known else plain
    if known.get(plain) in (_STAFF if "£" in name else _MONEY[dataset] | _STAFF if "%" in name else ()):
        return "", 0.0  # a share of the money or of the staff, or what the staff cost
    if plain in known:
        weekly = r"\b(per|week(ly)?|pw)\b" if dataset == "packages" else "$"  # what they are there
        asked = known[plain] in _MONEY[dataset] and _BESIDE.search(re.sub(weekly, "", name, flags=re.I))
        return known[plain], _ASKED if asked else 1.0
    if dataset == "packages" and plain in _UNSURE:
        return _UNSURE[plain], _ASKED
    if is_left_out(name):
        return "", 0.0
    undated = re.sub(r"^(20)?\d\d \d\d | (20)?\d\d \d\d$", "", plain)
    if undated in known:
        return known[undated], _ASKED
    near = get_close_matches(plain, known, n=1, cutoff=_ALIKE) if plain else []
    return (known[near[0]], SequenceMatcher(None, near[0], plain).ratio()) if near else ("", 0.0)


def weekly_from(name: str) -> tuple[str, str]:
    """Find the weekly amount of a ledger that one for another span would give, and by which operation.

    >>> [weekly_from(name)[0] for name in ("Annual Cost", "Health contribution p.a.", "Annual leave")]
    ['weekly_gross', 'health_weekly', '']
    >>> weekly_from("4 Weekly Cost")
    ('weekly_gross', 'weekly from four weeks ÷ 4')
    """
    plain = plain_name(name)
    for span, operation in _SPANS.items():
        if span.search(plain):
            bare = (" ".join(span.sub(put, plain).split()) for put in ("weekly", ""))
            found = [
                column_for(text, "packages")[0]
                for text in bare
                if text in _EXACT["packages"] or text in _UNSURE
            ]
            ours = next(
                (ours for ours in found if ours.endswith(("_weekly", "weekly_gross", "unit_price"))), ""
            )
            return ("weekly_gross" if ours == "unit_price" else ours), operation
    return "", ""


def by_pattern(text: str, patterns: Mapping[str, str]) -> str:
    """Find what a text is called here, by the first pattern in it; empty where none is."""
    return next((ours for ours, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)), "")
