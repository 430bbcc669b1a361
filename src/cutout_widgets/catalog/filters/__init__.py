"""Filters and orders that users type, evaluated without running them as Python."""
