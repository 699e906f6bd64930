"""The addresses of the console."""

from __future__ import annotations

from django.urls import path

from pointbook.interfaces.console import books, members, overview, program, redeemed, rewards

app_name = "console"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("members/", members.members, name="members"),
    path("members/<uuid:member_id>/", members.member, name="member"),
    path("members/<uuid:member_id>/entry/", members.entry, name="entry"),
    path("members/<uuid:member_id>/older/", members.older, name="older"),
    path("program/", program.program, name="program"),
    path("program/<int:number>/", program.program, name="version"),
    path("program/<int:number>/document.yaml", program.document, name="document"),
    path("rewards/", rewards.rewards, name="rewards"),
    path("rewards/act/", redeemed.act, name="redemption"),
    path("rewards/pay-out/", rewards.pay_out, name="pay-out"),
    path("rewards/of/<str:code>/", rewards.reward, name="reward"),
    path("rewards/of/<str:code>/supply/", rewards.supply, name="supply"),
    path("rewards/of/<str:code>/codes/", rewards.codes, name="codes"),
    path("rewards/of/<str:code>/codes.csv", rewards.export, name="codes-export"),
    path("rewards/of/<str:code>/draw/", rewards.draw, name="draw"),
    path("books/", books.books, name="books"),
    path("books/none/", books.no_books, name="no-books"),
    path("books/<str:code>/", books.books, name="period"),
    path("books/<str:code>/close/", books.close, name="close"),
    path("books/<str:code>/journal.beancount", books.journal, name="export"),
    path("books/entries/<int:entry>/<str:account>/", books.cohorts, name="cohorts"),
    path(
        "books/entries/<int:entry>/<str:account>/<int:cohort>/",
        books.facts,
        name="facts",
    ),
]
