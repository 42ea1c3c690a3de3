"""What does not stop a dataset but should be known: unknown names, gaps, overlaps and jumps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from s75lib.errors import ConfigError, Fault, did_you_mean, listed
from s75lib.loaders.agreement import agreement_warnings
from s75lib.loaders.authority import Authority
from s75lib.loaders.contributions import contribution_warnings, rule_warnings
from s75lib.loaders.indicators import FILE, POLARITIES, Indicator, Kind, find, read_indicators
from s75lib.loaders.period import financial_year_of
from s75lib.loaders.validation import Held, stands_for_nobody

_JUMPS = 3  # jumps named of one dataset
_AROUND = 3  # months on each side of a jump
_TIMES = 2.0  # a level that doubles or halves is a jump
_MONTH = r"\d{4}-\d{2}"
_MONTHS_TO_GUESS = 24
# Correlations of neighbouring changes that tell a flow, or a caseload, from the other in 19 cases of 20.
_NEW_CASES, _SAME_PEOPLE = -0.5, -0.15
_UNSAID = {
    False: "no change of it is called better or worse, and the tests of months allow for either kind",
    True: "the tests of months allow for either kind, and find fewer changes",
}
_TITLE = re.compile(r"(Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Cllr|Councillor)\b\.? +[A-Z]")
_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.?)?(?:[ -](?:Mc|Mac|O['’]|[dD]e )?[A-Z][a-z]+){1,2}")
_ROLE = re.compile(
    r"(?i)manage|lead|head|direct|offic|work|partner|team|board|group|servic|commission|analy|chair|chief"
    r"|co-?ordinat|profession|nurs|practition|admin|account|assist|deputy|execut|trust|council|panel"
    r"|committee|consult|psych|therap|financ|operat|quality|perform|governance|safeguard|social|health|adult"
    r"|care|human|resource|counsel|legal|digital|record|business|transform|programme|project|strateg|develop"
)
_WAYS = [
    (way, re.compile(rf"(?i)\b(?:{words})"))
    for way, words in (
        ("higher_is_better", "(in|on) (time|date|target)|respon|within|offered"),
        (
            "lower_is_better",
            "delay|dtoc|wait|overdue|late\\b|not |outstanding|backlog|unallocated|complain|sick|absen|vacan"
            "|turnover|breach|incident|re-?admi|admi|falls?\\b|restrain|death|agency|locum|unplanned",
        ),
        ("higher_is_better", "complet|settled|employ|take.?up|satisf|shared|supervis|train|complian|review"),
    )
]
"""What in an indicator's name suggests which way is better."""
_DOUBLES = "keys that differ only in leading zeros, marks or case: {}"
_ONE_KEY = (
    "one key for a person",
    "If they are the same people, write their keys alike; now they are counted as two.",
)
_WEEKLY = (5, 10_000)  # £ between which the middle package of any ledger lies
_COMPARED = (
    r"^(?:all )?(?:england|london|region|regional|national)(?: average)?$"
    r"|\b(?:statistical|nearest|cipfa) neighbours?\b|\bcipfa\b|\bcomparators?\b|\bbenchmark"
)
_NO_LINE = (
    r"^\W*(?:variance|variation|(?:over|under)[ /-]*spend|difference|movement|memo\b|of which|check\W*$"
    r"|(?:last|prior|previous) (?:(?:year|month)\W?s?\W*)?"
    r"(?:outturn|actuals?|budget|forecast|spend|position)?\W*$)"
)
_LEAST = 20.0  # events a month below which a doubling says little


def quality_warnings(held: Mapping[str, Held], who: Authority) -> tuple[Fault, ...]:
    """Look for what a reader of the report should know of the data."""
    some = {name: one for name, one in held.items() if len(one.frame)}
    return (
        *_references(some),
        *_gaps(some),
        *_snapshots(some),
        *_overlaps(some, who),
        *_jumps(some, who),
        *_misread(some, who),
        *_undescribed(some, who),
        *_owners(some),
        *contribution_warnings(some),
        *rule_warnings(some),
        *agreement_warnings(some, who),
    )


