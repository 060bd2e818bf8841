"""Probes: made and edited, run at once, muted; secrets are sealed, private networks are for those with the right."""

import json
from collections.abc import Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field

from incidents.domain.journal import EventKind
from incidents.domain.networks import is_public
from incidents.models import Component, Probe
from incidents.operations.actors import Actor
from incidents.operations.components import checked_name
from incidents.operations.credentials import seal, unseal
from incidents.operations.errors import Refused
from incidents.operations.holds import note_silenced
from incidents.operations.journal import lock, record
from incidents.probes.config import ConfigError, Names, build, fields
from incidents.probes.kind import Cost
from incidents.probes.kinds import KINDS
from incidents.probes.targets import host_of
from incidents.sip.resolution import is_ip

PRIVATE = "incidents.probe_private"
"""The right to probe private networks and files of this machine."""
WHOM_TO_ASK = "ask somebody who may probe private networks."
SCHEDULE = ("interval_seconds", "threshold", "settle_seconds")


@transaction.atomic
def create_probe(
    component: Component,
    *,
    name: str,
    kind: str,
    target: str,
    config: Mapping[str, Any],
    interval_seconds: int | None = None,
    threshold: int = 3,
    settle_seconds: int = 300,
    announces: bool | None = None,
    by: Actor,
    at: datetime,
) -> Probe:
    """A probe that runs for the first time at once; without a word on `announces` or the interval its kind decides.

    Raises:
        Refused: a target or option that cannot work, or an address that `by` may not probe.
    """
    check_set_up(kind, target, config)
    check_right(kind, target, config, by=by)
    interval_seconds = KINDS[kind].interval if interval_seconds is None else interval_seconds
    _check_schedule(interval_seconds=interval_seconds, threshold=threshold, settle_seconds=settle_seconds)
    page = lock(component.page)
    shown, secrets = _apart(kind, config)
    probe = Probe.objects.create(
        component=component,
        name=checked_name("name", name),
        kind=kind,
        target=target.strip(),
        config=shown,
        sealed=_sealed(secrets),
        allows_private=_has_right(by),
        announces=KINDS[kind].announces if announces is None else announces,
        interval_seconds=interval_seconds,
        threshold=threshold,
        settle_seconds=settle_seconds,
        next_due=at,
    )
    record(page, EventKind.PROBE_CHANGED, by=by, at=at, data={"probe": probe.name, "what": "created"})
    return probe


@transaction.atomic
def edit_probe(
    probe: Probe, *, config: Mapping[str, Any] | None = None, by: Actor, at: datetime, **changes: Any
) -> Probe:
    """Write `changes` of the columns name, target, interval_seconds, threshold, settle_seconds, announces, enabled.

    With `config` the options are replaced; a secret that it leaves out or blank stays as it was, unless it would go to
    another machine. It runs at once, so that nobody waits to see whether it works. Whoever aims it anew answers for
    where: the right to probe private networks is looked at again.

    Raises:
        Refused: a target or option that cannot work, or an address that `by` may not probe.
    """
    page = lock(probe.component.page)
    probe = Probe.objects.select_for_update().get(pk=probe.pk)
    if "name" in changes:
        changes["name"] = checked_name("name", changes["name"])
    if "target" in changes:
        changes["target"] = changes["target"].strip()
    _check_schedule(**{name: changes[name] for name in SCHEDULE if name in changes})
    shown, secrets, given = dict(probe.config), secrets_of(probe), dict[str, str]()
    if config is not None:
        shown, given = _apart(probe.kind, config)
    target = changes.get("target", probe.target)
    if host_of(target) != host_of(probe.target):
        _check_known(secrets, given)
    secrets |= given
    check_set_up(probe.kind, target, {**shown, **secrets})
    if target != probe.target or shown != probe.config:
        check_right(probe.kind, target, shown, known=probe.config, by=by)
        changes["allows_private"] = _has_right(by)
    changes |= {"config": shown, "sealed": _sealed(secrets), "next_due": at}
    if changes.get("enabled") is False or changes.get("announces") is False:
        note_silenced(probe, what="paused" if changes.get("enabled") is False else "kept for staff", at=at)
    Probe.objects.filter(pk=probe.pk).update(**changes)
    probe.refresh_from_db()
    record(page, EventKind.PROBE_CHANGED, by=by, at=at, data={"probe": probe.name, "what": "changed"})
    return probe


@transaction.atomic
def run_now(probe: Probe, *, by: Actor, at: datetime) -> None:
    """Make it due at once; a run that is under way is left to end."""
    page = lock(probe.component.page)
    Probe.objects.filter(pk=probe.pk, next_due__gt=at).update(next_due=at)
    record(page, EventKind.PROBE_CHANGED, by=by, at=at, data={"probe": probe.name, "what": "run at once"})


