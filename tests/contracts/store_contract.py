"""What every store does; an adapter joins by a subclass with a fixture `store` that gives a fresh, empty one.

The claims stand in `store_writing`, `store_racing` and `store_querying`; they query by `CONTRACT_INDEXES`.
"""

from tests.contracts.store_querying import OrderAndPages, Querying
from tests.contracts.store_racing import Preconditions, Races, ServerTime
from tests.contracts.store_things import CONTRACT_INDEXES
from tests.contracts.store_writing import Patching, ReadingAndWriting

__all__ = ["CONTRACT_INDEXES", "StoreContract"]


class StoreContract(ReadingAndWriting, Patching, Preconditions, ServerTime, Querying, OrderAndPages, Races):
    """All of it."""
