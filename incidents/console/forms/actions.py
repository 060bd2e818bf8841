"""A promise, as a form."""

from django import forms

from incidents.console.forms.pages import RefusingForm
from incidents.console.forms.rfo_rows import READERS
from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import ActionKind
from incidents.domain.texts import NAME_LIMIT
from incidents.formatting.words import ACTION_KIND
from incidents.operations.actions import LINE


class ActionForm(RefusingForm):
    """What will be done, by whom, by when."""

    what = forms.CharField(
        label="What will be done", max_length=LINE, error_messages={"required": "Say what will be done."}
    )
    owner = forms.CharField(
        max_length=NAME_LIMIT, required=False, help_text="Who answers for it: a role, or a team."
    )
    due = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    kind = forms.ChoiceField(
        choices=[(each.value, words) for each, words in ACTION_KIND.items()],
        initial=ActionKind.PREVENTIVE.value,
    )
    audience = forms.ChoiceField(
        label="For",
        choices=[(each.value, words) for each, words in READERS.items()],
        initial=Audience.PUBLIC.value,
    )
