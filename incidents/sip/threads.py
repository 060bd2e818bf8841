"""Blocking calls beside the loop: a resolver that is dead, a disk of the network that has gone."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from incidents.sip.errors import LocalFault

T = TypeVar("T")


async def in_thread(work: Callable[[], T], *, name: str) -> T:
    """What `work` returns or raises, from a thread of its own.

    A daemon thread, not the loop's executor: its few threads would queue every probe behind one that hangs, and the
    end of the loop would wait for them long after the deadline.

    Raises:
        LocalFault: there is no thread left.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001  (whoever waits gets it)
            fault = error
            _hand_over(loop, answer, lambda: answer.set_exception(fault))
        else:
            _hand_over(loop, answer, lambda: answer.set_result(result))

    try:
        threading.Thread(target=run, name=name, daemon=True).start()
    except RuntimeError as error:
        raise LocalFault("no thread left") from error
    return await answer


def _hand_over(
    loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[T]", settle: Callable[[], None]
) -> None:
    try:
        loop.call_soon_threadsafe(lambda: None if answer.done() else settle())
    except RuntimeError:
        return  # the loop has ended, and with it everyone who wanted to know
