"""Files at URLs: read where they are, by ranges, or fetched whole once."""
