"""Labels in the grid: choices, requests, table columns, and watching the journal."""
