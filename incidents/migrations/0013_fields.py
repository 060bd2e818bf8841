"""URLs of webhooks and chats are sealed at rest; a page may let its viewers in without a second factor."""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Replace

STEP = 1000
CLEAR = ("https://", "http://")
SHORT = 6


def derived(info):
    """A key of its own for one purpose, as the product derives it."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(settings.CREDENTIALS_KEY.encode())


def fernet():
    """What seals and opens with today's CREDENTIALS_KEY."""
    return Fernet(base64.urlsafe_b64encode(derived(b"dialtone credentials")))


def endpoints(apps):
    """Every endpoint, in steps that fit into memory."""
    rows = apps.get_model("incidents", "Subscriber").objects.exclude(channel="email").order_by("pk")
    last = 0
    while step := list(rows.filter(pk__gt=last).only("pk", "address", "sealed_url")[:STEP]):
        yield step
        last = step[-1].pk


def take_out(apps, subscriber, path):
    """What answers have quoted of the URL: many servers repeat the path that they were asked for."""
    if len(path) < SHORT:
        return
    for model, column, owner in (
        ("Subscriber", "disabled_for", "pk"),
        ("Delivery", "detail", "subscriber"),
        ("Attempt", "detail", "delivery__subscriber"),
    ):
        quoting = {owner: subscriber, f"{column}__contains": path}
        without = {column: Replace(models.F(column), models.Value(path), models.Value("…"))}
        apps.get_model("incidents", model).objects.filter(**quoting).update(**without)


def seal_urls(apps, schema_editor):
    """Each URL encrypted, and under `address` its host with a keyed digest."""
    Subscriber = apps.get_model("incidents", "Subscriber")
    box, key = fernet(), derived(b"dialtone endpoint names")
    for step in endpoints(apps):
        clear = [row for row in step if row.address.startswith(CLEAR)]
        for row in clear:
            url = row.address
            row.sealed_url = box.encrypt(url.encode()).decode("ascii")
            digest = hmac.new(key, url.encode(), hashlib.sha256).hexdigest()
            row.address = f"{urlsplit(url).netloc}#{digest}"
            take_out(apps, row.pk, urlsplit(url).path.strip("/"))
        Subscriber.objects.bulk_update(clear, ["address", "sealed_url"], batch_size=200)


def open_urls(apps, schema_editor):
    """The way back; it needs the CREDENTIALS_KEY that the URLs were sealed with, and changes nothing without it."""
    Subscriber = apps.get_model("incidents", "Subscriber")
    box = fernet()
    for step in endpoints(apps):
        sealed = [row for row in step if row.sealed_url]
        for row in sealed:
            try:
                row.address = box.decrypt(row.sealed_url.encode("ascii")).decode()
            except InvalidToken:
                raise ValueError(
                    "CREDENTIALS_KEY is not the one that the endpoints' URLs were encrypted with; nothing was changed."
                ) from None
            row.sealed_url = ""
        Subscriber.objects.bulk_update(sealed, ["address", "sealed_url"], batch_size=200)


class Migration(migrations.Migration):

    dependencies = [
        ("incidents", "0012_authority"),
    ]

    operations = [
        migrations.AddField(
            model_name="page",
            name="viewers_without_second_factor",
            field=models.BooleanField(
                default=False,
                help_text="Somebody with roles on several pages needs this of every one of them.",
                verbose_name="viewers may sign in without a second factor",
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="sealed_url",
            field=models.TextField(blank=True, default="", help_text="A machine's URL, encrypted."),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="address",
            field=models.CharField(
                help_text="An e-mail address, normalised; of a machine its host and a keyed digest of its URL.",
                max_length=500,
            ),
        ),
        migrations.RunPython(seal_urls, open_urls),
    ]
