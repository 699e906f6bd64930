"""Every page with sample figures and without a database: `python -m tests.pages.gallery [PORT]`."""

import os
import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, include, path

from tests.pages import sample_books, sample_keeping, sample_rewards, samples


def shown(template: str, here: str, model=None, *, part: str = "", url: str = ""):
    """A view that renders a template with a sample; `part` alone when htmx asks."""

    def view(request: HttpRequest, **_: object) -> HttpResponse:
        page = model() if model else None
        name = part if part and request.headers.get("HX-Request") else template
        return render(request, name, {"frame": samples.around(here), "page": page, "part": part})

    return view


PANEL = "console/parts/{}.html".format
BOOKS = ("console/books.html", "books", sample_books.a_close)
KEEPING = sample_keeping
ESTIMATE = ("console/estimates.html", "books", KEEPING.an_estimate)
REPORTS = ("console/reports.html", "books", KEEPING.a_list_of_reports)
REPORT = ("console/report.html", "books", KEEPING.a_report)
JOURNALS = ("console/journals.html", "books", KEEPING.some_journals)
APPROVALS = ("console/approvals.html", "books", KEEPING.some_approvals)
EXPORTS = ("console/exports.html", "books", KEEPING.some_exports)
SETTINGS = ("console/keeping.html", "books", KEEPING.some_settings)
CATALOGUE = ("console/rewards.html", "rewards", sample_rewards.a_catalogue)
REWARD = ("console/reward.html", "rewards", sample_rewards.a_reward)
CONSOLE: list[URLPattern] = [
    path("", shown("console/overview.html", "overview", samples.an_overview), name="overview"),
    path("members/", shown("console/members.html", "members", samples.a_list), name="members"),
    path("members/1/", shown("console/member.html", "members", samples.a_member), name="member"),
    path(
        "members/1/entries/<n>/",
        shown("console/entry.html", "members", samples.an_explanation, part=PANEL("explanation")),
        name="entry",
    ),
    path("program/", shown("console/program.html", "program", samples.a_program), name="program"),
    path("rewards/", shown(*CATALOGUE), name="rewards"),
    path("rewards/act/", shown(*CATALOGUE), name="redemption"),
    path("rewards/pay-out/", shown(*CATALOGUE), name="pay-out"),
    path("rewards/of/<code>/", shown(*REWARD), name="reward"),
    path("rewards/of/<code>/supply/", shown(*REWARD), name="supply"),
    path("rewards/of/<code>/codes/", shown(*REWARD), name="codes"),
    path("rewards/of/<code>/codes.csv", shown(*REWARD), name="codes-export"),
    path("rewards/of/<code>/draw/", shown(*REWARD), name="draw"),
    path("books/", shown("console/simple.html", "books", KEEPING.simple_books), name="books"),
    path("books/estimate/", shown(*ESTIMATE), name="estimate"),
    path("books/estimate/prepare/", shown(*ESTIMATE), name="prepare"),
    path("books/reports/", shown(*REPORTS), name="reports"),
    path("books/reports/<name>/", shown(*REPORT), name="report"),
    path("books/journals/", shown(*JOURNALS), name="journals"),
    path("books/journals/new/", shown(*JOURNALS), name="new-journal"),
    path("books/journals/<number>/reverse/", shown(*JOURNALS), name="reverse"),
    path("books/approvals/", shown(*APPROVALS), name="approvals"),
    path("books/approvals/<number>/", shown(*APPROVALS), name="decide"),
    path("books/exports/", shown(*EXPORTS), name="exports"),
    path("books/exports/names/", shown(*EXPORTS), name="names"),
    path("books/settings/", shown(*SETTINGS), name="books-settings"),
    path("books/settings/view/", shown(*SETTINGS), name="books-view"),
    path("books/<code>/close/", shown(*BOOKS), name="close"),
    path("books/<code>/draw-up/", shown(*BOOKS), name="draw-up"),
    path("books/<code>/seal/", shown(*BOOKS), name="seal"),
    path("books/<code>/reopen/", shown(*BOOKS), name="reopen"),
    path("books/<code>/export/", shown(*BOOKS), name="export"),
    path(
        "books/entries/<n>/",
        shown("console/drill.html", "books", sample_books.some_cohorts, part=PANEL("cohorts")),
        name="cohorts",
    ),
    path(
        "books/entries/<n>/<month>/",
        shown("console/drill.html", "books", sample_books.some_facts, part=PANEL("facts")),
        name="facts",
    ),
    path(
        "members/1/history/",
        shown("console/history.html", "members", samples.older, part=PANEL("older")),
    ),
    path("books/<code>/", shown(*BOOKS), name="period"),
]
OTHERS: list[URLPattern] = [
    path("e/start/", shown("console/start.html", "overview")),
    path("e/overview/", shown("console/overview.html", "overview", samples.no_members)),
    path("e/counted/", shown("console/overview.html", "overview", samples.a_counted_unit)),
    path("e/members/", shown("console/members.html", "members", samples.nobody)),
    path(
        "e/found/",
        shown("console/members.html", "members", lambda: samples.a_list("zq", found=False)),
    ),
    path("e/newcomer/", shown("console/member.html", "members", samples.a_newcomer)),
    path("e/busy/", shown("console/member.html", "members", samples.a_busy_member)),
    path("e/flyer/", shown("console/member.html", "members", samples.a_flyer)),
    path(
        "e/changes/",
        shown("console/program.html", "program", lambda: samples.a_program(with_changes=True)),
    ),
    path(
        "e/closed/", shown("console/books.html", "books", lambda: sample_books.a_close(closed=True))
    ),
    path("e/off/", shown("console/books.html", "books", lambda: sample_books.a_close(off=2))),
    path(
        "e/simple-closed/",
        shown("console/simple.html", "books", lambda: KEEPING.simple_books(closed=True)),
    ),
    path(
        "e/simple-blocked/",
        shown("console/simple.html", "books", lambda: KEEPING.simple_books(blocked=True)),
    ),
    path("e/no-estimate/", shown("console/estimates.html", "books", KEEPING.no_estimate)),
    path(
        "e/prepare/",
        shown(
            "console/estimates.html", "books", lambda: KEEPING.an_estimate(error=True, mine=True)
        ),
    ),
    path(
        "e/report/",
        shown(
            "console/report.html",
            "books",
            lambda: KEEPING.a_report(refused="2019-01 has not begun"),
        ),
    ),
    path(
        "e/approvals/",
        shown("console/approvals.html", "books", lambda: KEEPING.some_approvals(nothing=True)),
    ),
    path(
        "e/journals/",
        shown(
            "console/journals.html",
            "books",
            lambda: KEEPING.some_journals(nothing=True, error=True),
        ),
    ),
    path(
        "e/exports/",
        shown("console/exports.html", "books", lambda: KEEPING.some_exports(nothing=True)),
    ),
    path(
        "e/settings/",
        shown("console/keeping.html", "books", lambda: KEEPING.some_settings(full=False)),
    ),
    path(
        "e/review/",
        shown(
            "console/rewards.html", "rewards", lambda: sample_rewards.a_catalogue(suspicious=True)
        ),
    ),
    path("e/rewards/", shown("console/rewards.html", "rewards", sample_rewards.no_rewards)),
    path("e/reward/", shown(*REWARD)),
    path("e/redeemed/", shown("console/member.html", "members", samples.a_redeemer)),
    path("e/books/", shown("console/books_empty.html", "books", sample_books.a_close)),
    path("accounts/2fa/", shown("404.html", ""), name="mfa_index"),
    path("e/404/", shown("404.html", "")),
    path("e/403/", shown("403.html", "")),
    path("e/500/", shown("500.html", "")),
    path("accounts/logout/", shown("account/logout.html", ""), name="account_logout"),
    path("accounts/login/", shown("account/login.html", ""), name="account_login"),
]
urlpatterns = [*OTHERS, path("", include((CONSOLE, "console")))]


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "tests.pages.gallery"
    settings.MIDDLEWARE = [
        "whitenoise.middleware.WhiteNoiseMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ]
    settings.TEMPLATES[0]["OPTIONS"] = {}
    settings.ALLOWED_HOSTS = ["*"]
    django.setup()
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8900
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    print(f"http://127.0.0.1:{port}/")
    server.serve_forever()


if __name__ == "__main__":
    main()
