"""Rows from Virtual Observatory services: TAP and SAMP."""
