"""What holds on the real parts: processes killed at random under load, and load that goes on. Start at `__main__`."""
