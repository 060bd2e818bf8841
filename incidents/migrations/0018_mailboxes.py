"""One mailbox is one subscriber in whatever case it is typed; an inbound alert keeps what staff should know of it."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils.timezone import now

BEST_FIRST = ("active", "disabled", "pending", "ended")
CONFIRMED = ("active", "disabled")
UNFINISHED = ("due", "failed")
MERGED = "The same mailbox had two subscriptions; the other one is kept."


def merge_duplicates(apps: Any, schema_editor: Any) -> None:
    """Keep of each mailbox the confirmed row, else the earliest, and unite the choices of equal ones.

    The other rows stay as ended ones that lead to the kept row, so that links out of old mails still work.
    """
    subscribers = apps.get_model("incidents", "Subscriber").objects.filter(channel="email")
    same = ("page", "is_staff", "incident", "mailbox")
    twice = (
        subscribers.annotate(mailbox=Lower("address")).order_by().values(*same).annotate(rows=Count("pk"))
    ).filter(rows__gt=1)
    for found in list(twice):  # only mailboxes that are there twice
        rows = subscribers.annotate(mailbox=Lower("address")).filter(**{name: found[name] for name in same})
        kept, *others = sorted(rows, key=_rank)
        for other in others:
            _merge(apps, kept, other)
    schema_editor.connection.check_constraints()  # PostgreSQL alters no table with a check still to come


def _rank(row: Any) -> tuple[Any, ...]:
    return BEST_FIRST.index(row.state), row.confirmed_at is None, row.confirmed_at or row.created_at, row.pk


def _merge(apps: Any, kept: Any, other: Any) -> None:
    if other.state == kept.state and kept.state in CONFIRMED:
        chosen = [set(row.components.values_list("pk", flat=True)) for row in (kept, other)]
        kept.components.set(chosen[0] | chosen[1] if all(chosen) else ())  # no choice means all
        kept.only_major &= other.only_major
        kept.wants_incidents |= other.wants_incidents
        kept.wants_rfos |= other.wants_rfos
        kept.save(update_fields=["only_major", "wants_incidents", "wants_rfos"])
    deliveries = apps.get_model("incidents", "Delivery").objects
    known = deliveries.filter(subscriber=kept).values("event")
    movable = deliveries.filter(subscriber=other).exclude(event__in=known).exclude(event__subscriber=other)
    deliveries.filter(pk__in=list(movable.values_list("pk", flat=True))).update(subscriber=kept)
    at = now()
    left = deliveries.filter(subscriber=other, state__in=UNFINISHED)
    left.update(state="dead", finished_at=at, leased_until=None, detail=MERGED)
    other.state, other.merged_into, other.ended_at = "ended", kept, other.ended_at or at
    other.save(update_fields=["state", "merged_into", "ended_at"])


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0017_rfo_titles"),
    ]

    operations = [
        migrations.AddField(
            model_name="signal",
            name="note",
            field=models.CharField(
                blank=True,
                help_text="What staff should know of it, such as a component that it names and the page does not have.",
                max_length=1000,
            ),
        ),
        migrations.AddField(
            model_name="automatichold",
            name="silenced_at",
            field=models.DateTimeField(
                help_text="When a failing probe of it was paused or muted: only a person says then that it is over.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="address",
            field=models.CharField(
                help_text="An e-mail address, its domain in ASCII; of a machine its host and a keyed digest of its URL.",
                max_length=500,
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="merged_into",
            field=models.ForeignKey(
                editable=False,
                help_text="The same mailbox in another case had a row of its own. Links out of its old mails lead "
                "there.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="merged",
                to="incidents.subscriber",
            ),
        ),
        migrations.RunPython(merge_duplicates, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="subscriber", name="one_subscription_an_address_a_page"),
        migrations.RemoveConstraint(model_name="subscriber", name="one_following_an_address_an_incident"),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.UniqueConstraint(
                "page",
                "channel",
                Lower("address"),
                "is_staff",
                condition=Q(incident__isnull=True, merged_into__isnull=True),
                name="one_subscription_a_mailbox_a_page",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.UniqueConstraint(
                "incident",
                "channel",
                Lower("address"),
                condition=Q(merged_into__isnull=True),
                name="one_following_a_mailbox_an_incident",
            ),
        ),
    ]
