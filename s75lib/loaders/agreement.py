"""What must agree: columns that say the same thing, totals with their rows, the ledger with the monitor."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.errors import Fault, listed
from s75lib.loaders.authority import Authority
from s75lib.loaders.indicators import REGISTRY
from s75lib.loaders.rules import sums_of_reasons
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import Held

_PER = {"percent": 100.0, "per_100k": 100_000.0, "per_month": 1.0}
_PENNIES = 0.015
_NAMED = 5
_EQUALITIES = 3  # sums that must come out before a row is taken for a total that does not say so
_EXACT = 0.005
_GAP = 50  # times between the largest of some amounts and the smallest of the others
_LARGE = 50  # a sum that chance seldom makes of three figures
_MOST_ROWS = 400  # of one date and measure that are looked at for totals
_MONEY = ("budget", "staffing", "contributions", "savings")
_DATED = {"contributions": "financial_year", "savings": "month"}
_ROUNDED = {"budget": 1.0, "staffing": 1.0, "workforce": 0.1}
_LEFT_OUT = "They are left out of every sum. If one is no total, name it for what it is."
_KEPT = "They are kept, and added in; if they are totals, delete them or call them so."
_WEEKS = 365 / 7
_FACTORS = {
    1e6: "one is in £m",
    1000.0: "one is in £000s",
    365.0: "one is for a day, the other for a year",
    52.0: "one is for a week, the other for a year",
    12.0: "one is for a month, the other for a year",
    4.0: "one is for a week, the other for a month or four weeks; or for a quarter and a year",
}
_NEAR = math.log(1.3)
_FAR = 1.5  # times; further apart than care that began or ended since would take them
DAYS_APART = 45
"""Days by which a monitor and a ledger may lie apart and be compared."""
_TOTAL = re.compile(
    r"(?!.*\b(ltd|limited|plc|cic)\b)(grand|sub|net|gross|overall)?[\s-]*totals?\b.*|.*\b(sub-?)?totals?\W*(\([^)]*\))?|overall|sum"
    r"|whole (service|trust|council|borough|area)|(of which|incl(uding|\.)?)\b.*"
    r"|all( (teams?|services?|(service |staff )?groups?|staff|lines?|roles?|organisations?|partners?|areas?"
    r"|ages|localities|care types|respondents|answers|criteria))?",
    re.IGNORECASE | re.DOTALL,
)
_MAY_BE_TOTAL = re.compile(
    r"(net|gross|overall|sum|all|combined|summary|bottom|position|expenditure|spend|income)\b.*|.*\b(position|sum)"
    r"|(trust|service|borough|council|county|area)[ -]?wide|england",
    re.IGNORECASE | re.DOTALL,
)
"""Names of rows that are totals where their numbers bear it out."""
# What names a row, and what is added up.
_ADDED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "budget": (("service_group", "line"), ("budget", "commitment", "forecast")),
    "staffing": (
        ("organisation", "group"),
        ("budget", "adjusted_budget", "adjusted_budget_to_date", "actual_to_date", "forecast"),
    ),
    "activity": (("service_group", "team"), ("count",)),
    "workforce": (("team", "role"), ("wte_establishment", "wte_in_post")),
    "package_transfers": (("service_group", "team"), ("social_work", "healthcare_professional")),
    "packages": (("person_key", "package_key"), ()),
    "contributions": (("partner", "line"), ("agreed", "paid_to_date")),
    "savings": (("service_group", "saving"), ("planned", "delivered")),
    "population": (("age_band", "age_band"), ("people",)),
    "survey": (("question", "answer"), ()),
    "audits": (("criterion", "criterion"), ()),
    "kpi": (("group", "group"), ()),
}
_WHOLE = {"activity": "team", "workforce": "employer"}
"""Columns that are blank in a row of all, where other rows fill them."""
# What parts the rows of one name besides.
_PARTS = {"activity": ("reason", "attributed_to"), "workforce": ("employer",)}


_NAMES = (
    "service_group",
    "team",
    "provider",
    "organisation",
    "group",
    "role",
    "line",
    "indicator",
    "employer",
    "reason",
    "partner",
    "saving_id",
    "saving",
    "age_band",
    "criterion",
    "question",
    "answer",
)
"""Columns of names, of which one spelling is used."""


# Columns that say the same thing


def contradicted(rows: pd.DataFrame, figure: str, part: str, whole: str) -> NDArray[np.bool_]:
    """Tell which percentages, counts or rates are not what their counts give, within rounding.

    >>> rows = pd.DataFrame({"value": [71.0, 52.0], "numerator": [42, 104], "denominator": 200})
    >>> contradicted(rows, "value", "numerator", "denominator").tolist()
    [True, False]
    """
    printed, count, base = (rows[name].to_numpy(dtype=float) for name in (figure, part, whole))
    per = rows["unit"].map(_PER).to_numpy(dtype=float) if "unit" in rows else np.full(len(rows), 100.0)
    given = per * count / np.where(base > 0, base, np.nan)
    if "unit" in rows:
        given = np.where(rows["unit"] == "count", count, given)
    stated = rows["decimals"].to_numpy(dtype=float) if "decimals" in rows else np.zeros(len(rows))
    places = np.where(np.isnan(stated), 0, stated)
    for more in range(6):
        places = np.where(
            np.abs(np.round(printed, more) - printed) > 1e-9, np.maximum(places, more + 1), places
        )
    wrong: NDArray[np.bool_] = np.abs(printed - given) > 0.5 * 10.0**-places + 1e-9
    return wrong


def _disagreements(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    for name, figure, part, whole in (
        ("kpi", "value", "numerator", "denominator"),
        ("survey", "percent", "count", "base"),
    ):
        if name in held:
            yield from _against_counts(held[name], name, (figure, part, whole), who)
    if "kpi" in held:
        told = "months on target that the months held do not give"
        yield from _unequal(held["kpi"], _months_differ(held["kpi"].frame), "months_on_target", told)
        yield from _shares(held["kpi"])
    for name in ("uplifts", "known_changes", "savings"):
        if name in held:
            yield from _shares_for_percentages(held[name], name)
    if "packages" in held:
        frame = held["packages"].frame
        # Units may be rounded to a tenth and prices to a penny, as systems print them.
        slack = 0.05 * frame["unit_price"] + 0.005 * frame["units_per_week"] + _PENNIES
        gross = (frame["weekly_gross"] - frame["units_per_week"] * frame["unit_price"]).abs() > slack
        told = "amounts that are not units_per_week × unit_price"
        yield from _unequal(held["packages"], gross, "weekly_gross", told)
        paid = frame["health_weekly"].fillna(0) + frame["client_weekly"].fillna(0)
        over = paid > frame["weekly_gross"] + _PENNIES
        told = "packages for which health and clients pay more than they cost"
        yield from _unequal(held["packages"], over, "health_weekly", told)
    if "staffing" in held:
        frame = held["staffing"].frame
        over = frame["adjusted_budget_to_date"] > 1.01 * frame["adjusted_budget"] + 1
        told = "budgets to date above those of the whole year"
        yield from _unequal(held["staffing"], over, "adjusted_budget_to_date", told)
    if "workforce" in held:
        frame = held["workforce"].frame
        over = frame["wte_in_post"] > 2 * frame["wte_establishment"].clip(lower=1)
        yield from _unequal(held["workforce"], over, "wte_in_post", "more than twice as many staff as posts")
    if "risks" in held and "risks" not in who.published.datasets:  # a printed score stands; the page says so
        frame = held["risks"].frame
        off = (frame["score"] - frame["consequence"] * frame["likelihood"]).abs() > 0
        yield from _unequal(held["risks"], off, "score", "scores that are not consequence × likelihood")
    if "survey" in held:
        frame = held["survey"].frame
        figures = frame["percent"].where(frame["count"].isna())
        if figures.count() > 1 and 0 < figures.max() <= 1:
            yield from _share(held["survey"], "percent", figures > 0)


def _against_counts(one: Held, name: str, columns: tuple[str, str, str], who: Authority) -> Iterator[Fault]:
    figure, part, whole = columns
    frame = one.frame
    wrong = contradicted(frame, *columns)
    if name == "survey":
        wrong &= ~frame["weighted"].fillna(False).to_numpy(dtype=bool)
    percent = frame["unit"].eq("percent").to_numpy() if "unit" in frame else True
    share = wrong & percent & _is_a_share(frame, columns)
    expected = f"{figure} to be what {part} ÷ {whole} gives, as rounded"
    for about, advice, mask in (
        ("a share, not a percentage? ", f"If so, multiply {figure} by 100", share),
        ("", "Correct what is wrong", wrong & ~share),
    ):
        if mask.any():
            first = frame.iloc[mask.argmax()]
            count, base = float(first[part]), float(first[whole])
            shown = name in who.published.datasets or count == 0
            shown = shown or min(count, abs(base - count)) >= who.disclosure_threshold
            of = "" if np.isnan(base) else f" of {base:g}"
            example = f" ({first[figure]:g} beside {count:g}{of})" if shown else ""
            found = (
                f"{about}figures that contradict {part} and {whole} in rows {listed(one.rows[mask])}{example}"
            )
            remedy = f"{advice}; until then these figures are not compared."
            yield one.warning(found, expected, remedy, figure, mask)


def _is_a_share(frame: pd.DataFrame, columns: tuple[str, str, str]) -> NDArray[np.bool_]:
    """Tell which percentages are the share that their counts give, from 0 to 1."""
    figure, part, whole = columns
    share = frame[part] / frame[whole].where(frame[whole] > 0)
    return ((frame[figure] - share).abs() <= 0.0051).to_numpy(dtype=bool) & (frame[figure] > 0).to_numpy(bool)


def _months_differ(frame: pd.DataFrame) -> pd.Series:
    """Tell which years count months on target otherwise than their months do, of whichever side is good."""
    yearly = frame["period"].str.contains("/")
    months = frame[~yearly]
    first = months["period"].str[:4].astype(int) - (months["period"].str[5:7].astype(int) < 4)
    year = first.astype("str") + "/" + ((first + 1) % 100).astype("str").str.zfill(2)
    goals = frame[yearly].set_index(["indicator", "group", "period"])["target"]
    keys = pd.MultiIndex.from_arrays([months["indicator"], months["group"], year])
    goal = months["target"].fillna(goals.reindex(keys).set_axis(months.index))
    known = months["value"].notna() & goal.notna()
    counts = pd.DataFrame(
        {
            "held": known,
            "above": known & (months["value"] >= goal),
            "below": known & (months["value"] <= goal),
        }
    )
    sums = (
        counts.groupby(keys).sum().reindex(pd.MultiIndex.from_frame(frame[["indicator", "group", "period"]]))
    )
    held, above, below = (sums[name].to_numpy(dtype=float) for name in counts)
    stated, reported = frame["months_on_target"], frame["months_reported"]
    whole = held == reported.fillna(12)
    differs: pd.Series = yearly & whole & stated.notna() & (stated != above) & (stated != below)
    return differs


def _shares(one: Held) -> Iterator[Fault]:
    """Warn of percentages without counts, and of targets, that lie between 0 and 1, all or beside others."""
    frame = one.frame[one.frame["unit"] == "percent"]
    for column in ("value", "target"):
        figures = frame[column].where(frame["numerator"].isna() | (column == "target"))
        by = figures.groupby(frame["indicator"])
        fine = (figures % 0.1).between(1e-6, 0.1 - 1e-6).groupby(frame["indicator"]).any()
        likely = (by.max() <= 1) & (by.max() > 0) & (by.count() > 1) & fine
        if column == "target":
            likely = (by.max() <= 1) & (by.max() > 0) & (frame.groupby("indicator")["value"].median() > 1)
        small = (figures > 0) & (figures <= 1)
        others = figures.mask(small).groupby(frame["indicator"]).agg(["min", "max"])
        others = others.reindex(frame["indicator"]).set_axis(frame.index)
        mixed = small & (100 * figures).between(0.8 * others["min"], 1.2 * others["max"])
        found = mixed | (frame["indicator"].isin(likely.index[likely]) & figures.notna())
        yield from _share(one, column, found.reindex(one.frame.index, fill_value=False))


def _share(one: Held, column: str, mask: pd.Series) -> Iterator[Fault]:
    """Warn of figures that look like shares of 1 where percentages are expected."""
    found, remedy = f"a share, not a percentage? {column}", f"If they are shares, multiply {column} by 100."
    yield from _marked(one, mask, found, "percentages, such as 3.5 for 3.5%", remedy, column)


def _shares_for_percentages(one: Held, name: str) -> Iterator[Fault]:
    """Warn of percentages so small that they are likely shares: below 1%, or rises of a tenth of one."""
    for column in DATASETS[name].columns:
        if column.kind == "percent" or column.unit == "%":
            figures = one.frame[column.name].abs()
            mask = (figures > 0) & ((figures < 1) if column.minimum == 0 else (figures <= 0.1))
            yield from _share(one, column.name, mask)
            if mask.any():
                return


def _unequal(one: Held, wrong: pd.Series, column: str, told: str) -> Iterator[Fault]:
    expected = "columns that say the same thing to agree, within rounding"
    remedy = "Find out which of them is right, and correct the other."
    yield from _marked(one, wrong, f"{told},", expected, remedy, column)


# Totals among the rows


def one_spelling(one: Held, dataset: str) -> tuple[Held, tuple[Fault, ...]]:
    """Write each name in its commonest spelling where others differ in case, spaces or marks alone; tell it.

    Of spellings that are as common the first in the alphabet is used, and of an indicator that the toolkit
    knows by that name, its own; a framework's code is no name, for it can change its measure. Where two rows
    would become one and the same by it, the column is told of and left as it is.
    """
    frame, faults = one.frame, []
    for name in [each for each in _NAMES if each in frame]:
        counts = frame[name].value_counts()
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for text in sorted(counts.index, key=lambda text: (-counts[text], text)):
            alike[_spelling(str(text))].append(str(text))
        known = _indicators() if name == "indicator" else {}
        by_name: defaultdict[str, list[str]] = defaultdict(list)
        for key, texts in alike.items():
            by_name[known.get(key, texts[0])] += texts
        several = {
            first: rest
            for first, texts in by_name.items()
            if (rest := [text for text in texts if text != first])
        }
        if not several:
            continue
        used = {text: first for first, rest in several.items() for text in rest}
        merged = frame.assign(**{name: frame[name].replace(used)})
        doubled = bool(merged.duplicated(list(DATASETS[dataset].key)).any())
        frame = frame if doubled else merged
        first, rest = next(iter(several.items()))
        more = f", and {len(several) - 1} more names" if len(several) > 1 else ""
        found = f"one name in several spellings: {', '.join(map(repr, (first, *rest[:_NAMED])))}{more}"
        remedy = "They are taken for one, in the commonest spelling; correct the others."
        if doubled:
            remedy = "They are taken for several: to join them would make rows double."
        faults.append(one.warning(found, "one spelling of a name", remedy, name))
    return (replace(one, frame=frame), tuple(faults)) if faults else (one, ())


@cache
def _indicators() -> dict[str, str]:
    """Give the toolkit's indicators by the spelling of each of their names."""
    return {
        _spelling(name): slug for slug, entry in REGISTRY.items() for name in (entry.short, entry.name, slug)
    }


