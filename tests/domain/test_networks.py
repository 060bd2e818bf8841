"""Which addresses strangers may be led to."""

from ipaddress import ip_address

import pytest

from incidents.domain.networks import is_public


@pytest.mark.parametrize(
    "address",
    """
    8.8.8.8 1.1.1.1 100.63.255.255 100.128.0.1 168.63.129.15 168.63.129.17 198.20.0.1 2606:4700::1111
    2a00:1450:4001:830::200e 2001:200::1 2003::1 2606:4700::5eff:7f00:1
    """.split(),  # noqa: SIM905  (a table reads better than quoted strings)
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:10.0.0.1", "2a00::300:5efe:a9fe:a9fe"]
)
def test_a_public_prefix_does_not_hide_an_address_behind_an_isatap_tunnel(address: str) -> None:
    assert not is_public(ip_address(address))


def test_an_address_with_a_zone_is_one_of_a_local_link() -> None:
    assert not is_public(ip_address("2606:4700::1111%lo"))
