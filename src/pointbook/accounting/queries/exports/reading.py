"""A closed period's journal, read for its writers under the entity's own account names.

Every entry of the period is in it once, whatever made it: a close, a person, a reversal or another
entity. Raises ExportRefused for a period without a close and for names that contradict each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.metadata import version

from django.db.models import Sum

from pointbook.accounting.models import Close, Exported, JournalEntry, JournalLine
from pointbook.accounting.queries.books import entity, period_start
from pointbook.accounting.queries.exports.journal import (
    Balance,
    Before,
    Entry,
    ExportRefused,
    Journal,
    Line,
)
from pointbook.accounting.queries.journals import entry_code
from pointbook.accounting.queries.names import AccountNames, Named, account_names
from pointbook.accounting.queries.settings import books_of
from pointbook.controls.clock import now
from pointbook.engine.values.calendar import next_month
from pointbook.programs.models import Entity, Program


def journal_of(*, period: str, entity_code: str = "main", new_as: str | None = None) -> Journal:
    """The journal of a period as its last close left it, and whether it was exported before.

    With `new_as` only what was posted since the last export in that format; all, if there was none.

    :raises ExportRefused: when the period was never closed, nothing is new, or one code stands for
        two accounts.
    :raises EntityNotFound: no such entity.
    :raises PeriodError: when the text is no period.
    """
    own, first_on = entity(entity_code), period_start(period)
    close = last_version(own, period)
    names = account_names(entity_code)
    until_on = next_month(first_on)
    before = _before(close, new_as)
    journal = Journal(
        entity=own.code,
        name=own.name,
        home=_home(own),
        period=period,
        first_on=first_on,
        until_on=until_on,
        version=close.version,
        status=close.period.status,
        made_on=now().date(),
        software=version("pointbook"),
        entries=tuple(_entries(own, period, names)),
        opening=_balances(own, first_on, names),
        closing=_balances(own, until_on, names),
        before=before,
    )
    if new_as is not None and before is not None:
        journal = _since(journal, before)
    _require_one_name_each(journal)
    return journal


def _since(journal: Journal, before: Before) -> Journal:
    """Only the entries that were posted after an export.

    :raises ExportRefused: when there are none.
    """
    new = tuple(entry for entry in journal.entries if entry.recorded_at > before.at)
    if not new:
        raise ExportRefused(
            f"nothing was posted in {journal.period} since its export as {before.format}",
            field="new",
            value=before.at.isoformat(),
            mend="Export it whole, without --new, if you need it again.",
        )
    return replace(journal, entries=new, opening=(), closing=(), only_new=True)


def last_version(own: Entity, period: str) -> Close:
    """The last close of a period.

    :raises ExportRefused: when it was never closed.
    """
    found = Close.objects.filter(entity=own, period__code=period).select_related("period")
    close = found.order_by("-version").first()
    if close is None:
        raise ExportRefused(
            f"{period} is not closed",
            field="period",
            value=period,
            mend=f"Close it first: pointbook close {period}.",
        )
    return close


def _home(own: Entity) -> str:
    """The currency of the books: the entity's setting, or that of its first program."""
    chosen = books_of(own.code).currency
    if chosen:
        return chosen
    found = Program.objects.filter(entity=own).order_by("id").first()
    return found.currency if found else ""


def _before(close: Close, format_code: str | None) -> Before | None:
    """The last export of a period, or the last one in a format."""
    found = Exported.objects.filter(period=close.period)
    if format_code is not None:
        found = found.filter(format=format_code)
    last = found.order_by("id").last()
    if last is None:
        return None
    return Before(last.version, last.format, last.exported_by, last.exported_at, last.entries)


def _entries(own: Entity, period: str, names: AccountNames) -> Iterator[Entry]:
    rows = list(
        JournalEntry.objects.filter(entity=own, period__code=period)
        .select_related("period", "program", "reverses__period")
        .order_by("year", "journal", "number")
    )
    lines: dict[int, list[JournalLine]] = {row.id: [] for row in rows}
    for line in JournalLine.objects.filter(entry_id__in=lines).order_by("entry_id", "number"):
        lines[line.entry_id].append(line)
    for row in rows:
        program = row.program.code
        yield Entry(
            code=_code(row),
            journal=row.journal,
            year=row.year,
            number=row.number,
            event=row.event,
            program=program,
            policy=row.policy,
            other=row.other,
            reverses=_code(row.reverses) if row.reverses else "",
            description=row.description,
            posting_on=row.posting_on,
            recorded_at=row.recorded_at,
            currency=row.currency,
            lines=tuple(
                Line(one.account, names.of(one.account, program=program), one.debit, one.credit)
                for one in lines[row.id]
            ),
        )


def _code(row: JournalEntry) -> str:
    return entry_code(row.journal, row.period.code, row.number)


def _balances(own: Entity, before: date, names: AccountNames) -> tuple[Balance, ...]:
    """What stands on every account before a day, by name and currency; accounts with one name add.

    An account that was used stays, even at zero.
    """
    lines = JournalLine.objects.filter(entry__entity=own, entry__posting_on__lt=before)
    sums = lines.values_list("account", "entry__program__code", "entry__currency").annotate(
        Sum("debit"), Sum("credit")
    )
    found: Counter[tuple[Named, str]] = Counter()
    for account, program, currency, debit, credit in sums.order_by():
        found[names.of(account, program=program), currency] += int(debit - credit)
    ordered = sorted(found.items(), key=lambda one: (one[0][0].code, one[0][0].kind, one[0][1]))
    return tuple(Balance(named, currency, minor) for (named, currency), minor in ordered)


def _require_one_name_each(journal: Journal) -> None:
    """One code must not stand for two accounts: their lines would run into each other there."""
    known: dict[str, Named] = {}
    for named in journal.named:
        other = known.setdefault(named.code, named)
        if (other.name, other.own) != (named.name, named.own):
            raise ExportRefused(
                f"the code {named.code} stands for {other.name!r} and for {named.name!r}",
                field="accounts",
                value=named.code,
                mend="Give each account a code and name of its own: pointbook export accounts.",
            )
