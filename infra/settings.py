"""Everything the operator sets, read from the environment here and nowhere else; every fault is reported at once.

An empty variable counts as not set. Start at `Settings` and `settings_from`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from infra.logs import LEVELS, Level
from infra.settings_reading import KEY_REMEDY, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.relay.installations import InstallationToken

GOOGLE_API_URL = "https://www.googleapis.com"
GOOGLE_TASKS_URL = "https://tasks.googleapis.com"
GOOGLE_AUTH_URL = "https://accounts.google.com/o/oauth2/v2/auth"
GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GOOGLE_REVOKE_URL = "https://oauth2.googleapis.com/revoke"
GOOGLE_USERINFO_URL = "https://openidconnect.googleapis.com/v1/userinfo"
GOOGLE_CERTS_URL = "https://www.googleapis.com/oauth2/v3/certs"
DEFAULT_PORT = 8080
CALLED = (
    "oauth", "calendar_webhook", "api", "portal", "relay",
    "sync_task", "pull_calendar", "run_step", "deliver_changes", "renew_channels", "sweep",
)  # fmt: skip
"""The functions, each of which has an address: for people, CRMs and Google, or for the queues."""
NEEDED_BY_GCP = {
    "GOOGLE_CLOUD_PROJECT": "set the project's id",
    "TANDEM_REGION": "set the region of the queues, such as europe-west1",
    "TANDEM_DEPLOYMENT": "set an id that never changes; it is part of event ids",
    "TANDEM_KEYS": KEY_REMEDY,
    "TANDEM_JOBS_ACCOUNT": "set the mail address of the service account that queues and schedules call as",
    "TANDEM_JOBS_AUDIENCE": "set the audience that queues and schedules put into their tokens",
}
"""What one machine does without or makes for itself, with what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings, named as in the environment without `TANDEM_`; addresses have no slash at their end.

    Args:
        deployment: None on one machine: kept in the data folder.
        base_url: None on one machine: the loopback address and the port that is served.
        keys: The deployment's keys, newest first; empty on one machine: kept in the data folder.
    """

    backend: Literal["embedded", "gcp"] = "embedded"
    deployment: str | None = None
    env: str = ""
    base_url: str | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    data: Path = Path(".tandem")
    database: str = "(default)"
    google_api_url: str = GOOGLE_API_URL
    google_tasks_url: str = GOOGLE_TASKS_URL
    google_auth_url: str = GOOGLE_AUTH_URL
    google_token_url: str = GOOGLE_TOKEN_URL
    google_revoke_url: str = GOOGLE_REVOKE_URL
    google_userinfo_url: str = GOOGLE_USERINFO_URL
    google_certs_url: str = GOOGLE_CERTS_URL
    oauth_client_id: str | None = None
    oauth_client_secret: str | None = field(default=None, repr=False)
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    jobs_account: str | None = None
    jobs_audience: str | None = None
    relay_url: str | None = None
    relay_token: InstallationToken | None = field(default=None, repr=False)
    relay_return_to: tuple[str, ...] = ()
    relay_refused: tuple[str, ...] = ()
    coalesce_s: float = 2.0
    safety_pull_s: float = 21_600.0
    poll_s: float = 300.0
    tick_s: float = 5.0
    log_level: Level = "INFO"
    firestore_emulator_host: str | None = None
    firestore_admin_host: str | None = None
    emulator_horizon_s: float | None = None
    tasks_host: str | None = None
    secrets_host: str | None = None
    oidc_certs_url: str | None = None
    google_cloud_project: str | None = None
    region: str | None = None

    @property
    def google_is_a_stand_in(self) -> bool:
        """Something other than Google answers for its calendar API."""
        return self.google_api_url != GOOGLE_API_URL


def load_settings(*, defaults: Mapping[str, str] | None = None, fixed: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Args:
        defaults: Stand for variables that are not set.
        fixed: Stand before variables that are.

    Raises:
        SettingsFault: Naming everything that is wrong, with its remedy.
    """
    environment = {name: value for name, value in os.environ.items() if value.strip()}
    return settings_from({**(defaults or {}), **environment, **(fixed or {})})


