"""Facts read row by row: whole documents, and rows whose fact is not clean, with words for why.

Every row of a fact is refused when one of them is. Nothing here raises: FactError becomes rejects.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pointbook.engine.values.facts import TENDERS, Fact, FactError, amount, line, normalise
from pointbook.engine.values.money import to_major
from pointbook.interfaces.importers.documents import flat_row, whole_fact
from pointbook.interfaces.importers.fields import (
    AMOUNTS,
    ATTRIBUTE,
    LINE_AMOUNTS,
    LINES,
    TEXTS,
    is_attribute,
)
from pointbook.interfaces.importers.rejects import Reject

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pointbook.interfaces.importers.batches import Batch
    from pointbook.interfaces.importers.stage import Stage

LABELS_APART = "|"
SUMMED = ("coupon", *LINE_AMOUNTS)
MONEY = frozenset((*AMOUNTS, *SUMMED))
FLOAT_TEXT = re.compile(r"-?[0-9]+([.][0-9]+)?[eE]-[0-9]{1,3}|-?[0-9]+[.][0-9]{10,}")
PLAIN = ("id", "source", "occurred_at", *TEXTS, "total", "tax", "delivery")


class Row(NamedTuple):
    """One row of an odd fact: its line in the file, what was wrong with it already, its values."""

    line: int
    fault: str | None
    values: dict[str, object]


class Odd:
    """Turns the rows of one key into a fact, or into rejects."""

    def __init__(self, stage: Stage, *, places: int) -> None:
        self.stage = stage
        self.places = places
        self.whole = stage.kind == "documents" and not stage.layout.columns

    def add(self, batch: Batch, rows: Sequence[Row]) -> None:
        """Add the fact of `rows` to the batch, or the reasons why there is none."""
        if any(row.fault for row in rows):
            rejects = [_fault(row) for row in rows if row.fault]
        elif self.whole:
            rejects = self._documents(batch, rows)
        else:
            rejects = self._rows(batch, rows)
        if rejects:
            batch.rejected += 1
            batch.rejects += _for_every_row(rejects, rows)

    def _documents(self, batch: Batch, rows: Sequence[Row]) -> list[Reject]:
        """One row is one whole fact; rows of one key must all say the same."""
        facts: list[Fact] = []
        rejects = []
        for row in rows:
            try:
                facts.append(self._normalised(whole_fact(row.values, self.stage.layout)))
            except FactError as error:
                rejects.append(_reject(row.line, error))
        if rejects:
            return rejects
        for row, fact in zip(rows[1:], facts[1:], strict=True):
            if fact != facts[0]:
                reason = f"line {rows[0].line} has the same id and says something else"
                mend = "Give each fact its own id."
                rejects.append(Reject(row.line, "id", fact.id, reason, mend))
        if not rejects:
            batch.facts.append(facts[0])
            batch.repeated += len(facts) - 1
        return rejects

    def _rows(self, batch: Batch, rows: Sequence[Row]) -> list[Reject]:
        """Each row is a line of one fact; what they say of the fact itself must agree."""
        values = [_plain(self._fields(row)) for row in rows]
        rejects = [
            reject
            for row, row_values in zip(rows, values, strict=True)
            if (reject := self._wrong(row, row_values)) is not None
        ]
        rejects = rejects or _disagreements(rows, values)
        if rejects:
            return rejects
        try:
            batch.facts.append(self._normalised(self._document(values)))
        except FactError as error:
            return [_reject(row.line, error) for row in rows]
        return []

    def _fields(self, row: Row) -> Mapping[str, object]:
        if self.stage.kind == "documents":
            return flat_row(row.values, self.stage.layout)
        return row.values

    def _wrong(self, row: Row, values: Mapping[str, object]) -> Reject | None:
        try:
            for field in (*AMOUNTS, *SUMMED):
                amount(values, field, self.places)
            line(_line(values), places=self.places, at="")
        except FactError as error:
            return _reject(row.line, error)
        return None

    def _document(self, values: Sequence[Mapping[str, object]]) -> dict[str, object]:
        first = values[0]
        document = {field: first[field] for field in PLAIN if field in first}
        document["lines"] = [_line(row) for row in values if any(f in row for f in LINES)]
        coupon = sum(amount(row, "coupon", self.places) for row in values)
        if coupon:
            document["coupons"] = [{"amount": to_major(coupon, places=self.places)}]
        document["tenders"] = [
            {"kind": kind, "amount": first[f"tender.{kind}"]}
            for kind in TENDERS
            if amount(first, f"tender.{kind}", self.places)
        ]
        if "returns.id" in first:
            source = first.get("returns.source", first.get("source"))
            document["returns"] = {"source": source, "id": first["returns.id"]}
        attributes = {f.removeprefix(ATTRIBUTE): v for f, v in first.items() if is_attribute(f)}
        if attributes:
            document["attributes"] = attributes
        return document

    def _normalised(self, document: Mapping[str, object]) -> Fact:
        return normalise(document, currency=self.stage.currency, zone=self.stage.zone)


def labels_of(text: str) -> tuple[str, ...]:
    """The labels of a text: a|b|c."""
    return tuple(label for part in text.split(LABELS_APART) if (label := part.strip()))


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """The values without white space around texts and without empty ones."""
    stripped = ((f, v.strip() if isinstance(v, str) else v) for f, v in values.items())
    return {f: _dusted(f, v) for f, v in stripped if v is not None and v != ""}


def _dusted(field: str, value: object) -> object:
    """An amount whose text only a binary float can have written is read as that float."""
    if field in MONEY and isinstance(value, str) and FLOAT_TEXT.fullmatch(value):
        return float(value)
    return value


def _line(values: Mapping[str, object]) -> dict[str, object]:
    raw = {field: values[field] for field in LINES if field in values}
    if "line_tax" in raw:
        raw["tax"] = raw.pop("line_tax")
    labels = raw.get("labels")
    if isinstance(labels, str):
        raw["labels"] = labels_of(labels)
    return raw


def _disagreements(rows: Sequence[Row], values: Sequence[Mapping[str, object]]) -> list[Reject]:
    """Rows that say something else of the fact than its first row."""
    fields = dict.fromkeys(field for row in values for field in row)
    headers = [field for field in fields if field not in LINES and field != "coupon"]
    rejects = []
    for row, said in zip(rows[1:], values[1:], strict=True):
        for field in headers:
            if said.get(field) != values[0].get(field):
                reason = f"{field} is another one than in line {rows[0].line} of the same fact"
                mend = f"Give all rows of a fact the same {field}, or each fact its own id."
                rejects.append(Reject(row.line, field, said.get(field), reason, mend))
                break
    return rejects


def _reject(at: int, error: FactError) -> Reject:
    return Reject(at, error.field.lstrip("."), error.value, error.message, error.mend)


def _fault(row: Row) -> Reject:
    assert row.fault is not None
    return Reject(row.line, "", None, f"the line {row.fault}", "Mend the line.")


def _for_every_row(rejects: Sequence[Reject], rows: Sequence[Row]) -> list[Reject]:
    """The rejects, and one for each row that falls with them."""
    by_line = {reject.line: reject for reject in rejects}
    culprit = rejects[0]
    reason = f"line {culprit.line} of the same fact is refused"
    mend = f"Mend line {culprit.line}."
    rest = {
        row.line: Reject(row.line, "id", row.values.get("id"), reason, mend)
        for row in rows
        if row.line not in by_line
    }
    return [reject for _, reject in sorted({**by_line, **rest}.items())]
