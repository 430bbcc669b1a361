"""Files at URLs: read by byte ranges, or downloaded completely."""
