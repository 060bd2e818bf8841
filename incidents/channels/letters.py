"""A notice as mail: rendered once, then addressed to each recipient (RFC 5322, 2369, 2919, 3834, 8058)."""

import re
import secrets
from email.mime.image import MIMEImage
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.utils.html import escape

from incidents.channels.messages import Notice, Recipient
from incidents.channels.wire import LINE_LIMIT, on_the_wire

_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_LINKS = ("leave_url", "manage_url", "action_url")
_SLOTS = ("key", "address", *_LINKS)
_HIDING = frozenset({"quoted-printable", "base64"})
_PLAIN = re.compile(r"[A-Za-z0-9:/?#@!$()*+,;=._~%{}|^`\[\]-]*")
"""What is the same in a header, in text and in HTML."""


class Mail(EmailMultiAlternatives):
    """A mail whose header lines are not folded at 78: a link alone on a folded line is lost on some clients."""

    def message(self, **options: Any) -> Any:
        """As Django makes it, with RFC 5322's own limit."""
        made: Any = super().message(**options)
        made.policy = made.policy.clone(max_line_length=LINE_LIMIT)
        return made


class _Illustrated(Mail):
    """A mail with the logo that its HTML shows, both in one multipart/related (RFC 2387)."""

    mixed_subtype = "related"


class Letter:
    """One notice in text and HTML, with blanks where each recipient's own links go."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._host = notice.naming
        name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
        self.sender = sanitize_address(address, "utf-8")
        """The envelope's sender, to whom bounces come."""
        self._from = formataddr((one_line(notice.page_name) or name, self.sender))
        # Random, so that no words of an update can stand for somebody's link.
        self._blanks = {link: f"{link}-{secrets.token_hex(8)}" for link in _LINKS}
        # A picture of the mail's own (RFC 2392): one at an address would tell the page who opens which mail, and when.
        self._logo = f"logo@{self._host}" if notice.brand.logo else ""
        facts = {"notice": notice, "logo": self._logo, **self._blanks}
        self._text = render_to_string("mail/notice.txt", facts)
        self._html = render_to_string("mail/notice.html", facts)
        self._form = self._printed()

    def to(self, recipient: Recipient) -> Mail:
        """The message for one recipient; its Message-ID is the same at every attempt."""
        text, page = str(self._text), str(self._html)
        for link, blank in self._blanks.items():
            url: str = getattr(recipient, link)
            text, page = text.replace(blank, url), page.replace(blank, escape(url))
        message = (_Illustrated if self._logo else Mail)(
            subject=one_line(self._notice.subject),
            body=text,
            from_email=self._from,
            to=[recipient.address],
            headers=self._headers(recipient),
        )
        message.attach_alternative(page, "text/html")
        if self._logo:
            message.attach(self._picture())
        return message

    def _picture(self) -> MIMEImage:
        picture = MIMEImage(self._notice.brand.logo, "png")
        picture["Content-ID"] = f"<{self._logo}>"
        picture["Content-Disposition"] = "inline"
        return picture

    def wire(self, recipient: Recipient) -> bytes:
        """The same message as SMTP carries it: what was printed once, with this recipient's words in its blanks."""
        words = {slot: getattr(recipient, slot) for slot in _SLOTS}
        if not self._form or not all(map(_PLAIN.fullmatch, words.values())):
            return on_the_wire(self.to(recipient).message().as_bytes())
        filled = {slot: word.encode() for slot, word in words.items()}
        return b"".join(filled[part] if isinstance(part, str) else part for part in self._form)

    def _printed(self) -> list[bytes | str]:
        """The message as bytes and, where a recipient's words go, their names; empty where an encoding would hide
        them."""
        blanks = {slot: f"{secrets.token_hex(12)}.invalid" for slot in _SLOTS}
        blanks["address"] = f"{secrets.token_hex(8)}@{blanks['address']}"
        message = self.to(Recipient(secrets=(), **blanks)).message()
        texts = [part for part in message.walk() if part.get_content_maintype() == "text"]
        if any(part["Content-Transfer-Encoding"] in _HIDING for part in texts):
            return []
        slots = {blank.encode(): slot for slot, blank in blanks.items()}
        pattern = re.compile(b"(%s)" % b"|".join(map(re.escape, slots)))
        return [slots.get(part, part) for part in pattern.split(on_the_wire(message.as_bytes()))]

    def _headers(self, recipient: Recipient) -> dict[str, str]:
        # Every mail of an incident, the first one too, refers to a root that is nobody's Message-ID: so clients thread
        # them even when the first one was never delivered.
        root = f"<{self._notice.root}@{self._host}>"
        found = {
            "Message-ID": f"<{recipient.key}@{self._host}>",
            "In-Reply-To": root,
            "References": root,
            "Auto-Submitted": "auto-generated",
        }
        if self._notice.for_admins:
            return found
        return found | {
            "List-Id": f"<updates.{self._host}>",
            "List-Unsubscribe": f"<{recipient.leave_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }


def one_line(text: str) -> str:
    """The text as it may stand in a header: no line break or control character, one space between words."""
    return _BREAKS.sub(" ", text).strip()