def _misread(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    if "kpi" in held:
        frame = held["kpi"].frame
        figures = frame["value"].fillna(100 * frame["numerator"] / frame["denominator"])
        over = (frame["unit"] == "percent") & (figures > 100)
        found = f"above 100%: {listed(sorted(set(frame['indicator'][over])))}"
        remedy = "See that each is meant, as an occupancy or a share of a plan can be."
        yield from held["kpi"].warned(over, found, "0 to 100 for a share", remedy, "value")
        others = frame["group"].str.contains(_COMPARED, case=False).fillna(False).astype("bool")
        found = f"other places among the groups: {listed(sorted(set(frame['group'][others])))}"
        remedy = "Leave them out; others' published figures are read from the national sources."
        yield from held["kpi"].warned(others, found, "groups of this authority", remedy, "group")
    if "budget" in held:
        one, frame = held["budget"], held["budget"].frame
        income = frame["kind"].isin(["health_income", "client_income"])
        positive = income & (frame[["budget", "commitment", "forecast"]] > 0).any(axis=1)
        yield from one.warned(
            positive,
            f"income above zero in {positive.sum()} of {income.sum()} income lines",
            "income as a minus, for it is added to the cost",
            "Ask finance which sign the monitor uses for income, and whether each line is meant.",
            "kind",
        )
        beside = frame["line"].str.contains(_NO_LINE, case=False).fillna(False).astype("bool")
        beside &= frame["kind"] != "adjustment"
        found = f"lines that may be no spending of their own: {listed(sorted(set(frame['line'][beside])))}"
        remedy = "Leave out what compares with another year or month, or says again what is in other lines."
        yield from one.warned(beside, found, "lines that add up to the budget", remedy, "line")
        spent = frame["kind"] == "expenditure"
        credit = spent & (frame[["budget", "forecast"]] < 0).all(axis=1)
        yield from one.warned(
            credit,
            f"expenditure below zero in {credit.sum()} of {spent.sum()} expenditure lines",
            "spending as a plus, for income is a minus",
            "Ask finance which sign the monitor uses; a saving or a credit is an adjustment.",
            "kind",
        )
        first = pd.to_numeric(frame["financial_year"].str[:4], errors="coerce")
        months = (frame["as_at"].dt.year - first) * 12 + frame["as_at"].dt.month
        outside = (months < 1) | (months > 18)
        yield from one.warned(
            outside,
            f"as_at more than three months outside its financial_year in {_in_rows(outside)}",
            "a date in the financial year, or soon before or after it",
            "See which of the two columns is wrong.",
            "financial_year",
        )
    if "packages" in held:
        yield from _ledger(held["packages"], who)


def _ledger(one: Held, who: Authority) -> Iterator[Fault]:
    """Warn of keys that are no one person's, of costs that are no week's, and of packages yet to start."""
    frame = one.frame
    codes, keys = pd.factorize(frame["person_key"])
    nobody = frame["person_key"].isin([key for key in keys if stands_for_nobody(key)])
    yield from one.warned(
        nobody,
        f"keys that stand for nobody, such as 0 or Unknown, in {_in_rows(nobody)}",
        "the key of a person",
        "Find out whose packages they are; until then they count as one person’s.",
        "person_key",
    )
    usual = frame["weekly_gross"][frame["weekly_gross"] > 0].median()
    if usual < _WEEKLY[0] or usual > _WEEKLY[1]:
        yield one.warning(
            f"packages of which half cost {'more' if usual > _WEEKLY[1] else 'less'} than "
            f"£{float(f'{usual:.1g}'):,.0f} a week",
            f"amounts for a week in £, of which half lie between £{_WEEKLY[0]:,} and £{_WEEKLY[1]:,}",
            "See whether they are for a year or a month, or in £000s.",
            "weekly_gross",
        )
    people = [np.unique(codes[rows]) for rows in frame.groupby("snapshot_date").indices.values()]
    found, expected, remedy = "", "", ""
    for before, after in pairwise(people):
        shared = len(np.intersect1d(before, after, assume_unique=True))
        if shared * 10 < min(len(before), len(after)) >= 10:
            alike = len(set(map(_bare, keys[before])) & set(map(_bare, keys[after]))) > len(before) / 2
            why = "; most agree but for leading zeros, marks or case" if alike else ""
            found = f"nearly no person of one snapshot is in the next{why}"
            expected = "the same key for a person in every snapshot"
            remedy = "See that keys are written alike in every extract before you compare snapshots."
            break
    else:
        if doubles := len(keys) - len(set(map(_bare, keys))):
            found, (expected, remedy) = _DOUBLES.format(_hidden(doubles, who)), _ONE_KEY
    if found:
        yield one.warning(found, expected, remedy, "person_key")
    late = int((frame["start_date"] > frame["snapshot_date"]).sum())
    if late:
        yield one.warning(
            f"packages that start after their snapshot: {_hidden(late, who)}",
            "packages that have begun, or are agreed to begin soon",
            "See that the dates are right; such a package costs nothing before it starts.",
            "start_date",
        )


def alike_keys(keys: pd.Series, who: Authority) -> Iterator[Fault]:
    """Warn of keys that differ in what a spreadsheet changes, before they are hashed and nothing shows it."""
    distinct = {str(key).strip() for key in keys.unique()} - {""}
    if doubles := len(distinct) - len(set(map(_bare, distinct))):
        yield Fault(
            f"{who.slug}/mapping.toml", _DOUBLES.format(_hidden(doubles, who)), *_ONE_KEY, severity="warning"
        )


def with_ended(packages: pd.DataFrame) -> pd.DataFrame:
    """Take packages that ended in a year into its later snapshots too, where these hold open ones alone.

    What a package cost until it ended is part of its year. Systems that list open packages alone lose it: it
    is then taken from the last snapshot of the year that holds it. A snapshot that holds any package which
    had ended by the snapshot before is whole, and stays as it is.
    """
    # Numbers are sought many times faster than texts.
    keys = pd.Series(pd.factorize(packages["package_key"])[0], index=packages.index)
    carried, ended, before = [], packages.iloc[:0], pd.Timestamp.min
    for day in pd.DatetimeIndex(packages["snapshot_date"].unique()).sort_values():
        present = packages[packages["snapshot_date"] == day]
        first = pd.Timestamp(financial_year_of(day.date()).start)
        ended = ended[(ended["end_date"] >= first) & ~keys[ended.index].isin(keys[present.index])]
        if before >= first and not (present["end_date"] < before).any():
            carried.append(ended[ended["end_date"] <= day].assign(snapshot_date=day))
        ended, before = pd.concat([ended, present[present["end_date"].notna()]]), day
    if not sum(map(len, carried)):
        return packages
    whole = pd.concat([packages, *carried]).sort_values("snapshot_date", kind="stable")
    return whole.reset_index(drop=True).astype(packages.dtypes.to_dict())


def ended_warnings(one: Held, carried: pd.DataFrame, who: Authority) -> Iterator[Fault]:
    """Say how many packages of the latest snapshot had to be taken from those before it, if any."""
    day = carried["snapshot_date"].max()
    latest = (one.frame["snapshot_date"] == day).sum()
    more = int((carried["snapshot_date"] == day).sum() - latest)
    if more:
        yield one.warning(
            f"packages that ended in the year and are not in its latest snapshot: {_hidden(more, who)}",
            "every package of the year in a snapshot, those that have ended too",
            "They are counted as they last stood in one. Ask for an extract that keeps them.",
            "end_date",
        )


def _bare(key: str) -> str:
    """Give a key without what a spreadsheet adds or takes away."""
    return re.sub(r"[\s,'’]", "", key.casefold()).lstrip("0").removesuffix(".0")


def _hidden(count: int, who: Authority) -> str:
    """Count people, unless they are few and not published."""
    few = count < who.disclosure_threshold and "packages" not in who.published.datasets
    return f"fewer than {who.disclosure_threshold}" if few else f"{count:,}"


def _undescribed(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    """Ask for what an indicator of the authority's own does not tell of itself."""
    for entry in undescribed(held["kpi"].frame, Path(who.folder)) if "kpi" in held else ():
        lacks = [] if entry.is_known else ["which way is better"]
        lacks += [] if entry.kind else ["whether its months count new cases or the same people"]
        yield held["kpi"].warning(
            entry.slug,
            f"{FILE} to say {' and '.join(lacks)}",
            "Paste there the lines that s75 check prints, and correct them; until then "
            f"{_UNSAID[entry.is_known]}.",
            "indicator",
            held["kpi"].frame["indicator"] == entry.slug,
        )


def undescribed(
    kpi: pd.DataFrame, folder: Path, labels: Mapping[str, str] | None = None
) -> Iterator[Indicator]:
    """Give indicators of which something is still to be said, as far as they are known; labels as held."""
    try:
        known = read_indicators(folder)
    except ConfigError:  # a fault of its own
        return
    for slug in dict.fromkeys(kpi["indicator"]):
        own, entry = kpi[kpi["indicator"] == slug], find(slug, known, (labels or {}).get(slug, ""))
        monthly = own["period"].str.fullmatch(_MONTH).any()
        if not entry.is_known or (monthly and not entry.kind):
            yield entry if monthly else replace(entry, kind=entry.kind or "flow")  # no kind is asked for


def as_toml(entry: Indicator, kpi: pd.DataFrame) -> str:
    """Write an indicator as it is to be described in indicators.toml, with guesses for what is not known.

    >>> print(as_toml(find("complaints_late"), pd.DataFrame({"indicator": []})))
    [complaints_late]
    name = "Complaints late"
    polarity = "lower_is_better"  # a guess; or higher_is_better, neither
    kind = "flow"  # a guess (each month's cases are new); or caseload (mostly the same people)
    """
    lines = [f"[{entry.slug}]"]
    if not entry.is_known:
        name = entry.name.translate({ord("\\"): "", ord('"'): "'"})
        way = next((way for way, pattern in _WAYS if pattern.search(name)), "neither")
        others = ", ".join(one for one in POLARITIES if one != way)
        lines += [f'name = "{name}"', f'polarity = "{way}"  # a guess; or {others}']
    if not entry.kind:
        guess = _guess(kpi[kpi["indicator"] == entry.slug]) if len(kpi) else ""
        said = f"its months look like a {guess}" if guess else "a guess"
        ways = {"flow": "each month's cases are new", "caseload": "mostly the same people"}
        kind, other = ("caseload", "flow") if guess == "caseload" else ("flow", "caseload")
        lines.append(f'kind = "{kind}"  # {said} ({ways[kind]}); or {other} ({ways[other]})')
    return "\n".join(lines)


def _in_rows(at: pd.Series) -> str:
    return "1 row" if at.sum() == 1 else f"{at.sum()} rows"


def _owners(held: Mapping[str, Held]) -> Iterator[Fault]:
    """Warn of owners of risks and actions who look like people, without saying who."""
    for name, column in (("risks", "owner"), ("actions", "owner_role")):
        if name not in held:
            continue
        each = held[name].frame[column].str.split(r"\s*(?:[;,/&]|\band\b)\s*", regex=True)
        named = each.map(lambda owners: any(map(_looks_like_a_person, owners))).astype("bool")
        yield from held[name].warned(
            named,
            f"what may be a person’s name (not shown), in {_in_rows(named)}",
            "the role that owns it, such as Head of service",
            "Write the role in its place; a report is published, and people change.",
            column,
        )


def _looks_like_a_person(owner: str) -> bool:
    """Whether an owner has a title, or is two or three names with no word of a role among them.

    >>> [_looks_like_a_person(one) for one in ("Dr Adams", "Jane O’Neil", "Finance Partner", "Commissioner")]
    [True, True, False, False]
    """
    if _TITLE.match(owner):
        return True
    return bool(_NAME.fullmatch(owner)) and not _ROLE.search(owner)


def _guess(own: pd.DataFrame) -> Kind:
    """Say what the months look like, season and level set aside: only the same people keep what chance adds.

    Changes from month to month of new cases correlate by -0.5, for each month is in two of them.
    """
    alike = total = 0.0
    months = own[own["period"].str.fullmatch(_MONTH).astype("bool")].sort_values("period")
    for _, mine in months.groupby("group"):
        values = mine["value"].fillna(100 * mine["numerator"] / mine["denominator"]).to_numpy(dtype=float)
        if len(values) < _MONTHS_TO_GUESS or np.isnan(values).any():
            continue
        angle = np.pi / 6 * mine["period"].str[5:].astype(int).to_numpy()[1:]
        season = np.stack([np.ones(len(angle)), np.cos(angle), np.sin(angle)], axis=1)
        left = np.diff(values) - season @ np.linalg.lstsq(season, np.diff(values), rcond=None)[0]
        alike, total = alike + float(left[1:] @ left[:-1]), total + float(left @ left)
    if not total or _NEW_CASES < alike / total < _SAME_PEOPLE:
        return ""
    return "caseload" if alike / total >= _SAME_PEOPLE else "flow"


def _references(held: Mapping[str, Held]) -> Iterator[Fault]:
    for column, keepers in (("service_group", ("budget", "packages")), ("team", ("workforce",))):
        keeper = next((k for k in keepers if k in held and (held[k].frame[column] != "").any()), None)
        if keeper is None:
            continue
        known = sorted(set(held[keeper].frame[column].unique()) - {""})
        for user in ("packages", "package_transfers", "activity"):
            cells = held[user].frame[column] if user in held and user != keeper else pd.Series(dtype="str")
            for name in sorted(set(cells.unique()) - {*known, ""}):
                yield held[user].warning(
                    f"{name!r}, which the dataset {keeper!r} does not know",
                    f"one of {listed(known)}",
                    did_you_mean(name, known, "Give it the same name in both, or add it there."),
                    column,
                    cells == name,
                )


def _gaps(held: Mapping[str, Held]) -> Iterator[Fault]:
    if "activity" in held:
        frame = held["activity"].frame
        yield from _missing_months(held["activity"], frame, "month", ["service_group", "team", "measure"])
    if "kpi" in held:
        frame = held["kpi"].frame
        monthly = frame[~frame["period"].str.contains("/", regex=False)]
        if len(monthly):
            yield from _missing_months(held["kpi"], monthly, "period", ["indicator", "group"])


def _missing_months(one: Held, rows: pd.DataFrame, column: str, series: list[str]) -> Iterator[Fault]:
    """Warn of months that no series has, and of those that one lacks between its first and its last."""
    number = rows[column].to_numpy().astype("datetime64[M]").astype("int64")
    nowhere = pd.Series(sorted({*range(number.min(), number.max() + 1)} - {*number}), dtype="int64")
    remedy = "Add the months; if nothing happened, write 0."
    for _, run in nowhere.groupby(nowhere - nowhere.index):
        span = " to ".join(str(month) for month in run.iloc[[0, -1]].unique().astype("datetime64[M]"))
        yield one.warning(
            f"no row for {span}", "a row for every month from the first to the last", remedy, column
        )
    each = rows[series].assign(number=number).groupby(series)["number"].agg(["min", "max", "nunique"])
    inside = nowhere.searchsorted(each["max"]) - nowhere.searchsorted(each["min"])
    short = each.index[each["max"] - each["min"] + 1 - inside > each["nunique"]]
    if len(short):
        every = [" ".join(filter(None, key)).replace("_", " ") for key in short]
        yield one.warning(
            "months without a row, where others have one, in "
            f"{len(short)} of {len(each)} series: {listed(every)}",
            "a row for every month from a series' first to its last",
            remedy,
            column,
        )


def _snapshots(held: Mapping[str, Held]) -> Iterator[Fault]:
    if "packages" not in held:
        return
    one = held["packages"]
    days = pd.Series(sorted(one.frame["snapshot_date"].unique()))
    number = days.dt.year * 12 + days.dt.month
    steps = number.diff().dropna()
    usual = float(steps.median()) if len(steps) >= 3 else 0.0
    for at in steps.index[steps > max(usual, 1)] if usual else ():
        yield one.warning(
            f"no ledger snapshot between {days[at - 1]:%Y-%m-%d} and {days[at]:%Y-%m-%d}",
            f"one every {'month' if usual <= 1 else f'{usual:.0f} months'}, as elsewhere",
            "Add the snapshots, or take the movement between these two as that of the whole time.",
            "snapshot_date",
        )


def _overlaps(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    if "packages" not in held:
        return
    one = held["packages"]
    last = one.frame["snapshot_date"].max()
    latest = one.frame[one.frame["snapshot_date"] == last]
    current = latest[~latest["prior_year"].fillna(False).astype("bool")]
    ordered = current.sort_values(["person_key", "care_type", "start_date"], kind="stable")
    ends = ordered["end_date"].fillna(pd.Timestamp("2261-01-01")).astype("int64")
    groups = [ordered["person_key"], ordered["care_type"]]
    so_far = ends.groupby(groups, sort=False).cummax().groupby(groups, sort=False).shift()
    over = so_far.notna() & (ordered["start_date"].astype("int64") <= so_far)
    if not over.any():
        return
    count = _hidden(int(over.sum()), who)
    yield one.warning(
        f"packages of the same person and care type that run at the same time: {count} in the latest "
        f"snapshot, {last:%Y-%m-%d}",
        "one package at a time for a person and care type",
        "See that none is counted twice: a package re-issued at a new price ends before the next begins.",
        "start_date",
        None if "fewer" in count else int(over[over].index.min()),
    )


def _jumps(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    expected = "a level that moves gradually, or a change that is explained"
    remedy = (
        "Ask whether the count, the unit, the extract or the service changed; comparisons across it mislead."
    )
    if "activity" in held:
        frame = held["activity"].frame
        totals = frame.groupby(["measure", "month"])["count"].sum(min_count=1).dropna()
        by_measure = totals.groupby(level="measure")
        found = [(_jump(series.droplevel("measure")), str(name)) for name, series in by_measure]
        jumps = sorted(((*jump, name) for jump, name in found if jump), key=lambda one: -one[3])
        for at, before, after, _, name in jumps[:_JUMPS]:
            kind = "on the last day of a month" if who.all_measures[name].kind == "stock" else "a month"
            said = (
                f"a sudden change of level in {name.replace('_', ' ')}: about {before:,.0f} {kind} "
                f"before {at:%Y-%m}, about {after:,.0f} from then on"
            )
            yield held["activity"].warning(said, expected, remedy, "count")
    if "packages" in held:
        frame = held["packages"].frame
        now = ~frame["prior_year"].fillna(False).astype("bool")
        weekly = frame["weekly_gross"][now].groupby(frame["snapshot_date"][now]).sum()
        for (day, before), (later, after) in pairwise(weekly.items()):
            if max(before, after) > _TIMES * min(before, after):
                said = (
                    f"a sudden change of level in gross cost a week of all packages: £{before:,.0f} at "
                    f"{day:%Y-%m-%d}, £{after:,.0f} at {later:%Y-%m-%d}"
                )
                yield held["packages"].warning(said, expected, remedy, "weekly_gross")


def _jump(series: pd.Series) -> tuple[pd.Timestamp, float, float, float] | None:
    """Find where the median doubles or halves, by the largest step: month, before, after, how many times."""
    values = series.to_numpy(dtype="float64")
    if len(values) < 2 * _AROUND:
        return None
    medians = np.median(sliding_window_view(values, _AROUND), axis=1)
    before, after = medians[:-_AROUND], medians[_AROUND:]
    low, high = np.minimum(before, after), np.maximum(before, after)
    size = high / np.maximum(low, 1.0)
    step = np.abs(np.diff(values))[_AROUND - 1 : -_AROUND + 1]
    jumps = (high >= _LEAST) & (size >= _TIMES)
    if not jumps.any():
        return None
    at = int(np.argmax(np.where(jumps, step, -1.0)))
    return series.index[at + _AROUND], float(before[at]), float(after[at]), float(size[at])
