"""What Django's system checks say of publishing; a warning stops nothing."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from incidents.publishing.signing_keys import NoKey, check_key
from incidents.publishing.store import Store


@checks.register
def check_signing_key(**_: Any) -> list[checks.CheckMessage]:
    """Whether RFOs can be signed; without a key they are published without signatures."""
    try:
        check_key()
    except NoKey as error:
        hint = "RFOs are published without signatures until then; afterwards `manage.py publish --all` signs them."
        return [checks.Warning(str(error), hint=hint, id="dialtone.W001")]
    return []


@checks.register
def check_address(**_: Any) -> list[checks.CheckMessage]:
    """Whether the published pages have the SITE_URL that is set."""
    published = Store(Path(settings.PUBLISH_DIR)).site_url()
    if published in {None, settings.SITE_URL}:
        return []
    words = f"SITE_URL is {settings.SITE_URL}, and the published pages have {published}."
    hint = "If that is meant: `manage.py publish --all --yes` moves all pages to the new address."
    return [checks.Warning(words, hint=hint, id="dialtone.W002")]
