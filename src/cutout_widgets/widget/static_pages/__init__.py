"""A grid without kernel or front end: saved notebooks, pages of their own, pictures."""
