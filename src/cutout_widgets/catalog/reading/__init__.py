"""From any table, file or URL to Arrow columns with exact identifiers."""
