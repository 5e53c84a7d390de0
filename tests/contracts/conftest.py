"""Claims in contract modules fail with their values shown, as those in test modules do."""

import pytest

CLAIMS = ("keys_contract", "queue_contract", "store_querying", "store_racing", "store_writing")

pytest.register_assert_rewrite(*(f"tests.contracts.{name}" for name in CLAIMS))
