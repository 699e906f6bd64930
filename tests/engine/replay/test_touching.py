"""Members who touch each other, folded together and lived through in turn: the same points."""

import pytest

from pointbook.engine.replay.cases import FactRefused
from pointbook.engine.replay.fold import fold
from pointbook.engine.replay.links import groups
from pointbook.engine.replay.world import World
from pointbook.engine.rules.blueprint import Budget, Pending, Referrals, Transfers
from pointbook.engine.values.facts import Returned
from tests.engine.sketches import at, blueprint, bring_back, burn, buy, fact, rule, unit, versions

WELCOME = (
    rule(),
    rule("invite", on="referral", per=0, points=50),
    rule("hello", on="referred", per=0, points=20),
    rule("office", on="company_purchase", points=1),
    rule("late", on="order", per=0, points=7, pending=Pending(on="shipped")),
)


def terms(**more):
    base = {
        "units": (unit(expires=("days", 400)),),
        "earn": WELCOME,
        "claw_back": "allow_negative",
        "transfers": Transfers(units=("points",)),
        "referrals": Referrals(trigger="first_purchase", minimum=1000),
        "pooled": ("points",),
        "companies": True,
    }
    return versions(("", blueprint(**{**base, **more})))


def told(key, when, kind, member, about=None, **attributes):
    refers = None if about is None else Returned("till", about)
    return fact(key, when, kind, member=member, about=refers, attributes=attributes)


def held(world, name, when="2026-01-01"):
    wallet = world.members[name].wallets.get("points")
    return 0 if wallet is None else wallet.available(at(when)) - wallet.debt


def lived(program, facts):
    world = World(program)
    for one in facts:
        world.post(one)
    return world


LIVES = {
    "a friend buys and brings it back": [
        buy("a", "2025-01-01", 5000, member="ann"),
        told("i", "2025-01-02", "invited", "bob", referrer="ann"),
        buy("b", "2025-01-03", 5000, member="bob"),
        bring_back("r", "2025-01-05", "b", 4500, member="bob"),
    ],
    "a gift is returned by who got it": [
        buy("a", "2025-01-01", 10000, member="ann"),
        told("t", "2025-01-02", "transfer", "ann", to="bob", points=60),
        told("u", "2025-01-03", "transfer", "bob", to="cy", points=20),
        told("c", "2025-01-04", "cancel", "ann", about="a"),
    ],
    "two become one, then an order of the one comes back": [
        buy("a", "2025-01-01", 10000, member="ann"),
        told("o", "2025-01-01 12:00", "order", "ann"),
        burn("b", "2025-01-02", 30, member="ann", about=Returned("till", "a")),
        told("m", "2025-01-03", "merge", "bob", **{"from": "ann"}),
        told("s", "2025-01-04", "shipped", "ann", about="o"),
        bring_back("r", "2025-01-05", "a", 5000, member="ann"),
        told("c", "2025-01-06", "cancel", "ann", about="a"),
    ],
    "a household keeps its points together": [
        buy("a", "2025-01-01", 10000, member="ann"),
        told("h", "2025-01-02", "join_household", "ann", head="bob"),
        buy("b", "2025-01-03", 2000, member="ann"),
        burn("c", "2025-01-04", 100, member="ann"),
        bring_back("r", "2025-01-05", "b", 2000, member="ann"),
        told("l", "2025-01-06", "leave_household", "ann"),
        buy("d", "2025-01-07", 3000, member="ann"),
    ],
    "a company is told of its people's purchases": [
        told("j", "2025-01-01", "join_company", "ann", company="acme"),
        buy("a", "2025-01-02", 4000, member="ann"),
        bring_back("r", "2025-01-03", "a", 1000, member="ann"),
        told("c", "2025-01-04", "payment_expired", "ann", about="a"),
        told("l", "2025-01-05", "leave_company", "ann"),
        buy("b", "2025-01-06", 4000, member="ann"),
    ],
}


@pytest.mark.parametrize("facts", LIVES.values(), ids=LIVES)
def test_folded_together_is_lived_through_in_turn(facts):
    world = lived(terms(), facts)
    replay = fold(facts, terms())
    balances = {one.member: one.balance for one in replay.members}
    assert balances == {name: held(world, name) for name in balances}
    assert replay.refused == 0


def test_what_was_handed_on_comes_back_from_whoever_holds_it():
    world = lived(terms(), LIVES["a gift is returned by who got it"])
    assert sum(held(world, name) for name in ("ann", "bob", "cy")) == 0


