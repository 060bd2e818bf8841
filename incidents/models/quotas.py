"""How often something was done for one name lately, counted where every process and host sees it."""

from django.db import models


class Quota(models.Model):
    """The last uses of one limit by one name, which is kept as a keyed digest alone."""

    digest = models.CharField(max_length=64, unique=True)
    used_at = models.JSONField(default=list, help_text="Unix times, at most as many as the limit allows.")
    forget_at = models.DateTimeField(db_index=True, help_text="From then on no use counts any more.")

    def __str__(self) -> str:
        return f"{self.digest[:8]}: {len(self.used_at)}"
