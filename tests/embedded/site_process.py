"""A whole site in a process of its own, for tests that kill it: `python -m tests.embedded.site_process DATA`."""

import sys
import threading
from pathlib import Path

from infra.embedded.server import OnePort
from infra.embedded.site import Site
from infra.settings import Settings
from tests.embedded import some_functions

if __name__ == "__main__":
    settings = Settings(data=Path(sys.argv[1]), tick_s=3600)
    source = Path(some_functions.__file__)
    with Site(settings, functions=some_functions.NAMES, source=source, server=OnePort(0)) as site:
        sys.stdout.write(f"{site.url}\n")
        sys.stdout.flush()
        threading.Event().wait()
