"""One HTTP request as it is and its answer undecoded, so that encodings and odd paths can be looked at."""

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Door:
    """A loopback port to ask at; with `ca_file`, over TLS by a certificate of that authority."""

    port: int
    ca_file: Path | None = None
    patience: float = 20

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str = "127.0.0.1",
        body: bytes | None = None,
        **headers: str,
    ) -> Reply:
        """One request on a connection of its own; `headers` as `Accept_Encoding="gzip"`."""
        connection = self._connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers={"Host": host, **named})
        reply = connection.getresponse()
        found = {name.lower(): value for name, value in reply.getheaders()}
        answer = Reply(reply.status, found, reply.read())
        connection.close()
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if self.ca_file is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        context = ssl.create_default_context(cafile=str(self.ca_file))
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.patience, context=context)
