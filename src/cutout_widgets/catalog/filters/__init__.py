"""User-typed filters and sort orders, evaluated without executing Python code."""
