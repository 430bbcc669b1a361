"""A grid without kernel or front end: in saved notebooks, as HTML files, as pictures."""
