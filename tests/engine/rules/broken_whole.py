"""Broken documents by name: the one that uses every key, with one thing spoiled."""

from tests.engine.rules.whole import WHOLE

EXPIRES = "inactivity: {months: 12}"
RATES = 'award: {by_tier: {Base: 1, Silver: "1.2", Gold: "1.5"}, per: "1.00", ladder: status}'
DOUBLE = "award: {multiply: 2, of: [purchases]}"
NIGHTS = "award: {points: 5000, each: attributes.nights, per: 2}"
LAST = "{field: count.referral, below: 10}"
TWICE = """\
  - rule: twice
    name: Twice
    on: referral
    award: {multiply: 2, of: [brought]}
    lines: {field: sku, is: A}
"""

# The same in the document that uses every key.
SPOILED_WHOLE = {
    # names
    "a segment in capitals": ("segments: [vip,", "segments: [VIP,"),
    "a segment twice": ("segments: [vip,", "segments: [student,"),
    "an unknown segment": ("has: vip", "has: vipp"),
    "no segments": ("segments: [vip, student]\n", ""),
    "an unknown condition": ("- {condition: regular}", "- {condition: regulars}"),
    "no conditions": (WHOLE[WHOLE.index("conditions:") : WHOLE.index("measures:")], ""),
    "a condition that asks for itself": (
        '{field: total, at_least: "100.00"}',
        "{not: {condition: regular}}",
    ),
    "a condition broken inside": ("{field: measures.visits, above: 3}", "{field: store, above: 3}"),
    "a condition misspelt inside": ("{field: measures.visits, above: 3}", "{feild: store}"),
    "too many names in one another": (
        "  regular:",
        "  "
        + "\n  ".join(f"c{n}: {{not: {{condition: c{n + 1}}}}}" for n in range(20))
        + "\n  c20: {condition: big-basket}\n  regular:",
    ),
    "too many parts in one another": (
        "  regular:",
        "  "
        + "\n  ".join(
            f"c{n}: {{any: [{', '.join([f'{{condition: c{n + 1}}}'] * 12)}]}}" for n in range(4)
        )
        + "\n  c4: {condition: big-basket}\n  regular:",
    ),
    "a named condition in lines": ("lines: {field: brand, in: [ours]}", "lines: {condition: big}"),
    "an unknown measure in a condition": ("measures.miles", "measures.mile"),
    "no measures": (WHOLE[WHOLE.index("measures:") : WHOLE.index("units:")], ""),
    "part of a visit": ("{field: measures.visits, above: 3}", "{field: measures.visits, is: 3.5}"),
    "miles too fine": ("between: [10.5, 20]", "between: [10.55, 20]"),
    "a measure in words": ("between: [10.5, 20]", "in: [many]"),
    "a count in words": (LAST, "{field: count.referral, is: few}"),
    "half a fact": (LAST, "{field: count.referral, below: 1.5}"),
    "a count of no type": (LAST, "{field: count.Referral, below: 10}"),
    "an unknown tier in a condition": ("in: [Base]", "in: [Basic]"),
    "an unknown ladder in a condition": ("member.tiers.crew", "member.tiers.crews"),
    "a tier in order": ("in: [Base]", "at_least: Base"),
    "a member's field misspelt": ("field: member.days", "field: member.day"),
    "a member asked of a line": ("lines: {field: brand,", "lines: {field: member.tier,"),
    # measures
    "a measure of nothing known": ("{measure: visits, window", "{measure: visit, window"),
    "a measure without a window": (
        "visits: {measure: visits, window: {rolling_days: 90}}",
        "visits: {measure: visits}",
    ),
    "a count of what": ("count, of: review,", "count,"),
    "a unit of spend": ("spent: {measure: spend,", "spent: {measure: spend, unit: points,"),
    "a type of visits": ("visits: {measure: visits,", "visits: {measure: visits, of: review,"),
    "an unknown unit that was earned": (
        "{measure: earned, unit: miles",
        "{measure: earned, unit: mile",
    ),
    "a window since no review": ("window: membership_year", "window: since_review"),
    "a window misspelt": ("window: membership_year", "window: member_year"),
    "a window that is a number": ("window: membership_year", "window: 365"),
    # units
    "no value": ('    value: "0.01"\n', ""),
    "spendable in words": ("spendable: false", "spendable: no"),
    "a balance of parts of a point": ("most: 100000", "most: 0.5"),
    "nothing at most": ("most: 100000", "most: 0"),
    "two terms": (EXPIRES, "never: true\n      after_days: 5"),
    "two terms of a tier": ("Gold: {never: true}", "Gold: {never: true, after_days: 5}"),
    "no term of a tier": ("Gold: {never: true}", "Gold: {}"),
    "not never": ("Gold: {never: true}", "Gold: {never: false}"),
    "the end of never": ("{never: true}", "{never: true, rounded_up_to: year}"),
    "never since": ("{never: true}", "{never: true, since: release}"),
    "a term of an unknown tier": ("Gold: {never: true}", "Golden: {never: true}"),
    "a term of an unknown ladder": (
        "      ladder: status\n      activity",
        "      ladder: state\n      activity",
    ),
    "a ladder without tiers": ("{membership_year: 0}", "{membership_year: 0, ladder: crew}"),
    "activity that changes nothing": (
        "{membership_year: 0}",
        "{membership_year: 0, activity: [stay]}",
    ),
    "inactivity since release": ("rounded_up_to: month", "since: release"),
    "inactivity for ever": (EXPIRES, "inactivity: {}"),
    "31 June": ("{month: 12, day: 31, after: 1}", "{month: 6, day: 31}"),
    "a month too late": ("{month: 12, day: 31, after: 1}", "{month: 13, day: 1}"),
    "a date without a day": ("{month: 12, day: 31, after: 1}", "{month: 12}"),
    "released without pending": ("{membership_year: 0}", "{membership_year: 0, since: release}"),
    "half a return": ("{within_days: 10, for_days: 30}", "{within_days: 10}"),
    # rules
    "a type that earns nothing": ("on: sign_up", "on: merged"),
    "no award": ("award: {points: 100}", "award: {}"),
    "two awards": ("award: {points: 100}", "award: {points: 100, percent: 1}"),
    "a key of another award": (
        'award: {percent: "3.5"}',
        "award: {percent: 3.5, per: 1, each: item}",
    ),
    "of without multiply": ("award: {points: 100}", "award: {points: 100, of: [purchases]}"),
    "no percent": ('{percent: "3.5"}', "{percent: 0}"),
    "no rate": ("{points: 1.55,", "{points: 0,"),
    "percent of status points": (
        "    unit: stars\n    award: {percent:",
        "    unit: miles\n    award: {percent:",
    ),
    "an unknown tier's rate": ('Silver: "1.2"', 'Sliver: "1.2"'),
    "an unknown ladder's rate": ('"1.00", ladder: status', '"1.00", ladder: state'),
    "a tier of another ladder": ('"1.00", ladder: status', '"1.00", ladder: crew'),
    "a rate that is text": ('Silver: "1.2"', "Silver: lots"),
    "no tier's rate": (RATES, "award: {by_tier: {}, per: 1}"),
    "a fixed award by tier too fine": ("award: {points: 100}", "award: {by_tier: {Gold: 1.5}}"),
    "a ladder of a plain award": ("award: {points: 100}", "award: {points: 100, ladder: crew}"),
    "an unknown thing to count": ("each: item", "each: items"),
    "part of a night": ("per: 2}", "per: 1.5}"),
    "no nights": ("per: 2}", "per: 0}"),
    "a base of a fixed award": (
        "award: {points: 100}",
        "award: {points: 100}\n    base: {tax: in}",
    ),
    "a base of a multiplier": (DOUBLE, DOUBLE + "\n    base: {tax: in}"),
    "a base half in": ("points: out, rewards: out}", "points: half}"),
    "lines of an attribute": (NIGHTS, NIGHTS + "\n    lines: {field: sku, is: A}"),
    "rounding of a multiplier": (DOUBLE, DOUBLE + "\n    rounding: floor"),
    "an unknown rule to multiply": ("of: [purchases]", "of: [purchase]"),
    "a multiplier multiplied": ("of: [purchases]", "of: [double]"),
    "a rule on other facts multiplied": ("of: [purchases]", "of: [nights]"),
    "a rule of another unit multiplied": (
        "{multiply: 2, of: [purchases]}",
        "{multiply: 2, of: [purchases, back]}",
    ),
    "a fixed award by lines": (
        "limits:\n  - {limit",
        TWICE + "limits:\n  - {limit",
    ),
    "nothing to multiply": (
        "    on: stay\n    unit: miles\n    award: {points",
        "    on: travel\n    unit: miles\n    award: {points",
    ),
    "percent of a sign-up": ("award: {points: 100}", "award: {percent: 1}"),
    "items of a sign-up": ("award: {points: 100}", "award: {points: 1, each: item}"),
    "an amount of a referral": ("award: {points: 50}", "award: {points: 5, per: 1}"),
    "a limit of nothing": ("{points: 500, each: day}", "{each: day}"),
    "a limit of no points": ("{points: 500, each: day}", "{points: 0, each: day}"),
    "a limit of parts of a point": ("{points: 500, each: day}", "{points: 0.5, each: day}"),
    "a limit without a span": ("{points: 500, each: day}", "{points: 500}"),
    "a limit for a season": ("{points: 500, each: day}", "{points: 500, each: season}"),
    "a limit below itself": ("above: nothing", "above: all"),
    "a budget of nothing": ("{points: 100000.25, each: month}", "{points: 0}"),
    "a budget too fine": ("100000.25", "100000.255"),
    "a budget for each member's year": ("100000.25, each: month", "100000, each: membership_year"),
    "a priority in words": ("priority: 10", "priority: high"),
    "stop in words": ("stop: true", "stop: yes"),
    "an unknown group": ("group: promos", "group: promo"),
    "no groups": ("groups: {promos: best_of}\n", ""),
    "an unknown kind of group": ("{promos: best_of}", "{promos: best}"),
    "an unknown day": ("[tuesday, monday]", "[tuesday, mon]"),
    "a day twice": ("[tuesday, monday]", "[tuesday, tuesday]"),
    "no days": ("[tuesday, monday]", "[]"),
    "hours over midnight": ('{from: "15:00", until: "24:00"}', '{from: "22:00", until: "02:00"}'),
    "an hour that is none": ('from: "15:00"', 'from: "25:00"'),
    "hours without an end": (', until: "24:00"}', "}"),
    "a store that is a flag": ("[S1, 17]", "[true]"),
    "pending for no days": ("pending: {days: 14}", "pending: {days: 0}"),
    "released by what means more": ("{until: shipped}", "{until: return}"),
    "since a release without one": ("    pending: {until: shipped}\n", ""),
    "two terms of a rule": (
        "{on_day: {day: 15, months: 4}}",
        "{on_day: {day: 15, months: 4}, after_days: 1}",
    ),
    # shared limits
    "a limit of an unknown rule": ("[join, brought]", "[join, bought]"),
    "a limit of two units": ("[join, brought]", "[join, stays]"),
    "a limit twice": (
        "points: 100, times: 5, each: year, above: part}",
        "points: 100, each: year}\n  - {limit: bonus-cap, rules: [join], times: 1, each: day}",
    ),
    "a limit of no rule": ("rules: [join, brought]", "rules: []"),
    # tiers
    "a ladder without a code": ("  - code: crew\n    measure", "  - measure"),
    "a ladder twice": ("code: crew", "code: status"),
    "no ladders": (WHOLE[WHOLE.index("tiers:\n") : WHOLE.index("rewards:\n")], ""),
    "no ladders in a list": (
        WHOLE[WHOLE.index("tiers:\n") : WHOLE.index("rewards:\n")],
        "tiers: []\n",
    ),
    "a ladder that is text": (
        WHOLE[WHOLE.index("tiers:\n") : WHOLE.index("rewards:\n")],
        "tiers: Gold\n",
    ),
    "a measure and measures": (
        "    measure: miles",
        "    measure: miles\n    measures: {miles: miles}",
    ),
    "no measure": ("    measure: miles\n", ""),
    "an unknown measure of a ladder": ("measure: miles", "measure: mile"),
    "two windows of a measure": ("    measure: miles", "    measure: miles\n    window: lifetime"),
    "a measure in no window": ("    window: since_review\n", ""),
    "spend in no window": ("    measure: miles", "    measure: spend"),
    "a measure that is a list": ("measure: miles", "measure: [miles]"),
    "at a review that never comes": (
        "until: for_ever}",
        "until: for_ever}\n    upgrade: at_review",
    ),
    "days after no end": ("until: for_ever}", "until: for_ever}\n    grace_days: 5"),
    "days on top of nothing": ("until: for_ever}", "until: for_ever, plus_days: 5}"),
    "since the review of none": ("    validity: {end_of_month: 0, plus_days: 7}\n", ""),
    "two validities": ("{end_of_month: 0, plus_days: 7}", "{end_of_month: 0, days: 7}"),
    "no validity": ("{end_of_month: 0, plus_days: 7}", "{plus_days: 7}"),
    "an unknown validity": ("until: for_ever", "until: forever"),
    "an unknown downgrade": ("downgrade: one_step", "downgrade: one"),
    "moved to a tier that is not there": ("{Old: Silver}", "{Old: Sliver}"),
    "moved from a tier that is there": ("{Old: Silver}", "{Gold: Silver}"),
    "moved from a sentence": ("{Old: Silver}", "{Old one: Silver}"),
    "a benefit not declared": ("benefits: {lounge: 2}", "benefits: {lunge: 2}"),
    "no benefits": ("    benefits: [{benefit: lounge, name: Lounge visit, each: year}]\n", ""),
    "a benefit of none": ("benefits: {lounge: 2}", "benefits: {lounge: 0}"),
    "a benefit twice": (
        "name: Lounge visit, each: year}",
        "name: L, each: year}, {benefit: lounge, name: L, each: day}",
    ),
    "a benefit for each purchase": ("name: Lounge visit, each: year", "name: L, each: fact"),
    "a first tier that needs something": ("{tier: Base}", "{tier: Base, any: {points: 1}}"),
    "a tier that needs nothing": (
        "{tier: Silver, any: {points: 1000, baskets: 10},",
        "{tier: Silver,",
    ),
    "a tier with two needs": (
        "{tier: Captain, from: 100.5}",
        "{tier: Captain, from: 100.5, any: {miles: 5}}",
    ),
    "from with several measures": (
        "{tier: Silver, any: {points: 1000, baskets: 10},",
        "{tier: Silver, from: 5,",
    ),
    "a need of an unknown measure": ("{points: 1000, baskets: 10}", "{points: 1000, basket: 10}"),
    "a need of no measure": ("any: {points: 1000, baskets: 10}", "any: {}"),
    "a need of part of a basket": ("{points: 1000, baskets: 10}", "{points: 1000, baskets: 9.5}"),
    "a need too fine": ("from: 100.5", "from: 100.55"),
    "tiers that do not rise": (
        "all: {points: 2000, baskets: 10, stays: 1}",
        "any: {points: 2000, baskets: 9}",
    ),
    "tiers that are the same": (
        "all: {points: 2000, baskets: 10, stays: 1}",
        "any: {points: 1000, baskets: 10}",
    ),
    # rewards and the rest
    "status points as a price": ("Ten off\n    unit: points", "Ten off\n    unit: miles"),
    "an unknown tier's price": ("by_tier: {Gold: 900}", "by_tier: {Golden: 900}"),
    "a tier's price too fine": ("by_tier: {Gold: 900}", "by_tier: {Gold: 0.5}"),
    "a reward for an unknown tier": ("tiers: [Silver, Gold]", "tiers: [Silver, Platinum]"),
    "a reward of an unknown ladder": (
        "    ladder: status\nreferrals",
        "    ladder: state\nreferrals",
    ),
    "an unknown trigger": ("trigger: first_purchase", "trigger: purchase"),
    "the least of a sign-up": ("trigger: first_purchase", "trigger: sign_up"),
    "an unknown check": ("checks: [email, phone]", "checks: [mail]"),
    "a minimum too fine": ('minimum: "20.00"', 'minimum: "20.001"'),
    "an unknown unit handed over": ("transfers: {units: [points]", "transfers: {units: [pints]"),
    "status points handed over": ("transfers: {units: [points]", "transfers: {units: [miles]"),
    "points of two kinds handed over": (
        "transfers: {units: [points]",
        "transfers: {units: [points, stars]",
    ),
    "status points in a household": ("pool: [points, stars]", "pool: [points, miles]"),
    "a household without points": ("{pool: [points, stars]}", "{}"),
    "companies in words": ("companies: true", "companies: yes"),
    "a reason that is a sentence": ("reasons: [goodwill,", "reasons: [good will,"),
    "an unknown unit corrected": ("most: {points: 500}", "most: {pints: 500}"),
    "a correction too fine": ("most: {points: 500}", "most: {points: 0.5}"),
    "an unknown end below zero": ("negative: clamp", "negative: debt"),
    "an unknown fate of what was burned": ("burned: whole", "burned: half"),
    "late facts": ("late_facts: re_evaluate", "late_facts: ignore"),
    # a broken part is not held against the others
    "a broken unit that others name": ("    decimals: 1\n", "    decimals: 9\n"),
    "a broken currency that amounts are in": ("currency: EUR", "currency: EUX"),
    "a broken rule that others name": ("name: Points for purchases", "name: 5"),
    "broken tiers that others name": ("{tier: Base}", "{teir: Base}"),
    "broken names of rules": ("earn:\n", "earn: 5\nearns:\n"),
    "broken names of segments": ("segments: [vip, student]", "segments: vip"),
    "broken names of groups": ("groups: {promos: best_of}", "groups: [promos]"),
    "broken names of measures": ("measures:\n  visits", "measures: 5\nmeasure:\n  visits"),
    "broken names of conditions": ("conditions:\n", "conditions: 5\ncondition:\n"),
    "a broken condition that others name": ('{field: total, at_least: "100.00"}', "{total: 100}"),
    "broken transfers": ("expiry: reset", "expiry: new"),
}
