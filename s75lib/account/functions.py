"""Functions and roles: what is delegated, what is kept, who leads, and what the documents don't say."""

from __future__ import annotations

__all__ = ["headlines", "section", "unsaid"]

from typing import TYPE_CHECKING

import pandas as pd

from s75lib.claims.published_figures import published_figures, published_money
from s75lib.loaders import Authority
from s75lib.present import Column, Headline, Section, Table, TableOf, words
from s75lib.present import section as section_of

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

    Parameters
    ----------
    who : Authority
        With agreement, governance and rule.
    contributions : bool
        Whether any contribution is held.

    Returns
    -------
    list of str
        In words that follow "The documents don't say".

    References
    ----------
    SI 2000/617, regulation 7(3): what an agreement must specify.

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


def headlines(study: Study) -> list[Headline]:
    """Say how much is delegated, and what the documents don't say."""
    who = study.data.authority
    held = who.agreement
    said = []
    if study.data.budget.empty:
        said += published_money(study, "account")
    if held.delegated_functions:
        kept = ""
        if held.retained_functions:
            kept = f"; {words.join([_lower(one) for one in held.retained_functions])} stay with the council"
        count = len(held.delegated_functions)
        named = "function is" if count == 1 else "functions are"
        said.append(
            Headline(
                "account.delegated",
                f"{count} {named} named as delegated{kept}.",
                float(count),
                "functions",
                method="count",
                see=("functions",),
            )
        )
    gone = unsaid(who, contributions=study.data.has("contributions"))
    if gone:
        said.append(
            Headline(
                "account.unsaid",
                f"Of {_ASKED} things that an agreement should say, the documents held don't say "
                f"{words.join(gone, 'or') if len(gone) < _FEW else len(gone)}.",
                float(len(gone)),
                "points",
                method="what an agreement must specify, less what is held",
                see=("conditions",),
                stake="certainty",
            )
        )
    return said


def _lower(text: str) -> str:
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


_FUNCTIONS = TableOf("functions", (Column("function", "Function"), Column("where", "Where it lies")))
_ROLES = TableOf(
    "roles", (Column("role", "Role"), Column("of", "For"), Column("leads", "Leads on")),
    ("Roles, never names. “–” where the documents don't say what the role leads on.",),
)  # fmt: skip
_GOVERNANCE = TableOf("governance", (Column("what", "What"), Column("said", "As the documents say")))
_CONDITIONS = TableOf("conditions", (Column("what", "What"), Column("said", "As the documents say")))


def _functions_table(study: Study) -> Table | None:
    """Set out the functions delegated and those kept."""
    held = study.data.authority.agreement
    rows = [(one, "delegated") for one in held.delegated_functions]
    rows += [(one, "kept by the council") for one in held.retained_functions]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["function", "where"])
    return _FUNCTIONS.of(frame, f"Functions under the agreement, {study.place}")


def _roles_table(study: Study) -> Table | None:
    """Set out who leads on what."""
    roles = study.data.authority.governance.roles
    if not roles:
        return None
    rows = [(one.role, one.of or "–", "; ".join(one.leads) or "–") for one in roles]
    return _ROLES.of(pd.DataFrame(rows, columns=["role", "of", "leads"]), f"Roles, {study.place}")


def _governance_table(study: Study) -> Table | None:
    """Quote what is known of how the partnership is run."""
    held = study.data.authority.governance
    pairs = [(label, getattr(held, name)) for name, label in _WORDS.items()]
    rows = [
        (label, one) for label, said in pairs for one in ([said] if isinstance(said, str) else said) if one
    ]
    rows += [(name.replace("_", " ").capitalize(), said) for name, said in held.notes.items()]
    if not rows:
        return None
    note = f"Source: {held.reference}." if held.reference else ""
    frame = pd.DataFrame(rows, columns=["what", "said"])
    return _GOVERNANCE.of(frame, f"How the partnership is run, {study.place}", notes=(note,))


def _conditions_table(study: Study) -> Table | None:
    """Set out partners, money, legal basis, rule and options."""
    who = study.data.authority
    held = who.agreement
    rows = [(f"Partner ({one.kind})", one.name) for one in who.partners]
    rows.append(("Money", held.funding or "not said"))
    if held.legal_basis:
        rows.append(("Legal basis", held.legal_basis))
    if held.risk_share:
        computed = "also held as data" if who.sharing else "not computed"
        rows.append(("Who bears a difference", f"“{held.risk_share}” ({computed})"))
    if who.sharing and who.sharing.reference:
        rows.append(("The rule stands in", who.sharing.reference))
    rows += [("Option that the paper sets out", one) for one in held.options]
    rows += [("Not said", one) for one in unsaid(who, contributions=study.data.has("contributions"))]
    return _CONDITIONS.of(pd.DataFrame(rows, columns=["what", "said"]), f"The agreement, {study.place}")


def section(study: Study) -> Section:
    """Show the agreement's conditions, functions, roles and governance, and the published figures."""
    return section_of(
        headlines(study),
        _conditions_table(study),
        _functions_table(study),
        _roles_table(study),
        _governance_table(study),
        published_figures(study),
    )
