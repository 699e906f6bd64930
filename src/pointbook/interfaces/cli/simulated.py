"""A simulated fact as text of 80 columns, and as JSON. Nothing here raises."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.ledger.transfers import Kind
from pointbook.engine.replay.program import Version
from pointbook.engine.replay.simulating import Simulated
from pointbook.engine.replay.transcripts import Figures, Place
from pointbook.engine.replay.verdicts import Verdict
from pointbook.engine.rules.blueprint import Blueprint, EarnRule, Tiers
from pointbook.engine.rules.explaining.explanation import explain
from pointbook.engine.rules.explaining.tracing import Trace
from pointbook.engine.rules.fields import WEEKDAYS
from pointbook.engine.rules.prose import phrases, wording
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.money import to_major

WIDTH: Final = 80
NOTHING: Final = Figures()
ONE_DAY: Final = timedelta(days=1)
# What a line says of points that moved besides awards.
MOVED: Final[Mapping[Kind, str]] = {
    "burn": "used",
    "hold": "reserved",
    "capture": "redeemed that were reserved",
    "release": "came back that were reserved",
    "lapse": "gone with a voucher that was not used in time",
    "refund": "came back, for the order came back on which they were used",
    "expiry": "expired",
    "reinstatement": "came back that had expired",
    "claw_back": "taken back",
    "overdraft": "owed, for they were used already",
    "repayment": "taken for what was owed",
    "deduction": "taken off by hand",
    "transfer_out": "handed on",
    "transfer_in": "received",
}


class _Row(NamedTuple):
    """What stands in the left column, and the paragraphs beside it."""

    label: str
    texts: tuple[str, ...]


def as_text(found: Simulated) -> str:
    """The fact, every rule, and what came of it."""
    parts = [_head(found), ["Rules", *_rules(found)], ["Result", *_result(found)]]
    return "\n\n".join("\n".join(lines) for lines in parts)


def as_json(found: Simulated) -> str:
    """The same as a JSON object; points and amounts are decimal texts in whole points."""
    version, fact = found.version, found.fact
    blueprint = version.blueprint
    rules = {rule.code: rule for rule in blueprint.earn}
    body = {
        "program": blueprint.code,
        "version": version.number,
        "fact": {
            "source": fact.source,
            "id": fact.id,
            "type": fact.type,
            "occurred_at": fact.occurred_at.isoformat(),
            "member": fact.member,
        },
        "rules": [
            {
                "rule": trace.rule,
                "name": trace.name,
                "matched": trace.matched,
                "unit": rules[trace.rule].unit,
                "points": _number(trace.points, rules[trace.rule].unit, blueprint),
                "why": trace.why,
            }
            for trace in found.traces
        ],
        "earned": {
            unit: _number(points, unit, blueprint) for unit, points in _earned(found).items()
        },
        "moved": [
            {
                "kind": one.kind,
                "unit": one.unit,
                "points": _number(one.points, one.unit, blueprint),
                **_dates(one.lot),
            }
            for one in found.verdict.transfers
        ],
        "balance": {
            unit: {
                "before": _figures(found.before.figures.get(unit, NOTHING), unit, blueprint),
                "after": _figures(found.after.figures.get(unit, NOTHING), unit, blueprint),
            }
            for unit in blueprint.units
        },
        "tiers": {
            ladder.code: {
                "before": _place(found.before.places[ladder.code]),
                "after": _place(found.after.places[ladder.code]),
            }
            for ladder in version.ladders
        },
        "made": [_made_json(one, blueprint) for one in found.made],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def _head(found: Simulated) -> list[str]:
    fact, blueprint = found.fact, found.version.blueprint
    what = wording.opened(wording.article(wording.happening(fact.type)))
    if fact.total:
        what = f"{what} of {phrases.money(fact.total, currency=blueprint.currency)}"
    local = fact.occurred_at.astimezone(found.version.zone)
    weekday = WEEKDAYS[local.weekday()].capitalize()
    return [
        *textwrap.wrap(f"{what} in {blueprint.name}", WIDTH),
        f"{weekday}, {phrases.day(local.date())}, {local:%H:%M} ({blueprint.time_zone})",
    ]


def _rules(found: Simulated) -> Iterator[str]:
    """Each rule with what it gave; those that listen to something else in one paragraph."""
    blueprint = found.version.blueprint
    rules = {rule.code: rule for rule in blueprint.earn}
    kind = "purchase" if found.fact.type == "claim" else found.fact.type
    heard = [trace for trace in found.traces if rules[trace.rule].on == kind]
    deaf = [rules[trace.rule] for trace in found.traces if rules[trace.rule].on != kind]
    yield from _table(_Row(_gave(one, rules[one.rule], blueprint), _why(one)) for one in heard)
    if deaf:
        told = ", ".join(f"{rule.name} ({wording.happening(rule.on)})" for rule in deaf)
        head = "Listening to something else" if heard else "No rule listens to this"
        yield from _wrapped(f"{head}: {told}.", "  ")


def _gave(trace: Trace, rule: EarnRule, blueprint: Blueprint) -> str:
    if not trace.matched:
        return "-"
    return phrases.points(trace.points, unit=blueprint.units[rule.unit])


def _why(trace: Trace) -> tuple[str, str]:
    """The rule's name, and why without it."""
    return trace.name, wording.opened(trace.why.removeprefix(f"{trace.name}: "))


