"""What is said where a script gives a status and no words of its own: Statuspage's sentences."""

from collections.abc import Mapping

from incidents.domain.incidents import IncidentStatus
from incidents.operations.maintenances import BEGUN, COMPLETED

FOLLOWING: Mapping[IncidentStatus, str] = {
    IncidentStatus.INVESTIGATING: "We are continuing to investigate this issue.",
    IncidentStatus.IDENTIFIED: "The issue has been identified and a fix is being implemented.",
    IncidentStatus.MONITORING: "A fix has been implemented and we are monitoring the results.",
    IncidentStatus.RESOLVED: "This incident has been resolved.",
    IncidentStatus.SCHEDULED: "This maintenance remains scheduled.",
    IncidentStatus.IN_PROGRESS: BEGUN,
    IncidentStatus.VERIFYING: "Verification is currently underway for the maintenance items.",
    IncidentStatus.COMPLETED: COMPLETED,
}
OPENING: Mapping[IncidentStatus, str] = {
    **FOLLOWING,
    IncidentStatus.INVESTIGATING: "We are currently investigating this issue.",
    IncidentStatus.SCHEDULED: "We will be undergoing scheduled maintenance during this time.",
}
MOVED = "The time of this maintenance has been changed."
