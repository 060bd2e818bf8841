"""Names of this trade as their owners write them; a page adds its own."""

from incidents.domain.faults.fault import Term

COMMON_TERMS = (
    Term("OpenSIPS", ("OpenSIP", "Open SIPS")),
    Term("OpenSSL", ("Open SSL",)),
    Term("Kamailio"),
    Term("Asterisk"),
    Term("FreeSWITCH", ("Free Switch",)),
    Term("RTPengine", ("RTP engine",)),
    Term("E.164", ("E164", "E-164")),
    Term("WebRTC", ("Web RTC",)),
    Term("PostgreSQL", ("Postgre SQL",)),
    Term("Kubernetes"),
    Term("SIPp"),
)
