"""What a document says of its books: read, told, and compared."""

from decimal import Decimal

from pointbook.engine.rules.books import AwardRow, StatusRight, Tax
from pointbook.engine.rules.prose import chapters as prose
from pointbook.engine.rules.prose import differences
from pointbook.engine.rules.reading import blueprints as reading
from tests.engine.rules.booked import BOOKED, OF_AGENT
from tests.engine.rules.whole import WHOLE


def told(text):
    """The sentences about the books."""
    (books,) = (one for one in prose.tell(reading.read(text)) if one.title == "Books")
    return "\n".join(books.sentences) + "\n"


def changes(old, new):
    """What changed, a line each."""
    found = differences.compare(reading.read(old), reading.read(new))
    return [f"{change.path}: {change.sentence}" for change in found]


def test_what_stands_there_is_read():
    books = reading.read(BOOKED).books
    join, brought, *_ = books.awards
    assert join == AwardRow("no_sale", "Nothing is sold to who signs up.", rule="join")
    assert brought == AwardRow(
        "funded",
        "They pay.",
        rule="brought",
        unit="points",  # of the rule: a partner's price is of a unit
        partner="friends-co",
        price=Decimal("0.008"),
    )
    assert books.tax == {"GB": Tax(Decimal("0.20"), "discount")}
    assert (books.tier, books.rights) == (
        "material_right",
        (StatusRight("status", "Gold", 1200), StatusRight("crew", "Captain", 500)),
    )


def test_unclaimed_property_is_of_a_country_or_of_all():
    here, there = reading.read(BOOKED).books, reading.read(OF_AGENT).books
    assert [here.unclaimed_in(country) for country in ("US", "CA", "FR")] == [Decimal("0.60"), 0, 0]
    assert there.unclaimed_in("FR") == Decimal("0.5")
    assert reading.read(WHOLE).books.unclaimed_in("US") == 0


def test_the_books_in_words(golden):
    golden("books_prose.txt", f"{told(BOOKED)}\n{told(OF_AGENT)}")


def test_changes_of_the_books_in_words(golden):
    found = [
        "# to rows",
        *changes(WHOLE, BOOKED),
        "# and back",
        *changes(BOOKED, WHOLE),
        "# to an agent",
        *changes(WHOLE, OF_AGENT),
        "# terms of rows",
        *changes(BOOKED, BOOKED.replace('"0.008"', '"0.007"').replace("no_sale", "goodwill")),
    ]
    golden("books_changed.txt", "\n".join(found) + "\n")


def test_the_order_of_rows_decides():
    rows = BOOKED.split("    - {reason: adjustment")
    moved = BOOKED.replace("    - {reason: adjustment" + rows[1].split("\n")[0] + "\n", "")
    moved = moved.replace(
        "  awards:\n", "  awards:\n    - {reason: adjustment" + rows[1].split("\n")[0] + "\n"
    )
    (change,) = differences.compare(reading.read(BOOKED), reading.read(moved))
    assert change.path == "books.awards"
    assert not changes(BOOKED, BOOKED)
