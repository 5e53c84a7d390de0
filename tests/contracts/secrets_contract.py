"""What every keeper of secrets does, as claims. An adapter joins with `made()`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import pytest

from shared.errors import Bug

if TYPE_CHECKING:
    from shared.ports import Secrets

HERE, ELSEWHERE = "tenants/t/oauth_apps/a", "tenants/t/oauth_apps/b"


class SecretsContract(ABC):
    @abstractmethod
    def made(self) -> Secrets: ...

    def test_what_is_kept_is_read_by_its_reference(self) -> None:
        secrets = self.made()

        assert secrets.read(HERE, secrets.keep(HERE, "GOCSPX-hidden")) == "GOCSPX-hidden"

    def test_the_reference_does_not_show_the_secret(self) -> None:
        assert "GOCSPX-hidden" not in self.made().keep(HERE, "GOCSPX-hidden")

    def test_a_reference_moved_to_another_document_reads_nothing(self) -> None:
        secrets = self.made()
        reference = secrets.keep(HERE, "GOCSPX-hidden")

        with pytest.raises(Bug):
            secrets.read(ELSEWHERE, reference)

    def test_a_reference_of_another_keeper_reads_nothing(self) -> None:
        with pytest.raises(Bug, match="set it again"):
            self.made().read(HERE, "elsewhere:1")

    def test_a_newer_secret_leaves_the_one_before_readable(self) -> None:
        secrets = self.made()
        before = secrets.keep(HERE, "one")
        secrets.keep(HERE, "two")

        assert secrets.read(HERE, before) == "one"

    def test_forgetting_twice_is_no_failure(self) -> None:
        secrets = self.made()
        reference = secrets.keep(HERE, "one")

        secrets.forget(HERE, reference)
        secrets.forget(HERE, reference)
