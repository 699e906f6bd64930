"""What somebody wants redeemed on an order, read from a body. Raises FactError with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from pointbook.earning.operations.confirming import Expected
from pointbook.earning.orders import ORDER, Wish
from pointbook.engine.replay.points import positive
from pointbook.engine.rules.blueprint import Blueprint
from pointbook.engine.rules.rewards.situations import Claim, claim_of
from pointbook.engine.values.documents import amount, known, objects, plain, text_of
from pointbook.engine.values.errors import PointbookError
from pointbook.engine.values.facts import Fact, FactError
from pointbook.engine.values.money import MoneyError, exponent, to_minor
from pointbook.interfaces.api.bodies import MOST_WISHES
from pointbook.redemption.queries.redemptions import RedemptionUnknown, by_code, spellings

FIELDS: Final = ("redeem", "vouchers", "pay")
CLAIM: Final = frozenset({"reward", "quantity", "slot", "options", "cause", "country", "for"})
PAY: Final = frozenset({"points", "stored_value"})
EXPECTED: Final = frozenset({"due", "earned"})
ATTRIBUTES: Final = "attributes."
# Of a unit that the program does not have; the settlement says so.
UNKNOWN_DECIMALS: Final = 3


def wish_of(raw: Mapping[str, object], *, blueprint: Blueprint, program_id: int) -> Wish:
    """The wish of a body: its `redeem`, `vouchers` and `pay`.

    :raises FactError: naming the place in the body.
    """
    pay = raw.get("pay") or {}
    if not isinstance(pay, Mapping):
        raise FactError(
            "pay is not an object",
            field="pay",
            value=pay,
            mend='Send {"points": {"points": 300}}.',
        )
    known(pay, PAY, "pay")
    units = blueprint.units
    decimals = {code: unit.decimals for code, unit in units.items()}
    money = dict.fromkeys(units, exponent(blueprint.currency))
    wish = Wish(
        claims=[
            claim(item, at=f"redeem[{place}]")
            for place, item in enumerate(_some(objects(raw, "redeem"), "redeem"))
        ],
        vouchers=_codes(raw.get("vouchers"), program_id),
        points=_amounts(pay.get("points"), decimals, at="pay.points"),
        stored=_amounts(pay.get("stored_value"), money, at="pay.stored_value"),
    )
    _allowed(raw, wish)
    return wish


def claim(raw: Mapping[str, object], *, at: str = "") -> Claim:
    """A reward that is wanted; `at` is the path of the object in the body.

    :raises FactError: naming the place in the body.
    """
    known(raw, CLAIM, at)
    text_of(raw, "reward", at, required=True)
    told = {name: value for name, value in raw.items() if value is not None}
    with moved(ATTRIBUTES, f"{at}." if at else ""):
        return claim_of(Fact("", "", "burn", datetime.now(UTC), attributes=told))


def expected_of(raw: object, *, blueprint: Blueprint) -> Expected:
    """What a caller was told by an evaluation.

    :raises FactError: naming the place in the body.
    """
    told = {} if raw is None else raw
    if not isinstance(told, Mapping):
        raise FactError(
            "expected is not an object", field="expected", value=raw, mend='Send {"due": "18.00"}.'
        )
    known(told, EXPECTED, "expected")
    due = None
    if told.get("due") is not None:
        due = amount(told, "due", exponent(blueprint.currency), at="expected")
    earned = _object(told.get("earned"), "expected.earned")
    units = blueprint.units
    parts = {}
    for code, value in earned.items():
        place = f"expected.earned.{code}"
        if code not in units:
            raise FactError(
                f"there is no unit {code!r}",
                field=place,
                value=code,
                mend=f"Use one of: {', '.join(units)}.",
            )
        try:
            parts[code] = to_minor(value, places=units[code].decimals)
        except MoneyError as error:
            raise FactError(error.message, field=place, value=value, mend=error.mend) from None
    return Expected(due=due, earned=parts or None)


@contextmanager
def moved(before: str, after: str) -> Iterator[None]:
    """What is called `before...` inside is `after...` in the body that was sent."""
    try:
        yield
    except PointbookError as error:
        for name in ("message", "mend", "field"):
            setattr(error, name, getattr(error, name).replace(before, after))
        raise


@contextmanager
def inside(at: str) -> Iterator[None]:
    """What is read inside stands below `at` in the body that was sent."""
    try:
        yield
    except PointbookError as error:
        error.field = f"{at}.{error.field}" if error.field else at
        raise


def _allowed(raw: Mapping[str, object], wish: Wish) -> None:
    if not (wish.claims or wish.vouchers or wish.points or wish.stored):
        return
    kind = raw.get("type") or ORDER
    if kind != ORDER:
        raise FactError(
            f"nothing can be redeemed on a fact of type {kind!r}",
            field="type",
            value=kind,
            mend="Leave type out.",
        )


def _some(found: Sequence[Mapping[str, object]], name: str) -> Sequence[Mapping[str, object]]:
    if len(found) > MOST_WISHES:
        raise _too_many(name, len(found))
    return found


def _too_many(name: str, count: int) -> FactError:
    return FactError(
        f"{name} has {count} entries", field=name, value=count, mend=f"Send {MOST_WISHES} at most."
    )


def _codes(value: object, program_id: int) -> list[str]:
    """The codes as they were given out, each once, however they were typed."""
    told = [] if value is None else value
    if not isinstance(told, list) or not all(isinstance(code, str) for code in told):
        raise FactError(
            "vouchers is not a list of codes",
            field="vouchers",
            value=value,
            mend="Send a JSON list of texts.",
        )
    if len(told) > MOST_WISHES:
        raise _too_many("vouchers", len(told))
    codes = [plain(code, f"vouchers[{place}]") for place, code in enumerate(told)]
    return list(dict.fromkeys(as_given(program_id, code) for code in codes))


def as_given(program_id: int, code: str) -> str:
    """A code as it was given out; one that nobody was given as it was typed."""
    try:
        row = by_code(program_id, code)
    except RedemptionUnknown:
        return code.strip()
    typed = spellings(code)
    return next(own.code for own in row.codes if own.code in typed)


def _amounts(value: object, places: Mapping[str, int], *, at: str) -> dict[str, int]:
    """Amounts by unit, in smallest parts or minor units."""
    return {
        plain(unit, at): positive(told, places.get(unit, UNKNOWN_DECIMALS), field=f"{at}.{unit}")
        for unit, told in _object(value, at).items()
    }


def _object(value: object, at: str) -> Mapping[str, object]:
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise FactError(
        f"{at} is not an object", field=at, value=value, mend="Send amounts by unit: {...}."
    )
