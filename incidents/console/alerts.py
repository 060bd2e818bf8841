"""Where the staff of a page are alerted, and what they were alerted to."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now

from incidents.channels.kinds import KINDS
from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.domain.roles import Right
from incidents.domain.subscribers import SubscriberState
from incidents.models import Alert, Page, Subscriber
from incidents.operations.actors import staff
from incidents.operations.alerts import add_alert_address
from incidents.operations.errors import Refused

UNPROCESSABLE = 422
LAST = 20


class AddressForm(forms.Form):
    """One more place to be alerted at."""

    channel = forms.ChoiceField(choices=[(kind.name, kind.label) for kind in KINDS.values()], initial="email")
    address = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
        help_text="A mail address or a URL, such as the one that PagerDuty or Slack gives you.",
        error_messages={"required": "Where should the alert go?"},
    )

    def refuse(self, error: Refused) -> None:
        """Beside its field."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


@door(of=finding.page, read=Right.SET_UP, write=Right.SET_UP)
def show(request: StaffRequest, code: str) -> HttpResponse:
    """The addresses, the form of another one, and the newest alerts. A secret is in the answer to its post alone."""
    page = get_object_or_404(Page, code=code)
    at, secret, made = now(), "", None
    form = AddressForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = _add(request, page, form)
        except Refused as error:
            form.refuse(error)
        else:
            form = AddressForm()
    standing = Subscriber.objects.filter(page=page, is_staff=True).exclude(state=SubscriberState.ENDED)
    context = {
        "page": page,
        "form": form,
        "made": made,
        "secret": secret,
        "addresses": standing.order_by("pk"),
        "alerts": Alert.objects.filter(page=page)[:LAST],
        "at": at,
    }
    return render(request, "console/alerts.html", context, status=UNPROCESSABLE if form.errors else 200)


def _add(request: StaffRequest, page: Page, form: AddressForm) -> tuple[Subscriber, str]:
    words = form.cleaned_data
    return add_alert_address(
        page, channel=words["channel"], address=words["address"], by=staff(request.user), at=now()
    )
