"""A blueprint is told in sentences, and so is every change between two of them."""

from pathlib import Path

from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import differences
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.broken import SOUND

STARTER = Path(__file__).parents[3] / "src/pointbook/programs/starters/beauty-tiers.yaml"

# One program that uses every part of the language.
EVERYTHING = """\
blueprint: 1
program: {code: all, name: Everything, currency: EUR, time_zone: Europe/Paris}
units:
  points: {name: points, singular: point, value: "0.005", expires: {after_months: 14}}
  stars: {name: stars, singular: star, decimals: 1, value: "1", spend_order: soonest_expiry}
  miles: {name: miles, singular: mile, value: "1", expires: {end_of_month: 6}}
  chips: {name: chips, singular: chip, value: "0", expires: {end_of_month: 0}}
  hours: {name: hours, singular: hour, value: "0", expires: {after_days: 1}}
  years: {name: years, singular: year, value: "0", expires: {after_days: 730}}
  weeks: {name: weeks, singular: week, value: "0", expires: {after_days: 400}}
earn:
  - {rule: a, name: A, on: purchase, unit: points, award: {points: 1, per: 1}}
  - {rule: b, name: B, on: purchase, unit: points, award: {points: 1, per: 10}, rounding: ceiling}
  - {rule: c, name: C, on: purchase, unit: points, award: {points: 3, per: 2}, rounding: nearest}
  - {rule: d, name: D, on: purchase, unit: stars, award: {points: 0.1, per: 1}}
  - {rule: e, name: E, on: purchase, unit: stars, award: {points: 1, per: 1}, rounding: nearest}
  - {rule: f, name: F, on: sign_up, unit: stars, award: {points: 2500}, from: 2026-03-01}
  - {rule: g, name: G, on: purchase, unit: miles, award: {points: 5}, until: 2026-03-31,
     when: {all: [{field: store, in: [S1, S2, S3]}, {field: weekday, is: sunday}]}}
  - {rule: h, name: H, on: purchase, unit: miles, award: {points: 5, per: 1},
     lines: {any: [{field: category, is: tea}, {field: labels, has: fresh}]}}
  - {rule: i, name: I, on: purchase, unit: miles, award: {points: 5},
     when: {any: [{not: {field: simulated, is: true}}, {field: total, at_least: "50.00"},
       {any_line: {all: [{field: quantity, above: 1.5}, {field: discount, is: 0}]}}]}}
  - {rule: j, name: J, on: purchase, unit: miles, award: {points: 5},
     when: {all: [{any: [{field: hour, between: [7, 9]}, {field: month, in: [11, 12]}]},
       {field: attributes.size, at_most: 3}, {field: spend, below: 500},
       {not: {any: [{field: channel, is: web}, {field: simulated, is: false}]}}]}}
tiers:
  measure: spend
  window: {calendar: year}
  ladder: [{tier: low, name: Low, from: 0}, {tier: high, name: High, from: 1000}]
rewards:
  - {reward: one, name: One, unit: points, price: 1, value: 0}
  - {reward: many, name: Many, unit: stars, price: "1500.5", value: "9.99"}
returns: {claw_back: allow_negative}
books: {judgement: Everything is judged.}
"""


def told(text):
    paragraphs = prose.tell(reading.read(text))
    return "\n".join(
        line for part in paragraphs for line in (f"# {part.title}", *part.sentences, "")
    )


def changes(old, new):
    found = differences.compare(reading.read(old), reading.read(new))
    return "\n".join(f"{change.path}: {change.sentence}" for change in found) + "\n"


def test_the_starter_in_prose(golden):
    golden("beauty_tiers_prose.txt", told(STARTER.read_text()))


def test_everything_in_prose(golden):
    golden("everything_prose.txt", told(EVERYTHING))


def test_a_calendar_month_and_no_tiers():
    monthly = EVERYTHING.replace("calendar: year", "calendar: month")
    assert "Spend €1,000.00 within a calendar month and you are High." in told(monthly)
    start = SOUND.index("tiers:")
    end = SOUND.index("returns:")
    assert "# Tiers" not in told(SOUND[:start] + SOUND[end:])


def test_nothing_changed():
    moved = SOUND.replace("{claw_back: clamp}", "{}").replace('"0.02"', "0.020")
    assert changes(SOUND, moved) == "\n"


def test_every_term_that_changes_is_told(golden):
    new = (
        SOUND.replace("name: The shop", "name: The store, unknown_members: keep")
        .replace("after_days: 180", "end_of_month: 12")
        .replace('"0.02"', '"0.03"')
        .replace("{points: 1, per", "{points: 2, per")
        .replace("    when: {field: store, is: S1}\n", "    rounding: nearest\n")
        .replace("is: S1", "is: S2")
        .replace("    until: 2026-12-31\n", "")
        .replace('"350.00"', "400")
        .replace("price: 500", "price: 600")
        .replace("clamp", "allow_negative")
        .replace("A material right.", "Still a material right.")
    )
    golden("terms_changed.txt", changes(SOUND, new))
    golden("terms_changed_back.txt", changes(new, SOUND))


def test_whole_parts_come_and_go(golden):
    start, end = SOUND.index("tiers:"), SOUND.index("returns:")
    small = SOUND[:start] + SOUND[end:]
    small = small.replace('  stars: {name: stars, singular: star, decimals: 1, value: "1"}\n', "")
    small = small.replace("rule: basket", "rule: visit")
    golden("parts_new.txt", changes(small, SOUND))
    golden("parts_gone.txt", changes(SOUND, small))


def test_a_change_carries_both_sides():
    new = SOUND.replace('"350.00"', "400")
    assert differences.compare(reading.read(SOUND), reading.read(new)) == (
        differences.Change(
            path="tiers.ladder[Gold].from",
            before="$350.00",
            after="$400.00",
            sentence="Tier Gold, from: $400.00 instead of $350.00.",
        ),
    )
