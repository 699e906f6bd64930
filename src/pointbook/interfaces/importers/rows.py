"""Staging of files of rows: CSV and Parquet, whose rows with one fact id are that fact's lines.

DuckDB does the column work: it turns clean values into minor units and trimmed texts, groups rows
by key and adds them up. What is not clean (an amount with a part of a cent, headers that differ, a
time that is none) makes the whole fact odd: its rows are kept as they stand in the file and are
read one by one, with the same meaning and with words for what is wrong. Raises FileError.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import duckdb

from pointbook.engine.values.money import exponent
from pointbook.interfaces.importers import stage
from pointbook.interfaces.importers.fields import (
    AMOUNTS,
    LINE_AMOUNTS,
    LINE_TEXTS,
    LINES,
    RETURNS,
    TEXTS,
    FileError,
    Request,
    is_attribute,
)
from pointbook.interfaces.importers.stage import Stage, literal, name
from pointbook.interfaces.importers.tables import INTEGERS, Table, open_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPACES = literal("".join(chr(code) for code in range(0x3001) if chr(code).isspace()))
TRIMMED = literal("(?s)[!-~](.*[!-~])?")
LONGEST_TEXT = 255
QUANTITY = literal(r"-?[0-9]{1,12}([.][0-9]{1,6})?")
# Below this a float times 100 is exact to well within 0.000001 of a minor unit.
SAFE_FLOAT = 10_000_000
NOTHING = dict.fromkeys(LINE_TEXTS, "''") | dict.fromkeys(("amount", "discount", "line_tax"), "0")
KEY = "coalesce(source, '') AS source, coalesce(id, '') AS id, if(id IS NULL, row, 0) AS alone"


def prepare(
    request: Request,
    *,
    folder: Path,
    currency: str,
    zone: tzinfo,
    parts: int | None,
    before: datetime | None,
) -> Stage:
    """Stage a CSV or Parquet file.

    :raises FileError: a file that is none, or columns that do not fit the request.
    """
    connection = stage.connect(folder)
    try:
        table = open_table(request, connection)
        types = table.types(connection)
        direct = zone is UTC and types["occurred_at"] == "TIMESTAMP"
        columns = _Columns(
            types,
            trusted=table.trusted,
            places=exponent(currency),
            currency=currency,
            direct=direct,
        )
        connection.execute(f"CREATE TABLE rows AS {columns.select(table.relation)}")
        table.malformed(connection, folder=folder)
        connection.execute(
            "INSERT INTO rows BY NAME SELECT -line AS row, nullif(id, '') AS id,"
            " nullif(source, '') AS source, false AS is_line, true AS odd FROM malformed"
        )
        if not direct:
            texts = "SELECT DISTINCT occurred_at FROM rows WHERE occurred_at IS NOT NULL"
            stage.times(connection, query=texts, zone=zone, folder=folder)
        table.lines(connection, folder=folder)
        connection.execute(columns.keys(direct=direct, line=table.line("first")))
        facts = stage.number(connection, parts=parts, before=before)
        connection.execute(columns.lines())
        _keep_odd(connection, table, tuple(types))
        connection.execute("DROP TABLE rows; DROP TABLE keys")
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise FileError(
            f"{request.path.name} cannot be read: {reason}",
            mend="Check that it is the kind of file that its name says.",
        ) from None
    finally:
        connection.close()
    return Stage(
        folder=folder,
        path=request.path,
        kind="rows",
        layout=table.layout,
        fields=tuple(types),
        currency=currency,
        zone=zone,
        facts=facts,
    )


def _keep_odd(connection: duckdb.DuckDBPyConnection, table: Table, fields: Sequence[str]) -> None:
    """Make the table `odd`: the rows of odd facts as the file has them, and malformed lines."""
    values = ", ".join(f"raw.{name(field)}" for field in fields)
    connection.execute(
        f"""CREATE TABLE odd AS
        WITH places AS (
            SELECT position, row FROM (SELECT row, {KEY} FROM rows) JOIN heads
            USING (source, id, alone) WHERE odd)
        SELECT position, {table.line("places.row")} AS line, fault, {values}
        FROM places LEFT JOIN ({table.relation}) AS raw ON raw.row = places.row
        LEFT JOIN numbers ON numbers.row = places.row
        LEFT JOIN malformed ON malformed.line = -places.row
        ORDER BY ALL"""
    )


class _Columns:
    """The SQL of every field's clean value, and of what makes a row odd."""

    def __init__(
        self,
        types: dict[str, str],
        *,
        trusted: frozenset[str],
        places: int,
        currency: str,
        direct: bool,
    ) -> None:
        self.types = types
        self.trusted = trusted
        self.places = places
        self.odd: list[str] = []
        self.clean = {field: self._clean(field) for field in types if field not in RETURNS}
        if not direct:
            self.clean["occurred_at"] = "raw.occurred_at::VARCHAR"
        self.odd += ["id IS NULL", "source IS NULL", "type IS DISTINCT FROM 'purchase'"]
        self.odd += [f"raw.{name(field)} IS NOT NULL" for field in RETURNS if field in types]
        if "currency" in types:
            self.odd.append(f"currency <> {literal(currency)}")

    def _clean(self, field: str) -> str:
        raw, kind = f"raw.{name(field)}", self.types[field]
        if field in (*AMOUNTS, *LINE_AMOUNTS, "coupon"):
            value = self._minor(raw, kind)
            self.odd.append(f"{raw} IS NOT NULL AND ({value}) IS NULL")
            return value
        if kind != "VARCHAR":
            return f"{raw}::VARCHAR" if field == "quantity" else raw
        if field in self.trusted:
            return raw
        # Trimming by many characters is slow, and few texts need it.
        text = f"if(regexp_full_match({raw}, {TRIMMED}), {raw}, nullif(trim({raw}, {SPACES}), ''))"
        if field == "quantity":
            self.odd.append(f"NOT regexp_full_match({text}, {QUANTITY})")
        else:
            self.odd.append(f"length({text}) > {LONGEST_TEXT} OR contains({text}, chr(0))")
        return text

    def _minor(self, raw: str, kind: str) -> str:
        scale = 10**self.places
        if kind == "DOUBLE":
            near = f"abs({raw} * {scale} - round({raw} * {scale})) < 0.0000005"
            safe = f"abs({raw}) < {SAFE_FLOAT}"
            return f"CASE WHEN {safe} AND {near} THEN round({raw} * {scale})::BIGINT END"
        if kind in INTEGERS:
            return f"CASE WHEN abs({raw}::BIGINT) < {10**12} THEN {raw}::BIGINT * {scale} END"
        part = f"([.][0-9]{{1,{self.places}}}0*)?" if self.places else ""
        plain = f"-?[0-9]{{1,12}}{part}"
        return (
            f"CASE WHEN regexp_full_match({raw}::VARCHAR, '{plain}')"
            f" THEN ({raw}::VARCHAR::DECIMAL(18, {self.places}) * {scale})::BIGINT END"
        )

    def select(self, relation: str) -> str:
        """The clean rows of a file."""
        values = [f"{value} AS {name(field)}" for field, value in self.clean.items()]
        line = " OR ".join(f"({self.clean[f]}) IS NOT NULL" for f in LINES if f in self.types)
        odd = " OR ".join(f"coalesce({test}, false)" for test in self.odd)
        return (
            f"SELECT raw.row AS row, {', '.join(values)}, ({line or 'false'}) AS is_line,"
            f" ({odd}) AS odd FROM ({relation}) AS raw"
        )

    def keys(self, *, direct: bool, line: str) -> str:
        """The table `keys`: one row per fact; a fact whose rows disagree is odd."""
        headers = [f for f in (*TEXTS, *AMOUNTS) if f in self.types]
        headers += [f for f in self.types if is_attribute(f)]
        by = ", ".join(["occurred_at", *(name(field) for field in headers)])
        first = "".join(f", any_value({name(f)}) AS {name(f)}" for f in headers if f != "total")
        missing = "".join(f", NULL AS {f}" for f in TEXTS if f not in self.types)
        cost = "sum(amount) FILTER (is_line)" if "amount" in self.types else "0"
        coupon = "sum(coupon)" if "coupon" in self.types else "0"
        stated = "any_value(total)" if "total" in self.types else "NULL"
        extras = " + ".join(
            f"coalesce(any_value({f}), 0)" for f in ("tax", "delivery") if f in self.types
        )
        sums = f"coalesce(sum(cost), 0) - coalesce(sum(coupon), 0) + {extras or '0'}"
        total = f"coalesce({stated}, if(sum(lines) > 0, {sums}, NULL))::BIGINT"
        us = "epoch_us(occurred_at)" if direct else "us"
        times = "" if direct else "LEFT JOIN times ON occurred_at = text"
        return f"""CREATE TABLE keys AS
            WITH grouped AS (
                SELECT {KEY}, {by}, min(row) AS first, count(*) FILTER (is_line) AS lines,
                    {cost} AS cost, {coupon} AS coupon, bool_or(odd) AS odd
                FROM rows GROUP BY source, id, alone, {by})
            SELECT source, id, alone, min({us}) AS us, min({line}) AS first_line,
                sum(lines)::BIGINT AS lines,
                coalesce(sum(coupon), 0)::BIGINT AS coupon, {total} AS total,
                count(*) > 1 OR bool_or(odd) OR min({us}) IS NULL OR {total} IS NULL AS odd
                {first}{missing}
            FROM grouped {times} LEFT JOIN numbers ON numbers.row = first
            GROUP BY source, id, alone"""

    def lines(self) -> str:
        """The table `lines`: the lines of clean facts in the order of their facts."""
        given = "".join(
            f", coalesce({name(field)}, {NOTHING[field]}) AS {name(field)}"
            if field in NOTHING
            else f", {name(field)}"
            for field in LINES
            if field in self.types
        )
        return f"""CREATE TABLE lines AS
            SELECT heads.position, row{given}
            FROM rows JOIN heads ON rows.source = heads.source AND rows.id = heads.id
            WHERE NOT heads.odd AND is_line ORDER BY heads.position, row"""