def _spelling(text: str) -> str:
    """Write a name without case, spaces, dashes, apostrophes and marks at its end, and "&" as "and".

    >>> _spelling("St. John’s & Elm") == _spelling("st johns and elm")
    True
    """
    plain = re.sub(r"[.,'’‘`]|[:;*]+$", "", re.sub(r" ?/ ?", "/", text.replace("&", " and ")))
    return re.sub(r"[\s_‐-―-]+", " ", plain).strip().casefold()


def without_totals(one: Held, dataset: str) -> tuple[Held, tuple[Fault, ...]]:
    """Leave out the rows that are totals of others, and tell it.

    A row is a total if its label says so ("Total AMH", "Sub-total", "All", "All teams"; not "All ages day
    care") and there are other rows, of the same date, group and measure, that it can be the total of: a
    total that stands alone is all that is known, and stays. Without such a label it is one if all its
    numbers are the sums of two or more siblings, at every date, in three different numbers or more.
    """
    if dataset not in _ADDED or one.frame.empty:
        return one, ()
    labelled = _labelled(one.frame, dataset)
    if dataset == "activity":
        labelled |= sums_of_reasons(one.frame).notna().to_numpy()
    if dataset == "kpi" and labelled.any():
        whole = one.frame.assign(group=one.frame["group"].mask(labelled, ""))
        if not whole.duplicated(list(DATASETS[dataset].key)).any():
            found = f"a group that says total, in rows {listed(one.rows[labelled])}"
            remedy = "It is taken for all groups; nothing need be done."
            told = one.warning(found, "a blank for all groups", remedy, "group")
            return replace(one, frame=whole), (told,)
    summed, perhaps = np.zeros(len(one.frame), dtype=bool), np.zeros(len(one.frame), dtype=bool)
    summed[~labelled], perhaps[~labelled] = _summed(one.frame[~labelled], dataset)
    faults: list[Fault] = []
    names = list(dict.fromkeys(_ADDED[dataset][0]))
    for mask, why, remedy in (
        (labelled, "totals among the rows, whose labels say so", _LEFT_OUT),
        (summed, "totals among the rows, whose numbers are the sums of the others", _LEFT_OUT),
        (perhaps, "rows that may be totals, for their numbers are the sums of others", _KEPT),
    ):
        if mask.any():
            texts = one.frame.loc[mask, names].agg(" ".join, axis=1).str.strip().drop_duplicates()
            shown = "" if dataset == "packages" else f": {listed(texts)}"
            faults += _marked(one, mask, f"{why}{shown},", "no row that adds up others", remedy, names[-1])
    kept = ~(labelled | summed)
    if kept.all():
        return one, tuple(faults)
    return replace(one, frame=one.frame[kept].reset_index(drop=True), rows=one.rows[kept]), tuple(faults)


