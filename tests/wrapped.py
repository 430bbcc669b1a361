"""A store around another."""

from __future__ import annotations


class Wrapped:
    """A store as users write them around another: two methods, and no more."""

    def __init__(self, images):
        self.images = images

    def group(self, source):
        return self.images.group(source)

    def read(self, sources, region):
        yield from self.images.read(sources, region)
