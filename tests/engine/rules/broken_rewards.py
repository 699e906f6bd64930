"""Broken documents by name: a sound program with rewards, and one thing of them spoiled."""

CATALOGUE = """\
blueprint: 1
program: {code: kiosk, name: The kiosk, currency: USD, time_zone: Europe/Paris}
segments: [vip, quiet]
units:
  points: {name: points, singular: point, value: "0.01"}
  gift: {name: gift cards, money: true}
  medals: {name: medals, spendable: false}
  chips: {name: chips, value: 0}
earn:
  - {rule: basket, name: Baskets, on: purchase, unit: points, award: {points: 1, per: "1.00"}}
tiers:
  code: status
  measure: spend
  window: lifetime
  ladder: [{tier: Base}, {tier: Gold, from: "100.00"}]
rewards:
  - reward: ten-off
    name: Ten off
    unit: points
    price: 1000
    value: "10.00"
    by_tier: {Gold: 900}
    by_segment: {vip: 800}
    seasons: [{from: 2026-06-01, until: 2026-08-31, price: 700}]
    segments: [vip]
    from: 2026-01-01
    until: 2026-12-31
    blackouts: [{from: 2026-12-20, until: 2026-12-26}]
    when: {field: store, is: S1}
    minimum: "20.00"
    minimum_with_tax: true
    limits: [{times: 1, each: month}]
    totals: [{times: 100, each: day}]
    stock: 20
    voucher: {days: 90, unused: back}
    labels: [food]
  - {reward: percent, name: P, unit: points, price: 5, gives: {percent: 10, most: "5.00"}}
  - {reward: book, name: B, unit: points, price: 5, gives: {percent: 9, of: cheapest}}
  - {reward: tea, name: T, unit: points, price: 5, value: 3, gives: {product: {lines: {field: sku, is: TEA}, most: 4}}}
  - {reward: sent, name: S, unit: points, price: 5, gives: {shipping: free}}
  - {reward: socks, name: S, unit: points, price: 5, gives: {buy: {quantity: 2}, get: {quantity: 1, percent: 50}}}
  - {reward: cash, name: C, unit: points, price: 5, gives: {cash_back: "5.00", to: money}}
  - {reward: card, name: C, unit: points, price: 5, gives: {stored_value: "25.00", unit: gift}}
  - {reward: carving, name: C, unit: points, price: 5, value: 9, gives: {service: {options: {colour: [red]}}}}
  - {reward: early, name: E, unit: points, price: 5, gives: {access: the sale}, tiers: [Gold], ladder: status}
  - reward: class
    name: A class
    unit: points
    price: 5
    value: 30
    gives:
      experience:
        slots:
          - {slot: first, from: 2026-01-10T18:00, until: 2026-01-10T20:00, capacity: 9}
          - {slot: second, from: 2026-03-28T18:00, until: 2026-03-28T20:00, capacity: 9}
  - {reward: give, name: G, unit: points, price: 5, gives: {charity: "10.00", causes: [trees]}}
  - {reward: movie, name: M, unit: points, price: 5, value: 11, gives: {partner: cinema}, cost: "7.00"}
  - reward: draw
    name: D
    unit: points
    price: 5
    until: 2026-12-23
    gives: {sweepstake: {prizes: [{prize: Bike}, {prize: Bell}], draws_on: 2026-12-24, countries: [US]}}
  - {reward: space, name: S, unit: points, price: 5, gives: {quota: {amount: 500, of: MB, days: 30}}}
  - {reward: mug, name: M, unit: points, price: 7, value: 9, gives: {product: {}}}
pay_with_points: [{unit: points, minimum: 10, step: 5, share: 50, leave: "1.00", of: [tax]}]
causes: [{cause: trees, name: Trees, match: 50, fee: 2}, {cause: sea, name: The sea}]
automatic: [{code: monthly, reward: mug, at_least: 100, each: month, unless: quiet}]
redemption: {hold_minutes: 20, returned_for_days: 9, suspicious: [{times: 5, each: day}]}
books: {judgement: A material right.}
"""  # noqa: E501 - one reward to a line
AUTO = "reward: mug, at_least"

