"""The addresses of the portal, below /card/."""

from __future__ import annotations

from django.urls import URLPattern, path

from pointbook.interfaces.portal import redeeming, views, yours

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", views.choose, name="choose"),
    path("<slug:program>/", views.card, name="card"),
    path("<slug:program>/join/", views.join, name="join"),
    path("<slug:program>/by/<str:code>/", views.come, name="by"),
    path("<slug:program>/invite/", views.invite, name="invite"),
    path("<slug:program>/code/", views.code, name="code"),
    path("<slug:program>/rewards/", redeeming.rewards, name="rewards"),
    path("<slug:program>/rewards/<str:code>/", redeeming.reward, name="reward"),
    path("<slug:program>/rewards/<str:code>/wait/", redeeming.wait, name="wait"),
    path("<slug:program>/yours/", yours.yours, name="yours"),
    path("<slug:program>/yours/<int:number>/", yours.own, name="own"),
    path("<slug:program>/yours/<int:number>/receipt.txt", yours.receipt, name="receipt"),
    path("<slug:program>/yours/<int:number>/booking.ics", yours.calendar, name="calendar"),
    path("<slug:program>/history/", views.history, name="history"),
    path("<slug:program>/you/", views.you, name="you"),
    path("<slug:program>/sign-out/", views.sign_out, name="sign-out"),
    path("<slug:program>/app.webmanifest", views.manifest, name="manifest"),
]
