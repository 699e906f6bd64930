"""The members' pages: the list, one member, older lines, and why a line is as it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.urls import reverse

from pointbook.analytics.listing import ListedMember, listing
from pointbook.earning.queries import Balance, Entry, Progress, balance, history, progress
from pointbook.engine.rules import phrases
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.interfaces.console import formats
from pointbook.interfaces.console.desk import Desk, page
from pointbook.interfaces.console.explaining import explanation_of, reason_of, title_of
from pointbook.interfaces.console.pages import members as pages
from pointbook.ledger.cursors import place
from pointbook.members.queries import MemberNotFound, MemberRow
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import compiled
from pointbook.tiers.queries import StandingRow, standings

SHOWN, ORDERS, MOVES = 20, 5, 4
LAST_PAGE = 1_000_000
KINDS_OF_ONE = 8
WINDOWS = {"calendar_year": "this year", "calendar_month": "this month"}
KINDS = {"member": "number", "card": "card", "email": "", "phone": ""}


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
    """One member with everything that concerns them."""
    code = desk.program.code
    own = find_member(desk.program.id, str(member_id))
    held = balance(code, own.id, at=desk.at)
    way = progress(code, own.id, at=desk.at)
    lines = history(code, own.id, limit=SHOWN + 1)
    blueprint = compiled(desk.program.id).version_at(desk.at).blueprint
    open_points = [(one.on, one.points) for one in held.calendar]
    lots, months = pages.time_line(open_points, from_on=desk.today)
    return pages.Member(
        name=own.shown_as,
        tier=way.tier_name,
        contact=_contact(own),
        joined_on=desk.day(own.enrolled_at),
        unit=desk.unit,
        currency=held.currency,
        points=held.points,
        worth=held.worth,
        debt=held.owed,
        next_tier=_next_tier(way),
        next_reward=_next_reward(way, held),
        spend_window=_window(blueprint),
        lots=lots,
        months=months,
        lots_note=f"{formats.counted(len(held.lots), 'lot', 'lots')} open" if held.lots else "",
        entries=tuple(_entry(desk, own, one, blueprint) for one in lines[:SHOWN]),
        older=_older(own, lines, SHOWN),
        orders=_orders(desk, lines),
        rewards=tuple(
            pages.RewardOffer(step.reward.name, step.reward.price, step.missing)
            for step in way.rewards
        ),
        standings=_standings(desk, standings(own.id)[:MOVES], blueprint),
        consent="Yes" if own.consent else "Not given",
    )


@page("members", "console/history.html", part="console/parts/older.html")
def older(desk: Desk, *, member_id: uuid.UUID) -> pages.History:
    """The lines before the one named by `before`."""
    own = find_member(desk.program.id, str(member_id))
    before = desk.request.GET.get("before", "")
    lines = history(desk.program.code, own.id, limit=SHOWN + 1, before=before)
    blueprint = compiled(desk.program.id).version_at(desk.at).blueprint
    return pages.History(
        member=own.shown_as,
        member_href=reverse("console:member", args=[own.id]),
        entries=tuple(_entry(desk, own, one, blueprint) for one in lines[:SHOWN]),
        unit=desk.unit,
        older=_older(own, lines, SHOWN),
    )


@page("members", "console/entry.html", part="console/parts/explanation.html")
def entry(desk: Desk, *, member_id: uuid.UUID) -> pages.Explanation:
    """Why one line is as it is; `line` is its cursor."""
    own = find_member(desk.program.id, str(member_id))
    line = desk.request.GET.get("line", "")
    found = next((one for one in _near(desk, own, line) if one.cursor == line), None)
    if found is None:
        raise MemberNotFound("there is no such line in the member's history", field="line")
    blueprint = compiled(desk.program.id).version_at(desk.at).blueprint
    return explanation_of(
        found,
        shown=_entry(desk, own, found, blueprint),
        member=own,
        held=balance(desk.program.code, own.id, at=desk.at),
        blueprint=blueprint,
        desk=desk,
    )


def _near(desk: Desk, own: MemberRow, line: str) -> list[Entry]:
    """The first lines from the event of a cursor on; one event makes a few lines at most."""
    event = place(line)
    if event is None:
        return []
    after = event._replace(seq=event.seq + 1).cursor
    return history(desk.program.code, own.id, limit=KINDS_OF_ONE, before=after)


def _entry(desk: Desk, own: MemberRow, line: Entry, blueprint: Blueprint) -> pages.Entry:
    address = reverse("console:entry", args=[own.id])
    return pages.Entry(
        id=f"{line.seq}-{line.kind}",
        on=desk.day(line.at),
        title=title_of(line, blueprint=blueprint),
        reason=reason_of(line),
        points=line.points,
        balance=line.balance,
        href=f"{address}?{urlencode({'line': line.cursor})}",
    )


def _older(own: MemberRow, lines: Sequence[Entry], shown: int) -> str:
    if len(lines) <= shown:
        return ""
    address = reverse("console:older", args=[own.id])
    return f"{address}?{urlencode({'before': lines[shown - 1].cursor})}"


def _contact(own: MemberRow) -> tuple[str, ...]:
    named: Mapping[str, str] = {k: v for k, v in own.identifiers.items() if v != own.shown_as}
    return tuple(f"{KINDS.get(kind, kind)} {value}".strip() for kind, value in named.items())


def _next_tier(way: Progress) -> pages.Progress | None:
    if not way.next_tier:
        return None
    return pages.Progress(way.next_tier, way.measure, way.next_threshold, way.missing)


def _next_reward(way: Progress, held: Balance) -> pages.Progress | None:
    step = way.next_reward or (way.rewards[-1] if way.rewards else None)
    if step is None:
        return None
    return pages.Progress(step.reward.name, held.points, step.reward.price, step.missing)


def _window(blueprint: Blueprint) -> str:
    tiers = blueprint.tiers
    if tiers is None:
        return ""
    return WINDOWS.get(tiers.window.kind, f"in the last {phrases.days(tiers.window.days)}")


def _orders(desk: Desk, lines: Sequence[Entry]) -> tuple[pages.Order, ...]:
    sales = [line.fact for line in lines if line.fact and line.fact.type in ("purchase", "return")]
    signs = {"purchase": 1, "return": -1}
    return tuple(
        pages.Order(
            desk.day(fact.occurred_at),
            f"Store {fact.store}" if fact.store else fact.channel or fact.type.capitalize(),
            signs[fact.type] * fact.total,
        )
        for fact in sales[:ORDERS]
    )


def _standings(
    desk: Desk, rows: Sequence[StandingRow], blueprint: Blueprint
) -> tuple[pages.Standing, ...]:
    tiers = blueprint.tiers
    names = {rung.code: rung.name for rung in tiers.ladder} if tiers else {}
    window = "" if tiers is None else _window(blueprint).replace("in the last", "in")
    return tuple(
        pages.Standing(
            desk.day(row.at),
            names.get(row.tier, row.tier),
            f"{formats.cash(row.measure, currency=desk.program.currency)} spent {window}",
        )
        for row in rows
    )
