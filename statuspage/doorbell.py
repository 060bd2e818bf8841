"""The default broker: a folder of whole messages, with nothing to install (DESIGN 11).

In place of kombu's filesystem transport, which (5.7) writes a message in place, so that a consumer can read half of
it and its worker ends; keeps its table of queues in a file that two starting workers can read empty; and moves what it
reads through the system's temporary folder. Here a message is renamed into place and out of it, and the table is in
memory: every process declares the queues that it uses.
"""

import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

LITTER_SECONDS = 3600.0
"""A draft or a claim of this age belongs to a process that has died; what it rang for is swept by beat."""


class FolderChannel(virtual.Channel):
    """One process's view of the folder `transport_options["folder"]`. A dot begins the name of a draft or claim."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for litter in self._folder.glob(".*.msg"):
            with suppress(
                FileNotFoundError
            ):  # no litter, but a draft or a claim that has just become something else
                if time.time() - litter.stat().st_mtime > LITTER_SECONDS:
                    litter.unlink()

    @property
    def _folder(self) -> Path:
        client: Any = self.connection.client
        return Path(client.transport_options["folder"])

    def _messages(self, queue: str) -> list[Path]:
        return sorted(self._folder.glob(f"[!.]*.{queue}.msg"))

    def _put(self, queue: str, message: Any, **_: Any) -> None:
        name = f"{time.time_ns():020d}-{uuid4()}.{queue}.msg"
        draft = self._folder / f".{name}"
        try:
            draft.write_text(dumps(message), encoding="utf-8")
            draft.rename(self._folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot leave a message in {self._folder}: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:  # noqa: ARG002  (nothing is waited for)
        for message in self._messages(queue):
            claim = message.with_name(f".{message.name}")
            try:
                message.rename(claim)
                payload = claim.read_text(encoding="utf-8")
                claim.unlink()
            except OSError:
                continue  # another consumer was first
            return loads(payload)
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        messages = self._messages(queue)
        for message in messages:
            message.unlink(missing_ok=True)
        return len(messages)


class Transport(virtual.Transport):
    """Named in `statuspage.queues.broker_transport`."""

    Channel = FolderChannel
    driver_type = driver_name = "folder"
    default_port = 0

    def driver_version(self) -> str:
        """None of its own."""
        return "n/a"
