"""Members as lines of a file: what `import-people` reads, written by `export people`.

One NDJSON object is one member; as CSV each lot has a row of its own. Days are the program's: an
end is told as the last day on which something counts. Nothing here raises.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Final

import orjson

from pointbook.analytics.people import Belongings, HeldTier
from pointbook.engine.ledger.lots import FOREVER, Lot
from pointbook.engine.replay.opening import NEVER, WAITING, decimals_of, measures_of
from pointbook.engine.replay.program import Version
from pointbook.engine.values.calendar import day_of
from pointbook.engine.values.money import to_major
from pointbook.engine.values.openings import FLAT_TIER, LOT
from pointbook.engine.values.people import IDENTIFIERS

Document = dict[str, Any]
TICK: Final = timedelta.resolution
TOLD: Final = ("name", "birthday", "consent", "consent_at", "joined_on")
LINKS: Final = ("segments", "household", "company")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes members of a program as it stands `at` an instant."""

    version: Version
    at: datetime

    def document(self, one: Belongings) -> Document:
        """A member as an object; what there is nothing of is left out."""
        person = one.person
        body: Document = {"id": str(person.id), **_identifiers(person.identifiers)}
        body["name"] = person.name
        body["birthday"] = None if person.birthday is None else person.birthday.isoformat()
        body["consent"] = person.consent
        body["consent_at"] = None if person.consent_at is None else person.consent_at.isoformat()
        body["joined_on"] = self._day(one.joined_at)
        body["tiers"] = [self._tier(tier) for tier in one.tiers]
        body["measures"] = self._measures(one.measures)
        body["lots"] = [self._lot(lot) for lot in one.lots]
        body["owed"] = {unit: self._points(unit, count) for unit, count in one.owed.items()}
        body["segments"] = list(one.segments)
        body["household"] = one.household
        body["company"] = one.company
        return {name: value for name, value in body.items() if value not in (None, "", [], {})}

    def columns(self) -> list[str]:
        """The columns of a table of members."""
        measures = [f"measure.{name}" for name in measures_of(self.version)]
        owed = [f"owed.{unit}" for unit in self.version.units]
        return ["id", *IDENTIFIERS, *TOLD, *FLAT_TIER, *LOT, *measures, *owed, *LINKS]

    def rows(self, one: Belongings) -> Iterable[Document]:
        """A member as rows of a table: each lot and each tier once, the rest in the first row.

        Every row begins with the first identifier, by which rows are brought together.
        """
        body = self.document(one)
        known = {kind: _listed(body.pop(kind, [])) for kind in IDENTIFIERS}
        key = next((kind for kind in IDENTIFIERS if known[kind]), None)
        named = {} if key is None else {key: known.pop(key)[0]}
        first: Document = {name: body[name] for name in ("id", *TOLD) if name in body}
        first |= {f"measure.{name}": value for name, value in body.get("measures", {}).items()}
        first |= {f"owed.{unit}": value for unit, value in body.get("owed", {}).items()}
        first |= {name: body[name] for name in ("household", "company") if name in body}
        first["segments"] = " ".join(body.get("segments", ()))
        if "consent" in first:
            first["consent"] = str(first["consent"]).lower()
        tiers = [
            {column: tier[name] for column, name in FLAT_TIER.items() if name in tier}
            for tier in body.get("tiers", ())
        ]
        others = zip_longest(*known.values())
        rows = zip_longest([first], body.get("lots", ()), tiers, others)
        for told, lot, tier, more in rows:
            further = zip(known, more or (), strict=False)
            ids = {kind: value for kind, value in further if value}
            yield {**named, **ids, **(told or {}), **(tier or {}), **(lot or {})}

    def _tier(self, held: HeldTier) -> dict[str, str]:
        body = {"ladder": held.ladder, "tier": held.tier}
        if held.since is not None:
            body["since"] = self._day(held.since)
        if held.until is not None:
            body["until"] = self._day(held.until - TICK)
        return body

    def _lot(self, lot: Lot) -> dict[str, str]:
        ends = NEVER if lot.expires_at == FOREVER else self._day(lot.expires_at - TICK)
        body = {
            "unit": lot.unit,
            "points": self._points(lot.unit, lot.remaining),
            "earned_on": self._day(lot.earned_at),
            "expires_on": ends,
        }
        if lot.starts_at == FOREVER:
            body["usable_from"] = WAITING
        elif lot.starts_at > self.at:
            body["usable_from"] = self._day(lot.starts_at)
        return body

    def _measures(self, values: Mapping[str, int]) -> dict[str, str]:
        measures = measures_of(self.version)
        return {
            name: str(to_major(value, places=decimals_of(measures[name], self.version)))
            for name, value in values.items()
        }

    def _points(self, unit: str, count: int) -> str:
        return str(to_major(count, places=self.version.units[unit].decimals))

    def _day(self, at: datetime) -> str:
        day: date = day_of(at, self.version.zone)
        return day.isoformat()


def _identifiers(pairs: Iterable[tuple[str, str]]) -> Document:
    """What somebody is known by: a text, or a list where it is several of a kind."""
    found: dict[str, list[str]] = {}
    for kind, value in pairs:
        found.setdefault(kind, []).append(value)
    return {kind: one[0] if len(one) == 1 else one for kind, one in found.items()}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def ndjson(writer: Writer, page: Iterable[Belongings], *, first: bool) -> str:  # noqa: ARG001
    """A page of members, one a line."""
    lines = [orjson.dumps(writer.document(one)) for one in page]
    return b"\n".join([*lines, b""]).decode()


def table(writer: Writer, page: Iterable[Belongings], *, first: bool) -> str:
    """A page of members as rows; the `first` one begins with the header."""
    text = io.StringIO()
    rows = csv.DictWriter(text, writer.columns(), extrasaction="ignore", lineterminator="\n")
    if first:
        rows.writeheader()
    for one in page:
        rows.writerows(writer.rows(one))
    return text.getvalue()


FORMATS: Final[dict[str, Callable[..., str]]] = {"ndjson": ndjson, "csv": table}
