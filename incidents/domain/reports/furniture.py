"""What a status page's own menus, forms and buttons leave in a copy of the whole page.

Only lines that are known to be such are furniture; any other text that finds no place is a loss.
"""

import re
from collections.abc import Iterable

from incidents.domain.reports.lines import Line, quoted, span
from incidents.domain.reports.report import ReportWarning, furniture, loss

_KNOWN = re.compile(
    r"""
    skip\ to\ (?:main\ )?content
    | subscribe(?:\ to\ (?:updates?|this\ incident))? | subscribed? | unsubscribe | manage\ (?:your\ )?subscriptions?
    | get\ (?:email|text\ message|sms|slack|webhook|incident|atom|rss|\W)*\ ?(?:notifications?|updates?)\b.*
    | get\ the\ .{0,40}\ feed\.? | visit\ our\ support\ site\.?
    | (?:e-?mail(?:\ address)?|phone\ number|country\ code|otp|enter\ otp|webhook\ url):?
    | (?:enter|resend|verify)\ (?:the\ |your\ )?(?:otp|code|e-?mail\ address|mobile\ number)\b.*
    | to\ receive\ sms\ updates\b.* | didn.t\ receive\ the\ otp\b.* | change\ number | edit\ number
    | (?:send|resend)\ otp\b.* | \d*\s*seconds
    | by\ subscribing\b.*\ (?:privacy\ policy|terms)\b.* | this\ site\ is\ protected\ by\ recaptcha\b.*
    | (?:atlassian\ |google\ )?(?:privacy\ policy|terms\ of\ service)(?:\ (?:and|apply)\b.*)?
    | \W*\ ?(?:current\ status|status\ history|incident\ history|back\ to\ (?:status|history|current\ status)
        |show\ all|view\ (?:all|historical\ uptime)|all\ incidents|all\ systems\ operational)
    | powered\ by\b.{0,60}
    | (?:log|sign)\ ?(?:in|out) | report\ (?:a\ |an\ )?(?:problem|issue) | contact(?:\ us)? | support | help | home
    | menu | close | cancel | share | print | copy\ link | follow\ us\b.{0,30} | cookie\ (?:settings|preferences)
    | (?:e-?mail|sms|text\ message|slack|webhook|microsoft\ teams|atom\ feed|rss\ feed|rss|atom|icalendar)
    | (?:\N{COPYRIGHT SIGN}|copyright\b).{0,80}
    | times\ are\ shown\ in | show | my\ time | theme | auto | light | dark | uptime | calendar | api
    | add\ to\ a\ calendar | follow\ this\ (?:incident|maintenance)\ alone | back\ to\ [A-Z][\w+-]*(?:/[\w+-]+){0,2}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST = 250
"""Characters of a line of furniture; a longer one is not looked at."""


def is_furniture(text: str, page_name: str) -> bool:
    """Whether a line is a menu's, a form's or a button's, the page's own name above all, or holds no word at all."""
    line = " ".join(text.split())
    if not line or not any(each.isalnum() for each in line):
        return True
    name = re.escape(page_name) if page_name else "status"
    named = re.compile(
        rf"(?:(?:the )?{name})(?: (?:system )?status(?: page)?)?(?: (?:logo|home))?", re.IGNORECASE
    )
    return len(line) <= _LONGEST and bool(named.fullmatch(line) or _KNOWN.fullmatch(line))


def title_start(above: list[Line], page_name: str) -> int:
    """Where the title begins among the lines above "Incident Report for …".

    A blank line above it, or the beginning of the file, bounds a title that may have been wrapped. In a page that was
    copied without blank lines the furniture bounds it, and only the last line is it.
    """
    start = next((index + 1 for index in reversed(range(len(above))) if not above[index].text), 0)
    known = [index for index in range(start, len(above)) if is_furniture(above[index].text, page_name)]
    within = [index for index in known if index < len(above) - 1]
    return len(above) - 1 if within else start


def left_over(lines: Iterable[Line], page_name: str, *, where: str) -> list[ReportWarning]:
    """The warnings of lines that found no place: one for the furniture, one for what is none."""
    written = [line for line in lines if line.text]
    known = [line for line in written if is_furniture(line.text, page_name)]
    lost = [line for line in written if line not in known]
    found = []
    for left, make in ((known, furniture), (lost, loss)):
        if left:
            words = quoted(" ".join(line.text for line in left), most=_LONGEST)
            found.append(make(left[0].number, f"{where} was left out ({span(left)}): {words}"))
    return found
