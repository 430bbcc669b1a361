"""Fluxes and magnitudes of rows."""
