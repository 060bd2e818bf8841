"""A private Kamailio of Debian on loopback: UDP and TCP on one port, TLS on another, its own certificate.

It registers alice and bob (by the one digest algorithm that 5.6 has at a time), shows a certificate for each customer's
domain by SNI, and does wrong what it is told to while it runs. Traps it avoids: with more than one TCP child 5.6.3 dies
under concurrent handshakes; `-w` changes the working directory, so every path is absolute; a system instance is never
touched.
"""

import os
import signal
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType

from tests.peers.certificates import Authority, Pair
from tests.peers.programs import free_port, require

_CONFIG = Path(__file__).parent / "kamailio"
_PATIENCE = 15.0
_PING = (
    "OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{own};rport;branch=z9hG4bKstart\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:start@127.0.0.1>;tag=s\r\nTo: <sip:127.0.0.1:{port}>\r\n"
    "Call-ID: start@127.0.0.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


_LOAD_TLS = 'loadmodule "tls.so"\nmodparam("tls", "config", "{}")'
_CUSTOMER = """
[server:127.0.0.1:{port}]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
server_name = {domain}
certificate = {certificate}
private_key = {key}
"""


class Tls(StrEnum):
    """What stands on the TLS port while UDP answers."""

    WORKING = "working"
    ABSENT = "absent"
    BROKEN = "broken"


class NotStarted(RuntimeError):
    """It did not come up; the end of its log says why."""


class Kamailio:
    """One instance; also a context manager. `stop` asks it to end, `kill` does not ask.

    With `only_udp` no stream is listened for at all: the UDP workers that an OpenSIPS of the seed's kind left behind
    when its TCP stack had died.
    """

    def __init__(
        self,
        directory: Path,
        *,
        tls: Tls = Tls.WORKING,
        only_udp: bool = False,
        ports: tuple[int, int] | None = None,
        algorithm: str = "MD5",
    ) -> None:
        self.program = require("kamailio", "kamailio kamailio-tls-modules")
        self.only_udp = only_udp
        self.algorithm = algorithm
        self.customers: dict[str, Pair] = {}
        self.directory = directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.tls_port = ports or (free_port(), free_port())
        self.authority = Authority(self.directory / "certificates")
        self.ca_file = self.authority.ca_file
        self._pair = self.authority.issue("server", sans=("127.0.0.1", "localhost"))
        self.tls = tls
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Kamailio":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """The main process; its children share its process group."""
        if self._process is None:
            raise RuntimeError("Kamailio is not running")
        return self._process.pid

    def start(self) -> None:
        """Start and wait until it answers.

        Raises:
            NotStarted: it did not, and nothing of it is left.
        """
        run = self.directory / "run"
        run.mkdir(exist_ok=True)
        config = self._write_config()
        command = [
            *(self.program, "-DD", "-E", "-f", str(config)),
            *(
                "-P",
                str(self.directory / "kamailio.pid"),
                "-Y",
                str(run),
                "-w",
                str(run),
                "-m",
                "64",
                "-M",
                "8",
            ),
        ]
        with (self.directory / "kamailio.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End it as its operator would; afterwards its ports are closed."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it and every child at once; nothing happens if it has ended already."""
        self._end(signal.SIGKILL)

    def restart(self, *, tls: Tls) -> None:
        """The same ports and certificate with another kind of TLS port."""
        self.stop()
        self.tls = tls
        self.start()

    def fault(self, mode: str) -> None:
        """From now on: none, 503, drop, slow (each answer after 3 s) or wrongauth."""
        done = self._rpc("htable.sets", "fault", "mode", mode)
        if done.returncode:
            raise RuntimeError(f"no fault {mode}: {done.stdout}{done.stderr}")

    def add_customer(self, domain: str, pair: Pair) -> None:
        """Show `pair` to whoever asks for `domain`, from the next start or reload on."""
        self.customers[domain] = pair
        self._write_config()

    def reload_tls(self) -> tuple[bool, str]:
        """`tls.reload`: whether it was taken, and what was said."""
        done = self._rpc("tls.reload")
        words = (done.stdout + done.stderr).strip()
        return done.returncode == 0 and "error" not in words.lower(), words

    def bindings(self) -> str:
        """Who is registered, as `ul.dump` prints it."""
        return self._rpc("ul.dump").stdout

    def _rpc(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [require("kamcmd", "kamailio"), "-s", f"unix:{self._socket}", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)

    @property
    def _socket(self) -> Path:
        return self.directory / "ctl"

    def freeze(self) -> None:
        """Stop every process where it stands, ports open: a hang."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen instance go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        # What is left of its group, whether it went or not: an orphaned child would still hold the ports.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_PATIENCE)

    def _write_config(self) -> Path:
        words = {
            "@PORT@": str(self.port),
            "@STREAMS@": "disable_tcp=yes" if self.only_udp else "disable_tcp=no\nenable_tls=yes",
            "@LISTEN_TCP@": "" if self.only_udp else f"listen=tcp:127.0.0.1:{self.port}",
            "@LISTEN_TLS@": "" if self.only_udp else _listen(self.tls, self.tls_port),
            "@LOAD_TLS@": "" if self.only_udp else _LOAD_TLS.format(self.directory / "tls.cfg"),
            "@SOCKET@": str(self._socket),
            "@ALGORITHM@": self.algorithm,
            "@CUSTOMERS@": "".join(self._section(*customer) for customer in self.customers.items()),
            "@CERTIFICATE@": str(self._pair.certificate),
            "@KEY@": str(self._pair.key),
        }
        for name in ("kamailio.cfg", "tls.cfg"):
            text = (_CONFIG / name).read_text()
            for mark, value in words.items():
                text = text.replace(mark, value)
            (self.directory / name).write_text(text)
        return self.directory / "kamailio.cfg"

    def _section(self, domain: str, pair: Pair) -> str:
        return _CUSTOMER.format(port=self.tls_port, domain=domain, certificate=pair.certificate, key=pair.key)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.settimeout(0.2)
            own.connect(("127.0.0.1", self.port))
            try:
                own.send(_PING.format(port=self.port, own=own.getsockname()[1]).encode())
                if not own.recv(65535).startswith(b"SIP/2.0 200"):
                    return False
            except OSError:
                return False
        return self.only_udp or self.tls != Tls.WORKING or self._shakes_hands()

    def _shakes_hands(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        try:
            with socket.create_connection(("127.0.0.1", self.tls_port), 1) as own:
                context.wrap_socket(own, server_hostname="localhost").close()
        except OSError:
            return False
        return True

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.02)
        log = (self.directory / "kamailio.log").read_text(errors="replace")[-2000:]
        self.kill()
        raise NotStarted(f"Kamailio did not answer:\n{log}")


def _listen(tls: Tls, port: int) -> str:
    if tls == Tls.ABSENT:
        return ""
    return f"listen={'tls' if tls == Tls.WORKING else 'tcp'}:127.0.0.1:{port}"
