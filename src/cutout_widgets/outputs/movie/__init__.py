"""The epochs of an object, one after the other, as a GIF or an MP4."""
