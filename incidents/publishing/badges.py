"""Badges for other people's pages and read-mes: how the page is now, and how a service is."""

from incidents.formatting.badge import badge_svg
from incidents.publishing.confirmed import headline, shown
from incidents.publishing.subjects import Subject


def page(subject: Subject) -> bytes:
    """`/badge.svg`"""
    state, words = headline(subject.snapshot)
    return badge_svg(f"{subject.snapshot.page.name} Status", state, words)


def component(subject: Subject) -> bytes:
    """`/badge/<code>.svg`"""
    if subject.the_component.retired_at:
        return badge_svg(subject.the_component.name, "unknown", "Retired")
    state, words = shown(subject.the_component, subject.snapshot)
    return badge_svg(subject.the_component.name, state, words)
