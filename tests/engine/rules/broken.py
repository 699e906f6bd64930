"""Broken documents by name: a sound blueprint with one thing spoiled, or a spoiled text."""

SOUND = """\
blueprint: 1
program: {code: shop, name: The shop, currency: USD, time_zone: Europe/Paris}
units:
  points: {name: points, singular: point, value: "0.02", expires: {after_days: 180}}
  stars: {name: stars, singular: star, decimals: 1, value: "1"}
earn:
  - rule: basket
    name: Baskets
    on: purchase
    unit: points
    award: {points: 1, per: "1.00"}
    when: {field: store, is: S1}
    lines: {field: labels, has: fresh}
    from: 2026-01-01
    until: 2026-12-31
tiers:
  measure: spend
  window: {rolling_days: 365}
  ladder:
    - {tier: Base, from: "0"}
    - {tier: Gold, from: "350.00"}
rewards:
  - {reward: ten-off, name: Ten off, unit: points, price: 500, value: "10.00"}
returns: {claw_back: clamp}
books: {policy: deferred_revenue, judgement: A material right.}
"""

WHEN = "{field: store, is: S1}"
LINES = "{field: labels, has: fresh}"

# What stands in SOUND, and what stands there instead.
SPOILED = {
    "another version": ("blueprint: 1", "blueprint: 2"),
    "a key doubled": ("returns:", "books: {}\nreturns:"),
    "an alias": ("returns: {claw_back: clamp}", "returns: &x {claw_back: clamp}\nextra: *x"),
    "a merge": ("{tier: Gold,", "{<<: {name: G}, tier: Gold,"),
    "a tag": ("name: The shop", "name: !!python/name:os.system The shop"),
    "a key that is a list": ("returns:", "[a]: 1\nreturns:"),
    "a second document": ("returns:", "---\nreturns:"),
    "a bracket left open": ("{claw_back: clamp}", "{claw_back: clamp"),
    "an indentation": ("    on: purchase", "  on: purchase"),
    "a key misspelt": ("rewards:", "reward:"),
    "a key misspelt inside": ("award: {points", "award: {point"),
    "a section missing": ("books: {policy: deferred_revenue, judgement: A material right.}", ""),
    "a code in capitals": ("code: shop", "code: Shop"),
    "a unit's code with a space": ("  stars:", "  gold stars:"),
    "text where a mapping stands": ("{claw_back: clamp}", "clamp"),
    "a mapping where a list stands": (
        '- {reward: ten-off, name: Ten off, unit: points, price: 500, value: "10.00"}',
        "ten-off: 5",
    ),
    "an empty section": ("{claw_back: clamp}", ""),
    "an empty name": ("name: The shop", 'name: ""'),
    "a long name": ("name: The shop", f"name: {'x' * 201}"),
    "a currency in small letters": ("currency: USD", "currency: usd"),
    "an unknown currency": ("currency: USD", "currency: USX"),
    "an unknown time zone": ("Europe/Paris", "Europe/Pariss"),
    "a folder of time zones": ("Europe/Paris", "Europe"),
    "a path as time zone": ("Europe/Paris", "/etc/passwd"),
    "unknown members": ("currency:", "unknown_members: enroll, currency:"),
    "too many decimals": ("decimals: 1", "decimals: 4"),
    "decimals below zero": ("decimals: 1", "decimals: -1"),
    "decimals in words": ("decimals: 1", "decimals: one"),
    "decimals with a point": ("decimals: 1", "decimals: 1.5"),
    "a value below zero": ('"0.02"', '"-0.02"'),
    "a value with a comma": ('"0.02"', '"0,02"'),
    "a value as a flag": ('"0.02"', "true"),
    "a value too large": ('"0.02"', "1000000000000"),
    "two ways to expire": ("after_days: 180", "after_days: 180, after_months: 6"),
    "no way to expire": ("{after_days: 180}", "{}"),
    "a way to expire misspelt": ("after_days", "after_day"),
    "expired at once": ("after_days: 180", "after_days: 0"),
    "an unknown spend order": ("decimals: 1,", "spend_order: newest,"),
    "no rules": (SOUND[SOUND.index("earn:") : SOUND.index("tiers:")], "earn: []\n"),
    "an unknown rounding": ("    on: purchase", "    on: purchase\n    rounding: flor"),
    "an unknown unit in a rule": ("    unit: points", "    unit: point"),
    "no unit in a rule": ("    unit: points\n", ""),
    "a price with decimals": ("price: 500", "price: 1.5"),
    "a price with too many decimals": ("points, price: 500", "stars, price: 0.25"),
    "no points": ("{points: 1, per", "{points: 0, per"),
    "per nothing": ('per: "1.00"', "per: 0"),
    "per part of a cent": ('per: "1.00"', "per: 0.001"),
    "an amount of what has none": ("on: purchase", "on: review"),
    "earning by returns": ("on: purchase", "on: return"),
    "lines of a fixed award": (', per: "1.00"', ""),
    "until before from": ("until: 2026-12-31", "until: 2025-12-31"),
    "a date turned round": ("from: 2026-01-01", "from: 01/01/2026"),
    "a day that never was": ("until: 2026-12-31", "until: 2026-02-30"),
    "a condition that is text": (WHEN, "always"),
    "an empty condition": (WHEN, "{}"),
    "a condition of two kinds": (WHEN, f"{{not: {WHEN}, any_line: {LINES}}}"),
    "a condition of none": (WHEN, "{all: []}"),
    "a misspelt test": (WHEN, "{feild: store, is: S1}"),
    "a misspelt operator": (WHEN, "{field: store, iz: S1}"),
    "a test without an operator": (WHEN, "{field: store}"),
    "a test of two operators": (WHEN, "{field: store, is: S1, in: [S2]}"),
    "an unknown field": (WHEN, "{field: stroe, is: S1}"),
    "a field that is a number": (WHEN, "{field: 7, is: S1}"),
    "a line's field asked of the fact": (WHEN, "{field: sku, is: S1}"),
    "a fact's field asked of a line": (LINES, "{field: store, is: S1}"),
    "an unknown field of a line": (LINES, "{field: [sku], is: S1}"),
    "any_line inside lines": (LINES, "{any_line: {field: sku, is: A}}"),
    "text in order": (WHEN, "{field: store, at_least: 5}"),
    "a list equal": (LINES, "{field: labels, is: fresh}"),
    "a flag as text": (WHEN, "{field: store, is: true}"),
    "text as a flag": (WHEN, '{field: simulated, is: "yes"}'),
    "an hour too late": (WHEN, "{field: hour, is: 24}"),
    "a month by name": (WHEN, "{field: month, in: [december]}"),
    "a weekday misspelt": (WHEN, "{all: [{any: [{field: weekday, in: [sunday, munday]}]}]}"),
    "an amount in words": (WHEN, "{not: {field: total, is: lots}}"),
    "a quantity in words": (WHEN, "{any_line: {field: quantity, is: two}}"),
    "part of a cent in a test": (WHEN, '{field: total, above: "0.001"}'),
    "a span upside down": (WHEN, "{field: total, between: [20, 10]}"),
    "a span of one": (WHEN, "{field: total, between: [20]}"),
    "a span of three": (WHEN, "{field: total, between: [20, 30, 40]}"),
    "an attribute in words": (WHEN, "{field: attributes.size, at_least: large}"),
    "a rule doubled": (
        "tiers:",
        "  - {rule: basket, name: B, on: sign_up, unit: points, award: {points: 5}}\ntiers:",
    ),
    "another measure": ("measure: spend", "measure: visit"),
    "two windows": ("rolling_days: 365", "rolling_days: 365, calendar: year"),
    "an unknown window": ("rolling_days: 365", "calendar: week"),
    "a first tier above nothing": ('from: "0"', 'from: "1"'),
    "tiers out of order": ('from: "350.00"', 'from: "0.00"'),
    "a threshold of part of a cent": ('from: "350.00"', 'from: "350.001"'),
    "a tier doubled": ("tier: Gold", "tier: Base"),
    "a tier with a space": ("tier: Gold", "tier: Pure gold"),
    "a reward in an unknown unit": ("Ten off, unit: points", "Ten off, unit: miles"),
    "an unknown claw-back": ("clamp", "clampp"),
    "an unknown policy": ("deferred_revenue", "deferred_revenues"),
    "no judgement": (", judgement: A material right.", ""),
    "an empty judgement": ("A material right.", '""'),
}

