"""Paths below `/subscriptions/`. The names of the last three are the purposes of their tokens."""

from django.urls import path

from incidents.web import subscriptions

app_name = "subscriptions"
urlpatterns = [
    path("", subscriptions.subscribe, name="subscribe"),
    path("requested", subscriptions.requested, name="requested"),
    path("confirm/<str:token>", subscriptions.confirm, name="confirm"),
    path("manage/<str:token>", subscriptions.manage, name="manage"),
    path("unsubscribe/<str:token>", subscriptions.leave, name="leave"),
]
