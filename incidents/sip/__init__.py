"""SIP as a client meets it (RFC 3261): messages, transports, transactions, certificates.

Rooms: `parser`, `message`, `headers`, `addresses`, `uri`, `via`, `grammar` for the text; `framing` and
`transport` for the wire; `transaction` for retransmission and matching; `tls`, `identity`, `certificate` for
TLS; `resolution` for names. Nothing of ours stands above, so nothing here knows of probes or incidents.
"""