def _result(found: Simulated) -> list[str]:
    blueprint = found.version.blueprint
    rows = [_Row("Earned", tuple(_earnings(found)) or ("nothing",))]
    if moved := tuple(_moved(found)):
        rows.append(_Row("Moved", moved))
    rows.append(_Row("Balance", tuple(_balances(found))))
    for tiers in blueprint.ladders:
        label = "Tier" if len(blueprint.ladders) == 1 else tiers.name
        rows.append(_Row(label, (_standing(found, tiers),)))
    rows += [_Row("Made", (_made(one, blueprint),)) for one in found.made]
    wide = max(len(row.label) for row in rows)
    return [line for row in rows for line in _labelled(row, wide)]


def _earned(found: Simulated) -> dict[str, int]:
    """What the fact gave in all, by unit."""
    earned: dict[str, int] = {}
    for one in found.verdict.transfers:
        if one.kind == "award":
            earned[one.unit] = earned.get(one.unit, 0) + one.points
    return earned


def _earnings(found: Simulated) -> list[str]:
    """What was earned, by unit and by the time in which it can be used."""
    version = found.version
    groups: dict[tuple[str, str], int] = {}
    for one in found.verdict.transfers:
        if one.kind == "award" and one.lot is not None:
            key = one.unit, _lifetime(one.lot, version)
            groups[key] = groups.get(key, 0) + one.points
    return [
        f"{phrases.points(points, unit=version.units[unit])}, {lifetime}"
        for (unit, lifetime), points in groups.items()
    ]


def _lifetime(lot: Lot, version: Version) -> str:
    """From when and until when the points of a lot can be used."""
    rule = version.rules.get(lot.rule)
    expiry = version.units[lot.unit].expiry if rule is None or not rule.expiry else rule.expiry
    begins = ""
    if lot.starts_at == FOREVER and rule is not None and rule.pending is not None:
        begins = f"waiting: they can be used {phrases.pending(rule.pending, on=rule.on)}"
    elif lot.starts_at > lot.earned_at:
        begins = f"from {phrases.day(day_of(lot.starts_at, version.zone))}"
    if lot.expires_at == FOREVER:
        waits = lot.starts_at == FOREVER and expiry.kind != "never"
        return begins if waits else f"{begins}, for ever".removeprefix(", ")
    last = phrases.day(day_of(lot.expires_at - timedelta.resolution, version.zone))
    least = "at least " if expiry.sliding else ""
    return f"{begins}, {least}to the end of {last}".removeprefix(", ")


