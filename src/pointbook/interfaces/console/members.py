"""The members' pages: the list, one member, older lines, and why a line is as it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse

from pointbook.analytics.listing import ListedMember, listing
from pointbook.earning.queries import (
    Balance,
    Entry,
    Progress,
    balance,
    balances,
    history,
    main_unit,
    progress,
)
from pointbook.earning.telling import called
from pointbook.interfaces.console import formats, redeemed, standing
from pointbook.interfaces.console.desk import Desk, page, unit_of
from pointbook.interfaces.console.explaining import (
    explanation_of,
    reason_of,
    title_of,
    waits_for,
)
from pointbook.interfaces.console.pages import members as pages
from pointbook.interfaces.console.pages.frame import UnitTab
from pointbook.ledger.cursors import place
from pointbook.members.queries import MemberNotFound, MemberRow
from pointbook.members.queries import member as find_member
from pointbook.members.queries import rows as member_rows
from pointbook.redemption.queries.redemptions import of_member as redemptions_of
from pointbook.tiers.queries import standings

SHOWN, ORDERS, MOVES = 20, 5, 4
LAST_PAGE = 1_000_000
KINDS_OF_ONE = 8
KINDS = {"member": "number", "card": "card", "email": "", "phone": "", "referral": "invites with"}


@page("members", "console/members.html")
def members(desk: Desk) -> pages.Members:
    """The list, searched by `q`."""
    text = desk.request.GET.get("q", "").strip()
    number = _number(desk.request.GET.get("page", ""))
    size = 50
    found = listing(
        desk.program.code, text=text, at=desk.at, limit=size, offset=size * (number - 1)
    )
    return pages.Members(
        program=desk.program.name,
        code=desk.program.code,
        unit=desk.unit,
        query=text,
        rows=tuple(_listed(desk, one) for one in found.rows),
        total=found.total,
        everybody=found.everybody,
        number=number,
        size=size,
    )


def _number(asked: str) -> int:
    """The page of the list that an address names; the first when it names none."""
    return min(max(1, int(asked)), LAST_PAGE) if asked.isdecimal() else 1


def _listed(desk: Desk, row: ListedMember) -> pages.Listed:
    shown = row.member.shown_as
    others = [value for value in row.member.identifiers.values() if value != shown]
    return pages.Listed(
        href=reverse("console:member", args=[row.member.id]),
        name=shown,
        known_by=others[0] if others else "",
        tier=row.tier,
        points=row.points,
        joined_on=desk.day(row.member.enrolled_at),
        seen_on=None if row.seen_at is None else desk.day(row.seen_at),
    )


@page("members", "console/member.html")
def member(desk: Desk, *, member_id: uuid.UUID) -> pages.Member:
    """One member with everything that concerns them; `unit` chooses one of several units."""
    code, blueprint = desk.program.code, desk.blueprint
    own = find_member(desk.program.id, str(member_id))
    every = balances(code, own.id, at=desk.at)
    held = next(one for one in every if one.unit.code == desk.terms.code)
    way = progress(code, own.id, at=desk.at)
    lines = history(code, own.id, unit=held.unit.code, limit=SHOWN + 1)
    open_points = [(one.on, one.points) for one in held.calendar]
    lots, months = pages.time_line(open_points, from_on=desk.today)
    ladders = standing.ladders(desk, way)
    return pages.Member(
        name=own.shown_as,
        tier=way.tier_name,
        contact=_contact(own),
        links=tuple(_links(way)),
        joined_on=desk.day(own.enrolled_at),
        units=tuple(_tab(own, one, held) for one in every) if len(every) > 1 else (),
        unit=unit_of(held.unit),
        currency=held.currency,
        points=held.points,
        worth=held.worth if held.unit.value else None,
        debt=held.owed,
        coming=tuple(pages.Coming(one.on, waits_for(one), one.points) for one in held.coming),
        lots=lots,
        months=months,
        lots_note=_lots_note(held),
        ladder=ladders[0] if ladders else None,
        others=ladders[1:],
        next_reward=standing.next_reward(way, unit=held.unit.code, blueprint=blueprint),
        entries=tuple(_entry(desk, own, one) for one in lines[:SHOWN]),
        older=_older(desk, own, lines, SHOWN),
        orders=_orders(desk, lines),
        rewards=tuple(standing.offers(way, blueprint=blueprint)),
        benefits=tuple(standing.benefits(way)),
        standings=tuple(standing.history(desk, standings(own.id)[:MOVES])),
        consent="Yes" if own.consent else "Not given",
        redeemed=redeemed.told(desk, redemptions_of(desk.program.id, own.id, limit=ORDERS)),
        may_redeem=desk.may("facts.ingest"),
        here=reverse("console:member", args=[own.id]) + "#redeemed",
        sells=any(rule.on == "purchase" and rule.unit == held.unit.code for rule in blueprint.earn),
    )


def _tab(own: MemberRow, one: Balance, held: Balance) -> UnitTab:
    address = reverse("console:member", args=[own.id])
    return UnitTab(
        name=one.unit.name,
        points=one.points - one.owed,
        decimals=one.unit.decimals,
        href=f"{address}?{urlencode({'unit': one.unit.code})}",
        current=one.unit.code == held.unit.code,
    )


def _lots_note(held: Balance) -> str:
    """How many lots are open, and what of them never expires."""
    if not held.lots:
        return ""
    lasting = sum(lot.remaining for lot in held.lots if lot.expires_at is None)
    note = f"{formats.counted(len(held.lots), 'lot', 'lots')} open"
    if lasting and held.calendar:
        return f"{note}; {formats.points(lasting, decimals=held.unit.decimals)} never expire"
    return note


def _links(way: Progress) -> Iterator[pages.Link]:
    """The household and the company that a member belongs to."""
    found = {
        "in the household of": way.head,
        "of the company": way.company,
    }
    people = {one.id: one for one in member_rows([own for own in found.values() if own])}
    for text, own in found.items():
        if own is not None and own in people:
            href = reverse("console:member", args=[own])
            yield pages.Link(text, people[own].shown_as, href)


@page("members", "console/history.html", part="console/parts/older.html")
def older(desk: Desk, *, member_id: uuid.UUID) -> pages.History:
    """The lines before the one named by `before`."""
    own = find_member(desk.program.id, str(member_id))
    before = desk.request.GET.get("before", "")
    unit = desk.terms
    lines = history(desk.program.code, own.id, unit=unit.code, limit=SHOWN + 1, before=before)
    return pages.History(
        member=own.shown_as,
        member_href=reverse("console:member", args=[own.id]),
        entries=tuple(_entry(desk, own, one) for one in lines[:SHOWN]),
        unit=unit_of(unit),
        older=_older(desk, own, lines, SHOWN),
    )


@page("members", "console/entry.html", part="console/parts/explanation.html")
def entry(desk: Desk, *, member_id: uuid.UUID) -> pages.Explanation:
    """Why one line is as it is; `line` is its cursor."""
    own = find_member(desk.program.id, str(member_id))
    line = desk.request.GET.get("line", "")
    found = next((one for one in _near(desk, own, line) if one.cursor == line), None)
    if found is None:
        raise MemberNotFound("there is no such line in the member's history", field="line")
    return explanation_of(
        found,
        shown=_entry(desk, own, found),
        member=own,
        held=balance(desk.program.code, own.id, unit=desk.terms.code, at=desk.at),
        desk=desk,
    )


def _near(desk: Desk, own: MemberRow, line: str) -> list[Entry]:
    """The first lines from the event of a cursor on; one event makes a few lines at most."""
    event = place(line)
    if event is None:
        return []
    after = event._replace(seq=event.seq + 1).cursor
    code, unit = desk.program.code, desk.terms.code
    return history(code, own.id, unit=unit, limit=KINDS_OF_ONE, before=after)


def _entry(desk: Desk, own: MemberRow, line: Entry) -> pages.Entry:
    address = reverse("console:entry", args=[own.id])
    return pages.Entry(
        id=f"{line.seq}-{line.kind}",
        on=desk.day(line.at),
        title=title_of(line, blueprint=desk.blueprint),
        reason=reason_of(line),
        points=line.points,
        balance=line.balance,
        href=f"{address}?{urlencode(_asked(desk, line=line.cursor))}",
    )


def _older(desk: Desk, own: MemberRow, lines: Sequence[Entry], shown: int) -> str:
    if len(lines) <= shown:
        return ""
    address = reverse("console:older", args=[own.id])
    return f"{address}?{urlencode(_asked(desk, before=lines[shown - 1].cursor))}"


def _asked(desk: Desk, **asked: str) -> dict[str, str]:
    """What an address asks for, with the unit when it is not the main one."""
    unit = desk.terms.code
    return asked if unit == main_unit(desk.blueprint).code else {**asked, "unit": unit}


def _contact(own: MemberRow) -> tuple[str, ...]:
    named: Mapping[str, str] = {k: v for k, v in own.identifiers.items() if v != own.shown_as}
    return tuple(f"{KINDS.get(kind, kind)} {value}".strip() for kind, value in named.items())


def _orders(desk: Desk, lines: Sequence[Entry]) -> tuple[pages.Order, ...]:
    signs = {"purchase": 1, "claim": 1, "return": -1}
    found = {line.fact.id: line.fact for line in lines if line.fact and line.fact.type in signs}
    sales = list(found.values())
    return tuple(
        pages.Order(
            desk.day(fact.occurred_at),
            f"Store {fact.store}" if fact.store else fact.channel or called(fact.type),
            signs[fact.type] * fact.total,
        )
        for fact in sales[:ORDERS]
    )
