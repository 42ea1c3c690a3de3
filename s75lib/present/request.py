"""What an authority without data is asked for: the datasets, an example row of each, words to send."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from s75lib.loaders.examples import example
from s75lib.loaders.schemas import DATASETS
from s75lib.present import html, words

if TYPE_CHECKING:
    from s75lib.present.parts import Need

_CALLED = {
    "budget": "Budget monitor",
    "staffing": "Staffing budget",
    "packages": "Package ledger",
    "package_transfers": "People whose packages social workers and health staff manage",
    "kpi": "Performance indicators",
    "activity": "Monthly activity",
    "workforce": "Posts and people in post",
    "survey": "Survey results",
    "audits": "Case-file audits",
    "risks": "Risk register",
}
_ASKED = {
    "the council's finance business partner for adult social care": ("budget", "staffing", "packages"),
    "the performance team of the council or the trust": ("kpi", "activity", "survey", "audits"),
    "the head of mental health social work": ("workforce", "package_transfers"),
    "the governance lead of the partnership": ("risks",),
}


def data_request(reason: str, needs: tuple[Need, ...]) -> str:
    """Write the page of an authority without data: what is missing, an example row, whom to ask, a mail."""
    columns: dict[str, list[str]] = {}
    for need in needs:
        columns.setdefault(need.dataset, []).extend(need.columns)
    said = {name: f"{_CALLED.get(name, name)}{_listed(every)}." for name, every in columns.items()}
    asked = {who: [_CALLED[name] for name in names if name in columns] for who, names in _ASKED.items()}
    whom = [f"{words.join(named)}: ask {who}." for who, named in asked.items() if named]
    text = "\n".join(
        [
            "We are preparing a report for the section 75 partnership board on mental health social work. "
            "It needs these figures, which we do not hold. Extracts as they are, in Excel or CSV, will do. "
            "Please send no names: where a row is about a person, a code will do.",
            "",
            *(f"- {one}" for one in said.values()),
            "",
            "Please say by when we could have them.",
        ]
    )
    mail = f"mailto:?subject={quote('Data for the section 75 report')}&body={quote(text)}"
    return html.element(
        "div",
        html.element("p", html.text(reason)),
        html.element("h3", "What is missing"),
        html.element("ul", *(html.element("li", html.text(one)) for one in said.values())),
        html.element("h3", "Whom to ask"),
        html.element("ul", *(html.element("li", html.text(one)) for one in whom)),
        html.element("h3", "Words to send"),
        html.element(
            "blockquote", *(html.element("p", html.text(line)) for line in text.split("\n") if line)
        ),
        html.element("p", html.element("a", "Write this as an email", href=mail)),
        html.element(
            "details",
            html.element("summary", "What a row of each extract looks like"),
            *(_row(name) for name in columns if name in DATASETS),
            cls="s75-data",
        ),
        cls="s75-request",
    )


def _listed(columns: list[str]) -> str:
    named = [_IN_WORDS.get(name, name.replace("_", " ")) for name in dict.fromkeys(columns)]
    more = [f"{len(named) - _MOST} more"] if len(named) > _MOST + 1 else []
    listed = words.join([*named[: _MOST if more else None], *more])
    return f", with {listed}" if named else ""


_MOST = 7
_IN_WORDS = {
    "as_at": "date",
    "person_key": "person (a code)",
    "package_key": "package (a code)",
    "weekly_gross": "weekly cost",
    "wte_establishment": "posts funded",
    "wte_in_post": "posts filled",
    "social_work": "people with social workers",
    "healthcare_professional": "people with health staff",
}


def _row(name: str) -> str:
    """Show a filled row of a dataset, its columns in words."""
    dataset = DATASETS[name]
    columns = [column for column in dataset.columns if column.required] or list(dataset.columns)
    head = [column.name.replace("_", " ").capitalize() for column in columns]
    return html.table(
        _CALLED.get(name, name), head, [[example(dataset, c) for c in columns]], [False] * len(head)
    )
