"""What a member chooses of a reward: how many, when, which, for whom; and the claim they make.

Nothing here raises; the engine judges the claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from babel import Locale

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import SINGLE, Reward
from pointbook.engine.rules.prose import wording
from pointbook.engine.rules.prose.rewards import cause as told_cause
from pointbook.engine.rules.rewards.situations import Claim
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import days
from pointbook.interfaces.portal.visits import Visit
from pointbook.redemption.queries import bookings
from pointbook.redemption.queries.shelves import Standing

# More choices than so many are a list that opens.
AS_RADIOS: Final = 8
LONGEST: Final = 200
ONE_AT_A_TIME: Final = SINGLE | {"experience", "access", "charity"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several: `off` where it cannot be chosen, and `note` says why or what else."""

    value: str
    label: str
    note: str = ""
    off: bool = False
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to choose: `name` in the form, `fact` in the fact that it becomes.

    `error` stands under it.
    """

    name: str
    fact: str
    label: str
    kind: Literal["radios", "list", "text", "number"]
    choices: tuple[Choice, ...] = ()
    value: str = ""
    note: str = ""
    error: str = ""


def fields(
    reward: Reward, *, visit: Visit, shelves: Standing, said: Mapping[str, str]
) -> tuple[Field, ...]:
    """What is to be chosen, in the order of the form, with what was said before."""
    found = [
        *_slot(reward, visit, shelves),
        *_options(reward),
        *_cause(reward, visit.version.blueprint),
        *_country(reward),
        *_quantity(reward, shelves),
    ]
    return tuple(_filled(one, said) for one in found)


def claim_of(reward: Reward, said: Mapping[str, str]) -> Claim:
    """The claim that a form makes; what it says wrongly is for the engine to refuse."""
    many = said.get("quantity", "1").strip() or "1"
    options = {
        name: said.get(f"option-{place}", "").strip()[:LONGEST]
        for place, name in enumerate(reward.gives.options)
    }
    return Claim(
        reward.code,
        quantity=int(many) if many.isdecimal() and len(many) < AS_RADIOS else 0,
        slot=said.get("slot", ""),
        options=options,
        cause=said.get("cause", ""),
        country=said.get("country", ""),
    )


def refused(
    asked: Sequence[Field], error: PointbookError, reward: Reward
) -> tuple[tuple[Field, ...], str]:
    """The fields with the error under the one that it is about, else the error of the whole."""
    told = wording.opened(str(error.message).removeprefix(f"{reward.name}: ").removesuffix("."))
    mend = error.mend or ""
    of_fact = str(error.field or "")
    if not any(one.fact == of_fact for one in asked):
        return tuple(asked), f"{told}. {mend}".strip()
    return tuple(
        replace(one, error=_beside(one, told)) if one.fact == of_fact else one for one in asked
    ), ""


def _beside(field: Field, told: str) -> str:
    if field.choices:
        return f"{told}. Choose one of these."
    if field.kind == "text":
        return f"{told}. Write it in your own words."
    return f"{told}. Choose fewer."


def _slot(reward: Reward, visit: Visit, shelves: Standing) -> Iterator[Field]:
    zone, at = shelves.zone, visit.at
    # Places that are offered to who waited are nobody else's.
    kept = bookings.kept(visit.program_id, at=at)
    choices = []
    for slot in sorted(reward.gives.slots, key=lambda one: one.starts_at):
        if slot.starts_at <= at:
            continue
        others = set(kept.get((reward.code, slot.code), ())) - {visit.known.id}
        left = max(0, (shelves.left(reward, slot.code) or 0) - len(others))
        places = f"{wording.counted(left, 'place', 'places')} left" if left else "full"
        note = wording.opened(", ".join(part for part in (slot.place, places) if part))
        label = days.span(slot.starts_at, slot.ends_at, zone=zone, today=at)
        choices.append(Choice(slot.code, label, note, off=not left))
    if choices:
        yield Field("slot", "attributes.slot", "When", "radios", tuple(choices))


def _options(reward: Reward) -> Iterator[Field]:
    for place, (name, choices) in enumerate(reward.gives.options.items()):
        label = wording.opened(wording.plain(name))
        yield _one_of(
            f"option-{place}",
            f"attributes.options.{name}",
            label,
            [Choice(one, wording.opened(one)) for one in choices],
        )


def _cause(reward: Reward, blueprint: Blueprint) -> Iterator[Field]:
    if reward.gives.kind != "charity":
        return
    own = reward.gives.causes or tuple(one.code for one in blueprint.causes)
    known = [one for one in blueprint.causes if one.code in own]
    if len(known) > 1:
        choices = [Choice(one.code, one.name, told_cause(one).partition(". ")[2]) for one in known]
        yield _one_of("cause", "attributes.cause", "For whom", choices)


def _country(reward: Reward) -> Iterator[Field]:
    names = Locale.parse(wording.LOCALE).territories
    choices = [Choice(code, names.get(code, code)) for code in reward.gives.countries]
    if choices:
        yield _one_of("country", "attributes.country", "Where you live", choices)


def _quantity(reward: Reward, shelves: Standing) -> Iterator[Field]:
    once = any(one.times == 1 for one in reward.limits)
    # A code stands for all of a redemption: several vouchers are redeemed one after another.
    coded = reward.voucher is not None or reward.pool
    if reward.gives.kind in ONE_AT_A_TIME or reward.confirm or once or coded:
        return
    left = shelves.left(reward)
    if left is not None and left <= 1:
        return
    note = "" if left is None else f"{wording.number(left)} left"
    yield Field("quantity", "attributes.quantity", "How many", "number", value="1", note=note)


def _one_of(name: str, fact: str, label: str, choices: Sequence[Choice]) -> Field:
    if not choices:
        return Field(name, fact, label, "text")
    kind: Literal["radios", "list"] = "radios" if len(choices) <= AS_RADIOS else "list"
    return Field(name, fact, label, kind, tuple(choices))


def _filled(field: Field, said: Mapping[str, str]) -> Field:
    """A field with what was said; a single choice that can be made is made."""
    value = said.get(field.name, field.value)
    can = [one for one in field.choices if not one.off]
    if field.choices and not value and len(can) == 1:
        value = can[0].value
    choices = tuple(
        replace(one, chosen=one.value == value and not one.off) for one in field.choices
    )
    return replace(field, value=value, choices=choices)
