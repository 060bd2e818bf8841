"""How a page's RFOs are made: who must agree, who signs, which words are right, which must not be read (DESIGN 12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.faults import COMMON_TERMS, Term
from incidents.models.fields import code_field
from incidents.models.pages import Page


class RfoPolicy(models.Model):
    """The rules of one brand; a page without a row has the defaults."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="rfo_policy")
    approvals = models.PositiveSmallIntegerField(
        default=1, help_text="How many people other than its writers must approve a version: 0, 1 or 2."
    )
    needs_signature = models.BooleanField(
        default=False, help_text="A signatory must sign each version with a fresh second factor."
    )
    letterhead = models.CharField(
        max_length=500, blank=True, help_text="Lines below the name on paper: the legal name, the address."
    )
    terms = models.TextField(
        blank=True, help_text="One name a line, then wrong spellings: OpenSIPS: Open SIPS, OpenSIP."
    )
    internal_words = models.TextField(
        blank=True, help_text="One a line: host names, customers, projects that nobody outside may read."
    )
    clock = models.CharField(
        max_length=40, blank=True, help_text="The clock that runs for every new incident, by its key."
    )

    def __str__(self) -> str:
        return f"RFOs of {self.page}"

    @property
    def glossary(self) -> tuple[Term, ...]:
        """The page's own names before those of the trade."""
        own = []
        for line in self.terms.splitlines():
            name, _, wrong = line.partition(":")
            if name.strip():
                own.append(
                    Term(name.strip(), tuple(each.strip() for each in wrong.split(",") if each.strip()))
                )
        known = {term.name.casefold() for term in own}
        return (*own, *(term for term in COMMON_TERMS if term.name.casefold() not in known))

    @property
    def secrets(self) -> tuple[str, ...]:
        """The words that must not leave the house."""
        return tuple(line.strip() for line in self.internal_words.splitlines() if line.strip())


class Signatory(models.Model):
    """Somebody who signs for a brand."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="signatories")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    title = models.CharField(
        max_length=255, blank=True, help_text="The line below the name, such as CEO | SIPcity."
    )
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "user"], name="one_signature_a_person_a_page")
        ]

    def __str__(self) -> str:
        return self.name
