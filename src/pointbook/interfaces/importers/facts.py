"""Facts out of a staged file: clean ones column by column, odd ones handed to `oddities`.

Nothing here raises: what cannot be read becomes rejects of the batch.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import islice, repeat
from typing import TYPE_CHECKING, Self

import orjson

from pointbook.engine.values.facts import NO_ATTRIBUTES, TENDERS, Coupon, Fact, Line, Tender
from pointbook.engine.values.money import exponent
from pointbook.interfaces.importers.batches import Batch
from pointbook.interfaces.importers.fields import ATTRIBUTE, LINES, TEXTS, is_attribute
from pointbook.interfaces.importers.oddities import Odd, Row, labels_of
from pointbook.interfaces.importers.stage import EPOCH, Stage, name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

REMEMBERED = 10_000
HEAD = ("position", "odd", "us", "source", "id", *TEXTS, "total", "coupon", "lines")
make_line = partial(tuple.__new__, Line)


class Memo(dict[str | None, object]):
    """Remembers what texts mean: a shop's year has few different quantities and labels."""

    def __init__(self, read: Callable[[str], object], nothing: object) -> None:
        super().__init__({None: nothing})
        self.read = read
        self.nothing = nothing

    def __missing__(self, text: str) -> object:
        if len(self) > REMEMBERED:
            self.clear()
            self[None] = self.nothing
        value = self[text] = self.read(text)
        return value


class Reader:
    """Reads ranges of positions of a staged file; one process, one reader."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.odd = Odd(stage, places=exponent(stage.currency))
        fields = stage.fields
        self.tenders = [kind for kind in TENDERS if f"tender.{kind}" in fields]
        self.attributes = [field for field in fields if is_attribute(field)]
        self.extras: list[str] = [field for field in ("tax", "delivery") if field in fields]
        self.extras += [f"tender.{kind}" for kind in self.tenders] + self.attributes
        self.line_fields = [field for field in LINES if field in fields]
        self.quantities = Memo(Decimal, Line().quantity)
        self.labels = Memo(labels_of, ())

    def __enter__(self) -> Self:
        self.connection = self.stage.connect()
        self.text = self.stage.text.open("rb") if self.stage.kind == "documents" else None
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        if self.text is not None:
            self.text.close()

    def parts(self) -> list[range]:
        """The positions of each part, in order."""
        found = self.connection.execute(
            "SELECT min(position), max(position) FROM heads GROUP BY part ORDER BY part"
        ).fetchall()
        return [range(first, last + 1) for first, last in found]

    def latest(self) -> Iterator[int]:
        """The positions of facts from the latest to the first."""
        found = self.connection.cursor().execute(
            "SELECT position FROM heads WHERE us IS NOT NULL ORDER BY us DESC, position"
        )
        while batch := found.fetchmany(100):
            yield from (position for (position,) in batch)

    def lines_of(self, keys: Sequence[tuple[str, str]]) -> list[int]:
        """The line on which each fact (source, id) begins."""
        return [
            self.connection.execute(
                "SELECT min(first_line) FROM heads WHERE source = ? AND id = ?", key
            ).fetchall()[0][0]
            for key in keys
        ]

    def read(self, first: int, after: int) -> Batch:
        """The facts at positions from `first` up to, not including, `after`."""
        # A third of the time goes to looking for cycles among millions of tuples that have none.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._read(first, after)
        finally:
            if collecting:
                gc.enable()

    def _read(self, first: int, after: int) -> Batch:
        batch = Batch()
        span = f"position >= {first} AND position < {after}"
        odd = self._odd_rows(span)
        if self.stage.kind == "documents":
            for position in sorted(odd):
                self.odd.add(batch, odd[position])
            return batch
        lines = self._lines(span)
        columns = ", ".join(map(name, (*HEAD, *self.extras)))
        heads = self.connection.execute(
            f"SELECT {columns} FROM heads WHERE {span} ORDER BY position"
        ).fetchall()
        facts = batch.facts
        for head in heads:
            if head[1]:
                self.odd.add(batch, odd[head[0]])
            else:
                facts.append(self._fact(head, lines))
        return batch

    def _fact(self, head: tuple, lines: Iterator[Line]) -> Fact:  # type: ignore[type-arg]
        _, _, us, source, key, kind, member, store, channel, _, total, coupon, count = head[:13]
        fact = {
            "source": source,
            "id": key,
            "type": kind,
            "occurred_at": EPOCH + timedelta(microseconds=us),
            "member": member,
            "store": store or "",
            "channel": channel or "",
            "currency": self.stage.currency,
            "total": total,
            "coupons": (Coupon("", coupon),) if coupon else (),
            "lines": tuple(islice(lines, count)),
            "attributes": NO_ATTRIBUTES,
        }
        if self.extras:
            self._extend(fact, dict(zip(self.extras, head[13:], strict=True)))
        return Fact(**fact)

    def _extend(self, fact: dict[str, object], extras: dict[str, object]) -> None:
        fact["tax"] = extras.get("tax") or 0
        fact["delivery"] = extras.get("delivery") or 0
        paid = ((kind, extras[f"tender.{kind}"]) for kind in self.tenders)
        fact["tenders"] = tuple(Tender(kind, minor) for kind, minor in paid if minor)  # type: ignore[arg-type]
        fact["attributes"] = {
            field.removeprefix(ATTRIBUTE): extras[field]
            for field in self.attributes
            if extras[field] is not None
        }

    def _lines(self, span: str) -> Iterator[Line]:
        """The clean lines of a span, made column by column: no step runs Python for each cell."""
        if not self.line_fields:
            return iter(())
        columns = ", ".join(map(name, self.line_fields))
        rows = self.connection.execute(
            f"SELECT {columns} FROM lines WHERE {span} ORDER BY position, row"
        ).fetchall()
        cells = dict(zip(self.line_fields, zip(*rows, strict=True), strict=False))
        nothing = Line()
        values: list[Iterable[object]] = []
        for field, default in zip(LINES, nothing, strict=True):
            column: Sequence[object] | None = cells.get(field)
            if column is None:
                values.append(repeat(default))
            elif field == "quantity":
                values.append(map(self.quantities.__getitem__, column))  # type: ignore[arg-type]
            elif field == "labels":
                values.append(self._labels(column))
            else:
                values.append(column)
        return map(make_line, zip(*values, strict=False))

    def _labels(self, column: Sequence[object]) -> Iterable[object]:
        if any(isinstance(cell, list) for cell in column):
            return [tuple(map(str, cell or ())) for cell in column]  # type: ignore[call-overload]
        return map(self.labels.__getitem__, column)  # type: ignore[arg-type]

    def _odd_rows(self, span: str) -> dict[int, list[Row]]:
        """The rows of the odd facts of a span, by position."""
        found = self.connection.execute(
            f"SELECT * FROM odd WHERE {span} ORDER BY position, line"
        ).fetchall()
        rows = defaultdict(list)
        for position, line, fault, *cells in found:
            rows[position].append(Row(line, fault, self._values(fault, cells)))
        return rows

    def _values(self, fault: str | None, cells: list[object]) -> dict[str, object]:
        if self.text is None:
            return {
                field: cell
                for field, cell in zip(self.stage.fields, cells, strict=True)
                if cell is not None
            }
        place, size = cells
        self.text.seek(place)  # type: ignore[arg-type]
        text = self.text.read(size)  # type: ignore[arg-type]
        return {} if fault else orjson.loads(text)
