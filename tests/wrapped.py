"""A store around another."""

from __future__ import annotations


class Wrapped:
    """A user-written store that wraps another and has only the two required methods."""

    def __init__(self, images):
        self.images = images

    def group(self, source):
        return self.images.group(source)

    def read(self, sources, region):
        yield from self.images.read(sources, region)
