"""From Google to the CRM: one read of a calendar, each item decided on its mapping. Start at `pull`."""
