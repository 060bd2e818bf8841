"""The clocks that we ship, each with its source, the day on which that was read, and how certain it is.

Source: shared reference `rfo-practice.md`, section 3.4. A page keeps its own copies, which it may change.
"""

from datetime import date

from incidents.domain.clocks import Anchor, Certainty, Duty, Obligation, Preset

CHECKED = date(2026, 11, 20)
HOUR, DAY = 60, 24 * 60
_OUTAGE = ("scale", "likely cause", "areas", "services", "estimated time to rectify", "where to get help")


def _updates(every: int, *, minor: int | None = None) -> Obligation:
    return Obligation(
        "updates", Duty.UPDATES, Anchor.DETECTED, "Regular updates", every=every, every_minor=minor
    )


def _australian(key: str, title: str, applies: str, certainty: Certainty, anchor: Anchor) -> Preset:
    """The Customer Communications for Outages Standard: "as soon as practicable", then a fixed cadence."""
    return Preset(
        key,
        title,
        "Telecommunications (Customer Communications for Outages) Industry Standard 2024, F2024L01447, as varied by "
        "F2025L00527",
        CHECKED,
        certainty,
        applies,
        (
            Obligation(
                *("public", Duty.FIRST_NOTICE, anchor, "Tell customers and the public"),
                minutes=30,
                channel="page, web site, call centre, social media",
                content=_OUTAGE,
                is_ours=True,
            ),
            Obligation(
                *(
                    "stakeholders",
                    Duty.PARTNERS,
                    anchor,
                    "Tell other carriers and the stakeholders of section 10",
                ),
                minutes=30,
                channel="e-mail and phone",
                content=_OUTAGE,
                is_ours=True,
            ),
            Obligation(
                *("updates", Duty.UPDATES, anchor, "Updates every 6 h, after a day every 24 h"),
                every=6 * HOUR,
                after_minutes=DAY,
                then_every=DAY,
                content=_OUTAGE,
            ),
            Obligation(
                *("rectified", Duty.RESOLVED_NOTICE, Anchor.RESTORED, "Say that it is rectified"),
                minutes=HOUR,
                is_ours=True,
            ),
        ),
    )


def _reports(key: str, title: str, applies: str, *obligations: Obligation) -> Preset:
    return Preset(key, title, "47 CFR Part 4 (4.9, 4.11)", CHECKED, Certainty.HIGH, applies, obligations)


def _authority(key: str, anchor: Anchor, title: str, minutes: int, *content: str) -> Obligation:
    return Obligation(key, Duty.AUTHORITY, anchor, title, minutes=minutes, content=content)


_NORS_FINAL = _authority(
    "final", Anchor.REPORTABLE, "NORS final report", 30 * DAY, "root cause", "prevention"
)

