"""Standings of several ladders: by facts and by time alone, numbered, announced, read back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pointbook.controls.models import Outbox
from pointbook.controls.operations import next_seq
from pointbook.engine.rules.tiers import Move
from pointbook.members.queries import resolve
from pointbook.tiers.operations import record, review
from pointbook.tiers.queries import posted_moves, posted_reviews, standings, tiers_of, tiers_on
from tests.rooms.till import buy, day, posted, publish, rows

pytestmark = pytest.mark.django_db


def move(days, before, after, **more):
    return Move(day(days), before, after, 35_000, 1, **{"ladder": "stars", **more})


@pytest.fixture
def shop():
    own = publish()
    posted(buy("1", 10_000), buy("2", 10_000, member="bob"))
    return own


def test_a_fact_records_under_its_own_number(shop):
    ada = resolve(shop, {"ada"})["ada"]
    ((fact, seq),) = rows("select id, seq from ledger_fact where key = '1'")
    before = next_seq(shop)
    reached = move(1, "", "One", kind="reached", until=day(366))
    record(program_id=shop, moves=[(ada, fact, reached)])
    assert next_seq(shop) == before
    told = rows("select fact_id, seq, kind, until from tiers_standing where ladder = 'stars'")
    assert told == [(fact, seq, "reached", day(366))]
    assert posted_moves([ada])[ada][-1] == reached
    assert posted_reviews([ada]) == {}
    record(program_id=shop, moves=[])


def test_time_alone_is_announced_under_numbers_of_its_own(shop):
    people = resolve(shop, {"ada", "bob"})
    start = next_seq(shop)
    moves = [
        (people["ada"], move(2, "One", "Two", kind="review", until=day(400))),
        (people["bob"], move(3, "", "One", kind="floor")),
        (people["ada"], move(4, "Two", "One", kind="review")),
    ]
    review(program_id=shop, moves=moves)
    events = Outbox.objects.filter(program_id=shop, seq__gte=start).order_by("seq")
    by_time = rows("select id from tiers_standing where fact_id is null order by id")
    assert [(one.seq, one.kind, one.subject) for one in events] == [
        (start + place, "tier.changed", own) for place, (own,) in enumerate(by_time)
    ]
    assert [one[1] for one in moves if one[0] == people["ada"]] == posted_moves([people["ada"]])[
        people["ada"]
    ][-2:]
    found = posted_reviews(list(people.values()))
    assert [(one.seq, one.at) for one in found[people["ada"]]] == [
        (start, day(2)),
        (start + 2, day(4)),
    ]
    review(program_id=shop, moves=[])
    assert next_seq(shop) == start + 3


def test_everybody_stands_on_every_ladder(shop):
    people = resolve(shop, {"ada", "bob"})
    ada, bob = people["ada"], people["bob"]
    review(
        program_id=shop,
        moves=[(ada, move(2, "", "One")), (ada, move(3, "One", "Two", kind="renewed"))],
    )
    assert tiers_of([ada, bob]) == {
        ada: {"tiers": "Insider", "stars": "Two"},
        bob: {"tiers": "Insider"},
    }
    assert tiers_on("stars", [ada, bob]) == {ada: "Two"}
    assert tiers_of([]) == {}
    assert [row.tier for row in standings(ada)] == ["Two", "One", "Insider"]
    (latest, _) = standings(ada, ladder="stars")
    assert (latest.kind, latest.before, latest.step, latest.until) == ("renewed", "One", 1, None)


def test_the_statements_do_not_grow_with_the_moves(shop):
    people = list(resolve(shop, {"ada", "bob"}).values())
    counts = []
    for size in (1, 40):
        with CaptureQueriesContext(connection) as seen:
            review(
                program_id=shop,
                moves=[(people[n % 2], move(n, "", "One")) for n in range(size)],
            )
        counts.append(len(seen))
    assert counts[0] == counts[1]
