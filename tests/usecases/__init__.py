"""Use cases with the real store and the real Google client against the simulator, all in one process."""
