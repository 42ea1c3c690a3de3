"""What authority.toml says of the partnership: partners, agreement, governance, and the rule of sharing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

CARRIED = "carried forward"
POOL = "risk pool"

_KINDS = (
    ("integrated care board", r"integrated care board|\bICB\b|clinical commissioning group|\bCCG\b"),
    ("trust", r"\bTrust\b"),
    ("council", r"\b(Council|Borough|Authority)\b"),
)
_WHEN = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?")


def _when(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    if not _WHEN.fullmatch(text):
        raise ValueError(f"found {text[:40]!r}; expected a day such as 2026-03-31 or a month such as 2026-03")
    return text


When = Annotated[str, BeforeValidator(_when)]
"""A day or a month, for documents often print the month alone."""


class Strict(BaseModel):
    """Settings in which an unknown key is a fault."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


class Partner(Strict):
    """A party to the agreement; what kind it is follows from its name where that is not said."""

    name: str = Field(min_length=1)
    kind: Literal["", "council", "trust", "integrated care board", "other"] = ""

    @model_validator(mode="after")
    def _kind_from_name(self) -> Self:
        named = (kind for kind, pattern in _KINDS if re.search(pattern, self.name, re.IGNORECASE))
        return self if self.kind else self.model_copy(update={"kind": next(named, "other")})


class Extension(Strict):
    """A term after the first: from when to when, whether it is agreed, and when who decides."""

    start: date
    end: date
    status: Literal["agreed", "proposed"] = "agreed"
    decided: When = ""
    decided_by: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("found an extension that ends before it starts; correct one of the days")
        return self


class Agreement(Strict):
    """The section 75 agreement: when it runs, how the money is held, which functions it delegates."""

    start: date | None = None
    end: date | None = None
    funding: Literal["pooled", "aligned", "recharged"] | None = None
    risk_share: str = ""
    signed: When = ""
    in_operation: When = ""
    notice_months: int | None = Field(default=None, ge=0, le=60)
    extensions: tuple[Extension, ...] = ()
    options: tuple[str, ...] = ()
    review_dates: tuple[When, ...] = ()
    board_dates: tuple[When, ...] = ()
    milestones: dict[When, str] = Field(default_factory=dict)
    delegated_functions: tuple[str, ...] = ()
    retained_functions: tuple[str, ...] = ()
    legal_basis: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError("found an agreement that ends before it starts; correct one of the days")
        return self


class Role(Strict):
    """Who leads on what, and for which partner."""

    role: str = Field(min_length=1)
    of: str = ""
    leads: tuple[str, ...] = ()


class Governance(Strict):
    """How the partnership is run, in words that reports show as they stand."""

    board: str = ""
    meets: str = ""
    board_tools: tuple[str, ...] = ()
    oversight: str = ""
    lead_role: str = ""
    roles: tuple[Role, ...] = ()
    staff: str = ""
    resources: str = ""
    purchasing_budget: str = ""
    amhp: str = ""
    scope: str = ""
    record_systems: str = ""
    section_117: str = ""
    model: str = ""
    review: str = ""
    inspection: tuple[str, ...] = ()
    notes: dict[str, str] = Field(default_factory=dict)
    reference: str = ""

    @model_validator(mode="before")
    @classmethod
    def _known(cls, held: Any) -> Any:
        unknown = sorted(set(held) - set(cls.model_fields)) if isinstance(held, Mapping) else []
        if unknown:
            raise ValueError(
                f"found {', '.join(unknown)}; expected some of {', '.join(cls.model_fields)}. Put what fits "
                "none of them under [governance.notes], with a name of your own"
            )
        return held


