"""The times of an experience with who comes, and a sweepstake's draw, for a reward's page.

Nothing here raises.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Final

from django.urls import reverse

from pointbook.engine.rules.catalogue import Reward
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.console.desk import Desk
from pointbook.interfaces.console.pages import rewards as pages
from pointbook.members.queries import rows as member_rows
from pointbook.redemption.operations import drawing
from pointbook.redemption.queries.bookings import turns
from pointbook.redemption.queries.redemptions import Row, redemptions
from pointbook.redemption.queries.shelves import Standing

# Bookings of all times of a reward that are shown; nobody greets more people at a door.
GUESTS: Final = 500


def slots_of(desk: Desk, own: Reward, shelves: Standing) -> tuple[pages.Slot, ...]:
    """The times of a reward, the next first, then those that are over."""
    if not own.gives.slots:
        return ()
    booked = [
        row
        for row in redemptions(desk.program.id, reward=own.code, limit=GUESTS)
        if row.state == "captured" or row.fulfilment == "no_show"
    ]
    found = [_slot(desk, own, one.code, shelves, booked) for one in own.gives.slots]
    return tuple(sorted(found, key=lambda one: (one.begun, one.at)))


def _slot(
    desk: Desk, own: Reward, code: str, shelves: Standing, booked: Sequence[Row]
) -> pages.Slot:
    terms = next(one for one in own.gives.slots if one.code == code)
    shelf = next((row for row in shelves.rows if row.slot == code), None)
    here = [row for row in booked if row.slot == code]
    waits = turns(desk.program.id, reward=own.code, slot=code)
    people = {
        one.id: one.shown_as
        for one in member_rows([*(row.member for row in here), *(one.member for one in waits)])
    }
    return pages.Slot(
        code=code,
        at=terms.starts_at,
        until=terms.ends_at,
        place=terms.place,
        left=terms.capacity if shelf is None else shelf.left,
        supply=terms.capacity if shelf is None else shelf.supply,
        begun=desk.at >= terms.starts_at,
        guests=tuple(
            pages.Guest(
                source=row.key[0],
                key=row.key[1],
                member=people.get(row.member, ""),
                member_href=reverse("console:member", args=[row.member]),
                came={"attended": True, "no_show": False}.get(row.fulfilment),
            )
            for row in here
        ),
        waiting=tuple(
            people.get(one.member, "") + (", a place is offered" if one.until else "")
            for one in waits
        ),
    )


def draw_of(desk: Desk, own: Reward) -> pages.Draw | None:
    """A sweepstake's draw as it stands, checked again once it was drawn."""
    if own.gives.kind != "sweepstake":
        return None
    on, may = own.gives.draws_on, desk.may("sweepstake.draw")
    due = on is None or desk.today >= on
    try:
        found = drawing.drawn(desk.program.id, own.code)
    except PointbookError:  # no entry yet, so nothing was promised
        return pages.Draw(on, "", None, "", 0, "", (), (), due=False, may=may)
    done = found.drawn_at is not None
    entries = found.entries if done else len(drawing.entries(desk.program.id, own.code))
    return pages.Draw(
        on=on,
        commitment=found.commitment,
        drawn_on=None if found.drawn_at is None else desk.day(found.drawn_at),
        seed=found.seed,
        entries=entries,
        digest=found.digest,
        winners=tuple(_winners(found)),
        wrong=drawing.verify_draw(desk.program.id, own.code) if done else (),
        due=due and not done and bool(entries),
        may=may,
    )


def _winners(found: drawing.Drawn) -> Iterator[pages.Winner]:
    ids = {one.member: uuid.UUID(one.member) for one in found.winners}
    people = {one.id: one.shown_as for one in member_rows(list(ids.values()))}
    for one in found.winners:
        own = ids[one.member]
        href = reverse("console:member", args=[own])
        yield pages.Winner(one.place, one.prize, people.get(own, one.member), href)