TEXTS: dict[str, str | bytes] = {
    "nothing": "",
    "a list": "- 1\n",
    "a word": "hello",
    "not UTF-8": b"name: caf\xe9",
    "half a character": "name: \ud800",
    "a control character": "name: \x01",
    "nested too deeply": "[" * 50 + "]" * 50,
    "far too long": " " * 1_000_001,
    "three mistakes": SOUND.replace("points: 1,", "points: 0,")
    .replace("USD", "usd")
    .replace("clamp", "grab"),
    "no yen has decimals": SOUND.replace("USD", "JPY").replace('"10.00"', '"10.50"'),
}

BEHAVIOUR = """\
behaviour: 1
name: Month-end burners
burn:
  - {at: month_end, unit: points, when_balance_at_least: 500, in_steps_of: 100}
"""

BEHAVIOURS = {
    "another version": BEHAVIOUR.replace("behaviour: 1", "behaviour: 0"),
    "another time": BEHAVIOUR.replace("month_end", "week_end"),
    "an unknown unit": BEHAVIOUR.replace("unit: points", "unit: miles"),
    "no step": BEHAVIOUR.replace("in_steps_of: 100", "in_steps_of: 0"),
    "decimals": BEHAVIOUR.replace("500", "0.5"),
    "nothing": "",
}
