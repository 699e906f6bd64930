"""Two programs that between them say everything the language can say, as texts.

SPOKEN is a coast of hotels, shops and ferries; CHANGED is the same program a year later, with
nothing left as it was.
"""

SPOKEN = """\
blueprint: 1
program: {code: coast, name: The coast, currency: USD, time_zone: UTC, late_facts: re_evaluate}
segments: [vip, student]
conditions:
  big-basket: {field: total, at_least: "100.00"}
  regular: {all: [{field: measures.visits, at_least: 3}, {not: {condition: big-basket}}]}
  spender: {any: [{field: measures.spent, between: ["100.00", "500.00"]},
    {field: measures.miles, below: "2"}, {field: measures.reviews, in: [1, 3]},
    {field: measures.day, below: "2.00"}]}
measures:
  visits: {measure: visits, window: {rolling_days: 90}}
  day: {measure: spend, window: {rolling_days: 1}}
  spent: {measure: spend, window: membership_year}
  miles: {measure: earned, unit: miles, window: {calendar: year}}
  reviews: {measure: count, of: review, window: lifetime}
units:
  points:
    name: points
    singular: point
    value: "0.01"
    most: 100000
    expires: {after_months: 12, rounded_up_to: month, ladder: status,
      by_tier: {Silver: {end_of_year: 2}, Gold: {never: true}}}
    reinstate: {within_days: 10, for_days: 30}
  miles:
    name: status miles
    singular: status mile
    decimals: 1
    spendable: false
    expires: {membership_year: 0}
    reinstate: {within_days: 1, for_days: 1}
  stars: {name: stars, singular: star, value: "1", expires: {on_date: {month: 12, day: 31}}}
  stamps: {name: stamps, singular: stamp, value: "1", decimals: 2, spend_order: soonest_expiry,
    expires: {inactivity: {days: 365}, rounded_up_to: year, activity: [purchase, burn]}}
  shells: {name: shells, singular: shell, value: "1", expires: {end_of_year: 0}}
  chips: {name: chips, singular: chip, spendable: false}
groups: {promos: best_of, welcome: first_match, others: all}
earn:
  - {rule: plain, name: Points for purchases, on: purchase, unit: points,
     award: {by_tier: {Base: 1, Silver: "1.2", Gold: "1.5"}, per: "1.00"},
     base: {tax: in}, pending: {days: 1}}
  - {rule: whole, name: Whole dollars, on: purchase, unit: stars, award: {points: 1, per: "1.00"},
     rounding_of: line, base: {stored_value: in}}
  - {rule: parts, name: Parts, on: purchase, unit: stars, award: {points: "0.5", per: "10.00"},
     base: {tax: in, delivery: in, discounts: in, stored_value: in, points: in}}
  - {rule: stays, name: Miles for stays, on: hotel_stay, unit: miles,
     award: {points: "0.1", per: "1.00"}}
  - {rule: back, name: Cash back, on: purchase, unit: stamps, award: {percent: 3},
     budget: {points: 1000, each: month}, expires: {after_days: 1}}
  - {rule: more-back, name: More cash back, on: hotel_stay, unit: stamps,
     award: {percent_by_tier: {Silver: 3, Gold: 5}}, rounding: nearest, budget: {points: 1}}
  - {rule: sail, name: Sailing, on: purchase, unit: points,
     award: {by_tier: {Mate: 5, Captain: 10}, ladder: crew}, when: {field: source, is: ferry}}
  - {rule: items, name: Tea, on: purchase, unit: points, award: {points: 2, each: item},
     lines: {field: category, is: tea}, rounding: nearest}
  - {rule: three, name: Three for one, on: purchase, unit: points,
     award: {points: 10, each: item, per: 3}, limits: [{points: 100, each: membership_year}]}
  - {rule: lines, name: Lines, on: purchase, unit: points, award: {points: 1, each: line},
     limits: [{times: 2, each: week}, {points: 200, each: fact, above: nothing}]}
  - {rule: nights, name: Nights, on: hotel_stay, unit: points,
     award: {points: 50, each: attributes.nights}, pending: {until: completed}}
  - {rule: partner, name: Partner points, on: partner_transfer, unit: points,
     award: {points: 5000, each: attributes.partner_points, per: 20000}, rounding: ceiling}
  - {rule: ride, name: Rides, on: e_bike_ride, unit: points,
     award: {points: "0.5", each: attributes.km}, pending: {days: 3, until: bike_return}}
  - {rule: double, name: Double points, on: purchase, unit: points,
     award: {multiply: 2, of: [plain]}, lines: {field: brand, in: [ours, theirs]},
     group: promos, priority: 5}
  - {rule: tuesday, name: Tuesdays, on: purchase, unit: points, award: {multiply: 3},
     group: promos, weekdays: [tuesday], hours: {from: "15:00", until: "18:30"}}
  - {rule: gold, name: More as Gold, on: purchase, unit: points,
     award: {multiply_by_tier: {Silver: "1.25", Gold: "1.5"}}}
  - {rule: tobacco, name: Tobacco, on: purchase, unit: points,
     award: {multiply: 0, of: [plain, items]}, lines: {field: category, is: tobacco}}
  - {rule: sale, name: Sale, on: purchase, unit: stars, award: {multiply: "0.5"},
     lines: {field: labels, has: sale}}
  - {rule: app, name: In the app, on: purchase, unit: points, award: {points: 100}, group: welcome,
     when: {all: [{field: count.purchase, is: 1}, {field: member.profile.newsletter, is: true}]},
     stores: [S1, S2], channels: [app, web], from: 2026-05-01, until: 2026-06-30}
  - {rule: first, name: First purchase, on: purchase, unit: points, award: {points: 50},
     group: welcome, when: {field: count.purchase, at_most: 1}, limits: [{times: 1, each: ever}]}
  - {rule: early, name: Early, on: purchase, unit: points, award: {points: 5}, group: others,
     stop: true, when: {all: [{field: count.purchase, at_most: 3}, {field: count.review, below: 2},
       {field: member.days, at_least: 30}, {field: member.segments, has: vip}]}}
  - {rule: later, name: Later, on: purchase, unit: points, award: {points: 5}, group: others,
     stop: true, when: {any: [{field: count.purchase, at_least: 5},
       {field: count.purchase, in: [2, 3]},
       {field: count.purchase, above: 11}, {field: count.purchase, below: 21},
       {field: count.purchase, between: [22, 23]}, {field: count.survey, is: 1},
       {field: member.days, between: [1, 7]}, {field: member.profile.home_town, is: Porto},
       {field: member.profile.newsletter, is: false}, {field: attributes.party_size, above: 2}]}}
  - {rule: tiers, name: For tiers, on: purchase, unit: points, award: {points: 5},
     when: {all: [{field: member.tier, in: [Silver, Gold]}, {field: member.tiers.crew, is: Mate},
       {condition: regular}, {condition: spender}]}}
  - {rule: staff, name: Staff, on: purchase, unit: points, award: {points: 1}, priority: 10,
     stop: true, when: {field: member.tier, is: Base}, stores: [S9]}
  - {rule: halt, name: Halt, on: survey, unit: points, award: {points: 1}, stop: true}
  - {rule: survey, name: Surveys, on: survey, unit: points, award: {points: 5}}
  - {rule: join, name: Welcome, on: sign_up, unit: points, award: {points: 100},
     expires: {never: true}}
  - {rule: status, name: Head start, on: sign_up, unit: miles, award: {points: 10},
     pending: {days: 2}, expires: {after_days: 30, since: release}}
  - {rule: brought, name: A friend, on: referral, unit: points, award: {points: 500},
     limits: [{times: 10, each: ever}]}
  - {rule: came, name: Brought, on: referred, unit: points, award: {points: 250}}
  - {rule: firm, name: For companies, on: company_purchase, unit: points,
     award: {points: 1, per: "5.00"}, expires: {on_day: {day: 15, months: 4}}}
limits:
  - {limit: bonus-cap, rules: [join, brought], points: 1000, times: 5, each: year}
  - {limit: survey-cap, rules: [survey], points: 50, each: day, above: nothing}
tiers:
  - code: status
    name: Status
    measures:
      miles: {measure: earned, unit: miles, window: {calendar: year}}
      baskets: {measure: visits, window: {calendar: year}}
      reviews: {measure: count, of: review, window: lifetime}
      spend: {measure: spend, window: since_review}
    validity: {end_of_year: 1}
    downgrade: one_step
    grace_days: 30
    moved: {Bronze: Base}
    benefits:
      - {benefit: lounge, name: a visit to the lounge, each: year}
      - {benefit: gift, name: a welcome gift, each: ever}
    ladder:
      - {tier: Base}
      - {tier: Silver, any: {miles: 1000, baskets: 1}, benefits: {lounge: 1}}
      - {tier: Gold, name: Pure Gold, any: {miles: 2000, baskets: 10, reviews: 1, spend: "5000.00"},
         lifetime: true, benefits: {lounge: 2, gift: 1}}
  - code: crew
    name: Crew
    measure: {measure: earned, unit: miles}
    window: membership_year
    ladder: [{tier: Mate, from: 0}, {tier: Captain, from: 100}]
rewards:
  - {reward: one, name: a shell, unit: shells, price: 1, value: 0}
  - {reward: ten-off, name: $10 off, unit: points, price: 1000, value: 10, by_tier: {Gold: 900}}
  - {reward: trip, name: a trip, unit: points, price: 5000, value: 80, tiers: [Silver, Gold]}
  - {reward: bridge, name: an hour on the bridge, unit: points, price: 100, value: 1,
     tiers: [Captain], ladder: crew}
referrals: {trigger: first_purchase, minimum: "20.00", within_days: 90}
transfers: {units: [points, stars], limits: [{points: 50000, each: year}, {times: 3, each: month}]}
households: {pool: [points, stars]}
companies: true
corrections: {reasons: [goodwill, honest-mistake], most: {points: 500}, negative: clamp}
returns: {claw_back: carry_forward, burned: whole}
books: {judgement: The points are a material right.}
"""

