"""The days, rules and zone that random series are made of."""

DAY = "2026-07-{:02d}"
ZONE = "Europe/Berlin"
RULES = ("FREQ=WEEKLY;COUNT=6", "FREQ=DAILY;COUNT=8", "FREQ=DAILY;INTERVAL=3;UNTIL=20260815T000000Z", "FREQ=WEEKLY")
