"""How a brand's page looks: its colour, its logo, the way to the company and to its support."""

from django.db import models

from incidents.models.pages import Page


class Look(models.Model):
    """A page without one wears Dialtone's own."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="look")
    accent = models.CharField(max_length=7, blank=True, help_text="Such as #0b57d0.")
    logo = models.BinaryField(blank=True, default=b"", help_text="PNG, as we have drawn it anew.")
    home_url = models.URLField(blank=True)
    support = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"the look of {self.page_id}"
