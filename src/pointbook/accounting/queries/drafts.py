"""An entry by hand as somebody wrote it, read: its program, day, accounts, amounts and balance.

Each error names the field, what stood there and what mends it. Raises EntryRefused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from pointbook.accounting.queries.books import (
    PeriodError,
    ProgramBooks,
    first_period,
    period_start,
    programs_of,
)
from pointbook.accounting.queries.checklist import DERIVED_ACCOUNTS
from pointbook.accounting.queries.journals import posting_day
from pointbook.accounting.queries.names import ACCOUNTS, account_names
from pointbook.engine.revenue.accounts import Kind
from pointbook.engine.values.calendar import first_of_month, month_name
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.money import MoneyError, exponent, to_major, to_minor
from pointbook.programs.models import Entity, Program

LONGEST: Final = 200  # characters of a memo
CHART, OWN = "chart:", "own:"


class EntryRefused(PointbookError):
    """The entry cannot be posted as it is written."""

    status = 422


class WrittenLine(NamedTuple):
    """A line as text; the account of the chart or of the entity's own, one amount of two."""

    account: str
    debit: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as text. `posting_on` is a day, or `period` (YYYY-MM) stands for its last one.

    `program` and `currency` may be '' where there is one. `adjusts` says why an account is touched
    that ties to cohorts.
    """

    memo: str
    lines: Sequence[tuple[str, str, str]]
    program: str = ""
    period: str = ""
    posting_on: str = ""
    currency: str = ""
    adjusts: str = ""


class Line(NamedTuple):
    """A line on an account of the chart, minor units; one of debit and credit is 0."""

    account: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that could be posted."""

    program: Program
    posting_on: date
    memo: str
    currency: str
    lines: tuple[Line, ...]
    adjusts: str = ""


def read_draft(own: Entity, written: Written) -> Draft:
    """Read an entry; whether its period is open is asked elsewhere.

    :raises EntryRefused: for the first thing that cannot be.
    """
    books = _books(own, written.program)
    memo = written.memo.strip()
    if not memo or len(memo) > LONGEST:
        raise EntryRefused(
            "the entry does not say what it is for" if not memo else "the memo is too long",
            field="memo",
            value=memo,
            mend=f"Say it in at most {LONGEST} characters.",
        )
    if written.currency not in ("", books.currency):
        raise EntryRefused(
            f"the books of {books.code} are in {books.currency}",
            field="currency",
            value=written.currency,
            mend=f"Write {books.currency}, or name another program.",
        )
    lines = _lines(own, books, written)
    _require_balance(lines, books.currency)
    _require_reason(lines, written.adjusts)
    return Draft(
        program=Program.objects.get(id=books.id),
        posting_on=_day(own, books, written),
        memo=memo,
        currency=books.currency,
        lines=lines,
        adjusts=written.adjusts.strip(),
    )


def _books(own: Entity, code: str) -> ProgramBooks:
    known = programs_of(own)
    found = [books for books in known if code in ("", books.code)]
    if len(found) == 1:
        return found[0]
    codes = ", ".join(books.code for books in known)
    raise EntryRefused(
        f"entity {own.code} keeps no books of program {code!r}" if code else "no program is named",
        field="program",
        value=code,
        mend=f"Use one of: {codes}." if codes else "Publish a program first.",
    )


def _day(own: Entity, books: ProgramBooks, written: Written) -> date:
    """The posting date: in the entity's first period or later, and not after this month."""
    day = _asked_day(written)
    first = first_period(own)
    if first is None or day < first:
        raise EntryRefused(
            f"{day} lies before the books of {own.code}",
            field="posting_on",
            value=f"{day}",
            mend=f"They begin on {first}." if first else "Import facts first.",
        )
    last = posting_day(first_of_month(books.now(), books.compiled.zone))
    if day > last:
        raise EntryRefused(
            f"{month_name(day.replace(day=1))} has not begun",
            field="posting_on",
            value=f"{day}",
            mend=f"Choose {last} or earlier.",
        )
    return day


