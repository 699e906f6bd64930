"""The pages of the books in a real browser on a real database: simple, full, by two persons.

POINTBOOK_SHOTS=FOLDER keeps a picture of every page, light and dark.
"""

import io
import re
import zipfile
from html import unescape

import pytest

from pointbook.accounting.operations.closing import close
from pointbook.accounting.operations.settings import keep_books
from pointbook.accounting.queries.reports import REPORTS
from pointbook.accounting.queries.settings import BooksSetting
from pointbook.controls.models import User
from tests.pages.conftest import OWNER, PASSWORD, Desk
from tests.pages.test_rewards import look

TWO = BooksSetting("main", full=True, owner_run=False)


@pytest.fixture
def second(people):
    """Carl is a second person who may approve."""
    User.objects.create_user("carl", "carl@example.org", PASSWORD, role="controller")


@pytest.fixture
def full(shop):
    """Full books, kept by their owner."""
    keep_books(wanted=BooksSetting("main", full=True), actor=OWNER)


@pytest.fixture
def pair(shop, second):
    """Full books of two persons."""
    keep_books(wanted=TWO, actor=OWNER)


@pytest.fixture
def other(browser, site):
    """Carl's own browser."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    yield Desk(context.new_page(), site)
    context.close()


def press(desk, name, *, within="main"):
    desk.page.locator(within).get_by_role("button", name=name).first.click()
    desk.page.wait_for_load_state("networkidle")


def told(desk):
    return desk.text(".toast")


def downloaded(desk, click):
    with desk.page.expect_download() as found:
        click()
    return found.value.suggested_filename, found.value.path().read_bytes()


def test_the_simple_page_closes_a_month(desk, shop):
    desk.sign_in()
    desk.go("/books/")
    page = desk.text()
    assert "You owe members 795 points." in page
    assert "since January 2017 was closed" in page
    assert "February 2017 over, not closed yet" in page
    assert "Earned 450" in page
    assert "Spent 500" in page
    assert "as it will be once February is closed" in page
    look(desk, "simple")
    press(desk, "Close February")
    assert told(desk).startswith("February 2017 is sealed.")
    assert desk.page.url.endswith("/books/?month=2017-02")
    assert "February 2017 closed" in desk.text()
    assert "on 28 February 2017" in desk.text("#entry")
    assert desk.page.get_by_role("button", name="Close February").count() == 0
    look(desk, "simple-closed")
    name, data = downloaded(desk, desk.page.get_by_role("button", name="CSV").click)
    assert name.endswith(".csv")
    assert b"4010" in data
    desk.go("/books/")
    assert desk.page.get_by_role("button", name="Close March").is_visible()


def test_the_owner_changes_to_full_books_and_back(desk, shop):
    desk.sign_in()
    desk.go("/books/")
    desk.page.get_by_role("link", name="Full books").click()
    desk.page.wait_for_load_state()
    look(desk, "settings-simple")
    press(desk, "Use full books")
    assert told(desk) == "Full books. The settings are in force."
    assert "February 2017" in desk.text("h1")
    for place in ("Estimate", "Reports", "Journals", "Approvals", "Exports", "Settings"):
        assert desk.page.locator(".rail").get_by_role("link", name=place).is_visible()
    look(desk, "period-open")
    desk.go("/books/settings/")
    look(desk, "settings-full")
    press(desk, "Use simple books")
    assert "You owe members" in desk.text("h1")


def test_who_only_reads_sees_no_buttons(desk, full):
    desk.sign_in("ada")
    for path in ("2017-02/", "estimate/", "journals/", "approvals/", "settings/"):
        desk.go(f"/books/{path}")
        assert desk.page.locator("main form[method=post] button").count() == 0, path
    desk.go("/books/exports/")
    assert desk.page.get_by_role("button", name="Download Beancount").is_visible()
    assert desk.page.get_by_role("button", name="Save the names").count() == 0


def test_an_estimate_by_one_person_and_its_approval_by_another(desk, other, pair):
    desk.sign_in()
    desk.go("/books/estimate/")
    look(desk, "estimate-stated")
    desk.page.get_by_label("Method").select_option("bornhuetter_ferguson")
    desk.page.get_by_label("Prior, per cent").fill("188")
    press(desk, "Prepare the paper")
    assert "188 is no share of points." in desk.text("#prepare .error")
    look(desk, "estimate-error")
    desk.page.get_by_label("Prior, per cent").fill("85")
    desk.page.get_by_label("Error of the prior").fill("2")
    desk.page.get_by_label("Note").fill("February looks lower")
    press(desk, "Prepare the paper")
    assert "is prepared" in told(desk)
    paper = desk.text("#paper")
    assert "Bornhuetter-Ferguson; prior 85.0% ± 2.0%" in paper
    assert "You prepared it; another person approves it." in paper
    assert desk.page.locator("#paper").get_by_role("button", name="Approve").is_disabled()
    assert desk.page.locator(".heat td.s").count() >= 1
    look(desk, "estimate-waits")
    address = desk.page.url.split("#")[0].removeprefix(desk.site)
    other.sign_in("carl")
    other.go("/books/approvals/")
    assert "1 waits for a decision" in other.text("h1")
    look(other, "approvals-waiting")
    other.go(address)
    press(other, "Approve", within="#paper")
    assert "is approved" in told(other)
    assert "prepared by olga, approved by carl" in other.text()
    other.is_well()
    other.page.get_by_role("button", name="Show as table").first.click()
    assert other.page.locator("#ahead-1").is_visible()


def test_a_journal_by_two_persons(desk, other, pair):
    desk.sign_in()
    desk.go("/books/journals/")
    look(desk, "journals-empty")
    desk.page.get_by_label("What it is for").fill("Prize of the spring draw")
    desk.page.get_by_label("Account of line 1").select_option("6100")
    desk.page.get_by_label("Debit of line 1").fill("250.00")
    desk.page.get_by_label("Account of line 2").select_option("1000")
    desk.page.get_by_label("Credit of line 2").fill("25o")
    press(desk, "Propose the journal")
    assert "is no amount of USD" in desk.text("#e-line-2")
    look(desk, "journals-error")
    desk.page.get_by_label("Credit of line 2").fill("200.00")
    press(desk, "Propose the journal")
    assert "debits are 250.00 and credits 200.00" in desk.text("#new .notice")
    desk.page.get_by_label("Credit of line 2").fill("250.00")
    press(desk, "Propose the journal")
    assert "Journal proposed" in told(desk)
    assert desk.page.locator("#list").get_by_role("button", name="Approve").is_disabled()
    other.sign_in("carl")
    other.go("/books/journals/")
    press(other, "Approve", within="#list")
    assert "is approved" in told(other)
    assert "M-2017-02-0001" in other.text("#list")
    look(other, "journals")
    other.page.get_by_label("Why M-2017-02-0001 is reversed").fill("Posted twice")
    press(other, "Reverse", within="#list")
    desk.go("/books/approvals/")
    look(desk, "approvals")
    press(desk, "Approve", within="#waiting")
    desk.go("/books/journals/")
    assert "Reversed" in desk.text("#list")
    assert "takes back M-2017-02-0001" in desk.text("#list")


def test_a_period_is_drawn_up_sealed_and_opened_again(desk, other, pair):
    desk.sign_in()
    other.sign_in("carl")
    desk.go("/books/2017-02/")
    press(desk, "Soft-close February")
    assert "February 2017 is soft-closed." in told(desk)
    look(desk, "period-soft-closed")
    press(desk, "Seal February")
    assert "may not seal it" in desk.text(".notice")
    other.go("/books/2017-02/")
    press(other, "Seal February")
    assert "February 2017 is sealed." in told(other)
    other.page.get_by_label("Why February is reopened").fill("A file of store 31 came late")
    press(other, "Reopen February")
    assert "waits for a second person to reopen it" in told(other)
    assert other.page.locator("#reopening").get_by_role("button", name="Approve").count() == 0
    desk.go("/books/2017-02/")
    assert "carl asks to reopen February 2017" in desk.text("#reopening")
    look(desk, "period-reopening")
    press(desk, "Approve", within="#reopening")
    assert "Reopened" in desk.text(".titled")
    look(desk, "period-reopened")
    press(desk, "Soft-close February")
    other.go("/books/2017-02/")
    press(other, "Seal February")
    assert "Version 2" in other.text(".titled")
    other.is_well()


def test_a_report_opens_down_to_the_facts(desk, full):
    desk.sign_in()
    desk.go("/books/reports/")
    look(desk, "reports")
    desk.page.get_by_role("link", name="Liability roll-forward", exact=True).click()
    desk.page.wait_for_load_state()
    report = desk.text()
    assert "SHA-256" in report
    look(desk, "report-rollforward")
    desk.page.locator(".report a.opens").first.click()
    desk.page.wait_for_load_state()
    assert "by month of issue" in desk.text(".drill")
    desk.page.locator(".drill").get_by_role("link", name="January 2017").click()
    desk.page.get_by_text("of 62 movements").wait_for()
    desk.is_well()
    desk.go("/books/reports/trial-balance/?start=2017-01&end=2017-01")
    assert "Contract liability" in desk.text()
    look(desk, "report-trial-balance")
    desk.go("/books/reports/liability-rollforward/?start=2030-01")
    assert desk.page.locator(".notice").is_visible()
    desk.is_well()
    for name in ("csv", "json", "xlsx"):
        link = desk.page.get_by_role("link", name=name.upper(), exact=True)
        desk.go("/books/reports/cohorts/")
        got, data = downloaded(desk, link.click)
        assert got == f"main-cohorts.{name}"
        assert data


def test_every_report_is_a_page(client, full):
    close(entity_code="main", period="2017-02", actor=OWNER, reason="as it is")
    client.force_login(User.objects.get(username="olga"))
    for name in REPORTS:
        response = client.get(f"/books/reports/{name}/")
        assert response.status_code == 200, name
        assert 'role="alert"' not in response.content.decode(), name
        for link in opened(response.content.decode()):
            assert client.get(link).status_code == 200, link
    assert client.get("/books/reports/none-such/").status_code == 404
    assert client.get("/books/reports/cohorts/file.exe").status_code == 404


def opened(page):
    """The addresses behind the first figures of a report."""
    return [unescape(link) for link in re.findall('class="opens" href="([^"#]+)', page)][:6]


def test_packs_and_exports_are_taken_along(desk, full):
    desk.sign_in()
    desk.go("/books/2017-01/")
    name, data = downloaded(desk, desk.page.get_by_role("link", name="Close pack, XLSX").click)
    assert name == "main-2017-01-close-pack.xlsx"
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(data)).namelist()
    desk.go("/books/exports/?period=2017-01")
    assert "2017-01 was not handed over yet." in desk.text()
    for _ in range(2):
        desk.go("/books/exports/?period=2017-01")
        click = desk.page.get_by_role("button", name="Download Beancount").click
        name, data = downloaded(desk, click)
        assert name.endswith(".beancount")
        assert b"2017-01-31" in data
    desk.go("/books/exports/")
    assert "Beancount Again" in desk.text("#handed")
    look(desk, "exports")
    desk.page.get_by_label("Your code of 2100").fill("24200")
    desk.page.get_by_label("Your name of 2100").fill("Treuepunkte")
    press(desk, "Save the names")
    assert told(desk) == "The names are in force."
    desk.go("/books/2017-01/")
    desk.is_well()
