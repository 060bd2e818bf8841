"""What `manage.py check --deploy` says of an installation beyond Django's own checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Info, Tags, register


@register(Tags.security, deploy=True)
def check_security_contact(**_: Any) -> list[CheckMessage]:
    """A note, and no warning: an installation inside a company may want no reports of strangers."""
    if settings.SECURITY_CONTACT:
        return []
    return [
        Info(
            "Nobody who finds a vulnerability here learns where to report it: there is no security.txt.",
            hint="Set SECURITY_CONTACT, such as mailto:security@example.com.",
            id="incidents.I001",
        )
    ]
