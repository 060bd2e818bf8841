"""Pages (brands) and the hosts they claim."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.validators import RegexValidator
from django.forms import BooleanField, CharField, URLField
from django.http import HttpRequest
from django.utils.timezone import now

from incidents.admin.set_up import AnyForm, SetUpAdmin, actor, never
from incidents.models import Page, PageHost
from incidents.operations.actors import Actor
from incidents.operations.journal import lock
from incidents.operations.pages import create_page, note_set_up

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline

HOST = RegexValidator(
    r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z",
    "A host name without port, such as status.example.net; beyond ASCII as browsers send it (xn--…).",
)


class HostForm(AnyForm):
    """One host, spelled as requests are matched."""

    host = CharField(max_length=253, validators=[HOST])

    class Meta:
        model = PageHost
        fields = ("host",)


class HostInline(TabularInline):
    """The hosts of a page."""

    model = PageHost
    form = HostForm
    extra = 1


class PageForm(AnyForm):
    """A page, and whether it should answer the hosts that no page claims."""

    url = URLField(
        label="Public address",
        required=False,
        assume_scheme="https",
        help_text="Empty: the page's first host, else the site's own address.",
    )
    make_default = BooleanField(
        required=False,
        help_text="Let this page, instead of the present one, answer hosts that no page claims.",
    )

    class Meta:
        model = Page
        fields = ("name", "zone_name", "url", "uptime_weight")


@admin.register(Page)
class PageAdmin(SetUpAdmin):
    """Brands with their zone and address. Nothing deletes a page here: its history would go with it."""

    form = PageForm
    fields = ("name", "zone_name", "url", "uptime_weight", "make_default")
    inlines = (HostInline,)
    after = ("uptime_weight",)
    list_display = ("name", "zone_name", "url", "is_default")
    has_delete_permission = never

    def page_of(self, row: Any) -> Page:
        """A page is its own."""
        page: Page = row
        return page

    def create(self, row: Any, *, by: Actor, at: datetime) -> Page:
        """The first page of an installation becomes its default."""
        return create_page(name=row.name, zone_name=row.zone_name, url=row.url, by=by, at=at)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Lock first what will be written, hosts included: of several pages the smallest key first, as everywhere."""
        if form.cleaned_data["make_default"]:
            for page in Page.objects.order_by("pk"):
                lock(page)
        elif change:
            lock(obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Hosts and the default decide what a page answers."""
        super().save_related(request, form, formsets, change)
        page, by, at = form.instance, actor(request), now()
        if form.cleaned_data["make_default"] and not page.is_default:
            for old in Page.objects.filter(is_default=True).order_by("pk"):
                Page.objects.filter(pk=old.pk).update(is_default=False)
                note_set_up(old, what="no longer the default", by=by, at=at)
            Page.objects.filter(pk=page.pk).update(is_default=True)
            note_set_up(page, what="now the default", by=by, at=at)
        if any(formset.has_changed() for formset in formsets):
            note_set_up(page, what="hosts changed", by=by, at=at)
