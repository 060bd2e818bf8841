"""A page: one brand's public status page, its zone, its hosts and how far it is published."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from incidents.domain.zones import zone
from incidents.models.fields import code_field, validate_clean, validate_zone


class Page(models.Model):
    """One brand. Exactly one page is the default, which answers hosts that no other page claims."""

    code = code_field()
    name = models.CharField(max_length=255, unique=True, validators=[validate_clean])
    zone_name = models.CharField(
        "time zone",
        max_length=64,
        validators=[validate_zone],
        help_text="An IANA name, such as Australia/Sydney.",
    )
    url = models.URLField(
        "public address", blank=True, help_text="Empty: the page's first host, else the site's own address."
    )
    is_default = models.BooleanField(default=False)
    uptime_weight = models.FloatField(
        default=0.3,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="How much a second of partial outage counts against uptime; stated on the page.",
    )
    viewers_without_second_factor = models.BooleanField(
        "viewers may sign in without a second factor",
        default=False,
        help_text="Somebody with roles on several pages needs this of every one of them.",
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_through = models.BigIntegerField(
        default=0, editable=False, help_text="The newest journal event that the public documents contain."
    )
    published_on = models.DateField(
        null=True, editable=False, help_text="The local day for which the documents were rendered."
    )

    named_after = models.CharField(
        max_length=500,
        default="",
        blank=True,
        editable=False,
        help_text="The address that feed entries and Message-IDs were made from before they were made from codes.",
    )
    numbered_through = models.BigIntegerField(
        default=0, editable=False, help_text="Incidents up to this one keep the names that they had in feeds."
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_page"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the page speaks."""
        return zone(self.zone_name)


class PageHost(models.Model):
    """A host name that a page claims; it must also stand in ALLOWED_HOSTS."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="hosts")
    host = models.CharField(max_length=253, unique=True, help_text="Lower case, without port.")

    def __str__(self) -> str:
        return self.host
