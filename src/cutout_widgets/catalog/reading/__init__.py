"""Reading any table, file or URL into Arrow columns with exact identifiers."""
