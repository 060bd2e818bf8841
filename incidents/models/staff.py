"""Staff: which role somebody has on which page, and the rights that follow from it (DESIGN 13)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models

from incidents.domain.field_rights import READINGS, FieldClass, role_reads
from incidents.domain.roles import Right, Role, highest
from incidents.models.fields import enum_field
from incidents.models.pages import Page
from incidents.models.subscribers import Subscriber


class Membership(models.Model):
    """One person's role on one page; without a page on every one, those to come too."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="memberships")
    role = enum_field(Role)
    given_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "page"], name="one_role_a_person_on_a_page"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(page__isnull=True), name="one_role_a_person_everywhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} on {self.page or 'every page'}"


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do, read once a request."""

    everywhere: Role | None
    on: Mapping[int, Role]
    """By a page's primary key."""

    @property
    def top(self) -> Role | None:
        """The highest role that the person has anywhere."""
        return highest(self.everywhere, *self.on.values())

    def role_on(self, page: Page | None) -> Role | None:
        """The role on a page; for None the role on every page."""
        return highest(self.everywhere, self.on.get(page.pk) if page else None)

    def may(self, right: Right, page: Page | None) -> bool:
        """Whether the person has the right on a page; for None on every page."""
        role = self.role_on(page)
        return role is not None and role.may(right)

    def may_read(self, field: FieldClass, page: Page | int | None) -> bool:
        """Whether the person is shown such a field of a page (or of the page with that primary key)."""
        pk = page.pk if isinstance(page, Page) else page
        return role_reads(highest(self.everywhere, self.on.get(pk) if pk is not None else None), field)

    def readable_pages(self, field: FieldClass) -> "models.QuerySet[Page]":
        """The pages of which the person is shown such a field."""
        right = READINGS[field].right
        return self.pages(right) if right else Page.objects.none()

    def address_of(self, subscriber: Subscriber) -> str:
        """A subscriber's address as far as the person may read it on a screen; of a machine the hint."""
        is_shown = self.may_read(subscriber.address_class, subscriber.page_id)
        return subscriber.hint if is_shown else subscriber.masked

    def may_read_answers(self, subscriber: Subscriber) -> bool:
        """Whether the person is shown what this receiver answered."""
        return self.may_read(subscriber.answer_class, subscriber.page_id)

    def may_somewhere(self, right: Right) -> bool:
        """Whether there may be a page on which the person has the right."""
        return self.top is not None and self.top.may(right)

    def pages(self, right: Right = Right.SEE) -> "models.QuerySet[Page]":
        """The pages on which the person has the right."""
        if self.may(right, None):
            return Page.objects.all()
        return Page.objects.filter(pk__in=[pk for pk, role in self.on.items() if role.may(right)])


def rights_of(user: User) -> Rights:
    """The rights of a member of staff: one query. A superuser is an admin everywhere."""
    if user.is_superuser:
        return Rights(Role.ADMIN, {})
    given = list(Membership.objects.filter(user=user).values_list("page", "role"))
    everywhere = next((Role(role) for page, role in given if page is None), None)
    return Rights(everywhere, {page: Role(role) for page, role in given if page is not None})


def current_rights(user: User) -> Rights:
    """What a person may still do: one query. Whoever is deactivated, or no longer staff, may do nothing."""
    return current_rights_of([user])[user.pk]


def current_rights_of(users: Collection[User]) -> dict[int, Rights]:
    """The same of several people, by primary key: one query for all of them."""
    held: dict[int, dict[int | None, Role]] = defaultdict(dict)
    plain = {user.pk for user in users if user.is_active and user.is_staff and not user.is_superuser}
    for user, page, role in (
        Membership.objects.filter(user__in=plain).values_list("user", "page", "role") if plain else ()
    ):
        held[user][page] = Role(role)
    return {user.pk: _current(user, held[user.pk]) for user in users}


def _current(user: User, held: Mapping[int | None, Role]) -> Rights:
    if not (user.is_active and user.is_staff):
        return Rights(None, {})
    if user.is_superuser:
        return Rights(Role.ADMIN, {})
    return Rights(held.get(None), {page: role for page, role in held.items() if page is not None})
