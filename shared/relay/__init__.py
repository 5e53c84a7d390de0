"""The relay: OAuth through one fixed redirect URI for installations that have none. It stores nothing.

What must be remembered travels with the browser and the installation, sealed. Start at `passing.start`.
"""
