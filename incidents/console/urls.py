"""Paths of the staff console."""

from django.urls import path

from incidents.console import (
    attachments,
    components,
    home,
    incidents,
    maintenances,
    notices,
    probe_setup,
    probes,
    rfos,
    twins,
)

app_name = "console"

urlpatterns = [
    path("", home.show_home, name="home"),
    path("incidents/new", incidents.choose_page, name="choose-page"),
    path("pages/<slug:code>/incidents/new", incidents.open_new, name="open"),
    path("pages/<slug:code>/status", components.change_status, name="status"),
    path("pages/<slug:code>/maintenances/new", maintenances.plan_new, name="plan"),
    path("maintenances/<slug:code>", maintenances.show, name="maintenance"),
    path("incidents/<slug:code>", incidents.show, name="incident"),
    path("incidents/<slug:code>/on/<slug:page>", twins.tell, name="tell"),
    path("incidents/<slug:code>/rfo", rfos.edit, name="rfo"),
    path("incidents/<slug:code>/rfo/publish", rfos.publish, name="publish-rfo"),
    path("incidents/<slug:code>/rfo/detach/<slug:attachment>", rfos.detach, name="detach"),
    path("probes", probes.show_all, name="probes"),
    path("pages/<slug:code>/probes/new", probe_setup.add, name="add-probe"),
    path("probes/<slug:code>", probes.show, name="probe"),
    path("probes/<slug:code>/edit", probe_setup.edit, name="edit-probe"),
    path("probes/<slug:code>/run", probes.run, name="run-probe"),
    path("probes/<slug:code>/mute", probes.mute, name="mute-probe"),
    path("probes/<slug:code>/switch", probes.switch, name="switch-probe"),
    path("events/<int:pk>/undo", notices.undo, name="undo"),
    path("events/<int:pk>/send", notices.send_now, name="send-now"),
    path("attachments/<slug:code>/<str:name>", attachments.download, name="attachment"),
]