def _within(dataset: str) -> list[str]:
    return [_DATED.get(dataset, DATASETS[dataset].dated_by), *(["measure"] if dataset == "activity" else [])]


def _labelled(frame: pd.DataFrame, dataset: str) -> NDArray[np.bool_]:
    names, by = _ADDED[dataset][0], [*_within(dataset), *(["kind"] if dataset == "budget" else [])]
    says = {}
    for name in names:
        texts = frame[name].drop_duplicates().astype("str")
        texts = texts[texts.str.contains("total|all|sum|whole|which|incl", case=False)]
        totals = {text for text in texts if _TOTAL.fullmatch(text.strip())}
        says[name] = frame[name].isin(totals).to_numpy(dtype=bool)
    any_total = says[names[0]] | says[names[1]]
    found = _labelled_parts(frame, dataset, by)
    if not any_total.any():
        return found
    first, second = says[names[0]], says[names[1]]

    def beside(*more: str) -> NDArray[np.bool_]:
        keys = pd.MultiIndex.from_frame(frame[[*by, *more]])
        return keys.isin(keys[~any_total])

    wide = (first & second) | (second & (frame[names[0]] == "").to_numpy()) | (dataset == "packages")
    return found | (any_total & np.where(wide, beside(), np.where(first, beside(names[1]), beside(names[0]))))


