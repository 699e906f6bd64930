"""The guides about programs are true: every piece of the tour is sound, every starter is listed."""

import re

import pytest

from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.simulating import simulate
from pointbook.engine.replay.supposing import Supposed
from pointbook.engine.rules.reading import read, read_document
from pointbook.engine.rules.reading.documents import parse
from pointbook.engine.rules.reading.problems import BlueprintErrors
from pointbook.engine.values.facts import normalise
from pointbook.interfaces.cli.simulated import as_text
from pointbook.programs.starting import starters
from tests.house.test_files import text

GUIDE = text("docs/guides/design-a-program.md")
TOUR = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
STARTERS = starters()
PAGE = text("docs/guides/starters.md")


def entries(part):
    """The entries of a list of named things, by their names."""
    return {next(iter(entry.values())): entry for entry in part}


def joined(whole, piece):
    """A program with a piece of the tour in it: rules and units by name, other parts replaced."""
    document = {**whole, **piece}
    for key in ("earn", "rewards"):
        document[key] = list({**entries(whole[key]), **entries(piece.get(key, []))}.values())
    return document


@pytest.mark.parametrize("piece", TOUR[1:], ids=lambda piece: piece.splitlines()[-1][:40])
def test_every_piece_of_the_tour_is_sound(piece):
    whole = parse(TOUR[0], title="the program").value
    read_document(joined(whole, parse(piece, title="the piece").value))


def test_all_pieces_together_are_sound():
    document = parse(TOUR[0], title="the program").value
    for piece in TOUR[1:]:
        document = joined(document, parse(piece, title="the piece").value)
    assert len(read_document(document).earn) > 15


def test_what_the_tour_shows_is_what_is_printed():
    whole = parse(TOUR[0], title="the program").value
    (offers,) = (piece for piece in TOUR if "double-fruit" in piece)
    program = Program(
        [compile_version(read_document(joined(whole, parse(offers, title="the piece").value)))]
    )
    basket = {
        "source": "till",
        "id": "b",
        "type": "purchase",
        "member": "anna",
        "total": "64.20",
        "occurred_at": "2026-11-03T10:00",
        "lines": [{"category": "fruit", "amount": "9.00"}, {"amount": "55.20"}],
    }
    fact = normalise(basket, currency="EUR", zone=program.zone)
    assert as_text(simulate(program, [fact], supposed=Supposed())) in GUIDE
    with pytest.raises(BlueprintErrors) as wrong:
        read(TOUR[0].replace("per:", "pre:"))
    assert " ".join(str(wrong.value).split()) in " ".join(GUIDE.split())


def table(heading):
    """The rows of the table under a heading, without its first two lines."""
    body = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in body.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in row) for row in rows[2:]]


def test_every_starter_is_listed_with_what_it_is():
    assert table("All of them") == [
        (
            f"`{one.name}`",
            one.line,
            *(
                str(len(part))
                for part in (
                    one.blueprint.earn,
                    one.blueprint.units,
                    one.blueprint.ladders,
                    one.blueprint.rewards,
                )
            ),
        )
        for one in STARTERS
    ]


def rules(has):
    """Whether a program has a rule like that."""
    return lambda program: any(map(has, program.earn))


def awards(kind):
    return rules(lambda rule: rule.award.kind == kind)


def units(has):
    """Whether a program has a unit like that."""
    return lambda program: any(map(has, program.units.values()))


def expiries(*kinds):
    return units(lambda unit: unit.expiry.kind in kinds)


def ladders(has):
    """Whether a program has a ladder like that."""
    return lambda program: any(map(has, program.ladders))


def gives(kind):
    """Whether a program has a reward of that kind."""
    return lambda program: any(one.gives.kind == kind for one in program.rewards)


def asks(field):
    return rules(lambda rule: field in str(rule.when))


