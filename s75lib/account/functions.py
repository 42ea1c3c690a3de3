"""Functions and roles: what is delegated, what is kept, who leads, and what the documents don't say."""

from __future__ import annotations

__all__ = ["unsaid"]

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.claims.published_figures import published_figures, published_money
from s75lib.loaders import Authority
from s75lib.present import Column, Headline, Section, Table, TableOf, table_of, words

if TYPE_CHECKING:
    from s75lib.account.study import Study

_WORDS = {
    "board": "Board",
    "meets": "Meets",
    "board_tools": "The board's tools",
    "oversight": "Oversight",
    "lead_role": "Lead role",
    "staff": "Staff",
    "resources": "Resources",
    "purchasing_budget": "Purchasing budget",
    "amhp": "Approved mental health professionals",
    "scope": "Scope",
    "record_systems": "Record systems",
    "section_117": "Section 117 aftercare",
    "model": "Model",
    "review": "Review",
    "inspection": "Inspection",
}


_ASKED, _FEW = 10, 4


def unsaid(who: Authority, *, contributions: bool) -> list[str]:
    """List what an agreement should say and its documents, as held, do not.

    In words that follow "The documents don't say". Source: SI 2000/617, regulation 7(3): what an agreement
    must specify.

    Examples
    --------
    >>> from s75lib.loaders import read_authority
    >>> unsaid(read_authority("coventry", "data"), contributions=False)
    ['what each partner contributes', 'the period of notice']
    """
    held = who.agreement
    recharged = held.funding in ("aligned", "recharged")
    asked = (
        ("how the money is held", held.funding),
        ("what each partner contributes", contributions),
        ("who bears a difference", recharged or held.risk_share or who.sharing),
        ("when the agreement starts", held.start),
        ("when it ends", held.end),
        ("the period of notice", held.notice_months is not None),
        ("when it is reviewed", held.review_dates or who.governance.review),
        ("which functions are delegated", held.delegated_functions),
        ("which functions stay", held.retained_functions),
        ("who leads", who.governance.roles or who.governance.lead_role),
    )
    return [name for name, known in asked if not known]


def headlines(study: Study) -> Iterator[Headline]:
    """Say how much is delegated, and what the documents don't say."""
    who = study.data.authority
    held = who.agreement
    if study.data.budget.empty:
        yield from published_money(study, "account")
    if held.delegated_functions:
        stay = words.join([_lower(one) for one in held.retained_functions])
        kept = f"; {stay} stay with the council" if stay else ""
        count = len(held.delegated_functions)
        named = "function is" if count == 1 else "functions are"
        yield Headline(
            "account.delegated",
            f"{count} {named} named as delegated{kept}.",
            float(count),
            "functions",
            method="count",
            see=("functions",),
            cell=("functions", "", "where"),
        )
    # Of a budget whose payers no file gives, the account says that already.
    gone = unsaid(who, contributions=study.data.has("contributions") or bool(study.bases))
    if gone:
        told = gone if len(gone) <= _FEW else [*gone[: _FEW - 1], f"{len(gone) - _FEW + 1} things more"]
        yield Headline(
            "account.unsaid",
            f"The documents held don't say {words.join(told, 'or')}. An agreement should say {_ASKED} such "
            "things.",
            float(len(gone)),
            "points",
            method="what an agreement must specify, less what is held",
            see=("conditions",),
            cell=("conditions", "", "said"),
            stake="certainty",
            figure="Not said",
        )


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


_FUNCTIONS = table_of("functions", Column("function", "Function"), Column("where", "Where it lies"))
_ROLES = table_of(
    "roles",
    Column("role", "Role"),
    Column("of", "For"),
    Column("leads", "Leads on"),
    notes=("Roles, never names. “–” where the documents don't say what the role leads on.",),
)
_GOVERNANCE = table_of("governance", Column("what", "What"), Column("said", "As the documents say"))
_CONDITIONS = table_of("conditions", Column("what", "What"), Column("said", "As the documents say"))


def _listed(table: TableOf, rows: Sequence[tuple[str, ...]], title: str, note: str = "") -> Table | None:
    """Fill a table with rows of words; none where there are none."""
    frame = pd.DataFrame(list(rows), columns=[column.name for column in table.columns])
    return table.of(frame, title, notes=(note,)) if rows else None


def _tables(study: Study) -> list[Table | None]:
    who, place = study.data.authority, study.place
    held, run = who.agreement, who.governance
    rule = f"“{held.risk_share}” ({'also held as data' if who.sharing else 'not computed'})"
    conditions = [
        *((f"Partner ({one.kind})", one.name) for one in who.partners),
        ("Money", held.funding or "not said"),
        ("Legal basis", held.legal_basis),
        ("Who bears a difference", held.risk_share and rule),
        ("The rule stands in", who.sharing.reference if who.sharing else ""),
        *(("Option that the paper sets out", one) for one in held.options),
        *(("Not said", one) for one in unsaid(who, contributions=study.data.has("contributions"))),
    ]
    functions = [
        *((one, "delegated") for one in held.delegated_functions),
        *((one, "kept by the council") for one in held.retained_functions),
    ]
    roles = [(one.role, one.of or "–", "; ".join(one.leads) or "–") for one in run.roles]
    words_of = [(label, getattr(run, name)) for name, label in _WORDS.items()]
    quoted = [(label, one) for label, said in words_of for one in ([said] if isinstance(said, str) else said)]
    quoted += [(name.replace("_", " ").capitalize(), said) for name, said in run.notes.items()]
    source = f"Source: {run.reference}." if run.reference else ""
    return [
        _listed(_CONDITIONS, [row for row in conditions if row[1]], f"The agreement, {place}"),
        _listed(_FUNCTIONS, functions, f"Functions under the agreement, {place}"),
        _listed(_ROLES, roles, f"Roles, {place}"),
        _listed(
            _GOVERNANCE, [row for row in quoted if row[1]], f"How the partnership is run, {place}", source
        ),
    ]


def section(study: Study) -> Section:
    """Show the agreement's conditions, functions, roles and governance, and the published figures."""
    return Section.of(headlines(study), _tables(study), published_figures(study))
