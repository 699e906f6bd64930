"""Facts in one shape: read, refused with a mend, and the same bytes for ever."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pointbook.engine.values.facts import (
    HELD_BY_MEMBERS,
    TENDERS,
    Coupon,
    Fact,
    FactError,
    Line,
    Returned,
    Tender,
    content,
    digest,
    instant,
    normalise,
    restore,
)

PURCHASE = {
    "source": "till-3",
    "id": " 2025-000017 ",
    "type": "purchase",
    "occurred_at": "2025-03-01T18:05:00+01:00",
    "member": "card-99",
    "store": "S1",
    "channel": "shop",
    "currency": "EUR",
    "total": "24.50",
    "tax": "3.91",
    "delivery": "2.00",
    "tenders": [{"kind": "card", "amount": "20"}, {"kind": "stored_value", "amount": "4.50"}],
    "coupons": [{"code": "SPRING", "amount": "1.00"}],
    "lines": [
        {
            "sku": "4711",
            "category": "care",
            "department": "beauty",
            "brand": "own",
            "labels": ["new", "vegan"],
            "quantity": "1.50",
            "list_price": "12.00",
            "amount": "18.00",
            "discount": "2.00",
            "tax": "2.87",
        },
        {"amount": 5.5},
    ],
    "attributes": {"till": 3, "staff": {"shift": "late"}, "note": "größer", "paths": ["\\u0000"]},
    "simulated": True,
}
FACT = Fact(
    source="till-3",
    id="2025-000017",
    type="purchase",
    occurred_at=datetime(2025, 3, 1, 17, 5, tzinfo=UTC),
    member="card-99",
    store="S1",
    channel="shop",
    currency="EUR",
    total=2450,
    tax=391,
    delivery=200,
    tenders=(Tender("card", 2000), Tender("stored_value", 450)),
    coupons=(Coupon("SPRING", 100),),
    lines=(
        Line(
            sku="4711",
            category="care",
            department="beauty",
            brand="own",
            labels=("new", "vegan"),
            quantity=Decimal("1.5"),
            list_price=1200,
            amount=1800,
            discount=200,
            tax=287,
        ),
        Line(amount=550),
    ),
    attributes={"till": 3, "staff": {"shift": "late"}, "note": "größer", "paths": ["\\u0000"]},
    simulated=True,
)
SMALL = {"source": "s", "id": "1", "type": "purchase", "occurred_at": "2025-01-01", "total": "1"}


def read(raw):
    return normalise(raw, currency="EUR")


def test_a_purchase_is_read_in_minor_units_and_utc():
    assert read(PURCHASE) == FACT
    assert FACT.order == (datetime(2025, 3, 1, 17, 5, tzinfo=UTC), "2025-000017")


def test_the_bytes_of_a_fact_never_change_under_one_schema_version(golden):
    """Whoever makes this fail needs a new SCHEMA_VERSION, not a new golden file."""
    small = Fact("web", "r1", "review", datetime(2025, 1, 1, tzinfo=UTC), "ann")
    back = Fact(
        *("till", "b1", "return", datetime(2025, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)),
        currency="JPY",
        total=300,
        returns=Returned("till", "1"),
        lines=(Line(quantity=Decimal("1E+3"), list_price=0, amount=0),),
    )
    note = Fact(
        *("web", "c1", "cancel", datetime(2025, 1, 3, tzinfo=UTC)), about=Returned("till", "1")
    )
    trip = Fact(
        *("web", "t1", "trip", datetime(2025, 1, 4, tzinfo=UTC)), currency="EUR", total=9900
    )
    texts = [content(fact) for fact in (FACT, small, back, note, trip)]
    golden("contents.txt", "".join(f"{digest(text).hex()}\n{text.decode()}\n" for text in texts))


def test_the_member_is_no_part_of_the_content():
    assert content(read({**PURCHASE, "member": "card-1"})) == content(FACT)
    assert restore(content(FACT), member="card-99") == FACT
    assert restore(content(FACT).decode(), member=None).member is None


@pytest.mark.parametrize("nobody", [None, "", "  "])
def test_a_basket_may_have_no_member(nobody):
    assert read({**SMALL, "member": nobody}).member is None


def test_a_total_left_out_is_what_the_lines_come_to():
    raw = {key: value for key, value in PURCHASE.items() if key != "total"}
    assert read(raw).total == 1800 + 550 - 100 + 391 + 200


def test_the_digest_of_a_fact_of_the_first_day_is_what_it_was_then():
    """As stored by the first version: changed bytes would make every fact a conflict."""
    assert digest(content(read(PURCHASE))).hex() == (
        "3148a9aa1e6ee7e41c9461b4f0e3947b2732e7389832665feb575f9ce0ea2755"
    )


def test_spend_is_the_total_without_tax_delivery_and_what_members_held():
    assert FACT.spend == 2450 - 391 - 200 - 450
    tenders = [{"kind": kind, "amount": "1"} for kind in TENDERS]
    assert read({**SMALL, "total": "5.00", "tenders": tenders}).spend == 500 - 100 - 100
    assert {"points", "stored_value"} == HELD_BY_MEMBERS
    assert read({**SMALL, "tenders": [{"kind": "points", "amount": "2"}]}).spend == 0
    assert read({**SMALL, "total": "12.34"}).spend == 1234
    assert read({**SMALL, "total": "-12.34"}).spend == 0
    assert read({**SMALL, "tax": "0.40", "delivery": "0.70"}).spend == 0


REVIEW = {**SMALL, "type": "review", "total": None}


def test_facts_of_other_types_keep_the_amounts_that_are_sent():
    review = read({**REVIEW, "attributes": None})
    assert (review.total, review.currency, review.attributes) == (0, "", {})
    trip = read({**SMALL, "type": "trip", "tax": "0.10", "tenders": PURCHASE["tenders"]})
    assert (trip.total, trip.tax, trip.currency) == (100, 10, "EUR")
    assert trip.tenders == FACT.tenders
    assert read({**PURCHASE, "type": "trip"}) == replace(FACT, type="trip")


@pytest.mark.parametrize(
    ("sent", "total"),
    [
        ({"lines": [{"amount": "3"}, {"amount": "4"}]}, 700),
        ({"tax": "0.50"}, 50),
        ({"delivery": "2"}, 200),
        ({"lines": [{"sku": "4711"}]}, 0),
        ({"tenders": [{"kind": "cash", "amount": "1"}]}, 0),
        ({"lines": [{"amount": "3"}], "coupons": [{"amount": "1"}]}, 200),
    ],
)
def test_only_sales_need_a_total(sent, total):
    told = read({**REVIEW, **sent})
    assert (told.total, told.currency) == (total, "EUR")
    assert restore(content(told), member=None) == told


@pytest.mark.parametrize(
    "nothing", [{"total": 0}, {"total": "0.00"}, {"lines": []}, {"tenders": None, "tax": "0"}]
)
def test_amounts_of_nothing_are_no_amounts(nothing):
    assert content(read({**REVIEW, **nothing})) == content(read(REVIEW))


def test_a_fact_may_be_about_another_one():
    key = {"source": "till", "id": "17"}
    cancel = read({**REVIEW, "type": "cancel", "about": key})
    assert cancel.returns is None
    assert cancel.refers == cancel.about == Returned("till", "17")
    back = read({**SMALL, "type": "return", "returns": key, "about": {**key, "id": "18"}})
    assert back.refers == back.returns == Returned("till", "17")
    assert read(SMALL).refers is None
    for fact in (cancel, back):
        assert restore(content(fact), member=None) == fact


def test_a_return_of_nothing_is_a_return():
    back = {**SMALL, "type": "return", "returns": {"source": "till", "id": "17"}, "total": "0"}
    assert read({**back, "lines": [{"amount": "0"}, {"amount": "-0"}]}).spend == 0


def test_attributes_are_what_will_be_stored():
    told = {"day": date(2025, 1, 1), "endless": float("inf"), "big": 2**63 - 1}
    kept = {"day": "2025-01-01", "endless": None, "big": 2**63 - 1}
    assert read({**SMALL, "attributes": told}).attributes == kept


@pytest.mark.parametrize(
    ("told", "zone", "meant"),
    [
        ("2025-03-01T17:05:00Z", "UTC", "2025-03-01T17:05:00"),
        ("2025-03-01", "UTC", "2025-03-01T00:00:00"),
        ("2025-07-01 12:00", "America/New_York", "2025-07-01T16:00:00"),
        ("2025-03-09 02:30", "America/New_York", "2025-03-09T07:30:00"),  # was skipped
        ("2025-11-02 01:30", "America/New_York", "2025-11-02T05:30:00"),  # comes twice: the first
        (datetime.fromisoformat("2025-01-01 01:00"), "Europe/Istanbul", "2024-12-31T22:00:00"),
        ("1900-01-01T00:00:00Z", "UTC", "1900-01-01T00:00:00"),
    ],
)
def test_naive_times_are_the_zones(told, zone, meant):
    assert instant(told, zone=ZoneInfo(zone)) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "read_as"),
    [("1.50", "1.5"), (2, "2"), (0.1, "0.1"), ("-0", "0"), (-3, "-3"), ("1E+3", "1000")],
)
def test_quantities_are_exact(told, read_as):
    fact = read({**SMALL, "lines": [{"amount": "1", "quantity": told}]})
    assert fact.lines[0].quantity == Decimal(read_as)
    assert restore(content(fact), member=None) == fact


SALE = {key: SMALL[key] for key in ("source", "id", "type", "occurred_at")}
LINE = {"amount": "1"}
BACK = {**SMALL, "type": "return", "returns": {"source": "s", "id": "1"}}
WRONG = {
    "an unknown field": {**SMALL, "totl": 1},
    "no type": {**SMALL, "type": " "},
    "no source": {**SMALL, "source": None},
    "no id": {**SMALL, "id": ""},
    "a long id": {**SMALL, "id": "x" * 256},
    "a NUL": {**SMALL, "store": "S\x001"},
    "half a character": {**SMALL, "channel": "shop\ud83d"},
    "a member that is no text": {**SMALL, "member": "\x00"},
    "no time": {**SALE, "occurred_at": None, "total": "1"},
    "a time of nowhere": {**SMALL, "occurred_at": "yesterday"},
    "a time before time": {**SMALL, "occurred_at": "0001-01-01T00:00:00+14:00"},
    "a year of three digits too few": {**SMALL, "occurred_at": "0025-01-01"},
    "a far future": {**SMALL, "occurred_at": "2200-01-01"},
    "another currency": {**SMALL, "currency": "USD"},
    "no amount": {**SMALL, "total": "one"},
    "a part of a cent": {**SMALL, "tax": "0.001"},
    "a delivery that is not": {**SMALL, "delivery": True},
    "no total and no lines": SALE,
    "lines beyond all sums": {**SALE, "lines": [{"amount": 9 * 10**15}, {"amount": 9 * 10**15}]},
    "lines that are no list": {**SMALL, "lines": {"sku": "1"}},
    "lines that are texts": {**SMALL, "lines": ["1"]},
    "an unknown field of a line": {**SMALL, "lines": [LINE, {"amout": "1"}]},
    "a line's amount": {**SMALL, "lines": [{"amount": "x"}]},
    "a line's discount": {**SMALL, "lines": [{"discount": "0.123"}]},
    "a line's tax": {**SMALL, "lines": [{"tax": []}]},
    "a line's list price": {**SMALL, "lines": [LINE, {"list_price": ""}]},
    "a line's long sku": {**SMALL, "lines": [{"sku": "x" * 256}]},
    "labels that are a text": {**SMALL, "lines": [{"labels": "new"}]},
    "labels that are a number": {**SMALL, "lines": [{"labels": 5}]},
    "a label that is no text": {**SMALL, "lines": [{"labels": ["ok", "\x00"]}]},
    "a quantity of words": {**SMALL, "lines": [{"quantity": "two"}]},
    "no quantity": {**SMALL, "lines": [{"quantity": None}]},
    "an endless quantity": {**SMALL, "lines": [{"quantity": float("inf")}]},
    "a quantity beyond counting": {**SMALL, "lines": [{"quantity": "1e1000"}]},
    "a quantity beyond seeing": {**SMALL, "lines": [{"quantity": "1e-1000"}]},
    "a coupon's amount": {**SMALL, "coupons": [{"code": "A", "amount": "?"}]},
    "a coupon's code": {**SMALL, "coupons": [{"code": "\x00"}]},
    "an unknown field of a coupon": {**SMALL, "coupons": [{"name": "A"}]},
    "an unknown tender": {**SMALL, "tenders": [{"kind": "shells", "amount": "1"}]},
    "a tender without a kind": {**SMALL, "tenders": [{"amount": "1"}]},
    "an unknown field of a tender": {**SMALL, "tenders": [{"kind": "cash", "paid": "1"}]},
    "a tender's amount": {**SMALL, "tenders": [{"kind": "cash", "amount": "1.005"}]},
    "a return of nothing": {**SMALL, "type": "return"},
    "a return of a text": {**SMALL, "type": "return", "returns": "1"},
    "a return of half a key": {**SMALL, "type": "return", "returns": {"id": "1"}},
    "a return of an empty key": {**SMALL, "type": "return", "returns": {"source": "s", "id": ""}},
    "a negative return": {**BACK, "total": "-1.00"},
    "a negative line of a return": {**BACK, "lines": [LINE, {"amount": "-2.50"}]},
    "a return of more coupons than lines": {
        **BACK,
        "total": None,
        "lines": [LINE],
        "coupons": [{"amount": "1.01"}],
    },
    "about a text": {**REVIEW, "about": "1"},
    "about half a key": {**REVIEW, "about": {"source": "s"}},
    "about an empty key": {**REVIEW, "about": {"source": "", "id": "1"}},
    "an amount of another type": {**REVIEW, "tax": "x"},
    "a flag that is none": {**SMALL, "simulated": "yes"},
    "attributes that are a list": {**SMALL, "attributes": [1]},
    "attributes that JSON cannot hold": {**SMALL, "attributes": {"at": Decimal(1)}},
    "attributes with numbers for names": {**SMALL, "attributes": {1: 1}},
    "attributes with a NUL": {**SMALL, "attributes": {"a": ["\x00"]}},
    "attributes with half a character": {**SMALL, "attributes": {"a": "\ud83d"}},
    "attributes with a number too big": {**SMALL, "attributes": {"a": 2**64}},
}


def test_what_cannot_be_read_names_the_field_the_value_and_the_mend(golden):
    told = []
    for name, raw in WRONG.items():
        with pytest.raises(FactError) as caught:
            read(raw)
        error = caught.value
        assert error.status == 422
        assert error.mend.endswith(".")
        told.append(f"# {name}\n{error.field}: {error.value!r}\n{error}\n")
    golden("facts_refused.txt", "\n".join(told))