def test_a_budget_puts_everybody_in_one_group():
    facts = {"ann": [buy("a", "2025-01-01", 100)], "bob": [buy("b", "2025-01-01", 100)]}
    assert groups(facts, together=True) == [["ann", "bob"]]
    assert groups({}, together=True) == []
    scarce = versions(("", blueprint(earn=(rule(budget=Budget(points=15)),))))
    both = [buy("a", "2025-01-01", 1000, member="ann"), buy("b", "2025-01-02", 1000, member="bob")]
    assert [one.earned for one in fold(both, scarce).members] == [10, 5]


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (told("i", "2025-01-01", "invited", "bob"), "does not say who invited"),
        (told("i", "2025-01-01", "invited", "bob", referrer="bob"), "invite themselves"),
        (told("t", "2025-01-01", "transfer", "bob", to="bob", points=1), "no other member"),
        (told("m", "2025-01-01", "merge", "bob"), "no other member"),
        (told("h", "2025-01-01", "join_household", "bob"), "has no head"),
        (told("c", "2025-01-01", "join_company", "bob"), "nobody is no company"),
        (told("i", "2025-01-01", "invited", "bob", referrer="old"), "invite themselves"),
        (told("t", "2025-01-01", "transfer", "bob", to="old", points=1), "no other member"),
        (told("t", "2025-01-01", "transfer", "old", to="old", points=1), "no other member"),
        (told("c", "2025-01-01", "join_company", "bob", company="old"), "old is no company"),
        (told("v", "2025-01-01", "void", "bob", about="x", reason="x"), "gave nothing"),
        (told("r", "2025-01-01", "reinstate", "bob"), "no points expired"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(one, says):
    world = World(terms())
    world.join("bob", at=at("2024-01-01"))
    world.post(told("old", "2024-01-02", "merge", "bob", **{"from": "old"}))
    with pytest.raises(FactRefused, match=says) as refused:
        world.post(one)
    assert refused.value.field
    assert refused.value.mend


def in_rings():
    """Lives whose points would go round, and the heads of the four at the end."""
    joins = told("h", "2025-01-02", "join_household", "ann", head="bob")
    merges = told("m", "2025-01-03", "merge", "ann", **{"from": "cy"})
    onward = told("i", "2025-01-02 12:00", "join_household", "bob", head="cy")
    last = told("j", "2025-01-02 18:00", "join_household", "cy", head="dee")
    head = told("m", "2025-01-03", "merge", "ann", **{"from": "bob"})
    return {
        "the head becomes the member": ([joins, head], ("", "", "", "")),
        "the head of the head does": ([joins, onward, merges], ("", "cy", "", "")),
        "who has a head too": ([joins, onward, last, merges], ("", "cy", "", "")),
        "who became the member is no head": (
            [
                merges,
                told("h", "2025-01-04", "join_household", "ann", head="cy"),
                told("j", "2025-01-05", "join_household", "cy", head="cy"),
            ],
            ("", "", "", ""),
        ),
        "nor is whose head became the member": (
            [
                merges,
                told("h", "2025-01-04", "join_household", "bob", head="cy"),
                told("ring", "2025-01-05", "join_household", "ann", head="bob"),
            ],
            ("", "cy", "", ""),
        ),
    }


@pytest.mark.parametrize("life", in_rings())
def test_points_never_go_round(life):
    facts, heads = in_rings()[life]
    first = buy("a", "2025-01-01", 1000, member="ann")
    before, last = [first, *facts[:-1]], facts[-1]
    after = [
        buy("b", "2025-01-06", 2000, member="ann"),
        burn("c", "2025-01-07", 5, member="ann"),
    ]
    world = lived(terms(), before)
    if last.id != "ring":
        world.post(last)
    else:
        with pytest.raises(FactRefused, match="own household"):
            world.post(last)
    for one in after:
        world.post(one)
    names = ("ann", "bob", "cy", "dee")
    assert tuple(world.member(name).head for name in names) == heads
    assert sum(held(world, name) for name in {world.become(one) for one in names}) == 25
    folded = fold([first, *facts, *after], terms())
    assert sum(one.balance for one in folded.members) == 25


def test_referrals_ask_for_a_section():
    world = World(versions(("", blueprint())))
    with pytest.raises(FactRefused, match="no referrals"):
        world.post(told("i", "2025-01-01", "invited", "bob", referrer="ann"))


def test_a_fold_refuses_what_is_refused_live_and_goes_on():
    facts = [
        buy("a", "2025-01-01", 1000, member="ann"),
        told("i", "2025-01-02", "invited", "ann", referrer="bob"),
        buy("b", "2025-01-03", 1000, member="ann"),
    ]
    replay = fold(facts, terms())
    assert (replay.refused, replay.members[0].earned) == (1, 20)
