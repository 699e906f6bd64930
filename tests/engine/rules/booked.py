"""A sound blueprint that says everything of its books, and what can be spoiled in them."""

from tests.engine.rules.whole import WHOLE

PLAIN = "books: {policy: deferred_revenue, judgement: A material right.}\n"
assert PLAIN in WHOLE
ROWS = """\
books:
  policy: deferred_revenue
  judgement: A material right.
  awards:
    - {rule: join, policy: no_sale, judgement: Nothing is sold to who signs up.}
    - {rule: brought, policy: funded, partner: friends-co, price: "0.008", judgement: They pay.}
    - {rule: coffee, policy: bought, judgement: The points are sold.}
    - {reason: adjustment, unit: points, policy: goodwill, judgement: It makes good a sale.}
    - {unit: miles, policy: agent, partner: airline, price: "0.009", judgement: Theirs.}
    - {reason: opening, policy: brought, judgement: From the old system.}
  unclaimed: {US: "0.60", CA: 0}
  tax: {GB: {rate: "0.20", award: discount}}
  tier:
    policy: material_right
    judgement: Gold is paid for.
    values: [{tier: Gold, value: "12.00"}, {ladder: crew, tier: Captain, value: 5}]
"""
BOOKED = WHOLE.replace(PLAIN, ROWS)
# Every policy of a program, and a share for all countries.
AGENT = PLAIN.replace(
    "deferred_revenue", 'agent, partner: airline, price: "0.009", unclaimed: "0.5"'
)
OF_AGENT = WHOLE.replace(PLAIN, AGENT)

JOIN = "{rule: join, policy: no_sale, judgement: Nothing is sold to who signs up.}"
MILES = '{unit: miles, policy: agent, partner: airline, price: "0.009", judgement: Theirs.}'
SPOILED_BOOKS = {
    "books of an unknown rule": ("rule: join, policy", "rule: joint, policy"),
    "books of an unknown unit": ("{unit: miles, policy", "{unit: mile, policy"),
    "books for an unknown reason": ("reason: adjustment", "reason: adjustments"),
    "books of a rule and a reason": (
        "{rule: join, policy",
        "{rule: join, reason: goodwill, policy",
    ),
    "books of nothing": ("{rule: join, policy", "{policy"),
    "books of a rule in another unit": ("{rule: join, policy", "{rule: join, unit: miles, policy"),
    "books of the same awards twice": (JOIN, f"{JOIN}\n    - {JOIN}"),
    "an unknown policy of a row": ("policy: no_sale", "policy: no_sales"),
    "a row without a policy": ("policy: no_sale, ", ""),
    "a row without a judgement": (", judgement: Nothing is sold to who signs up.", ""),
    "funded by nobody": ("partner: friends-co, ", ""),
    "funded for nothing told": (', price: "0.008", judgement: They', ", judgement: They"),
    "funded for nothing": ('"0.008"', '"0"'),
    "an agent of nobody": ("partner: airline, ", ""),
    "a partner where none pays": ("policy: no_sale", "partner: friends-co, policy: no_sale"),
    "a price where none is paid": ("policy: no_sale", "price: 1, policy: no_sale"),
    "two prices of a partner": (
        MILES,
        f"{MILES}\n    - {{rule: stays, {MILES[14:].replace('009', '01')}",
    ),
    "bought for no rule": ("policy: goodwill, judg", "policy: bought, judg"),
    "brought by a rule": ("policy: no_sale", "policy: brought"),
    "deferred for no sale": ("policy: no_sale", "policy: deferred_revenue"),
    "deferred for a reason": ("policy: goodwill, judg", "policy: deferred_revenue, judg"),
    "no rows": (ROWS[ROWS.index("  awards:") : ROWS.index("  unclaimed:")], "  awards: []\n"),
    "a share above all": ('US: "0.60"', 'US: "1.60"'),
    "a share above all as a number": ("CA: 0", "CA: 2"),
    "a share below nothing": ("CA: 0", "CA: -1"),
    "a share of no country": ("CA: 0", "Canada: 0"),
    "shares of no country": ('{US: "0.60", CA: 0}', "{}"),
    "a tax above all": ('rate: "0.20"', "rate: 20"),
    "a tax of no country": ("GB: {rate", "gb: {rate"),
    "an unknown award of a tax": ("award: discount", "award: discounts"),
    "a tax without a rate": ('rate: "0.20", ', ""),
    "a right without values": (ROWS[ROWS.index("    values:") :], ""),
    "marketing with values": ("policy: material_right", "policy: marketing"),
    "a tier without a judgement": ("    judgement: Gold is paid for.\n", ""),
    "a right of an unknown tier": ("[{tier: Gold,", "[{tier: Golden,"),
    "a right of an unknown ladder": ("{ladder: crew,", "{ladder: crews,"),
    "a right of a tier twice": ("ladder: crew, tier: Captain", "tier: Gold"),
    "a right for nothing": ("value: 5}", "value: 0}"),
    "a right of part of a cent": ("value: 5}", 'value: "5.001"}'),
}
SPOILED_AGENT = {
    "an agent of nobody at all": ("partner: airline, ", ""),
    "an agent for nothing told": ('price: "0.009", ', ""),
    "a partner of what is our own": ("policy: agent,", "policy: incremental_cost,"),
    "a program of an unknown policy": ("policy: agent,", "policy: funded,"),
}
