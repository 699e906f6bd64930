"""What a reward of a document gives, by its kind.

Problems go to the Checker. Nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any as Raw
from typing import get_args

from pointbook.engine.rules.catalogue import Gives, Prize, RewardKind, Slot
from pointbook.engine.rules.reading.meaning import Checker
from pointbook.engine.rules.reading.predicates import predicate
from pointbook.engine.rules.reading.problems import Path, choice

Kind = Callable[[Checker, Path, Raw], Gives]
# The key that says the kind, where it is another word than the kind.
KEYS: Mapping[str, RewardKind] = {"buy": "buy_get"}
KINDS: tuple[RewardKind, ...] = get_args(RewardKind)
# Keys that say something only beside the key of a kind.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "lines": ("discount", "percent"),
    "most": ("percent",),
    "of": ("percent",),
    "get": ("buy",),
    "to": ("cash_back",),
    "unit": ("stored_value",),
    "causes": ("charity",),
}
# In the place of what could not be read; no blueprint is made of it.
NO_TIME = datetime(1, 1, 1, tzinfo=UTC)
ABOVE = "Write an amount above 0."


def gives(checker: Checker, path: Path, held: Raw) -> Gives:
    """The one kind of a sound `gives`."""
    key = next(key for key in held if key in KINDS or key in KEYS)
    for other, owners in BESIDE.items():
        if other in held and key not in owners:
            message = f"{other} goes with {' and '.join(owners)}."
            checker.add((*path, other), held[other], message, f"Leave {other} out.")
    return READERS[KEYS.get(key) or key](checker, path, held)


def _discount(checker: Checker, path: Path, held: Raw) -> Gives:
    return Gives(
        "discount",
        amount=checker.money((*path, "discount"), held["discount"], positive=ABOVE),
        of="lines" if "lines" in held else "order",
        lines=predicate(checker, (*path, "lines"), held.get("lines"), line=True),
    )


def _percent(checker: Checker, path: Path, held: Raw) -> Gives:
    of = held.get("of", "lines" if "lines" in held else "order")
    if of == "order" and "lines" in held:
        message = "The order is all of its lines."
        checker.add((*path, "of"), of, message, "Write of: lines, or leave lines out.")
    if of == "lines" and "lines" not in held:
        message = "Nothing says which lines."
        checker.add((*path, "of"), of, message, "Add lines, or write of: order.")
    return Gives(
        "percent",
        percent=checker.percent((*path, "percent"), held["percent"]),
        most=_most(checker, path, held),
        of=of,
        lines=predicate(checker, (*path, "lines"), held.get("lines"), line=True),
    )


def _product(checker: Checker, path: Path, held: Raw) -> Gives:
    at, item = (*path, "product"), held["product"]
    if "most" in item and "lines" not in item:
        message = "What is for no order has no price that could be above it."
        checker.add((*at, "most"), item["most"], message, "Leave most out, or add lines.")
    return Gives(
        "product",
        most=_most(checker, at, item),
        of="lines" if "lines" in item else "order",
        lines=predicate(checker, (*at, "lines"), item.get("lines"), line=True),
        quantity=item.get("quantity", 1),
    )


def _shipping(_checker: Checker, _path: Path, _held: Raw) -> Gives:
    return Gives("shipping")


def _buy_get(checker: Checker, path: Path, held: Raw) -> Gives:
    if "get" not in held:
        mend = "Add get: what is given for it, such as {quantity: 1}."
        checker.add((*path, "get"), None, "get is missing.", mend)
    bought, given = held["buy"], held.get("get", {})
    lines = predicate(checker, (*path, "buy", "lines"), bought.get("lines"), line=True)
    own = predicate(checker, (*path, "get", "lines"), given.get("lines"), line=True)
    return Gives(
        "buy_get",
        percent=checker.percent((*path, "get", "percent"), given.get("percent", 100)),
        of="lines",
        lines=lines if own is None else own,
        buy=bought.get("quantity", 1),
        buy_lines=lines,
        quantity=given.get("quantity", 1),
    )


def _cash_back(checker: Checker, path: Path, held: Raw) -> Gives:
    amount = checker.money((*path, "cash_back"), held["cash_back"], positive=ABOVE)
    return Gives("cash_back", amount=amount, to=held.get("to", "credit"))


def _stored_value(checker: Checker, path: Path, held: Raw) -> Gives:
    amount = checker.money((*path, "stored_value"), held["stored_value"], positive=ABOVE)
    return Gives("stored_value", amount=amount, unit=_money_unit(checker, path, held))


def _money_unit(checker: Checker, path: Path, held: Raw) -> str:
    """The unit of money that is named, or the only one there is."""
    if checker.units is None:
        return ""
    known = [code for code in checker.units if code in checker.stored]
    at, named = (*path, "unit"), held.get("unit")
    if named is None and len(known) == 1:
        return known[0]
    lacking = "Add a unit of stored value: one with money: true."
    if named is None:
        mend = f"Write one of: {', '.join(known)}." if known else lacking
        checker.add(at, None, "unit is missing.", mend)
    elif named not in known:
        mend = choice(named, known) if known else lacking
        checker.add(at, named, f"{named} is no unit of money here.", mend)
    return named or ""


def _service(_checker: Checker, _path: Path, held: Raw) -> Gives:
    options = held["service"].get("options", {})
    chosen = {code: tuple(map(str, choices)) for code, choices in options.items()}
    return Gives("service", options=chosen)


def _access(_checker: Checker, _path: Path, held: Raw) -> Gives:
    return Gives("access", text=held["access"])


def _experience(checker: Checker, path: Path, held: Raw) -> Gives:
    at, item = (*path, "experience"), held["experience"]
    found = checker.items(item, "slots", above=at, code="slot")
    return Gives(
        "experience",
        slots=tuple(_slot(checker, where, one) for where, one in found),
        waiting=item.get("waiting", False),
        no_show=item.get("no_show", "keep"),
    )


def _slot(checker: Checker, path: Path, item: Raw) -> Slot:
    start = checker.moment((*path, "from"), item["from"])
    end = checker.moment((*path, "until"), item["until"])
    if start and end and start >= end:
        message = f"The slot ends before it begins ({item['from']})."
        checker.add((*path, "until"), item["until"], message, "Write a later time.")
    return Slot(
        code=item["slot"],
        starts_at=start or NO_TIME,
        ends_at=end or NO_TIME,
        capacity=item["capacity"],
        place=item.get("place", ""),
    )


def _charity(checker: Checker, path: Path, held: Raw) -> Gives:
    causes = held.get("causes", ())
    for n, code in enumerate(causes):
        checker.known((*path, "causes", n), code, "cause")
    if not causes and checker.names.get("cause", [""]) == []:
        mend = "Add causes, such as causes: [{cause: trees, name: Trees for all}]."
        checker.add((*path, "charity"), held["charity"], "There is no cause to give to.", mend)
    amount = checker.money((*path, "charity"), held["charity"], positive=ABOVE)
    return Gives("charity", amount=amount, causes=tuple(causes))


def _partner(_checker: Checker, _path: Path, held: Raw) -> Gives:
    return Gives("partner", partner=held["partner"])


def _sweepstake(checker: Checker, path: Path, held: Raw) -> Gives:
    at, item = (*path, "sweepstake"), held["sweepstake"]
    prizes = [
        Prize(one["prize"], one.get("quantity", 1))
        for _, one in checker.items(item, "prizes", above=at, code="prize")
    ]
    day: date | None = checker.date((*at, "draws_on"), item["draws_on"])
    countries = tuple(item.get("countries", ()))
    return Gives("sweepstake", prizes=tuple(prizes), draws_on=day, countries=countries)


def _quota(_checker: Checker, _path: Path, held: Raw) -> Gives:
    item = held["quota"]
    return Gives("quota", amount=item["amount"], text=item["of"], days=item.get("days", 0))


def _most(checker: Checker, path: Path, held: Raw) -> int | None:
    if "most" not in held:
        return None
    return checker.money((*path, "most"), held["most"], positive=ABOVE)


READERS: Mapping[RewardKind, Kind] = {
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
