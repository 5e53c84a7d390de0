"""The pure core: what both sides say, what they agreed on, and what follows. No I/O, no clock, no chance.

Start reading at `decide.py`.
"""