@transaction.atomic
def mute_probe(probe: Probe, *, until: datetime | None, by: Actor, at: datetime) -> None:
    """Let it run and record, but open nothing, `until` then; None ends it.

    Raises:
        Refused: `until` is not later than now.
    """
    if until is not None and until <= at:
        raise Refused("until", "Choose a time that is still to come.")
    page = lock(probe.component.page)
    Probe.objects.filter(pk=probe.pk).update(muted_until=until)
    if until:
        note_silenced(Probe.objects.get(pk=probe.pk), what="muted", at=at)
    what = f"muted until {until:%Y-%m-%d %H:%M}Z" if until else "unmuted"
    record(page, EventKind.PROBE_CHANGED, by=by, at=at, data={"probe": probe.name, "what": what})


def check_set_up(kind: str, target: str, config: Mapping[str, Any]) -> None:
    """Whether a probe could run at all. Raises Refused naming the field."""
    if kind not in KINDS:
        raise Refused("kind", f"There is no probe kind {kind!r}; known are {', '.join(KINDS)}.")
    try:
        KINDS[kind].check_target(target)
    except ConfigError as error:
        raise Refused("target", error.message) from error
    try:
        build(KINDS[kind].config, config)
    except ConfigError as error:
        raise Refused("config", str(error)) from error


def _check_known(secrets: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Whoever sends a secret to another machine must know it: else an edit would be a way to read it out."""
    for name in secrets:
        if name not in given:
            error = ConfigError(name, "is needed again, since it would be sent to another machine")
            raise Refused("config", str(error)) from error


def _check_schedule(**numbers: int) -> None:
    """The bounds are the columns' own."""
    for name, number in numbers.items():
        column = cast("Field[Any, Any]", Probe._meta.get_field(name))
        try:
            column.run_validators(number)
        except ValidationError as error:
            raise Refused(name, " ".join(error.messages)) from error


def check_right(
    kind: str, target: str, config: Mapping[str, Any], *, known: Mapping[str, Any] | None = None, by: Actor
) -> None:
    """Whether `by` may aim a probe there, and name what its options name; those that are `known` already may stay.

    Raises Refused for what needs the right to probe private networks. Of a file it does not tell whether it is there.
    """
    if _has_right(by):
        return
    if KINDS[kind].cost(KINDS[kind].config()) == Cost.NOTHING and not KINDS[kind].passive:
        raise Refused("kind", f"It reads files of this machine; {WHOM_TO_ASK}")
    if host := _private_host(target):
        raise Refused("target", f"{host} is on a private network; {WHOM_TO_ASK}")
    for field in fields(KINDS[kind].config):
        value = str(config.get(field.name) or "").strip()
        if not value or (known and known.get(field.name) == config[field.name]):
            continue
        why = "names a file of this machine" if field.names == Names.FILE else ""
        if field.names == Names.ADDRESS and (host := _private_host(value)):
            why = f"{host} is on a private network"
        if why:
            raise Refused("config", str(ConfigError(field.name, f"{why}; {WHOM_TO_ASK}")))


def _private_host(target: str) -> str:
    """The host of a target that gives it as a private address; empty for names, which are judged when dialled."""
    host = host_of(target).partition("%")[0]
    return host if is_ip(host) and not is_public(ip_address(host)) else ""


def secrets_of(probe: Probe) -> dict[str, str]:
    """The secret options of a probe. Raises LostKey when CREDENTIALS_KEY is not the one they were sealed with."""
    return dict(json.loads(unseal(probe.sealed))) if probe.sealed else {}


def options_of(probe: Probe) -> dict[str, Any]:
    """All options that a run needs: those in the open, the secrets, and when a heartbeat last came.

    Raises LostKey when CREDENTIALS_KEY is not the one that the secrets were sealed with.
    """
    options = {**probe.config, **secrets_of(probe)}
    kind = KINDS.get(probe.kind)
    if kind and kind.passive:
        options["beaten_at"] = probe.beaten_at.isoformat() if probe.beaten_at else ""
        options["beat_status"] = probe.beat_status
    return options


def _sealed(secrets: Mapping[str, str]) -> str:
    return seal(json.dumps(dict(secrets), sort_keys=True)) if secrets else ""


def _apart(kind: str, config: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What may be shown, and the secrets that were given."""
    names = KINDS[kind].secret_fields
    secrets = {name: str(config[name]) for name in names if config.get(name)}
    return {name: value for name, value in config.items() if name not in names}, secrets


def _has_right(by: Actor) -> bool:
    return by.user is None or by.user.has_perm(PRIVATE)
