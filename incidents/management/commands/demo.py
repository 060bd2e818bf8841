"""`manage.py demo`: fill an empty installation with the SIPcity page; running it again changes nothing."""

import os
import secrets
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction

from incidents.management.demo import document, history, outage
from incidents.models import Component, Page, Probe
from incidents.operations.actors import DEMO
from incidents.operations.imports import import_report
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe

GROUPS = {
    outage.PLATFORM: (
        "Network",
        "Registration",
        "Inbound calls",
        "Outbound calls",
        "Presence and BLF",
        "Push notifications",
    )
}
ALONE = (outage.PBX, "Number porting", "Arena customer portal")
TRANSPORTS = {"Network": ("udp", "tcp", "tls"), "Registration": ("udp", "tls")}
BEFORE = timedelta(days=120)


class Command(BaseCommand):
    """Page, components, history, the October 2021 outage with its RFO, live probes and a staff login."""

    help = "Load the demo (idempotent)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the demo's SIP responder listens."""
        parser.add_argument("--sip-port", type=int, default=15060)
        parser.add_argument("--sip-tls-port", type=int, default=15061)

    def handle(self, *args: Any, sip_port: int, sip_tls_port: int, **options: Any) -> None:
        """What exists is kept; only the probes' targets follow the responder's ports."""
        now = datetime.now(UTC)
        if not Page.objects.exists():
            self._load(now)
        self._aim_probes(sip_port, sip_tls_port, now)
        self._make_login()
        self.stdout.write("The demo is loaded.")

    @transaction.atomic
    def _load(self, now: datetime) -> None:
        page = create_page(name=outage.PAGE, zone_name=outage.ZONE, by=DEMO, at=now - BEFORE)
        history.create_components(page, GROUPS, ALONE, at=now - BEFORE)
        documents = {"certificate-finding.pdf": document.pdf()}
        import_report(outage.report(), documents=documents, by=DEMO, at=now - BEFORE)
        history.replay(page, now=now)

    @transaction.atomic
    def _aim_probes(self, port: int, tls_port: int, now: datetime) -> None:
        ca_file = str(Path(settings.DATA_DIR) / "demo" / "sip-ca.pem")
        for name, transports in TRANSPORTS.items():
            component = Component.objects.filter(page__name=outage.PAGE, name=name).first()
            for transport in transports if component else ():
                is_tls = transport == "tls"
                target = f"sip:localhost:{tls_port}" if is_tls else f"sip:127.0.0.1:{port}"
                label = f"{name} over {transport.upper()}"
                config = {"transport": transport, **({"ca_file": ca_file} if is_tls else {})}
                probe = Probe.objects.filter(component=component, name=label).first()
                if probe is None and component:
                    create_probe(
                        component,
                        name=label,
                        kind="sip_options",
                        target=target,
                        config=config,
                        by=DEMO,
                        at=now,
                    )
                elif probe and (probe.target, probe.config) != (target, config):
                    Probe.objects.filter(pk=probe.pk).update(target=target, config=config, next_due=now)

    def _make_login(self) -> None:
        file = Path(settings.DATA_DIR) / "demo-login.txt"
        user, created = User.objects.get_or_create(
            username="demo",
            defaults={"is_staff": True, "is_superuser": True, "email": "demo@sipcity.example"},
        )
        if not created:
            return
        password = secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(f"{user.username}\n{password}\n")
