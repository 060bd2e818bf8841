"""What a probe may be pointed at, and which machine that is."""

import pytest

from incidents.probes.config import ConfigError
from incidents.probes.sip_exchange import Transport
from incidents.probes.sip_options import Config, endpoint
from incidents.probes.sip_targets import read_target
from incidents.probes.targets import host_of


@pytest.mark.parametrize(
    ("text", "uri", "host", "port"),
    [
        ("sip:pbx.example.test", "sip:pbx.example.test", "pbx.example.test", 5060),
        ("SIP:pbx.example.test:5070", "sip:pbx.example.test:5070", "pbx.example.test", 5070),
        ("pbx.example.test:5070", "sip:pbx.example.test:5070", "pbx.example.test", 5070),
        (" 192.0.2.1 ", "sip:192.0.2.1", "192.0.2.1", 5060),
        ("192.0.2.1:05060", "sip:192.0.2.1:5060", "192.0.2.1", 5060),
        ("2001:db8::1", "sip:[2001:db8::1]", "2001:db8::1", 5060),
        ("[2001:db8::1]:5070", "sip:[2001:db8::1]:5070", "2001:db8::1", 5070),
        ("sip:echo@pbx.example.test", "sip:echo@pbx.example.test", "pbx.example.test", 5060),
    ],
)
def test_a_target_is_read(text: str, uri: str, host: str, port: int) -> None:
    target = read_target(text)
    assert (target.uri, target.host, target.port_over("udp")) == (uri, host, port)


def test_tls_has_a_port_of_its_own() -> None:
    assert read_target("pbx.example.test").port_over("tls") == 5061
    assert read_target("pbx.example.test:5070").port_over("tls") == 5070


BAD_TARGETS = [
    "",
    "   ",
    "sip:",
    "sip:@",
    "sip:@host",
    "host:0",
    "host:65536",
    "host:port",
    "host:",
    "ho st",
    "host\r\nVia: x",
    "host\0",
    "a@b@c",
    "sip:user:secret@host",
    "sips:host",
    "sip:host;transport=tcp",
    "sip:host?x=y",
    "http://host",
    "[::1",
    "[1.2.3.4]",
    "[zz]:5060",
    "-host",
    ".host",
    "a..b",
    "hôst.example",
    "<sip:host>",
    "h" * 300,
    "::1::2",
]


@pytest.mark.parametrize("text", BAD_TARGETS)
def test_a_target_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_target(text)
    assert caught.value.field == "target"


def test_a_password_in_a_target_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        read_target("sip:user:secret@host")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("sip:PBX.example.test:5060", "pbx.example.test"),
        ("pbx.example.test:5060", "pbx.example.test"),
        ("pbx.example.test", "pbx.example.test"),
        ("sip:user@pbx.example.test;lr", "pbx.example.test"),
        ("https://user:pw@www.example.test:8443/path?x=y#z", "www.example.test"),
        ("[2001:db8::1]:5060", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("sip:[2001:DB8::1]", "2001:db8::1"),
        ("", ""),
        ("/var/lib/certificates", ""),
    ],
)
def test_probes_of_one_machine_name_one_host(target: str, host: str) -> None:
    assert host_of(target) == host


@pytest.mark.parametrize(
    ("target", "transport", "place"),
    [
        ("sip:PBX.example.test", "udp", ("pbx.example.test", 5060)),
        ("pbx.example.test:5060", "tcp", ("pbx.example.test", 5060)),
        ("sip:echo@pbx.example.test", "tls", ("pbx.example.test", 5061)),
        ("[2001:DB8::1]:5080", "udp", ("2001:db8::1", 5080)),
    ],
)
def test_an_endpoint_is_one_however_it_is_written(
    target: str, transport: Transport, place: tuple[str, int]
) -> None:
    assert endpoint(target, Config(transport=transport)) == place
