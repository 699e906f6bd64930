"""What may change from one version of a program to the next, and who must agree.

Members were promised units, tiers and points; the books rest on a policy. Raises VersionRefused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from pointbook.controls.actors import Actor
from pointbook.engine.rules.blueprint import Blueprint, Tiers, Unit
from pointbook.engine.values.errors import ConflictError

# Who may agree to another accounting policy.
APPROVERS: Final = ("controller", "owner")


class VersionRefused(ConflictError):
    """The new version contradicts what the program promised before."""


def refuse_change(
    blueprint: Blueprint, *, versions: Sequence[Blueprint], held: AbstractSet[str]
) -> None:
    """Refuse a version that takes back what one of the `versions` (oldest first) promised.

    `held` are the units of which members still have or owe points.

    :raises VersionRefused: naming what may not change.
    """
    before = versions[-1]
    for name in ("currency", "time_zone"):
        kept = getattr(before, name)
        if kept != getattr(blueprint, name):
            raise VersionRefused(
                f"{name} cannot change from {kept}",
                field=f"program.{name}",
                value=getattr(blueprint, name),
                mend=f"Keep {kept}, or start another program.",
            )
    known: dict[str, Unit] = {}
    for version in versions:
        known |= version.units
    for code, unit in known.items():
        _keep_unit(unit, blueprint.units.get(code), held=code in held)
    ladders = {ladder.code: ladder for ladder in blueprint.ladders}
    for ladder in before.ladders:
        _keep_tiers(ladder, ladders)


def _keep_unit(unit: Unit, later: Unit | None, *, held: bool) -> None:
    if later is None and held:
        raise VersionRefused(
            f"unit {unit.code} cannot go while members have points of it",
            field=f"units.{unit.code}",
            value=None,
            mend=f"Keep {unit.code}; rules that give none of it let it run out.",
        )
    if later is not None and later.decimals != unit.decimals:
        raise VersionRefused(
            f"unit {unit.code} cannot change its {unit.decimals} decimals",
            field=f"units.{unit.code}",
            value=later.decimals,
            mend=f"Keep {unit.code} with {unit.decimals} decimals.",
        )


def _keep_tiers(before: Tiers, ladders: Mapping[str, Tiers]) -> None:
    """Every tier of a ladder is still there, or it is said where its members go."""
    ladder = ladders.get(before.code)
    known = {rung.code for rung in ladder.ladder} if ladder is not None else set()
    asked = [ladder] if ladder is not None else list(ladders.values())
    known |= {old for one in asked for old in one.moved}
    for rung in before.ladder:
        if rung.code in known:
            continue
        goes = f"tier {rung.code} goes, and nothing says where its members go"
        mend = f"Keep the ladder {before.code}, or name {rung.code} in another's moved."
        if ladder is None:
            goes = f"ladder {before.code} goes, and with it {goes}"
        else:
            mend = f"Add moved: {{{rung.code}: {ladder.ladder[0].code}}} to its ladder."
        raise VersionRefused(goes, field="tiers.moved", value=rung.code, mend=mend)


def approver_of(
    blueprint: Blueprint, before: Blueprint | None, *, publisher: Actor, approver: Actor | None
) -> str:
    """Who agreed to what the version changes in its books; '' when it changes nothing there.

    :raises VersionRefused: when nobody did who may.
    """
    if before is None or before.books == blueprint.books:
        return ""
    problem = ""
    if approver is None:
        problem = "a change of the books needs a controller's approval"
    elif approver.kind != "user" or approver.role not in APPROVERS:
        problem = f"{approver.name} ({approver.role}) may not approve a change of the books"
    elif publisher.kind == "user" and publisher.name == approver.name:
        problem = "who publishes a change of the books cannot approve it"
    if problem or approver is None:
        raise VersionRefused(
            problem,
            field="books",
            value=None if approver is None else approver.name,
            mend="Let another person approve it who is controller or owner: --approved-by USER.",
        )
    return approver.name