# What stands in the document, and what stands there instead.
SPOILED_REWARDS = {
    # units of money
    "money with decimals of its own": ("money: true", "money: true, decimals: 0"),
    "money of another value": ("money: true", 'money: true, value: "0.5"'),
    "money that cannot be used": ("money: true", "money: true, spendable: false"),
    "money in words": ("money: true", "money: gold"),
    # prices, and for whom
    "a reward's code twice": ("reward: percent,", "reward: ten-off,"),
    "a price in stored value": ("name: P, unit: points", "name: P, unit: gift"),
    "a price in status points": ("name: P, unit: points", "name: P, unit: medals"),
    "a price in an unknown unit": ("name: P, unit: points", "name: P, unit: pints"),
    "a price in no unit": ("name: P, unit: points,", "name: P,"),
    "a price too fine": ("price: 1000", 'price: "10.5"'),
    "a price below nothing": ("price: 1000", "price: -1"),
    "a value too fine": ('value: "10.00"', 'value: "10.001"'),
    "a value missing": ('    value: "10.00"\n', ""),
    "the value of a product missing": ("price: 7, value: 9,", "price: 7,"),
    "a price for an unknown tier": ("by_tier: {Gold: 900}", "by_tier: {Golden: 900}"),
    "a price for an unknown segment": ("by_segment: {vip: 800}", "by_segment: {vipp: 800}"),
    "a price for no segment": ("by_segment: {vip: 800}", "by_segment: {}"),
    "a segment's price too fine": ("by_segment: {vip: 800}", "by_segment: {vip: 0.5}"),
    "a season that changes nothing": (", price: 700}", "}"),
    "a season that ends before it begins": ("until: 2026-08-31", "until: 2026-05-31"),
    "a season without an end": ("until: 2026-08-31, ", ""),
    "a season's price too fine": ("price: 700", 'price: "0.1"'),
    "a season's value too fine": ("price: 700", 'value: "0.001"'),
    "an unknown segment of a reward": ("    segments: [vip]", "    segments: [vips]"),
    "an unknown tier of a reward": ("tiers: [Gold], ladder", "tiers: [Silver], ladder"),
    "an unknown ladder of a reward": ("ladder: status}", "ladder: state}"),
    "a ladder without tiers": ("tiers: [Gold], ladder", "ladder"),
    "cash of nothing": ("    labels: [food]", "    cash: 0"),
    "a cost too fine": ('cost: "7.00"', 'cost: "7.001"'),
    "an unknown side": ('cost: "7.00"', "side: ours"),
    # when, and how often
    "a reward that ends before it begins": ("    until: 2026-12-31", "    until: 2025-12-31"),
    "a reward from no day": ("    from: 2026-01-01", "    from: 2026-02-30"),
    "a blackout that ends before it begins": ("until: 2026-12-26", "until: 2026-12-19"),
    "a blackout of one side": (", until: 2026-12-26", ""),
    "an unknown field of a reward's condition": (
        "{field: store, is: S1}",
        "{field: stores, is: S}",
    ),
    "a wrong constant of a reward's condition": ("field: store, is: S1", "field: total, is: S1"),
    "a least order of nothing": ('minimum: "20.00"', "minimum: 0"),
    "tax of no least order": ('    minimum: "20.00"\n', ""),
    "a least order of what is for none": ("to: money}}", "to: money}, minimum: 5}"),
    "exclusive without an order": ("to: money}}", "to: money}, exclusive: true}"),
    "a limit for each order": ("{times: 1, each: month}", "{times: 1, each: fact}"),
    "a limit without a span": ("{times: 1, each: month}", "{times: 1}"),
    "a total of nothing": ("times: 100", "times: 0"),
    "a total for each year of membership": ("100, each: day", "100, each: membership_year"),
    "a stock below nothing": ("stock: 20", "stock: -1"),
    "a voucher in days and months": ("{days: 90, unused: back}", "{days: 90, months: 3}"),
    "a voucher without an end": ("{days: 90, unused: back}", "{unused: back}"),
    "a voucher that never ends, unused": (
        "{days: 90, unused: back}",
        "{never: true, unused: back}",
    ),
    "an unknown fate of a voucher": ("unused: back", "unused: kept"),
    "codes from nowhere": ("    stock: 20", "    codes: theirs"),
    "a key misspelt in a reward": ("    labels:", "    label:"),
    # what it gives
    "two kinds": ("{shipping: free}", "{shipping: free, access: the sale}"),
    "no kind": ("{shipping: free}", "{most: 5}"),
    "an unknown kind": ("{shipping: free}", "{delivery: free}"),
    "shipping at a price": ("{shipping: free}", "{shipping: cheap}"),
    "a discount of nothing": ("{shipping: free}", "{discount: 0}"),
    "get without buy": ("{shipping: free}", "{get: {quantity: 1}}"),
    "get beside a discount": ("{shipping: free}", "{discount: 5, get: {quantity: 1}}"),
    "buy without get": (", get: {quantity: 1, percent: 50}", ""),
    "buy nothing": ("buy: {quantity: 2}", "buy: {quantity: 0}"),
    "get more than all off": ("percent: 50}", "percent: 150}"),
    "lines of shipping": ("{shipping: free}", "{shipping: free, lines: {field: sku, is: A}}"),
    "most without percent": ("{shipping: free}", "{discount: 5, most: 4}"),
    "most of nothing": ('most: "5.00"', "most: 0"),
    "percent above all": ("{percent: 10,", "{percent: 101,"),
    "percent of nothing": ("{percent: 10,", "{percent: 0,"),
    "percent of unknown lines": ("of: cheapest", "of: lines"),
    "percent of the order and of lines": ("of: cheapest", "of: order, lines: {field: sku, is: A}"),
    "a field of the order in lines": (
        "lines: {field: sku, is: TEA}",
        "lines: {field: store, is: A}",
    ),
    "most of what is for no order": ("lines: {field: sku, is: TEA}, ", ""),
    "cash back of nothing": ('cash_back: "5.00"', "cash_back: 0"),
    "cash back to nobody": ("to: money", "to: bank"),
    "stored value in points": ("unit: gift}", "unit: points}"),
    "stored value in an unknown unit": ("unit: gift}", "unit: gifts}"),
    "stored value where there is none": ("  gift: {name: gift cards, money: true}\n", ""),
    "options that are no list": ("colour: [red]", "colour: red"),
    "an option in capitals": ("colour: [red]", "Colour: [red]"),
    "a slot's code twice": ("slot: second", "slot: first"),
    "a slot without places": ("until: 2026-01-10T20:00, capacity: 9", "until: 2026-01-10T20:00"),
    "a slot that ends before it begins": ("until: 2026-01-10T20:00", "until: 2026-01-10T18:00"),
    "a slot on no day": ("from: 2026-01-10T18:00", "from: 2026-02-30T18:00"),
    "a slot without a time": ("from: 2026-01-10T18:00", "from: 2026-01-10"),
    "a slot while the clocks go forward": (
        "{slot: second, from: 2026-03-28T18:00",
        "{slot: second, from: 2026-03-29T02:30",
    ),
    "a stock of places": ("value: 30", "value: 30\n    stock: 3"),
    "an unknown cause": ("causes: [trees]", "causes: [bees]"),
    "no causes": (
        "causes: [{cause: trees, name: Trees, match: 50, fee: 2}, {cause: sea, name: The sea}]\n",
        "",
    ),
    "a draw without prizes": ("prizes: [{prize: Bike}, {prize: Bell}]", "prizes: []"),
    "a draw without a day": (" draws_on: 2026-12-24,", ""),
    "a draw on no day": ("draws_on: 2026-12-24", "draws_on: 2026-02-30"),
    "a draw before its end": ("draws_on: 2026-12-24", "draws_on: 2026-12-22"),
    "a prize twice": ("prize: Bell", "prize: Bike"),
    "a country by its name": ("countries: [US]", "countries: [America]"),
    "a quota of nothing": ("amount: 500", "amount: 0"),
    "a quota of something": (", of: MB", ""),
    # paying, causes, automatic, redemption
    "paying in stored value": ("[{unit: points, minimum", "[{unit: gift, minimum"),
    "paying in status points": ("[{unit: points, minimum", "[{unit: medals, minimum"),
    "paying in what is worth nothing": ("[{unit: points, minimum", "[{unit: chips, minimum"),
    "paying in no unit": ("[{unit: points, minimum", "[{minimum"),
    "paying twice": ("of: [tax]}]", "of: [tax]}, {unit: points}]"),
    "paying on no terms": ("of: [tax]}]", "of: [tax]}, 5]"),
    "no terms of paying": (
        '[{unit: points, minimum: 10, step: 5, share: 50, leave: "1.00", of: [tax]}]',
        "[]",
    ),
    "steps of nothing": ("step: 5", "step: 0"),
    "a share above all": ("share: 50", "share: 101"),
    "a share of nothing": ("share: 50", "share: 0"),
    "paying something unknown": ("of: [tax]", "of: [goods]"),
    "too little left": ('leave: "1.00"', 'leave: "1.001"'),
    "a cause twice": ("cause: sea", "cause: trees"),
    "a match above all": ("match: 50", "match: 1001"),
    "a fee above all": ("fee: 2", "fee: 101"),
    "matched by nobody": ("match: 50", "matched_by: Us"),
    "an automatic code twice": ("unless: quiet}]", "unless: quiet}, {code: monthly, reward: mug}]"),
    "an automatic unknown reward": (AUTO, "reward: mugs, at_least"),
    "an automatic reward for an order": (AUTO, "reward: percent, at_least"),
    "an automatic reward of lines": (AUTO, "reward: tea, at_least"),
    "an automatic reward with a slot": (AUTO, "reward: class, at_least"),
    "an automatic reward with options": (AUTO, "reward: carving, at_least"),
    "an automatic reward for a country": (AUTO, "reward: draw, at_least"),
    "an automatic reward with a code": (
        "gives: {product: {}}",
        "gives: {product: {}}, confirm: true",
    ),
    "an automatic reward for cash": ("gives: {product: {}}", "gives: {product: {}}, cash: 1"),
    "an automatic reward for nothing": ("price: 7, value", "price: 0, value"),
    "an automatic reward for nothing to some": (
        "price: 7, value",
        "price: 7, by_tier: {Gold: 0}, value",
    ),
    "automatic at nothing": ("at_least: 100", "at_least: 0"),
    "automatic unless unknown": ("unless: quiet", "unless: quite"),
    "an unknown span of automatic": ("each: month, unless", "each: week, unless"),
    "a hold of nothing": ("hold_minutes: 20", "hold_minutes: 0"),
    "a hold in words": ("hold_minutes: 20", "hold_minutes: long"),
    "suspicion of nothing": ("{times: 5, each: day}", "{each: day}"),
    # a broken part is not held against the others
    "broken rewards that others name": ("rewards:\n", "rewards: 5\nreward:\n"),
    "a broken reward that others name": ("value: 9, gives: {product: {}}", "value: nine"),
    "broken causes that others name": (
        "causes: [{cause: trees",
        "causes: 5\ncause: [{cause: trees",
    ),
    "broken units that others name": ("units:\n", "units: 5\nunit:\n"),
    "broken segments that others name": ("segments: [vip, quiet]", "segments: 5"),
    "a broken currency that money is in": ("currency: USD", "currency: USX"),
    "a broken zone that slots are in": ("Europe/Paris", "Europe/Pariss"),
}
