"""What points can buy as parts of drawn documents: rewards of every kind with every term."""

from functools import cache

from hypothesis import strategies as st

from tests.engine.rules.document_parts import (
    DAYS,
    FLAGS,
    amounts,
    by_tier,
    conditions,
    decimal,
    line_tests,
    some,
    subset,
    whole,
)

GIFT = {"name": "gift cards", "money": True}
CAUSES = ("trees", "sea")
SPANS = ("day", "week", "month", "year", "ever")
TEXTS = ("food", "a day out", "the early sale")


@cache
def paid(places):
    """An amount above nothing."""
    return decimal(1, 50, places=places)


@cache
def percents():
    """A number of percent above 0."""
    return st.sampled_from((1, 10, "12.5", 50, 100))


@cache
def spans():
    """Some days, both included."""
    ends = st.tuples(whole(1, 12), whole(1, 12)).map(sorted)
    return ends.map(lambda e: {"from": f"2026-{e[0]:02}-03", "until": f"2026-{e[1]:02}-20"})


@cache
def slots():
    """When an experience takes place."""
    days = st.lists(whole(1, 28), min_size=1, max_size=3, unique=True)
    places = st.sampled_from(({}, {"place": "Studio"}))
    return st.builds(
        lambda found, last, capacity, place: [
            {
                "slot": f"s{day}",
                "from": f"2026-05-{day:02}T18:00",
                "until": f"2026-05-{day + last:02}T21:00",
                "capacity": capacity,
                **place,
            }
            for day in found
        ],
        days,
        whole(0, 2),
        whole(1, 9),
        places,
    )


@cache
def off(places):
    """Kinds that take something off an order."""
    lines = line_tests(places)
    chosen = some(lines=lines)
    percent = st.fixed_dictionaries({"percent": percents()}, optional={"most": paid(places)})
    side = some(lines=lines, quantity=whole(1, 3))
    return st.one_of(
        st.builds(lambda a, b: {"discount": a, **b}, paid(places), chosen),
        st.builds(lambda a, b: {**a, **b}, percent, chosen),
        st.builds(lambda a, b: {**a, **b, "of": "cheapest"}, percent, chosen),
        st.just({"shipping": "free"}),
        st.builds(
            lambda buy, get, rate: {"buy": buy, "get": {**get, **rate}},
            side,
            side,
            some(percent=percents()),
        ),
        st.fixed_dictionaries({"lines": lines}, optional={"most": paid(places)}).map(
            lambda item: {"product": item}
        ),
    )


@cache
def besides(places):
    """Kinds that are for no order."""
    options = st.dictionaries(
        st.sampled_from(("colour", "name")),
        st.lists(st.sampled_from(("red", "blue", 1)), unique=True, max_size=2),
    )
    prizes = subset(("Bike", "Bell")).map(lambda held: [{"prize": name} for name in held])
    return st.one_of(
        some(quantity=whole(1, 3)).map(lambda item: {"product": item}),
        st.fixed_dictionaries(
            {"cash_back": paid(places)}, optional={"to": st.sampled_from(("money", "credit"))}
        ),
        st.fixed_dictionaries({"stored_value": paid(places)}),
        some(options=options).map(lambda held: {"service": held}),
        st.sampled_from(TEXTS).map(lambda text: {"access": text}),
        st.fixed_dictionaries(
            {"slots": slots()},
            optional={"waiting": FLAGS, "no_show": st.sampled_from(("keep", "return"))},
        ).map(lambda held: {"experience": held}),
        st.fixed_dictionaries({"charity": paid(places)}, optional={"causes": subset(CAUSES)}),
        st.just({"partner": "cinema-co"}),
        st.fixed_dictionaries(
            {"prizes": prizes, "draws_on": st.just("2026-12-24")},
            optional={"countries": subset(("US", "CA", "DE"))},
        ).map(lambda held: {"sweepstake": held}),
        st.fixed_dictionaries(
            {"amount": whole(1, 900), "of": st.just("MB")}, optional={"days": whole(1, 30)}
        ).map(lambda held: {"quota": held}),
    )


@cache
def vouchers():
    """How long a code can be used."""
    unused = st.sampled_from(("gone", "back"))
    return st.one_of(
        st.fixed_dictionaries({"days": whole(1, 90)}, optional={"unused": unused}),
        st.fixed_dictionaries({"months": whole(1, 12)}, optional={"unused": unused}),
        st.just({"never": True}),
    )