def _labelled_parts(frame: pd.DataFrame, dataset: str, by: list[str]) -> NDArray[np.bool_]:
    """Tell which rows are the total of those that another column parts, such as by employer."""
    found = np.zeros(len(frame), dtype=bool)
    for part in _PARTS.get(dataset, ()):
        total = frame[part].str.fullmatch(_TOTAL).astype("bool")
        named = (~total & (frame[part] != "")).groupby([frame[name] for name in (*by, *_ADDED[dataset][0])])
        found |= (total & named.transform("any")).to_numpy(dtype=bool)
    return found


def _summed(frame: pd.DataFrame, dataset: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find the rows whose numbers are sums of others: those that surely are totals, and those that may be.

    Which rows a total adds up is sought at the last date, and must hold by their labels at every other.
    """
    names, columns = _ADDED[dataset]
    sure, perhaps = np.zeros(len(frame), dtype=bool), np.zeros(len(frame), dtype=bool)
    if frame.empty or not columns:
        return sure, perhaps
    date, *more = _within(dataset)
    kind = ["kind"] if dataset == "budget" else []
    named = frame[names[1]].where(frame[names[1]] != "", frame[names[0]])
    hints = named.isin([name for name in named.unique() if _MAY_BE_TOTAL.fullmatch(name)]).to_numpy()
    whole = (frame[_WHOLE[dataset]] == "").to_numpy() if dataset in _WHOLE else np.zeros_like(hints)
    unit = _ROUNDED.get(dataset, 0.0)
    if kind:
        unit = np.maximum(frame["rounded_to"].fillna(0).to_numpy(), unit)
    slack = np.where(hints, unit, 0.0)
    days = pd.factorize(frame[date], sort=True)[0]
    told_apart = [*names, *more, *kind, *_PARTS.get(dataset, ())]
    labels = pd.factorize(pd.MultiIndex.from_frame(frame[told_apart].astype("str")))[0]
    groups = pd.factorize(frame[names[0]])[0]
    values = frame[list(columns)].to_numpy(dtype=float)
    last = np.flatnonzero(days == days.max())
    at = pd.DataFrame({"day": days, "label": labels}).reset_index().set_index(["day", "label"])["index"]
    if at.index.has_duplicates:
        return sure, perhaps
    for alike in [[*more, *kind], *([more] if kind else [])]:  # a net position adds up lines of every kind
        blocks = pd.factorize(pd.MultiIndex.from_frame(frame[alike].astype("str")))[0] if alike else 0 * days
        for block in np.unique(blocks[last]):
            rows = last[(blocks[last] == block) & ~sure[last]]
            for row, members in _sums(rows, groups, values, slack) if len(rows) <= _MOST_ROWS else ():
                own, parts = np.flatnonzero(labels == labels[row]), labels[members].tolist()
                told = []
                for place, day in zip(own, days[own], strict=True):
                    added = [values[at[day, part]] for part in parts if (day, part) in at]
                    told.append(_equal(values[place], added, slack[row]))
                if not all(part is not None for part in told):
                    continue
                figures = {figure for part in told if part for figure in part}
                large = len(members) > 2 and max(figures, default=0) >= _LARGE
                enough = 1 if hints[row] or whole[row] else 2 if large and dataset in _MONEY else _EQUALITIES
                if len(figures) >= enough:
                    sure[own] = True
                elif len(figures) > 1 or large:
                    perhaps[own] = True
    return sure, perhaps & ~sure


def _sums(
    rows: NDArray[np.int_], groups: NDArray[np.int_], values: NDArray[np.float64], slack: NDArray[np.float64]
) -> Iterator[tuple[int, list[int]]]:
    """Give the rows of a block that are the sum of rows beside them, or of all others, with those."""
    totals: set[int] = set()
    for at, row in enumerate(rows.tolist()):
        before = [r for r in rows[:at].tolist() if r not in totals]
        others = [r for r in rows.tolist() if r not in totals and r != row]
        own = [r for r in others if groups[r] == groups[row]]
        some = [before, others, own]
        for run in (before[::-1], rows[at + 1 :].tolist()):
            sums = np.cumsum(np.nan_to_num(values[run]), axis=0)
            off = np.abs(sums - np.nan_to_num(values[row])).max(axis=1, initial=0)
            near = np.flatnonzero(off < _EXACT + slack[row])
            some += [run[: end + 1] for end in near[:1].tolist()]
        for members in some:
            if len(members) > 1 and _equal(values[row], values[members], slack[row]):
                totals.add(row)
                yield row, members
                break


def _equal(
    total: NDArray[np.float64], parts: Iterable[NDArray[np.float64]], slack: float
) -> set[float] | None:
    """Give the amounts of a row that two or more others make; None where one is not their sum.

    `slack` is how far rounding may take each of them.
    """
    filled = np.nan_to_num(np.array([*parts]))
    if len(filled) < 2:
        return None
    known = ~np.isnan(total)
    if (np.abs(filled.sum(axis=0) - total)[known] >= _EXACT + slack * (len(filled) + 1) / 2).any():
        return None
    several = known & ((filled != 0).sum(axis=0) > 1)
    return {abs(float(amount)) for amount in total[several] if amount}


# Pounds in thousands


def in_pounds(one: Held, dataset: str, who: Authority) -> Held:
    """Turn money that authority.toml declares to be in £000 into pounds."""
    source = who.sources.get(dataset)
    if source is None or source.unit != "£000":
        return one
    money = [column.name for column in DATASETS[dataset].columns if column.kind == "money"]
    return replace(one, frame=one.frame.assign(**{name: one.frame[name] * 1000 for name in money}))


def _thousands(one: Held, name: str) -> Iterator[Fault]:
    """Warn of money of which one column, one period or some rows are about a thousand times the others."""
    frame, columns = one.frame, list(_ADDED[name][1] if name in _MONEY else ("weekly_gross",))
    amounts = frame[columns].abs()
    amounts = amounts.where(amounts > 0)
    if amounts.isna().all(axis=None):
        return
    within = _near_thousand(amounts.max(axis=1) / amounts.min(axis=1)) & (name in _MONEY)
    expected, remedy = "one unit in the whole file", "See which amounts are in £ and which in £000s."
    if name != "staffing" or within.mean() > 0.5:
        found = "amounts about a thousand times another of the same line,"
        yield from _marked(one, within, found, expected, remedy, columns[0])
    date = _DATED.get(name, DATASETS[name].dated_by)
    largest = amounts.max(axis=1).where(~within)
    if name in ("budget", "staffing", "contributions"):
        keys = [key for key in DATASETS[name].key if key not in (date, "as_at")]
        lines = frame.assign(total=largest).pivot_table(
            index=keys, columns=date, values="total", aggfunc="sum", min_count=1
        )
        steps = lines.div(lines.shift(axis=1)).median()
        jumps = steps.index[_near_thousand(steps.where(steps >= 1, 1 / steps)).to_numpy(dtype=bool)]
        if len(jumps):
            at = jumps[0] if isinstance(jumps[0], str) else f"{jumps[0]:%Y-%m-%d}"
            found = f"amounts about a thousand times, or a thousandth of, those before, at {at}"
            yield one.warning(found, expected, remedy, columns[0])
            return
    if name == "budget":
        largest = largest.where(frame["kind"] != "adjustment")
    periods = frame[date] if date and name != "savings" else pd.Series(0, index=frame.index)
    small = largest.groupby(periods, dropna=False).transform(_thousandths).astype("bool")
    found = "amounts that are small beside all others, and like them if they were in £000s,"
    yield from _marked(one, small, found, expected, remedy, columns[0])


def _thousandths(amounts: pd.Series) -> pd.Series:
    """Tell which amounts lie far below all others, and are among them when taken a thousand times.

    >>> _thousandths(pd.Series([1_200_000.0, 850.0, 96_000.0])).tolist()
    [False, True, False]
    """
    known = np.sort(amounts.dropna().to_numpy())
    none = pd.Series(False, index=amounts.index)
    if len(known) < 2:
        return none
    at = int(np.argmax(known[1:] / known[:-1])) + 1
    low, high = known[:at], known[at:]
    alike = high[0] <= 10_000 * low[-1] and 100 * low[0] <= high[-1]
    return amounts <= low[-1] if alike and high[0] >= _GAP * low[-1] else none


def _near_thousand(ratios: pd.Series) -> pd.Series:
    return ratios.between(500, 2000)


def _paid_for(held: Mapping[str, Held]) -> Iterator[Fault]:
    """Warn of contributions that are a thousandth of the budget of their year, or a thousand times it."""
    if not {"budget", "contributions"} <= set(held):
        return
    agreed, monitor = held["contributions"].frame, held["budget"].frame
    latest = monitor[monitor["as_at"] == monitor.groupby("financial_year")["as_at"].transform("max")]
    spent = latest[latest["kind"] == "expenditure"].groupby("financial_year")["budget"].sum()
    ratio = agreed.groupby("financial_year")["agreed"].sum() / spent
    years = ratio.index[_near_thousand(ratio.where(ratio >= 1, 1 / ratio)).to_numpy(dtype=bool)]
    for year in years[:1]:
        yield held["contributions"].warning(
            f"contributions for {year} that are about a thousand times the budget, or a thousandth of it",
            "contributions and budget in one unit",
            'See which is in £000s, and write unit = "£000" for it under [sources] in authority.toml.',
            "agreed",
            agreed["financial_year"] == year,
        )


def _reconciled(held: Mapping[str, Held], who: Authority) -> Iterator[Fault]:
    if not {"budget", "packages"} <= set(held):
        return
    monitor, ledger = held["budget"].frame, held["packages"].frame
    days = [
        (abs((as_at - day).days), as_at, day)
        for as_at in monitor["as_at"].unique()
        for day in ledger["snapshot_date"].unique()
    ]
    apart, as_at, day = min(days, key=lambda one: (one[0], -one[1].timestamp()))
    if apart > DAYS_APART:
        return
    lines = monitor[(monitor["as_at"] == as_at) & (monitor["kind"] == "expenditure")]
    running = (ledger["snapshot_date"] == day) & (ledger["start_date"] <= day)
    running &= ledger["end_date"].isna() | (ledger["end_date"] >= day)
    packages = ledger[running & ~ledger["prior_year"].fillna(False).astype("bool")]
    named = (set(lines["service_group"]) & set(packages["service_group"])) - {""}
    if named:
        lines = lines[lines["service_group"].isin(named)]
    else:  # one of them, or neither, is by group
        lines, packages = lines.assign(service_group=""), packages.assign(service_group="")
    for keys in (["service_group"], ["service_group", "care_type"]):
        told = list(_factors(lines.assign(care_type=lines["line"]), packages, keys, who))
        if told:
            yield held["budget"].warning(
                f"a commitment that does not fit the ledger at {day:%Y-%m-%d}: {'; '.join(told[:_NAMED])}",
                f"about the cost for a year of the packages that run, at {as_at:%Y-%m-%d} as in the ledger",
                'If the monitor is in £000s, write unit = "£000" for budget under [sources] in '
                "authority.toml."
                if any("£000s" in one for one in told)
                else "See whether both are of the same packages, and for a year.",
                "commitment",
            )
            return


def likely_factor(amount: float, other: float) -> str:
    """Say which mistake of unit lies between two amounts, if one does.

    >>> likely_factor(83.4, 83_400.0), likely_factor(1.0, 2.0)
    ('a factor near 1,000 (one is in £000s?)', '')
    """
    if amount <= 0 or other <= 0:
        return ""
    apart = abs(math.log(amount / other))
    found = [f for f in _FACTORS if abs(apart - math.log(f)) < _NEAR]
    return f"a factor near {found[0]:,.0f} ({_FACTORS[found[0]]}?)" if found else ""


def _factors(lines: pd.DataFrame, packages: pd.DataFrame, keys: list[str], who: Authority) -> Iterator[str]:
    known = next((n for n in ("commitment", "forecast", "budget") if lines[n].notna().any()), "commitment")
    budgeted = lines.groupby(keys)[known].sum()
    grouped = packages.groupby(keys)
    yearly, people = grouped["weekly_gross"].sum() * _WEEKS, grouped["person_key"].nunique()
    for key in budgeted.index.intersection(yearly.index):
        commitment, cost = float(budgeted[key]), float(yearly[key])
        if commitment <= 0 or cost <= 0:
            continue
        why = likely_factor(commitment, cost)
        if why or not 1 / _FAR < commitment / cost < _FAR:
            name = " ".join(filter(None, key if isinstance(key, tuple) else (key,))) or "all groups"
            hidden = int(people[key]) < who.disclosure_threshold and "packages" not in who.published.datasets
            amount = "" if hidden else f", £{float(f'{cost:.2g}'):,.0f} a year in the ledger"
            yield f"{name}: £{commitment:,.0f}{amount}, {why or 'for which no unit accounts'}"


def agreement_warnings(held: Mapping[str, Held], who: Authority) -> tuple[Fault, ...]:
    """Warn of columns that contradict each other and of a monitor that its ledger contradicts.

    >>> agreement_warnings({}, Authority(slug="a", folder=".", name="A"))
    ()
    """
    money = [name for name in (*_MONEY, "packages", "known_changes") if name in held]
    units = [told for name in money for told in _thousands(held[name], name)]
    return (*_disagreements(held, who), *units, *_paid_for(held), *_reconciled(held, who))


def _marked(
    one: Held, wrong: pd.Series | NDArray[np.bool_], found: str, expected: str, remedy: str, column: str
) -> Iterator[Fault]:
    mask = pd.Series(wrong).fillna(False).to_numpy(dtype=bool)
    yield from one.warned(mask, f"{found} in rows {listed(one.rows[mask])}", expected, remedy, column)
