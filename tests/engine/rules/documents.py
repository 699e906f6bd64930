"""Sound programs as documents, for tests of properties: `blueprints()` uses most of the language.

What it draws is plain JSON and YAML (texts, whole numbers, flags, lists, mappings), no object of it
stands in two places, and `read_document` reads it without a mistake. Figures are small, so that a
few purchases of some hundreds reach limits, tiers and ends. Ask for less with `without`: names of
top-level parts (tiers, limits, rewards...) that the program must not have.
"""

import json
from functools import cache
from typing import Any as Document

from hypothesis import strategies as st

from tests.engine.rules.document_parts import (
    CHANNELS,
    DAYS,
    DONE,
    FLAGS,
    PLACES,
    ROUNDING,
    SOLD,
    SPANS,
    STORES,
    TIERS,
    ZONES,
    Names,
    amounts,
    bases,
    by_tier,
    conditions,
    decimal,
    limits,
    line_tests,
    measures,
    rates,
    some,
    subset,
    terms,
    validities,
    whole,
    windows,
)
from tests.engine.rules.document_rewards import GIFT, catalogue

# What keeps facts from a rule; the first day is always before the last.
NARROW = {
    "from": whole(1, 9).map(lambda month: f"2025-{month:02}-15"),
    "until": whole(1, 9).map(lambda month: f"2026-{month:02}-15"),
    "weekdays": subset(DAYS),
    "hours": st.tuples(whole(0, 12), whole(13, 24)).map(
        lambda pair: {"from": f"{pair[0]:02}:00", "until": f"{pair[1]:02}:00"}
    ),
    "stores": subset(STORES),
    "channels": subset(CHANNELS),
}


@st.composite
def expiries(draw, names, *, waits):
    """How long the points of a unit last."""
    found = draw(terms(waits=waits))
    if names.ladders and draw(FLAGS):
        found["by_tier"], found["ladder"] = draw(by_tier(names, terms(waits=waits)))
    if any("inactivity" in term for term in (found, *found.get("by_tier", {}).values())):
        found |= draw(some(activity=subset(("purchase", "burn", "review"))))
    return found


@st.composite
def units(draw, names):
    """The units, by the decimals in `names`."""
    found = {}
    for code, places in names.units.items():
        unit = {"name": code, "decimals": places, "value": draw(st.sampled_from(("0.01", "1")))}
        if code not in names.spendable:
            unit["spendable"] = False
        found[code] = unit | draw(
            some(
                singular=st.just(code.removesuffix("s")),
                expires=expiries(names, waits=code in names.waiting),
                spend_order=st.sampled_from(("oldest", "soonest_expiry")),
                most=decimal(50, 5000, places=places),
                reinstate=st.fixed_dictionaries(
                    {"within_days": whole(1, 60), "for_days": whole(1, 60)}
                ),
            )
        )
    return found


@st.composite
def awards(draw, names, *, kind, places):
    """What a rule gives; a multiplier still needs its rules."""
    key, more, values = {
        "per_amount": ("points", {"per": draw(decimal(1, 20, places=names.places))}, rates()),
        "fixed": ("points", {}, decimal(1, 100, places=places)),
        "items": ("points", {"each": draw(st.sampled_from(("item", "line")))}, rates()),
        "counted": ("points", {"each": "attributes.nights"}, rates()),
        "percent": ("percent", {}, rates()),
        "multiply": ("multiply", {}, st.sampled_from(("0", "0.5", 1, "1.5", 2, 3))),
    }[kind]
    if kind == "counted":
        more |= draw(some(per=whole(1, 5)))
    if not names.ladders or draw(FLAGS):
        return {key: draw(values), **more}
    tiers, ladder = draw(by_tier(names, values))
    name = "by_tier" if key == "points" else f"{key}_by_tier"
    return {name: tiers, "ladder": ladder, **more}


@st.composite
def rules(draw, names, *, code, kind, unit, on, waits):
    """One rule of an award of that kind."""
    places = names.units[unit]
    rule = {"rule": code, "name": code.title(), "on": on, "unit": unit}
    rule["award"] = draw(awards(names, kind=kind, places=places))
    if waits:
        rule["pending"] = draw(
            st.fixed_dictionaries({"days": whole(1, 30)}) | st.just({"until": "shipped"})
        )
    if kind in ("per_amount", "percent"):
        rule |= draw(some(base=bases()))
    if kind in ("per_amount", "percent", "items", "multiply"):
        rule |= draw(some(lines=line_tests(names.places)))
    if kind != "multiply":
        rule |= draw(some(rounding=ROUNDING, rounding_of=st.sampled_from(("order", "line"))))
    rule |= draw(options(places, waits=waits))
    # At most two of what keeps facts out, or hardly any would be left that the rule gives for.
    for key in draw(subset(("when", *NARROW), least=0))[:2]:
        rule[key] = draw(conditions(names) if key == "when" else NARROW[key])
    return rule


