"""The posting matrix: which event debits and credits what, by how its liability is measured.

One table for the life of a cohort and one for redemptions by their side. They name accounts of the
chart, or the roles that a policy gives to them (see policies.ROLES). Another policy is another row
of roles, not more code. Nothing here raises.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pointbook.engine.revenue.currency import MONETARY_ACCOUNTS
from pointbook.engine.revenue.policies import ROLES, Beside, Event, Measure, Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Amounts(NamedTuple):
    """What an event moved, in minor units; adds up over cohorts field by field.

    `change` is the change of the liability (a rise is positive). `share` is the frozen amount on
    the other side: allocated by new awards, the returned award's own share, the receivable repaid.
    `cost` is what was given for redeemed points (below 0 where it came back), `breakage` the part
    of a release that is breakage, `unclaimed` what of it is owed as unclaimed property.
    """

    change: int
    share: int = 0
    cost: int = 0
    breakage: int = 0
    unclaimed: int = 0

    def plus(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(*map(int.__add__, self, other))


def _fee(amounts: Amounts) -> int:
    """What an agent keeps of a release after the cost; never against the release's own sign."""
    kept = -amounts.change - amounts.cost
    return max(kept, 0) if amounts.change <= 0 else min(kept, 0)


def _margin(amounts: Amounts) -> int:
    """What an agent keeps of a sale's share after what is due; a return takes as much back."""
    rising = amounts.change >= 0
    kept = amounts.share - abs(amounts.change)
    return max(kept, 0) if rising else -max(kept, 0)


def _short(amounts: Amounts) -> int:
    """What is due above the sale's share."""
    lacking = max(abs(amounts.change) - amounts.share, 0)
    return lacking if amounts.change >= 0 else -lacking


AMOUNTS: Final[Mapping[str, Callable[[Amounts], int]]] = {
    "raised": lambda amounts: amounts.change,
    "released": lambda amounts: -amounts.change,
    "share": lambda amounts: amounts.share,
    "cost": lambda amounts: amounts.cost,
    "fee": _fee,
    "beyond_fee": lambda amounts: _fee(amounts) + amounts.change + amounts.cost,
    "margin": _margin,
    "short": _short,
    "used": lambda amounts: -amounts.change - amounts.breakage,
    "breakage": lambda amounts: amounts.breakage,
    "unclaimed": lambda amounts: amounts.unclaimed,
}


class Posting(NamedTuple):
    """A row: this amount is debited here and credited there; below 0, swapped.

    An account's code, or the name of a role.
    """

    debit: str
    credit: str
    amount: str


