"""What Tandem knows: model, errors, ports, the pure sync core, Google's protocol without I/O, use cases.

Nothing here does I/O, reads a clock or rolls dice; those come in through `shared.ports`.
Start reading at `shared/sync/decide.py`, then `shared/usecases/outbound/sync_task.py`.
"""

TANDEM = "tandem"
"""Proves that this package is ours: `main.py` refuses to start when another `shared` wins the import."""
