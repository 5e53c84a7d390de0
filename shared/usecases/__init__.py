"""What Tandem does, one capability a file: read, decide, act, remember. The deciding is in `shared.sync`.

Start reading at `world.py` (what a use case may touch), then `sync_task.py` and `pull.py`.
"""