def _asked_day(written: Written) -> date:
    try:
        if written.posting_on:
            day = date.fromisoformat(written.posting_on)
        else:
            day = posting_day(period_start(written.period))
    except (ValueError, PeriodError):
        raise EntryRefused(
            "the entry says no day on which it is posted",
            field="posting_on" if written.posting_on else "period",
            value=written.posting_on or written.period,
            mend="Write posting_on: YYYY-MM-DD, or period: YYYY-MM for its last day.",
        ) from None
    if written.period and written.period != month_name(day.replace(day=1)):
        raise EntryRefused(
            f"{day} is not in {written.period}",
            field="posting_on",
            value=written.posting_on,
            mend="Leave one of the two out.",
        )
    return day


def _lines(own: Entity, books: ProgramBooks, written: Written) -> tuple[Line, ...]:
    if len(written.lines) < 2:  # noqa: PLR2004 - a debit and a credit
        raise EntryRefused(
            "an entry has two lines or more",
            field="lines",
            value=len(written.lines),
            mend="Write a debit and a credit.",
        )
    own_codes: dict[str, set[str]] = {}
    for row in account_names(own.code).rows:
        if row.split in ("", books.code):
            own_codes.setdefault(row.code, set()).add(row.account)
    return tuple(
        _line(number, WrittenLine(*line), own_codes, books.currency)
        for number, line in enumerate(written.lines, 1)
    )


def _line(number: int, line: WrittenLine, own_codes: dict[str, set[str]], currency: str) -> Line:
    place = f"lines[{number}]"
    account = _account(f"{place}.account", line.account.strip(), own_codes)
    debit = _amount(f"{place}.debit", line.debit, currency)
    credit = _amount(f"{place}.credit", line.credit, currency)
    if (debit > 0) == (credit > 0):
        raise EntryRefused(
            f"line {number} has {'both a debit and a credit' if debit else 'no amount'}",
            field=place,
            value=f"{line.debit} {line.credit}".strip(),
            mend="Write one of them, above 0.",
        )
    return Line(account, debit, credit)


def _account(place: str, said: str, own_codes: dict[str, set[str]]) -> str:
    """The account of the chart that is meant: by its code there, or by the entity's own."""
    bare = said.removeprefix(CHART).removeprefix(OWN)
    meant = set() if said.startswith(CHART) else set(own_codes.get(bare, ()))
    if not said.startswith(OWN) and bare in ACCOUNTS:
        meant.add(bare)
    if len(meant) > 1:
        raise EntryRefused(
            f"account {said!r} may be any of {', '.join(sorted(meant))} of the chart",
            field=place,
            value=said,
            mend=f"Write it as in the chart: {CHART}{min(meant)}.",
        )
    for account in meant:
        if ACCOUNTS[account].kind is Kind.MEMO:
            raise EntryRefused(
                f"account {account} counts points, never money",
                field=place,
                value=said,
                mend="Choose another account.",
            )
        return account
    raise EntryRefused(
        f"there is no account {said!r}",
        field=place,
        value=said,
        mend="Use a code of the chart, or one that the entity's accounts are mapped to.",
    )


def _amount(place: str, said: str, currency: str) -> int:
    """Minor units of an amount; 0 where none stands."""
    if not said.strip():
        return 0
    try:
        found = to_minor(said.strip(), places=exponent(currency))
    except MoneyError as error:
        raise EntryRefused(
            f"{said!r} is no amount of {currency}", field=place, value=said, mend=error.mend
        ) from None
    if found < 0:
        raise EntryRefused(
            "an amount is below 0", field=place, value=said, mend="Write it on the other side."
        )
    return found


def _require_balance(lines: Sequence[Line], currency: str) -> None:
    debit, credit = (sum(one) for one in zip(*((x.debit, x.credit) for x in lines), strict=True))
    if debit != credit:
        places = exponent(currency)
        raise EntryRefused(
            f"debits are {to_major(debit, places=places):,} and credits"
            f" {to_major(credit, places=places):,}",
            field="lines",
            value=f"{to_major(debit - credit, places=places)}",
            mend="Make them equal.",
        )


def _require_reason(lines: Sequence[Line], adjusts: str) -> None:
    touched = sorted({line.account for line in lines} & DERIVED_ACCOUNTS)
    if touched and not adjusts.strip():
        raise EntryRefused(
            f"the balance of account {', '.join(touched)} is derived from the points ledger",
            field="adjusts",
            value="",
            mend="Post a fact that corrects it, or say with `adjusts` what the entry is to adjust.",
        )
