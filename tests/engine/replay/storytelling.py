"""Stories for tests: a program in a few lines, and what is read or played of a text."""

from pointbook.engine.replay.playing import WorldStage, play
from pointbook.engine.replay.stories import read_stories
from pointbook.engine.replay.transcripts import check
from pointbook.engine.rules.reading.problems import BlueprintErrors

PROGRAM = """
blueprint: 1
program: {code: shop, name: Shop, currency: EUR, time_zone: Europe/Paris}
units:
  points: {name: points, value: "0.01", expires: {after_days: 30}}
  miles: {name: miles, value: "0.01", decimals: 2}
earn:
  - {rule: purchases, name: Purchases, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
  - {rule: flights, name: Flights, on: flight, unit: miles, award: {points: "2.50"}}
tiers:
  measure: spend
  window: {calendar: year}
  validity: {end_of_year: 1}
  benefits: [{benefit: lounge, name: Lounge, each: year}]
  ladder:
    - {tier: Basic, from: "0"}
    - {tier: Gold, from: "100.00", benefits: {lounge: 2}}
rewards: [{reward: ten, name: Ten off, unit: points, price: 10, value: "0.10"}]
books: {policy: deferred_revenue, judgement: a test}
"""
HEAD = """story: A day
source: figures ours
program: shop
"""


def blueprint_of(_):
    return PROGRAM


def read(body, *, head=HEAD, programs=blueprint_of):
    return read_stories(head + body, blueprint_of=programs)


def story(body, **more):
    (one,) = read(body, **more)
    return one


def mistakes(body, **more):
    """Each mistake of a text in one line."""
    try:
        read(body, **more)
    except BlueprintErrors as error:
        return [str(problem) for problem in error.problems]
    return []


def differences(body, **more):
    """What does not hold of a story, played by the engine."""
    one = story(body, **more)
    return [str(found) for found in check(one, play(one, stage=WorldStage(one)))]
