"""The audit: append-only lines in chains, one chain a page and one for the installation itself (DESIGN 13).

The journal's rows are an outbox too, and change while people are told. What may never change stands here, without a
foreign key that an erasure could follow: so a person's data can go and no chain breaks. Triggers refuse to change or
delete a line; whoever drops them still lacks the key of the digests.
"""

from typing import Any, ClassVar

from django.db import models


class AuditLine(models.Model):
    """Who did what to which thing and when, sealed to the line before it."""

    chain = models.CharField(max_length=12, blank=True, help_text="A page's code; empty: the installation.")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=64)
    actor = models.CharField(max_length=150)
    person = models.BigIntegerField(null=True, help_text="The primary key of the user who did it.")
    subject = models.CharField(max_length=255, blank=True)
    event = models.BigIntegerField(null=True, unique=True, help_text="The primary key in the journal.")
    data = models.TextField(help_text="Canonical JSON; of subscribers only a digest of it.")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["chain", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "number"], name="one_line_a_number_of_a_chain")
        ]
        indexes: ClassVar = [models.Index(fields=["-at"], name="audit_newest_first")]

    def __str__(self) -> str:
        return f"{self.chain or 'installation'} {self.number}: {self.kind} by {self.actor}"

    def columns(self) -> dict[str, Any]:
        """All that the digest covers, besides the digest of the line before."""
        return {
            "chain": self.chain,
            "number": self.number,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "actor": self.actor,
            "person": self.person,
            "subject": self.subject,
            "event": self.event,
            "data": self.data,
        }


class AuditHead(models.Model):
    """The end of a chain: how many lines it has, and what the last one's digest is."""

    chain = models.CharField(max_length=12, blank=True, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.chain or 'installation'}:{self.number}:{self.digest}"
