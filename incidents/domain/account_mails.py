"""Mails about a staff account: what they tell its owner, and how long one is tried."""

from enum import StrEnum


class AccountMailKind(StrEnum):
    """What happened to an account, or was asked for it."""

    PASSWORD_LINK = "password_link"  # noqa: S105  (a name, no secret)
    INVITATION = "invitation"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (as above)
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES = "recovery_codes"
    CODES_GUESSED = "codes_guessed"
    ADDRESS_CHANGED = "address_changed"


WITH_LINK = frozenset({AccountMailKind.PASSWORD_LINK, AccountMailKind.INVITATION})
"""Kinds that carry a link to choose a password: they go to the account's present address or nowhere."""
SUBJECTS = {
    AccountMailKind.PASSWORD_LINK: "Choose a password",
    AccountMailKind.INVITATION: "Invitation to {where}: choose a password",
    AccountMailKind.PASSWORD_CHANGED: "Your password was changed",
    AccountMailKind.FACTOR_ADDED: "A second factor was added to your account",
    AccountMailKind.FACTOR_REMOVED: "A second factor was removed from your account",
    AccountMailKind.RECOVERY_CODES: "New recovery codes were made for your account",
    AccountMailKind.CODES_GUESSED: "Somebody enters wrong codes for your account",
    AccountMailKind.ADDRESS_CHANGED: "The address of your account was changed",
}
