"""How an operation says no."""


class Refused(ValueError):
    """The input cannot be carried out; nothing was written. `field` names what to mend, `str()` says how.

    Where several things were asked for at once, `about` is the code of the incident that was refused.
    """

    about = ""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(Refused):
    """Somebody else wrote first; the caller's view is older than the row."""


class Busy(Refused):
    """Nothing is wrong with the input; the server cannot look at it just now."""