# Rows that meet on an account are netted. Where an event has two rows, `rest` stands on both sides
# and keeps what the frozen share differs from the change of the liability. Provisions have no
# frozen share: what could not be recovered of them was never revenue, and nobody owes it in money.
MATRIX: Final[Mapping[tuple[Event, Measure], tuple[Posting, ...]]] = {
    (Event.NEW, "share"): (Posting("given", "rest", "share"), Posting("rest", "owed", "raised")),
    (Event.CANCELLED_BURN, "share"): (),  # by its side, see REDEMPTIONS
    (Event.REINSTATEMENT, "share"): (Posting("broken", "owed", "raised"),),
    (Event.CLAW_BACK, "share"): (
        Posting("owed", "rest", "released"),
        Posting("rest", "given", "share"),
    ),
    (Event.SHORTFALL_OWED, "share"): (Posting("1180", "given", "share"),),
    (Event.SHORTFALL_FORGONE, "share"): (Posting("4090", "given", "share"),),
    (Event.REPAYMENT, "share"): (
        Posting("owed", "rest", "released"),
        Posting("rest", "1180", "share"),
    ),
    (Event.BURN, "share"): (),
    (Event.EXPIRY, "share"): (Posting("owed", "broken", "released"),),
    (Event.ESTIMATE, "share"): (Posting("owed", "changed", "released"),),
    (Event.COST, "share"): (),  # never reallocated: IFRS 15.88, ASC 606-10-32-43
    (Event.NEW, "cost"): (Posting("given", "owed", "raised"),),
    (Event.CANCELLED_BURN, "cost"): (),
    (Event.REINSTATEMENT, "cost"): (Posting("given", "owed", "raised"),),
    (Event.CLAW_BACK, "cost"): (Posting("owed", "given", "released"),),
    (Event.SHORTFALL_OWED, "cost"): (Posting("1180", "given", "share"),),
    (Event.SHORTFALL_FORGONE, "cost"): (),
    (Event.REPAYMENT, "cost"): (
        Posting("owed", "given", "released"),
        Posting("given", "1180", "share"),
    ),
    (Event.BURN, "cost"): (),
    (Event.EXPIRY, "cost"): (Posting("owed", "given", "released"),),
    (Event.ESTIMATE, "cost"): (Posting("owed", "given", "released"),),
    (Event.COST, "cost"): (Posting("owed", "given", "released"),),
    (Event.NEW, "due"): (
        Posting("given", "owed", "raised"),
        Posting("given", "rest", "margin"),
        Posting("broken", "given", "short"),
    ),
    (Event.CANCELLED_BURN, "due"): (),  # the partner's points: what becomes of them is not ours
    (Event.REINSTATEMENT, "due"): (),
    (Event.CLAW_BACK, "due"): (
        Posting("given", "owed", "raised"),
        Posting("given", "rest", "margin"),
        Posting("broken", "given", "short"),
    ),
    (Event.SHORTFALL_OWED, "due"): (Posting("1180", "given", "share"),),
    (Event.SHORTFALL_FORGONE, "due"): (Posting("broken", "given", "share"),),
    (Event.REPAYMENT, "due"): (
        Posting("owed", "rest", "released"),
        Posting("rest", "1180", "share"),
    ),
    (Event.BURN, "due"): (),
    (Event.EXPIRY, "due"): (),
    (Event.ESTIMATE, "due"): (),
    (Event.COST, "due"): (),  # new sales only
    (Event.NEW, "face"): (Posting("given", "rest", "share"), Posting("rest", "owed", "raised")),
    (Event.CANCELLED_BURN, "face"): (),
    (Event.REINSTATEMENT, "face"): (
        Posting("broken", "owed", "raised"),
        Posting("broken", "2600", "unclaimed"),
    ),
    (Event.CLAW_BACK, "face"): (
        Posting("owed", "rest", "released"),
        Posting("rest", "given", "share"),
    ),
    (Event.SHORTFALL_OWED, "face"): (Posting("1180", "given", "share"),),
    (Event.SHORTFALL_FORGONE, "face"): (Posting("4090", "given", "share"),),
    (Event.REPAYMENT, "face"): (
        Posting("owed", "rest", "released"),
        Posting("rest", "1180", "share"),
    ),
    (Event.BURN, "face"): (),
    (Event.EXPIRY, "face"): (
        Posting("owed", "broken", "released"),
        Posting("broken", "2600", "unclaimed"),
    ),
    (Event.ESTIMATE, "face"): (
        Posting("owed", "changed", "released"),
        Posting("changed", "2600", "unclaimed"),
    ),
    (Event.COST, "face"): (),
}

# What a redemption releases goes to by its side, and what was given for it. `costs` rows count only
# where the entity says that Pointbook books the cost of own goods.
_RELEASED: Final = Posting("owed", "used", "released")
_KEPT_BY_AGENT: Final = (Posting("owed", "4030", "fee"), Posting("5100", "owed", "beyond_fee"))
_FACE: Final[Mapping[tuple[Measure, str], tuple[Posting, ...]]] = {
    ("face", side): (
        Posting("owed", "used", "used"),
        Posting("owed", "broken", "breakage"),
        Posting("broken", "2600", "unclaimed"),
        *more,
    )
    for side, more in {
        "": (),
        "own_goods": (),
        "none": (),
        "tender": (),
        "principal": (Posting("5000", "2400", "cost"),),
        "agent": (Posting("5000", "2400", "cost"),),
        "charity": (Posting("used", "2410", "cost"),),
        "cash": (Posting("used", "1000", "cost"),),
    }.items()
}
REDEMPTIONS: Final[Mapping[tuple[Measure, str], tuple[Posting, ...]]] = {
    ("share", ""): (_RELEASED,),
    ("share", "own_goods"): (_RELEASED,),
    ("share", "none"): (_RELEASED,),
    ("share", "tender"): (_RELEASED,),
    ("share", "principal"): (_RELEASED, Posting("5000", "2400", "cost")),
    ("share", "agent"): (Posting("owed", "2400", "cost"), *_KEPT_BY_AGENT),
    ("share", "charity"): (Posting("owed", "2410", "cost"), *_KEPT_BY_AGENT),
    ("share", "cash"): (_RELEASED, Posting("used", "1000", "cost")),
    ("cost", ""): (_RELEASED, Posting("given", "1000", "cost")),
    ("cost", "own_goods"): (_RELEASED, Posting("given", "1400", "cost")),
    ("cost", "none"): (_RELEASED,),
    ("cost", "tender"): (_RELEASED, Posting("given", "1000", "cost")),
    ("cost", "principal"): (_RELEASED, Posting("given", "2400", "cost")),
    ("cost", "agent"): (_RELEASED, Posting("given", "2400", "cost")),
    ("cost", "charity"): (_RELEASED, Posting("given", "2410", "cost")),
    ("cost", "cash"): (_RELEASED, Posting("given", "1000", "cost")),
    **_FACE,
}
OWN_COST: Final = Posting("5000", "1400", "cost")
# Points of one entity used at another: an equal and opposite pair, at what the first releases (or
# the cost, where it provides for cost). The second has the redemption's row in its own books.
AWAY: Final[Mapping[Measure, tuple[Posting, ...]]] = {
    "share": (Posting("owed", "2190", "released"),),
    "face": (Posting("owed", "2190", "released"),),
    "cost": (_RELEASED, Posting("given", "2190", "cost")),
    "due": (),
}
HERE: Final[Mapping[Measure, tuple[Posting, ...]]] = {
    "share": (Posting("1190", "used", "released"),),
    "face": (Posting("1190", "used", "released"),),
    "cost": (Posting("1190", "5000", "cost"),),
    "due": (),
}
# What the other entity has of its own cost, by the side.
HERE_COST: Final[Mapping[str, Posting]] = {
    "principal": Posting("5000", "2400", "cost"),
    "agent": Posting("5000", "2400", "cost"),
    "charity": Posting("5000", "2410", "cost"),
    "cash": Posting("5000", "1000", "cost"),
}
# Beside the life of cohorts: `share` is the amount.
BESIDE: Final[Mapping[tuple[Beside, str], tuple[Posting, ...]]] = {
    (Beside.TENDER, ""): (Posting("4090", "1000", "share"),),
    (Beside.PREPAID, "membership"): (Posting("1000", "2120", "share"),),
    (Beside.OVER_TIME, "membership"): (Posting("2120", "4040", "share"),),
    (Beside.PREPAID, "tier"): (Posting("4000", "2130", "share"),),
    (Beside.OVER_TIME, "tier"): (Posting("2130", "4010", "share"),),
    (Beside.PREPAID, "marketing"): (Posting("1150", "2150", "share"),),
    (Beside.OVER_TIME, "marketing"): (Posting("2150", "4050", "share"),),
    # A full sale: `share` is its price without tax, `cost` the tax.
    (Beside.SALE, ""): (Posting("1000", "4000", "share"), Posting("1000", "2500", "cost")),
    # Monetary balances, by the account that carries them: `share` is the loss.
    **{
        (Beside.EXCHANGE, account): (Posting("7000", account, "share"),)
        for account in MONETARY_ACCOUNTS
    },
}


