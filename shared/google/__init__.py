"""Google's protocol without I/O: requests and answers as values, the cursor, channel tokens, errors."""