@cache
def several(spans_of):
    """Limits on how often."""
    one = st.fixed_dictionaries({"times": whole(1, 5), "each": st.sampled_from(spans_of)})
    return st.lists(one, max_size=2)


@cache
def terms(places, parts):
    """What any reward may say besides; `parts` are the decimals of its unit."""
    season = st.one_of(
        st.fixed_dictionaries({"price": decimal(0, 90, places=parts)}),
        st.fixed_dictionaries({"value": amounts(places)}),
    )
    return some(
        seasons=st.lists(st.builds(lambda a, b: {**a, **b}, spans(), season), max_size=2),
        cash=paid(places),
        blackouts=st.lists(spans(), max_size=2),
        limits=several((*SPANS, "membership_year")),
        totals=several(SPANS),
        codes=st.sampled_from(("made", "pool")),
        voucher=vouchers(),
        confirm=FLAGS,
        giftable=FLAGS,
        side=st.sampled_from(("own_goods", "principal", "agent", "cash", "charity", "none")),
        cost=paid(places),
        terms=st.sampled_from(("One each", "Ask us first.")),
        labels=subset(DAYS),
    )


@st.composite
def reward(draw, names, code):
    """One reward."""
    unit = draw(st.sampled_from(names.spendable))
    parts, places = names.units[unit], names.places
    price = decimal(0, 200, places=parts)
    found = {"reward": code, "name": f"Reward {code}", "unit": unit, "price": draw(price)}
    on_order = draw(FLAGS)
    found |= {"value": draw(amounts(places)), "gives": draw((off if on_order else besides)(places))}
    found |= draw(terms(places, parts))
    if "experience" not in found["gives"]:
        found |= draw(some(stock=whole(0, 5)))
    if on_order:
        found |= draw(some(exclusive=FLAGS, earns=FLAGS, minimum=paid(places)))
        found |= draw(some(when=conditions(names), **{"from": st.just("2026-01-01")}))
    if "minimum" in found:
        found |= draw(some(minimum_with_tax=FLAGS))
    if names.segments and draw(FLAGS):
        found["by_segment"] = {names.segments[0]: draw(price)}
        found |= draw(some(segments=subset(names.segments)))
    if names.ladders and draw(FLAGS):
        found["by_tier"], found["ladder"] = draw(by_tier(names, price))
        found |= draw(some(tiers=subset(names.ladders[found["ladder"]])))
    return found


@cache
def causes(places):
    """The causes that there are."""
    del places
    match = some(match=whole(1, 200), fee=whole(0, 9))
    sea = st.fixed_dictionaries(
        {"match": whole(1, 90)}, optional={"matched_by": st.just("the bank")}
    )
    return st.builds(
        lambda a, b: [
            {"cause": "trees", "name": "Trees", "payee": "Trees and sons", **a},
            {"cause": "sea", "name": "The sea", **b},
        ],
        match,
        sea,
    )


@st.composite
def catalogue(draw, names):
    """Rewards of several kinds, and what they need of the program."""
    codes = [f"w{n}" for n in range(draw(whole(1, 3)))]
    unit, places = names.spendable[0], names.places
    plain = {"reward": "plain", "name": "Plain", "unit": unit, "price": 5, "value": 3}
    found = {
        "rewards": [
            *(draw(reward(names, code)) for code in codes),
            plain | {"gives": {"product": {}}},
        ],
        "causes": draw(causes(places)),
    }
    steps = decimal(1, 20, places=names.units[unit])
    paying = st.fixed_dictionaries(
        {"unit": st.just(unit)},
        optional={
            "minimum": steps,
            "step": steps,
            "share": percents(),
            "leave": amounts(places),
            "of": subset(("tax", "delivery"), least=0),
        },
    )
    more = {"each": st.sampled_from(("day", "month")), "at_least": steps}
    if names.segments:
        more["unless"] = st.just(names.segments[0])
    auto = st.fixed_dictionaries(
        {"code": st.just("auto"), "reward": st.just("plain")}, optional=more
    ).map(lambda one: [one])
    held = some(
        hold_minutes=whole(1, 90), returned_for_days=whole(0, 30), suspicious=several(SPANS)
    )
    return found | draw(
        some(
            pay_with_points=paying | paying.map(lambda one: [one]), automatic=auto, redemption=held
        )
    )
