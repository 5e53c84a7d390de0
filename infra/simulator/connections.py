"""Breaking a connection on purpose, so that the caller never sees the answer. Start at `cut`."""

import socket
from typing import Any

from flask import Response

_SOCKETS = ("werkzeug.socket", "gunicorn.socket")


def cut(environ: dict[str, Any]) -> Response:
    """Close the caller's connection; what is returned goes nowhere.

    Raises:
        RuntimeError: The server does not let go of its socket.
    """
    for name in _SOCKETS:
        connection = environ.get(name)
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)
            return Response(status=503)
    raise RuntimeError("this server cannot cut connections; serve the simulator with werkzeug or gunicorn")
