"""What must always hold of the books, checked by `pointbook verify` and in tests."""

from __future__ import annotations

from typing import Final

from pointbook.accounting.models import Close, Seal
from pointbook.accounting.queries.books import (
    last_close,
    program_books,
    span_of_close,
    watermarks,
)
from pointbook.accounting.queries.derivation import derive, open_states, states_of
from pointbook.accounting.queries.sealing import digest
from pointbook.controls.invariants import Invariant, Violation, listing
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED
from pointbook.programs.models import Program


def _chain() -> list[Violation]:
    """Seals whose digest no longer follows from their rows and the seal before."""
    found: list[Violation] = []
    before: dict[int, bytes] = {}
    for seal in Seal.objects.select_related("close__period", "close__entity").order_by("number"):
        own = seal.close.entity_id
        if digest(close_id=seal.close_id, before=before.get(own, b"")) != bytes(seal.digest):
            where = f"{seal.close.entity.code} {seal.close.period.code}"
            found.append(Violation(where, f"block {seal.number} is not what was sealed"))
        before[own] = bytes(seal.digest)
    return found


def _derivable() -> list[Violation]:
    """Closes whose totals no longer follow from the points ledger and the close before."""
    found = []
    for close in Close.objects.select_related("period", "entity").order_by("period__first_on"):
        before = last_close(close.entity, before=close.period.first_on)
        marks = watermarks(close)
        for program in Program.objects.filter(id__in=marks):
            books = program_books(program_code=program.code, entity_code=close.entity.code)
            again = derive(
                books=books,
                span=span_of_close(close, books),
                before=open_states(before, books),
                rate_before=None,
                rate=marks[program.id].rate,
            )
            if again.after != states_of(close, books):
                where = f"{close.entity.code} {close.period.code}"
                found.append(Violation(where, f"the totals of {program.code} are not the ledger's"))
    return found


# The account on which what is owed stands, by the policy of the cohort; null where invoices do it.
OWED_ON: Final = "case policy {} end".format(
    " ".join(
        f"when '{policy.value}' then '{account}'"
        for policy, account in ACCOUNTS_OWED.items()
        if policy in TIED
    )
)
ALL: Final = (
    Invariant(
        "books.entries-balance",
        "Every journal entry has two lines or more, and its debits equal its credits.",
        "Whether the accounts are the right ones.",
        listing(
            """select e.id, count(l.id), coalesce(sum(l.debit - l.credit), 0)
            from accounting_journalentry e left join accounting_journalline l on l.entry_id = e.id
            group by e.id having count(l.id) < 2 or sum(l.debit - l.credit) <> 0""",
            "entry",
            "{0} lines, off by {1} minor units",
        ),
    ),
    Invariant(
        "books.numbers-gap-free",
        "Journal entries are numbered from 1 without a gap per entity, journal and year.",
        "Entries of years without any.",
        listing(
            """select entity_id || ' ' || journal || ' ' || year, count(*), max(number)
            from accounting_journalentry group by entity_id, journal, year
            having count(*) <> max(number) or min(number) <> 1""",
            "journal",
            "{0} entries, but the last number is {1}",
        ),
    ),
    Invariant(
        "books.cohorts-tie",
        "After each close the cohorts' liability is the balance of its account.",
        "Periods without a close.",
        listing(
            f"""select c.id, g.code, t.owed, t.account, coalesce(j.balance, 0)
            from accounting_close c join accounting_period p on p.id = c.period_id
            join (select close_id, program_id, {OWED_ON} as account, sum(liability) as owed
                from accounting_cohorttotal group by 1, 2, 3) t on t.close_id = c.id
            join programs_program g on g.id = t.program_id
            left join lateral (select sum(l.credit - l.debit) as balance
                from accounting_journalline l join accounting_journalentry e on e.id = l.entry_id
                join accounting_period q on q.id = e.period_id
                where l.account = t.account and e.program_id = t.program_id
                and e.entity_id = c.entity_id and q.first_on <= p.first_on) j on true
            where t.account is not null and t.owed <> coalesce(j.balance, 0)""",
            "close",
            "{0}: cohorts {1}, account {2} {3}",
        ),
    ),
    Invariant(
        "books.chain",
        "Every sealed close is what was sealed, and follows the seal before it.",
        "Rows changed together with every digest after them.",
        _chain,
    ),
    Invariant(
        "books.derivable",
        "The totals of every close follow from the points ledger and the close before it.",
        "Rows of the ledger changed before their period was closed.",
        _derivable,
    ),
)
