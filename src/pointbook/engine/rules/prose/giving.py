"""What a reward gives, in clauses that a sentence or a change can be made of.

A clause begins small and has no stop: it takes $5.00 off your order. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import Gives, Reward, RewardKind, Slot
from pointbook.engine.rules.predicates import Condition
from pointbook.engine.rules.prose import phrases
from pointbook.engine.rules.prose.wording import (
    LOCALE,
    counted,
    days,
    listed,
    number,
    plain,
    times,
)

Teller = Callable[[Gives, Blueprint], list[str]]
KEPT: Mapping[str, str] = {
    "keep": "whoever does not come gets no points back",
    "return": "whoever does not come gets the points back",
}


def is_plain(item: Reward) -> bool:
    """Whether it gives its value off the order, as goes without saying."""
    return item.gives == Gives("discount", amount=item.value)


def gives(item: Reward, *, blueprint: Blueprint) -> list[str]:
    """What a reward gives besides `slots`, in clauses; none where that goes without saying."""
    return [] if is_plain(item) else TELLERS[item.gives.kind](item.gives, blueprint)


def slots(item: Reward, *, blueprint: Blueprint) -> dict[str, str]:
    """When an experience takes place, by the codes of its slots."""
    return {slot.code: _slot(slot, blueprint.time_zone) for slot in item.gives.slots}


def cause(code: str, *, blueprint: Blueprint) -> str:
    """The name of a cause; a code that the program does not know is its own name."""
    return next((one.name for one in blueprint.causes if one.code == code), code)


def _discount(held: Gives, blueprint: Blueprint) -> list[str]:
    return [f"it takes {_money(held.amount, blueprint)} off {_off(held.lines, blueprint)}"]


def _percent(held: Gives, blueprint: Blueprint) -> list[str]:
    target = _off(held.lines, blueprint)
    if held.of == "cheapest":
        target = "the cheapest item" + (f" of {target}" if held.lines else "")
    return [f"it takes {number(held.percent)}% off {target}{_most(held, blueprint)}"]


def _product(held: Gives, blueprint: Blueprint) -> list[str]:
    if held.lines is None:
        what = f"you get {number(held.quantity)} of it, " if held.quantity > 1 else "it is "
        return [f"{what}handed over or sent to you"]
    items = counted(held.quantity, "item", "items")
    return [f"you get {items} of {_off(held.lines, blueprint)} free{_most(held, blueprint)}"]


def _shipping(_held: Gives, _blueprint: Blueprint) -> list[str]:
    return ["your order is delivered free"]


def _buy_get(held: Gives, blueprint: Blueprint) -> list[str]:
    bought = counted(held.buy, "item", "items")
    of = f" of {_off(held.buy_lines, blueprint)}" if held.buy_lines else ""
    free = "free" if held.percent == 100 else f"at {number(held.percent)}% off"  # noqa: PLR2004
    given = f"{number(held.quantity)} more"
    if held.lines != held.buy_lines:
        items = counted(held.quantity, "item", "items")
        given = f"{items} of {_off(held.lines, blueprint)}"
    return [f"for every {bought}{of} that you buy, you get {given} {free}"]


def _cash_back(held: Gives, blueprint: Blueprint) -> list[str]:
    way = "paid out to you" if held.to == "money" else "credited to you"
    return [f"{_money(held.amount, blueprint)} is {way}"]


def _stored_value(held: Gives, blueprint: Blueprint) -> list[str]:
    return [f"it adds {_money(held.amount, blueprint)} to your {blueprint.units[held.unit].name}"]


def _service(held: Gives, _blueprint: Blueprint) -> list[str]:
    chosen = [
        f"{plain(code)} ({listed(choices) or 'in your own words'})"
        for code, choices in held.options.items()
    ]
    return [f"you choose {listed(chosen, joined='and')}"] if chosen else ["we do it for you"]


def _access(held: Gives, _blueprint: Blueprint) -> list[str]:
    return [f"it gives you {held.text}"]


def _experience(held: Gives, _blueprint: Blueprint) -> list[str]:
    told = ["when all places are taken you can wait for one"] if held.waiting else []
    return [*told, KEPT[held.no_show]]


def _slot(slot: Slot, time_zone: str) -> str:
    """On 10 January 2026 from 18:00 to 20:00 (Studio, 12 places)."""
    start, end = (one.astimezone(ZoneInfo(time_zone)) for one in (slot.starts_at, slot.ends_at))
    places = counted(slot.capacity, "place", "places")
    where = f"{slot.place}, {places}" if slot.place else places
    if start.date() == end.date():
        return f"on {phrases.day(start)} from {start:%H:%M} to {end:%H:%M} ({where})"
    return f"from {_instant(start)} to {_instant(end)} ({where})"


def _instant(value: datetime) -> str:
    return f"{phrases.day(value)} at {value:%H:%M}"


def _charity(held: Gives, blueprint: Blueprint) -> list[str]:
    chosen = held.causes or tuple(one.code for one in blueprint.causes)
    to = listed([cause(code, blueprint=blueprint) for code in chosen])
    choose = ", as you choose" if len(chosen) > 1 else ""
    return [f"{_money(held.amount, blueprint)} goes to {to}{choose}"]


def _partner(held: Gives, _blueprint: Blueprint) -> list[str]:
    return [f"you get it from our partner {plain(held.partner)}"]


def _sweepstake(held: Gives, _blueprint: Blueprint) -> list[str]:
    prizes = listed(
        [
            f"{prize.name} ({times(prize.quantity)})" if prize.quantity > 1 else prize.name
            for prize in held.prizes
        ],
        joined="and",
    )
    told = [f"you get one chance in the draw of {phrases.day(held.draws_on)}: {prizes}"]
    if held.countries:
        names = Locale.parse(LOCALE).territories
        where = listed([names.get(code, code) for code in held.countries], joined="and")
        this = "this country" if len(held.countries) == 1 else "these countries"
        told.append(f"it is open only in {this}: {where}")
    return told


def _quota(held: Gives, _blueprint: Blueprint) -> list[str]:
    lasting = f" for {days(held.days)}" if held.days else ""
    return [f"you get {number(held.amount)} {held.text}{lasting}"]


def _off(lines: Condition | None, blueprint: Blueprint) -> str:
    """Your order, or lines of it."""
    if lines is None:
        return "your order"
    return f"lines where {phrases.condition(lines, currency=blueprint.currency, line=True)}"


def _most(held: Gives, blueprint: Blueprint) -> str:
    return "" if held.most is None else f", at most {_money(held.most, blueprint)}"


def _money(minor: int, blueprint: Blueprint) -> str:
    return phrases.money(minor, currency=blueprint.currency)


TELLERS: Mapping[RewardKind, Teller] = {
    "discount": _discount,
    "percent": _percent,
    "product": _product,
    "shipping": _shipping,
    "buy_get": _buy_get,
    "cash_back": _cash_back,
    "stored_value": _stored_value,
    "service": _service,
    "access": _access,
    "experience": _experience,
    "charity": _charity,
    "partner": _partner,
    "sweepstake": _sweepstake,
    "quota": _quota,
}
