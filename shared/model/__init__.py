"""The words of the product as types: ids, times, tasks, settings, connections, changes, runs.

Documents are the stored shapes; `content.py` is what the CRM says of a task, `fields.py` what both sides compare.
"""