# What stands in SPOKEN, and what stands there a year later.
YEAR = (
    ("name: The coast, ", "name: The new coast, unknown_members: refuse, "),
    ("late_facts: re_evaluate", "late_facts: leave"),
    ("segments: [vip, student]", "segments: [vip, pensioner]"),
    ('at_least: "100.00"}', 'at_least: "150.00"}'),
    (
        "  spender: {any:",
        "  cheap: {field: total, below: 5}\n  spender: {any:",
    ),
    ("{rolling_days: 90}}", "{calendar: month}}"),
    (
        "  reviews: {measure: count, of: review, window: lifetime}\nunits",
        "  reviews: {measure: count, of: post, window: membership_year}\nunits",
    ),
    ("most: 100000", "spend_order: soonest_expiry"),
    (
        "{after_months: 12, rounded_up_to: month, ladder: status,",
        "{end_of_month: 24, rounded_up_to: year,",
    ),
    (
        "by_tier: {Silver: {end_of_year: 2}, Gold: {never: true}}}",
        "by_tier: {Mate: {end_of_year: 1}}, ladder: crew}",
    ),
    ("    reinstate: {within_days: 10, for_days: 30}\n", ""),
    ("expires: {membership_year: 0}", "expires: {membership_year: 2}"),
    ("{on_date: {month: 12, day: 31}}", "{on_date: {month: 6, day: 30, after: 2}}"),
    (
        "inactivity: {days: 365}, rounded_up_to: year, activity: [purchase, burn]",
        "inactivity: {months: 18}, activity: [check_in]",
    ),
    ("expires: {end_of_year: 0}}", "expires: {membership_year: 1}}"),
    (
        "chips: {name: chips, singular: chip, spendable: false}",
        "pearls: {name: pearls, singular: pearl, spendable: false, expires: {after_days: 1}}",
    ),
    ("promos: best_of, welcome: first_match", "promos: first_match, welcome: all"),
    ('Gold: "1.5"}, per: "1.00"}', 'Gold: 2}, per: "1.00"}'),
    ("base: {tax: in}, pending: {days: 1}", "base: {discounts: in}, pending: {until: shipped}"),
    ("rounding_of: line, base: {stored_value: in}", "rounding: ceiling"),
    ("percent: 3}", "percent: 4}"),
    (
        "budget: {points: 1000, each: month}, expires: {after_days: 1}",
        "budget: {points: 10, each: ever}, expires: {never: true}",
    ),
    ("award: {points: 2, each: item}", "award: {points: 3, each: line}"),
    ("limits: [{points: 100, each: membership_year}]", "limits: [{points: 100, each: week}]"),
    ("{points: 200, each: fact, above: nothing}", "{points: 200, each: fact}"),
    ("multiply: 2, of: [plain]", "multiply: 2, of: [plain, items]"),
    (
        'weekdays: [tuesday], hours: {from: "15:00", until: "18:30"}',
        "weekdays: [monday, sunday], channels: [web]",
    ),
    ("group: promos, priority: 5", "group: promos, priority: -5"),
    (
        "stores: [S1, S2], channels: [app, web], from: 2026-05-01, until: 2026-06-30",
        'hours: {from: "00:00", until: "24:00"}',
    ),
    ("group: welcome, when: {field: count.purchase, at_most: 1}", "group: promos"),
    ("priority: 10,\n     stop: true, when", "priority: 10,\n     when"),
    ("award: {points: 1}, stop: true}", "award: {points: 2}}"),
    ("award: {points: 5}}\n  - {rule: join", "award: {points: 5}, stop: true}\n  - {rule: join"),
    (
        "limit: bonus-cap, rules: [join, brought], points: 1000, times: 5, each: year",
        "limit: bonus-cap, rules: [join, came], points: 1000, each: ever",
    ),
    (
        "  - {limit: survey-cap, rules: [survey], points: 50, each: day, above: nothing}",
        "  - {limit: survey-limit, rules: [survey], times: 3, each: day}",
    ),
    (
        "baskets: {measure: visits, window: {calendar: year}}",
        "baskets: {measure: visits, window: {rolling_days: 30}}",
    ),
    (
        "validity: {end_of_year: 1}\n    downgrade: one_step\n    grace_days: 30",
        "validity: {membership_year: 0, plus_days: 1}\n    downgrade: full\n    upgrade: at_review",
    ),
    ("moved: {Bronze: Base}", "moved: {Bronze: Silver, Tin: Base}"),
    ("name: a visit to the lounge, each: year", "name: a lounge visit, each: membership_year"),
    (
        "      - {benefit: gift, name: a welcome gift, each: ever}\n",
        "      - {benefit: car, name: a car, each: ever}\n",
    ),
    ("any: {miles: 1000, baskets: 1}, benefits: {lounge: 1}", "all: {miles: 1000, baskets: 1}"),
    ("name: Pure Gold, any:", "name: Golden, any:"),
    (
        "         lifetime: true, benefits: {lounge: 2, gift: 1}}",
        (
            "         benefits: {lounge: 3, car: 2}}\n"
            "      - {tier: Diamond, all: {miles: 3000, baskets: 20}, lifetime: true}"
        ),
    ),
    (
        "    ladder: [{tier: Mate, from: 0}, {tier: Captain, from: 100}]",
        (
            "    validity: {months: 1}\n    downgrade: none\n"
            "    ladder: [{tier: Mate, name: Sailor, from: 0}, {tier: Captain, from: 200}]"
        ),
    ),
    ("by_tier: {Gold: 900}", "by_tier: {Gold: 800, Silver: 950}"),
    ("tiers: [Silver, Gold]}", "tiers: [Gold]}"),
    (
        'trigger: first_purchase, minimum: "20.00", within_days: 90',
        "trigger: every_purchase, checks: []",
    ),
    (
        "units: [points, stars], limits: [{points: 50000, each: year}, {times: 3, each: month}]",
        "units: [points], expiry: reset",
    ),
    ("households: {pool: [points, stars]}\ncompanies: true\n", "households: {pool: [points]}\n"),
    (
        "reasons: [goodwill, honest-mistake], most: {points: 500}, negative: clamp",
        "most: {stars: 5}, negative: allow",
    ),
    ("claw_back: carry_forward, burned: whole", "claw_back: clamp, burned: keep"),
    ("The points are", "The points are still"),
)


def _changed() -> str:
    text = SPOKEN
    for old, new in YEAR:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return text


CHANGED = _changed()

# The same program with hardly anything in it.
SMALL = """\
blueprint: 1
program: {code: coast, name: The coast, currency: USD, time_zone: UTC}
units:
  points: {name: points, singular: point, value: "0.01"}
earn:
  - {rule: welcome, name: Hello, on: sign_up, award: {points: 1}}
books: {judgement: The points are a material right.}
"""
