import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OPEN = ("draft", "in_review")
KEY = "key "
"""How the journal names an API key; no account's name holds a blank."""


def drop_approvals_by_keys(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """An approval that a key gave to a draft still open is no person's: somebody has to approve it in the console."""
    approval, event = apps.get_model("incidents", "RfoApproval"), apps.get_model("incidents", "Event")
    for row in approval.objects.filter(version__state__in=OPEN).select_related("version__rfo"):
        said = event.objects.filter(
            kind="rfo.reviewed",
            incident_id=row.version.rfo.incident_id,
            user_id=row.by_id,
            data__what="approved",
            data__digest=row.digest,
        )
        actors = list(said.values_list("actor", flat=True))
        if actors and all(each.startswith(KEY) for each in actors):
            row.delete()


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0011_management_api"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="rfoversion",
            name="approval_record",
            field=models.JSONField(
                help_text="At publication: approvals required, and who gave those that held; null where that is not known.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="signalsource",
            name="made_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(drop_approvals_by_keys, migrations.RunPython.noop),
    ]
