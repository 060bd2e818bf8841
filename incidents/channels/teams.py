"""Microsoft Teams, by a workflow's webhook: one adaptive card an event.

Source: Microsoft's documentation of workflows in Teams and of adaptive cards (schema 1.4, 28 kB a message).
"""

import json
import re

from incidents.channels.messages import Kind, Notice, Parcel, Recipient
from incidents.channels.texts import shortened
from incidents.channels.webhook import normalise, posts

BODY_LIMIT = 6000
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")


def pack(notice: Notice, recipient: Recipient) -> Parcel:
    """The message; nothing in it is one recipient's own but its id."""
    headers = {"Content-Type": "application/json", "webhook-id": recipient.key}
    return Parcel(json.dumps(message(notice)).encode(), headers)


def message(notice: Notice) -> dict[str, object]:
    """The card: what, how it stands, the words, what is affected, when, and the way to the page."""
    blocks = [
        _block(notice.page_name, isSubtle=True, size="Small"),
        _block(notice.headline, weight="Bolder", size="Large"),
        _block(notice.heading if notice.heading not in {notice.title, notice.state} else "", weight="Bolder"),
        _block(notice.next_update, weight="Bolder"),
        _body(notice),
        _block(notice.window),
        _block(notice.states),
        _block(notice.posted, isSubtle=True, size="Small"),
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [block for block in blocks if block["text"]],
        "actions": [{"type": "Action.OpenUrl", "title": notice.open_label, "url": notice.url}],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "summary": notice.subject, "attachments": [attachment]}


def _body(notice: Notice) -> dict[str, object]:
    """What its author formatted; one that has to be cut is cut as plain text, because half a mark is none."""
    if notice.forms and len(notice.forms.teams) <= BODY_LIMIT:
        return {"type": "TextBlock", "text": notice.forms.teams, "wrap": True}
    return _block(notice.body)


def _block(text: str, **look: object) -> dict[str, object]:
    """A paragraph that means what it says: no mark of its Markdown is one."""
    plain = _MARKS.sub(r"\\\1", shortened(text, BODY_LIMIT)).replace("\n", "\n\n")
    return {"type": "TextBlock", "text": plain, "wrap": True, **look}


TEAMS = Kind(
    name="teams",
    label="Microsoft Teams",
    normalise=normalise,
    open=posts(pack),
    hint="https://….logic.azure.com/workflows/…",
    is_machine=True,
)
