"""What a member redeemed, in words: its code, until when, what became of it, what comes next.

Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.catalogue import FULFILMENT, Reward
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.values import codes
from pointbook.engine.values.errors import PointbookError
from pointbook.interfaces.portal import days
from pointbook.interfaces.portal.cards import code_of, money_of
from pointbook.interfaces.portal.visits import Visit
from pointbook.programs.queries import compiled
from pointbook.redemption.operations import drawing
from pointbook.redemption.queries.redemptions import PAYMENT, Row, of_member

# The latest ones: no member looks further.
SHOWN: Final = 60
STEPS: Final[Mapping[str, str]] = {
    "attended": "You were there",
    "booked": "Booked",
    "collected": "Given",
    "confirmed": "Confirmed by our partner",
    "delivered": "Delivered",
    "drawn": "Drawn",
    "entered": "In the draw",
    "handed_over": "Handed over",
    "in_work": "In work",
    "no_show": "You were not there",
    "ordered": "Ordered",
    "packed": "Packed",
    "paid_out": "Paid out",
    "ready": "Ready for you",
    "sent": "Sent",
}
THEN: Final[Mapping[str, str]] = {
    "cash_back": "Your points are used at once. You see here when it is paid out.",
    "charity": "Your points are used at once, and we pass on what they are worth.",
    "experience": "Your place is booked at once. You can put it into your calendar.",
    "partner": "Your points are used at once, and we order it from our partner.",
    "product": "We order it for you at once. You see here when it is on its way.",
    "service": "We start on it at once. You see here when it is ready.",
    "stored_value": "Your points are used at once, and the amount is yours to spend.",
    "sweepstake": "You are in the draw at once. You see here what came of it.",
}


# What ended without being used: the word, and what became of the points.
ENDED: Final[Mapping[str, tuple[str, str]]] = {
    "lapsed": ("Lapsed", "it was not used in time, and {points} are gone."),
    "released": ("Given back", "{points} came back to you."),
    "cancelled": ("Taken back", "{points} came back to you."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of what becomes of it, and whether it lies behind."""

    name: str
    done: bool
    now: bool


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is kept and as people read it; `good` says that it can be used."""

    plain: str
    text: str
    good: bool

    @property
    def qr(self) -> SafeString:
        """The code as a picture."""
        return code_of(self.plain)


@dataclass(frozen=True, slots=True)
class Own:
    """One redemption of a member. `open` says that it can still be used, or given back.

    `going` says that something of it is still to come.
    `state` is a word for the badge and `told` the sentence of it; `when` is the booked time.
    """

    number: int
    name: str
    points: str
    state: str
    told: str
    open: bool
    going: bool
    codes: tuple[Code, ...]
    steps: tuple[Step, ...]
    chosen: tuple[tuple[str, str], ...]
    when: str
    confirm: bool
    review: bool
    cash: str

    @property
    def shown(self) -> bool:
        """Whether there is a code that can be used."""
        return any(code.good for code in self.codes)


def own_of(visit: Visit, *, limit: int = SHOWN) -> list[Own]:
    """What the member redeemed or was given, the latest first."""
    found = of_member(visit.program_id, visit.known.id, limit=limit)
    return [told(visit, one) for one in found if one.kind != PAYMENT]


def count(visit: Visit) -> int:
    """How many of them are not over."""
    found = of_member(visit.program_id, visit.known.id, limit=SHOWN)
    return sum(one.kind != PAYMENT and _going(visit, one) for one in found)


def next_open(visit: Visit) -> Own | None:
    """The voucher that ends first of those with a code to show."""
    found = of_member(visit.program_id, visit.known.id, limit=SHOWN)
    live = [one for one in found if one.state == "reserved" and one.codes and not over(visit, one)]
    live = [one for one in live if one.receiver in (None, visit.known.id)]
    first = min(live, key=lambda one: (one.until is None, one.until, -one.fact_id), default=None)
    return None if first is None else told(visit, first)


def over(visit: Visit, row: Row) -> bool:
    """Whether its time has run out, though nobody wrote that down yet."""
    return row.state == "reserved" and row.until is not None and row.until <= visit.at


def told(visit: Visit, row: Row) -> Own:
    """A redemption in words."""
    version = compiled(visit.program_id).version_at(row.at)
    blueprint = version.blueprint
    reward = next((one for one in blueprint.rewards if one.code == row.reward), None)
    unit = blueprint.units[row.unit]
    gift = row.receiver is not None and row.receiver != visit.known.id
    state, sentence = _state(visit, row, reward)
    live = row.state == "reserved" and not over(visit, row)
    return Own(
        number=row.fact_id,
        name=reward.name if reward else row.reward,
        points=phrases.points(row.points, unit=unit),
        state=state,
        told=sentence,
        open=live,
        going=_going(visit, row),
        codes=() if gift else tuple(codes_of(row, reward, live=live)),
        steps=tuple(_steps(row)),
        chosen=tuple(_chosen(row, blueprint)),
        when=_when(visit, row, reward),
        confirm=live and row.confirm == "open",
        review=live and row.review == "open",
        cash=money_of(row.cash, blueprint.currency) if row.cash else "",
    )


def then(reward: Reward, blueprint: Blueprint) -> str:
    """What happens when it is taken, in a sentence or two."""
    if reward.confirm:
        return "We send a code to your e-mail address, and with it you confirm."
    if reward.voucher is not None:
        return "You get a code to show at the till. You can give it back as long as it is not used."
    if reward.cash:
        minutes = wording.counted(blueprint.redemption.hold_minutes, "minute", "minutes")
        money = money_of(reward.cash, blueprint.currency)
        return f"It is kept for you for {minutes}. Pay {money} at the till to take it."
    if reward.pool:
        return "You get a code at once, and your points are used."
    return THEN.get(reward.gives.kind, "It is yours at once, and your points are used.")


def _state(visit: Visit, row: Row, reward: Reward | None) -> tuple[str, str]:
    """The word for its badge, and a sentence."""
    units = compiled(visit.program_id).version_at(row.at).units
    points = phrases.points(row.points, unit=units[row.unit])
    if row.review == "refused":
        return "Refused", f"We could not allow this. {wording.opened(points)} came back."
    if over(visit, row):
        voucher = None if reward is None else reward.voucher
        gone = voucher is not None and voucher.unused == "gone"
        return "Lapsed", f"Its time is over, and {points} {'are gone' if gone else 'come back'}."
    if row.state == "captured":
        return _used(visit, row, reward)
    if row.state == "reserved":
        return _waits(visit, row, reward)
    state, sentence = ENDED[row.state]
    return state, wording.opened(sentence.format(points=points))


def _used(visit: Visit, row: Row, reward: Reward | None) -> tuple[str, str]:
    zone, today = compiled(visit.program_id).zone, visit.at
    if row.kind == "sweepstake":
        return _chance(visit, row)
    if row.fulfilment:
        since = f"Redeemed on {days.on_day(row.at, zone=zone, today=today)}."
        return STEPS.get(row.fulfilment, wording.opened(wording.plain(row.fulfilment))), since
    used = next((one.used_at for one in row.codes if one.used_at), None)
    if used is not None and reward is not None and reward.voucher is not None:
        return "Used", f"Used on {days.on_day(used, zone=zone, today=today)}."
    return "Yours", f"Yours since {days.on_day(row.at, zone=zone, today=today)}."


def _chance(visit: Visit, row: Row) -> tuple[str, str]:
    """How it stands with an entry of a draw: the chance, or what it won."""
    draw = draw_of(visit, row)
    if draw is None or draw.drawn_at is None:
        try:
            odds = drawing.chance(visit.program_id, row.reward, visit.known.id)
        except PointbookError:  # the program does not have it any more
            return STEPS["entered"], ""
        mine, every = wording.number(odds.entries), wording.number(odds.all)
        told = "you would win" if odds.odds == 1 else f"a chance of {odds.text}"
        return STEPS["entered"], f"You have {mine} of {every} entries so far: {told}."
    entries = tuple(f"{row.key[0]}/{row.key[1]}/{turn}" for turn in range(1, row.quantity + 1))
    won = [one.prize for one in draw.winners if one.entry in entries]
    if won:
        return "You won", f"{wording.opened(wording.listed(won, joined='and'))}."
    return STEPS["drawn"], f"It was drawn among {wording.number(draw.entries)}; no prize this time."


def draw_of(visit: Visit, row: Row) -> drawing.Drawn | None:
    """The draw that a redemption takes part in; None for what is no sweepstake."""
    if row.kind != "sweepstake":
        return None
    with suppress(PointbookError):
        return drawing.drawn(visit.program_id, row.reward)
    return None


def _waits(visit: Visit, row: Row, reward: Reward | None) -> tuple[str, str]:
    zone, today = compiled(visit.program_id).zone, visit.at
    if row.review == "open":
        return "We look at it", "Somebody of us looks at it first. You need do nothing."
    if row.confirm == "open":
        return "To be confirmed", "Write the code that we sent you."
    if row.until is None:
        return "To be used", "It never ends."
    if reward is not None and reward.voucher is not None:
        last = days.last_day(row.until, zone=zone, today=today)
        return "To be used", f"Good until the end of {last}."
    return "Kept for you", f"Until {days.day_and_time(row.until, zone=zone, today=today)}."


def codes_of(row: Row, reward: Reward | None, *, live: bool) -> list[Code]:
    """The codes of a redemption that is for the member, as far as they may be read yet."""
    if row.confirm == "open" or row.review in ("open", "refused"):
        return []
    # A code without a voucher is used elsewhere: whoever has read it has it, so it is told when its
    # points are used, and stays good then.
    elsewhere = reward is None or reward.voucher is None
    if elsewhere and row.state not in ("captured", "cancelled"):
        return []
    good = row.state == "captured" if elsewhere else live
    return [
        Code(one.code, grouped(one.code), good=good and one.state != "void") for one in row.codes
    ]


def grouped(code: str) -> str:
    """One of our own codes in groups of four; one that was brought along as it is."""
    with suppress(codes.CodeError):
        if codes.check(code) == code:
            return codes.shown(code).replace("-", " ")
    return code


def _steps(row: Row) -> list[Step]:
    path = _path(row)
    if row.state != "captured" or row.fulfilment not in path:
        return []
    place = path.index(row.fulfilment)
    return [Step(STEPS[one], at <= place, at == place) for at, one in enumerate(path)]


def _when(visit: Visit, row: Row, reward: Reward | None) -> str:
    """When and where what was booked takes place; '' where nothing was booked."""
    slots = () if reward is None else reward.gives.slots
    slot = next((one for one in slots if one.code == row.slot), None)
    if slot is None:
        return ""
    zone = compiled(visit.program_id).zone
    told = days.span(slot.starts_at, slot.ends_at, zone=zone, today=visit.at)
    return f"{told}, {slot.place}" if slot.place else told


def _going(visit: Visit, row: Row) -> bool:
    """Whether it can be used, or the member waits for a step of it.

    What a cause is paid does not concern them.
    """
    if row.state == "reserved":
        return not over(visit, row)
    path = _path(row) if row.kind != "charity" else ()
    return row.state == "captured" and row.fulfilment in path[:-1]


def _path(row: Row) -> Sequence[str]:
    """The steps of a redemption of its kind."""
    return next((own for kind, own in FULFILMENT.items() if kind == row.kind), ())


def _chosen(row: Row, blueprint: Blueprint) -> list[tuple[str, str]]:
    """What the member chose, for the list of facts."""
    found = [("How many", wording.number(row.quantity))] if row.quantity > 1 else []
    found += [(wording.opened(wording.plain(name)), own) for name, own in row.options.items()]
    cause = next((one.name for one in blueprint.causes if one.code == row.cause), row.cause)
    return [*found, ("For", cause)] if cause else found
