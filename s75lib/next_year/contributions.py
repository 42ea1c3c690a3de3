"""Contributions: what next year's requirement asks of each partner, and who bears it if no more is agreed."""

from __future__ import annotations

__all__ = ["Asked", "asked"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from s75lib import account
from s75lib.account.next_year import NO_PARTS, contributions_needed
from s75lib.budget.naming import pounds
from s75lib.loaders import Period
from s75lib.present import Check, Column, Headline, Section, table_of, words
from s75lib.stats.sharing import Own, pence, share

if TYPE_CHECKING:
    from s75lib.next_year.study import Study


@dataclass(frozen=True, eq=False)
class Asked:
    """What next year's requirement asks of the partners, and `why` nothing is shared by the rule.

    `rows` have ``partner``, and in pence ``needed``, ``planned`` (agreed for next year already; missing where
    nothing is), ``gap`` (the one less the other) and ``borne`` (of the gaps together, by the agreement's
    rule; missing where that can't be worked out).
    """

    rows: pd.DataFrame
    why: str = ""


def asked(partnership: account.Study, requirement: float, labels: tuple[str, ...]) -> Asked:
    """Split next year's requirement between the partners, and share by the rule what is not agreed.

    Without rows where this year's contributions are not held. The requirement is split as this year's pooled
    cash and grants are. The rule shares what exceeds the sums agreed for next year, as it would an overspend;
    a step by own lines needs the lines of next year's account, so a rule that has one is not worked out.

    Examples
    --------
    >>> found = held.asked.rows
    >>> int(found["borne"].sum()) == int(found["gap"].sum())
    True
    """
    this, coming = (partnership.stated(Period.parse(label)) for label in labels[:2])
    rows = contributions_needed(this, coming, pence(round(requirement, 2)))
    rows = rows.assign(borne=pd.array([pd.NA] * len(rows), "Int64"))
    if rows.empty or rows["gap"].isna().any():
        return Asked(rows, f"Not all contributions to {labels[1]} are agreed yet, so nothing is shared.")
    rule = partnership.rule(pd.DataFrame({"row": [], "difference": []}))
    if rule is None or partnership.funding_words:
        return Asked(rows, partnership.funding_words)
    if any(isinstance(step, Own) for step in rule.steps):
        return Asked(rows, "The rule goes by lines, which next year's account does not have yet.")
    totals = share(int(rows["gap"].sum()), rule).totals
    others = {name: part for name, part in totals.items() if part and name not in set(rows["partner"])}
    rest = pd.DataFrame({"partner": list(others), "borne": list(others.values())})
    borne = rows["partner"].map(totals).fillna(0).astype("Int64")
    return Asked(pd.concat([rows.assign(borne=borne), rest.astype({"borne": "Int64"})], ignore_index=True))


def headlines(study: Study) -> Iterator[Headline]:
    """Say what each partner must bring, and what is not agreed of it."""
    if study.bridge is None or study.asked.rows.empty:
        return
    rows = study.asked.rows.dropna(subset="needed")
    needed = rows.set_index("partner")["needed"]
    parts = [f"{pounds(part / 100)} from {name}" for name, part in needed.items()]
    told, gap = f"Split as this year's cash is, {study.next_year} takes {words.join(parts)}.", None
    opening = study.proposed if (study.gap or 0.0) > 0 else None  # the gap that the page opens with
    if rows["gap"].notna().all():
        gap = float(rows["gap"].sum()) / 100
        clauses = [
            f"{study.next_year} needs {pounds(gap)} {_side(gap)} than the partners have agreed for it."
        ]
        if opening and study.gap:
            beyond = float(rows["planned"].sum()) / 100 - opening[0]
            clauses.append(
                f"The gap of {pounds(study.gap)} is counted from {opening[1]}; the partners have agreed "
                f"{pounds(beyond)} {_side(beyond)} than that."
            )
        told = " ".join([*clauses, told])
    yield Headline(
        "next_year.contributions",
        told,
        gap,
        "£",
        method="requirement × share of this year's cash contributions",
        see=("next_year_partners",),
        cell=("next_year_partners", "", "gap"),
        stake="context" if opening or (gap is not None and gap <= 0) else "money",
    )


def _side(amount: float) -> str:
    return "more" if amount >= 0 else "less"


def checks(study: Study) -> Iterator[Check]:
    """Check that the partners' parts add up to the requirement."""
    if study.bridge is None or study.asked.rows.empty:
        return
    off = int(study.asked.rows["needed"].sum()) - pence(round(study.bridge.requirement, 2))
    yield Check("next_year.partners", off == 0, "The partners' parts add up to the requirement.")


_TABLE = table_of(
    "next_year_partners",
    Column("partner", "Partner"),
    Column("needed", "Part of the requirement", "money", unit="£"),
    Column("planned", "Agreed for next year", "money", unit="£"),
    Column("gap", "Not agreed", "change", unit="£"),
    Column("borne", "Of that, borne by the rule", "change", unit="£"),
    notes=(
        "Parts are as this year's pooled cash and grants are split.",
        "The last column says who would bear what is not agreed, if it became an overspend.",
    ),
    totals=1,
)


def section(study: Study) -> Section:
    """Set out what each partner must bring."""
    if study.bridge is None:
        return Section.of(study.no_ledger)
    found = study.asked
    if found.rows.empty:
        return Section.of(NO_PARTS)
    money = ["needed", "planned", "gap", "borne"]
    frame = found.rows.assign(**{name: found.rows[name].astype("Float64") / 100 for name in money})
    frame["partner"] = frame["partner"].str[:1].str.upper() + frame["partner"].str[1:]
    whole = {"partner": "All partners"} | {
        name: frame[name].sum() if frame[name].notna().any() else pd.NA for name in money
    }
    frame = pd.concat([frame, pd.DataFrame([whole])], ignore_index=True)
    title = f"What {study.next_year} asks of each partner, £"
    return Section.of(headlines(study), _TABLE.of(frame, title, notes=(found.why,)))