EXAMPLES = {
    "points for an amount": awards("per_amount"),
    "points for things that are counted": awards("counted"),
    "a percentage": awards("percent"),
    "a multiplier above 1": rules(lambda rule: rule.award.kind == "multiply" and rule.award.points),
    "what earns nothing": rules(
        lambda rule: rule.award.kind == "multiply" and not rule.award.points
    ),
    "another rate by tier": rules(lambda rule: rule.award.by_tier),
    "rules for what is no purchase": rules(lambda rule: rule.on != "purchase"),
    "birthdays": rules(lambda rule: rule.on == "birthday"),
    "only some lines of a basket": rules(lambda rule: rule.lines),
    "gift cards that earn too": rules(lambda rule: rule.base.stored_value),
    "a condition with a name": lambda program: program.conditions,
    "a segment": asks("member.segments"),
    "a first purchase": asks("count.purchase"),
    "the best of several offers": lambda program: "best_of" in program.groups.values(),
    "an offer with dates": rules(lambda rule: rule.from_on),
    "days of the week": rules(lambda rule: rule.weekdays),
    "hours of the day": rules(lambda rule: rule.hours),
    "a limit for each member": rules(lambda rule: rule.limits),
    "a limit that rules share": lambda program: program.limits,
    "a budget of all members": rules(lambda rule: rule.budget),
    "points that wait": rules(lambda rule: rule.pending),
    "several units": lambda program: len(program.units) > 1,
    "points that only count": units(lambda unit: not unit.spendable),
    "points that never end": expiries("never"),
    "points that end a time after": expiries("days", "months"),
    "points that end with a month or year": expiries("end_of_month", "end_of_year", "on_date"),
    "points that end on a day of a later month": expiries("on_day"),
    "points that end with the year of membership": expiries("membership_year"),
    "points that live while members are active": units(lambda unit: unit.expiry.sliding),
    "points that live longer by tier": units(lambda unit: unit.expiry_by_tier),
    "points that can come back after their end": units(lambda unit: unit.reinstate_days),
    "a highest balance": units(lambda unit: unit.most is not None),
    "tiers by spend": ladders(lambda tiers: tiers.measures[0].kind == "spend"),
    "tiers by points": ladders(lambda tiers: tiers.measures[0].kind == "earned"),
    "tiers by deeds": ladders(lambda tiers: tiers.measures[0].kind == "count"),
    "tiers by any of several measures": ladders(lambda tiers: len(tiers.measures) > 1),
    "tiers kept to the end of a year": ladders(lambda tiers: tiers.validity.kind == "end_of_year"),
    "tiers that fall one by one": ladders(lambda tiers: tiers.downgrade == "one_step"),
    "a tier for life": ladders(lambda tiers: any(rung.lifetime for rung in tiers.ladder)),
    "benefits that are counted": ladders(lambda tiers: tiers.benefits),
    "two ladders": lambda program: len(program.ladders) > 1,
    "rewards that are free products": gives("product"),
    "rewards with days and places": gives("experience"),
    "rewards for good causes": gives("charity"),
    "rewards that are more of the product": gives("quota"),
    "rewards of which there are so many": lambda program: any(
        one.stock is not None for one in program.rewards
    ),
    "rewards that members have so often": lambda program: any(
        one.limits for one in program.rewards
    ),
    "vouchers": lambda program: any(one.voucher for one in program.rewards),
    "orders paid with points": lambda program: program.paying,
    "rewards for some tiers": lambda program: any(one.tiers for one in program.rewards),
    "prices by tier": lambda program: any(one.price_by_tier for one in program.rewards),
    "friends": lambda program: program.referrals,
    "points handed to others": lambda program: program.transfers,
    "households": lambda program: program.pooled,
    "companies": lambda program: program.companies,
    "corrections with reasons": lambda program: program.corrections.reasons,
    "debts of points": lambda program: program.claw_back == "allow_negative",
    "what is taken from the next award": lambda program: program.claw_back == "carry_forward",
    "baskets that nobody owns yet": lambda program: program.unknown_members == "keep",
}


def test_every_example_is_one_and_none_is_left_out():
    told = [
        (says, ", ".join(f"`{one.name}`" for one in STARTERS if has(one.blueprint)))
        for says, has in EXAMPLES.items()
    ]
    assert table("Where is an example of") == told
    assert all(names for _, names in told)
