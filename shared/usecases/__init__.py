"""What Tandem does, one capability a file: read, decide, act, remember. The deciding is in `shared.sync`.

`outbound` carries a task to its event, `inbound` an event to its task, `tasks` takes what the CRM writes, `connecting`
keeps grants and channels, `runs` does long work. Here stands what all of them use, and what no direction owns.
"""