def _moved(found: Simulated) -> Iterator[str]:
    """What moved besides awards, and what could not."""
    units = found.version.units
    for one in found.verdict.transfers:
        if one.kind != "award":
            yield f"{phrases.points(one.points, unit=units[one.unit])} {MOVED[one.kind]}"
    for asked in found.verdict.recoveries:
        if asked.shortfall:
            points = phrases.points(asked.shortfall, unit=units[asked.lot.unit])
            yield f"{points} not taken back, for they were used already"


def _balances(found: Simulated) -> list[str]:
    blueprint = found.version.blueprint
    told = []
    for code, unit in blueprint.units.items():
        before = found.before.figures.get(code, NOTHING)
        after = found.after.figures.get(code, NOTHING)
        if NOTHING == before == after and code != next(iter(blueprint.units)):
            continue
        text = phrases.points(after.usable, unit=unit)
        if after.usable != before.usable:
            text = f"{phrases.points(before.usable, unit=unit)} -> {text}"
        if after.pending:
            text = f"{text}, {phrases.points(after.pending, unit=unit)} waiting"
        if after.owed:
            text = f"{text}, {phrases.points(after.owed, unit=unit)} owed"
        told.append(text)
    return told


def _standing(found: Simulated, tiers: Tiers) -> str:
    """The tier, from which one, and its last day."""
    before, after = found.before.places[tiers.code], found.after.places[tiers.code]
    names = {rung.code: rung.name for rung in tiers.ladder}
    told = names[after.tier]
    if after.tier != before.tier:
        told = f"{names[before.tier]} -> {told}"
    last = _last_day(after)
    return told if last is None else f"{told}, to the end of {phrases.day(last)}"


def _made(verdict: Verdict, blueprint: Blueprint) -> str:
    """A fact that the fact made, with what it gave."""
    what = wording.article(wording.plain(verdict.fact.type))
    whys = [explain(reason, blueprint=blueprint) for reason in verdict.reasons]
    return " ".join([f"{what} fact for {verdict.fact.member}.", *whys])


def _made_json(verdict: Verdict, blueprint: Blueprint) -> dict[str, object]:
    return {
        "type": verdict.fact.type,
        "id": verdict.fact.id,
        "member": verdict.fact.member,
        "why": [explain(reason, blueprint=blueprint) for reason in verdict.reasons],
    }


def _number(parts: int, unit: str, blueprint: Blueprint) -> str:
    return str(to_major(parts, places=blueprint.units[unit].decimals))


def _figures(figures: Figures, unit: str, blueprint: Blueprint) -> dict[str, str]:
    return {
        name: _number(getattr(figures, name), unit, blueprint)
        for name in ("usable", "pending", "owed")
    }


def _place(place: Place) -> dict[str, str | None]:
    last = _last_day(place)
    return {"tier": place.tier, "last_day": None if last is None else last.isoformat()}


def _last_day(place: Place) -> date | None:
    return None if place.until in (None, date.max) else place.until - ONE_DAY


def _dates(lot: Lot | None) -> dict[str, str | None]:
    if lot is None:
        return {}
    starts = max(lot.starts_at, lot.earned_at)
    return {"starts_at": _instant(starts), "expires_at": _instant(lot.expires_at)}


def _instant(at: datetime) -> str | None:
    return None if at == FOREVER else at.isoformat()


def _table(rows: Iterable[_Row]) -> Iterator[str]:
    """Rows with a right-aligned left column that is as wide as its widest cell."""
    held = list(rows)
    wide = max((len(row.label) for row in held), default=0)
    for row in held:
        first, *others = row.texts
        yield from _wrapped(first, f"  {row.label:>{wide}}  ", blank=wide + 4)
        for text in others:
            yield from _wrapped(text, " " * (wide + 4))


def _labelled(row: _Row, wide: int) -> Iterator[str]:
    for place, text in enumerate(row.texts):
        yield from _wrapped(text, f"  {'' if place else row.label:<{wide}}  ")


def _wrapped(text: str, head: str, *, blank: int | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * (len(head) if blank is None else blank),
        break_long_words=False,
        break_on_hyphens=False,
    )
