"""Texts with everything that an update may hold, and with everything that it must not."""

from html.parser import HTMLParser

MARKED = (
    "Calls over **SIP/TLS** fail, see [our guide](https://sipcity.test/tls_(old)?a=1&b=2):\n"
    "- Registration\n"
    "- Calls to `sip:*21*0299#@sipcity.test`\n"
    "\n"
    "1. Switch to UDP\n"
    "2. Dial *21*0299#\n"
    "\n"
    "```\n"
    "transport = udp <default>\n"
    "```"
)
"""Bold, a link, both lists and both kinds of code."""

ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java script:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A&#x61&#x76&#x61script:alert(1))",
    "[x](jav\\ascript:alert(1))",
    "[x](\\javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.test/x)",
    "[x](/console/)",
    "[x](https:evil.test)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    '[x](https://a.test/"onmouseover="alert(1))',
    "[x](https://a.test/'onmouseover='alert(1))",
    '[x](https://a.test "t\\"onmouseover=alert(1)")',
    '[x"onmouseover="alert(1)](https://a.test)',
    "[<script>alert(1)</script>](https://a.test)",
    "![x](javascript:alert(1))",
    '![x](https://a.test/p.png "t")',
    "![<img src=x onerror=alert(1)>](https://a.test/p.png)",
    "`<script>alert(1)</script>`",
    "```<script>\n<script>alert(1)</script>\n```",
    "```\n</code></pre><script>alert(1)</script>",
    "- <script>alert(1)</script>\n- x",
    "**<script>alert(1)</script>**",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[x]: javascript:alert(1)\n\n[x]",
    "<https://a.test/<script>alert(1)</script>>",
    "https://a.test/<script>alert(1)</script>",
    'https://a.test/"onmouseover="alert(1)',
    "<https://a.test/%E2%80%AEgpj.exe>",
    "[x](https://a.test/&#x202E;gpj.exe)",
    "<noc@evil.test?subject=<script>>",
    "<!-- --><script>alert(1)</script><!-- -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "# <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "| a | b |\n|---|---|\n| <script>alert(1)</script> | b |",
    "a\x00[x](java\x00script:alert(1))",
)

ALLOWED = {
    "p": {"dir"},
    "br": set(),
    "strong": set(),
    "code": set(),
    "pre": set(),
    "ul": set(),
    "ol": {"start"},
    "li": {"dir", "value"},
    "a": {"href", "rel"},
    "small": set(),
    "var": {"data-var"},
}
"""Every element and attribute that a text may become; the last two are what a feed puts before it."""


class Harmless(HTMLParser):
    """Fails on an element, an attribute or an address that no text may become."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ALLOWED[tag], (tag, name)
            assert name != "href" or (value or "").startswith(("http://", "https://", "mailto:", "tel:")), (
                value
            )

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def check_harmless(html: str) -> None:
    """Raises AssertionError naming what is not allowed."""
    parser = Harmless()
    parser.feed(html)
    parser.close()


class Inert(HTMLParser):
    """Fails on a handler of events and on an address with a scheme that acts, anywhere in a document."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name != "href" or not (value or "").lower().startswith(
                ("javascript:", "data:", "vbscript:", "file:")
            )


def check_inert(html: str) -> None:
    """Raises AssertionError where something in a whole document acts that a writer has typed."""
    assert "alert(1)</script>" not in html
    parser = Inert()
    parser.feed(html)
    parser.close()
