"""Fluxes, magnitudes and light curves of rows."""
