"""API keys as the console lists them: what each is still worth, and why it is worth less than it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from incidents.models import ApiKey
from incidents.models.keys import Scope
from incidents.models.staff import current_rights_of

INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One key. `state` is `valid`, `inactive`, `expired` or `revoked`."""

    key: ApiKey
    state: str
    lost: tuple[str, ...]
    """Its scopes that it opens no longer, since its creator no longer has the right."""
    is_unused: bool

    @property
    def may_be_revoked(self) -> bool:
        """Whether there is anything left to end; rights that come back would make an inactive key valid again."""
        return self.state in {"valid", INACTIVE}


def key_rows(keys: Iterable[ApiKey], *, at: datetime) -> list[KeyRow]:
    """Keys with page and creator selected, in their order: one more query for all of them."""
    keys = list(keys)
    rights = current_rights_of(list({key.made_by.pk: key.made_by for key in keys if key.made_by}.values()))
    rows = []
    for key in keys:
        opened = key.opened_by(rights[key.made_by.pk] if key.made_by else None)
        state = key.state(at)
        if state == "valid" and not opened:
            state = INACTIVE
        lost = tuple(each.value for each in Scope if each.value in key.scopes and each not in opened)
        rows.append(KeyRow(key, state, lost, state == "valid" and key.is_unused(at)))
    return rows
