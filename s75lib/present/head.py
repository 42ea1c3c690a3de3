"""The head of a report and its foot: whose data, known to when, from which files, what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from s75lib.errors import causes
from s75lib.loaders import AuthorityData
from s75lib.loaders.authority import Document
from s75lib.loaders.data import LEFT_OUT, InputFile, datasets_read
from s75lib.loaders.load import UNCLAIMED
from s75lib.loaders.schemas import DATASETS
from s75lib.present import html, words
from s75lib.present.focus import Focus
from s75lib.present.headline import Check
from s75lib.present.parts import Column, Missing, Need, Shown, Table, as_printed, plain, records


@dataclass(frozen=True, repr=False)
class ReportHead(Shown):
    """Authority, partners and period, with a banner where the data are synthetic."""

    data: AuthorityData
    focus: Focus | None = None

    def payload(self) -> dict[str, Any]:
        """Give what the manifest needs to know of the data."""
        who = self.data.authority
        return {
            "kind": "report",
            "authority": who.slug,
            "name": who.name,
            "partners": list(who.partner_names),
            "synthetic": who.synthetic,
            "period": self.data.period.label,
            "period_slug": self.data.period.slug,
            "focus": ", ".join(self._cut),
            "known_to": plain(self._known_to),
            "published": list(who.published.datasets),
            "threshold": who.disclosure_threshold,
            "rounded": who.disclosure == "round",
            "internal": self.data.internal or who.disclosure_threshold < 2,
            "people": who.people.model_dump(mode="json"),
            "approved": self._is_approved(),
            "use_until": plain(who.use_until),
            "out_of_date": self._is_out_of_date(),
            "agreement": who.agreement.model_dump(mode="json"),
            "inputs": [self._input(i) for i in self.data.inputs],
            "warnings": len(self.data.warnings),
            "decisions": [
                {"date": plain(d.date), "decision": d.decision, "who": d.who} for d in who.decisions
            ],
            "documents": [_cited(document) for document in who.documents],
            "assumptions": records(self.data.assumptions) if _looked_at("assumptions") else [],
        }

    @cached_property
    def _known_to(self) -> date | None:
        return self.data.known_to

    @property
    def _cut(self) -> list[str]:
        """What the report is cut to and compared with, where it is not the full one."""
        other = self.data.compared
        compared = [f"compared with {words.when(other.label)}"] if other else []
        return [*([self.focus.named] if self.focus else []), *compared]

    def _is_out_of_date(self) -> bool:
        """Whether the data go on after the date until which the report may be used."""
        until = self.data.authority.use_until
        return until is not None and until < (self._known_to or self.data.period.end)

    def _is_approved(self) -> bool:
        """Whether somebody approved the analysis, and no data have come since."""
        on = self.data.authority.people.approved_on
        return on is not None and on >= (self._known_to or on)

    def _input(self, i: InputFile) -> dict[str, Any]:
        """Give a file with its rows, and their money where it tells of no few people."""
        known = {"dataset": i.dataset, "path": i.path, "sha256": self.data.digest_shown(i), "rows": i.rows}
        known["rows_used"] = i.rows_used
        if i.money is None or i.money_used is None:
            return known
        few = self.data.fewest_shown(i.dataset) if DATASETS[i.dataset].about_people else 1
        if any(0 < rows < few for rows in (i.rows_used, i.rows - i.rows_used)):
            return known
        left_out = as_printed(round(i.money - i.money_used, 2), 0)
        used = as_printed(i.money_used, 0)
        return known | {"money_is": i.money_is, "money_used": used, "money_left_out": left_out}

    def html(self) -> str:
        """Give the head as a definition list."""
        banner = (
            html.element(
                "p",
                html.text("SYNTHETIC DATA, made to show the toolkit: no real authority, person or payment."),
                cls="s75-banner",
            )
            if self.data.authority.synthetic
            else ""
        )
        rows = [
            html.element("dt", html.text(term)) + html.element("dd", html.text(said))
            for term, said in self._lines()
        ]
        return html.element("div", banner, html.element("dl", *rows), cls="s75-head")

    def text(self) -> str:
        """Give the head a line each."""
        return "\n".join(f"{term}: {said}" for term, said in self._lines())

    def _lines(self) -> list[tuple[str, str]]:
        who = self.data.authority
        known = self._known_to
        lines = [
            ("Authority", who.name),
            ("Partners", words.join(who.partner_names) or "not given"),
            ("Period", ", ".join((self.data.period.label, *self._cut))),
            ("Data to", words.day(known) if known else "no dated figures"),
            ("Status", "Approved" if self._is_approved() else "DRAFT, not approved"),
        ]
        if who.agreement.funding:
            lines.append(("Money", f"{who.agreement.funding} under the section 75 agreement"))
        if who.published.datasets:
            lines.append(("Published", "these figures are in the public domain and shown as printed"))
        if who.use_until:
            lines.append(("Use until", words.day(who.use_until)))
        return lines


def _looked_at(dataset: str) -> bool:
    """Whether the analysis has used a dataset: what is only listed must not make a report depend on it."""
    return dataset in (datasets_read() or ())


def _cited(document: Document) -> str:
    when = words.day(document.date) if document.date else ""
    origin = ", ".join(filter(None, (document.publisher, when)))
    parts = (f"{document.id}: {document.title}.", f"{origin}." if origin else "", document.note)
    return " ".join(filter(None, parts))


_NO_DIGEST = (
    "Files that count people have no digest here, against which hidden counts could be tried out. Whoever "
    "holds the files sees it with `uv run s75 check --json`."
)


@dataclass(frozen=True, repr=False)
class Sources(Shown):
    """The files that a report was made from."""

    data: AuthorityData

    def table(self) -> Table:
        """Give the files with rows and fingerprint."""
        rows = [
            {
                "path": i.path,
                "row_is": i.row_is,
                "rows": i.rows,
                "rows_used": i.rows_used,
                "sha256": self.data.digest_shown(i)[:16] or "not told",
            }
            for i in self.data.inputs
        ]
        columns = (
            Column("path", "File"),
            Column("row_is", "One row per"),
            Column("rows", "Rows", "number"),
            Column("rows_used", "Known by the end of the period", "number"),
            Column("sha256", "SHA-256 (first 16 digits)"),
        )
        frame = pd.DataFrame(rows, columns=[c.name for c in columns])
        notes = (_NO_DIGEST,) if frame["sha256"].eq("not told").any() else ()
        return Table("sources", "Files that this report was made from", frame, columns, notes=notes)

    def payload(self) -> dict[str, Any]:
        """Give the table of files."""
        return self.table().payload()

    def html(self) -> str:
        """Give the files, the documents behind them, and who checked."""
        who = self.data.authority
        documents = [html.element("li", html.text(_cited(d))) for d in who.documents]
        cited = html.element("p", "The figures were taken from these documents:") + html.element(
            "ul", *documents
        )
        roles = ("analyst", "assurer", "approver")
        people = [f"{role}: {getattr(who.people, role) or 'not yet named'}" for role in roles]
        if not any(getattr(who.people, role) for role in roles):
            people = ["analyst, assurer and approver are not yet named"]
        return (
            self.table().html()
            + self._quality()
            + (cited if documents else "")
            + html.element(
                "p",
                html.text(words.capital(words.join(people)) + "."),
                cls="s75-note",
            )
        )

    def _quality(self) -> str:
        """Give what was left out of the data or is doubtful in them."""
        rows = [
            [
                fault.file,
                cause.rows_named,
                fault.column,
                fault.found,
                fault.expected,
                fault.remedy,
                "–" if fault.found == UNCLAIMED else said,
            ]
            for faults, said in (
                ([fault for some in self.data.faulty.values() for fault in some], "left out"),
                (self.data.left_out, "used without the row"),
                (self.data.warnings, "used"),
            )
            for cause in causes(faults)
            for fault in (cause.fault,)
        ]
        if not rows:
            return html.element("p", "No fault and nothing doubtful was found in the files.", cls="s75-note")
        head = ["File", "Row", "Column", "Found", "Expected", "What to do", "The dataset is"]
        return html.table("Quality of the data", head, rows, [False, True, *[False] * 5])

    def text(self) -> str:
        """Give the files as text."""
        return self.table().text()


def left_out(data: AuthorityData) -> list[Missing]:
    """Say of each dataset at fault that what needs it is missing."""
    return [
        Missing(f"{_said(data, name)} What needs it is missing from this page.", _needs(name))
        for name in data.faulty
    ]


def soundness(data: AuthorityData) -> list[Check]:
    """Fail a check for each dataset at fault that this notebook has looked at."""
    looked_at = datasets_read() or []
    return [Check(f"{LEFT_OUT}{name}", False, _said(data, name)) for name in data.faulty if name in looked_at]


def _said(data: AuthorityData, name: str) -> str:
    faults = data.count_faults(name)
    return f"{name} has {faults} and is not used; “uv run s75 check {data.authority.slug}” lists them."


def _needs(name: str) -> tuple[Need, ...]:
    dataset = DATASETS.get(name)
    return (Need(name, dataset.required, dataset.gives),) if dataset else ()
