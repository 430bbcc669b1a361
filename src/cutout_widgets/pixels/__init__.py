"""Pixels: what an image is, how much of it to cut, and how its numbers become grey levels."""
