"""How figures are written, and where the labels of the time line stand."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.test import override_settings

from pointbook.interfaces.console import formats
from pointbook.interfaces.console.pages.frame import Frame
from pointbook.interfaces.console.pages.members import NARROW, WIDE, time_line
from pointbook.interfaces.console.templatetags.pointbook import icon, width, yaml
from tests.pages import gallery, sample_books, samples

DAY = date(2018, 1, 1)
MINUS = "\N{MINUS SIGN}"


def test_figures():
    assert formats.points(458822) == "458,822"
    assert formats.points(-1234, decimals=1) == f"{MINUS}123.4"
    assert [formats.signed(n) for n in (45, 0, -500)] == ["+45", "0", f"{MINUS}500"]
    assert formats.money(-786770, currency="USD") == f"{MINUS}7,867.70"
    assert formats.money(1000, currency="JPY") == "1,000"
    assert formats.cash(917644, currency="USD") == "$9,176.44"
    assert formats.share(1374, 2469) == "55.7%"
    assert formats.share(1, 0) == "0.0%"
    assert [formats.counted(n, "lot", "lots") for n in (1, 2)] == ["1 lot", "2 lots"]
    assert [width(part, 4) for part in (0, 1, 9)] == ["0.0%", "25.0%", "100.0%"]


@pytest.mark.parametrize(
    "name", ["olga", "Ana Marin", "jonas.w", "Maria de la Cruz"], ids=lambda name: name
)
def test_initials(name):
    expected = {"olga": "O", "Ana Marin": "AM", "jonas.w": "JW", "Maria de la Cruz": "MC"}
    around = samples.around("overview")
    assert Frame("overview", "", around.at, False, name, "owner").initials == expected[name]


def test_labels_of_the_time_line_stand_apart():
    expiring = [(DAY + timedelta(days=2 + 3 * n), 10 + n * 37 % 90) for n in range(55)]
    lots, months = time_line(expiring, from_on=DAY)
    for least, labels in ((WIDE, ("always", "wide")), (NARROW, ("always",))):
        places = [lot.place for lot in lots if lot.label in labels]
        assert all(later - place >= least for place, later in pairwise(places))
    assert lots[0].label == "always"
    assert max(lot.place for lot in lots) <= Decimal(95)
    assert [mark.first_on.month for mark in months] == [1, 2, 3, 4, 5, 6]
    assert time_line([], from_on=DAY) == ((), ())


def test_a_month_that_is_nearly_over_leaves_its_name_to_the_next():
    _, months = time_line([(date(2018, 3, 1), 5)], from_on=date(2018, 1, 30))
    assert [mark.first_on for mark in months] == [date(2018, 2, 1), date(2018, 3, 1)]


def test_a_roll_forward_that_does_not_tie_says_by_how_much():
    assert sample_books.a_roll().off == 0
    assert sample_books.a_roll(off=2).off == 2
    falls = sample_books.a_roll().falls
    assert [fall.kind for fall in falls][:3] == ["total", "up", "down"]
    assert falls[-2].end == falls[-1].end


def test_yaml_is_escaped_and_told_apart():
    line = '  value: "<b>" # 500: points'
    assert yaml(line) == (
        '  <span class="key">value</span>: &quot;&lt;b&gt;&quot;'
        '<span class="note"> # 500: points</span>'
    )
    assert yaml("# all of it: a note") == '<span class="note"># all of it: a note</span>'


def test_an_icon_that_is_not_there_is_an_error():
    with pytest.raises(FileNotFoundError):
        icon("unicorn")


@pytest.mark.parametrize("pattern", gallery.OTHERS, ids=lambda one: str(one.pattern))
@override_settings(ROOT_URLCONF="tests.pages.gallery")
def test_every_state_of_the_gallery_renders(client, pattern):
    response = client.get(f"/{pattern.pattern}")
    assert response.status_code == 200
    assert "</html>" in response.content.decode()