@cache
def options(places, *, waits):
    """What a rule may say besides, whatever it gives."""
    return some(
        limits=st.lists(limits(places), max_size=2),
        budget=st.fixed_dictionaries(
            {"points": decimal(1, 500, places=places)},
            optional={"each": st.sampled_from(("day", "week", "month", "year", "ever"))},
        ),
        priority=whole(-2, 2),
        stop=FLAGS,
        expires=terms(waits=waits),
    )


@st.composite
def several_rules(draw, names):
    """The rules: some that give by themselves, then some that multiply those."""
    found = []
    plan = [(unit, True) for unit in names.units if unit in names.waiting]
    plan += draw(
        st.lists(st.tuples(st.sampled_from(tuple(names.units)), FLAGS), min_size=1, max_size=4)
    )
    for n, (unit, wanted) in enumerate(plan):
        waits = wanted and unit in names.waiting
        kind = draw(st.sampled_from(("per_amount", "fixed", "items", "counted", "percent")))
        paid = kind in ("per_amount", "percent", "items")
        on = draw(st.sampled_from(SOLD if paid else SOLD + DONE))
        found.append(draw(rules(names, code=f"r{n}", kind=kind, unit=unit, on=on, waits=waits)))
    for n in range(draw(whole(0, 2))):
        target = draw(st.sampled_from(found[: len(plan)]))
        unit, on = target["unit"], target["on"]
        waits = unit in names.waiting and draw(FLAGS)
        rule = draw(rules(names, code=f"m{n}", kind="multiply", unit=unit, on=on, waits=waits))
        held = target["award"]
        by_amount = (
            "percent" in held or "percent_by_tier" in held or ("per" in held and "each" not in held)
        )
        if not by_amount or draw(FLAGS):
            rule["award"]["of"] = [target["rule"]]
        if not by_amount and held.get("each") not in ("item", "line"):
            rule.pop("lines", None)
        found.append(rule)
    return found


@st.composite
def shared_limits(draw, names, earn):
    """Limits that rules of one unit share."""
    found = []
    for n in range(draw(whole(0, 2))):
        unit = draw(st.sampled_from(earn))["unit"]
        own = [rule["rule"] for rule in earn if rule["unit"] == unit]
        limit = draw(limits(names.units[unit]))
        found.append({"limit": f"l{n}", "rules": draw(subset(tuple(own))), **limit})
    return found


@st.composite
def ladders(draw, names, code):
    """A ladder of the tiers that `names` has under that code."""
    found: Document = {"code": code, "validity": draw(validities())}
    reviewed = "until" not in found["validity"]
    counted = {"spend": None}
    if draw(FLAGS):
        found |= {"measure": "spend", "window": draw(windows(reviewed=reviewed))}
    elif names.measures and draw(FLAGS):
        found["measure"] = draw(st.sampled_from(tuple(names.measures)))
    else:
        own = measures(tuple(names.units), reviewed=reviewed)
        found["measures"] = {name: draw(own) for name in draw(subset(("a", "b", "c")))}
        counted = found["measures"]
    found |= draw(
        some(name=st.just("Status"), downgrade=st.sampled_from(("none", "one_step", "full")))
    )
    if reviewed:
        found |= draw(
            some(upgrade=st.sampled_from(("at_once", "at_review")), grace_days=whole(0, 60))
        )
    first, *others = names.ladders[code]
    rungs: list[Document] = [{"tier": first}]
    need = 0
    for tier in others:
        need += draw(st.sampled_from((1, 2, 5, 50, 100, 200)))
        rung: Document = {"tier": tier, **draw(some(lifetime=FLAGS, name=st.just(tier.upper())))}
        if "measure" in found:
            rung["from"] = need
        else:
            key = draw(st.sampled_from(("any", "all")))
            rung[key] = dict.fromkeys(draw(subset(tuple(counted))), need)
        rungs.append(rung)
    if draw(FLAGS):
        span = st.sampled_from(SPANS[1:])
        found["benefits"] = [{"benefit": "lounge", "name": "Lounge", "each": draw(span)}]
        rungs[-1]["benefits"] = {"lounge": draw(whole(1, 3))}
    return found | draw(some(moved=st.just({"Old": first}))) | {"ladder": rungs}


# The whole


@st.composite
def rewards(draw, names):
    """What points can buy."""
    found = []
    for n in range(draw(whole(1, 2))):
        unit = draw(st.sampled_from(names.spendable))
        price = decimal(1, 200, places=names.units[unit])
        reward = {"reward": f"w{n}", "name": f"Reward {n}", "unit": unit, "price": draw(price)}
        reward["value"] = draw(amounts(names.places, most=50))
        if names.ladders and draw(FLAGS):
            reward["by_tier"], reward["ladder"] = draw(by_tier(names, price))
            reward |= draw(some(tiers=subset(names.ladders[reward["ladder"]])))
        found.append(reward)
    return found


