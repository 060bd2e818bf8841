"""A carrier's RFO as a letter: no `Posted` lines, dates in figures, one sentence for the zone of all its times."""

from incidents.domain.letters.dates import DateOrder
from incidents.domain.letters.reading import LetterContext, RfoLetter, read_rfo_letter

__all__ = ["DateOrder", "LetterContext", "RfoLetter", "read_rfo_letter"]
