"""Staff accounts: the mails that their owners get, and the networks that their second factor was shown from."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.account_mails import AccountMailKind
from incidents.domain.deliveries import DeliveryState
from incidents.models.fields import enum_field


class AccountMail(models.Model):
    """One mail to the owner of an account: a row before it is sent. A link's token is made when it is sent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_mails")
    kind = enum_field(AccountMailKind)
    address = models.EmailField()
    facts = models.JSONField(default=dict, help_text="What its words name, such as the kind of a factor.")
    state = enum_field(DeliveryState, default=DeliveryState.DUE)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=1000, blank=True, help_text="What the mail server said last.")

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}: {self.state}"


class SignInNetwork(models.Model):
    """A network from which somebody has shown a second factor, as a keyed digest."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_networks"
    )
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="one_row_a_person_and_network")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.digest[:8]}"
