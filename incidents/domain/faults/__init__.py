"""What is wrong with an RFO before it is published: each fault names its line and, where it can, offers the mend."""

from incidents.domain.faults.checking import find_faults
from incidents.domain.faults.fault import Fault, Mend, Rules, Term, Text
from incidents.domain.faults.terms import COMMON_TERMS

__all__ = ["COMMON_TERMS", "Fault", "Mend", "Rules", "Term", "Text", "find_faults"]
