"""Image cutout services (SODA)."""
