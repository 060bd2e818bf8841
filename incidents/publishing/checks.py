"""What Django's system checks say of publishing; a warning stops nothing."""

from typing import Any

from django.core import checks

from incidents.publishing.signing_keys import NoKey, check_key


@checks.register
def check_signing_key(**_: Any) -> list[checks.CheckMessage]:
    """Whether RFOs can be signed; without a key they are published without signatures."""
    try:
        check_key()
    except NoKey as error:
        hint = "RFOs are published without signatures until then; afterwards `manage.py publish --all` signs them."
        return [checks.Warning(str(error), hint=hint, id="dialtone.W001")]
    return []
