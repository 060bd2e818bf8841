"""The October 2021 migration outage: the true facts and instants, our own words, a role in place of a name."""

from datetime import UTC, datetime

from incidents.domain.incidents import IncidentStatus as Status
from incidents.domain.reports import AffectedComponent, Report, ReportRfo, ReportUpdate

PAGE = "SIPcity"
ZONE = "Australia/Sydney"
PLATFORM = "SIPcity Calling Platform"
PBX = "SIPcity Cloud PBX"

RFO = """\
## Summary

On Saturday 9 October 2021 we moved our Australian network from Asterisk to OpenSIPS, the last step of a project that \
put all services on highly available containers. From 08:22 AEDT registrations and calls failed for many customers. \
Calling was back at 11:11 AEDT; some features followed later. We called the incident resolved on 10 October at \
12:49 AEDT.

## What customers saw

Phones that register over **TCP or TLS** could not register, and calls to and from them failed. Phones on UDP were hit \
less, which is why a simple UDP check would have told us that all was well. Arena was closed on purpose while we worked.

## Root cause

One customer's TLS certificate was malformed. It stands for less than 1 % of registered users. Under load it upset the \
OpenSSL module of the new proxies, and with it the whole TCP stack that every TCP and TLS customer shares. Finding the \
stack took us a short time; finding the one certificate took eight hours more, with help from the OpenSIPS developers.

## Why we did not go back

Going back would not have removed the certificate: it would have failed the next attempt in the same way. We had done \
the same move for our US brands a month before, without this fault, and four engineers who knew the platform were on it.

## What came after

- A group of PBXs answered authentication challenges (401) in ways that RFC 3261 does not allow, and presented numbers \
other than in E.164.
- Call forwarding was evaluated in another order than in the US, until we aligned the two.

## What we change

| Action | Owner | State |
|---|---|---|
| Check every stored certificate with two independent parsers before it is loaded | Voice engineering | Done |
| Probe UDP, TCP and TLS apart, from outside, every 30 seconds | Network operations | Done |
| Post updates with the time of the next one | Service desk | Done |
| Publish an RFO within five business days | Chief executive | Agreed |

The people who run this network are sorry for the weekend that you had.
"""

_WORDS = (
    (
        datetime(2021, 10, 8, 21, 22, tzinfo=UTC),
        Status.INVESTIGATING,
        "During this morning's migration to our new SIP platform the TCP side stopped accepting connections. "
        "Registrations and calls are failing. Our engineers are on it.",
    ),
    (
        datetime(2021, 10, 8, 22, 26, tzinfo=UTC),
        Status.IDENTIFIED,
        "The fault is in the TCP stack of the new platform, and we are working around it.\n"
        "We have closed Arena for the time being.",
    ),
    (
        datetime(2021, 10, 9, 0, 11, tzinfo=UTC),
        Status.IDENTIFIED,
        "Registrations and calls work again.\nQueues and a few other features do not yet; they are next.",
    ),
    (
        datetime(2021, 10, 9, 1, 58, tzinfo=UTC),
        Status.MONITORING,
        "A fix is in place on all proxies. We are watching registrations, calls and features.",
    ),
    (
        datetime(2021, 10, 10, 1, 49, tzinfo=UTC),
        Status.RESOLVED,
        "The platform has been stable for a day. This incident is resolved; a full account follows as an RFO.",
    ),
    (datetime(2021, 10, 29, 3, 12, tzinfo=UTC), Status.POSTMORTEM, RFO),
)


def report() -> Report:
    """The outage in the form in which reports are imported."""
    updates = tuple(
        ReportUpdate(at=at, status=status, label_given=True, body=body, line=number)
        for number, (at, status, body) in enumerate(_WORDS, start=1)
    )
    return Report(
        title="Calling outage after the move to OpenSIPS",
        page_name=PAGE,
        zone=ZONE,
        updates=updates,
        affected=(AffectedComponent(PLATFORM, "Network"), AffectedComponent(None, PBX)),
        rfo=ReportRfo(
            at=updates[-1].at, body=RFO, signature_name="The Chief Executive", signature_title="SIPcity"
        ),
        warnings=(),
    )
