"""What every cipher and every source of signing keys does, as claims.

An adapter joins with `made(keys)`, which gives it the deployment's keys, newest first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import pytest

from shared.errors import Bug

if TYPE_CHECKING:
    from shared.ports import Cipher, SigningKeys

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32


class CipherContract(ABC):
    @abstractmethod
    def made(self, *keys: bytes) -> Cipher: ...

    def test_what_was_sealed_opens_for_its_path(self) -> None:
        cipher = self.made(NEW)

        assert cipher.open("a/b", cipher.seal("a/b", "Grüße")) == "Grüße"

    def test_the_plain_text_does_not_show(self) -> None:
        assert "plain" not in self.made(NEW).seal("a/b", "plain")

    def test_sealing_twice_gives_two_ciphertexts(self) -> None:
        cipher = self.made(NEW)

        assert cipher.seal("a/b", "x") != cipher.seal("a/b", "x")

    def test_a_moved_ciphertext_does_not_open(self) -> None:
        cipher = self.made(NEW)

        with pytest.raises(Bug):
            cipher.open("a/c", cipher.seal("a/b", "x"))

    def test_a_changed_ciphertext_does_not_open(self) -> None:
        cipher = self.made(NEW)
        sealed = cipher.seal("a/b", "x")

        with pytest.raises(Bug):
            cipher.open("a/b", sealed[:-2] + ("AA" if sealed[-2:] != "AA" else "BB"))

    def test_an_old_key_still_opens(self) -> None:
        assert self.made(NEW, OLD).open("a/b", self.made(OLD).seal("a/b", "x")) == "x"

    def test_the_first_key_seals(self) -> None:
        sealed = self.made(NEW, OLD).seal("a/b", "x")

        assert self.made(NEW).open("a/b", sealed) == "x"

    def test_no_other_key_opens_and_the_refusal_says_what_to_keep(self) -> None:
        with pytest.raises(Bug, match="keep every key") as caught:
            self.made(OTHER).open("a/b", self.made(NEW).seal("a/b", "hidden"))

        assert "hidden" not in str(caught.value)


class SigningKeysContract(ABC):
    @abstractmethod
    def made(self, *keys: bytes) -> SigningKeys: ...

    def test_one_key_of_32_bytes_for_each_of_the_deployments(self) -> None:
        assert [len(key) for key in self.made(NEW, OLD).for_purpose("p")] == [32, 32]

    def test_they_are_the_same_at_every_start(self) -> None:
        assert self.made(NEW).for_purpose("p") == self.made(NEW).for_purpose("p")

    def test_the_current_one_comes_first(self) -> None:
        assert self.made(NEW, OLD).for_purpose("p") == self.made(NEW).for_purpose("p") + self.made(OLD).for_purpose("p")

    def test_each_purpose_has_its_own(self) -> None:
        keys = self.made(NEW)

        assert keys.for_purpose("p") != keys.for_purpose("q")

    def test_none_is_the_deployments_own(self) -> None:
        assert NEW not in self.made(NEW).for_purpose("p")
