"""What the set-up tables share: each save is one transaction that locks the page, writes and journals it."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.timezone import now

from incidents.models import Page
from incidents.operations.actors import Actor, staff
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    AnyForm = ModelForm[Any]
else:
    ModelAdmin, AnyForm = admin.ModelAdmin, ModelForm


def actor(request: HttpRequest) -> Actor:
    """Who is at the admin; its own door lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101  (narrows the type, the door has decided)
    return staff(request.user)


def never(*_: object, **__: object) -> bool:
    """A permission that nobody has."""
    return False


class SetUpAdmin(ModelAdmin):
    """A set-up table. Subclasses say which page a row belongs to and which operation makes one.

    Only what was changed is written, since the engines write other columns of the same rows at any time.
    """

    create: Callable[..., Model]
    """`create(row, by=, at=)`: the new row, made by its operation."""
    actions = None
    stamped = True
    """Whether the table has `updated_at`."""
    fixed: tuple[str, ...] = ()
    """Fields that are chosen at creation."""
    later: tuple[str, ...] = ()
    """Fields that creation does not ask for."""
    after: tuple[str, ...] = ()
    """Fields that the operation does not take, written right after it."""

    def page_of(self, row: Any) -> Page:
        """The page whose documents a change of the row touches."""
        page: Page = row.page
        return page

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        """The form with the fields that were chosen at creation greyed out."""
        form = super().get_form(request, obj, change=change, **options)
        for name in self.fixed if change else ():
            form.base_fields[name].disabled = True
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Creation asks for less."""
        names = super().get_fields(request, obj)
        return [name for name in names if obj or name not in self.later]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write and journal, inside the admin's transaction."""
        at, by = now(), actor(request)
        if not change:
            made = self.create(obj, by=by, at=at)
            for name in self.after:
                setattr(made, name, getattr(obj, name))
            made.save(update_fields=self.after)
            obj.pk = made.pk
            obj.refresh_from_db()
        elif form.changed_data:
            columns = {field.name for field in obj._meta.fields}
            self.write(obj, [name for name in form.changed_data if name in columns], by=by, at=at)
            note_set_up(self.page_of(obj), what=f"{obj._meta.verbose_name} {obj} changed", by=by, at=at)

    def write(self, row: Any, names: list[str], *, by: Actor, at: datetime) -> None:  # noqa: ARG002  (for those who ask)
        """Write the changed columns of a row."""
        lock(self.page_of(row))
        if self.stamped:
            row.updated_at = at
            names.append("updated_at")
        row.save(update_fields=names)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete and journal, inside the admin's transaction."""
        page = lock(self.page_of(obj))
        what = f"{obj._meta.verbose_name} {obj} deleted"
        obj.delete()
        note_set_up(page, what=what, by=actor(request), at=now())


class ReadOnlyAdmin(ModelAdmin):
    """Rows to look at: other doors write them."""

    actions = None
    show_full_result_count = False

    has_add_permission = has_change_permission = has_delete_permission = never
