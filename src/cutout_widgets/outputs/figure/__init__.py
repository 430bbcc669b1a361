"""The saved figure, and plots of exposures."""
