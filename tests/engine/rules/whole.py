"""A sound blueprint that uses every key of the language, as text."""

WHOLE = """\
blueprint: 1
program:
  code: coast
  name: The coast
  currency: EUR
  time_zone: Europe/Lisbon
  unknown_members: keep
  late_facts: re_evaluate
segments: [vip, student]
conditions:
  big-basket: {field: total, at_least: "100.00"}
  regular: {all: [{field: measures.visits, above: 3}, {condition: big-basket}]}
measures:
  visits: {measure: visits, window: {rolling_days: 90}}
  miles: {measure: earned, unit: miles, window: {calendar: year}}
  reviews: {measure: count, of: review, window: lifetime}
  spent: {measure: spend, window: membership_year}
units:
  points:
    name: points
    singular: point
    value: "0.01"
    spend_order: soonest_expiry
    most: 100000
    expires:
      inactivity: {months: 12}
      rounded_up_to: month
      by_tier:
        Gold: {never: true}
        Silver: {end_of_year: 1, since: release}
      ladder: status
      activity: [purchase, burn]
    reinstate: {within_days: 10, for_days: 30}
  miles:
    name: miles
    decimals: 1
    spendable: false
    expires: {membership_year: 0}
  stars: {name: stars, decimals: 2, value: "1", expires: {on_date: {month: 12, day: 31, after: 1}}}
groups: {promos: best_of}
earn:
  - rule: purchases
    name: Points for purchases
    on: purchase
    unit: points
    award: {by_tier: {Base: 1, Silver: "1.2", Gold: "1.5"}, per: "1.00", ladder: status}
    base: {tax: in, delivery: in, discounts: in, stored_value: in, points: out, rewards: out}
    rounding: nearest
    rounding_of: line
    pending: {days: 14}
    limits:
      - {points: 500, each: day}
      - {times: 1, each: fact, above: nothing}
  - rule: coffee
    name: Coffee
    on: purchase
    unit: points
    award: {points: 2, each: item}
    lines: {all: [{field: category, is: coffee}, {not: {field: labels, has: sale}}]}
    when: {not: {any: [{field: member.tier, in: [Base]}, {field: member.segments, has: vip}]}}
    group: promos
    from: 2026-12-01
    until: 2026-12-31
    weekdays: [tuesday, monday]
    hours: {from: "15:00", until: "24:00"}
    stores: [S1, 17]
    channels: [online]
    priority: 10
    stop: true
    expires: {after_days: 30, since: release}
    pending: {until: shipped}
  - rule: back
    name: Cash back
    on: purchase
    unit: stars
    award: {percent: "3.5"}
    budget: {points: 100000.25, each: month}
  - rule: more-back
    name: More cash back
    on: purchase
    unit: stars
    award: {percent_by_tier: {Gold: 1}}
    expires: {on_day: {day: 15, months: 4}}
  - rule: double
    name: Double points
    on: purchase
    award: {multiply: 2, of: [purchases]}
    lines: {field: brand, in: [ours]}
  - rule: gold-miles
    name: More miles
    on: stay
    unit: miles
    award: {multiply_by_tier: {Captain: "1.25"}, ladder: crew}
  - rule: stays
    name: Miles for stays
    on: stay
    unit: miles
    award: {points: 1.55, per: "0.50"}
  - rule: nights
    name: Points for nights
    on: stay
    unit: points
    award: {points: 5000, each: attributes.nights, per: 2}
  - rule: join
    name: Welcome
    on: sign_up
    unit: points
    award: {points: 100}
    when: {any_line: {field: sku, is: A}}
  - rule: brought
    name: A friend
    on: referral
    unit: points
    award: {points: 50}
    when:
      all:
        - {condition: regular}
        - {field: member.tiers.crew, is: Mate}
        - {field: member.days, at_most: 365}
        - {field: member.profile.city, is: Porto}
        - {field: count.referral, below: 10}
        - {field: measures.miles, between: [10.5, 20]}
limits:
  - {limit: bonus-cap, rules: [join, brought], points: 100, times: 5, each: year, above: part}
tiers:
  - code: status
    name: Status
    measures:
      points: {measure: earned, unit: points, window: {calendar: month}}
      baskets: visits
      stays: {measure: count, of: stay}
    window: since_review
    upgrade: at_review
    validity: {end_of_month: 0, plus_days: 7}
    downgrade: one_step
    grace_days: 30
    moved: {Old: Silver}
    benefits: [{benefit: lounge, name: Lounge visit, each: year}]
    ladder:
      - {tier: Base}
      - {tier: Silver, any: {points: 1000, baskets: 10}, benefits: {lounge: 2}}
      - {tier: Gold, name: Pure gold, all: {points: 2000, baskets: 10, stays: 1}, lifetime: true}
  - code: crew
    measure: miles
    validity: {until: for_ever}
    ladder:
      - {tier: Mate, from: "0"}
      - {tier: Captain, from: 100.5}
rewards:
  - reward: ten-off
    name: Ten off
    unit: points
    price: 1000
    value: "10.00"
    by_tier: {Gold: 900}
    tiers: [Silver, Gold]
    ladder: status
referrals: {trigger: first_purchase, minimum: "20.00", within_days: 90, checks: [email, phone]}
transfers: {units: [points], expiry: reset, limits: [{points: 50000, each: year}]}
households: {pool: [points, stars]}
companies: true
corrections: {reasons: [goodwill, mistake], most: {points: 500}, negative: clamp}
returns: {claw_back: carry_forward, burned: whole}
books: {policy: deferred_revenue, judgement: A material right.}
"""

TERMS = (
    "{never: true}",
    "{after_days: 5, since: award}",
    "{after_months: 6, rounded_up_to: year}",
    "{end_of_month: 0}",
    "{end_of_year: 1}",
    "{membership_year: 2}",
    "{on_date: {month: 2, day: 29}}",
    "{on_day: {day: 15, months: 4}}",
    "{inactivity: {days: 90}}",
)
VALIDITIES = (
    "{end_of_year: 1}",
    "{end_of_month: 0, plus_days: 7}",
    "{days: 30}",
    "{months: 12}",
    "{membership_year: 1}",
)
LINES = (
    "{any: [{field: sku, is: A}, {field: tax, between: [0, 1]}]}",
    "{field: amount, at_least: 5}",
    "{field: amount, at_most: 5}",
    "{field: amount, above: 5}",
    "{field: amount, below: 5}",
)
# What stands in the document above, and what may stand there instead.
OTHERWISE = (
    *(("{membership_year: 0}", term) for term in TERMS),
    *(("{on_day: {day: 15, months: 4}}", term) for term in TERMS),
    *(("{end_of_month: 0, plus_days: 7}", validity) for validity in VALIDITIES),
    *(("{field: brand, in: [ours]}", lines) for lines in LINES),
    ("{calendar: month}", "{rolling_days: 30}"),
)