class Line(NamedTuple):
    """One line of a journal entry: minor units, never negative, one of the two is 0."""

    account: str
    debit: int
    credit: int


class Redeemed(NamedTuple):
    """How points were redeemed: the side, and the entity where, '' for the one that gave them.

    `here` says that the entry is the other entity's, `costs` that it books own goods' cost.
    """

    side: str = ""
    other: str = ""
    here: bool = False
    costs: bool = False


PLAIN: Final = Redeemed()
BY_SIDE: Final = frozenset({Event.BURN, Event.CANCELLED_BURN})


def rows_of(*, event: Event, policy: Policy, redeemed: Redeemed = PLAIN) -> tuple[Posting, ...]:
    """The rows of the matrix for an event, roles and all."""
    measure = ROLES[policy].measure
    if event not in BY_SIDE:
        return MATRIX[event, measure]
    if measure == "due":
        return ()
    own = (OWN_COST,) if redeemed.costs and redeemed.side == "own_goods" else ()
    if redeemed.here:
        more = HERE_COST.get(redeemed.side)
        return (*HERE[measure], *((more,) if more else own))
    if redeemed.other:
        return AWAY[measure]
    rows = REDEMPTIONS[measure, redeemed.side]
    return rows if measure == "cost" else (*rows, *own)


def journal_lines(
    *, event: Event, policy: Policy, amounts: Amounts, redeemed: Redeemed = PLAIN
) -> tuple[Line, ...]:
    """The lines of one journal entry by the matrix: balanced, in order of accounts, no zeros."""
    roles = ROLES[policy]._asdict()
    rows = rows_of(event=event, policy=policy, redeemed=redeemed)
    return lines_of(
        tuple(
            Posting(roles.get(debit, debit), roles.get(credit, credit), name)
            for debit, credit, name in rows
        ),
        amounts,
    )


def beside_lines(event: Beside, kind: str, amounts: Amounts) -> tuple[Line, ...]:
    """The lines of what is posted beside the life of cohorts."""
    return lines_of(BESIDE[event, kind], amounts)


def lines_of(rows: tuple[Posting, ...], amounts: Amounts) -> tuple[Line, ...]:
    """Rows with their accounts as lines: netted, in order of accounts, no zeros."""
    balances: Counter[str] = Counter()
    for debit, credit, name in rows:
        amount = AMOUNTS[name](amounts)
        balances[debit] += amount
        balances[credit] -= amount
    return net(balances)


def net(balances: Mapping[str, int]) -> tuple[Line, ...]:
    """Balances of accounts (debits positive) as lines, in order of accounts, no zeros."""
    return tuple(
        Line(account, max(balance, 0), max(-balance, 0))
        for account, balance in sorted(balances.items())
        if balance
    )
