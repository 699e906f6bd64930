"""Lists that an auditor asks for: journals, late facts, tie-outs, and who approved what.

Nothing here raises but PeriodError and ReportUntied.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from pointbook.accounting.models import Close, JournalLine, Seal
from pointbook.accounting.queries.approvals import ProposalRow, proposals
from pointbook.accounting.queries.books import watermarks
from pointbook.accounting.queries.journals import entry_code, posting_day, preview_entries
from pointbook.accounting.queries.reports.balances import known_lines, until
from pointbook.accounting.queries.reports.parts import (
    Part,
    Scope,
    closes,
    one_before,
    parameters,
    parts,
    scope,
    sources,
)
from pointbook.accounting.queries.reports.rolling import decimals, major
from pointbook.accounting.queries.reports.tables import (
    Asked,
    Column,
    Foots,
    Kind,
    Opens,
    Row,
    Table,
    footed,
)
from pointbook.accounting.queries.statements import (
    ACCOUNTS,
    Tie,
    recorded_tie_outs,
    tie_outs,
)
from pointbook.engine.values.money import to_major
from pointbook.ledger.evidence import late_facts
from pointbook.ledger.movements import Span

MOST_LATE = 100_000


def journals(asked: Asked) -> Table:
    """Every line posted in the periods, as it was known; open periods as they would post.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [*_posted(found), *_previewed(found)]
    return footed(
        Table(
            name="journals",
            title=f"Journals of {found.whose}",
            columns=(
                *(Column(name) for name in ("entry", "period")),
                Column("posting_on", Kind.DATE),
                *(Column(name) for name in ("program", "event", "policy", "side", "other")),
                *(Column(name) for name in ("description", "source", "account", "name")),
                Column("currency"),
                Column("debit", Kind.MONEY, found.currency, found.places, Foots.SUM),
                Column("credit", Kind.MONEY, found.currency, found.places, Foots.SUM),
            ),
            rows=tuple(rows),
            groups=("currency",),
            parameters=parameters(found),
            sources=sources(found),
        )
    )


def _posted(found: Scope) -> Iterator[Row]:
    lines = known_lines(found).filter(
        entry__posting_on__gte=found.months[0], entry__posting_on__lt=until(found)
    )
    lines = lines.select_related("entry__period", "entry__program", "entry__close")
    order = ("entry__posting_on", "entry__journal", "entry__number", "number")
    for line in lines.select_related("entry__proposal").order_by(*order):
        entry = line.entry
        why = f"close {entry.close.version}" if entry.close else f"proposal {_number(line)}"
        column = "debit" if line.debit else "credit"
        yield Row(
            (
                entry_code(entry.journal, entry.period.code, entry.number),
                *(entry.period.code, entry.posting_on, entry.program.code, entry.event),
                *(entry.policy, entry.side, entry.other, entry.description, why),
                *(line.account, ACCOUNTS[line.account].name, entry.currency),
                *(major(line.debit, entry.currency), major(line.credit, entry.currency)),
            ),
            (Opens(column=column, to="entry", id=entry.id, account=line.account),),
        )


def _number(line: JournalLine) -> int | str:
    proposal = line.entry.proposal
    return proposal.number if proposal else ""


def _previewed(found: Scope) -> Iterator[Row]:
    if found.asked.known_at is not None or found.asked.as_of is not None:
        return
    for part in parts(found):
        for entry in preview_entries(part.derived) if part.derived else ():
            for line in entry.lines:
                yield Row(
                    (
                        *("", part.period, posting_day(part.first_on), entry.program),
                        *(entry.event, "", "", "", entry.description, "not posted yet"),
                        *(line.account, line.name, entry.currency),
                        *(major(line.debit, entry.currency), major(line.credit, entry.currency)),
                    )
                )


