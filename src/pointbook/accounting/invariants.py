"""What must always hold of the books, checked by `pointbook verify` and in tests."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import F

from pointbook.accounting.models import Close, Decision, Seal, Setting
from pointbook.accounting.queries.books import (
    last_close,
    program_books,
    span_of_close,
    watermarks,
)
from pointbook.accounting.queries.derivation import derive, open_states, states_of
from pointbook.accounting.queries.estimates import unsound_papers
from pointbook.accounting.queries.proving import (
    other_entries,
    rebuilt_cohorts,
    rebuilt_lines,
    rebuilt_points,
    untied_schedules,
)
from pointbook.accounting.queries.sealing import expected_digest
from pointbook.controls.invariants import Invariant, Violation, listing
from pointbook.engine.revenue.cohorts import CohortError
from pointbook.engine.revenue.policies import ACCOUNTS_OWED, TIED
from pointbook.programs.models import Program


def _chain() -> list[Violation]:
    """Seals whose digest no longer follows from their rows and the seal before."""
    found: list[Violation] = []
    last: dict[int, Seal] = {}
    rows = Seal.objects.select_related("close__period", "close__entity", "before")
    for seal in rows.order_by("number"):
        before = last.get(seal.close.entity_id)
        where = f"{seal.close.entity.code} {seal.close.period.code}"
        known = bytes(before.digest) if before else b""
        if expected_digest(seal, before=known) != bytes(seal.digest):
            found.append(Violation(where, f"block {seal.number} is not what was sealed"))
        follows = (before.id, before.number + 1) if before else (None, 1)
        if (seal.before_id, seal.number) != follows:
            found.append(Violation(where, f"block {seal.number} does not follow the one before"))
        last[seal.close.entity_id] = seal
    return found


def _derivable() -> list[Violation]:
    """Closes whose totals no longer follow from the points ledger and the close before."""
    found = []
    for close in Close.objects.select_related("period", "entity").order_by("period__first_on"):
        before = last_close(close.entity, before=close.period.first_on)
        marks = watermarks(close)
        for program in Program.objects.filter(id__in=marks):
            books = program_books(program_code=program.code, entity_code=close.entity.code)
            mark = marks[program.id]
            # Older closes wrote down their rate only.
            known = (
                books if mark.estimate is None else books.known_at(mark.estimate, close.closed_at)
            )
            try:
                again = derive(
                    books=known,
                    span=span_of_close(close, known),
                    before=open_states(before, known),
                    rate_before=None,
                    rate=mark.rate if mark.estimate is None else None,
                )
            except CohortError as error:
                where = f"{close.entity.code} {close.period.code}"
                found.append(Violation(where, str(error)))
                continue
            found += other_entries(again, close)
            if again.after != states_of(close, known):
                where = f"{close.entity.code} {close.period.code}"
                found.append(Violation(where, f"the totals of {program.code} are not the ledger's"))
    return found


def _own_approvals() -> list[Violation]:
    """Approvals by who prepared, and seals by who drew up, where two persons kept the books."""
    found = []
    decisions = Decision.objects.filter(outcome="approved").select_related("proposal__entity")
    for one in decisions.order_by("id"):
        row = one.proposal
        own = one.decided_by == row.prepared_by
        where = f"{row.entity.code} proposal {row.number}"
        if own != one.own:
            found.append(Violation(where, "it is not said right who decided"))
        if own and _two_kept(row.entity_id, one.decided_at):
            found.append(Violation(where, f"{one.decided_by} approved their own work"))
    seals = Seal.objects.filter(sealed_by=F("close__closed_by"))
    for seal in seals.select_related("close__entity", "close__period").order_by("id"):
        if _two_kept(seal.close.entity_id, seal.sealed_at):
            where = f"{seal.close.entity.code} {seal.close.period.code}"
            found.append(Violation(where, f"{seal.sealed_by} sealed what they drew up"))
    return found


def _two_kept(entity_id: int, at: datetime) -> bool:
    """Whether two persons kept an entity's books at a moment."""
    rows = Setting.objects.filter(entity_id=entity_id, recorded_at__lt=at)
    row = rows.order_by("-number").first()
    return row is not None and row.full and not row.owner_run


