"""A user's grant and what hangs on it: consent, tokens, calendars, channels. Start at `connect`."""