@st.composite
def referrals(draw, names):
    """When a referral counts."""
    trigger = draw(st.sampled_from(("sign_up", "first_purchase", "every_purchase")))
    more = some(within_days=whole(1, 90), checks=subset(("email", "phone", "card"), least=0))
    if trigger != "sign_up":
        more = st.builds(lambda a, b: {**a, **b}, more, some(minimum=amounts(names.places)))
    return {"trigger": trigger, **draw(more)}


@st.composite
def transfers(draw, names):
    """What members may hand to each other."""
    unit = draw(st.sampled_from(names.spendable))
    own = st.lists(limits(names.units[unit]), max_size=2)
    more = some(expiry=st.sampled_from(("keep", "reset")), limits=own)
    return {"units": [unit], **draw(more)}


@st.composite
def _names(draw, without):
    units = {code: draw(whole(0, 2)) for code in draw(subset(("points", "stars", "miles")))}
    first, *others = units
    held = {
        code: draw(subset(TIERS[:3]).map(lambda tiers: tuple(sorted(tiers, key=TIERS.index))))
        for code in draw(subset(("status", "crew"), least=0))
    }
    counted = measures(tuple(units), reviewed=False)
    return Names(
        places=PLACES["USD"],
        units=units,
        spendable=(first, *(code for code in others if draw(FLAGS))),
        waiting=frozenset(code for code in units if draw(FLAGS)),
        ladders={} if "tiers" in without else held,
        segments=() if "segments" in without else tuple(draw(subset(("vip", "new"), least=0))),
        measures=(
            {}
            if "measures" in without
            else {f"n-{one['measure']}": one for one in draw(st.lists(counted, max_size=2))}
        ),
    )


@cache
def programs(currency):
    """What the program is called and where it lives."""
    return st.fixed_dictionaries(
        {
            "code": st.just("p"),
            "name": st.just("P"),
            "currency": st.just(currency),
            "time_zone": st.sampled_from(ZONES),
        },
        optional={
            "unknown_members": st.sampled_from(("enrol", "refuse", "keep")),
            "late_facts": st.sampled_from(("leave", "re_evaluate")),
        },
    )


@st.composite
def blueprints(draw, *, without=(), kinds=False):
    """A whole program that is sound, without the top-level parts in `without`.

    With `kinds` its rewards are of every kind; without, they are discounts by their value.
    """
    names = draw(_names(without))
    currency = draw(st.sampled_from(tuple(PLACES)))
    names = names._replace(places=PLACES[currency])
    named = {"big": draw(conditions(names)), "bigger": {"not": {"condition": "big"}}}
    if "conditions" not in without and draw(FLAGS):
        names = names._replace(conditions=tuple(named))
    earn = draw(several_rules(names))
    parts: Document = {"segments": list(names.segments), "measures": names.measures}
    if not names.segments:
        del parts["segments"]
    if names.conditions:
        parts["conditions"] = named
    if "groups" not in without and draw(FLAGS):
        parts["groups"] = {"promos": draw(st.sampled_from(("all", "best_of", "first_match")))}
        for rule in draw(st.lists(st.sampled_from(earn), max_size=3)):
            rule["group"] = "promos"
    parts["limits"] = draw(shared_limits(names, earn))
    if names.ladders:
        parts["tiers"] = [draw(ladders(names, code)) for code in names.ladders]
        if len(names.ladders) == 1 and draw(FLAGS):
            parts["tiers"] = parts["tiers"][0]
    parts |= draw(
        some(
            rewards=rewards(names),
            referrals=referrals(names),
            transfers=transfers(names),
            households=st.fixed_dictionaries({"pool": subset(names.spendable)}),
            companies=FLAGS,
            corrections=some(
                reasons=st.just(["goodwill"]),
                most=st.just({next(iter(names.units)): 100}),
                negative=st.sampled_from(("refuse", "clamp", "allow")),
            ),
            returns=some(
                claw_back=st.sampled_from(("clamp", "allow_negative", "carry_forward")),
                burned=st.sampled_from(("pro_rata", "whole", "keep")),
            ),
        )
    )
    held = draw(units(names))
    if kinds:
        parts |= draw(catalogue(names))
        held["gift"] = dict(GIFT)
    document = {
        "blueprint": 1,
        "program": draw(programs(currency)),
        "units": held,
        "earn": earn,
        **{key: part for key, part in parts.items() if key not in without},
        "books": {"judgement": "Drawn."},
    }
    return json.loads(json.dumps(document))
