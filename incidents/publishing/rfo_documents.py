"""An RFO version as JSON, as Markdown, and the checksums of all its files (DESIGN 12); its PDF is `rfo_print.py`."""

import hashlib
import json
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from incidents.formatting.times import iso_ms, posted
from incidents.formatting.words import RFO, approvals
from incidents.publishing.rfo_parts import as_text
from incidents.publishing.subjects import (
    Subject,
    attachment_path,
    form_path,
    publisher_of,
    title_of,
    version_path,
)

UTC = ZoneInfo("UTC")
FILE = "{number}-v{version}"
"""Under which name, before its ending, a form of a version is saved."""


def as_json(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>.json`: `sha256` is that of its `facts` as canonical JSON, which the help explains."""
    page, incident, version = subject.snapshot.page, subject.the_incident, subject.the_rfo
    found: dict[str, Any] = {
        "number": version.number,
        "version": version.version,
        "kind": version.kind.value,
        "url": f"{page.url}{form_path(subject, version)}",
        "page": {
            "code": page.code,
            "name": publisher_of(subject, version),
            "url": page.url,
            "time_zone": page.zone_name,
        },
        "incident": {
            "code": incident.code,
            "title": title_of(subject, version),
            "url": f"{page.url}/incidents/{incident.code}",
        },
        "published_at": iso_ms(version.published_at, UTC),
        "published_at_local": iso_ms(version.published_at, page.zone),
        "signatory": {"name": version.signatory_name, "title": version.signatory_title},
        "signed_at": iso_ms(version.signed_at, UTC) if version.signed_at else None,
        "change_summary": version.change_summary or None,
        "audience": version.audience.value,
        "body": version.body,
        "content": version.content.as_json(),
        "attachments": [
            {
                "name": each.name,
                "media_type": each.media_type,
                "size": each.size,
                "sha256": each.sha256,
                "url": f"{page.url}{quote(attachment_path(each))}",
            }
            for each in version.attachments
        ],
        "sha256": version.sha256,
        "previous_sha256": version.previous_sha256 or None,
        "facts": version.facts(incident.code),
    }
    if version.approvals:  # a version from before they were recorded keeps the bytes that it had
        found["approvals"] = {"required": version.approvals.required, "given": version.approvals.given}
    return json.dumps(found, ensure_ascii=False, indent=2).encode() + b"\n"


def as_markdown(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>.md`: a heading that says what it is, then the letter and what stands beside it."""
    version = subject.the_rfo
    head = [f"# {title_of(subject, version)}", "", *_head(subject), "", "---", ""]
    return "\n".join([*head, as_text(version, subject.snapshot.page.zone), ""]).encode()


def sums(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>/SHA256SUMS`: for `sha256sum -c` beside the files as browsers save them.

    The PDF is among them as soon as it is made.
    """
    version, name = subject.the_rfo, FILE.format(**subject.names())
    found = {
        f"{name}.json": _digest(as_json(subject)),
        f"{name}.md": _digest(as_markdown(subject)),
        f"{name}.pdf": subject.prints.get(f"{version_path(version)}.pdf"),
        **{each.name: each.sha256 for each in version.attachments},
    }
    return "".join(f"{digest}  {name}\n" for name, digest in found.items() if digest).encode()


def _head(subject: Subject) -> list[str]:
    version, page = subject.the_rfo, subject.snapshot.page
    told = version.approvals
    name = ", ".join(filter(None, (version.signatory_name, version.signatory_title)))
    how = "Signed by" if version.signed_at else "In the name of"
    published = f"{posted(version.published_at, page.zone)} ({posted(version.published_at, UTC)})"
    lines = [
        f"Reason for outage: {version.number}, version {version.version} ({RFO[version.kind].lower()})",
        f"Published: {published} by {publisher_of(subject, version)}",
        f"Approvals: {approvals(told.required, told.given)}" if told else "",
        f"{how}: {name}" if name else "",
        f"Signed: {posted(version.signed_at, page.zone)}" if version.signed_at else "",
        f"Changed in version {version.version}: {version.change_summary}" if version.change_summary else "",
        f"Address: <{page.url}{form_path(subject, version)}>",
        f"SHA-256 of this version: `{version.sha256}`",
    ]
    return [f"- {line}" for line in lines if line]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
