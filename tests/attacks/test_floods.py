"""Requests that cost something, as many as a few attackers can send."""

import pytest

from tests.attacks.siege import Watch, answer, connect, flood, head
from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.alone

THREADS = 8


def get(port: int, path: str, number: int) -> str:
    with connect(port, number) as attacker:
        attacker.sendall(head("GET", path, "Connection: close"))
        return answer(attacker)


def test_the_api_s_description_costs_nothing(home: Installation, watch: Watch) -> None:
    """The first of them renders it, once; the others are answered from memory, or told to come again."""
    with flood(lambda number: get(home.port, "/v1/schema", number), threads=THREADS):
        watch.look().check()
        watch.look().check()
    eventually(lambda: home.get("/v1/schema")[0] == 200, within=20, what="the description")


def test_every_zone_of_the_page_leaves_room_for_others(home: Installation, watch: Watch) -> None:
    zones = ("Asia/Tokyo", "Europe/Paris", "Africa/Cairo", "America/Lima")
    with flood(lambda number: get(home.port, f"/?tz={zones[number % 4]}", number), threads=THREADS):
        watch.look().check()


@pytest.mark.parametrize("from_one_address", [True, False])
def test_wrong_passwords_leave_places_to_staff(
    home: Installation, watch: Watch, from_one_address: bool
) -> None:
    token = "b" * 32
    body = f"csrfmiddlewaretoken={token}&login=dana&password=wrong".encode()
    lines = (
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        f"Cookie: csrftoken={token}",
        "Connection: close",
    )
    request = (
        "\r\n".join(("POST /accounts/login/ HTTP/1.1", "Host: 127.0.0.1", *lines, "", "")).encode() + body
    )

    def guess(number: int) -> str:
        with connect(home.port, 500 if from_one_address else number) as attacker:
            attacker.sendall(request)
            return answer(attacker)

    assert guess(900).endswith("200 OK"), "it is a guess, and not refused for its form"
    with flood(guess, threads=THREADS):
        watch.look().check()
