"""The pages for staff in a real browser on a real database."""

import pytest

from pointbook.controls.models import User
from pointbook.members.queries import member as find_member
from pointbook.programs.queries import program as find_program

WIDTHS = (1280, 390)


def member_path(reference):
    return f"/members/{find_member(find_program('beauty').id, reference).id}/"


def test_nobody_gets_in_without_signing_in(desk, people):
    desk.go("/books/")
    assert "Sign in" in desk.text()
    desk.is_well()
    desk.page.get_by_label("Name or e-mail address").fill("olga")
    desk.page.get_by_label("Password").fill("wrong")
    desk.page.get_by_role("button", name="Sign in").click()
    assert "Name and password do not belong together." in desk.text()
    desk.is_well(width=390)


def test_before_the_first_program_every_page_says_how_to_start(desk, people):
    desk.sign_in()
    for path in ("/", "/members/", "/program/", "/books/"):
        desk.go(path)
        assert "pointbook program publish program.yaml" in desk.text()
    desk.is_well(width=390)


def test_overview(desk, shop):
    desk.sign_in()
    told = desk.text()
    assert "You owe members 795 points." in told
    assert "with what came since January 2017 was closed" in told
    assert "Close February 2017" in told
    assert "Earned 45" in told
    assert "Spent 0 by 0 members" in told
    assert "March can be closed" not in told
    assert "Said to be simulated" in told
    assert desk.page.locator("svg path").count() > 10
    desk.page.get_by_role("button", name="Show as table").click()
    assert "Feb 2017 450 500 0" in desk.text("#flows")
    for width in WIDTHS:
        desk.is_well(width=width)


def test_search_finds_a_member_and_slash_goes_there(desk, shop):
    desk.sign_in()
    desk.page.keyboard.press("/")
    desk.page.keyboard.type("elif")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_load_state()
    assert "1 member found" in desk.text()
    desk.page.get_by_role("link", name="elif@example.org").click()
    desk.page.wait_for_load_state()
    assert desk.text("h1") == "elif@example.org"
    desk.go("/members/?q=nobody-is-called-this")
    assert "Nobody found" in desk.text()
    desk.is_well(width=390)


def test_the_list_is_paged(desk, shop):
    desk.sign_in()
    desk.go("/members/")
    assert "62 members" in desk.text("h1")
    desk.is_well(width=1280)
    desk.page.get_by_role("link", name="Next 50").click()
    desk.page.wait_for_load_state()
    assert "51\N{EN DASH}62 of 62" in desk.text()
    desk.is_well(width=390)


def test_a_member_sees_every_point_explained(desk, shop):
    desk.sign_in()
    desk.go(member_path("elif@example.org"))
    told = desk.text()
    assert "195 points, worth $3.90" in told
    assert "$304.30 to Rouge" in told
    assert "305 points to $10 off" in told
    desk.is_well(width=1280)
    desk.page.get_by_role("link", name="Why +45,").click()
    desk.page.get_by_text("Why 45 points").wait_for()
    panel = desk.text(".why")
    assert "3 items 47.20 Coupons, taken off first \N{MINUS SIGN}1.50" in panel
    assert "Counts for points, USD 45.70" in panel
    assert "Points given 45" in panel
    assert "45 of 45" in panel
    desk.is_well()
    desk.is_well(width=390)
    desk.page.get_by_role("link", name="Why +45,").click()
    assert not desk.page.get_by_text("Why 45 points").is_visible()


def test_an_explanation_has_an_address_of_its_own(desk, shop):
    desk.sign_in()
    desk.go(member_path("elif@example.org"))
    address = desk.page.get_by_role("link", name="Why \N{MINUS SIGN}500,").get_attribute("href")
    desk.go(address)
    assert desk.text("h1") == "Spent on “$10 off”"
    assert "Simulated: no member did this." in desk.text()
    desk.is_well(width=390)


def test_a_return_takes_points_back(desk, shop):
    desk.sign_in()
    desk.go(member_path("ada"))
    assert "Taken back for a return" in desk.text(".history")


def test_program_in_words_and_as_a_document(desk, shop):
    desk.sign_in()
    desk.go("/program/")
    told = desk.text()
    assert "You earn 1 point for every whole dollar you spend." in told
    assert "Spend $1,000.00 within 365 days and you are Rouge." in told
    assert "January 2017 90.0% olga" in told
    assert "after_days: 180" in desk.text(".code")
    for width in WIDTHS:
        desk.is_well(width=width)
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="Download YAML").click()
    assert download.value.suggested_filename == "beauty-1.yaml"


def test_books_down_from_a_line_to_the_facts(desk, shop):
    desk.sign_in()
    desk.go("/books/2017-01/")
    told = desk.text()
    assert "7 of 7 done" in told
    assert "every tie-out is at zero" in told
    assert "Closed" in told
    desk.is_well(width=1280)
    desk.page.get_by_role("link", name="Months of issue behind J-2017-01-0001").click()
    desk.page.get_by_text("Ties to the line").wait_for()
    assert "January 2017 923" in desk.text(".drill")
    desk.is_well()
    desk.page.locator(".drill").get_by_role("link", name="January 2017").click()
    desk.page.get_by_text("issued in January 2017").wait_for()
    assert "1\N{EN DASH}50 of 62 movements" in desk.text(".drill")
    desk.is_well(width=390)
    desk.page.locator(".drill").get_by_role("link", name="Next").click()
    desk.page.get_by_text("51\N{EN DASH}62 of 62 movements").wait_for()
    desk.page.locator(".drill").get_by_role("link", name="m059").click()
    desk.page.wait_for_load_state()
    assert desk.text("h1") == "m059"


def test_closing_a_month_from_its_page(desk, shop):
    desk.sign_in()
    desk.go("/books/2017-02/")
    assert "February 2017" in desk.text("h1")
    assert "as it would post now" in desk.text()
    desk.is_well(width=390)
    desk.page.set_viewport_size({"width": 1280, "height": 900})
    desk.page.get_by_role("button", name="Close February").click()
    desk.page.wait_for_load_state()
    assert "February 2017 is sealed." in desk.text(".toast")
    assert "7 of 7 done" in desk.text()
    desk.is_well()
    desk.go("/books/2017-04/")
    assert desk.page.get_by_role("button", name="Close April").count() == 0
    assert "so far" in desk.text()


def test_an_auditor_reads_but_does_not_close(desk, shop):
    desk.sign_in("ada")
    desk.go("/books/2017-02/")
    assert desk.page.get_by_role("button", name="Close February").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_theme_stays(desk, shop, theme):
    desk.sign_in()
    desk.page.get_by_label("olga, menu").click()
    desk.page.get_by_role("button", name=theme.capitalize()).click()
    desk.go("/books/")
    assert desk.page.evaluate("document.documentElement.dataset.theme") == theme
    desk.is_well()


def test_an_unknown_address_is_a_page(client, shop):
    client.force_login(User.objects.get(username="olga"))
    own = member_path("ada")
    for before in ("nonsense", "2017-W01-1T00:00:00+00:00|5", "2017-01-01T00:00:00Z|5|%00"):
        assert client.get(f"{own}older/?before={before}").status_code == 200
    for path in (
        f"{own}entry/?line=2017-01-01T00:00:00Z|5|%00",
        f"{own}entry/?line=nonsense",
        f"{own}entry/",
        "/nothing/",
        "/books/2016-01/",
        "/books/none-such/",
        "/program/9/",
    ):
        response = client.get(path)
        assert response.status_code == 404
        assert "There is no page here." in response.content.decode()
