"""Where the product asserts something of the world, and the record that each such sentence rests on.

`CLAIMS` is the table; `found_in_sources` finds every strong word that people can read, so that a new one has to be
added to the table together with a test that takes its record away.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STRONG = re.compile(
    r"\b(signed|alerted|notified|automatically|verified|confirmed|delivered|approved|stayed green|been called"
    r"|alert was sent|notifications sent|restored|nothing (is|was|has) changed|not affected)\b",
    re.IGNORECASE,
)
HELP = "templates/docs/"
"""The help describes the product and tells of no outage."""
CODE = (
    *("incidents/formatting", "incidents/notifying", "incidents/channels", "incidents/console"),
    *("incidents/monitoring", "incidents/operations", "incidents/publishing", "incidents/web"),
)
_MARKUP = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<style.*?</style>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, or the part of it that asserts; the record that proves it; the test that takes the record away.

    Without a test the sentence asserts nothing of an outage, or the record is the very request that shows it.
    """

    path: str
    words: str
    record: str
    test: str = ""


_VERDICTS = "tests/monitoring/test_verdicts_words.py::"
_HERE = "tests/stories/test_strong_words.py::"
_RECIPIENTS = "tests/operations/test_recipients.py::"
_HEADS = "tests/notifying/test_headlines.py::"
CLAIMS: tuple[Claim, ...] = (
    Claim("incidents/formatting/evidence.py", "Detected automatically.", "the incident was opened by probes"),
    Claim(
        "incidents/formatting/evidence.py",
        "An alert was sent to our staff at ",
        "a delivery to a staff address in the state sent",
        f"{_VERDICTS}test_an_alert_that_did_not_get_through_is_not_told",
    ),
    Claim(
        "incidents/formatting/evidence.py",
        "have stayed green since ",
        "results of every check since the recovery, none of them bad, the newest of them fresh",
        f"{_VERDICTS}test_a_single_failure_during_the_watch_takes_the_word_stayed_away",
    ),
    Claim(
        "incidents/formatting/evidence.py",
        "This incident is resolved.",
        "checks that are there, up and fresh",
        f"{_VERDICTS}test_nothing_is_resolved_on_results_that_are_too_old",
    ),
    Claim(
        "incidents/formatting/evidence.py",
        "our checks again. ",
        "a verdict of every check that ever measured anything",
        f"{_VERDICTS}test_a_check_that_has_measured_nothing_since_it_was_changed_lets_nothing_recover",
    ),
    Claim("incidents/operations/signals.py", "Detected automatically.", "the inbound alert that opened it"),
    Claim(
        "incidents/operations/signals.py",
        "Every alert of this incident has ended.",
        "ended_at of each of its alerts",
        "tests/api/test_signals.py::test_repetitions_say_nothing_and_a_group_shares_an_incident",
    ),
    Claim(
        "incidents/notifying/composer.py",
        "signed by",
        "signed_at of the version",
        f"{_HERE}test_signed_is_said_of_a_version_with_a_signature_alone",
    ),
    Claim(
        "incidents/publishing/rfo_documents.py",
        "Signed by",
        "signed_at of the version",
        f"{_HERE}test_signed_is_said_of_a_version_with_a_signature_alone",
    ),
    Claim(
        "incidents/publishing/rfo_documents.py",
        "Signed: ",
        "signed_at of the version",
        f"{_HERE}test_signed_is_said_of_a_version_with_a_signature_alone",
    ),
    Claim(
        "templates/pages/letter.html",
        "Signed",
        "signed_at of the version",
        f"{_HERE}test_signed_is_said_of_a_version_with_a_signature_alone",
    ),
    Claim(
        "templates/pages/rfo_print.html",
        "Signed",
        "signed_at of the version",
        f"{_HERE}test_signed_is_said_of_a_version_with_a_signature_alone",
    ),
    Claim(
        "templates/console/rfo_standing.html",
        "Signed by",
        "a signature of the very words",
        "tests/operations/test_reviews.py::test_a_signature_does_not_survive_other_words_and_who_is_retired_signs_nothing",
    ),
    Claim(
        "templates/console/rfo_standing.html",
        "Approved by",
        "an approval of the very words",
        "tests/operations/test_reviews.py::test_an_approval_is_of_the_very_words",
    ),
    Claim(
        "templates/pages/updates.html",
        "posted automatically",
        "the update's column `automatic`",
        f"{_HERE}test_what_a_person_posts_is_not_called_automatic",
    ),
    Claim(
        "incidents/operations/autodrafts.py",
        "Notifications sent: ",
        "deliveries in the state sent",
        f"{_HERE}test_the_timeline_counts_only_notifications_that_were_accepted",
    ),
    Claim(
        "incidents/formatting/words.py",
        "Service restored",
        "a last status change to operational of every component",
        f"{_HERE}test_restored_is_said_where_every_component_was_operational_to_the_end",
    ),
    Claim(
        "incidents/operations/maintenances.py",
        "The scheduled maintenance window has ended.",
        "the plan's instants",
        f"{_HEADS}test_maintenance_is_told_apart_at_each_step",
    ),
    Claim(
        "incidents/notifying/headlines.py",
        "Maintenance completed",
        "an update that says the work began",
        f"{_HEADS}test_work_that_was_called_off_is_not_said_to_be_completed",
    ),
    Claim(
        "incidents/notifying/headlines.py",
        "Next update by ",
        "next_update_by of the newest update, while the incident is open",
        f"{_HEADS}test_real_mails_of_one_thread_differ_in_state_and_share_their_references",
    ),
    Claim(
        "incidents/formatting/words.py",
        "Calls to emergency services were not affected.",
        "the answer `no` that a person gave beside the report",
        f"{_HERE}test_of_emergency_calls_nothing_is_said_that_nobody_answered",
    ),
    Claim(
        "templates/console/not_allowed.html",
        "Nothing was changed.",
        "the right that is missing before the view",
    ),
    Claim("incidents/formatting/bounded.py", "Nothing was changed", "the refusal before the transaction"),
    Claim(
        "incidents/notifying/private.py", "Nothing has changed.", "a subscription that was confirmed before"
    ),
    Claim("incidents/console/forms/components.py", "Not affected", "a choice in a form"),
    Claim("incidents/notifying/headlines.py", "Maintenance being verified", "the update's own status"),
    Claim(
        "incidents/publishing/api_v2.py",
        "Maintenance in progress or being verified.",
        "help of a feed's title",
    ),
    Claim("templates/console/subscriber.html", "confirmed", "confirmed_at of the subscription"),
    Claim("templates/subscriptions/standing.html", "confirmed and active", "the subscription's state"),
    Claim("templates/subscriptions/confirmed.html", "when this was confirmed", "the subscription's state"),
    Claim("templates/subscriptions/secret.html", "signed with the old one", "the secret that is still kept"),
    Claim("templates/console/service.html", "not confirmed since", "confirmed_at of the probe"),
    Claim("incidents/formatting/words.py", "not confirmed", "a verdict that is unknown"),
    Claim("incidents/console/matrix.py", "not confirmed", "a verdict that is unknown"),
    Claim("incidents/publishing/confirmed.py", "ot confirmed", "the age of the newest results"),
    Claim("incidents/publishing/confirmed.py", "Not Confirmed", "the age of the newest results"),
    Claim("incidents/monitoring/heartbeat.py", "not confirmed", "a line of the log"),
    Claim("incidents/console/reviews.py", "You have approved ", "the approval that this request wrote"),
    Claim("incidents/console/reviews.py", "You have signed ", "the signature that this request wrote"),
    Claim("incidents/operations/reviews.py", "It has to be approved by ", "a rule of the page"),
    Claim("incidents/monitoring/sealed_rfos.py", "approved it", "a sealed line of the audit"),
    Claim("incidents/publishing/signing.py", "signed", "lines of the log, each where no signature is made"),
    Claim("incidents/formatting/outcomes.py", "self-signed", "the certificate that the probe was shown"),
    Claim("incidents/formatting/pdf_rewriting.py", "digitally signed", "the signature in the uploaded file"),
    Claim(
        "templates/mail/notice.html",
        "staff are alerted at this address",
        "the address that this mail goes to",
    ),
    Claim(
        "templates/mail/notice.txt", "staff are alerted at this address", "the address that this mail goes to"
    ),
    Claim(
        "templates/mail/account/codes_guessed.txt",
        "Nobody was signed in",
        "the refused sign-in that queued it",
    ),
    Claim("templates/account/logout.html", "signed in", "the session of the request"),
    Claim("templates/console/forbidden.html", "signed in", "the session of the request"),
    Claim("templates/usersessions/usersession_list.html", "signed in", "the sessions that are listed"),
    Claim("incidents/console/staff.py", "Signed out everywhere", "the sessions that this request ended"),
    Claim("incidents/monitoring/audits.py", "has signed in", "last_login of an account"),
    Claim("incidents/web/refusals.py", "signed-in", "a rule"),
    Claim(
        "templates/console/not_notified.html",
        "will not be notified",
        "the subscribers that the fan-out would leave out, counted by its own rule",
        f"{_RECIPIENTS}test_the_count_is_what_the_fan_out_writes",
    ),
    Claim("templates/console/open.html", "will not be notified", "the list on the review"),
    Claim(
        "templates/console/review.html",
        "will be notified",
        "the subscribers that the fan-out would reach, counted by its own rule",
        f"{_RECIPIENTS}test_the_count_is_what_the_fan_out_writes",
    ),
    Claim(
        "templates/console/review.html",
        "Nobody will be notified",
        "a post that does not notify, or no subscriber whom the fan-out would reach",
        f"{_RECIPIENTS}test_a_silent_post_says_how_many_it_leaves_out",
    ),
    Claim("templates/console/review.html", "notified in ", "the hold of the post that is being reviewed"),
    Claim(
        "incidents/operations/recipients.py",
        "not notified of its beginning",
        "no delivery of the beginning, and none that waits",
        f"{_RECIPIENTS}test_an_end_counts_those_whom_waiting_posts_will_have_reached",
    ),
    Claim(
        "incidents/operations/recipients.py",
        "would have been notified, but the post does not notify",
        "the fan-out's own rule, and the post's tick",
        f"{_RECIPIENTS}test_a_silent_post_says_how_many_it_leaves_out",
    ),
    Claim("incidents/operations/signals.py", "Nothing was changed.", "an alert that no open one matches"),
    Claim("incidents/operations/errors.py", "Nothing was changed", "a transaction that was rolled back"),
    Claim("templates/pages/api.html", "is confirmed", "the help of a document, of no outage"),
    Claim("templates/pages/api.html", "Dialtone-Confirmed", "a header's name"),
    Claim("templates/pages/api.html", "is not confirmed", "the help of a document, of no outage"),
    Claim("incidents/web/freshness.py", "Dialtone-Confirmed", "a header's name"),
    Claim("incidents/formatting/words.py", "Not confirmed", "no check that vouches now"),
    Claim(
        "incidents/channels/mail_line.py", "has not confirmed it yet", "a delivery without the server's reply"
    ),
    Claim("incidents/channels/smtp.py", "has not confirmed the mail yet", "no reply after the final dot"),
    Claim("incidents/channels/smtp_backend.py", "that can be verified", "a rule"),
    Claim("incidents/console/system_clock.py", "The clock is confirmed.", "the confirmation of this request"),
    Claim("incidents/monitoring/clock_doubt.py", "is not confirmed yet", "doubted_at of the system clock"),
    Claim("incidents/monitoring/readiness.py", "until it is confirmed", "doubted_at of the system clock"),
    Claim("incidents/web/metrics.py", "is not confirmed", "doubted_at of the system clock"),
)


def found_in_sources() -> Iterator[tuple[str, str]]:
    """Path and text of each place where a strong word can be read."""
    for path in sorted((ROOT / "templates").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in {".html", ".txt"} and not name.startswith(HELP):
            for line in _MARKUP.sub("\n", path.read_text()).splitlines():
                if STRONG.search(line):
                    yield name, line.strip()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for text in _strings(ast.parse(path.read_text())):
                if STRONG.search(text):
                    yield path.relative_to(ROOT).as_posix(), text


def _strings(tree: ast.Module) -> Iterator[str]:
    """String constants that people read: with a space or a capital, and no docstrings."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            text = node.value.strip()
            if " " in text or (text[:1].isupper() and not text.isupper()):
                yield node.value