class Step(Strict):
    """A step of the rule: what it does with what is left of the difference, up to an amount in £."""

    kind: Literal["shares", "contributions", "own_lines", "risk_pool", "carried_forward"]
    shares: dict[str, Decimal] = Field(default_factory=dict)
    up_to: Decimal | None = Field(default=None, gt=0, decimal_places=2)
    of: Literal["both", "over", "under"] = "both"

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.kind == "shares") != bool(self.shares):
            raise ValueError("found shares without kind = 'shares', or the other way round; give both")
        if self.shares and sum(self.shares.values()) != 100:
            raise ValueError(
                f"found shares that add to {sum(self.shares.values())}; expected 100. Correct the shares"
            )
        if self.shares and min(self.shares.values()) < 0:
            raise ValueError("found a share below 0; expected 0 to 100. Correct the shares")
        if self.kind == "risk_pool" and self.up_to is None:
            raise ValueError("found a risk pool without up_to; expected what it holds, in £")
        if self.kind == "own_lines" and (self.up_to is not None or self.of != "both"):
            raise ValueError("found up_to or of with own_lines, which takes whole lines; leave it out")
        return self


class Cap(Strict):
    """The most that a partner bears of an overspend, in £, and who bears what is above it."""

    partner: str
    at_most: Decimal = Field(ge=0, decimal_places=2)
    then: str


class Sharing(Strict):
    """The rule by which over- and underspends of pooled money are shared."""

    steps: tuple[Step, ...]
    caps: tuple[Cap, ...] = ()
    lines: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    brought_forward: dict[str, Decimal] = Field(default_factory=dict)
    reference: str = ""

    @field_validator("brought_forward")
    @classmethod
    def _by_year(cls, held: dict[str, Decimal]) -> dict[str, Decimal]:
        if wrong := [year for year in held if not re.fullmatch(r"\d{4}/\d{2}", year)]:
            raise ValueError(f"found {wrong[0]!r}; expected a financial year such as '2025/26'")
        return held

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.steps:  # told here, for it would be told again where a step is at fault
            raise ValueError("found no step; expected at least one [[sharing.steps]]. Add it")
        last, left = self.steps[-1], {"over", "under"}
        for number, step in enumerate(self.steps, 1):
            takes = {"over", "under"} if step.of == "both" else {step.of}
            if not takes & left:
                raise ValueError(
                    f"found nothing left for step {number}; expected up_to in a step before it. "
                    "Add that, or take the step out"
                )
            left -= takes if step.up_to is None and step.kind != "own_lines" else set()
        if last.up_to is not None or last.of != "both" or last.kind in ("own_lines", "risk_pool"):
            raise ValueError(
                "found a last step that need not take all that is left; expected one of kind shares, "
                "contributions or carried_forward without up_to and of. Add it"
            )
        if any(step.kind == "own_lines" for step in self.steps) and not self.lines:
            raise ValueError("found own_lines without [sharing.lines]; say which lines are whose")
        named = [line for lines in self.lines.values() for line in lines]
        plain = [line.casefold() for line in named]
        if twice := sorted({line for line in named if plain.count(line.casefold()) > 1}):
            raise ValueError(f"found the line {twice[0]!r} as two partners' own; leave it to one of them")
        capped = [cap.partner for cap in self.caps]
        if len(set(capped)) < len(capped):
            raise ValueError("found two caps of one partner; keep one")
        for start in capped:
            seen, at = set[str](), start
            then = {cap.partner: cap.then for cap in self.caps}
            while at in then:
                if at in seen:
                    raise ValueError("found caps that lead back to each other; let one lead to somebody else")
                seen.add(at)
                at = then[at]
        return self

    def faults(self, partners: tuple[Partner, ...]) -> list[str]:
        """Say which partners the rule names and the agreement does not, and the other way round."""
        names = {partner.name for partner in partners}
        named = {name for step in self.steps for name in step.shares} | set(self.lines)
        named |= {cap.partner for cap in self.caps} | {cap.then for cap in self.caps} - {CARRIED}
        known = ", ".join(sorted(names)) or "(none named)"
        told = [
            f"found {name!r}, who is no partner; expected one of {known}. Write the name as under partners"
            for name in sorted(named - names)
        ]
        last = self.steps[-1].shares
        if last and not told and (without := sorted(names - set(last))):
            told.append(
                f"found no share of {', '.join(without)} in the last step; expected one for every "
                "partner. Give 0 to a partner who bears nothing"
            )
        return told
