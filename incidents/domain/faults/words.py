"""Words that should not be read by customers, or not like this."""

import difflib
import re
from collections.abc import Iterator

from incidents.domain.audiences import Audience
from incidents.domain.faults.fault import Draft, Fault, Mend, Rules, Term, excerpt

_PLACEHOLDER = re.compile(
    r"\b(?:TB[DCA]|TO[D]O|FIX[M]E|X{3,}|lorem ipsum)\b|_{3,}|\?{3,}|\{\{?[^{}\n]{0,60}\}\}?"
    r"|\[(?:insert|add|name|date|time|tbd|todo|xx)[^\]\n]{0,60}\](?!\()|<(?:insert|name|date|time)[^>\n]{0,40}>",
    re.IGNORECASE,
)
_NO_NOUN = re.compile(
    r"\b(?:we|have|has|had|been|was|were|is)(?: \w+)? (?P<verb>identified|isolated|found|located|fixed|pinpointed) "
    r"(?P<place>within|in|inside|on|at|with)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"\b(?:an? (?:technical|unforeseen|unexpected)? ?(?:issue|glitch|hiccup)|some (?:legacy |initial )?issues"
    r"|technical difficulties|software issue|the (?:issue|problem) was (?:resolved|fixed))\b",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
    r"|[\w-]+(?:\.[\w-]+)*\.(?:internal|local|lan|corp|intra))\b"
    r"|\b(?:internal only|not for (?:customers|publication|distribution)|do not publish|confidential)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][\w.-]*\w")
_SHINGLE = 6
"""So many words in a row from a hidden text are no accident."""
_CLOSE = 0.85
_SHORTEST = 6
"""Letters of a name of which near misses are looked for."""


def placeholders(draft: Draft, rules: Rules) -> Iterator[Fault]:  # noqa: ARG001  (all checks are alike)
    """What the author meant to fill in."""
    for text, number, found in draft.match(_PLACEHOLDER):
        yield Fault(
            "placeholder",
            text.place,
            number,
            excerpt(found.string, *found.span()),
            f"{found.group()} is still to be filled in.",
            blocks=True,
        )


def internal_words(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """Names, addresses and sentences that the readers of a text must not see."""
    listed = [re.escape(word) for word in rules.internal_words if word.strip()]
    patterns = [_PRIVATE]
    if listed:
        patterns.append(re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE))
    for pattern in patterns:
        for text, number, found in draft.match(pattern):
            if text.audience != Audience.INTERNAL:
                yield Fault(
                    "internal",
                    text.place,
                    number,
                    excerpt(found.string, *found.span()),
                    f"{found.group()} is for ourselves. Take it out, or move it to an internal section.",
                    blocks=True,
                )
    yield from _leaks(draft, rules)


def _leaks(draft: Draft, rules: Rules) -> Iterator[Fault]:
    secret = {shingle for hidden in rules.hidden for shingle, _ in _shingles(hidden)}
    if not secret:
        return
    for text in draft.texts:
        if text.audience != Audience.PUBLIC:
            continue
        for number, line in text.lines():
            found = next(((start, end) for words, (start, end) in _shingles(line) if words in secret), None)
            if found:
                yield Fault(
                    "internal",
                    text.place,
                    number,
                    excerpt(line, *found),
                    "These words also stand in a section that the public may not read. Write them anew, or open "
                    "that section.",
                    blocks=True,
                )


def _shingles(text: str) -> Iterator[tuple[tuple[str, ...], tuple[int, int]]]:
    words = list(re.finditer(r"\w+", text))
    for place in range(len(words) - _SHINGLE + 1):
        run = words[place : place + _SHINGLE]
        yield tuple(word.group().casefold() for word in run), (run[0].start(), run[-1].end())


def misspellings(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """Names that their owners write otherwise: OpenSIPs, OpenSIP, Opensips."""
    wrong = _wrong(rules.terms)
    right = {term.name for term in rules.terms}
    spaced = [re.escape(each) for term in rules.terms for each in term.wrong if " " in each]
    pattern = re.compile(
        rf"\b(?:{'|'.join(spaced)})\b|{_WORD.pattern}" if spaced else _WORD.pattern, re.IGNORECASE
    )
    near: dict[str, str | None] = {}
    for text, number, found in draft.match(pattern):
        word = found.group()
        if word in right or _is_part_of_address(found):
            continue
        if word not in near:
            near[word] = wrong.get(word.casefold()) or _near(word, rules.terms)
        meant = near[word]
        if meant and word != meant:
            yield Fault(
                "spelling",
                text.place,
                number,
                excerpt(found.string, *found.span()),
                f"{word} is written {meant}.",
                (Mend(word, meant),),
            )


def _wrong(terms: tuple[Term, ...]) -> dict[str, str]:
    found = {term.name.casefold(): term.name for term in terms}
    return found | {each.casefold(): term.name for term in terms for each in term.wrong}


def _near(word: str, terms: tuple[Term, ...]) -> str | None:
    """A slip of a letter; a word with another ending ("Asterisks") is one of its own."""
    if len(word) < _SHORTEST or not any(letter.isupper() for letter in word):
        return None
    for term in terms:
        if len(term.name) < _SHORTEST or abs(len(word) - len(term.name)) > 1 or word[0] != term.name[0]:
            continue
        a, b = word.casefold(), term.name.casefold()
        if a != f"{b}s" and difflib.SequenceMatcher(None, a, b).ratio() >= _CLOSE:
            return term.name
    return None


def _is_part_of_address(found: re.Match[str]) -> bool:
    """`opensips.org` and `support@sipcity.example` are written as they are."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:2]
    inside = "." in found.group()[1:-1] and not found.group()[:1].isupper()
    return before in {"@", "/", ":", "`"} or after[:1] in {"@", "/", "`"} or inside


def empty_nouns(draft: Draft, rules: Rules) -> Iterator[Fault]:  # noqa: ARG001
    """`we identified within the TCP stack`: identified what? And words that say nothing."""
    for text, number, found in draft.match(_NO_NOUN):
        yield Fault(
            "noun",
            text.place,
            number,
            excerpt(found.string, *found.span()),
            f"“{found['verb']} {found['place']}” does not say what was {found['verb']}.",
        )
    for text, number, found in draft.match(_VAGUE):
        yield Fault(
            "noun",
            text.place,
            number,
            excerpt(found.string, *found.span()),
            f"“{found.group()}” tells a customer nothing. Say what failed.",
        )