def late(asked: Asked) -> Table:
    """Facts of earlier months that a period took in, with their true dates.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [
        Row(
            (
                *(part.period, part.books.code, fact.source, fact.id, fact.type),
                *(_said(fact.occurred_at), _said(fact.recorded_at), part.books.currency),
                major(fact.total, part.books.currency),
            )
        )
        for part in parts(found)
        for fact in late_facts(_span(part), limit=MOST_LATE)
    ]
    names = ("period", "program", "source", "fact", "type", "occurred_at", "recorded_at")
    return footed(
        Table(
            name="late-facts",
            title=f"Late facts of {found.whose}",
            columns=(
                *(Column(name) for name in (*names, "currency")),
                Column("total", Kind.MONEY, found.currency, found.places),
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=("They post to the period that took them in and keep their true month.",),
        )
    )


def _span(part: Part) -> Span:
    if part.derived is not None:
        return part.derived.span
    assert part.close is not None, "a period is closed or derived"
    own = watermarks(part.close).get(part.books.id)
    before = watermarks(one_before(part.close)).get(part.books.id)
    return part.books.span(
        part.first_on, after=before.seq if before else 0, up_to=own.seq if own else 0
    )


def ties(asked: Asked) -> Table:
    """The tie-outs of each period: books on one side, evidence on the other; off is 0.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    rows = [_tie(part, one) for part in parts(found) for one in _ties(part)]
    places = max([found.places, *(len(str(row.cells[-1]).partition(".")[2]) for row in rows)])
    return footed(
        Table(
            name="tie-outs",
            title=f"Tie-outs of {found.whose}",
            columns=(
                *(Column(name) for name in ("period", "program", "name", "unit", "currency")),
                Column("this_side", Kind.MONEY, decimals=places, adds=1),
                Column("that_side", Kind.MONEY, decimals=places, adds=-1),
                Column("off", Kind.MONEY, decimals=places, result=True),
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=("Points where a unit stands, money where a currency does.",),
        )
    )


def _ties(part: Part) -> list[Tie]:
    if part.close is not None:
        return recorded_tie_outs(part.close, part.books)
    return tie_outs(part.derived) if part.derived else []


def _tie(part: Part, one: Tie) -> Row:
    def shown(amount: int) -> Decimal:
        if one.currency:
            return major(amount, one.currency)
        return to_major(amount, places=decimals(part.books, one.unit))

    figures = (shown(one.this_side), shown(one.that_side), shown(one.off))
    return Row((part.period, part.books.code, one.name, one.unit, one.currency, *figures))


def cut(found: Scope) -> datetime | None:
    """By when something must have been recorded to count: None for all that is known now."""
    if found.asked.known_at is not None:
        return found.asked.known_at
    own = closes(found) if found.asked.version is not None else []
    seal = Seal.objects.filter(close__in=own).order_by("-number").first()
    if seal is not None:
        return seal.sealed_at
    return own[-1].closed_at if own else None


def approvals(asked: Asked) -> Table:
    """Who prepared and who decided everything that changed the books; own approvals are named.

    :raises PeriodError: for a range without periods.
    """
    found = scope(asked)
    known = cut(found)
    told = [one for one in proposals(entity_code=found.own.code)[::-1] if _counts(one, found)]
    rows = [_proposal(one, known) for one in told if known is None or one.prepared_at <= known]
    rows += [_close(close, known) for close in closes(found)]
    names = ("what", "number", "kind", "program", "period", "note", "prepared_by", "prepared_at")
    return footed(
        Table(
            name="approvals",
            title=f"Approvals of {found.own.code}",
            columns=tuple(
                Column(name)
                for name in (*names, "outcome", "decided_by", "decided_at", "reason", "own")
            ),
            rows=tuple(rows),
            parameters=parameters(found),
            sources=sources(found),
            notes=("Own: who prepared it decided, which an entity run by its owner may.",),
        )
    )


def _counts(one: ProposalRow, found: Scope) -> bool:
    return found.asked.program is None or one.program in ("", found.asked.program)


def _proposal(one: ProposalRow, known: datetime | None) -> Row:
    decided = one.decided_at is not None and (known is None or one.decided_at <= known)
    outcome = (one.outcome, one.decided_by, _said(one.decided_at), one.reason)
    return Row(
        (
            *("proposal", str(one.number), one.kind, one.program, one.period, one.note),
            *(one.prepared_by, _said(one.prepared_at)),
            *(outcome if decided else ("waiting", "", "", "")),
            "own" if decided and one.own else "",
        ),
        (Opens(column="number", to="proposal", id=one.number),),
    )


def _close(close: Close, known: datetime | None) -> Row:
    seal = Seal.objects.filter(close=close).first()
    sealed = seal if seal and (known is None or seal.sealed_at <= known) else None
    return Row(
        (
            *("close", str(close.version), "close", "", close.period.code, ""),
            *(close.closed_by, _said(close.closed_at)),
            *(("sealed", sealed.sealed_by, _said(sealed.sealed_at)) if sealed else ("", "", "")),
            "",
            "own" if sealed and sealed.sealed_by == close.closed_by else "",
        )
    )


def _said(at: datetime | None) -> str:
    """An instant in UTC, to the second."""
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
