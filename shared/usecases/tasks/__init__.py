"""What the CRM does with its tasks: put, delete, list, claim, settle. No file here speaks to Google."""
