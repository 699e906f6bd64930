"""How long points live: in words, and by an example that is what the ledger does."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointbook.engine.ledger.expiry import Term
from pointbook.engine.rules.blueprint import Expiry
from pointbook.engine.rules.prose import phrases
from pointbook.engine.rules.prose.wording import MONTHS

JOINED = datetime(2020, 3, 1, tzinfo=UTC)
ROUNDED = st.sampled_from(("", "month", "year"))
COUNTED = st.sampled_from(("days", "months", "inactivity_days", "inactivity_months", "on_day"))
ENDING = st.sampled_from(("end_of_month", "end_of_year", "membership_year", "on_date"))
EXPIRIES = st.builds(
    Expiry,
    kind=COUNTED,
    n=st.integers(1, 800),
    day=st.integers(1, 31),
    rounded_up_to=ROUNDED,
) | st.builds(
    Expiry,
    kind=ENDING,
    n=st.integers(0, 100),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    rounded_up_to=ROUNDED,
)


def days_of(told):
    """The days of 2023 that an example says: one, or the first and the last of a month."""
    how, *words = told.removesuffix(" by somebody who joined on 1 March").split()
    if how == "on":
        return [date(2023, MONTHS.index(words[1]) + 1, int(words[0]))]
    first = date(2023, MONTHS.index(words[0]) + 1, 1)
    return [first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)]


def day_of(told):
    """The day of an example, in whatever year it says."""
    _, number, month, *later = told.partition(",")[0].split()
    years = 0 if not later else 1 if later[0] == "of" else int(later[0])
    return date(2023 + years, MONTHS.index(month) + 1, int(number))


@given(expiry=EXPIRIES)
def test_an_example_is_what_the_ledger_does(expiry):
    earned, gone = phrases.example(expiry, activity=("purchase",))
    term = Term(expiry, zone=UTC)
    for day in days_of(earned):
        end = term(datetime.combine(day, time(12), tzinfo=UTC), joined_at=JOINED)
        assert end == datetime.combine(day_of(gone), time.min, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expiry", "told"),
    [
        (Expiry(), "for ever"),
        (Expiry(since="release"), "for ever"),
        (Expiry("days", 1), "for 1 day"),
        (
            Expiry("days", 2, since="release"),
            "for 2 days, counted from the end of their waiting time",
        ),
        (
            Expiry("months", 12, rounded_up_to="year"),
            "for 12 months and then to the end of the year",
        ),
        (
            Expiry("end_of_month", 1, rounded_up_to="month"),
            "to the end of the month 1 month after the month in which you earn them",
        ),
        (
            Expiry("end_of_year", 1, rounded_up_to="month"),
            "to the end of the year after the one in which you earn them",
        ),
        (
            Expiry("end_of_year", 2),
            "to the end of the year 2 years after the one in which you earn them",
        ),
        (
            Expiry("membership_year", 0),
            "to the end of the year of membership in which you earn them",
        ),
        (
            Expiry("membership_year", 1),
            "to the end of the year of membership after the one in which you earn them",
        ),
        (Expiry("on_date", 0, month=6, day=30), "to the end of the next 30 June"),
        (
            Expiry("on_date", 10, month=6, day=30),
            "to the end of the 11th 30 June after you earn them",
        ),
        (
            Expiry("on_day", 1, day=1),
            "to the day before the 1st of the month after the one in which you earn them",
        ),
        (
            Expiry("on_day", 3, day=22),
            "to the day before the 22nd of the month 3 months after the one in which you earn them",
        ),
        (Expiry("inactivity_months", 1), "for 1 month after your last activity"),
    ],
)
def test_a_term_in_words(expiry, told):
    assert phrases.term(expiry) == told


def test_what_puts_an_end_off():
    activity = ("purchase", "burn", "check_in")
    sliding = Expiry("inactivity_days", 30)
    assert (
        phrases.term(sliding, activity=activity)
        == "for 30 days after your last purchase, redemption or check in"
    )
    assert phrases.example(sliding, activity=activity) == (
        "on 1 January",
        "on 31 January, unless there is another purchase, redemption or check in before",
    )


def test_examples_of_what_waits_and_of_what_stays():
    waiting = Expiry("on_date", 0, month=6, day=30, since="release")
    assert phrases.example(waiting) == (
        "and free to use on 1 September",
        "on 1 July of the next year",
    )
    assert phrases.example(Expiry()) == ("at any time", "never")
