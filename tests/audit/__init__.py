"""The pinned packages against published advisories. Start at `known_to_be_weak`."""
