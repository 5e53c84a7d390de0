"""From the CRM to Google: one task's try at its event, from the read to the one commit. Start at `sync_task`."""
