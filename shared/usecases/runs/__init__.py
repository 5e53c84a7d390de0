"""Long work in checkpointed steps: export, import, preview, review, disconnect, erase. Start at `runs`."""
