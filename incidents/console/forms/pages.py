"""A page's set-up, and its look."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from incidents.domain.texts import NAME_LIMIT
from incidents.formatting.logos import SIZE_LIMIT
from incidents.models import Look, Page
from incidents.operations.errors import Refused

HOST = RegexValidator(
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z",
    "A host name without port, such as status.example.net; beyond ASCII as browsers send it (xn--…).",
)
MOST_HOSTS = 20


class RefusingForm(forms.Form):
    """Shows what an operation refused beside its field."""

    def refuse(self, error: Refused) -> None:
        """Beside its field, or on top where it has none."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


class PageForm(RefusingForm):
    """Name, zone, addresses and how uptime is counted."""

    name = forms.CharField(max_length=NAME_LIMIT, error_messages={"required": "Give the page a name."})
    zone_name = forms.CharField(
        label="Time zone",
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text="An IANA name such as Australia/Sydney. Instants stay what they are and are printed anew.",
        error_messages={"required": "Choose the zone in which the page speaks."},
    )
    url = forms.URLField(
        label="Public address",
        required=False,
        assume_scheme="https",
        help_text="Empty: the site's own address.",
    )
    hosts = forms.CharField(
        label="Hosts",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One a line. Requests for them are answered with this page.",
    )
    uptime_weight = forms.IntegerField(
        label="A partial outage counts, in per cent",
        min_value=0,
        max_value=100,
        initial=30,
        help_text="Of a second of partial outage, against uptime. The page says so.",
    )
    make_default = forms.BooleanField(label="Answer hosts that no page claims with this page", required=False)
    viewers_without_second_factor = forms.BooleanField(
        label="Viewers may sign in without a second factor",
        required=False,
        help_text="Somebody with roles on several pages needs this of every one of them. Changes are in the audit.",
    )

    def __init__(self, data: QueryDict | None = None, *, page: Page | None = None) -> None:
        initial: dict[str, Any] = {}
        if page:
            initial = {"name": page.name, "zone_name": page.zone_name, "url": page.url}
            initial |= {"uptime_weight": round(page.uptime_weight * 100), "make_default": page.is_default}
            initial["viewers_without_second_factor"] = page.viewers_without_second_factor
            initial["hosts"] = "\n".join(page.hosts.order_by("host").values_list("host", flat=True))
        super().__init__(data, initial=initial)
        self.zones = sorted(available_timezones())

    def clean_hosts(self) -> tuple[str, ...]:
        """Each a host name, and once."""
        hosts = tuple(dict.fromkeys(self.cleaned_data["hosts"].lower().split()))
        if len(hosts) > MOST_HOSTS:
            raise forms.ValidationError(f"{MOST_HOSTS} hosts at most.")
        for host in hosts:
            HOST(host)
            if ".." in host:
                raise forms.ValidationError(f"{host} is no host name.")
        return hosts

    @property
    def unanswered(self) -> list[str]:
        """Hosts that this installation would refuse, after validation."""
        hosts = self.cleaned_data.get("hosts", ())
        return [host for host in hosts if not any(_allows(each, host) for each in settings.ALLOWED_HOSTS)]


def _allows(pattern: str, host: str) -> bool:
    return pattern in {"*", host} or (pattern.startswith(".") and f".{host}".endswith(pattern))


class LookForm(RefusingForm):
    """Colour, logo, and two lines at the foot of the page."""

    accent = forms.CharField(
        label="Colour",
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "#0b57d0", "spellcheck": "false"}),
        help_text="# and six hexadecimal digits. It is a stripe and a button; words on it are black or white.",
    )
    logo = forms.FileField(
        required=False,
        help_text=f"PNG, JPEG or WebP, {SIZE_LIMIT // 1024} kB at most. It is drawn anew: only its picture stays.",
    )
    remove_logo = forms.BooleanField(label="Take the logo away", required=False)
    home_url = forms.CharField(label="Your home page", max_length=200, required=False)
    support = forms.CharField(
        label="Support",
        max_length=300,
        required=False,
        help_text="Such as: Call 1300 000 000, day and night.",
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        files: "MultiValueDict[str, Any] | None" = None,
        *,
        look: Look | None = None,
    ) -> None:
        names = ("accent", "home_url", "support")
        super().__init__(data, files, initial={name: getattr(look, name) for name in names} if look else {})

    def clean_logo(self) -> bytes | None:
        """The file's content; nothing where none was sent."""
        file = self.cleaned_data["logo"]
        if file is None:
            return None
        if file.size > SIZE_LIMIT:
            raise forms.ValidationError(f"The file is larger than {SIZE_LIMIT // 1024} kB.")
        return bytes(file.read())

    def clean_home_url(self) -> str:
        """An address of the web."""
        url = str(self.cleaned_data["home_url"]).strip()
        if url and urlsplit(url).scheme not in {"http", "https"}:
            raise forms.ValidationError("Write an address that begins with https:// or http://.")
        return url
