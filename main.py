"""Names the functions for the platform and loads only the one being served; run as a program, it is the command line.

Never imports a function that is not asked for. The platform appends this folder to `sys.path`, where an installed
package called `shared` or `functions` would win, so the folder is put first and everything else is refused.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

VERSION = "0.1.0"
ROOT = Path(__file__).resolve().parent

FUNCTIONS = {
    "oauth": "functions.oauth",
    "calendar_webhook": "functions.calendar_webhook",
    "sync_task": "functions.sync_task",
    "pull_calendar": "functions.pull_calendar",
    "run_step": "functions.run_step",
    "deliver_changes": "functions.deliver_changes",
    "renew_channels": "functions.renew_channels",
    "sweep": "functions.sweep",
    "api": "functions.api",
    "portal": "functions.portal",
    "relay": "functions.relay",
}
"""Each function, and the module that has it under the same name."""


def _our_packages_first() -> None:
    if str(ROOT) in sys.path:
        sys.path.remove(str(ROOT))
    sys.path.insert(0, str(ROOT))
    for name in ("shared", "functions", "infra"):
        spec = find_spec(name)
        if spec is None or spec.origin is None or Path(spec.origin).resolve().parent != ROOT / name:
            found = spec.origin if spec else "nothing"
            raise ImportError(f"{name} must be Tandem's own, and {found} was found: uninstall that package")
    if getattr(import_module("shared"), "TANDEM", None) != "tandem":
        raise ImportError("shared is not Tandem's own: another package of that name was imported before main.py")


_our_packages_first()


def __getattr__(name: str) -> object:
    """The function of this name, imported at this moment; refused where the settings are not usable."""
    if name not in FUNCTIONS:
        raise AttributeError(f"module {__name__} has no function {name}; there are {', '.join(FUNCTIONS)}")
    function = getattr(import_module(FUNCTIONS[name]), name)
    import_module("infra.wiring").check_settings()
    import_module("infra.structs").make_ready()
    return function


if __name__ == "__main__":
    from infra.embedded.cli import command_line

    command_line(tuple(FUNCTIONS), source=Path(__file__).resolve(), version=VERSION)(prog_name="tandem")
