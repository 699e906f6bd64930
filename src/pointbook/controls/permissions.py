"""Which role may do what: one table from action to roles.

Raises PermissionRefused.
"""

from __future__ import annotations

from typing import Final

from pointbook.controls.actors import Actor
from pointbook.engine.values.errors import PointbookError

EVERYBODY: Final = frozenset({"owner", "manager", "controller", "agent", "auditor"})
ACTIONS: Final[dict[str, frozenset[str]]] = {
    "console.read": EVERYBODY,
    "facts.ingest": frozenset({"owner", "manager", "agent", "integration"}),
    "members.enrol": frozenset({"owner", "manager", "agent", "integration", "member"}),
    "members.describe": frozenset({"owner", "manager", "agent", "integration", "member"}),
    "members.import": frozenset({"owner", "manager"}),
    "members.erase": frozenset({"owner", "manager"}),
    "stock.set": frozenset({"owner", "manager", "integration"}),
    "codes.import": frozenset({"owner", "manager", "integration"}),
    "codes.export": frozenset({"owner", "manager"}),
    "card.issue": frozenset({"owner", "manager", "agent", "integration"}),
    "redemption.fulfil": frozenset({"owner", "manager", "agent", "integration"}),
    "redemption.review": frozenset({"owner", "manager"}),
    "redemption.confirm": frozenset({"owner", "manager", "agent", "integration", "member"}),
    "slot.wait": frozenset({"owner", "manager", "agent", "integration", "member"}),
    "slot.offer": frozenset({"owner", "manager"}),
    "cause.pay_out": frozenset({"owner", "controller"}),
    "sweepstake.draw": frozenset({"owner", "manager"}),
    "entity.set": frozenset({"owner"}),
    "program.publish": frozenset({"owner", "manager", "integration"}),
    "estimate.set": frozenset({"owner", "controller"}),
    "period.close": frozenset({"owner", "controller"}),
    "period.reopen": frozenset({"owner", "controller"}),
    "books.propose": frozenset({"owner", "controller"}),
    "books.approve": frozenset({"owner", "controller"}),
    "journal.propose": frozenset({"owner", "controller"}),
    "journal.approve": frozenset({"owner", "controller"}),
    "settings.set": frozenset({"owner", "controller"}),
    "journal.export": frozenset({"owner", "controller", "auditor"}),
    "clock.move": frozenset({"owner"}),
    "key.create": frozenset({"owner"}),
    "key.revoke": frozenset({"owner"}),
}


class PermissionRefused(PointbookError):
    """The actor's role may not do this."""

    status = 403


def require(*, actor: Actor, action: str) -> None:
    """Let the actor pass, or raise.

    :raises PermissionRefused: naming the roles that may.
    """
    roles = ACTIONS[action]
    if actor.role not in roles:
        raise PermissionRefused(
            f"{actor.name} ({actor.role}) may not do {action}",
            field="actor",
            value=actor.name,
            mend=f"Ask one of: {', '.join(sorted(roles))}.",
        )
