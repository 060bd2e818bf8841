"""For whom a part of an RFO is meant (DESIGN 12)."""

from enum import StrEnum


class Audience(StrEnum):
    """From everybody down to ourselves: whoever may read a narrower mark may read the wider ones too."""

    PUBLIC = "public"
    CUSTOMER = "customer"
    INTERNAL = "internal"

    def may_read(self, mark: "Audience") -> bool:
        """Whether readers of this audience may see what bears the mark."""
        order = list(Audience)
        return order.index(mark) <= order.index(self)