def unknown_names(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that look like ours and are not read: most likely mistyped."""
    reading = Reading(os.environ if environment is None else environment)
    _read(reading)
    return reading.unread("TANDEM_", except_for="TANDEM_TEST_")


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables.

    Raises:
        SettingsFault: Naming everything that is wrong, with its remedy.
    """
    reading = Reading(environment)
    settings = _read(reading)
    if settings.backend == "gcp":
        _deployed(reading, settings)
    if bool(settings.oauth_client_id) != bool(settings.oauth_client_secret):
        missing = "TANDEM_OAUTH_CLIENT_SECRET" if settings.oauth_client_id else "TANDEM_OAUTH_CLIENT_ID"
        reading.fault(missing, "is not set", "set id and secret of one Google OAuth client, or neither")
    if settings.emulator_horizon_s is not None and settings.firestore_emulator_host is None:
        reading.fault(
            "TANDEM_EMULATOR_HORIZON_S",
            "is set beside the real Firestore",
            "take it away: there the feed would lose changes",
        )
    reading.done()
    return settings


def _deployed(reading: Reading, settings: Settings) -> None:
    """Remember what the Google Cloud backend needs and is not set."""
    for name, remedy in NEEDED_BY_GCP.items():
        if reading.text(name) is None:
            reading.fault(name, "is not set", remedy)
    unknown = [] if settings.base_url else [name for name in CALLED if name not in settings.urls]
    if unknown and (settings.urls or reading.text("TANDEM_URLS") is None):
        reading.fault(
            "TANDEM_URLS", f"has no address for {', '.join(unknown)}", "name each function's, or set TANDEM_BASE_URL"
        )


def _read(reading: Reading) -> Settings:
    return Settings(
        backend=reading.choice("TANDEM_BACKEND", ("embedded", "gcp"), "embedded"),
        deployment=reading.name("TANDEM_DEPLOYMENT"),
        env=reading.text("TANDEM_ENV") or "",
        base_url=reading.url("TANDEM_BASE_URL"),
        urls=reading.urls_by_name("TANDEM_URLS"),
        data=Path(reading.text("TANDEM_DATA") or ".tandem"),
        database=reading.text("TANDEM_DATABASE") or "(default)",
        google_api_url=reading.url("TANDEM_GOOGLE_API_URL") or GOOGLE_API_URL,
        google_tasks_url=reading.url("TANDEM_GOOGLE_TASKS_URL") or GOOGLE_TASKS_URL,
        google_auth_url=reading.url("TANDEM_GOOGLE_AUTH_URL") or GOOGLE_AUTH_URL,
        google_token_url=reading.url("TANDEM_GOOGLE_TOKEN_URL") or GOOGLE_TOKEN_URL,
        google_revoke_url=reading.url("TANDEM_GOOGLE_REVOKE_URL") or GOOGLE_REVOKE_URL,
        google_userinfo_url=reading.url("TANDEM_GOOGLE_USERINFO_URL") or GOOGLE_USERINFO_URL,
        google_certs_url=reading.url("TANDEM_GOOGLE_CERTS_URL") or GOOGLE_CERTS_URL,
        oauth_client_id=reading.text("TANDEM_OAUTH_CLIENT_ID"),
        oauth_client_secret=reading.text("TANDEM_OAUTH_CLIENT_SECRET"),
        keys=reading.keys("TANDEM_KEYS"),
        jobs_account=reading.text("TANDEM_JOBS_ACCOUNT"),
        jobs_audience=reading.text("TANDEM_JOBS_AUDIENCE"),
        relay_url=reading.safe_url("TANDEM_RELAY_URL"),
        relay_token=reading.installation("TANDEM_RELAY_TOKEN"),
        relay_return_to=reading.origins("TANDEM_RELAY_RETURN_TO"),
        relay_refused=reading.words("TANDEM_RELAY_REFUSED"),
        coalesce_s=reading.seconds("TANDEM_COALESCE_S", 2.0, least=0.1, most=60.0),
        safety_pull_s=reading.seconds("TANDEM_SAFETY_PULL_S", 21_600.0, least=1.0, most=604_800.0),
        poll_s=reading.seconds("TANDEM_POLL_S", 300.0, least=1.0, most=86_400.0),
        tick_s=reading.seconds("TANDEM_TICK_S", 5.0, least=0.1, most=3600.0),
        log_level=reading.choice("TANDEM_LOG_LEVEL", LEVELS, "INFO"),
        firestore_emulator_host=reading.text("FIRESTORE_EMULATOR_HOST"),
        firestore_admin_host=reading.text("TANDEM_FIRESTORE_ADMIN_HOST"),
        emulator_horizon_s=(
            reading.seconds("TANDEM_EMULATOR_HORIZON_S", 10.0, least=0.1, most=10.0)
            if reading.text("TANDEM_EMULATOR_HORIZON_S")
            else None
        ),
        tasks_host=reading.text("TANDEM_TASKS_HOST"),
        secrets_host=reading.text("TANDEM_SECRETS_HOST"),
        oidc_certs_url=reading.url("TANDEM_OIDC_CERTS_URL"),
        google_cloud_project=reading.text("GOOGLE_CLOUD_PROJECT"),
        region=reading.text("TANDEM_REGION"),
    )
