#!/usr/bin/python3
"""embed.py INPUT OUTPUT: the bytes of a file as C numbers, for an #include inside of braces."""
import sys

with open(sys.argv[1], "rb") as f:
    data = f.read()
with open(sys.argv[2], "w") as f:
    for at in range(0, len(data), 24):
        f.write("".join(f"{byte}," for byte in data[at:at + 24]) + "\n")
