"""Movies of an object's epochs, as GIF or MP4."""