# The account on which what is owed stands, by the policy of the cohort; null where invoices do it.
OWED_ON: Final = "case policy {} end".format(
    " ".join(
        f"when '{policy.value}' then '{account}'"
        for policy, account in ACCOUNTS_OWED.items()
        if policy in TIED
    )
)
_UNAPPROVED: Final = listing(
    """select e.id, e.proposal_id from accounting_journalentry e
    left join accounting_decision d on d.proposal_id = e.proposal_id
    where e.close_id is null and d.outcome is distinct from 'approved'""",
    "entry",
    "proposal {0} was never approved",
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
        "After each close the cohorts' liability is what closes posted on its account.",
        "Periods without a close; entries by hand, which stand beside the cohorts.",
        listing(
            f"""select c.id, g.code, t.owed, t.account, coalesce(j.balance, 0)
            from accounting_close c join accounting_period p on p.id = c.period_id
            join (select close_id, program_id, {OWED_ON} as account, sum(liability) as owed
                from accounting_cohorttotal group by 1, 2, 3) t on t.close_id = c.id
            join programs_program g on g.id = t.program_id
            left join lateral (select sum(l.credit - l.debit) as balance
                from accounting_journalline l join accounting_journalentry e on e.id = l.entry_id
                join accounting_period q on q.id = e.period_id
                join accounting_close k on k.id = e.close_id
                where l.account = t.account and e.program_id = t.program_id
                and e.currency = g.currency
                and e.entity_id = c.entity_id and (q.first_on < p.first_on or q.id = p.id
                    and (k.entity_id <> c.entity_id or k.version <= c.version))) j on true
            where t.account is not null and t.owed <> coalesce(j.balance, 0)""",
            "close",
            "{0}: cohorts {1}, account {2} {3}",
        ),
    ),
    Invariant(
        "books.schedules-tie",
        "After each close what is left of the schedules is what closes posted on 2120, 2130 and"
        " 2150.",
        "Periods without a close; entries by hand, which say what they adjust.",
        untied_schedules,
    ),
    Invariant(
        "books.approvals",
        "Every entry by hand was approved; where two persons keep the books, nobody approves"
        " what they prepared or seals what they drew up.",
        "Two users who are one person.",
        lambda: [*_UNAPPROVED(), *_own_approvals()],
    ),
    Invariant(
        "books.reversals",
        "Every reversal mirrors what it reverses, line by line, on its day or later.",
        "Whether it should have been reversed.",
        listing(
            """select r.id, r.reverses_id
            from accounting_journalentry r join accounting_journalentry e on e.id = r.reverses_id
            where (e.entity_id, e.program_id, e.currency)
                    is distinct from (r.entity_id, r.program_id, r.currency)
                or r.posting_on < e.posting_on
                or exists (
                    select from (select * from accounting_journalline where entry_id = r.id) m
                    full join (select * from accounting_journalline where entry_id = e.id) l
                        on l.number = m.number
                    where (l.account, l.debit, l.credit)
                        is distinct from (m.account, m.credit, m.debit))""",
            "entry",
            "does not mirror entry {0}",
        ),
    ),
    Invariant(
        "books.versions",
        "Of a period's closes the last version alone stands: they are numbered from 1, each before"
        " the last was sealed and taken back whole by the next, and the last has no reversals.",
        "Why a period was opened again.",
        listing(
            """select c.id, p.code, c.version
            from (select c.*, count(*) over w as place, max(version) over (
                    partition by period_id) as last from accounting_close c
                window w as (partition by period_id order by version)) c
            join accounting_period p on p.id = c.period_id
            left join accounting_seal s on s.close_id = c.id
            where c.version <> c.place or (c.version < c.last and s.id is null)
                or exists (
                    select from accounting_journalentry e
                    left join accounting_journalentry r on r.reverses_id = e.id
                    left join accounting_close k on k.id = r.close_id
                    where e.close_id = c.id and e.reverses_id is null and case
                        when c.version = c.last then r.id is not null
                        else k.period_id is distinct from c.period_id
                            or k.version <> c.version + 1 end)""",
            "close",
            "version {1} of {0} does not stand as its period says",
        ),
    ),
    Invariant(
        "books.chain",
        "Every sealed close is what was sealed, and follows the seal before it.",
        "Rows changed together with every digest after them; who made the last seal, until the next"
        " one holds it.",
        _chain,
    ),
    Invariant(
        "books.derivable",
        "The totals and cohorts' entries of every close follow from the points ledger and the close"
        " before it.",
        "Rows of the ledger changed before their period was closed.",
        _derivable,
    ),
    Invariant(
        "books.lines",
        "The lines of every entry are what the matrix makes of the cohorts' entries behind it.",
        "Entries by hand, and those that no cohort is behind.",
        rebuilt_lines,
    ),
    Invariant(
        "books.cohorts-rebuilt",
        "What closes kept of every cohort, each from the one before, is what all lots and draws up"
        " to the last close come to.",
        "Facts that were never sent.",
        rebuilt_cohorts,
    ),
    Invariant(
        "books.points-rebuilt",
        "The points to which the last close was tied, each from the one before, are what all lots,"
        " debts and balances come to.",
        "What moved from one member to another.",
        rebuilt_points,
    ),
    Invariant(
        "books.papers",
        "The triangle of every working paper is what the books said at its cut.",
        "Whether the selections were sound.",
        unsound_papers,
    ),
)
