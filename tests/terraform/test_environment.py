"""What the services are told is what the settings read, under the same names, both ways."""

import re

from infra import settings as operators
from infra.settings_reading import Reading
from tests.terraform.tables import sources

NOT_ON_GOOGLE_CLOUD = {
    "TANDEM_BASE_URL": "every function has its own address, in TANDEM_URLS",
    "TANDEM_DATA": "there is no data folder",
    "TANDEM_TICK_S": "Cloud Scheduler keeps the time",
    "TANDEM_GOOGLE_API_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_TASKS_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_AUTH_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_TOKEN_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_REVOKE_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_USERINFO_URL": "Google itself is spoken to",
    "TANDEM_GOOGLE_CERTS_URL": "Google itself is spoken to",
    "TANDEM_RELAY_TOKEN": "a deployment with an address has a client of its own",
    "TANDEM_OIDC_CERTS_URL": "Google itself is spoken to",
    "FIRESTORE_EMULATOR_HOST": "Firestore itself is spoken to",
    "TANDEM_EMULATOR_HORIZON_S": "Firestore itself is spoken to",
    "TANDEM_FIRESTORE_ADMIN_HOST": "Firestore itself is spoken to",
    "TANDEM_TASKS_HOST": "Cloud Tasks itself is spoken to",
    "TANDEM_SECRETS_HOST": "Secret Manager itself is spoken to",
}
"""Settings that no service is given, and why."""


class Noting(Reading):
    """Notes what is asked for."""

    def __init__(self) -> None:
        super().__init__({})
        self.names: set[str] = set()

    def text(self, name: str) -> str | None:
        self.names.add(name)
        return super().text(name)


def read() -> set[str]:
    """The names of all settings."""
    reading = Noting()
    operators._read(reading)
    return reading.names


def told() -> set[str]:
    """The names that services are given."""
    return set(re.findall(r"\b(TANDEM_[A-Z_]+|GOOGLE_CLOUD_PROJECT)\s+=", sources()["services.tf"]))


def test_services_are_told_every_setting_that_matters_there() -> None:
    assert read() - told() == NOT_ON_GOOGLE_CLOUD.keys()


def test_services_are_told_nothing_that_nobody_reads() -> None:
    assert told() - read() == set()


def test_no_page_of_the_configuration_names_an_unknown_setting() -> None:
    named = {name for text in sources().values() for name in re.findall(r"\bTANDEM_[A-Z_]+", text)}

    assert named - read() == set()
