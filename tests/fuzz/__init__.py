"""What strangers could send: to the API in sequences (`api`), and to every parser of foreign bytes (`parsers`)."""
