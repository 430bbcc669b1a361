"""Files on disk: their layout and content, writing many of them at once, and verifying them."""
