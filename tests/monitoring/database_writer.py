"""Somebody who may write the database and nothing else: every attack is SQL, below all code of ours.

The unkeyed checksums of RFO versions are recomputed as anybody could; the keys of the audit and of the signatures are
not read here.
"""

import json
from collections.abc import Iterable
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.db import connection

from incidents.domain.audit import digest, seal
from incidents.domain.rfos import checksum
from incidents.formatting.markdown import markdown_html
from incidents.models import AuditLine, RfoVersion
from incidents.operations.renderings import renderings_of
from incidents.operations.versions import facts_of

TABLES = ("incidents_auditline", "incidents_audithead", "incidents_event", "incidents_headpublication")
Rows = dict[str, list[dict[str, Any]]]


def sql(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run one statement; the rows of a SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def drop_triggers() -> None:
    """The guards of the append-only table."""
    for statement in import_module("incidents.migrations.0006_audit").ALLOW[connection.vendor]:
        sql(statement)


@contextmanager
def unlinked() -> Iterable[None]:  # type: ignore[misc]
    """Rows may go in any order: their links are only checked at a commit."""
    with connection.constraint_checks_disabled():
        yield


def head_of(chain: str) -> tuple[int, str, str]:
    """A chain's head as it stands: count, digest, seal."""
    ((number, digest, seal),) = sql(
        "SELECT number, digest, seal FROM incidents_audithead WHERE chain = %s", chain
    )
    return number, digest, seal


def cut_tail(chain: str, kept: tuple[int, str, str]) -> None:
    """Delete what came after a head that was noted before, and put that head back."""
    drop_triggers()
    number, digest, seal = kept
    gone = [
        each
        for (each,) in sql(
            "SELECT event FROM incidents_auditline WHERE chain = %s AND number > %s AND event IS NOT NULL",
            chain,
            number,
        )
    ]
    sql("DELETE FROM incidents_auditline WHERE chain = %s AND number > %s", chain, number)
    for event in gone:
        sql("DELETE FROM incidents_event WHERE id = %s", event)
    sql(
        "UPDATE incidents_audithead SET number = %s, digest = %s, seal = %s WHERE chain = %s",
        number,
        digest,
        seal,
        chain,
    )


def cut_chain(chain: str) -> None:
    """Delete a whole chain with its head."""
    drop_triggers()
    sql("DELETE FROM incidents_auditline WHERE chain = %s", chain)
    sql("DELETE FROM incidents_audithead WHERE chain = %s", chain)


def rewrite_rfo(version: RfoVersion, body: str) -> None:
    """Other words in the version, on its page and in the incident's thread, and all later checksums recomputed."""
    sql(
        "UPDATE incidents_rfoversion SET body = %s, body_html = %s WHERE id = %s",
        body,
        markdown_html(body),
        version.pk,
    )
    sql("UPDATE incidents_incidentupdate SET body = %s WHERE rfo_version_id = %s", body, version.pk)
    recompute(version.rfo_id)


def recompute(rfo: int) -> None:
    """The unkeyed chain of checksums over an RFO as it stands now."""
    before = ""
    for row in RfoVersion.objects.filter(rfo=rfo).exclude(published_at=None).order_by("number"):
        row.previous_sha256 = before
        before = checksum(facts_of(row))
        sql(
            "UPDATE incidents_rfoversion SET previous_sha256 = %s, sha256 = %s WHERE id = %s",
            row.previous_sha256,
            before,
            row.pk,
        )


def rewrite_sealed_line(version: RfoVersion, sha256: str) -> None:
    """Let the audit line of the publication name another checksum and rendering, and the journal the same."""
    drop_triggers()
    for pk, event, data in sql(
        "SELECT id, event, data FROM incidents_auditline WHERE kind IN ('rfo.published', 'rfo.revised')"
    ):
        said = json.loads(data)
        if said["rfo"] == str(version):
            said["sha256"] = sha256
            forged = RfoVersion.objects.get(pk=version.pk)
            said["renderings"] = [each.digest for each in renderings_of(forged)]
            text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            sql("UPDATE incidents_auditline SET data = %s WHERE id = %s", text, pk)
            sql("UPDATE incidents_event SET data = %s WHERE id = %s", text, event)


def seal_again(chain: str, key: str) -> None:
    """What whoever holds AUDIT_KEY too may do: seal all lines of a chain as they stand now."""
    before, number = "0" * 64, 0
    for line in AuditLine.objects.filter(chain=chain).order_by("number"):
        number += 1
        line.number, line.previous = number, before
        before = digest(key, before, line.columns())
        sql(
            "UPDATE incidents_auditline SET number = %s, previous = %s, digest = %s WHERE id = %s",
            number,
            line.previous,
            before,
            line.pk,
        )
    made = seal(key, chain, number, before)
    sql(
        "UPDATE incidents_audithead SET number = %s, digest = %s, seal = %s WHERE chain = %s",
        number,
        before,
        made,
        chain,
    )


def forget_renderings(page: str, key: str) -> None:
    """Let the audit be that of an earlier release, whose lines seal no digest of what an RFO version shows."""
    drop_triggers()
    kinds = "('rfo.published', 'rfo.revised')"
    for pk, event, data in sql(f"SELECT id, event, data FROM incidents_auditline WHERE kind IN {kinds}"):
        said = json.loads(data)
        del said["renderings"]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        sql("UPDATE incidents_auditline SET data = %s WHERE id = %s", text, pk)
        sql("UPDATE incidents_event SET data = %s WHERE id = %s", text, event)
    seal_again(page, key)


def swap(first: RfoVersion, second: RfoVersion) -> None:
    """Let two versions change their numbers."""
    sql("UPDATE incidents_rfoversion SET number = 9999 WHERE id = %s", first.pk)
    sql("UPDATE incidents_rfoversion SET number = %s WHERE id = %s", first.number, second.pk)
    sql("UPDATE incidents_rfoversion SET number = %s WHERE id = %s", second.number, first.pk)


def delete_version(version: RfoVersion) -> None:
    """A version and all that tells of it outside the audit, and the one before it is public again."""
    drop_triggers()
    updates = [
        pk for (pk,) in sql("SELECT id FROM incidents_incidentupdate WHERE rfo_version_id = %s", version.pk)
    ]
    with unlinked():
        for update in updates:
            for table in ("incidents_event", "incidents_affectedcomponent", "incidents_revision"):
                sql(f"DELETE FROM {table} WHERE update_id = %s", update)
            sql("DELETE FROM incidents_incidentupdate WHERE id = %s", update)
        sql("DELETE FROM incidents_rfoversion WHERE id = %s", version.pk)
        sql(
            "UPDATE incidents_rfoversion SET state = 'published' WHERE rfo_id = %s AND number = %s",
            version.rfo_id,
            version.number - 1,
        )


def copy() -> Rows:
    """The audit, the journal and what is known of publications, as a backup keeps them."""
    found: Rows = {}
    for table in TABLES:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description or ()]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def put_back(rows: Rows) -> None:
    """Set the tables back to a copy."""
    drop_triggers()
    with unlinked():
        for table in TABLES:
            kept = [row["id"] for row in rows[table]]
            marks = ", ".join(["%s"] * len(kept)) or "NULL"
            sql(f"DELETE FROM {table} WHERE id NOT IN ({marks})", *kept)
            for row in rows[table]:
                names = [name for name in row if name != "id"]
                assigned = ", ".join(f"{name} = %s" for name in names)
                sql(f"UPDATE {table} SET {assigned} WHERE id = %s", *(row[name] for name in names), row["id"])
