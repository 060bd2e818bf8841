"""Names that outlive a move are made from codes; what readers know by an older name keeps it."""

from django.conf import settings
from django.db import migrations, models


def keep_known_names(apps, schema_editor):  # noqa: ANN001, ANN201
    """Write down the address that each page's names were made from, and its newest incident that has such a name."""
    del schema_editor
    page_model, incident_model = apps.get_model("incidents", "Page"), apps.get_model("incidents", "Incident")
    for page in page_model.objects.order_by("pk"):
        newest = incident_model._base_manager.filter(page=page).order_by("-pk").values_list("pk", flat=True).first()
        page.named_after = (page.url or settings.SITE_URL).rstrip("/")
        page.numbered_through = newest or 0
        page.save(update_fields=["named_after", "numbered_through"])


class Migration(migrations.Migration):
    dependencies = [("incidents", "0018_mailboxes")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="named_after",
            field=models.CharField(
                blank=True,
                default="",
                editable=False,
                help_text="The address that feed entries and Message-IDs were made from before they were made from codes.",
                max_length=500,
            ),
        ),
        migrations.AddField(
            model_name="page",
            name="numbered_through",
            field=models.BigIntegerField(
                default=0,
                editable=False,
                help_text="Incidents up to this one keep the names that they had in feeds.",
            ),
        ),
        migrations.AlterField(
            model_name="page",
            name="url",
            field=models.URLField(
                blank=True,
                help_text="Empty: the page's first host, else the site's own address.",
                verbose_name="public address",
            ),
        ),
        migrations.RunPython(keep_known_names, migrations.RunPython.noop),
    ]
