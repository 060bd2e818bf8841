"""Paths below `/subscriptions/`. The names confirm, manage and unsubscribe are the purposes of their tokens."""

from django.urls import path

from incidents.web import subscription_links, subscriptions

app_name = "subscriptions"
urlpatterns = [
    path("", subscriptions.subscribe, name="subscribe"),
    path("requested", subscriptions.requested, name="requested"),
    path("confirm/<str:token>", subscription_links.confirm, name="confirm"),
    path("manage/<str:token>", subscription_links.manage, name="manage"),
    path("manage/<str:token>/try", subscription_links.try_now, name="try"),
    path("manage/<str:token>/secret", subscription_links.replace_secret, name="secret"),
    path("manage/<str:token>/resume", subscription_links.resume, name="resume"),
    path("unsubscribe/<str:token>", subscription_links.leave, name="leave"),
]
