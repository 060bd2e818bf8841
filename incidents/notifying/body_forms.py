"""An update's body as each kind of channel shows it."""

from incidents.channels.messages import BodyForms
from incidents.domain.texts import BodyFormat
from incidents.formatting.update_chats import update_slack, update_teams
from incidents.formatting.update_texts import update_html


def forms_of(text: str, written: BodyFormat) -> BodyForms:
    """All of its forms but the plain one."""
    return BodyForms(update_html(text, written), update_slack(text, written), update_teams(text, written))
