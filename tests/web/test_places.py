"""Places in Django: bounded by kind and by network, waited for in order, and some that no stranger can take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from incidents.web.places import MAX_WAITING_PER_NETWORK, OTHERS, PLACES, Caller, NoPlace, Places

STAFF, SCRIPT, STRANGER, WRITING = Caller.STAFF, Caller.SCRIPT, Caller.STRANGER, Caller.STRANGER_WRITING


@asynccontextmanager
async def full(places: Places) -> AsyncIterator[int]:
    """All that strangers and scripts can get, from any number of networks."""
    async with AsyncExitStack() as stack:
        for number in range(100):
            for caller in (WRITING, STRANGER, SCRIPT):
                try:
                    await stack.enter_async_context(places.one(caller, f"network {number}"))
                except NoPlace:
                    continue
        yield places.taken


@pytest.fixture
def places() -> Places:
    return Places(wait_seconds=0.001)


async def test_strangers_and_scripts_leave_places_that_staff_get_at_once(places: Places) -> None:
    async with full(places) as taken:
        assert taken == OTHERS < PLACES
        async with places.one(STAFF, "a"), places.one(STAFF, "a"):
            assert places.taken == PLACES
            with pytest.raises(NoPlace):
                async with places.one(STAFF, "a"):
                    pass
    assert places.taken == 0


@pytest.mark.parametrize(("caller", "most"), [(SCRIPT, 3), (STRANGER, 2), (WRITING, 1)])
async def test_one_network_does_not_take_them_all(places: Places, caller: Caller, most: int) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(most):
            await stack.enter_async_context(places.one(caller, "a"))
        with pytest.raises(NoPlace):
            await stack.enter_async_context(places.one(caller, "a"))
        await stack.enter_async_context(places.one(caller, "b"))


async def test_those_who_guess_passwords_leave_the_form_to_others(places: Places) -> None:
    async with places.one(WRITING, "a"), places.one(WRITING, "b"):
        with pytest.raises(NoPlace):
            async with places.one(WRITING, "c"):
                pass
        async with places.one(STRANGER, "c"):
            assert places.taken == 3


async def test_who_waits_gets_the_next_place_in_order() -> None:
    places, came = Places(wait_seconds=5), list[str]()

    async def ask(name: str) -> None:
        async with places.one(STRANGER, "a"):
            came.append(name)

    async with places.one(STRANGER, "a"), places.one(STRANGER, "a"):
        waiting = [asyncio.create_task(ask(name)) for name in ("first", "second", "third")]
        await asyncio.sleep(0.01)
        assert came == []
    await asyncio.gather(*waiting)
    assert came == ["first", "second", "third"]
    assert places.taken == 0


async def test_a_network_that_waits_too_often_is_refused_at_once() -> None:
    places = Places(wait_seconds=5)

    async def ask() -> None:
        async with places.one(WRITING, "a"):
            pass

    async with places.one(WRITING, "a"):
        waiting = [asyncio.create_task(ask()) for _ in range(MAX_WAITING_PER_NETWORK)]
        await asyncio.sleep(0.01)
        with pytest.raises(NoPlace):
            await asyncio.wait_for(ask(), 1)
        async with asyncio.timeout(1), places.one(WRITING, "b"):
            assert places.taken == 2
    await asyncio.gather(*waiting)


async def test_who_stops_waiting_takes_no_place_away() -> None:
    places = Places(wait_seconds=5)

    async def ask() -> None:
        async with places.one(WRITING, "a"):
            pass

    async with places.one(WRITING, "a"):
        waiting = asyncio.create_task(ask())
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert places.taken == 0
    await asyncio.wait_for(ask(), 1)