PRESETS = (
    Preset(
        "rfo-standard",
        "Good practice for outages and their RFO",
        "Published practice of carriers: 24 to 72 hours for a first account, 5 to 10 business days for the final one",
        CHECKED,
        Certainty.PRACTICE,
        "Every outage",
        (
            Obligation("first", Duty.FIRST_NOTICE, Anchor.DETECTED, "First public notice", minutes=15),
            _updates(HOUR, minor=4 * HOUR),
            Obligation("resolved", Duty.RESOLVED_NOTICE, Anchor.RESTORED, "Say that it is over", minutes=30),
            Obligation(
                "preliminary", Duty.PRELIMINARY_RFO, Anchor.RESOLVED, "Preliminary RFO", minutes=3 * DAY
            ),
            Obligation("final", Duty.FINAL_RFO, Anchor.RESOLVED, "Final RFO", workdays=5),
            Obligation(
                "actions", Duty.ACTION_REVIEW, Anchor.FINAL_RFO, "Review of the actions", minutes=30 * DAY
            ),
        ),
    ),
    Preset(
        "reseller-sev1",
        "Severity 1 towards resellers",
        "Published support terms of a wholesale carrier (Severity 1)",
        CHECKED,
        Certainty.PRACTICE,
        "Outages that resellers pass on",
        (
            Obligation("response", Duty.RESPONSE, Anchor.DETECTED, "First response", minutes=15),
            _updates(HOUR),
        ),
    ),
    _australian(
        "au-major",
        "Australia: major outage",
        "100,000 services or all of a state, expected to last over 60 minutes",
        Certainty.HIGH,
        Anchor.DETECTED,
    ),
    _australian(
        "au-sig-local",
        "Australia: significant local outage",
        "250 remote services for 3 hours, or 1,000 regional ones for 6",
        Certainty.HIGH,
        Anchor.DETECTED,
    ),
    _australian(
        "au-csp-downstream",
        "Australia: a provider whose carrier is out",
        "From the carrier's notice on",
        Certainty.MEDIUM,
        Anchor.CARRIER_NOTICE,
    ),
    Preset(
        "au-ecs-report",
        "Australia: report on emergency calls",
        "Emergency Call Service Determination 2019 as amended by F2025L00528",
        CHECKED,
        Certainty.LOW,
        "Major outages that hit calls to 000; the number of days is not known to us, set it yourself",
        (
            Obligation(
                *("report", Duty.EMERGENCY, Anchor.RESOLVED, "Report to ACMA and the Department"),
                content=("cause", "steps", "number of calls", "prevention"),
            ),
        ),
    ),
    _reports(
        "us-ivoip-911",
        "USA: interconnected VoIP, 911 affected",
        "30 minutes or more, potentially affecting a 911 special facility",
        Obligation("psap", Duty.EMERGENCY, Anchor.DETECTED, "Notify 911 and 988 facilities", minutes=30),
        Obligation("psap2", Duty.EMERGENCY, Anchor.FIRST_CONTACT, "Follow-up to them", minutes=2 * HOUR),
        _authority("notification", Anchor.REPORTABLE, "NORS notification", 4 * HOUR),
        _NORS_FINAL,
    ),
    _reports(
        "us-ivoip-general",
        "USA: interconnected VoIP",
        "Complete loss, 900,000 user-minutes or special offices",
        _authority("notification", Anchor.REPORTABLE, "NORS notification", DAY),
        _NORS_FINAL,
    ),
    _reports(
        "us-wireline",
        "USA: wireline",
        "30 minutes and 900,000 user-minutes, or a special facility",
        _authority("notification", Anchor.REPORTABLE, "NORS notification", 2 * HOUR),
        _authority("initial", Anchor.REPORTABLE, "NORS initial report", 3 * DAY),
        _NORS_FINAL,
    ),
    Preset(
        "uk-105k",
        "United Kingdom: report to Ofcom",
        "Communications Act 2003 s 105K; Ofcom's guidance is under revision in 2026",
        CHECKED,
        Certainty.LOW,
        "Security compromises with a significant effect",
        (
            _authority("urgent", Anchor.REPORTABLE, "Urgent report", 3 * HOUR),
            _authority("other", Anchor.REPORTABLE, "Report of the others", 3 * DAY),
        ),
    ),
    Preset(
        "eu-nis2",
        "European Union: NIS2",
        "Directive (EU) 2022/2555, Article 23(4); national law differs",
        CHECKED,
        Certainty.HIGH,
        "Significant incidents",
        (
            _authority("warning", Anchor.REPORTABLE, "Early warning", DAY),
            _authority("notification", Anchor.REPORTABLE, "Incident notification", 3 * DAY),
            _authority("final", Anchor.NOTIFIED, "Final report", 30 * DAY),
        ),
    ),
    Preset(
        "nz-none",
        "New Zealand: voluntary",
        "Commission 111 Contact Code (26 June 2024): no outage clock",
        CHECKED,
        Certainty.HIGH,
        "A reminder that no federal clock exists; only good practice is owed",
        (),
    ),
)
