"""The demo's page and the small JSON behind it, as a WSGI app; it leaves every other path to the one it is given.

Start at `DemoApp`. It has no passwords, so it answers on loopback names only unless it is told otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from infra.embedded.demo.calls import Server
from infra.embedded.demo.crm import Crm
from infra.embedded.demo.examples import ACCOUNT
from infra.embedded.demo.follow import Follower
from infra.embedded.demo.google_side import GoogleSide
from infra.embedded.demo.pages import pages
from infra.embedded.demo.records import Records
from infra.embedded.demo.trouble import Trouble
from infra.simulator.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from shared.ports import Log

FILE = "demo.sqlite"


class NotLoopback(Exception):
    """The demo would be open to other machines; nobody asked for that."""


class DemoApp:
    """The demo CRM beside everything else on its port.

    Args:
        url: The port's address. Tandem's API and the simulated Google are below it too.
        folder: Where the CRM keeps its records; None: in memory.
        otherwise: Answers every path that is not the demo's, the simulator's pages among them.
        log: Told of what should not happen.
        restart: Kills this process and starts it again on the same port; None: that button is not shown.
        allow_remote: The address may be reached by other machines.

    Raises:
        NotLoopback: The address is not this machine's, and `allow_remote` was not said.
    """

    def __init__(
        self,
        *,
        url: str,
        folder: Path | None,
        otherwise: WSGIApplication,
        log: Log | None = None,
        restart: Callable[[], None] | None = None,
        allow_remote: bool = False,
    ) -> None:
        host = urlsplit(url).hostname or ""
        if not allow_remote and not is_loopback(host):
            raise NotLoopback(
                f"the demo lets anybody in, and {host} is not this machine: serve it on 127.0.0.1, or say allow_remote"
            )
        self._otherwise = otherwise
        self._log = log
        self._hosts = None if allow_remote else {urlsplit(url).netloc, f"localhost:{urlsplit(url).port}"}
        self._url = url
        self._records = Records(None if folder is None else folder / FILE)
        self._google = GoogleSide(Server(url), ACCOUNT)
        self._crm = Crm(records=self._records, tandem=Server(url), url=url)
        self._trouble = Trouble(self._crm, self._google, restart=restart)
        self._follower: Follower | None = None
        self._pages = pages(self._crm, self._trouble)

    def start(self, make_key: Callable[[], str]) -> None:
        """The CRM works from now on; the port must answer.

        Args:
            make_key: Gives an API key of Tandem's; asked once, at the first start for this folder.
        """
        key = self._records.fact("api_key")
        if key is None:
            key = make_key()
            self._records.remember("api_key", key)
        self._crm.tandem = Server(self._url, {"Authorization": f"Bearer {key}"})
        self._follower = Follower(self._crm, self._google, log_fault=self._note)
        self._follower.start()

    def close(self) -> None:
        """The CRM works no more, and its file is closed."""
        if self._follower is not None:
            self._follower.stop()
        self._records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path not in {"", "/"} and path != "/demo" and not path.startswith("/demo/"):
            return self._otherwise(environ, start_response)
        if self._hosts is not None and environ.get("HTTP_HOST") not in self._hosts:
            # A page of another site that had its name lead here would else be let in.
            start_response("421 Misdirected Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        return self._pages(environ, start_response)

    def _note(self, detail: str) -> None:
        if self._log is not None:
            self._log.event("demo", "failed", detail=detail)
