"""The demo's three pages: one carrier's brands, each in its own zone, with services and a past of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from incidents.domain.components import ComponentStatus as State
from incidents.domain.incidents import IncidentStatus as Status
from incidents.management.demo import history, outage
from incidents.management.demo.history import Episode


@dataclass(frozen=True, slots=True)
class Brand:
    """A page with its groups of services, those that stand alone, and what happened to them."""

    name: str
    zone: str
    groups: Mapping[str, Sequence[str]]
    alone: Sequence[str]
    episodes: Sequence[Episode]

    @property
    def host(self) -> str:
        """A name that browsers take for this machine without asking anybody (RFC 6761, 6.3)."""
        return f"{self.name.lower()}.localhost"


SIPCITY = Brand(
    outage.PAGE,
    outage.ZONE,
    {
        outage.PLATFORM: (
            "Network",
            "Registration",
            "Inbound calls",
            "Outbound calls",
            "Presence and BLF",
            "Push notifications",
        )
    },
    (outage.PBX, "Number porting", "Arena customer portal"),
    history.EPISODES,
)
TALK = Brand(
    "2talk",
    "Pacific/Auckland",
    {
        "2talk Calling": (
            "Registrations",
            "Calls within New Zealand",
            "Calls abroad",
            "Emergency calls (111)",
        ),
        "2talk Apps": ("Mobile app", "Web portal", "Fax to e-mail"),
    },
    ("Broadband",),
    (
        Episode(
            64,
            time(13, 20),
            "Mobile app shows calls as missed",
            {"Mobile app": State.DEGRADED_PERFORMANCE},
            (
                (
                    0,
                    Status.INVESTIGATING,
                    "The app lists answered calls as missed ones. The calls themselves are fine.",
                ),
                (
                    31,
                    Status.IDENTIFIED,
                    "An update of the app's server writes the wrong mark; we are taking it back.",
                ),
                (55, Status.RESOLVED, "New calls are listed rightly. Old entries keep their wrong mark."),
            ),
        ),
        Episode(
            37,
            time(8, 55),
            "Faxes arrive late by e-mail",
            {"Fax to e-mail": State.PARTIAL_OUTAGE},
            (
                (
                    0,
                    Status.INVESTIGATING,
                    "Faxes that came in since 8 this morning have not reached mailboxes yet.",
                ),
                (22, Status.IDENTIFIED, "A full disk stopped the conversion to PDF. No fax is lost."),
                (48, Status.RESOLVED, "All faxes of this morning have been sent on."),
            ),
        ),
    ),
)
VAITEL = Brand(
    "Vaitel",
    # The American brand: the RFO of October 2021 speaks of the US brands that had moved a month before. Of three zones
    # this one has the other hemisphere's summer time, and mostly another date than Sydney and Auckland.
    "America/New_York",
    {
        "SIP trunking": ("East coast proxies", "West coast proxies", "Toll-free numbers", "Messaging (SMS)"),
        "Hosted PBX": ("Phones", "Voicemail", "Call recording"),
    },
    ("Customer portal",),
    (
        Episode(
            71,
            time(10, 12),
            "Text messages delayed to some networks",
            {"Messaging (SMS)": State.DEGRADED_PERFORMANCE},
            (
                (
                    0,
                    Status.INVESTIGATING,
                    "Text messages to two mobile networks arrive up to ten minutes late.",
                ),
                (
                    45,
                    Status.MONITORING,
                    "Our aggregator moved this traffic to another gateway; the backlog shrinks.",
                ),
                (80, Status.RESOLVED, "Messages arrive within seconds again."),
            ),
        ),
        Episode(
            26,
            time(15, 40),
            "Toll-free calls ending in busy",
            {"Toll-free numbers": State.PARTIAL_OUTAGE, "East coast proxies": State.DEGRADED_PERFORMANCE},
            (
                (0, Status.INVESTIGATING, "About one in three calls to toll-free numbers hears a busy tone."),
                (
                    18,
                    Status.IDENTIFIED,
                    "One carrier sends all of its toll-free calls to a single proxy in the east.",
                ),
                (29, Status.MONITORING, "The carrier spreads its calls over both coasts again."),
                (95, Status.RESOLVED, "No call has been turned away for an hour."),
            ),
        ),
    ),
)
BRANDS = (SIPCITY, TALK, VAITEL)
"""The first is the default page."""
