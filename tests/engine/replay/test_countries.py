"""Gift cards end as the law of the member's country says."""

from datetime import UTC, datetime

from pointbook.engine.replay.program import Program, compile_version
from pointbook.engine.replay.world import World
from pointbook.engine.rules.prose import tell
from pointbook.engine.rules.reading import read
from pointbook.engine.values.facts import Fact

# Germany: claims lapse at the end of the third year after the year (sections 195 and 199 BGB).
CARDS = """
blueprint: 1
program: {code: cards, name: Cards, currency: EUR, time_zone: UTC}
units:
  points: {name: points, value: "0.01"}
  gift: {name: gift cards, money: true,
         expires: {after_months: 24, by_country: {DE: {end_of_year: 3}, US: {never: true}}}}
earn: [{rule: p, name: P, on: purchase, unit: points, award: {points: 1, per: "1.00"}}]
books: {policy: deferred_revenue, judgement: "Points are a material right."}
"""


def test_the_country_of_the_member_says_how_long():
    world = World(Program([compile_version(read(CARDS))]))
    at = datetime(2020, 5, 1, tzinfo=UTC)
    for name, country in (("ada", "DE"), ("bob", "US"), ("eve", "FR")):
        told = {"country": country}
        world.post(Fact("t", f"p-{name}", "profile", at, name, attributes=told))
        world.post(Fact("t", f"t-{name}", "top_up", at, name, attributes={"amount": "50.00"}))
    ends = {
        name: member.wallets["gift"].lots[0].expires_at.year
        for name, member in world.members.items()
    }
    assert ends == {"ada": 2024, "bob": 9999, "eve": 2022}


def test_the_terms_of_countries_are_told():
    text = str(list(tell(read(CARDS))))
    assert "of members in DE" in text
    assert "of members in US never expire" in text
