"""The command line as a person runs it: tenants beside a running server, faults told with their remedy."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from infra.embedded.server import OnePort
from infra.embedded.sqlite_store import SqliteStore
from infra.system import SystemClock
from tests.embedded.conftest import until
from tests.gcp.deployment import ENVIRONMENT, NEEDED

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "main.py"


def run(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    return subprocess.run(
        [sys.executable, str(MAIN), *arguments],
        env={**clean, "TANDEM_DATA": str(data), **environment}, cwd=data.parent,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_version_is_the_projects(data: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert run("--version", data=data).stdout == f"tandem {project['version']}\n"


def test_a_tenant_is_made_and_told_as_json(data: Path) -> None:
    made = run("tenants", "create", "Acme", "--json", data=data)

    told = json.loads(made.stdout)
    store = SqliteStore(data / "store.sqlite", clock=SystemClock())
    document = store.get_many([f"tenants/{told['tenant']}"])[f"tenants/{told['tenant']}"]
    store.close()
    assert document is not None
    assert document.data["name"] == "Acme"
    assert set(told) == {"tenant", "api_key"}
    assert told["api_key"].startswith(f"tdm_{told['tenant']}_")


def test_a_tenant_is_told_to_a_person(data: Path) -> None:
    assert "API key (shown this once): tdm_" in run("tenants", "create", "Acme", data=data).stdout


def test_a_tenant_without_a_name_is_refused(data: Path) -> None:
    made = run("tenants", "create", " ", data=data)

    assert (made.returncode, made.stderr) == (1, "Error: /name: must not be empty\n")


def test_a_port_that_is_taken_is_told_in_one_line(data: Path) -> None:
    server = OnePort(0)

    served = run("serve", "--port", str(server.port), data=data)

    server.close()
    assert served.returncode == 1
    assert served.stderr.splitlines() == [
        f"Error: port {server.port} is taken: stop the program that has it, or choose another with --port"
    ]


def test_every_fault_of_the_settings_is_told_at_once(data: Path) -> None:
    served = run("serve", data=data, TANDEM_POLL_S="soon", TANDEM_BASE_URL="tandem", TANDEM_KEYS='["secret"]')

    assert served.returncode == 1
    assert [line.split()[0] for line in served.stderr.splitlines()[1:]] == [
        "TANDEM_BASE_URL",
        "TANDEM_KEYS",
        "TANDEM_POLL_S",
    ]
    assert "secret" not in served.stderr


def test_what_serves_one_machine_refuses_to_serve_for_google_cloud(data: Path) -> None:
    served = run("serve", data=data, **ENVIRONMENT)

    assert served.returncode == 1
    assert "TANDEM_BACKEND is gcp, and this is only for one machine: set it to embedded" in served.stderr


def test_what_google_cloud_needs_is_told_at_once(data: Path) -> None:
    made = run("tenants", "create", "Acme", data=data, TANDEM_BACKEND="gcp", GOOGLE_CLOUD_PROJECT="")

    assert made.returncode == 1
    assert {line.split()[0] for line in made.stderr.splitlines()[1:]} == {*NEEDED, "TANDEM_URLS"}


def test_a_file_of_another_version_is_told_without_a_traceback(data: Path) -> None:
    data.mkdir()
    (data / "store.sqlite").write_bytes(b"no database at all" * 100)

    made = run("tenants", "create", "Acme", data=data)

    assert made.returncode == 1
    assert made.stderr.count("\n") == 1
    assert "restore it from a backup" in made.stderr


def test_keys_are_rotated_and_a_person_is_told_what_follows(data: Path) -> None:
    run("tenants", "create", "Acme", data=data)
    (old,) = json.loads((data / "identity.json").read_text())["keys"]

    rotated = run("keys", "rotate", data=data)

    new, kept = json.loads((data / "identity.json").read_text())["keys"]
    assert (rotated.returncode, kept) == (0, old)
    assert "Once it is served, Tandem encrypts what is stored again in the background" in rotated.stdout
    assert f"Back up {data / 'identity.json'} now" in rotated.stdout
    assert not {key for key in (old, new) if key in rotated.stdout + rotated.stderr}


def test_keys_of_the_environment_are_the_operators_to_rotate(data: Path) -> None:
    own = base64.urlsafe_b64encode(b"k" * 32).decode()

    rotated = run("keys", "rotate", data=data, TANDEM_KEYS=json.dumps([own]))

    assert rotated.returncode == 1
    assert "TANDEM_KEYS holds the keys, so Tandem cannot change them: make one" in rotated.stderr
    assert own not in rotated.stderr
    assert not data.exists()


def test_doctor_names_what_is_missing_and_fails(data: Path) -> None:
    looked = run(
        "doctor", data=data,
        TANDEM_GOOGLE_API_URL="http://127.0.0.1:9", TANDEM_GOOGLE_TOKEN_URL="http://127.0.0.1:9/token",
        TANDEM_GOOGLE_AUTH_URL="http://127.0.0.1:9/auth", TANDEM_PORL="1",
    )  # fmt: skip

    assert looked.returncode == 1
    failed = [
        line.split(": ")[0].split(maxsplit=1)[1] for line in looked.stdout.splitlines() if line.startswith("FAIL")
    ]
    assert failed == ["settings", "OAuth client", "Google Calendar", "Google consent", "Google OAuth"]
    assert "TANDEM_PORL is no variable of Tandem's" in looked.stdout


def test_doctor_tells_every_fault_of_the_settings(data: Path) -> None:
    looked = run("doctor", data=data, TANDEM_POLL_S="soon", TANDEM_BASE_URL="tandem")

    assert looked.returncode == 1
    assert looked.stdout.count("FAIL  settings: ") == 2


class TestSimulator:
    def test_it_serves_until_it_is_told_to_stop_and_doctor_is_content_with_it(self, data: Path) -> None:
        with subprocess.Popen(
            [sys.executable, str(MAIN), "simulator", "--port", "0"], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            lines: list[str] = []
            while not any("_CLIENT_SECRET=" in line for line in lines):  # the last of them
                lines.append(process.stdout.readline())
                assert lines[-1], "it ended before it had said all its addresses"
            addresses = dict(line.split()[1].split("=", 1) for line in lines if line.strip().startswith("export"))
            looked = run("doctor", data=data, **addresses)
            process.send_signal(signal.SIGINT)
            process.wait(30)

        assert looked.returncode == 0, looked.stdout
        assert f"{addresses['TANDEM_GOOGLE_API_URL']} answers" in looked.stdout
        assert process.returncode == 0


def test_one_function_is_served_alone_by_the_functions_framework(data: Path) -> None:
    server = OnePort(0)
    port = server.port
    server.close()
    script = "import sys; from functions_framework._cli import _cli; sys.exit(_cli())"
    command = [sys.executable, "-c", script, "--target", "api", "--source", str(MAIN), "--host", "127.0.0.1"]
    environment = {**os.environ, "TANDEM_DATA": str(data), "WORKERS": "1", "GUNICORN_CMD_ARGS": "--no-control-socket"}
    with subprocess.Popen(
        [*command, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: _status(port, "/v1/tasks") == 401)
        finally:
            process.terminate()
            process.wait(30)
    assert _status(port, "/v1/tasks") is None


def _status(port: int, path: str) -> int | None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()
